"""The quantities of the problem file by name: what each is, its axes, and its array taken from a record.

Axes are named "sample" (rows of the batch), "unit" (receiving units of layer l), "from" (sending units of layer l-1) and "1+from"
(the sending units with the constant 1 before them). Arrays are batch-first, in the order of the axes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from model.backprop import evaluate_loss, forward
from model.parameters import Parameters
from model.problem import Array, Problem
from model.record import Record
from model.rounding import rounded
from model.workspace import Workspace

FORMS = ("plain", "augmented", "transposed", "augmented_transposed")


@dataclass(frozen=True, slots=True)
class Quantity:
    """meaning: in words. axes: names of the array's axes. layered: needs a weight layer 1..L (`a` and `a_after` also 0)."""

    meaning: str
    axes: tuple[str, ...]
    layered: bool = True
    needs_update: bool = False
    needs_biases: bool = False
    has_forms: bool = False
    input_layer: bool = False

    @property
    def per_sample(self) -> bool:
        """Whether each sample of the batch has its own value."""
        return "sample" in self.axes

    def layer_range(self, problem: Problem) -> tuple[int, int]:
        """Return the lowest and the highest layer that may be named."""
        if self.layered:
            return (0 if self.input_layer else 1), problem.depth
        return (0, 1) if self.input_layer else (problem.depth, problem.depth)

    def units(self, problem: Problem, layer: int | None) -> int | None:
        """Return how many values the index `unit` has, None if there is no such index; for dLdX it counts the leading 1 as 0."""
        if "1+from" in self.axes and layer is not None:
            return 1 + problem.layers[layer - 1]
        if "unit" not in self.axes:
            return None
        return problem.layers[problem.depth if layer is None else layer]

    def senders(self, problem: Problem, layer: int | None) -> int | None:
        """Return how many values the index `from` has, None if there is no such index."""
        if not {"from", "1+from"} & set(self.axes):
            return None
        return problem.layers[layer - 1 if self.layered and layer is not None else 0]

    def shape(self, problem: Problem, layer: int | None, m: int) -> tuple[int, ...]:
        """Return the shape of the whole array for a batch of m samples."""
        lengths = {"sample": m, "unit": self.units(problem, layer) or 0, "from": self.senders(problem, layer) or 0}
        return tuple(1 + lengths["from"] if axis == "1+from" else lengths[axis] for axis in self.axes)


_UNITS = ("sample", "unit")
_MATRIX = ("unit", "from")

QUANTITIES: dict[str, Quantity] = {
    "z": Quantity("pre-activation", _UNITS),
    "a": Quantity("activation", _UNITS, input_layer=True),
    "dadz": Quantity("f′(z), slope of the activation function", _UNITS),
    "loss_output": Quantity("one output's term of one sample's loss", _UNITS, layered=False),
    "loss_sample": Quantity("one sample's loss, before reduction and without penalty", ("sample",), layered=False),
    "loss": Quantity("loss of the batch, with penalty", (), layered=False),
    "mean_abs_error": Quantity("mean |y − a| over samples and outputs, before the update", (), layered=False),
    "dLda": Quantity("∂L/∂a of one sample", _UNITS),
    "delta": Quantity("∂L/∂z of one sample, not divided by the batch size", _UNITS),
    "path": Quantity("delta[unit] · W[unit][from], the share of ∂L/∂a that comes along one edge", ("sample", "unit", "from")),
    "dLdX": Quantity("∂L/∂(input of the layer with its leading 1)", ("sample", "1+from")),
    "dLdx": Quantity("∂L/∂x of the input layer", ("sample", "from"), layered=False, input_layer=True),
    "W": Quantity("weights before the update", _MATRIX, has_forms=True),
    "b": Quantity("biases before the update", ("unit",), needs_biases=True),
    "dW": Quantity("∂L/∂W after reduction and penalty", _MATRIX, has_forms=True),
    "db": Quantity("∂L/∂b after reduction", ("unit",), needs_biases=True),
    "W_new": Quantity("weights after the update", _MATRIX, needs_update=True, has_forms=True),
    "b_new": Quantity("biases after the update", ("unit",), needs_update=True, needs_biases=True),
    "step_W": Quantity("new weights minus old", _MATRIX, needs_update=True),
    "step_b": Quantity("new biases minus old", ("unit",), needs_update=True, needs_biases=True),
    "z_after": Quantity("pre-activation with the new parameters", _UNITS, needs_update=True),
    "a_after": Quantity("activation with the new parameters", _UNITS, needs_update=True, input_layer=True),
    "loss_after": Quantity("loss of the same batch with the new parameters", (), layered=False, needs_update=True),
}


