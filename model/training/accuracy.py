"""How many samples a run sorted right, at a few hundred updates spread evenly: of those it trains on, and of those held out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from model.evaluation import Evaluator, accuracy, has_classes
from model.problem import Array
from model.run import Run
from model.training.history import POINTS, missing, spread


class AccuracyHistory:
    """Shares of right classes before some updates, filled in by `work` and kept while the run grows."""

    def __init__(self, run: Run, most: int = POINTS) -> None:
        self.run, self._most = run, most
        self.exists = run.problem.loss != "none" and has_classes(run.samples[1])
        sets = [run.samples, run.held_out] if self.exists else []
        self._sets = [(Evaluator(run.problem, x, y), y) for x, y in sets if len(x)]
        self._known: dict[int, list[float]] = {}

    def work(self, length: int) -> Iterator[int]:
        """Evaluate what is missing of the first `length` updates, one per turn, and yield its number; nothing without classes."""
        if not self.exists:
            return
        for t in missing(self._known, spread(length, self.run.interval, self._most)):
            self._known[t] = self.at(t)
            yield t

    def at(self, t: int) -> list[float]:
        """Return the share of right classes with the parameters before update t: of the training samples, then of any held out."""
        theta = self.run.parameters(t).theta
        return [accuracy(y, evaluator.evaluate(theta).outputs) for evaluator, y in self._sets]

    def points(self) -> tuple[Array, Array]:
        """Return what is known: updates (k,) and shares (k, 1), or (k, 2) where samples are held out."""
        steps = sorted(self._known)
        return np.array(steps, dtype=float), np.array([self._known[t] for t in steps], dtype=float).reshape(len(steps), len(self._sets))
