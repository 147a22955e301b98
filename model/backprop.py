"""The only mathematics: forward pass, loss, backward pass and update, into the buffers of a `Workspace`.

Stepping, training, `verify` and export all call these functions; a `Record` is a frozen copy of the buffers. Each formula stands
here once, as a list of operations bound to the buffers (`_…_operations`), which a workspace makes once and runs at every update.

In the formulas X is a layer's input by columns with its leading 1, W̄ the weights with the bias as column 0 (Dyda's W), E = ∂L/∂X and
D = ∂L/∂z; in a network without biases the 1 and the bias column are absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from model.activations import ACTIVATIONS
from model.losses import FUSED_DELTAS, fused_delta, gradient, per_output, softmax_delta
from model.optimizers import OPTIMIZERS
from model.rounding import rounded
from model.workspace import Operation, Part, Values, Workspace

# Below _SMALL a sum is looked at; it is a trace of its terms up to _TRACE times the sum of their sizes, four units in the last place.
_SMALL, _TRACE = 1e-12, 4.5e-16


def forward(ws: Workspace) -> None:
    """z_l = a_{l-1} W_lᵀ + b_l and a_l = φ_l(z_l), l = 1..L (Dyda "Forward pass"; Biswas 5.2; Jacob "Forward pass"; Θ section 1)."""
    ws.run("forward", _forward_operations)


def _forward_operations(ws: Workspace) -> Iterator[Operation]:
    """Z = W̄ X, A = φ(Z)."""
    for l, name in enumerate(ws.problem.activations):
        activation = ACTIVATIONS[name]
        yield partial(ws.buffers.matrices[l].dot, ws.X[l], ws.Z[l])
        if activation.kinked and ws.problem.rounding is None:
            yield partial(_settle, ws.Z[l], ws.buffers.matrices[l], ws.X[l], np.zeros(ws.Z[l].shape))
        yield from ws.carry(ws.z[l])
        by_column = activation.elementwise  # any layout will do, and contiguous memory is the fastest
        yield partial(activation.value, ws.Z[l], ws.A[l + 1]) if by_column else partial(activation.value, ws.z[l], ws.a[l + 1])
        yield from ws.carry(ws.a[l + 1])


def _settle(Z: Values, matrix: Values, X: Values, size: Values) -> None:
    """Make sums 0 whose terms cancel on paper, as in 0.1 + 0.2 − 0.3: at a kink the sign of the trace left in doubles would decide."""
    np.abs(Z.real, size)
    if np.minimum.reduce(size, axis=None) < _SMALL:
        Z.real[size < _TRACE * np.abs(matrix).dot(np.abs(X))] = 0.0


def evaluate_loss(ws: Workspace) -> None:
    """Loss per output, per sample, and of the batch: sum or mean over samples, plus (λ/2)ΣW²."""
    ws.run("loss", _loss_operations)


def _loss_operations(ws: Workspace) -> Iterator[Operation]:
    p, total = ws.problem, ws.loss_batch
    from_a = p.rounding is not None
    yield from per_output(p.loss, p.activations[-1], ws.z[-1], ws.a[-1], ws.y, ws.loss_output, from_a=from_a)
    yield from ws.carry(ws.loss_output)
    yield partial(ws.loss_output.dot, ws.ones_out, ws.loss_sample)
    yield from ws.carry(ws.loss_sample)
    yield partial(ws.loss_sample.dot, ws.ones_m, total)
    if p.batch_reduction == "mean":
        yield partial(np.divide, total, np.array(float(ws.m)), total)
    if p.l2:
        yield partial(_penalty, ws)
        yield from ws.carry(ws.penalty_batch)
        yield partial(np.add, total, ws.penalty_batch, total)
    yield from ws.carry(total)


def _penalty(ws: Workspace) -> None:
    weights = ws.theta * ws.buffers.decay
    ws.penalty_batch[...] = 0.5 * ws.problem.l2 * weights.dot(weights)


def backward(ws: Workspace, learning_rate: float | None) -> None:
    """All δ and gradients, and the new parameters (if there is a learning rate), from the output layer down.

    With `hidden_delta_uses` = "new" a layer is updated before the δ below it is formed, and that δ uses the new weights.
    """
    if learning_rate is None:
        ws.run("gradients", _gradient_operations)
    else:
        ws.buffers.clock.rate[...] = learning_rate
        ws.run("backward", _backward_operations)
        ws.buffers.clock.t += 1


def update(ws: Workspace, learning_rate: float) -> None:
    """One whole update, its new parameters accepted: `forward`, `evaluate_loss`, `backward`, `accept` without a pause."""
    ws.buffers.clock.rate[...] = learning_rate
    ws.run("update", _update_operations)
    ws.buffers.clock.t += 1


def _update_operations(ws: Workspace) -> Iterator[Operation]:
    yield from _forward_operations(ws)
    yield from _loss_operations(ws)
    yield from _backward_operations(ws)
    yield partial(np.positive, ws.theta_new, ws.theta)  # a copy, at half the overhead of copyto


def _new_first(ws: Workspace) -> bool:
    return ws.problem.hidden_delta_uses == "new" and ws.problem.learning_rate is not None


def _gradient_operations(ws: Workspace) -> Iterator[Operation]:
    for l in range(ws.problem.depth - 1, -1, -1):
        yield from _layer_operations(ws, l)
    for part in ws.buffers.parts:
        yield from _reduction_operations(ws, part)


def _backward_operations(ws: Workspace) -> Iterator[Operation]:
    if _new_first(ws):
        for l in range(ws.problem.depth - 1, -1, -1):
            part = ws.buffers.parts[l]
            yield from _layer_operations(ws, l)
            yield from _reduction_operations(ws, part)
            yield from _new_parameter_operations(ws, part)
    else:
        yield from _gradient_operations(ws)
        yield from _new_parameter_operations(ws, ws.buffers.parts[0])


def _layer_operations(ws: Workspace, l: int) -> Iterator[Operation]:
    """D of weight layer l + 1 from the layer above it, and its gradient before reduction, [Σδ, δᵀ a_prev] = D Xᵀ.

    (Dyda; Biswas 4.3.3; Jacob "Backward pass"; Θ eq. 6; Soletskyi eq. 9.)
    """
    if l == ws.problem.depth - 1:
        yield from _output_delta_operations(ws)
    else:
        yield from _input_error_operations(ws, l + 1)
        yield from _slope_operations(ws, l)
        yield partial(np.multiply, ws.E[l + 1][1:], ws.dadz[l].T, ws.D[l])
        yield from ws.carry(ws.delta[l])
    if ws.problem.rounding is not None and ws.m > 1:
        yield partial(_sum_of_rounded, ws, l)
    else:
        yield partial(ws.D[l].dot, ws.X[l].T, ws.buffers.gradients[l])


def _sum_of_rounded(ws: Workspace, l: int) -> None:
    """Write each sample's own gradient down, rounded, and add up what is written."""
    total = ws.buffers.gradients[l]
    total[...] = 0.0
    for delta, inputs in zip(ws.D[l].T, ws.X[l].T, strict=True):
        total += rounded(np.outer(delta, inputs), ws.problem.rounding)


