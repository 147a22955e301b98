"""What stands beside and above the cells of a matrix: which neuron, what comes in, the bias; as many labels as can be read."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from gui.canvas.camera import Camera
from gui.diagram.heat_map import HeatMap
from gui.theme import Theme
from gui.theme_qt import colour

GAP = 4.0  # pixels between a label and the cells
APART = 8.0  # pixels between two labels
ROOMY = 11  # lines of text that a widget is high with room for words above the columns
PLATE = 204  # of 255: how far the ground of a number on an image covers it


def spacing(pixels: float, needed: float) -> int:
    """Return 1, 2, 5, 10, 20, … : every how many cells of `pixels` a label fits that needs so many pixels."""
    step, factors = 1, (2.0, 2.5, 2.0)
    i = 0
    while step * pixels < needed and step < 1_000_000:
        step, i = round(step * factors[i % 3]), i + 1
    return step


def labelled(numbers: range, step: int) -> list[int]:
    """Return which of the numbers, from 1, are written: 1, the multiples of the step, and no two of them too close to each other."""
    return [n for n in numbers if n % step == 0 or (n == 1 and step != 2)]


class CellLabels:
    """Labels of one matrix, in a widget's font. They stay at its edges while the matrix is larger than the widget."""

    def __init__(self, shown: HeatMap, theme: Theme, metrics: QFontMetricsF, area: QRectF) -> None:
        self._map, self._theme, self._metrics, self._area = shown, theme, metrics, area
        rows, columns = shown.shape
        self.matrix = not self._is_images()
        self._bias = self.matrix and int(shown.sender[0, 0]) < 0
        self._inputs = columns - self._bias
        high = metrics.height()
        self._wide = metrics.horizontalAdvance(str(rows)) + 2 * GAP
        self._words = self.matrix and area.height() > ROOMY * high
        self.left = self._wide + (high if self._words else 0.0) if self.matrix else 0.0
        self.top = high * (2 if self._words else 1) + GAP if self.matrix else 0.0

    def _is_images(self) -> bool:
        """Whether the cells are pixels: then a row of them shows more than one neuron, or one of several rows of the same neuron."""
        unit = self._map.unit
        return bool((unit[0] != unit[0, 0]).any()) or (unit.shape[0] > 1 and bool(unit[0, 0] == unit[1, 0]))

    def paint(self, painter: QPainter, camera: Camera) -> None:
        """Write the labels of what is seen."""
        painter.setPen(QPen(colour(self._theme.muted)))
        if not self.matrix:
            self._paint_numbers_of_images(painter, camera)
            return
        rows, columns = self._map.shape
        whole = camera.on_canvas(QRectF(0, 0, columns, rows))
        ground = colour(self._theme.panel)
        edge = QPointF(max(self.left, whole.left()), max(self.top, whole.top()))
        painter.fillRect(QRectF(0, 0, self._area.width(), edge.y()), ground)
        painter.fillRect(QRectF(0, 0, edge.x(), self._area.height()), ground)
        self._paint_rows(painter, camera, edge, rows)
        self._paint_columns(painter, camera, edge)
        if self._words:
            self._paint_words(painter, whole, edge)
        if self._bias and camera.scale >= 2 and whole.left() + camera.scale > edge.x():
            painter.setPen(QPen(colour(self._theme.text), 1.5))
            x = whole.left() + camera.scale
            painter.drawLine(QPointF(x, edge.y()), QPointF(x, min(whole.bottom(), self._area.bottom())))

    def _paint_rows(self, painter: QPainter, camera: Camera, edge: QPointF, rows: int) -> None:
        high = self._metrics.height()
        for n in labelled(range(1, rows + 1), spacing(camera.scale, high)):
            y = (n - 0.5) * camera.scale + camera.offset.y()
            if edge.y() <= y <= self._area.bottom():
                box = QRectF(edge.x() - self._wide, y - high / 2, self._wide - GAP, high)
                painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(n))

    def _paint_columns(self, painter: QPainter, camera: Camera, edge: QPointF) -> None:
        high, centre = self._metrics.height(), Qt.AlignmentFlag.AlignCenter
        step = spacing(camera.scale, self._metrics.horizontalAdvance(str(self._inputs)) + APART)
        named = [(n + self._bias - 0.5, str(n)) for n in labelled(range(1, self._inputs + 1), step)]
        free = -1e9
        if self._bias:
            word = "bias" if camera.scale >= self._metrics.horizontalAdvance("bias") + 2 else "b"
            named.insert(0, (0.5, word))
        for middle, text in named:
            x, wide = middle * camera.scale + camera.offset.x(), self._metrics.horizontalAdvance(text)
            if edge.x() <= x <= self._area.right() and x - wide / 2 > free:
                painter.drawText(QRectF(x - wide, edge.y() - high - GAP / 2, 2 * wide, high), centre, text)
                free = x + wide / 2 + GAP

    def _paint_words(self, painter: QPainter, whole: QRectF, edge: QPointF) -> None:
        """Say what rows and columns are."""
        high = self._metrics.height()
        source = f"from {self._map.source}"
        wide = self._metrics.horizontalAdvance(source) + 2
        right = min(whole.right(), self._area.right())
        x = max(edge.x(), min((edge.x() + right - wide) / 2, self._area.right() - wide))
        painter.drawText(QRectF(x, edge.y() - 2 * high - GAP / 2, wide, high), Qt.AlignmentFlag.AlignCenter, source)
        bottom = min(whole.bottom(), self._area.bottom())
        target = f"to {self._map.target}"
        if self._metrics.horizontalAdvance(target) > self._area.height() - edge.y():
            return
        painter.save()
        painter.translate(edge.x() - self._wide - high / 2, (edge.y() + bottom) / 2)
        painter.rotate(-90)
        painter.drawText(QRectF(-200, -high / 2, 400, high), Qt.AlignmentFlag.AlignCenter, target)
        painter.restore()

    def _paint_numbers_of_images(self, painter: QPainter, camera: Camera) -> None:
        """Number the images in their upper left corners, where these are small beside the images."""
        units, high = self._map.unit, self._metrics.height()
        for j in range(int(units.max()) + 1):
            cells = (units == j).nonzero()
            top, left = int(cells[0].min()), int(cells[1].min())
            box = camera.on_canvas(QRectF(left, top, int(cells[1].max()) + 1 - left, int(cells[0].max()) + 1 - top))
            wide = self._metrics.horizontalAdvance(str(j + 1)) + GAP
            if box.height() < 3 * high or box.width() < 2 * wide or not box.intersects(self._area):
                continue
            plate = QRectF(box.left(), box.top(), wide + GAP, high)
            painter.fillRect(plate, colour(self._theme.panel, PLATE))
            painter.setPen(QPen(colour(self._theme.text)))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, str(j + 1))
