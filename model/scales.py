"""Which decimals the numbers of one quantity are written with: one form for all of them, on the board, in tables and in pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from weakref import WeakKeyDictionary

import numpy as np

from model.expr.even import scale
from model.expr.tree import NumberFormat, format_number
from model.moment import Moment, number
from model.problem import Array
from model.quantities import QUANTITIES, quantity
from model.record import Record
from model.stages import Ref

_MOST = 64  # numbers of a quantity in a layer that are written in one form; of more, each for itself
_SCALES: WeakKeyDictionary[Record, dict[int | None, Scales]] = WeakKeyDictionary()


class Scales:
    """The scales of one record's quantities where `decimals` are chosen (None: as many as needed; negative: scientific).

    They do not keep the record in memory, so that it is named with each question.
    """

    def __init__(self, decimals: int | None) -> None:
        self._decimals = decimals
        self._known: dict[tuple[str, int, bool, int], tuple[int | None] | None] = {}

    def places(self, record: Record, ref: Ref, sample: int, digits: int = 0) -> int | None:
        """Return the places that show the smallest number of a quantity in its layer, as `even.scale` says; None: those chosen will do.

        sample: whose number it is where `ref.sample` is None. digits: significant digits it has to have in any case.
        """
        key = (ref.quantity, ref.layer, ref.from_ is None or ref.from_ < 0, digits)
        if key not in self._known:
            values = _values_like(record, ref)
            self._known[key] = None if values is None else (scale(values, self._decimals, digits),)
        known = self._known[key]
        return known[0] if known else scale(np.array([number(record, ref, sample)]), self._decimals, digits)


def scales(record: Record, decimals: int | None) -> Scales:
    """Return the scales of a record; the same ones for every view of it."""
    return _SCALES.setdefault(record, {}).setdefault(decimals, Scales(decimals))


def format_of_ref(moment: Moment, ref: Ref) -> NumberFormat:
    """Return the format of one number: the moment's, with other places where those would show one of its quantity as 0."""
    places = scales(moment.record, moment.fmt.decimals).places(moment.record, ref, moment.sample)
    return moment.fmt if places is None else replace(moment.fmt, decimals=places)


def written(moment: Moment, ref: Ref) -> str:
    """Return one number as text, in the form that all numbers of its quantity have."""
    return format_number(moment.value(ref), format_of_ref(moment, ref))


def _values_like(record: Record, ref: Ref) -> Array | None:
    """Return all numbers of the quantity that `ref` is one of, in its layer; None if there are too many."""
    q, problem, l = ref.quantity, record.problem, ref.layer
    given = {"x": record.x, "y": record.y}.get(q)
    if given is not None:
        return given if given.size <= _MOST else None
    if q in QUANTITIES:
        kind = QUANTITIES[q]
        size = prod(kind.shape(problem, l if kind.layered else None, record.m))
        return quantity(record, q, l) if size <= _MOST else None
    if ref.unit is None:
        return np.array([number(record, ref)])
    single = ref.from_ is None or ref.from_ < 0
    senders: Sequence[int | None] = [ref.from_] if single else range(problem.layers[l - 1])
    if problem.layers[l] * len(senders) > _MOST:
        return None
    places = ((j, k) for j in range(problem.layers[l]) for k in senders)
    return np.array([number(record, ref._replace(unit=j, from_=k)) for j, k in places])
