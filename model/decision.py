"""What a network answers over the plane (or line) of its inputs: regions of classes, probabilities, functions. Forward passes only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.backprop import forward
from model.data.batches import data
from model.optimizers import initial_state
from model.parameters import Parameters
from model.problem import Array, Problem
from model.workspace import Workspace

Kind = Literal["classes", "value", "functions", "none"]
LARGEST_INPUT = 1e100  # beyond, axes and their margins leave the range of numbers
SMALLEST_RANGE = 1e-100
MARGIN = 0.15  # what the map shows beyond the data, as a part of their range
WHICH = "A decision map exists for networks with two inputs, and a plot of the function for networks with one"


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the input space: low and high of each input."""

    low: tuple[float, ...]
    high: tuple[float, ...]


def kind_of(problem: Problem) -> Kind:
    """Return what can be shown: "classes" or one output's "value" over two inputs, "functions" of one input, or "none"."""
    if problem.layers[0] == 1:
        return "functions"
    if problem.layers[0] != 2:
        return "none"
    return "value" if problem.layers[-1] == 1 else "classes"


def refusal(problem: Problem) -> str:
    """Return one sentence that says why there is no map, "" where there is one."""
    if kind_of(problem) == "none":
        return f"{WHICH}; this one has {problem.layers[0]:,} inputs."
    largest = float(np.abs(data(problem)[0]).max())
    return "" if largest <= LARGEST_INPUT else f"The inputs reach {largest:.3g}; a map is drawn of inputs up to {LARGEST_INPUT:g}."


def window_of(x: Array) -> Window:
    """Return the part of the input space that holds the samples x (M, n), with a margin; at least a little even for one sample."""
    low, high = x.min(axis=0), x.max(axis=0)
    margin = np.where(high - low > SMALLEST_RANGE, MARGIN * (high - low), np.maximum(0.5 * np.abs(low), 0.5))
    return Window(tuple((low - margin).tolist()), tuple((high + margin).tolist()))


def grid(window: Window, cells: int) -> Array:
    """Return points in the middle of cells: (cells, 1) along one input, (cells², 2) over two, the second input slowest."""
    axes = [low + (np.arange(cells) + 0.5) * (high - low) / cells for low, high in zip(window.low, window.high, strict=True)]
    if len(axes) == 1:
        return axes[0][:, None]
    first, second = np.meshgrid(*axes)
    return np.column_stack([first.ravel(), second.ravel()])


class Evaluator:
    """Forward passes of one experiment's network on the same points x (m, n_0), for any parameters."""

    def __init__(self, problem: Problem, x: Array) -> None:
        self._ws = Workspace(problem, len(x))
        self._ws.load_batch(x, np.zeros((len(x), problem.layers[-1])))
        self._problem = problem

    def outputs(self, params: Parameters) -> Array:
        """Return (m, n_L): the network's outputs."""
        self._ws.load(params, initial_state(self._problem.optimizer, len(params.theta)))
        with np.errstate(all="ignore"):
            forward(self._ws)
        return np.array(self._ws.a[-1])

    def activations(self, params: Parameters) -> tuple[Array, ...]:
        """Return (m, n_l) for each layer l = 1..L: what its neurons answer."""
        self.outputs(params)
        return tuple(np.array(a) for a in self._ws.a[-self._problem.depth :])


def classes(outputs: Array) -> tuple[NDArray[np.intp], Array]:
    """Return for outputs (m, n) the number of the largest one (m,), and by how much it leads, 0..1 of the outputs' sizes (m,)."""
    clean = np.nan_to_num(outputs)
    order = np.sort(clean, axis=1)
    size = np.maximum(np.abs(clean).max(axis=1), 1e-12)
    return clean.argmax(axis=1), np.clip(order[:, -1] / size - order[:, -2] / size, 0.0, 1.0)


def middle(problem: Problem, y: Array) -> tuple[float, float]:
    """Return the value of a single output at which its answer tips, and how far from it is as far as it gets."""
    if problem.activations[-1] in ("sigmoid", "softmax"):
        return 0.5, 0.5
    if problem.activations[-1] == "tanh":
        return 0.0, 1.0
    low, high = float(y.min()), float(y.max())
    return low / 2 + high / 2, max(high / 2 - low / 2, 1e-9) if high > low else max(abs(high), 1.0)


def labels(problem: Problem, y: Array) -> NDArray[np.intp]:
    """Return the class of each sample by its targets (M, n_L): the largest one; with a single output 1 above its middle, else 0."""
    if problem.layers[-1] > 1:
        return np.asarray(y.argmax(axis=1))
    return np.asarray(y[:, 0] > middle(problem, y)[0]).astype(np.intp)
