"""The only mathematics: forward pass, loss, backward pass and update, into buffers that are made once.

Stepping, training, `verify` and export all call these functions; a `Record` is a frozen copy of the buffers. Shapes: m samples,
n_l units in layer l; arrays are batch-first. W[l-1]: (n_l, n_{l-1}), so z = a_prev · Wᵀ + b. Indices of the lists below:
`a[0..L]`, everything else `[l-1]` for weight layer l.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.activations import ACTIVATIONS
from model.losses import FUSED_DELTAS, gradient, per_output
from model.optimizers import OPTIMIZERS, OptimizerState
from model.parameters import Parameters, layer_slices, views
from model.problem import Array, Problem
from model.rounding import round_in_place

Values = NDArray[Any]


class Workspace:
    """Buffers for one problem and one number of samples.

    z, dadz, delta: per layer (m, n_l). a: (m, n_l) for l = 0..L. dLda: per layer l = 1..L (m, n_l), ∂L/∂a of one sample.
    dLdX: per weight layer (m, 1 + n_{l-1}), ∂L/∂(input of the layer with its leading 1); dLda of layer l-1 is its view [:, 1:].
    theta, grad, theta_new: flat (P,); W, b, dW, db, W_new, b_new are their views. slots: optimiser state, flat.
    """

    def __init__(self, problem: Problem, m: int, dtype: type = float) -> None:
        self.problem, self.m, layers = problem, m, problem.layers
        self.x: Values = np.empty((m, layers[0]), dtype)
        self.y: Values = np.zeros((m, layers[-1]))
        self.z: list[Values] = [np.empty((m, n), dtype) for n in layers[1:]]
        self.a: list[Values] = [self.x, *(np.empty((m, n), dtype) for n in layers[1:])]
        self.dadz: list[Values] = [np.empty((m, n)) for n in layers[1:]]
        self.delta: list[Values] = [np.empty((m, n)) for n in layers[1:]]
        self.dLdX: list[Values] = [np.zeros((m, 1 + n)) for n in layers[:-1]]
        self.dLda: list[Values] = [*(X[:, 1:] for X in self.dLdX[1:]), np.empty((m, layers[-1]))]
        self.loss_output: Values = np.empty((m, layers[-1]))
        self.loss_sample: Values = np.empty(m)
        self.penalty = self.loss = 0.0
        self.slices = layer_slices(layers, problem.has_biases)
        self.theta: Values = np.empty(self.slices[-1][1].stop, dtype)
        self.grad: Array = np.zeros(len(self.theta))
        self.theta_new: Array = np.empty(len(self.theta))
        self.work: Array = np.empty(len(self.theta))
        self.slots: tuple[Array, ...] = ()
        self.t = 0
        self.W, self.b = views(self.theta, layers, problem.has_biases)
        self.dW, self.db = views(self.grad, layers, problem.has_biases)
        self.W_new, self.b_new = views(self.theta_new, layers, problem.has_biases)

    def load(self, params: Parameters, state: OptimizerState) -> None:
        """Copy parameters and optimiser state into the buffers."""
        self.theta[...] = params.theta
        self.slots = tuple(slot.copy() for slot in state.slots)
        self.t = state.t

    def load_batch(self, x: Array, y: Array) -> None:
        """Copy a batch, x: (m, n_0), y: (m, n_L), into the buffers."""
        self.x[...] = x
        self.y[...] = y

    def accept(self) -> None:
        """Make the new parameters the current ones; the buffers change places, nothing is copied."""
        self.theta, self.theta_new = self.theta_new, self.theta
        self.W, self.W_new = self.W_new, self.W
        self.b, self.b_new = self.b_new, self.b


def _carry(ws: Workspace, values: Values) -> None:
    """Round in place where the experiment carries rounded values."""
    if ws.problem.rounding is not None:
        round_in_place(values, ws.problem.rounding)


def forward(ws: Workspace) -> None:
    """z_l = a_{l-1} W_lᵀ + b_l and a_l = φ_l(z_l), l = 1..L (Dyda "Forward pass"; Biswas 5.2; Jacob "Forward pass"; Θ section 1)."""
    for l, name in enumerate(ws.problem.activations):
        z = ws.z[l]
        np.matmul(ws.a[l], ws.W[l].T, out=z)
        if ws.b:
            z += ws.b[l]
        _carry(ws, z)
        ACTIVATIONS[name].value(z, ws.a[l + 1])
        _carry(ws, ws.a[l + 1])


def evaluate_loss(ws: Workspace) -> None:
    """Loss per output, per sample, and of the batch: sum or mean over samples, plus (λ/2)ΣW²."""
    p = ws.problem
    ws.loss_output = per_output(p.loss, p.activations[-1], ws.z[-1], ws.a[-1], ws.y, from_a=p.rounding is not None)
    _carry(ws, ws.loss_output)
    ws.loss_sample = ws.loss_output.sum(axis=1)
    _carry(ws, ws.loss_sample)
    total = ws.loss_sample.sum()
    if p.batch_reduction == "mean":
        total = total / ws.m
    ws.penalty = 0.5 * p.l2 * sum((W * W).sum() for W in ws.W) if p.l2 else 0.0
    result = np.asarray(total + ws.penalty)
    _carry(ws, result)
    ws.loss = result[()]


def _output_error(ws: Workspace) -> None:
    """∂L/∂a and δ = ∂L/∂z of the output layer, each of one sample (Dyda eq. 0.1 and remark 5; Biswas 4.3.1; Θ before eq. 6)."""
    p, z, a, y = ws.problem, ws.z[-1], ws.a[-1], ws.y
    name = p.activations[-1]
    # 1/(1 + e^z) keeps the digits of 1 − a that are lost once a is close to 1; a person with rounded values has only a.
    one_minus_a = 1.0 / (1.0 + np.exp(z)) if name == "sigmoid" and p.rounding is None else 1.0 - a
    ws.dLda[-1][...] = gradient(p.loss, a, y, one_minus_a)
    _carry(ws, ws.dLda[-1])
    _slopes(ws, len(p.activations) - 1)
    fused = FUSED_DELTAS.get((name, p.loss))
    if fused is not None:
        ws.delta[-1][...] = fused(z, a, y)
    elif ACTIVATIONS[name].elementwise:
        np.multiply(ws.dLda[-1], ws.dadz[-1], out=ws.delta[-1])
    else:  # softmax: δ_i = Σ_k ∂L/∂a_k · a_k(1[i=k] − a_i)
        error = ws.dLda[-1]
        ws.delta[-1][...] = a * (error - (error * a).sum(axis=1, keepdims=True))
    _carry(ws, ws.delta[-1])


def _slopes(ws: Workspace, l: int) -> None:
    ACTIVATIONS[ws.problem.activations[l]].slope(ws.z[l], ws.a[l + 1], ws.dadz[l])
    _carry(ws, ws.dadz[l])


def _parameter_gradients(ws: Workspace, l: int) -> None:
    """∂L/∂W = δᵀ a_prev and ∂L/∂b = Σδ, reduced over samples, with λW (Dyda; Biswas 4.3.3; Θ eq. 6; Soletskyi eq. 9)."""
    p, dW = ws.problem, ws.dW[l]
    np.matmul(ws.delta[l].T, ws.a[l], out=dW)
    if p.batch_reduction == "mean":
        dW /= ws.m
    if p.l2:
        dW += p.l2 * ws.W[l]
    _carry(ws, dW)
    if ws.db:
        db = ws.db[l]
        np.sum(ws.delta[l], axis=0, out=db)
        if p.batch_reduction == "mean":
            db /= ws.m
        if p.bias_sharing == "per_layer":
            db[...] = db.sum()
        _carry(ws, db)


def backward(ws: Workspace, learning_rate: float | None) -> None:
    """All δ and gradients, and the new parameters (if there is a learning rate), from the output layer down.

    With `hidden_delta_uses` = "new" a layer is updated before the δ below it is formed, and that δ uses the new weights.
    """
    _output_error(ws)
    new_first = ws.problem.hidden_delta_uses == "new" and learning_rate is not None
    for l in range(ws.problem.depth - 1, -1, -1):
        _parameter_gradients(ws, l)
        if new_first and learning_rate is not None:
            _update(ws, learning_rate, slice(ws.slices[l][0].start, ws.slices[l][1].stop))
        if l > 0:
            np.matmul(ws.delta[l], ws.W_new[l] if new_first else ws.W[l], out=ws.dLda[l - 1])
            _carry(ws, ws.dLda[l - 1])
            _slopes(ws, l - 1)
            np.multiply(ws.dLda[l - 1], ws.dadz[l - 1], out=ws.delta[l - 1])
            _carry(ws, ws.delta[l - 1])
    if learning_rate is not None and not new_first:
        _update(ws, learning_rate, slice(0, len(ws.theta)))
    ws.t += 1


def _update(ws: Workspace, learning_rate: float, part: slice) -> None:
    """New parameters and optimiser state of `part` of the flat vectors; frozen biases keep their values."""
    optimizer = ws.problem.optimizer
    slots = tuple(slot[part] for slot in ws.slots)
    rule = OPTIMIZERS[optimizer.name]
    rule(optimizer, learning_rate, ws.t + 1, ws.theta[part], ws.grad[part], slots, ws.theta_new[part], ws.work[part])
    _carry(ws, ws.theta_new[part])
    for slot in slots:
        _carry(ws, slot)
    if not ws.problem.train_biases:
        for _, b in ws.slices:
            if part.start <= b.start and b.stop <= part.stop:
                ws.theta_new[b] = ws.theta[b]


def complete_input_errors(ws: Workspace, learning_rate: float | None) -> None:
    """The parts of ∂L/∂X that no update needs: ∂L/∂x of the inputs and the redundant first coordinate Σ_j b_j δ_j (Dyda)."""
    new_first = ws.problem.hidden_delta_uses == "new" and learning_rate is not None
    W, b = (ws.W_new, ws.b_new) if new_first else (ws.W, ws.b)
    ws.dLdX[0][:, 1:] = ws.delta[0] @ W[0]
    _carry(ws, ws.dLdX[0][:, 1:])
    for l in range(ws.problem.depth):
        ws.dLdX[l][:, 0] = ws.delta[l] @ b[l] if b else 0.0
        _carry(ws, ws.dLdX[l][:, 0])
