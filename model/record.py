"""One update as a frozen record of everything that was computed, and the function that makes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from model.backprop import backward, complete, evaluate_loss, forward
from model.optimizers import OptimizerState
from model.parameters import Parameters
from model.problem import Array, Problem
from model.workspace import Workspace


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Record:
    """Everything one update computes; all arrays read-only, batch-first. L weight layers, m samples, n_l units.

    step: number of the update, from 1. samples: (m,) rows of the data set that form the batch. x: (m, n_0). y: (m, n_L).
    a: l = 0..L at index l. All other tuples hold weight layer l = 1..L at index l-1:
    z (m, n_l) pre-activation; dadz (m, n_l) φ′(z); dLda (m, n_l) ∂L/∂a and delta (m, n_l) ∂L/∂z, both of one sample, not
    divided by m; dLdX (m, 1 + n_{l-1}) ∂L/∂(input of weight layer l with its leading 1); dW (n_l, n_{l-1}) and db (n_l,) after
    reduction and penalty. db is empty without biases. W_delta: the weights that ∂L/∂X was formed with (old or new).
    loss_output (m, n_L), loss_sample (m,), penalty (λ/2)ΣW², loss of the batch with penalty.
    new_params, new_state: None if there is no learning rate.
    """

    problem: Problem
    step: int
    learning_rate: float | None
    params: Parameters
    state: OptimizerState
    samples: tuple[int, ...]
    x: Array
    y: Array
    z: tuple[Array, ...]
    a: tuple[Array, ...]
    dadz: tuple[Array, ...]
    dLda: tuple[Array, ...]
    delta: tuple[Array, ...]
    dLdX: tuple[Array, ...]
    dW: tuple[Array, ...]
    db: tuple[Array, ...]
    loss_output: Array
    loss_sample: Array
    penalty: float
    loss: float
    new_params: Parameters | None
    new_state: OptimizerState | None

    @property
    def m(self) -> int:
        """Number of samples in the batch."""
        return len(self.x)

    @property
    def W_delta(self) -> tuple[Array, ...]:
        """The weights with which ∂L/∂X was formed."""
        new = self.problem.hidden_delta_uses == "new" and self.new_params is not None
        return self.new_params.W if new and self.new_params is not None else self.params.W


def _freeze(arrays: Iterable[Array]) -> tuple[Array, ...]:
    return tuple(_copy(array) for array in arrays)


def _copy(array: Array) -> Array:
    result = np.array(array, order="C")
    result.flags.writeable = False
    return result


def record_update(
    ws: Workspace, params: Parameters, state: OptimizerState, *, step: int, samples: tuple[int, ...], learning_rate: float | None
) -> Record:
    """Compute one update in a workspace that has been loaded with `params`, `state` and the batch, and freeze everything it holds."""
    with np.errstate(all="ignore"):
        forward(ws)
        evaluate_loss(ws)
        backward(ws, learning_rate)
        complete(ws)
    p, updated = ws.problem, learning_rate is not None
    return Record(
        problem=p, step=step, learning_rate=learning_rate, params=params, state=state, samples=samples,
        x=_copy(ws.x), y=_copy(ws.y), z=_freeze(ws.z), a=_freeze(ws.a), dadz=_freeze(ws.dadz), dLda=_freeze(ws.dLda),
        delta=_freeze(ws.delta), dLdX=_freeze(ws.dLdX), dW=_freeze(ws.dW), db=_freeze(ws.db),
        loss_output=_copy(ws.loss_output), loss_sample=_copy(ws.loss_sample), penalty=float(ws.penalty), loss=float(ws.loss),
        new_params=Parameters(p.layers, p.has_biases, _copy(ws.theta_new)) if updated else None,
        new_state=OptimizerState(ws.t, _freeze(ws.slots)) if updated else None,
    )  # fmt: skip
