"""Numbers of a table taken to a spreadsheet and back: what is copied, and which numbers a pasted block sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gui.actions import Refusal
from gui.edits import fixed, number, set_problem, with_data, with_weights
from gui.panes.table_models import Grid
from gui.state import AppState
from gui.tips import full
from model.moment import Moment
from model.problem import Array, Problem, frozen
from model.stages import Ref

WHAT = {"W": "A weight", "b": "A bias", "x": "An input", "y": "A target"}
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


def put_numbers(state: AppState, numbers: Sequence[tuple[Ref, float]]) -> AppState:
    """Set several given numbers at once: initial weights and biases on update 1, inputs and targets of samples of the present batch."""
    for ref, value in numbers:
        sentence = fixed(state, ref)
        if sentence:
            raise Refusal(sentence)
        number(value, WHAT[ref.quantity])
    problem, quantities = state.problem, {ref.quantity for ref, _ in numbers}
    if quantities & {"W", "b"}:
        problem = with_weights(problem)
    if quantities & {"x", "y"}:
        problem = with_data(problem)
    shared = problem.bias_sharing == "per_layer"
    if shared and len({value for ref, value in numbers if ref.quantity == "b"}) > 1:
        raise Refusal("One bias serves a whole layer here; allowed: one number for all of them.")
    samples = state.run.record(state.step).samples
    for quantity in quantities:
        mine = [(ref, value) for ref, value in numbers if ref.quantity == quantity]
        problem = _with(problem, quantity, [(_place(ref, samples, shared), value) for ref, value in mine], mine[0][0].layer)
    return set_problem(state, problem)


def _place(ref: Ref, samples: Sequence[int], shared: bool) -> Any:
    """Return where a number stands in its array; a bias that serves a whole layer in all places."""
    if ref.quantity == "W":
        return ref.unit, ref.from_
    if ref.quantity == "b":
        return slice(None) if shared else ref.unit
    return samples[ref.sample or 0], ref.unit


def _with(problem: Problem, quantity: str, numbers: Sequence[tuple[Any, float]], layer: int) -> Problem:
    """Return the experiment with numbers of one quantity of one layer replaced."""
    name = {"W": "weights", "b": "biases"}.get(quantity, quantity)
    layers: Any = getattr(problem, name)
    if layers is None:
        raise Refusal(
            "This experiment has no targets to change." if quantity == "y" else "This network has no biases; switch them on first."
        )
    array: Array = np.array(layers[layer - 1] if layer else layers)
    for place, value in numbers:
        array[place] = value
    changed = (*layers[: layer - 1], frozen(array), *layers[layer:]) if layer else frozen(array)
    return replace(problem, **{name: changed})
