"""Guards for the platform: each of these has been wrong in a released version of Qt, pyqtgraph or ziamath."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PySide6.QtCore import QBuffer, QByteArray, QObject, QRectF
from PySide6.QtGui import QFont, QFontInfo, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator, QSvgRenderer

ROOT = Path(__file__).resolve().parents[1]
FORMULA = r"\delta^{[2]} = \begin{bmatrix} 0.13849856 \\ -0.03809824 \end{bmatrix} \odot \varphi'(net)"


def requirement(name: str) -> Requirement:
    lines = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    return next(found for found in map(Requirement, lines) if canonicalize_name(found.name) == name)


@pytest.fixture
def formula() -> bytes:
    import ziamath

    ziamath.config.svg2 = False
    return ziamath.Latex(FORMULA, size=40).svg().encode()


def picture(svg: bytes) -> np.ndarray[Any, Any]:
    """Draw an SVG in black on white, 800 × 200; return the grey values."""
    image = QImage(800, 200, QImage.Format.Format_Grayscale8)
    image.fill(255)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(0, 0, 800, 200))
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(200, image.bytesPerLine())[:, :800].copy()


def test_void_calls_take_no_reference_to_none(qapp: object) -> None:
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(1000):
        thing.setObjectName("a")
    assert sys.getrefcount(None) - before > -100


@pytest.mark.parametrize("name", ["pyside6-essentials", "pyqtgraph", "numpy", "ziamath", "pillow"])
def test_what_is_installed_is_within_the_bounds(name: str) -> None:
    assert version(name) in requirement(name).specifier


@pytest.mark.parametrize("bad", ["6.11.0", "6.12.0"])
def test_the_bounds_keep_known_bad_versions_of_qt_out(bad: str) -> None:
    assert bad not in requirement("pyside6-essentials").specifier


def test_a_formula_has_ink(qapp: object, formula: bytes) -> None:
    assert (picture(formula) < 128).mean() > 0.01


def test_a_formula_exported_as_svg_looks_as_on_screen(qapp: object, formula: bytes) -> None:
    exported = QByteArray()
    target = QBuffer(exported)
    generator = QSvgGenerator()
    generator.setOutputDevice(target)
    generator.setViewBox(QRectF(0, 0, 800, 200))
    generator.setResolution(96)
    painter = QPainter(generator)
    QSvgRenderer(QByteArray(formula)).render(painter, QRectF(0, 0, 800, 200))
    painter.end()
    on_screen, again = (255.0 - picture(svg) for svg in (formula, exported.data()))
    assert again.sum() == pytest.approx(on_screen.sum(), rel=0.02)  # stroked outlines would be about twice as heavy


def test_pyqtgraph_exports_a_plot_as_svg(qtbot: Any) -> None:
    import pyqtgraph as pg
    from pyqtgraph.exporters import SVGExporter

    plot = pg.PlotWidget()
    qtbot.addWidget(plot)
    plot.plot([1.0, 2.0, 3.0], [0.3, 0.2, 0.1])
    assert b"<path" in SVGExporter(plot.plotItem).export(toBytes=True)


@pytest.mark.parametrize(("family", "style"), [("Inter", "Regular"), ("Inter", "Bold"), ("STIX Two Math", "Regular")])
def test_the_bundled_fonts_are_there(qapp: object, family: str, style: str) -> None:
    font = QFont(family)
    font.setStyleName(style)
    assert (QFontInfo(font).family(), QFontInfo(font).styleName()) == (family, style)
