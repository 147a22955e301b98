"""How chosen weights moved over a run, and how the values of a layer are spread over a batch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.parameters import layer_slices
from model.problem import Array, Problem
from model.record import Record
from model.run import Run
from model.stages import Ref
from model.training.history import POINTS, missing, spread

BINS = 24
SATURATED = 0.01  # a slope below this share of its largest value lets nothing through


def place(problem: Problem, ref: Ref) -> int | None:
    """Return where a single weight or bias lies in the flat parameters, None for anything else."""
    if ref.quantity not in ("W", "b") or ref.unit is None or not 1 <= ref.layer <= problem.depth:
        return None
    one, inputs, outputs = int(problem.has_biases), problem.layers[ref.layer - 1], problem.layers[ref.layer]
    column = (ref.from_ or 0) + one if ref.quantity == "W" else 0
    if ref.unit >= outputs or column >= inputs + one or (ref.quantity == "b" and not one):
        return None
    return int(layer_slices(problem.layers, problem.has_biases)[ref.layer - 1].start + ref.unit * (inputs + one) + column)


class Trajectories:
    """The values of some weights before each of a few hundred updates, filled in by `work` and kept while the run grows."""

    def __init__(self, run: Run, refs: tuple[Ref, ...], most: int = POINTS) -> None:
        self.run, self._most = run, most
        found = [(ref, place(run.problem, ref)) for ref in refs]
        self.refs = tuple(ref for ref, at in found if at is not None)
        self._places = [at for _, at in found if at is not None]
        self._known: dict[int, Array] = {}

    def work(self, length: int) -> Iterator[int]:
        """Look up what is missing before the updates 1..length + 1, one per turn, and yield its number."""
        for t in missing(self._known, spread(length + 1, self.run.interval, self._most)):
            self._known[t] = self.run.parameters(t).theta[self._places]
            yield t

    def points(self) -> tuple[Array, Array]:
        """Return what is known: updates (k,) and values before them (k, number of weights)."""
        steps = sorted(self._known)
        return np.array(steps, dtype=float), np.array([self._known[t] for t in steps]).reshape(len(steps), len(self._places))


LARGEST = 1e300
HARDLY = 1e-12  # a range, in parts of the largest value, too narrow for bins


@dataclass(frozen=True, slots=True)
class Spread:
    """A histogram. edges: (bins + 1,). counts: (bins,). mean, deviation: of all values. note: what stands out, or ""."""

    edges: Array
    counts: NDArray[np.intp]
    mean: float
    deviation: float
    note: str


def spread_of(record: Record, quantity: str, layer: int) -> Spread:
    """Return how the values of "z", "a" or "delta" of a layer are spread over its units and the samples of the batch."""
    values = {"z": record.z, "a": record.a[1:], "delta": record.delta}[quantity][layer - 1]
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Spread(np.array([0.0, 1.0]), np.zeros(1, dtype=np.intp), np.nan, np.nan, "no finite value")
    unit = _power_of_two(float(np.abs(finite).max()))
    parts = finite / unit  # exact, and about 1 at most: neither sums nor widths leave the range of numbers
    low, high = float(parts.min()), float(parts.max())
    if high - low < HARDLY:
        room = 0.1 * max(abs(low), abs(high))
        low, high = (low - room, high + room) if room > HARDLY else (low - 0.5, high + 0.5)
    counts, edges = np.histogram(parts, BINS, (low, high))
    with np.errstate(over="ignore"):
        edges = np.nan_to_num(edges * unit)
    return Spread(edges, counts, float(parts.mean()) * unit, float(parts.std()) * unit, _note(record, quantity, layer))


def _power_of_two(size: float) -> float:
    """Return a power of two about as large; 1 for what is next to nothing."""
    return math.ldexp(1.0, math.frexp(size)[1] - 1) if size > 1 / LARGEST else 1.0


def _note(record: Record, quantity: str, layer: int) -> str:
    """Say how many units are silent for the whole batch, or how many slopes are next to zero."""
    slopes = record.dadz[layer - 1]
    if quantity != "a" or record.problem.activations[layer - 1] in ("softmax", "identity"):
        return ""
    silent = int((slopes == 0.0).all(axis=0).sum())
    if silent:
        return f"{silent} of {slopes.shape[1]} silent"
    flat = float((np.abs(slopes) <= SATURATED * max(1e-300, float(_steepest(record, layer)))).mean())
    return f"{flat * 100:.0f} % saturated" if flat >= 0.005 else ""


def _steepest(record: Record, layer: int) -> float:
    return 0.25 if record.problem.activations[layer - 1] == "sigmoid" else 1.0
