"""A pane that is a table as a picture of its rows: as many as there is room for, with the texts of its model."""

from __future__ import annotations

from html import escape
from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QLabel, QTableView, QWidget

from gui.panes.exhibit import Exhibit
from gui.theme_qt import font

HIGH, GAP = 1.55, 18.0  # height of a row in letters, pixels between two columns
APART = 60.0  # pixels between parts of a long table that stand beside each other
MOST = 500  # rows that are measured; no page has room for more
SMALLER = (1.0, 0.92, 0.85, 0.78)  # shares of the usual letters, tried one after the other until nothing is cut
Line = list[str]


def table_exhibit(pane: QWidget) -> Exhibit | None:
    """Return what a pane with a table shows: its rows, the formulas beside them, and what it says about them.

    None if it has no table with rows. A pane too low for its table, which leaves it out, has it in its picture all the same.
    """
    table = next((table for table in pane.findChildren(QTableView) if not table.isHidden() and table.model().rowCount()), None)
    if table is None:
        return None
    model, across = table.model(), Qt.Orientation.Horizontal
    columns = range(model.columnCount())
    rows = [[str(model.headerData(column, across) or "") for column in columns]]
    rows += [[str(model.index(row, column).data() or "") for column in columns] for row in range(model.rowCount())]
    role = Qt.ItemDataRole.TextAlignmentRole
    right = [bool(Qt.AlignmentFlag(model.index(0, column).data(role) or 0) & Qt.AlignmentFlag.AlignRight) for column in columns]
    said = [escape(label.text()) for label in pane.findChildren(QLabel) if label.wordWrap() and not label.isHidden() and label.text()]
    title, step = table.accessibleName(), getattr(pane, "step", None)
    return Exhibit(
        f"{title[:1].upper()}{title[1:]}", TableSheet(rows, right), "<br>".join(said).replace("\n", "<br>"), table=rows, step=step
    )


class TableSheet(QWidget):
    """Rows of texts, the first one the head. right: which columns stand at the right."""

    def __init__(self, rows: list[Line], right: list[bool]) -> None:
        super().__init__()
        self._rows, self._right = rows, right

    def sizeHint(self) -> QSize:
        return QSize(0, ceil(HIGH * QFontMetricsF(self.font()).height() * len(self._rows)) + 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, size = QPainter(self), self._size()
        high = HIGH * QFontMetricsF(font("regular", size)).height()
        lines, beside = self._room(size)
        head, body, room = self._rows[0], self._rows[1:], (lines - 1) * beside
        shown = body if len(body) <= room else body[: max(0, room - 1)]
        edges = self._edges([head, *shown], size)
        painter.save()
        for first in range(0, max(1, len(shown)), lines - 1):
            self._paint_rows(painter, [head, *shown[first : first + lines - 1]], edges, high, size)
            painter.translate(sum(edges[-1]) + APART, 0)
        painter.restore()
        if len(shown) < len(body):
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            rest = f"… {len(body) - len(shown):,} more rows"
            painter.setFont(font("regular", size))
            wide = painter.fontMetrics().horizontalAdvance(rest) + 2
            left = min((beside - 1) * (sum(edges[-1]) + APART), max(0.0, self.width() - wide))
            painter.drawText(QRectF(left, (lines - 1) * high, wide, high), Qt.AlignmentFlag.AlignVCenter, rest)
        painter.end()

    def _paint_rows(self, painter: QPainter, rows: list[Line], edges: list[tuple[float, float]], high: float, size: int) -> None:
        """Paint a head and the rows below it where the painter is."""
        muted, text = (self.palette().color(role) for role in (QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.WindowText))
        for i, row in enumerate(rows):
            painter.setPen(muted if i == 0 else text)
            painter.setFont(font("semibold" if i == 0 else "regular", size))
            for (x, wide), cell, right in zip(edges, row, self._right, strict=True):
                side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
                fits = painter.fontMetrics().elidedText(cell, Qt.TextElideMode.ElideRight, int(wide) + 1)
                painter.drawText(QRectF(x, i * high, wide, high), side | Qt.AlignmentFlag.AlignVCenter, fits)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
            painter.drawLine(0, round((i + 1) * high), round(sum(edges[-1])), round((i + 1) * high))

    def _size(self) -> int:
        """Return how large letters are, in pixels: somewhat smaller where rows or numbers would have to be left out otherwise."""
        sizes = [round(share * self.fontInfo().pixelSize()) for share in SMALLER]
        return next((size for size in sizes if self._fits(size)), sizes[0])

    def _fits(self, size: int) -> bool:
        lines, beside = self._room(size)
        return len(self._rows) - 1 <= (lines - 1) * beside and self._wide(size) <= self.width()

    def _room(self, size: int) -> tuple[int, int]:
        """Return how many lines there is room for, and how many times the table stands beside itself where it is too long for them."""
        lines = max(2, int((self.height() + 1) / (HIGH * QFontMetricsF(font("regular", size)).height())))
        beside = max(1, int((self.width() + APART) / (self._wide(size) + APART)))
        return lines, beside

    def _wide(self, size: int) -> float:
        widths = _widths(self._rows[:MOST], size)
        return sum(widths) + GAP * (len(widths) - 1)

    def _edges(self, rows: list[Line], size: int) -> list[tuple[float, float]]:
        """Return left end and width of each column; the widest ones give way where they do not all fit."""
        widths = _widths(rows, size)
        room = max(1.0, self.width() - GAP * (len(widths) - 1))
        most = max(widths)
        while sum(min(width, most) for width in widths) > room and most > 1:
            most *= 0.96
        edges, x = [], 0.0
        for width in widths:
            edges.append((x, min(width, most)))
            x += min(width, most) + GAP
        return edges


def _widths(rows: list[Line], size: int) -> list[float]:
    """Return how wide the texts of each column are in letters of a size."""
    bold, metrics = (QFontMetricsF(font(face, size)) for face in ("semibold", "regular"))
    return [max([bold.horizontalAdvance(column[0]), *map(metrics.horizontalAdvance, column[1:])]) for column in zip(*rows, strict=True)]
