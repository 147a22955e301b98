"""One update worked out otherwise: with other settings, or with a quantity changed as soon as it is written down.

There is no second mathematics here: a slip is the program's own update, with a hand in it between two of its operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from model.optimizers import SLOT_NAMES, OptimizerState, initial_state
from model.parameters import Parameters
from model.problem import Problem
from model.record import Record, record_update
from model.workspace import Operation, Values, Workspace

Doing = Callable[[Workspace, int], object]


@dataclass(frozen=True, slots=True)
class Change:
    """What is done at a quantity, once it has been computed and before it is used. layer: weight layer from 1, 0 for every layer.

    quantity: a name in `Workspace` ("z", "a", "dadz", "dLda" of the output, "dLdX", "delta", "loss_output"), or "gradient" (of the
    layer's weights and biases, reduced). do: called with the workspace and the layer's index from 0; writes in place.
    """

    quantity: str
    layer: int
    do: Doing


@dataclass(frozen=True, slots=True)
class Way:
    """How an update is worked out otherwise. settings: of the problem. learning_rate, sample (a row of the batch): None leaves them.

    parameters: what is calculated with in the place of the parameters. t: the number of updates that the optimiser believes in.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    learning_rate: float | None = None
    sample: int | None = None
    parameters: Callable[[Parameters], Parameters] | None = None
    t: int | None = None

    def also(self, settings: Mapping[str, Any]) -> Way:
        """Return this way with other settings besides."""
        return replace(self, settings={**self.settings, **settings})


class Altered(Workspace):
    """A workspace in which changes are made where each quantity is written down."""

    def __init__(self, problem: Problem, m: int, changes: tuple[Change, ...]) -> None:
        self._changes = changes
        super().__init__(problem, m)

    def carry(self, values: Values) -> Iterator[Operation]:
        for change in self._changes:
            for l in self._layers(change.quantity, values):
                if change.layer in (0, l + 1):
                    yield partial(change.do, self, l)
        yield from super().carry(values)

    def _layers(self, quantity: str, values: Values) -> tuple[int, ...]:
        """Return the indices of the layers whose quantity `values` holds, none where it is another quantity."""
        depth = self.problem.depth
        if quantity == "gradient":
            return next((part.layers for part in self.buffers.parts if part.grad is values), ())
        if quantity == "loss_output":
            return (depth - 1,) if values is self.loss_output else ()
        if quantity == "dLda":
            return (depth - 1,) if values is self.dLda[-1] else ()
        arrays = self.a[1:] if quantity == "a" else getattr(self, quantity)
        return tuple(l for l, array in enumerate(arrays) if array is values)


def recalculated(record: Record, way: Way) -> Record:
    """Return the update of a record, from the same parameters and samples, worked out in another way."""
    problem = replace(record.problem, **way.settings)
    params = record.params if way.parameters is None else way.parameters(record.params)
    rows = slice(None) if way.sample is None else slice(way.sample, way.sample + 1)
    x, y = record.x[rows], record.y[rows]
    state = _state(record, problem, way)
    rate = record.learning_rate if way.learning_rate is None else way.learning_rate
    ws = Altered(problem, len(x), way.changes)
    ws.load(params, state)
    ws.load_batch(x, y)
    with np.errstate(all="ignore"):
        return record_update(ws, params, state, step=record.step, samples=record.samples[rows], learning_rate=rate)


def _state(record: Record, problem: Problem, way: Way) -> OptimizerState:
    state = record.state
    if len(SLOT_NAMES[problem.optimizer.name]) != len(state.slots):
        state = initial_state(problem.optimizer, len(record.params.theta))
    return state if way.t is None else OptimizerState(way.t, state.slots)
