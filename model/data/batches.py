"""The samples of an experiment, and which of them form the batch of an update."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from model.data.datasets import load_dataset
from model.problem import Array, Problem, frozen


def data(problem: Problem) -> tuple[Array, Array]:
    """Return inputs x: (m, n_0) and targets y: (m, n_L), read-only; zeros where the experiment has no targets (loss `none`)."""
    if problem.dataset is not None:
        x, y = load_dataset(problem.dataset, problem.layers)
        return frozen(x), frozen(y)
    if problem.x is None:
        raise ValueError('the samples are missing; required: "x" or "dataset"')
    return problem.x, frozen(np.zeros((len(problem.x), problem.layers[-1]))) if problem.y is None else problem.y


def batch_rows(problem: Problem, step: int, m: int) -> NDArray[np.intp]:
    """Return the rows, of `m`, that form the batch of update `step` (from 1), as an index array.

    The batches of an epoch go through all rows, in file order or, with a shuffle seed, in an order drawn from (seed, epoch); the
    last batch of an epoch may be smaller. A batch of all rows has them in file order: there is nothing to draw.
    """
    size = min(problem.batch_size or m, m)
    if size == m:
        return _file_order(m)
    epoch, batch = divmod(step - 1, -(-m // size))
    return _order(problem.shuffle_seed, epoch, m)[batch * size : (batch + 1) * size]


@lru_cache(maxsize=8)
def _order(seed: int | None, epoch: int, m: int) -> NDArray[np.intp]:
    if seed is None:
        return _file_order(m)
    order = np.random.default_rng((seed, epoch)).permutation(m)
    order.flags.writeable = False
    return order


@lru_cache(maxsize=8)
def _file_order(m: int) -> NDArray[np.intp]:
    order = np.arange(m)
    order.flags.writeable = False
    return order


def batch_indices(problem: Problem, step: int, m: int) -> tuple[int, ...]:
    """Return the rows of the batch of update `step` (from 1) as whole numbers; see `batch_rows`."""
    return tuple(batch_rows(problem, step, m).tolist())
