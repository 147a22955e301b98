"""Buffers that are made once and filled by every update, and the small operations that are bound to them.

Storage is by columns, one sample per column (Biswas 5.1, Θ note), so that every product of an update is one matrix product on
contiguous memory; what is public are batch-first views of it. An operation is a call without arguments: binding the arrays once is
what makes an update of a small network cost little more than NumPy's own calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.optimizers import SLOT_NAMES, Clock, OptimizerState
from model.parameters import Parameters, layer_slices, matrices, views
from model.problem import Array, Problem
from model.rounding import round_in_place

Values = NDArray[Any]
Operation = Callable[[], object]


class ParameterBuffers:
    """Everything of an update that does not depend on the batch, flat (P,), with its views; several workspaces may share one.

    theta: parameters before the update. grad: ∂L/∂theta. theta_new: after the update. slots: optimiser state, rows of `vector`.
    vector: (1 + number of slots, P), theta and optimiser state in one piece, as a checkpoint keeps them. clock: learning rate and
    number of updates made.
    parts: the pieces that are updated together, the whole network, or each layer if `hidden_delta_uses` is "new".
    """

    def __init__(self, problem: Problem, dtype: type = float) -> None:
        self.slices = layer_slices(problem.layers, problem.has_biases)
        size = self.slices[-1].stop
        self.vector: Values = np.zeros((self.rows(problem), size), dtype)
        self.theta: Values = self.vector[0]
        self.slots: tuple[Values, ...] = tuple(self.vector[1:])
        self.grad, self.theta_new, self.work = np.zeros(size), np.zeros(size), np.zeros(size)
        self.clock = Clock(None if problem.rounding is None else partial(round_in_place, rounding=problem.rounding))
        layers, has_biases = problem.layers, problem.has_biases
        self.W, self.b = views(self.theta, layers, has_biases)
        self.dW, self.db = views(self.grad, layers, has_biases)
        self.W_new, self.b_new = views(self.theta_new, layers, has_biases)
        self.matrices = matrices(self.theta, layers, has_biases)
        self.gradients = matrices(self.grad, layers, has_biases)
        self.new_matrices = matrices(self.theta_new, layers, has_biases)
        self.decay = decay_mask(problem)
        by_layer = problem.hidden_delta_uses == "new" and problem.learning_rate is not None
        self.parts = tuple(Part(self, s) for s in (self.slices if by_layer else (slice(0, size),)))

    @staticmethod
    def rows(problem: Problem) -> int:
        """Number of rows of `vector`: the parameters, and one for each vector of optimiser state."""
        return 1 + len(SLOT_NAMES[problem.optimizer.name])


class Part:
    """Views of one slice of the flat vectors."""

    def __init__(self, buffers: ParameterBuffers, part: slice) -> None:
        self.theta, self.grad, self.theta_new = buffers.theta[part], buffers.grad[part], buffers.theta_new[part]
        self.slots = tuple(slot[part] for slot in buffers.slots)
        self.work, self.decay = buffers.work[part], buffers.decay[part]
        self.layers = tuple(l for l, s in enumerate(buffers.slices) if part.start <= s.start and s.stop <= part.stop)


def decay_mask(problem: Problem) -> Array:
    """Return (P,): 1 for weights, 0 for biases, which the penalty leaves alone."""
    mask = np.ones(layer_slices(problem.layers, problem.has_biases)[-1].stop)
    for b in views(mask, problem.layers, problem.has_biases)[1]:
        b[...] = 0.0
    return mask


class Workspace:
    """Buffers for one problem and one number of samples.

    z, dadz, delta: per layer (m, n_l). a: (m, n_l) for l = 0..L. dLda: per layer l = 1..L (m, n_l), ∂L/∂a of one sample.
    dLdX: per weight layer (m, 1 + n_{l-1}), ∂L/∂(input of the layer with its leading 1); dLda of layer l-1 is its view [:, 1:].
    loss_output (m, n_L), loss_sample (m,); loss_batch and penalty_batch, without axes, hold `loss` and `penalty`.
    theta, grad, theta_new: flat (P,); W, b, dW, db, W_new, b_new are their views. slots: optimiser state, flat.
    Storage: X[l] (1 + n_l, m) is a_l with its leading 1, without it in a network without biases; Z[l], D[l] (n_l, m) and
    E[l] (1 + n_{l-1}, m) are z, delta and dLdX by columns, Y (n_L, m) is y.
    `dtype` complex carries a forward pass and its loss only.
    """

    def __init__(self, problem: Problem, m: int, dtype: type = float, buffers: ParameterBuffers | None = None) -> None:
        self.problem, self.m, layers = problem, m, problem.layers
        self.buffers = buffers or ParameterBuffers(problem, dtype)
        one = int(problem.has_biases)
        self.X: list[Values] = [np.ones((one + n, m), dtype) for n in layers[:-1]]
        self.Z: list[Values] = [np.zeros((n, m), dtype) for n in layers[1:]]
        self.D: list[Values] = [np.zeros((n, m)) for n in layers[1:]]
        self.E: list[Values] = [np.zeros((1 + n, m)) for n in layers[:-1]]
        self.ones_m: Values = np.ones(m, dtype)
        self.ones_out: Values = np.ones(layers[-1], dtype)
        self._make_views(np.zeros((layers[-1], m), dtype))
        self.loss_output: Values = np.zeros((layers[-1], m), dtype).T
        self.loss_sample: Values = np.zeros(m, dtype)
        self.loss_batch: Values = np.zeros((), dtype)
        self.penalty_batch: Values = np.zeros((), dtype)
        self.plans: dict[str, tuple[Operation, ...]] = {}

    def _make_views(self, top: Values) -> None:
        layers, one = self.problem.layers, int(self.problem.has_biases)
        self.A = [*(X[one:] for X in self.X), top]
        self.a: list[Values] = [A.T for A in self.A]
        self.Y: Values = np.zeros((layers[-1], self.m))
        self.x, self.y = self.a[0], self.Y.T
        self.z: list[Values] = [Z.T for Z in self.Z]
        self.dadz: list[Values] = [np.zeros_like(D).T for D in self.D]
        self.delta: list[Values] = [D.T for D in self.D]
        self.dLdX: list[Values] = [E.T for E in self.E]
        self.dLda: list[Values] = [*(E.T[:, 1:] for E in self.E[1:]), np.zeros_like(self.D[-1]).T]
        b = self.buffers
        self.theta, self.grad, self.theta_new, self.slots = b.theta, b.grad, b.theta_new, b.slots
        self.W, self.b, self.dW, self.db, self.W_new, self.b_new = b.W, b.b, b.dW, b.db, b.W_new, b.b_new

    @property
    def loss(self) -> Any:
        """Loss of the batch with penalty."""
        return self.loss_batch.item()

    @property
    def penalty(self) -> Any:
        """(λ/2)ΣW²."""
        return self.penalty_batch.item()

    @property
    def t(self) -> int:
        """Number of updates made so far."""
        return self.buffers.clock.t

    def load(self, params: Parameters, state: OptimizerState) -> None:
        """Copy parameters and optimiser state into the buffers."""
        self.theta[...] = params.theta
        for slot, values in zip(self.slots, state.slots, strict=True):
            slot[...] = values
        self.buffers.clock.t = state.t

    def load_batch(self, x: Array, y: Array) -> None:
        """Copy a batch, x: (m, n_0), y: (m, n_L), into the buffers."""
        self.x[...] = x
        self.y[...] = y

    def accept(self) -> None:
        """Make the new parameters the current ones."""
        np.copyto(self.theta, self.theta_new)

    def carry(self, values: Values) -> Iterator[Operation]:
        """List the operation that rounds `values` in place, where the experiment carries rounded values."""
        if self.problem.rounding is not None:
            yield partial(round_in_place, values, self.problem.rounding)

    def plan(self, name: str, make: Callable[[Workspace], Iterator[Operation]]) -> tuple[Operation, ...]:
        """Return the operations that `make` lists for this workspace; they are listed and bound on first use."""
        operations = self.plans.get(name)
        if operations is None:
            operations = self.plans[name] = tuple(make(self))
        return operations

    def run(self, name: str, make: Callable[[Workspace], Iterator[Operation]]) -> None:
        """Do the operations that `make` lists for this workspace."""
        for operation in self.plan(name, make):
            operation()
