"""A table of a worked solution as strips of a page: one for its head, one for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from gui.formula.paint import formula_colours
from gui.solution.text import LONG, Line, Strip, Words, draw_lines, height_of
from gui.theme import Theme
from model.expr.tree import NumberFormat
from model.solution.parts import Cell, Table

SIZE, GAP, AIR = 90.0, 180.0, 16.0
WIDE = (0.13, 0.2, 0.2)  # shares of the width in a table whose last column holds sentences and takes the rest
UNBROKEN = 1e9
WHOLE = 6500.0  # height up to which a table stays on one page, with its heading and its caption
PART = 8  # lines of a part of a row that is very high
Columns = Sequence[tuple[float, float]]


def table_strips(table: Table, fmt: NumberFormat, theme: Theme, width: float) -> Iterator[Strip]:
    """Yield the head and the rows, for a page that is `width` wide: all on one where they fit, else the head with the first two rows."""
    setter = _Setter(table, fmt, theme, width)
    columns = setter.columns()
    strips = [setter.row(table.head, columns, theme.muted, 110.0, keep=True)]
    for i, cells in enumerate(table.rows):
        strips += setter.rows(cells, columns, theme.text, keep=i == 0 and len(table.rows) > 1)
    if sum(strip.height for strip in strips) <= WHOLE:
        strips = [*(replace(strip, keep=True) for strip in strips[:-1]), replace(strips[-1], keep=bool(table.caption))]
    yield from strips


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

    def rows(self, cells: Sequence[Cell], columns: Columns, rgb: tuple[int, int, int], *, keep: bool) -> Iterator[Strip]:
        """Yield a row, in several parts where it is so high that it may have to go on on the next page."""
        lines = self._lines(cells, columns)
        if max(height_of(column, SIZE) for column in lines) <= LONG:
            yield self._drawn(cells, lines, columns, rgb, 0.0, keep=keep)
            return
        count = max(map(len, lines))
        for start in range(0, count, PART):
            part = [column[start : start + PART] for column in lines]
            yield self._drawn(cells, part, columns, rgb, 0.0, keep=False, last=start + PART >= count)

    def row(self, cells: Sequence[Cell], columns: Columns, rgb: tuple[int, int, int], above: float, *, keep: bool) -> Strip:
        """Return a row."""
        return self._drawn(cells, self._lines(cells, columns), columns, rgb, above, keep=keep)

    def _lines(self, cells: Sequence[Cell], columns: Columns) -> list[list[Line]]:
        return [self.words(cell).lines(width) for cell, (_, width) in zip(cells, columns, strict=True)]

    def _drawn(
        self, cells: Sequence[Cell], lines: Sequence[list[Line]], columns: Columns, rgb: tuple[int, int, int], above: float, *, keep: bool,
        last: bool = True,
    ) -> Strip:  # fmt: skip
        words = [self.words(cell) for cell in cells]
        heights = [height_of(column, SIZE) for column in lines]
        height = max(heights) + 2 * AIR
        ink, rule = QColor.fromRgb(*rgb), QColor.fromRgb(*self.theme.rule)
        colours = formula_colours(self.theme)

        def draw(painter: QPainter) -> None:
            for i, (x, width) in enumerate(columns):
                top = AIR if self.table.wide else (height - heights[i]) / 2
                left = x + (_slack(lines[i], width) if i in self.table.numbers else 0.0)
                draw_lines(painter, lines[i], left, top, words[i], ink, colours)
            if last:
                painter.fillRect(QRectF(0, height - 5, columns[-1][0] + columns[-1][1], 5), rule)

        return Strip(height, draw, above, keep)


def _slack(lines: Sequence[Line], width: float) -> float:
    return width - max((line.width for line in lines), default=0.0)
