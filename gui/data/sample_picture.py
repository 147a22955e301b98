"""Samples as a small picture: points by class, a curve, or images. Paint functions only; colours come from the theme."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF

from gui.theme import Theme
from gui.theme_qt import colour, font
from model.evaluation import Labels, classes_of, has_classes
from model.expr.tree import significant
from model.problem import Array

MOST_POINTS = 1500
MOST_WRITTEN = 8


def image_side(n_inputs: int) -> int:
    """Return the side of the square image that so many inputs make, or 0 if they are no image."""
    side = math.isqrt(n_inputs)
    return side if side >= 4 and side * side == n_inputs else 0


def paint_samples(painter: QPainter, area: QRectF, x: Array, y: Array | None, held: Labels, theme: Theme) -> str:
    """Paint samples x: (m, n_0), y: (m, n_L) and return what the picture shows, in a few words. held: rows of those held out."""
    painter.fillRect(area, colour(theme.canvas))
    if image_side(x.shape[1]):
        return _paint_images(painter, area, x, y, theme)
    if len(x) == 1:
        return _paint_one(painter, area, x[0], None if y is None else y[0], theme)
    if x.shape[1] == 1:
        across, up = x[:, 0], (np.zeros(len(x)) if y is None else y[:, 0])
        words = "target over input"
    elif x.shape[1] == 2:
        across, up, words = x[:, 0], x[:, 1], "input 2 over input 1"
    else:
        across, up, words = x[:, -2], x[:, -1], f"input {x.shape[1]} over input {x.shape[1] - 1} of {x.shape[1]}"
    named = x.shape[1] > 1 and y is not None and has_classes(y)
    labels = classes_of(y) if named and y is not None else np.zeros(len(x), dtype=np.intp)
    hollow = np.isin(np.arange(len(x)), held)
    _paint_points(painter, area.adjusted(14, 12, -14, -12), np.column_stack([across, up]), labels, hollow, theme, x.shape[1] == 2)
    return words + (", a colour and mark for each class" if named else "") + (", hollow where held out" if len(held) else "")


def _paint_one(painter: QPainter, area: QRectF, x: Array, y: Array | None, theme: Theme) -> str:
    """Write a single sample out, of which a picture would say nothing."""
    text = "one sample: " + _written(x) + ("" if y is None else f" → {_written(y)}")
    painter.setFont(font("regular", round(1.3 * theme_text(theme))))
    painter.setPen(colour(theme.text))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
    return text


def _written(values: Array) -> str:
    """Return numbers in brackets, the first ones where there are many."""
    texts = [significant(value, 4) for value in values[:MOST_WRITTEN]]
    return f"({', '.join([*texts, *(['…'] if len(values) > MOST_WRITTEN else [])])})"


def _paint_points(
    painter: QPainter, area: QRectF, points: Array, labels: Labels, hollow: NDArray[np.bool_], theme: Theme, square: bool
) -> None:
    """Paint points (m, 2) in an area that they just fill; with `square`, one unit is as long across as up."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.where(high - low > 0, high - low, 1.0)
    if square:
        unit = max(span[0] / area.width(), span[1] / area.height())
        width, height = span[0] / unit, span[1] / unit
        area = QRectF(area.center().x() - width / 2, area.center().y() - height / 2, width, height)
    place = (points - low) / span
    origin = -low / span
    painter.setPen(QPen(colour(theme.rule), 1))
    if 0 <= origin[0] <= 1:
        u = area.left() + origin[0] * area.width()
        painter.drawLine(QPointF(u, area.top()), QPointF(u, area.bottom()))
    if 0 <= origin[1] <= 1:
        v = area.bottom() - origin[1] * area.height()
        painter.drawLine(QPointF(area.left(), v), QPointF(area.right(), v))
    stride = max(1, -(-len(place) // MOST_POINTS))
    size = 3.4 if len(place) > 60 else 5.0
    for (u, v), label, out in zip(place[::stride], labels[::stride], hollow[::stride], strict=True):
        tint = colour(theme.category(int(label)))
        painter.setPen(QPen(tint, 1.6) if out else QPen(colour(theme.canvas), 0.8))
        painter.setBrush(colour(theme.canvas) if out else tint)
        _paint_mark(painter, QPointF(area.left() + u * area.width(), area.bottom() - v * area.height()), size, int(label))


def _paint_mark(painter: QPainter, at: QPointF, size: float, label: int) -> None:
    """A circle, a square, a triangle, a diamond, in turn: classes are told apart without colour."""
    kind = label % 4
    if kind == 0:
        painter.drawEllipse(at, size, size)
    elif kind == 1:
        painter.drawRect(QRectF(at.x() - size * 0.9, at.y() - size * 0.9, size * 1.8, size * 1.8))
    else:
        corners = ((-90, 30, 150), (0, 90, 180, 270))[kind - 2]
        turns = [math.radians(corner) for corner in corners]
        painter.drawPolygon(QPolygonF([at + QPointF(math.cos(turn), math.sin(turn)) * 1.25 * size for turn in turns]))


def _paint_images(painter: QPainter, area: QRectF, x: Array, y: Array | None, theme: Theme) -> str:
    """As many images as fit, in order, with their class below."""
    text = theme_text(theme)
    cell, gap = 48, 8
    columns, rows = max(1, int((area.width() - gap) // (cell + gap))), max(1, int((area.height() - gap) // (cell + text + gap)))
    left = area.left() + (area.width() - columns * (cell + gap) + gap) / 2
    labels = None if y is None or not has_classes(y) else classes_of(y)
    high = image_scale(x)
    painter.setFont(font("regular", text))
    for i in range(min(len(x), columns * rows)):
        box = QRectF(left + (i % columns) * (cell + gap), area.top() + gap + (i // columns) * (cell + text + gap), cell, cell)
        paint_image(painter, box, x[i], high, theme)
        if labels is not None:
            painter.setPen(colour(theme.muted))
            painter.drawText(QRectF(box.left(), box.bottom(), cell, text + 3), Qt.AlignmentFlag.AlignCenter, str(labels[i]))
    return f"the first {min(len(x), columns * rows)} images" + ("" if labels is None else " with their class")


def theme_text(theme: Theme) -> int:
    """Return the size of small text in pixels."""
    return round((17 if theme.smallest_share else 11) * theme.letters)


def image_scale(x: Array) -> float:
    """Return the value that is drawn darkest in images."""
    return float(np.abs(x).max()) or 1.0


def paint_image(painter: QPainter, box: QRectF, pixels: Array, high: float, theme: Theme) -> None:
    """Paint one square image, dark ink on light ground or, in a dark theme, light ink on dark ground; `high` is the full ink."""
    side = image_side(len(pixels))
    ink = np.clip(pixels / high, 0, 1)
    grey = np.ascontiguousarray(np.round(30 + 225 * ink if theme.dark else 255 - 255 * ink).astype(np.uint8).reshape(side, side))
    image = QImage(grey.data, side, side, side, QImage.Format.Format_Grayscale8)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(box, image)
