"""A step as a picture of its own: pixels and SVG, through the paint function of the window. QtGui and QtSvg."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from gui.formula.glyphs import GlyphMetrics
from gui.formula.page import BoardStep, layout_step, style_for
from gui.formula.paint import render_explanation
from gui.formula.step_writers import with_conventions
from gui.theme import Theme
from model.expr.small_scripts import small_scripts
from model.expr.tree import NumberFormat

MARGIN = 12.0


def _size(step: BoardStep, theme: Theme, fmt: NumberFormat, width: float) -> tuple[float, float]:
    page = layout_step(step, fmt, style_for(theme), width, GlyphMetrics())
    return ceil(max(page.width, 1.0)), ceil(page.height) + 1.0


def step_image(step: BoardStep, theme: Theme, fmt: NumberFormat, width: float, scale: float = 2.0) -> QImage:
    """Return a step as pixels on the theme's ground, `width` wide (wider where a formula needs it), `scale` pixels per unit."""
    step = step._replace(explanation=with_conventions(step.explanation))
    w, h = _size(step, theme, fmt, width)
    image = QImage(ceil((w + 2 * MARGIN) * scale), ceil((h + 2 * MARGIN) * scale), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor.fromRgb(*theme.panel))
    painter = QPainter(image)
    painter.scale(scale, scale)
    render_explanation(painter, step, QRectF(MARGIN, MARGIN, w, h), theme, fmt)
    painter.end()
    return image


def step_svg(step: BoardStep, theme: Theme, fmt: NumberFormat, width: float) -> bytes:
    """Return a step as SVG, all text as outlines."""
    step = step._replace(explanation=with_conventions(step.explanation))
    w, h = _size(step, theme, fmt, width)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(96)
    generator.setSize(QSize(ceil(w + 2 * MARGIN), ceil(h + 2 * MARGIN)))
    generator.setViewBox(QRectF(0, 0, w + 2 * MARGIN, h + 2 * MARGIN))
    generator.setTitle(small_scripts(step.explanation.caption))
    painter = QPainter(generator)
    render_explanation(painter, step, QRectF(MARGIN, MARGIN, w, h), theme, fmt)
    painter.end()
    buffer.close()
    return bytes(data.data())
