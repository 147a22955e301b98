"""The loss functions, their derivatives, and the fused output deltas that stay finite where the two factors do not.

Arrays are batch-first: a, y, and every result (m, n_L). "Fused" means ∂L/∂z computed in one formula instead of ∂L/∂a · φ′(z):
for softmax with cross-entropy (Σy)a − y (Dyda, remark 5), for sigmoid with binary cross-entropy a − y (Θ note, before eq. 6).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.activations import softplus

Values = NDArray[Any]


def _quotient(numerator: Values, denominator: Values) -> Values:
    """Return numerator / denominator with 0/0 = 0: an output that no target asks for has no say in the loss."""
    return np.where(numerator == 0, 0.0, numerator / np.where(numerator == 0, 1.0, denominator))


def _times_log(weight: Values, a: Values) -> Values:
    """Return weight · ln a with 0 · ln 0 = 0."""
    return np.where(weight == 0, 0.0, weight * np.log(np.where(weight == 0, 1.0, a)))


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


def per_output(loss: str, activation: str, z: Values, a: Values, y: Values, *, from_a: bool) -> Values:
    """Return each output's term of each sample's loss, (m, n_L).

    `from_a`: use ln a of the given (rounded) a, as a person does; otherwise the entropies use z, which never saturates.
    """
    if loss == "none":
        return np.array(a)
    if loss == "cross_entropy":
        return _cross_entropy(activation, z, a, y, from_a)
    if loss == "binary_cross_entropy":
        return _binary_cross_entropy(activation, z, a, y, from_a)
    error = a - y
    return np.asarray(_squared_factor(loss, a.shape[1]) * error * error)


def _cross_entropy(activation: str, z: Values, a: Values, y: Values, from_a: bool) -> Values:
    if from_a:
        return -_times_log(y, a)
    if activation == "softmax":
        return np.asarray(y * (_log_sum_exp(z) - z))
    return np.asarray(y * softplus(-z))


def _binary_cross_entropy(activation: str, z: Values, a: Values, y: Values, from_a: bool) -> Values:
    if from_a:
        return -(_times_log(y, a) + _times_log(1.0 - y, 1.0 - a))
    if activation == "softmax":
        total = _log_sum_exp(z)
        missing = np.where(y == 1, 0.0, total - _log_sum_exp_of_others(z))
        return np.asarray(y * (total - z) + np.where(y == 1, 0.0, (1.0 - y) * missing))
    return np.asarray(y * softplus(-z) + (1.0 - y) * softplus(z))


def gradient(loss: str, a: Values, y: Values, one_minus_a: Values) -> Values:
    """Return ∂L/∂a, (m, n_L); infinite where the loss really has an infinite slope."""
    if loss == "none":
        return np.ones_like(a)
    if loss == "cross_entropy":
        return -_quotient(y, a)
    if loss == "binary_cross_entropy":
        return _quotient(1.0 - y, one_minus_a) - _quotient(y, a)
    return np.asarray((2.0 * _squared_factor(loss, a.shape[1])) * (a - y))


def _softmax_binary_delta(z: Values, a: Values, y: Values) -> Values:
    """∂L/∂z of binary cross-entropy on softmax: −y_j + a_j Σy + (1−y_j)a_j − Σ_{k≠j} (1−y_k) a_j a_k/(1−a_k)."""
    n = z.shape[1]
    if n == 1:
        return np.zeros_like(z)
    others = _log_sum_exp_of_others(z)
    share = np.exp(z[:, :, None] - others[:, None, :])  # a_j / (1 − a_k), finite because it is a softmax without k
    share[:, np.arange(n), np.arange(n)] = 0.0
    pull = ((1.0 - y) * a)[:, None, :] * share
    return np.asarray(a * y.sum(axis=1, keepdims=True) - y + (1.0 - y) * a - pull.sum(axis=2))


def _softmax_cross_entropy_delta(z: Values, a: Values, y: Values) -> Values:
    return np.asarray(y.sum(axis=1, keepdims=True) * a - y)


def _sigmoid_binary_delta(z: Values, a: Values, y: Values) -> Values:
    return np.asarray(a - y)


def _sigmoid_cross_entropy_delta(z: Values, a: Values, y: Values) -> Values:
    return np.asarray(y * (a - 1.0))


FUSED_DELTAS: dict[tuple[str, str], Callable[[Values, Values, Values], Values]] = {
    ("softmax", "cross_entropy"): _softmax_cross_entropy_delta,
    ("softmax", "binary_cross_entropy"): _softmax_binary_delta,
    ("sigmoid", "binary_cross_entropy"): _sigmoid_binary_delta,
    ("sigmoid", "cross_entropy"): _sigmoid_cross_entropy_delta,
}


def refusal(loss: str, activation: str, n_outputs: int) -> str | None:
    """Return why `loss` has no meaning on outputs made by `activation`, or None if it has one."""
    if loss == "none" and n_outputs != 1:
        return f'loss "none" is the gradient of the single output itself, but this network has {n_outputs} outputs; allowed: 1 output'
    if loss in ("binary_cross_entropy", "cross_entropy") and activation not in ("sigmoid", "softmax"):
        reason = f'loss "{loss}" takes the logarithm of the outputs, and "{activation}" outputs can leave (0, 1)'
        return reason + '; allowed on the output layer: "sigmoid", "softmax"'
    return None
