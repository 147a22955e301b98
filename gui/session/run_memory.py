"""Bounds what the runs that undo can bring back take in memory: the last ones whole, those before by their histories or plans. No Qt."""

from __future__ import annotations

import weakref
from dataclasses import replace

from model.format.session import SavedRun, saved_run
from model.run import Run

BUDGET = 192_000_000  # bytes of all runs but the present one, which still grows: two of the longest whole, many by their histories
ALWAYS = 2  # so many of those last held stay whole, whatever they take


class Held:
    """A run that may be given up in steps: whole, then its history and how it came about, then how it came about alone."""

    def __init__(self, run: Run) -> None:
        self._problem, self._alive = run.problem, weakref.ref(run)
        self._run: Run | None = run
        self._saved: SavedRun | None = None
        self._trained_to = self._length = self.used = 0

    def keep(self, run: Run, length: int, used: int) -> None:
        """Hold the run whole. length: so many updates are wanted back. used: grows from call to call."""
        self._run, self._alive, self._saved = run, weakref.ref(run), None
        self._length, self.used = max(length, self._length), used

    def is_of(self, run: Run) -> bool:
        """Whether this is the run, not one like it."""
        return self._alive() is run

    @property
    def nbytes(self) -> int:
        """Memory that is held, about."""
        if self._run is not None:
            return self._run.footprint
        return 0 if self._saved is None else self._saved.history.nbytes

    def shorten(self) -> None:
        """Hold the history only."""
        if self._run is not None:
            self._trained_to = self._run.trained_to
            self._saved, self._run = saved_run(self._run, min(self._length, self._run.length)), None

    def forget(self) -> None:
        """Hold only how the run came about: it has to be computed again."""
        self.shorten()
        if self._saved is not None:
            self._saved = replace(self._saved, history=self._saved.history.beginning())

    def get(self) -> Run:
        """Return the run, or one that has the same numbers; a run that was forgotten has its first update only."""
        run = self._run or self._alive()
        if run is None:
            assert self._saved is not None
            run = self._saved.take_up(self._problem)
            run.trained_to = min(self._trained_to, run.length)
            self._alive = weakref.ref(run)
        return run


class RunMemory:
    """Every run that undo refers to, each once."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._held: weakref.WeakSet[Held] = weakref.WeakSet()
        self._clock = 0

    @property
    def nbytes(self) -> int:
        """Memory of all runs together, about."""
        return sum(held.nbytes for held in self._held)

    def hold(self, run: Run, length: int) -> Held:
        """Return what brings back a run, as far as `length`; others are given up where memory is short."""
        held = next((one for one in self._held if one.is_of(run)), None) or Held(run)
        self._clock += 1
        held.keep(run, length, self._clock)
        self._held.add(held)
        self._trim()
        return held

    def _trim(self) -> None:
        oldest = sorted(self._held, key=lambda held: held.used)[:-ALWAYS]
        total = self.nbytes
        for give_up in (Held.shorten, Held.forget):
            for held in oldest:
                if total <= self._budget:
                    return
                before = held.nbytes
                give_up(held)
                total -= before - held.nbytes
