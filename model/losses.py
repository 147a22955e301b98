"""The loss functions, their derivatives, and the fused output deltas that stay finite where the two factors do not.

Arrays are batch-first: a, y, and every result (m, n_L), written into `out`; an operation is a call with its arrays bound. "Fused"
means ∂L/∂z computed in one formula instead of ∂L/∂a · φ′(z): for softmax with cross-entropy (Σy)a − y (Dyda, remark 5), for sigmoid
with binary cross-entropy a − y (Θ note, before eq. 6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.activations import ONE, softplus

Values = NDArray[Any]
Operation = Callable[[], object]


def _quotient(numerator: Values, denominator: Values) -> Values:
    """Return numerator / denominator with 0/0 = 0: an output that no target asks for has no say in the loss."""
    return np.where(numerator == 0, 0.0, numerator / np.where(numerator == 0, 1.0, denominator))


def _times(weight: Values, value: Values) -> Values:
    """Return weight · value with 0 · ∞ = 0, as 0 · ln 0 is in an entropy."""
    return np.where(weight == 0, 0.0, weight * np.where(weight == 0, 0.0, value))


def _squared_factor(loss: str, n_outputs: int) -> float:
    """Return c in L = c Σ(a − y)²."""
    return {
        "half_squared_error": 0.5,
        "squared_error": 1.0,
        "mean_squared_error_over_outputs": 1.0 / n_outputs,
        "half_mean_squared_error_over_outputs": 0.5 / n_outputs,
    }[loss]


def _log_sum_exp(z: Values) -> Values:
    top = z.real.max(axis=1, keepdims=True)
    return np.asarray(top + np.log(np.exp(z - top).sum(axis=1, keepdims=True)))


def _log_sum_exp_of_others(z: Values) -> Values:
    """Return for each output the log-sum-exp of all the other outputs; −∞ for a single output. O(n²) per sample."""
    n = z.shape[1]
    if n == 1:
        return np.full_like(z, -np.inf)
    return np.hstack([_log_sum_exp(np.delete(z, k, axis=1)) for k in range(n)])


def per_output(loss: str, activation: str, z: Values, a: Values, y: Values, out: Values, *, from_a: bool) -> Iterator[Operation]:
    """List the operations that write each output's term of each sample's loss, (m, n_L), into `out`.

    `from_a`: use ln a of the given (rounded) a, as a person does; otherwise the entropies use z, which never saturates.
    """
    if loss == "none":
        yield partial(np.positive, a, out)
    elif loss == "cross_entropy":
        yield partial(_cross_entropy, activation, z, a, y, from_a, out)
    elif loss == "binary_cross_entropy":
        yield partial(_binary_cross_entropy, activation, z, a, y, from_a, out)
    else:
        yield partial(np.subtract, a, y, out)
        yield partial(np.multiply, out, out, out)
        yield from _scaled(out, _squared_factor(loss, a.shape[1]))


def _scaled(out: Values, factor: float) -> Iterator[Operation]:
    """List the operation that multiplies `out` by a number, none for 1."""
    if factor != 1.0:
        yield partial(np.multiply, out, np.array(factor), out)


def _cross_entropy(activation: str, z: Values, a: Values, y: Values, from_a: bool, out: Values) -> None:
    if from_a:
        out[...] = _times(y, 0.0 - np.log(a))
    elif activation == "softmax":
        out[...] = _times(y, _log_sum_exp(z) - z)
    else:
        out[...] = _times(y, softplus(-z))


def _binary_cross_entropy(activation: str, z: Values, a: Values, y: Values, from_a: bool, out: Values) -> None:
    if from_a:
        out[...] = _times(y, 0.0 - np.log(a)) + _times(1.0 - y, 0.0 - np.log(1.0 - a))
    elif activation == "softmax":
        total = _log_sum_exp(z)
        out[...] = _times(y, total - z) + _times(1.0 - y, total - _log_sum_exp_of_others(z))
    else:
        out[...] = _times(y, softplus(-z)) + _times(1.0 - y, softplus(z))


def complement(activation: str, z: Values, a: Values) -> Values:
    """Return 1 − a with the digits that the subtraction loses once a is close to 1 (sigmoid and softmax)."""
    if activation == "sigmoid":
        return np.asarray(1.0 / (1.0 + np.exp(z)))
    if activation == "softmax":
        return np.asarray(np.exp(_log_sum_exp_of_others(z) - _log_sum_exp(z)))
    return 1.0 - a


def gradient(loss: str, activation: str, z: Values, a: Values, y: Values, out: Values, *, from_a: bool) -> Iterator[Operation]:
    """List the operations that write ∂L/∂a, (m, n_L), into `out`; infinite where the loss really has an infinite slope.

    `from_a` as in `per_output`.
    """
    if loss == "none":
        yield partial(np.copyto, out, ONE)
    elif loss == "cross_entropy":
        yield partial(_cross_entropy_gradient, a, y, out)
    elif loss == "binary_cross_entropy":
        yield partial(_binary_cross_entropy_gradient, activation, z, a, y, from_a, out)
    else:
        yield partial(np.subtract, a, y, out)
        yield from _scaled(out, 2.0 * _squared_factor(loss, a.shape[1]))


def _cross_entropy_gradient(a: Values, y: Values, out: Values) -> None:
    out[...] = _quotient(-y, a)


def _binary_cross_entropy_gradient(activation: str, z: Values, a: Values, y: Values, from_a: bool, out: Values) -> None:
    out[...] = _quotient(1.0 - y, 1.0 - a if from_a else complement(activation, z, a)) + _quotient(-y, a)


def softmax_delta(a: Values, error: Values, out: Values, slope: Values | None = None) -> None:
    """δ_i = Σ_k ∂L/∂a_k · a_k(1[i=k] − a_i), the full Jacobian of softmax; error = ∂L/∂a, (m, n_L).

    slope: the diagonal a_i(1 − a_i) of the Jacobian, (m, n_L), where it has been rounded before it is used.
    """
    np.multiply(a, error - (error * a).sum(axis=1, keepdims=True), out)
    if slope is not None:
        out += error * (slope - a * (1.0 - a))


def _softmax_binary_delta(z: Values, a: Values, y: Values, out: Values) -> None:
    """∂L/∂z of binary cross-entropy on softmax: −y_j + a_j Σy + (1−y_j)a_j − Σ_{k≠j} (1−y_k) a_j a_k/(1−a_k)."""
    n = z.shape[1]
    if n == 1:
        out[...] = 0.0
        return
    others = _log_sum_exp_of_others(z)
    share = np.exp(z[:, :, None] - others[:, None, :])  # a_j / (1 − a_k), finite because it is a softmax without k
    share[:, np.arange(n), np.arange(n)] = 0.0
    pull = ((1.0 - y) * a)[:, None, :] * share
    out[...] = a * y.sum(axis=1, keepdims=True) - y + (1.0 - y) * a - pull.sum(axis=2)


def _softmax_binary_delta_from_a(z: Values, a: Values, y: Values, out: Values) -> None:
    """The same formula worked out from the given (rounded) a, which need not sum to 1."""
    asked = 1.0 - y
    pull = _quotient(asked[:, None, :] * a[:, :, None] * a[:, None, :], (1.0 - a)[:, None, :])
    diagonal = np.arange(z.shape[1])
    pull[:, diagonal, diagonal] = 0.0
    out[...] = a * y.sum(axis=1, keepdims=True) - y + asked * a - pull.sum(axis=2)


def _softmax_cross_entropy_delta(z: Values, a: Values, y: Values, out: Values) -> None:
    np.multiply(a, y.sum(axis=1, keepdims=True), out)
    np.subtract(out, y, out)


def _sigmoid_binary_delta(z: Values, a: Values, y: Values, out: Values) -> None:
    np.subtract(a, y, out)


def _sigmoid_cross_entropy_delta(z: Values, a: Values, y: Values, out: Values) -> None:
    np.subtract(a, ONE, out)
    np.multiply(out, y, out)


FusedDelta = Callable[[Values, Values, Values, Values], None]
FUSED_DELTAS: dict[tuple[str, str], FusedDelta] = {
    ("softmax", "cross_entropy"): _softmax_cross_entropy_delta,
    ("softmax", "binary_cross_entropy"): _softmax_binary_delta,
    ("sigmoid", "binary_cross_entropy"): _sigmoid_binary_delta,
    ("sigmoid", "cross_entropy"): _sigmoid_cross_entropy_delta,
}


def fused_delta(activation: str, loss: str, *, from_a: bool) -> FusedDelta | None:
    """Return the operation (z, a, y, out) for δ of the output layer in one formula, None if there is none. `from_a` as in `per_output`."""
    if from_a and (activation, loss) == ("softmax", "binary_cross_entropy"):
        return _softmax_binary_delta_from_a
    return FUSED_DELTAS.get((activation, loss))


def refusal(loss: str, activation: str, n_outputs: int) -> str | None:
    """Return why `loss` has no meaning on outputs made by `activation`, or None if it has one."""
    if loss == "none" and n_outputs != 1:
        return f'loss "none" differentiates a single output instead of a loss, but this network has {n_outputs} outputs; allowed: 1 output'
    if loss in ("binary_cross_entropy", "cross_entropy") and activation not in ("sigmoid", "softmax"):
        reason = f'loss "{loss}" takes the logarithm of the outputs, and "{activation}" outputs can leave (0, 1)'
        return reason + '; allowed on the output layer: "sigmoid", "softmax"'
    return None
