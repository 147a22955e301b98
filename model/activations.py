"""The activation functions φ and their derivatives. Each writes into the array it is given.

Written so that a complex argument gives the analytic continuation near the real axis (the gradient check differentiates with
a complex step), except gelu, whose error function NumPy has for neither kind of number. At the kink z = 0 the slope of relu is 0
and that of leaky_relu is 0.01, as PyTorch has it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]

LEAKY_SLOPE = 0.01
# Constants as arrays: a ufunc takes them in half the time of a Python number.
ZERO, ONE, LEAKY = np.array(0.0), np.array(1.0), np.array(LEAKY_SLOPE)
_erfc = np.frompyfunc(math.erfc, 1, 1)


@dataclass(frozen=True, slots=True)
class Activation:
    """value(z, out): out = φ(z). slope(z, a, out): out = φ′(z), with a = φ(z) at hand. All of shape (m, n).

    For softmax, which acts on the whole row, `slope` gives the diagonal ∂a_i/∂z_i of its Jacobian. kinked: the slope jumps at z = 0.
    """

    value: Callable[[Values, Values], object]
    slope: Callable[[Values, Values, Values], object]
    elementwise: bool = True
    analytic: bool = True
    kinked: bool = False


def _is_complex(z: Values) -> bool:
    return z.dtype.kind == "c"


def _sigmoid(z: Values, out: Values) -> None:
    # exp overflows to infinity for z < -709 and 1/(1+inf) = 0 is then the right answer; callers silence the overflow.
    np.negative(z, out)
    np.exp(out, out)
    np.add(out, ONE, out)
    np.divide(ONE, out, out)


def _sigmoid_slope(z: Values, a: Values, out: Values) -> None:
    np.subtract(ONE, a, out)
    np.multiply(out, a, out)


def _tanh_slope(z: Values, a: Values, out: Values) -> None:
    np.multiply(a, a, out)
    np.subtract(ONE, out, out)


def _relu(z: Values, out: Values) -> None:
    if _is_complex(z):
        out[...] = np.where(z.real > 0, z, 0.0)
    else:
        np.maximum(z, ZERO, out=out)


def _relu_slope(z: Values, a: Values, out: Values) -> None:
    np.greater(z, ZERO, out)


def _leaky_relu(z: Values, out: Values) -> None:
    if _is_complex(z):
        out[...] = np.where(z.real > 0, z, LEAKY_SLOPE * z)
    else:
        np.multiply(z, LEAKY, out)
        np.maximum(z, out, out=out)


def _leaky_relu_slope(z: Values, a: Values, out: Values) -> None:
    np.greater(z, ZERO, out)
    np.maximum(out, LEAKY, out=out)


def _elu(z: Values, out: Values) -> None:
    if _is_complex(z):
        out[...] = np.where(z.real > 0, z, np.expm1(np.where(z.real > 0, 0.0, z)))
    else:
        np.minimum(z, ZERO, out=out)
        np.expm1(out, out)
        np.add(out, np.maximum(z, ZERO), out)  # one of the two terms is 0


def _elu_slope(z: Values, a: Values, out: Values) -> None:
    np.minimum(z, ZERO, out=out)
    np.exp(out, out)


def _normal_cdf(z: Values) -> Values:
    # erfc keeps its digits in the left tail, where 1 + erf would cancel.
    return np.asarray(0.5 * np.asarray(_erfc(z * -math.sqrt(0.5)), dtype=np.float64))


def _gelu(z: Values, out: Values) -> None:
    cdf = _normal_cdf(z)
    np.multiply(z, cdf, out)
    out[cdf == 0.0] = 0.0


def _gelu_slope(z: Values, a: Values, out: Values) -> None:
    density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    out[...] = _normal_cdf(z) + np.where(density == 0.0, 0.0, z * density)


def softplus(z: Values) -> Values:
    """Return ln(1 + e^z) without overflow."""
    if not _is_complex(z):
        return np.asarray(np.logaddexp(ZERO, z))
    positive = z.real > 0
    return np.asarray(np.where(positive, z, 0.0) + np.log1p(np.exp(np.where(positive, -z, z))))


def _softplus(z: Values, out: Values) -> None:
    out[...] = softplus(z)


def _softplus_slope(z: Values, a: Values, out: Values) -> None:
    _sigmoid(z, out)


def _identity(z: Values, out: Values) -> None:
    out[...] = z


def _identity_slope(z: Values, a: Values, out: Values) -> None:
    out[...] = 1.0


def _softmax(z: Values, out: Values) -> None:
    # Subtracting the row's largest z changes nothing on paper and keeps every exponent at or below 0.
    np.subtract(z, z.real.max(axis=1, keepdims=True), out)
    np.exp(out, out)
    np.divide(out, out.sum(axis=1, keepdims=True), out)


ACTIVATIONS: dict[str, Activation] = {
    "sigmoid": Activation(_sigmoid, _sigmoid_slope),
    "tanh": Activation(np.tanh, _tanh_slope),
    "relu": Activation(_relu, _relu_slope, kinked=True),
    "leaky_relu": Activation(_leaky_relu, _leaky_relu_slope, kinked=True),
    "elu": Activation(_elu, _elu_slope),
    "gelu": Activation(_gelu, _gelu_slope, analytic=False),
    "softplus": Activation(_softplus, _softplus_slope),
    "identity": Activation(_identity, _identity_slope),
    "softmax": Activation(_softmax, _sigmoid_slope, elementwise=False),
}


def slope_of(name: str, z: Values, a: Values | None = None) -> Values:
    """Return φ′(z), (m, n), of an activation as a new array; a: what stands in the place of φ(z) where the slope is written with it."""
    activation = ACTIVATIONS[name]
    value, out = np.empty(z.shape), np.empty(z.shape)
    if a is None:
        activation.value(z, value)
    activation.slope(z, value if a is None else a, out)
    return out