def available(record: Record) -> list[str]:
    """Return the names of the quantities that this record's experiment has, in order of computation."""
    return [name for name in QUANTITIES if has_quantity(record, name)]


def has_quantity(record: Record, name: str) -> bool:
    """Return whether this record's experiment has the quantity: new parameters need a learning rate, for example."""
    kind, problem = QUANTITIES[name], record.problem
    return not (
        (kind.needs_update and record.new_params is None)
        or (kind.needs_biases and not problem.has_biases)
        or (name == "mean_abs_error" and problem.y is None and problem.dataset is None)
    )


def quantity(record: Record, name: str, layer: int | None = None) -> Array:
    """Return a quantity of a record, batch-first, with the axes of `QUANTITIES[name]`; () for a single number.

    layer: 1..L (for `a`, `a_after` also 0); not used by quantities without a layer. Raises KeyError for an unknown name.
    """
    return np.asarray(_VALUES[name](record, layer or 0), dtype=np.float64)


@lru_cache(maxsize=1)
def _after(record: Record) -> Workspace:
    """Return a workspace that has gone forward on the record's batch with the new parameters."""
    ws = Workspace(record.problem, record.m)
    ws.load(_new(record), record.state)
    ws.load_batch(record.x, record.y)
    with np.errstate(all="ignore"):
        forward(ws)
        evaluate_loss(ws)
    return ws


def _new(record: Record) -> Parameters:
    if record.new_params is None:
        raise ValueError('there are no new parameters, because "learning_rate" is null')
    return record.new_params


def _path(record: Record, layer: int) -> Array:
    with np.errstate(all="ignore"):
        products = record.delta[layer - 1][:, :, None] * record.W_delta[layer - 1]
    return rounded(products, record.problem.rounding)


def _difference(record: Record, new: Array, old: Array) -> Array:
    with np.errstate(all="ignore"):
        return rounded(new - old, record.problem.rounding, np.maximum(np.abs(new), np.abs(old)))


def _mean_abs_error(record: Record, layer: int) -> Array:
    with np.errstate(all="ignore"):
        return rounded(np.asarray(np.abs(record.y - record.a[-1]).mean()), record.problem.rounding)


_VALUES: dict[str, Callable[[Record, int], Array | float]] = {
    "z": lambda r, l: r.z[l - 1],
    "a": lambda r, l: r.a[l],
    "dadz": lambda r, l: r.dadz[l - 1],
    "loss_output": lambda r, l: r.loss_output,
    "loss_sample": lambda r, l: r.loss_sample,
    "loss": lambda r, l: r.loss,
    "mean_abs_error": _mean_abs_error,
    "dLda": lambda r, l: r.dLda[l - 1],
    "delta": lambda r, l: r.delta[l - 1],
    "path": _path,
    "dLdX": lambda r, l: r.dLdX[l - 1],
    "dLdx": lambda r, l: r.dLdX[0][:, 1:],
    "W": lambda r, l: r.params.W[l - 1],
    "b": lambda r, l: r.params.b[l - 1],
    "dW": lambda r, l: r.dW[l - 1],
    "db": lambda r, l: r.db[l - 1],
    "W_new": lambda r, l: _new(r).W[l - 1],
    "b_new": lambda r, l: _new(r).b[l - 1],
    "step_W": lambda r, l: _difference(r, _new(r).W[l - 1], r.params.W[l - 1]),
    "step_b": lambda r, l: _difference(r, _new(r).b[l - 1], r.params.b[l - 1]),
    "z_after": lambda r, l: _after(r).z[l - 1],
    "a_after": lambda r, l: _after(r).a[l],
    "loss_after": lambda r, l: float(_after(r).loss),
}


def batch_shapes(lengths: Sequence[int], per_sample: bool, sample: int | None, m: int) -> list[tuple[int, ...]]:
    """Return the shapes in which a figure of this size may be printed, the documented one first.

    A batch of one sample may be printed with or without its own axis, a single number as one string.
    """
    rest = tuple(lengths)
    single = not per_sample or sample is not None or m == 1
    shapes = [rest] if single else [(m, *rest)]
    if per_sample and sample is None and m == 1:
        shapes.append((1, *rest))
    if single and rest and set(rest) == {1}:
        shapes.append(())
    return shapes
