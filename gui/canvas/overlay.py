"""What lies over the picture on the canvas: the small map, the box that is being drawn, the ring of the focus."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from gui.canvas.camera import Camera
from gui.diagram.paint import paint
from gui.diagram.primitives import Diagram
from gui.theme import Theme
from gui.theme_qt import colour

FAINT = 40  # of 255


class MapPicture:
    """The small map of a zoomed picture; its pixels are made once for each picture."""

    def __init__(self) -> None:
        self._of: Diagram | None = None
        self._pixels = QPixmap()

    def paint(self, painter: QPainter, diagram: Diagram, camera: Camera, canvas: QRectF, theme: Theme) -> None:
        """Paint the map at the lower right, where there is one, and on it what the canvas shows."""
        rect = camera.map_rect(canvas.size())
        if rect is None:
            self._of, self._pixels = None, QPixmap()
            return
        ratio = painter.device().devicePixelRatioF()
        if self._of is not diagram or self._pixels.size() != (rect.size() * ratio).toSize():
            self._of, self._pixels = diagram, _small(diagram, rect, ratio)
        painter.drawPixmap(rect, self._pixels, QRectF(self._pixels.rect()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(theme.muted), 1))
        painter.drawRect(rect)
        seen = camera.area(canvas)
        share = rect.width() / canvas.width()
        part = QRectF(rect.topLeft() + seen.topLeft() * share, seen.size() * share).intersected(rect)
        painter.setPen(QPen(colour(theme.select), 2))
        painter.drawRect(part)


def _small(diagram: Diagram, rect: QRectF, ratio: float) -> QPixmap:
    pixels = QPixmap((rect.size() * ratio).toSize())
    painter = QPainter(pixels)
    painter.scale(pixels.width() / diagram.width, pixels.height() / diagram.height)
    paint(painter, diagram, fast=True)
    painter.end()
    return pixels


def paint_box(painter: QPainter, box: QRectF, theme: Theme) -> None:
    """Paint the box that is being drawn around numbers."""
    painter.fillRect(box, colour(theme.select, FAINT))
    painter.setPen(QPen(colour(theme.select), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)


def paint_focus(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Paint the ring of the focus."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(colour(theme.accent))
    painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
