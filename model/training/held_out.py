"""How a run did on the samples that were held out of it, at a few hundred updates spread evenly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from model.evaluation import Evaluator, accuracy, has_classes
from model.problem import Array
from model.run import Run
from model.training.history import POINTS, missing, spread


class HeldOutHistory:
    """Loss and share of right classes before some updates, filled in by `work` and kept while the run grows."""

    def __init__(self, run: Run, most: int = POINTS) -> None:
        self.run, self._most = run, most
        x, y = run.held_out
        self._y = y
        self._evaluator = Evaluator(run.problem, x, y) if len(x) else None
        self._classes = len(y) > 0 and has_classes(y)
        self._known: dict[int, tuple[float, float]] = {}

    @property
    def exists(self) -> bool:
        """Whether any sample is held out."""
        return self._evaluator is not None

    def work(self, length: int) -> Iterator[int]:
        """Evaluate what is missing of the first `length` updates, one per turn, and yield its number; nothing without samples."""
        if self._evaluator is None:
            return
        for t in missing(self._known, spread(length, self.run.interval, self._most)):
            self._known[t] = self.at(t)
            yield t

    def at(self, t: int) -> tuple[float, float]:
        """Return loss and share of right classes, NaN without classes, with the parameters before update t."""
        assert self._evaluator is not None
        found = self._evaluator.evaluate(self.run.parameters(t).theta)
        return found.loss, accuracy(self._y, found.outputs) if self._classes else np.nan

    def points(self) -> tuple[Array, Array]:
        """Return what is known: updates (k,) and losses (k,)."""
        steps = sorted(self._known)
        return np.array(steps, dtype=float), np.array([self._known[t][0] for t in steps], dtype=float)
