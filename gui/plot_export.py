"""A plot as a file: pixels, vectors, a page, or its points as a table. pyqtgraph's exporters do the drawing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyqtgraph as pg
from pyqtgraph.exporters import ImageExporter, SVGExporter
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPoint, QRectF, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from gui.export import PDF_DPI, dated
from model.atomic import write_whole

KINDS = {".png": "PNG picture", ".svg": "SVG picture", ".pdf": "PDF page", ".csv": "points as a table, CSV"}
DENSITY = 3  # pixels of a picture for one on screen


def plot_of(pane: QWidget) -> Any | None:
    """Return the plot of a pane, None if it has none that is seen."""
    return next((plot for plot in pane.findChildren(pg.PlotWidget) if plot.isVisibleTo(pane)), None)


def kinds_of(pane: QWidget) -> list[tuple[str, str]]:
    """Return what a pane can be saved as."""
    plot = plot_of(pane)
    if plot is None:
        return [(".png", KINDS[".png"]), (".pdf", KINDS[".pdf"])]
    return [(suffix, words) for suffix, words in KINDS.items() if suffix != ".csv" or _curves(plot)]


def save_pane(pane: QWidget, path: Path) -> None:
    """Write what a pane shows. Raises OSError, or ValueError with one sentence for a suffix that it cannot be saved as."""
    suffix = path.suffix.lower()
    allowed = [kind for kind, _ in kinds_of(pane)]
    if suffix not in allowed:
        raise ValueError(f'the suffix "{path.suffix}" names no kind of file for this; allowed: {", ".join(allowed)}')
    plot = plot_of(pane)
    if plot is None:
        write_whole(path, _widget(pane, suffix))
        return
    with _labelled(plot):
        write_whole(path, {".png": _png, ".svg": _svg, ".pdf": _pdf, ".csv": _csv}[suffix](plot))


@contextmanager
def _labelled(plot: Any) -> Iterator[None]:
    """Name the axis below while the plot is saved; on screen its pane does."""
    axis = plot.getPlotItem().getAxis("bottom")
    named = bool(axis.labelText) or axis.logMode or not _curves(plot)
    if not named:
        axis.setLabel("update")
        plot.getPlotItem().layout.activate()
    try:
        yield
    finally:
        if not named:
            axis.setLabel("")
            axis.showLabel(False)
            plot.getPlotItem().layout.activate()


def _png(plot: Any) -> bytes:
    exporter = ImageExporter(plot.getPlotItem())
    exporter.parameters()["width"] = DENSITY * round(plot.getPlotItem().width())
    return _encoded(exporter.export(toBytes=True))


def _svg(plot: Any) -> bytes:
    return bytes(SVGExporter(plot.getPlotItem()).export(toBytes=True))


def _pdf(plot: Any) -> bytes:
    """Return the SVG on a page of its size: drawn straight into a page, lines would come out at a wrong width."""
    renderer = QSvgRenderer(QByteArray(_svg(plot)))
    size = renderer.viewBoxF().size()
    return _page(size, lambda painter, box: renderer.render(painter, box))


def _page(size: QSizeF, draw: Any) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    page = QPageSize(QSizeF(size.width() * 0.75, size.height() * 0.75), QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
    writer.setResolution(PDF_DPI)
    writer.setCreator("Deltastep")
    painter = QPainter(writer)
    draw(painter, QRectF(0, 0, writer.width(), writer.height()))
    painter.end()
    return dated(bytes(buffer.data().data()))


def _widget(pane: QWidget, suffix: str) -> bytes:
    """Return a pane that paints itself."""
    if suffix == ".png":
        image = QImage(pane.size() * DENSITY, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(DENSITY)
        pane.render(image)
        return _encoded(image)

    def draw(painter: QPainter, box: QRectF) -> None:
        painter.scale(box.width() / pane.width(), box.width() / pane.width())
        pane.render(painter, QPoint())

    return _page(QSizeF(pane.size()), draw)


def _encoded(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _curves(plot: Any) -> list[Any]:
    """Return the curves that are seen and have points."""
    items = plot.getPlotItem().listDataItems()
    return [item for item in items if isinstance(item, pg.PlotDataItem) and item.isVisible() and item.getOriginalDataset()[0] is not None]


def _csv(plot: Any) -> bytes:
    """Return one row for each place on the axis below, one column for each curve; a logarithmic axis gives the numbers themselves."""
    curves, logarithmic = _curves(plot), bool(plot.getAxis("left").logMode)
    rows: dict[float, list[str]] = {}
    for k, curve in enumerate(curves):
        for x, y in zip(*curve.getOriginalDataset(), strict=True):
            cells = rows.setdefault(float(x), [""] * len(curves))
            value = float(10**y if logarithmic else y)
            cells[k] = repr(value) if np.isfinite(value) else ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["x", *(curve.name() or f"curve {k}" for k, curve in enumerate(curves, 1))])
    writer.writerows([f"{x:.15g}", *cells] for x, cells in sorted(rows.items()))
    return text.getvalue().encode()
