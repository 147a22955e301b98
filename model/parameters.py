"""The weights and biases of a network as one flat vector with a matrix view per layer.

A flat vector lets an optimiser touch every parameter in one call; the views are what formulas and tables show.
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
def layer_slices(layers: tuple[int, ...], has_biases: bool) -> tuple[tuple[slice, slice], ...]:
    """Return for each weight layer 1..L the slices of its weights and of its biases (empty without biases) in the flat vector."""
    result, start = [], 0
    for n_in, n_out in pairwise(layers):
        end_w = start + n_in * n_out
        end_b = end_w + (n_out if has_biases else 0)
        result.append((slice(start, end_w), slice(end_w, end_b)))
        start = end_b
    return tuple(result)


def views(
    theta: NDArray[Any], layers: tuple[int, ...], has_biases: bool
) -> tuple[tuple[NDArray[Any], ...], tuple[NDArray[Any], ...]]:
    """Return (W, b): per weight layer a view (n_l, n_{l-1}) and a view (n_l,) of `theta`; `b` is empty without biases."""
    slices = layer_slices(layers, has_biases)
    W = tuple(theta[w].reshape(n_out, n_in) for (w, _), (n_in, n_out) in zip(slices, pairwise(layers), strict=True))
    b = tuple(theta[s] for _, s in slices) if has_biases else ()
    return W, b


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """A read-only set of parameters.

    theta: (P,), layer by layer the weights (row by row) and then the biases.
    W: per layer (n_l, n_{l-1}), views of theta. b: per layer (n_l,), views of theta; empty if the network has no biases.
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
    parts: list[Array] = []
    for l, matrix in enumerate(W):
        parts.append(np.asarray(matrix, dtype=np.float64).ravel())
        if b is not None:
            parts.append(np.asarray(b[l], dtype=np.float64))
    return Parameters(layers, b is not None, np.concatenate(parts))
