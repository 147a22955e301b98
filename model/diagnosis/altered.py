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
from model.problem import Array, Problem
from model.record import Record, record_update
from model.workspace import Operation, Values, Workspace

Doing = Callable[[Workspace, int], object]
_KEPT_SIZE = 3000  # weights times samples up to which a workspace is worth keeping


@dataclass(frozen=True, slots=True)
class Change:
    """What is done at a quantity, once it has been computed and before it is used. layer: weight layer from 1, 0 for every layer.

    quantity: a name in `Workspace` ("z", "a", "dadz", "dLda" of the output, "dLdX", "delta", "loss_output"), or "gradient" (of the
    layer's weights and biases, reduced) or "new" (they after the update). do: called with the workspace and the layer's index from
    0; writes in place.
    """

    quantity: str
    layer: int
    do: Doing


@dataclass(frozen=True, slots=True)
class Way:
    """How an update is worked out otherwise. settings: of the problem. learning_rate, sample (a row of the batch): None leaves them.

    parameters: what is calculated with in the place of the parameters; given: in the place of the batch (x, y).
    t: the number of updates that the optimiser believes in.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    learning_rate: float | None = None
    sample: int | None = None
    parameters: Callable[[Parameters], Parameters] | None = None
    given: Callable[[Array, Array], tuple[Array, Array]] | None = None
    t: int | None = None

    def also(self, settings: Mapping[str, Any]) -> Way:
        """Return this way with other settings besides."""
        return replace(self, settings={**self.settings, **settings})


class Altered(Workspace):
    """A workspace in which changes are made where each quantity is written down. changes: they may be others at each update."""

    def __init__(self, problem: Problem, m: int) -> None:
        self.changes: tuple[Change, ...] = ()
        super().__init__(problem, m)

    def carry(self, values: Values) -> Iterator[Operation]:
        for quantity, layers in self._names(values):
            yield partial(self._change, quantity, layers)
        yield from super().carry(values)

    def _change(self, quantity: str, layers: tuple[int, ...]) -> None:
        for change in self.changes:
            if change.quantity == quantity:
                for l in layers:
                    if change.layer in (0, l + 1):
                        change.do(self, l)

    def _names(self, values: Values) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield the quantity that `values` holds, and the indices of its layers."""
        top = self.problem.depth - 1
        for part in self.buffers.parts:
            if part.grad is values:
                yield "gradient", part.layers
            if part.theta_new is values:
                yield "new", part.layers
        if values is self.loss_output:
            yield "loss_output", (top,)
        if values is self.dLda[top]:
            yield "dLda", (top,)
        for quantity, arrays in (("z", self.z), ("a", self.a[1:]), ("dadz", self.dadz), ("dLdX", self.dLdX), ("delta", self.delta)):
            yield from ((quantity, (l,)) for l, array in enumerate(arrays) if array is values)


class Bench:
    """Works updates of one experiment out otherwise. A workspace for each of the settings is made once: one update is far quicker."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Altered] = {}

    def recalculated(self, record: Record, way: Way, params: Parameters | None = None, state: OptimizerState | None = None) -> Record:
        """Return the update of a record, from the same samples, worked out in another way.

        params, state: what it starts from; None takes the record's own.
        """
        rows = slice(None) if way.sample is None else slice(way.sample, way.sample + 1)
        x, y = (record.x[rows], record.y[rows]) if way.given is None else way.given(record.x[rows], record.y[rows])
        params = params or record.params
        if way.parameters is not None:
            params = way.parameters(params)
        ws = self._workspace(record, way, len(x))
        used = _state(state or record.state, len(params.theta), ws.problem, way)
        ws.changes = way.changes
        ws.load(params, used)
        ws.load_batch(x, y)
        rate = record.learning_rate if way.learning_rate is None else way.learning_rate
        with np.errstate(all="ignore"):
            return record_update(ws, params, used, step=record.step, samples=record.samples[rows], learning_rate=rate)

    def _workspace(self, record: Record, way: Way, m: int) -> Altered:
        key = (m, *sorted(way.settings.items()))
        ws = self._made.get(key)
        if ws is None:
            ws = Altered(replace(record.problem, **way.settings), m)
            if len(ws.theta) * m <= _KEPT_SIZE:
                self._made[key] = ws
        return ws


def _state(state: OptimizerState, size: int, problem: Problem, way: Way) -> OptimizerState:
    if len(SLOT_NAMES[problem.optimizer.name]) != len(state.slots):
        state = initial_state(problem.optimizer, size)
    return state if way.t is None else OptimizerState(way.t, state.slots)
