"""The tables of the current layer as shapes and texts of a picture: as in the window, large ones shortened with dots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from gui.diagram.primitives import Box, Label
from gui.diagram.text import Block, symbol, words
from gui.panes.table_models import HIDDEN, Grid, is_current, layer_grids
from gui.theme import Theme
from model.moment import Moment
from model.scales import written

GAP, TITLE_GAP = 22.0, 6.0
SHAPES = ((12, 8), (8, 8), (6, 6), (4, 5), (3, 4), (3, 3))  # most rows and columns, tried one after the other until the tables fit
GROWTH = (1.4, 1.3, 1.2, 1.1, 1.0)  # how much larger letters may be, tried one after the other
WIDENED = 0.7  # of the height that tables may have: up to there their letters are larger
SHALLOW = 1.0  # height of tables that may be as high as they like, as a share of their width, above which large ones are shortened
Items = list[Box | Label]


@dataclass(frozen=True, slots=True)
class _Table:
    """A table ready to be placed: its cells as texts, None for dots. marked: the cells that are being formed."""

    title: Block
    cells: tuple[tuple[str | None, ...], ...]
    marked: frozenset[tuple[int, int]]
    cell: float
    line: float

    @property
    def width(self) -> float:
        return max(self.cell * len(self.cells[0]), self.title.width)

    @property
    def height(self) -> float:
        return self.line * (len(self.cells) + 1) + TITLE_GAP


class Tables(NamedTuple):
    """Tables as shapes and texts, their height, and the symbols in LaTeX of those that there was no room for."""

    items: Items
    height: float
    left_out: tuple[str, ...] = ()


def tables_of(moment: Moment, theme: Theme, size: float, width: float, most: float | None, left: float) -> Tables:
    """Return the tables of the current layer from (left, 0) on, in letters of a size or larger, at most `most` high (None: any height).

    Where not even the shortest ones fit, those are left out that tell least: first of what is not known yet, then of what is known,
    the farthest from the quantity that is being formed. One table is there in any case, unless `most` is 0.
    """
    layer = moment.stage.layer if moment.stage is not None and moment.stage.layer else 1
    grids = layer_grids(moment, layer)
    limit = SHALLOW * width if most is None else most
    for rows, columns in SHAPES:
        items, height = _placed([_table(moment, grid, size, rows, columns) for grid in grids], theme, size, width, left)
        if height <= limit:
            return _enlarged(moment, theme, grids, (rows, columns), size, width, height, WIDENED * limit, left)
    kept = list(grids)
    while most is not None and height > most and len(kept) > (most > 0):
        kept.remove(_least_telling(moment, grids, kept))
        items, height = _placed([_table(moment, grid, size, *SHAPES[-1]) for grid in kept], theme, size, width, left)
    return Tables(items, height, tuple(grid.title for grid in grids if grid not in kept))


def _enlarged(
    moment: Moment,
    theme: Theme,
    grids: list[Grid],
    shape: tuple[int, int],
    size: float,
    width: float,
    height: float,
    limit: float,
    left: float,
) -> Tables:
    """Return tables that fit in the largest letters in which they take no more lines: beside each other they have room to spare."""
    for share in GROWTH:
        larger = float(round(share * size))
        items, found = _placed([_table(moment, grid, larger, *shape) for grid in grids], theme, larger, width, left)
        if found <= min(1.02 * share * height, max(limit, height)):
            break
    return Tables(items, found)


def _least_telling(moment: Moment, grids: list[Grid], kept: list[Grid]) -> Grid:
    """Return the table to leave out next; never the one that is being formed, and of two as far away the later one."""
    current = next((i for i, grid in enumerate(grids) if moment.stage is not None and grid.quantity == moment.stage.quantity), 0)
    return max(kept, key=lambda grid: (grids.index(grid) != current, not moment.known(grid.ref(0, 0)), _far(grids.index(grid), current)))


def _far(place: int, current: int) -> tuple[int, bool]:
    return abs(place - current), place > current


def _kept(count: int, most: int) -> list[int | None]:
    """Return which rows are shown: all, or the first ones, dots and the last."""
    return list(range(count)) if count <= most else [*range(most - 2), None, count - 1]


def _table(moment: Moment, grid: Grid, size: float, most_rows: int, most_columns: int) -> _Table:
    rows, columns = _kept(grid.rows, most_rows), _kept(grid.columns, most_columns)
    refs = {(i, j): grid.ref(r, c) for i, r in enumerate(rows) for j, c in enumerate(columns) if r is not None and c is not None}
    # As wide as their numbers will be, so that nothing jumps from one step's picture to the next.
    texts = {place: written(moment, ref) for place, ref in refs.items()}
    cell = max(words(text, size, "medium").width for text in texts.values()) + 1.1 * size
    shown = {place: texts[place] if moment.known(ref) else HIDDEN for place, ref in refs.items()}
    cells = tuple(tuple(shown.get((i, j)) for j in range(len(columns))) for i in range(len(rows)))
    marked = frozenset(place for place, ref in refs.items() if is_current(moment, ref))
    return _Table(symbol(grid.title, round(1.15 * size)), cells, marked, max(cell, 3 * size), round(1.75 * size))


def _placed(tables: list[_Table], theme: Theme, size: float, width: float, left: float) -> tuple[Items, float]:
    """Put tables side by side, on as many lines as they need."""
    items: Items = []
    x = y = tallest = 0.0
    for table in tables:
        if x and x + table.width > width:
            x, y, tallest = 0.0, y + tallest + GAP * 0.7, 0.0
        items += _drawn(table, theme, size, left + x, y)
        x, tallest = x + table.width + GAP, max(tallest, table.height)
    return items, y + tallest


def _drawn(table: _Table, theme: Theme, size: float, x: float, y: float) -> Items:
    top, columns, rows = y + table.line + TITLE_GAP, len(table.cells[0]), len(table.cells)
    wide, high = columns * table.cell, rows * table.line
    items: Items = [Label(x, y + table.line / 2, table.title, theme.text, theme.panel, "left")]
    for i, j in sorted(table.marked):
        middle = (x + (j + 0.5) * table.cell, top + (i + 0.5) * table.line)
        items.append(Box(*middle, table.cell, table.line, 0.0, theme.gold_wash))
    items += [Box(x + wide / 2, top + i * table.line, wide, 1.0, 0.0, theme.rule) for i in range(rows + 1)]
    items += [Box(x + j * table.cell, top + high / 2, 1.0, high, 0.0, theme.rule) for j in range(columns + 1)]
    for i, line in enumerate(table.cells):
        for j, text in enumerate(line):
            marked = (i, j) in table.marked
            known = text not in (None, HIDDEN)
            block = words(text or "…", size, "semibold" if marked else "regular")
            right = x + (j + 1) * table.cell - 0.5 * size
            at = right if known else x + (j + 0.5) * table.cell
            ground = theme.gold_wash if marked else theme.panel
            colour = theme.text if known else theme.muted
            items.append(Label(at, top + (i + 0.5) * table.line, block, colour, ground, "right" if known else "centre"))
    return items
