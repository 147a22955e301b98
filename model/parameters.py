"""The weights and biases of a network as one flat vector with a matrix view per layer.

A flat vector lets an optimiser touch every parameter in one call; the views are what formulas and tables show. Each layer lies in
the vector as Dyda writes it, with the bias as first column: (n_l, 1 + n_{l-1}), or (n_l, n_{l-1}) in a network without biases. One
matrix product then makes z with its bias, and one makes ∂L/∂W with ∂L/∂b.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.problem import Array


@lru_cache(maxsize=64)
def layer_slices(layers: tuple[int, ...], has_biases: bool) -> tuple[slice, ...]:
    """Return for each weight layer 1..L its slice of the flat vector, weights and biases together."""
    result, start = [], 0
    for n_in, n_out in pairwise(layers):
        end = start + n_out * (n_in + has_biases)
        result.append(slice(start, end))
        start = end
    return tuple(result)


def matrices(theta: NDArray[Any], layers: tuple[int, ...], has_biases: bool) -> tuple[NDArray[Any], ...]:
    """Return per weight layer a view of `theta`: (n_l, 1 + n_{l-1}) with the bias as column 0, or (n_l, n_{l-1}) without biases."""
    slices = layer_slices(layers, has_biases)
    return tuple(theta[s].reshape(n_out, n_in + has_biases) for s, (n_in, n_out) in zip(slices, pairwise(layers), strict=True))


def views(theta: NDArray[Any], layers: tuple[int, ...], has_biases: bool) -> tuple[tuple[NDArray[Any], ...], tuple[NDArray[Any], ...]]:
    """Return (W, b): per weight layer a view (n_l, n_{l-1}) and a view (n_l,) of `theta`; `b` is empty without biases."""
    parts = matrices(theta, layers, has_biases)
    if not has_biases:
        return parts, ()
    return tuple(part[:, 1:] for part in parts), tuple(part[:, 0] for part in parts)


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """A read-only set of parameters.

    theta: (P,), layer by layer, row by row, each row's bias before its weights. W: per layer (n_l, n_{l-1}), views of theta.
    b: per layer (n_l,), views of theta; empty if the network has no biases.
    """

    layers: tuple[int, ...]
    has_biases: bool
    theta: Array
    W: tuple[Array, ...] = field(init=False, repr=False)
    b: tuple[Array, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.theta.flags.writeable = False
        W, b = views(self.theta, self.layers, self.has_biases)
        object.__setattr__(self, "W", W)
        object.__setattr__(self, "b", b)


def parameters(layers: tuple[int, ...], W: tuple[Array, ...], b: tuple[Array, ...] | None) -> Parameters:
    """Join weight matrices and bias vectors into one flat, read-only set of parameters."""
    theta = np.empty(layer_slices(layers, b is not None)[-1].stop)
    W_views, b_views = views(theta, layers, b is not None)
    for l, matrix in enumerate(W):
        W_views[l][...] = matrix
        if b is not None:
            b_views[l][...] = b[l]
    return Parameters(layers, b is not None, theta)
