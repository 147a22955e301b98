"""How large gradients and weights were over a run: per layer, for a few hundred updates spread evenly, computed bit by bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from model.history import FAR
from model.parameters import matrices
from model.problem import Array
from model.record import Record
from model.run import Run

POINTS = 300  # updates for which norms are computed
FEW = 8  # so many times as far from each other as points are the states of a network that is wide


def spread(length: int, interval: int, most: int = POINTS) -> range:
    """Return the updates 1, 1 + s, 1 + 2s, … of a run, at most `most` of them.

    s is a power of two, or where it can be that many times the distance `interval` of the run's checkpoints: the points of a longer
    run are among those of a shorter one, and little has to be computed again. Where few states are kept, because each is large, there
    are no points between them: for each, hundreds of updates would have to be computed again.
    """
    stride = 1
    while (length - 1) // stride + 1 > most:
        stride = interval if stride < interval <= 2 * stride else 2 * stride
    few = stride < interval <= FEW * stride and interval > FAR
    return range(1, length + 1, interval if few else stride)


def missing(known: dict[int, Any], wanted: range) -> list[int]:
    """Forget what is known of updates that are not wanted any more, and return those of which nothing is known yet."""
    for t in known.keys() - set(wanted):
        del known[t]
    return [t for t in wanted if t not in known]


def norms(record: Record) -> tuple[Array, Array]:
    """Return (‖∂L/∂W‖, ‖W‖) per weight layer, each (L,): Euclidean norms over all weights and biases of the layer, before the update."""
    p = record.problem
    gradients = [np.hypot(_norm(dW), _norm(record.db[l]) if record.db else 0.0) for l, dW in enumerate(record.dW)]
    weights = [_norm(matrix) for matrix in matrices(record.params.theta, p.layers, p.has_biases)]
    return np.array(gradients), np.array(weights)


def _norm(values: Array) -> float:
    """Return the Euclidean norm, without overflow on the way."""
    size = float(np.abs(values).max(initial=0.0))
    if size == 0.0 or not np.isfinite(size):
        return size
    return size * float(np.sqrt(np.square(values / size).sum()))


class NormHistory:
    """The norms of one run, filled in by `work` and kept while the run grows."""

    def __init__(self, run: Run, most: int = POINTS) -> None:
        self.run = run
        self._most = most
        self._known: dict[int, tuple[Array, Array]] = {}

    def work(self, length: int) -> Iterator[int]:
        """Compute what is missing of the first `length` updates, one update per turn, and yield its number; from coarse to fine."""
        wanted = spread(length, self.run.interval, self._most)
        following = missing(self._known, wanted)
        if self.run.interval <= (wanted.step or 1):  # every point has a checkpoint of its own: any order is as fast as any other
            following = [t for k in (16, 4, 1) for i, t in enumerate(following) if i % k == 0 and (k == 16 or i % (4 * k))]
        for t in following:
            self._known[t] = norms(self.run.record(t))
            yield t

    def points(self) -> tuple[Array, Array, Array]:
        """Return what is known: updates (k,), gradient norms (k, L) and weight norms (k, L)."""
        steps = sorted(self._known)
        depth = self.run.problem.depth
        gradients = np.array([self._known[t][0] for t in steps]).reshape(-1, depth)
        weights = np.array([self._known[t][1] for t in steps]).reshape(-1, depth)
        return np.array(steps, dtype=float), gradients, weights