def _slope_operations(ws: Workspace, l: int) -> Iterator[Operation]:
    """φ′(z) of weight layer l + 1; for softmax the diagonal of its Jacobian."""
    yield partial(ACTIVATIONS[ws.problem.activations[l]].slope, ws.Z[l], ws.A[l + 1], ws.dadz[l].T)
    yield from ws.carry(ws.dadz[l])


def _input_error_operations(ws: Workspace, l: int) -> Iterator[Operation]:
    """E = W̄ᵀ D of weight layer l + 1; its row 0, Σ_j b_j δ_j, belongs to the constant input 1 and is dropped (Dyda)."""
    matrices = ws.buffers.new_matrices if _new_first(ws) else ws.buffers.matrices
    yield partial(matrices[l].T.dot, ws.D[l], ws.E[l] if ws.b else ws.E[l][1:])
    yield from ws.carry(ws.dLdX[l])


def _output_delta_operations(ws: Workspace) -> Iterator[Operation]:
    """δ = ∂L/∂z of the output layer (Dyda eq. 0.1 and remark 5; Biswas 4.3.1; Θ before eq. 6), in one formula where there is one."""
    p, name = ws.problem, ws.problem.activations[-1]
    fused = fused_delta(name, p.loss, from_a=p.rounding is not None)
    if fused is not None:
        yield partial(fused, ws.z[-1], ws.a[-1], ws.y, ws.delta[-1])
    else:
        yield from _output_factor_operations(ws)
        if ACTIVATIONS[name].elementwise:
            yield partial(np.multiply, ws.dLda[-1], ws.dadz[-1], ws.delta[-1])
        else:
            yield partial(softmax_delta, ws.a[-1], ws.dLda[-1], ws.delta[-1], None if p.rounding is None else ws.dadz[-1])
    yield from ws.carry(ws.delta[-1])


