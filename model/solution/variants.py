"""Exercises of the same kind with other numbers: the structure of an experiment with weights, inputs and targets drawn by a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from model.problem import Array, Init, Problem, frozen
from model.run import Run

ATTEMPTS = 200
MOST = 200
_STEP = 0.05  # weights are multiples of it


def variants(problem: Problem, count: int, seed: int) -> list[Problem]:
    """Return `count` different experiments, of which number i depends on (problem, seed, i) only.

    All numbers have at most two decimals, and no layer is dead: something of the error reaches every layer. Raises ValueError for
    a count that is not allowed.
    """
    if not 1 <= count <= MOST:
        raise ValueError(f"{count:,} variants are not possible; allowed: 1 to {MOST:,}")
    return [_variant(problem, seed, number) for number in range(1, count + 1)]


def _variant(problem: Problem, seed: int, number: int) -> Problem:
    best = _drawn(problem, np.random.default_rng((seed, number, 0)), number)
    for attempt in range(ATTEMPTS):
        candidate = _drawn(problem, np.random.default_rng((seed, number, attempt)), number)
        if _is_good(candidate):
            return candidate
    return best


def _drawn(problem: Problem, rng: np.random.Generator, number: int) -> Problem:
    weights, biases, init = _parameters(problem, rng)
    x, y = problem.x, problem.y
    if x is not None:
        x = _inputs(x, rng)
        y = None if y is None else _targets(y, rng)
    title = f"{problem.title}, variant {number}" if problem.title else f"Variant {number}"
    return replace(problem, weights=weights, biases=biases, init=init, x=x, y=y, title=title, expected=(), source="", notes="")


def _parameters(problem: Problem, rng: np.random.Generator) -> tuple[tuple[Array, ...] | None, tuple[Array, ...] | None, Init | None]:
    if problem.init is not None:
        return None, problem.biases, Init(problem.init.scheme, int(rng.integers(1, 2**31)))
    assert problem.weights is not None
    weights = tuple(_nice(rng, W.shape, reach=_reach(W)) for W in problem.weights)
    biases = problem.biases
    if biases is not None:
        biases = tuple(_bias(problem, b, rng) for b in biases)
    return weights, biases, None


def _reach(values: Array) -> float:
    """Return how far the new numbers go: as far as the old ones, between 0.5 and 2."""
    largest = float(np.abs(values).max()) if values.size else 0.0
    return float(np.clip(largest, 0.5, 2.0))


def _nice(rng: np.random.Generator, shape: Sequence[int], reach: float) -> Array:
    """Return multiples of 0.05 between −reach and reach, none of them 0."""
    steps = max(1, round(reach / _STEP))
    size = rng.integers(1, steps + 1, size=tuple(shape))
    sign = rng.choice((-1.0, 1.0), size=tuple(shape))
    return frozen(np.round(size * sign * _STEP, 2))


def _bias(problem: Problem, b: Array, rng: np.random.Generator) -> Array:
    if problem.bias_sharing == "per_layer":
        return frozen(np.full(len(b), float(_nice(rng, (1,), 0.5)[0])))
    return _nice(rng, b.shape, 0.5)


def _inputs(x: Array, rng: np.random.Generator) -> Array:
    """Return inputs of the same kind: zeros and ones, or one decimal; never a sample of zeros only, and all samples different."""
    binary = bool(np.isin(x, (0.0, 1.0)).all())
    if binary and len(x) > 1:
        return x  # a truth table is the same whatever the weights are
    if binary:
        drawn = rng.integers(0, 2, size=x.shape).astype(np.float64)
        drawn[~drawn.any(axis=1), 0] = 1.0
        return frozen(drawn)
    low = -10 if float(x.min()) < 0 else 1
    tenths = rng.integers(low, 11, size=x.shape)
    return frozen(np.round(np.where(tenths == 0, 5, tenths) / 10, 1))


def _targets(y: Array, rng: np.random.Generator) -> Array:
    """Return targets of the same kind: one 1 among zeros, zeros and ones, or numbers between 0.05 and 0.95 (or −1 and 1)."""
    binary = bool(np.isin(y, (0.0, 1.0)).all())
    if binary and y.shape[1] > 1 and bool((y.sum(axis=1) == 1.0).all()):
        return frozen(np.eye(y.shape[1])[rng.integers(0, y.shape[1], size=len(y))])
    if binary:
        return frozen(rng.permuted(y, axis=0) if len(y) > 1 else rng.integers(0, 2, size=y.shape))
    if float(y.min()) < 0.0 or float(y.max()) > 1.0:
        return frozen(np.round(rng.integers(-10, 11, size=y.shape) / 10, 1))
    return frozen(np.round(rng.integers(1, 20, size=y.shape) * _STEP, 2))


def _is_good(problem: Problem) -> bool:
    """Whether the exercise teaches something: finite, some error in every layer, and no neuron far out where the slope is 0."""
    record = Run(problem).record(1)
    finite = bool(np.isfinite(record.loss)) and all(bool(np.isfinite(dW).all()) for dW in record.dW)
    alive = all(float(np.abs(delta).max()) >= 1e-3 for delta in record.delta)
    return finite and alive and all(float(np.abs(z).max()) <= 6.0 for z in record.z)


__all__ = ["ATTEMPTS", "MOST", "variants"]
