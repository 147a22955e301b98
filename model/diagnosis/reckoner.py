"""What each slip gives for a number: updates of one record worked out otherwise, each once."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from model.diagnosis.altered import Bench, Way
from model.diagnosis.case import Case, Try
from model.diagnosis.earlier import updates_before
from model.optimizers import OptimizerState
from model.parameters import Parameters
from model.record import Record

_KEPT, _KEPT_SIZE = 800, 500  # updates that are kept for the next figure of the same record, and the most weights they may have
_PLAIN = Way()


@dataclass(frozen=True, slots=True)
class Cause:
    """A slip that gives the figure's digits. value: what it gives, at full precision; `Try` has its words."""

    told: Try
    value: float


class Reckoner:
    """Updates of one record worked out otherwise, each once: a matrix of figures asks for the same ones again and again."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self._kept: dict[tuple[str, str], Record] = {}
        self._bench = Bench()

    def causes(self, case: Case, tries: Iterable[Try]) -> Iterator[Cause]:
        """Yield what each slip gives, without those with which the number does not exist."""
        for told in tries:
            value = self._value(case, told)
            if value is not None:
                yield Cause(told, value)

    def _value(self, case: Case, told: Try) -> float | None:
        if told.way is None:
            return told.value if math.isfinite(told.value) else None
        try:
            result = case.value(self._record(told, told.way))
        except (ArithmeticError, IndexError, KeyError, ValueError):
            return None
        return result if math.isfinite(result) else None

    def _record(self, told: Try, way: Way) -> Record:
        key = (told.kind, told.clause)
        known = self._kept.get(key)
        if known is None:
            known = self._since(told.updates, way) if told.updates else self._bench.recalculated(self.record, way)
            if len(self._kept) < _KEPT and len(self.record.params.theta) * self.record.m <= _KEPT_SIZE:
                self._kept[key] = known
        return known

    def _since(self, updates: tuple[int, ...], way: Way) -> Record:
        """Return this update, with the slip in these updates: each goes on with the parameters that the one before left behind."""
        params: Parameters | None = None
        state: OptimizerState | None = None
        for record in (*updates_before(self.record), self.record):
            if record.step < updates[0]:
                continue
            found = self._bench.recalculated(record, way if record.step in updates else _PLAIN, params, state)
            params, state = found.new_params, found.new_state
        return found


_last = threading.local()  # a worked solution may be written in another thread


def reckoner(case: Case) -> Reckoner:
    """Return the reckoner of a case's record; the last one is kept."""
    known: Reckoner | None = getattr(_last, "reckoner", None)
    if known is None or known.record is not case.record:
        known = _last.reckoner = Reckoner(case.record)
    return known
