"""Numbers of a table taken to a spreadsheet and back: what is copied, and which numbers a pasted block sets."""

from __future__ import annotations

from gui.actions import Refusal
from gui.panes.table_models import Grid
from gui.tips import full
from model.moment import Moment
from model.stages import Ref

Block = tuple[int, int, int, int]  # first row, first column, last row, last column


def copied(moment: Moment, grid: Grid, block: Block) -> str:
    """Return cells as spreadsheets paste them: tabs between columns, every digit; nothing for what is not computed yet."""
    top, left, bottom, right = block
    mark = "," if moment.fmt.comma else "."

    def text(ref: Ref) -> str:
        return full(moment.value(ref)).replace("−", "-").replace(".", mark) if moment.known(ref) else ""

    return "\n".join("\t".join(text(grid.ref(row, column)) for column in range(left, right + 1)) for row in range(top, bottom + 1))


def pasted(grid: Grid, row: int, column: int, text: str) -> list[tuple[Ref, float]]:
    """Return which numbers a copied block sets, from a cell on; a block as large as the table sets all of it, wherever the cell is.

    Raises Refusal where it is no block of numbers or there is not so much room.
    """
    from model.data.table_import import ImportRefused  # only who pastes needs the readers of tables
    from model.data.table_paste import pasted_numbers

    try:
        values = pasted_numbers(text)
    except ImportRefused as refused:
        raise Refusal(str(refused)) from None
    if grid.kind == "vector" and len(values) == 1:
        values = tuple((value,) for value in values[0])  # a vector may be copied from a row
    rows, columns = len(values), len(values[0])
    if (rows, columns) == (grid.rows, grid.columns):
        row = column = 0
    if row + rows > grid.rows or column + columns > grid.columns:
        whole = f"{grid.rows} × {grid.columns} numbers"
        here = f"from the chosen cell on, {grid.rows - row} × {grid.columns - column}, or the whole table, {whole}"
        room = here if row or column else f"at most {whole}"
        raise Refusal(f"What was pasted has {rows} × {columns} numbers (rows × columns); allowed: {room}.")
    return [(grid.ref(row + i, column + j), value) for i, line in enumerate(values) for j, value in enumerate(line)]
