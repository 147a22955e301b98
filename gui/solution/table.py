"""A table of a worked solution as strips of a page: one for its head, one for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from gui.formula.paint import formula_colours
from gui.solution.text import Line, Strip, Words, draw_lines, height_of
from gui.theme import Theme
from model.expr.tree import NumberFormat
from model.solution.parts import Cell, Table

SIZE, GAP, AIR = 90.0, 180.0, 16.0
WIDE = (0.13, 0.2, 0.2)  # shares of the width in a table whose last column holds sentences and takes the rest
UNBROKEN = 1e9


def table_strips(table: Table, fmt: NumberFormat, theme: Theme, width: float) -> Iterator[Strip]:
    """Yield the head, which stays with the first row, and the rows, for a page that is `width` wide."""
    setter = _Setter(table, fmt, theme, width)
    columns = setter.columns()
    yield setter.row(table.head, columns, theme.muted, 110.0, keep=True)
    for i, cells in enumerate(table.rows):
        yield setter.row(cells, columns, theme.text, 0.0, keep=i == 0 and len(table.rows) > 1)


@dataclass(frozen=True, slots=True)
class _Setter:
    table: Table
    fmt: NumberFormat
    theme: Theme
    width: float

    def words(self, cell: Cell) -> Words:
        return Words(cell, self.fmt, SIZE, plain=True)

    def columns(self) -> list[tuple[float, float]]:
        """Return left edge and width of each column; narrower than its content where the table would not fit."""
        edges, x = [], 0.0
        for width in self._widths():
            edges.append((x, width + 1.0))
            x += width + GAP
        return edges

    def _widths(self) -> list[float]:
        count = len(self.table.head)
        if self.table.wide:
            widths = [share * self.width - GAP for share in WIDE[: count - 1]]
            return [*widths, self.width - sum(widths) - GAP * len(widths)]
        rows = (self.table.head, *self.table.rows)
        widths = [max(self.words(row[i]).lines(UNBROKEN)[0].width for row in rows) for i in range(count)]
        room = self.width - GAP * (count - 1)
        return [width * min(1.0, room / sum(widths)) for width in widths]

    def row(
        self, cells: Sequence[Cell], columns: Sequence[tuple[float, float]], rgb: tuple[int, int, int], above: float, *, keep: bool
    ) -> Strip:
        words = [self.words(cell) for cell in cells]
        lines = [w.lines(width) for w, (_, width) in zip(words, columns, strict=True)]
        heights = [height_of(column, SIZE) for column in lines]
        height = max(heights) + 2 * AIR
        ink, rule = QColor.fromRgb(*rgb), QColor.fromRgb(*self.theme.rule)
        colours = formula_colours(self.theme)

        def draw(painter: QPainter) -> None:
            for i, (x, width) in enumerate(columns):
                top = AIR if self.table.wide else (height - heights[i]) / 2
                left = x + (_slack(lines[i], width) if i in self.table.numbers else 0.0)
                draw_lines(painter, lines[i], left, top, words[i], ink, colours)
            painter.fillRect(QRectF(0, height - 5, columns[-1][0] + columns[-1][1], 5), rule)

        return Strip(height, draw, above, keep)


def _slack(lines: Sequence[Line], width: float) -> float:
    return width - max(line.width for line in lines)