def _output_factor_operations(ws: Workspace) -> Iterator[Operation]:
    """∂L/∂a and φ′(z) of the output layer."""
    p = ws.problem
    from_a = p.rounding is not None
    yield from gradient(p.loss, p.activations[-1], ws.z[-1], ws.a[-1], ws.y, ws.dLda[-1], from_a=from_a)
    yield from ws.carry(ws.dLda[-1])
    yield from _slope_operations(ws, p.depth - 1)


def _reduction_operations(ws: Workspace, part: Part) -> Iterator[Operation]:
    """Reduce over samples, add λW (biases are not penalised), and give a layer's shared bias the sum of its units' gradients."""
    p, grad = ws.problem, part.grad
    if p.batch_reduction == "mean":
        yield partial(np.divide, grad, np.array(float(ws.m)), grad)
    if p.l2:
        yield partial(np.multiply, part.theta, part.decay * p.l2, part.work)
        yield partial(np.add, grad, part.work, grad)
    if p.bias_sharing == "per_layer" and ws.db:
        for l in part.layers:
            yield partial(_share, ws.db[l])
    yield from ws.carry(grad)


def _share(db: Values) -> None:
    """Give all units the sum of their gradients; 0 where they cancel on paper, as all δ of softmax do."""
    total = db.sum()
    db[...] = 0.0 if abs(total) < _TRACE * np.abs(db).sum() else total


def _new_parameter_operations(ws: Workspace, part: Part) -> Iterator[Operation]:
    """New parameters and optimiser state of `part`; frozen biases keep their values and have no state."""
    o, now = ws.problem.optimizer, ws.buffers.clock
    yield partial(OPTIMIZERS[o.name], o, now, part.theta, part.grad, part.slots, part.theta_new, part.work)
    yield from ws.carry(part.theta_new)
    if not ws.problem.train_biases and ws.b:
        yield partial(np.copyto, part.theta_new, part.theta, where=part.decay == 0)
        for slot in part.slots:
            yield partial(np.multiply, slot, part.decay, slot)


def complete(ws: Workspace) -> None:
    """The quantities of a record that no update needs.

    ∂L/∂x of the inputs, with the first coordinate of ∂L/∂X; and, where δ of the output has a formula of its own, its two factors.
    """
    ws.run("complete", _complete_operations)


def _complete_operations(ws: Workspace) -> Iterator[Operation]:
    if (ws.problem.activations[-1], ws.problem.loss) in FUSED_DELTAS:
        yield from _output_factor_operations(ws)
    yield from _input_error_operations(ws, 0)
    if ws.b and ws.problem.rounding is None:
        matrices = ws.buffers.new_matrices if _new_first(ws) else ws.buffers.matrices
        for E, matrix, D in zip(ws.E, matrices, ws.D, strict=True):
            yield partial(_settle_first, E[0], matrix[:, 0], D)


def _settle_first(first: Values, biases: Values, D: Values) -> None:
    """Make the first coordinate of ∂L/∂X, Σ_j b_j δ_j, 0 where its terms cancel on paper, as with equal biases below softmax."""
    first[np.abs(first) < _TRACE * np.abs(biases).dot(np.abs(D))] = 0.0
