"""The parameters an experiment starts with: given in the file, or drawn by a named scheme from a seed."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from model.parameters import Parameters, parameters
from model.problem import Array, Problem

# (generator, shape (n_out, n_in)) -> weights
Scheme = Callable[[np.random.Generator, tuple[int, int]], Array]


def _uniform_within(rng: np.random.Generator, shape: tuple[int, int], bound: float) -> Array:
    return rng.uniform(-bound, bound, shape)


def _xavier_uniform(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return _uniform_within(rng, shape, math.sqrt(6.0 / sum(shape)))


def _xavier_normal(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return rng.normal(0.0, math.sqrt(2.0 / sum(shape)), shape)


def _he_uniform(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return _uniform_within(rng, shape, math.sqrt(6.0 / shape[1]))


def _he_normal(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return rng.normal(0.0, math.sqrt(2.0 / shape[1]), shape)


def _uniform(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return _uniform_within(rng, shape, 1.0 / math.sqrt(shape[1]))


def _zeros(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return np.zeros(shape)


# Bounds ±√(6/(n_in+n_out)), ±√(6/n_in), ±1/√n_in (as PyTorch's Linear draws its weights); deviations √(2/(n_in+n_out)), √(2/n_in).
SCHEMES: dict[str, Scheme] = {
    "xavier_uniform": _xavier_uniform,
    "xavier_normal": _xavier_normal,
    "he_uniform": _he_uniform,
    "he_normal": _he_normal,
    "uniform": _uniform,
    "zeros": _zeros,
}


def initial_parameters(problem: Problem) -> Parameters:
    """Return the parameters before the first update. Weights drawn by `init` depend on (seed, layer) only; biases start at 0."""
    if problem.weights is not None:
        return parameters(problem.layers, problem.weights, problem.biases)
    if problem.init is None:
        raise ValueError('the initial weights are missing; required: "weights" or "init"')
    draw, seed = SCHEMES[problem.init.scheme], problem.init.seed
    shapes = [(n_out, n_in) for n_in, n_out in pairwise(problem.layers)]
    W = tuple(draw(np.random.default_rng((seed, l)), shape) for l, shape in enumerate(shapes, start=1))
    b = tuple(np.zeros(n) for n in problem.layers[1:]) if problem.has_biases else None
    return parameters(problem.layers, W, b)
