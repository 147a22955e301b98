"""The printed figures of a problem file as cases: which number of a record each stands for."""

from __future__ import annotations

from model.diagnosis.case import Case
from model.figures import Cell, position_in_batch
from model.notation.profile import Notation
from model.problem import Expected
from model.quantities import QUANTITIES
from model.record import Record
from model.stages import Ref

_BIAS_OF = {"W": "b", "dW": "db", "W_new": "b_new"}


def ref_of(record: Record, entry: Expected, cell: Cell) -> Ref:
    """Return the number of a record that a cell of a printed figure stands for."""
    kind = QUANTITIES[entry.quantity]
    sample = None if cell.sample is None else position_in_batch(cell.sample, record.samples)
    if entry.quantity == "dLdX":
        return Ref("dLdX", entry.layer or 0, (-1 if cell.from_ is None else cell.from_) + 1, None, sample)
    if entry.quantity == "dLdx":
        return Ref("dLdx", 0, cell.from_, None, sample)
    if "from" in kind.axes and cell.from_ is None:
        return Ref(_BIAS_OF[entry.quantity], entry.layer or 0, cell.unit)
    unit = 0 if cell.unit is None and "unit" in kind.axes else cell.unit  # the one bias that a layer shares
    return Ref(entry.quantity, (entry.layer or 0) if kind.layered else 0, unit, cell.from_, sample)


def case_of(record: Record, entry: Expected, cell: Cell, notation: Notation) -> Case:
    """Return the case of a cell of a printed figure."""
    return Case(record, ref_of(record, entry, cell), notation, sign=entry.sign)
