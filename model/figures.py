"""Which numbers of a record a printed figure stands for: the shape it has in print, and its cells in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.problem import Array, Expected, Problem
from model.quantities import QUANTITIES, batch_shapes, quantity
from model.record import Record

Index = NDArray[Any]
_BIASES = {"W": "b", "dW": "db", "W_new": "b_new"}
_NO_INDEX = -1


class Cell(NamedTuple):
    """One number: its value without the figure's sign, and its indices from 0 (None where it has none)."""

    value: float
    unit: int | None
    from_: int | None
    sample: int | None


@dataclass(frozen=True, slots=True)
class _Block:
    """An array together with the indices of every cell; all four have the same shape. -1 stands for no index."""

    values: Array
    unit: Index
    from_: Index
    sample: Index

    def take(self, key: tuple[int | slice, ...]) -> _Block:
        return _Block(self.values[key], self.unit[key], self.from_[key], self.sample[key])

    def transposed(self) -> _Block:
        return _Block(self.values.T, self.unit.T, self.from_.T, self.sample.T)


def printed_shapes(entry: Expected, problem: Problem, m: int) -> list[tuple[int, ...]]:
    """Return the shapes that `entry.printed` may have for a batch of m samples, the documented one first."""
    kind = QUANTITIES[entry.quantity]
    lengths = list(kind.shape(problem, entry.layer, m))
    if entry.form.startswith("augmented"):
        lengths[1] += 1
    if entry.form.endswith("transposed"):
        lengths.reverse()
    kept = [n for axis, n in zip(kind.axes, lengths, strict=True) if axis != "sample" and not _fixed(entry, axis)]
    shapes = batch_shapes(kept, kind.per_sample, entry.sample, m)
    return [*shapes, ()] if _is_shared_bias(entry, problem) else shapes


def _is_shared_bias(entry: Expected, problem: Problem) -> bool:
    """Whether the entry is about the one bias that a whole layer shares, which may be printed as one number."""
    return problem.bias_sharing == "per_layer" and entry.unit is None and entry.quantity in ("b", "db", "b_new", "step_b")


def _fixed(entry: Expected, axis: str) -> bool:
    """Whether the entry names one index of this axis."""
    if axis == "1+from":
        return entry.unit is not None or entry.from_ is not None
    return (entry.unit if axis == "unit" else entry.from_) is not None


def cells(entry: Expected, record: Record) -> list[Cell]:
    """Return the cells of a printed figure in reading order."""
    kind = QUANTITIES[entry.quantity]
    block = _block(quantity(record, entry.quantity, entry.layer), kind.axes, record.samples)
    if entry.form.startswith("augmented"):
        block = _with_biases(block, quantity(record, _BIASES[entry.quantity], entry.layer))
    if entry.form.endswith("transposed"):
        block = block.transposed()
    block = block.take(tuple(_selection(entry, axis, record.samples) for axis in kind.axes))
    if "1+from" in kind.axes and entry.unit is not None:
        block = replace(block, unit=np.full_like(block.unit, entry.unit))  # as the entry has it, beside the sending unit
    if isinstance(entry.printed, str) and _is_shared_bias(entry, record.problem):
        return [Cell(float(block.values[0]), None, None, None)]
    columns = (block.unit, block.from_, block.sample)
    rows = zip(*(_labels(column) for column in columns), strict=True)
    return [Cell(value, *row) for value, row in zip(block.values.ravel().tolist(), rows, strict=True)]


def _labels(column: Index) -> list[int | None]:
    return [None if i == _NO_INDEX else i for i in column.ravel().tolist()]


def _block(values: Array, axes: Sequence[str], samples: Sequence[int]) -> _Block:
    none = np.full(values.shape, _NO_INDEX)
    found: dict[str, Index] = {}
    grids: list[Index] = list(np.indices(values.shape))
    for axis, index in zip(axes, grids, strict=True):
        found[axis] = np.asarray(samples, dtype=np.int64)[index] if axis == "sample" else index
    from_ = found["1+from"] - 1 if "1+from" in found else found.get("from", none)
    return _Block(values, found.get("unit", none), from_, found.get("sample", none))


def _with_biases(block: _Block, biases: Array) -> _Block:
    """Return a matrix with the biases before its first column."""
    column = np.full((len(biases), 1), _NO_INDEX)
    return _Block(
        np.hstack([biases[:, None], block.values]),
        np.hstack([block.unit[:, :1], block.unit]),
        np.hstack([column, block.from_]),
        np.hstack([column, block.sample]),
    )


def _selection(entry: Expected, axis: str, samples: Sequence[int]) -> int | slice:
    """Return the index, or the full slice, that an entry selects along an axis."""
    if axis == "1+from" and entry.from_ is not None:
        return 1 + entry.from_
    index = {"sample": entry.sample, "unit": entry.unit, "from": entry.from_, "1+from": entry.unit}[axis]
    if index is None:
        return slice(None)
    return position_in_batch(index, samples) if axis == "sample" else index


def position_in_batch(sample: int, rows: Sequence[int]) -> int:
    """Return where in a batch of rows of `x` a sample stands; one that is not among them counts within the batch itself."""
    return rows.index(sample) if sample in rows else sample
