"""How well parameters do on samples: loss, outputs, accuracy, confusion matrix; and which samples are held out of training.

Outputs and loss come from `model.backprop` on a workspace; nothing is computed here but counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.backprop import evaluate_loss, forward
from model.parameters import Parameters
from model.problem import Array, Problem, replace
from model.workspace import Workspace

Labels = NDArray[np.intp]
_LARGEST_SEED = 2**63 - 1
_MOST_LOTS = 10_000_000


@dataclass(frozen=True, slots=True)
class Split:
    """Which samples a run does not train on. share: of all samples, in [0, 1), 0 for none. seed: of the lots that they draw.

    lots: the number of each row's lot, None where that is its own. Rows beyond have the numbers after the largest.
    The lot of a row depends on the seed and on this number alone. So rows that are added or taken away leave nearly all others on the
    side they were on, wherever that is done, and what a run has seen does not come to judge the next one.
    """

    share: float = 0.0
    seed: int = 0
    lots: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.share < 1.0:
            raise ValueError(f"A share of {self.share:g} cannot be held out; allowed: from 0 to less than 1 of the samples.")
        if not 0 <= self.seed <= _LARGEST_SEED:
            raise ValueError(f"The seed of the held-out samples cannot be {self.seed:,}; allowed: a whole number from 0.")
        lots = (0,) if self.lots is None else self.lots
        if not lots or len(set(lots)) < len(lots) or min(lots) < 0 or max(lots) >= _MOST_LOTS:
            raise ValueError(f"These are no numbers of lots; allowed: one or more different whole numbers from 0 to {_MOST_LOTS - 1:,}.")

    def numbers(self, m: int) -> Labels:
        """Return the numbers of the lots of m rows."""
        if self.lots is None:
            return np.arange(m)
        known = np.array(self.lots[:m], dtype=np.intp)
        return np.concatenate([known, max(self.lots) + 1 + np.arange(m - len(known))])

    def with_numbers(self, numbers: Labels) -> Split:
        """Return the split of other rows, or of the same ones in another order. numbers: of their lots, one for each row."""
        own = not self.share or np.array_equal(numbers, np.arange(len(numbers)))
        return replace(self, lots=None if own else tuple(numbers.tolist()))

    def rows(self, m: int) -> tuple[Labels, Labels]:
        """Return the rows of `m` samples to train on and those held out, each in file order; at least one stays for training."""
        if not self.share:
            return np.arange(m), np.arange(0)
        held, numbers = min(m - 1, max(1, round(self.share * m))), self.numbers(m)
        drawn = np.random.default_rng(self.seed).random(int(numbers.max()) + 1)
        order = np.argsort(drawn[numbers], kind="stable")
        return np.sort(order[held:]), np.sort(order[:held])


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What parameters give on samples. outputs: (m, n_L). loss: as the experiment reduces it over the samples, with penalty."""

    outputs: Array
    loss: float


class Evaluator:
    """Evaluates parameters on the same samples again and again. x: (m, n_0), y: (m, n_L)."""

    def __init__(self, problem: Problem, x: Array, y: Array) -> None:
        self._ws = Workspace(replace(problem, learning_rate=None), len(x))
        self._ws.load_batch(x, y)

    def evaluate(self, theta: Array) -> Evaluation:
        """Return outputs and loss with the flat parameters `theta`, (P,), see `Parameters`."""
        loss = self.loss(theta)
        outputs = self._ws.a[-1].copy()
        outputs.flags.writeable = False
        return Evaluation(outputs, loss)

    def loss(self, theta: Array) -> float:
        """Return the loss with the flat parameters `theta`, (P,)."""
        self._ws.theta[...] = theta
        with np.errstate(all="ignore"):
            forward(self._ws)
            evaluate_loss(self._ws)
        return float(self._ws.loss)


def evaluate(problem: Problem, params: Parameters, x: Array, y: Array) -> Evaluation:
    """Return what `params` give on x: (m, n_0), y: (m, n_L)."""
    return Evaluator(problem, x, y).evaluate(params.theta)


def has_classes(y: Array) -> bool:
    """Return whether targets (m, n_L) name classes: 0 or 1 on a single output, or exactly one 1 and otherwise 0 in each row."""
    return bool(np.isin(y, (0.0, 1.0)).all()) and (y.shape[1] == 1 or bool((y.sum(axis=1) == 1.0).all()))


def n_classes(y: Array) -> int:
    """Return the number of classes that targets (m, n_L) can name."""
    return max(2, int(y.shape[1]))


def classes_of(values: Array) -> Labels:
    """Return the class of each row of targets or outputs, (m,): the largest output, the first of equals; from 0.5 on class 1 of one.

    A row with a value that is no number has no class, written −1.
    """
    found = (values[:, 0] >= 0.5).astype(np.intp) if values.shape[1] == 1 else values.argmax(axis=1)
    return np.where(np.isnan(values).any(axis=1), -1, found)


def confusion(y: Array, outputs: Array) -> NDArray[np.intp]:
    """Return how often class i (row) was taken for class j (column), (n, n); rows of outputs that are no numbers count nowhere."""
    n, actual, predicted = n_classes(y), classes_of(y), classes_of(outputs)
    known = predicted >= 0
    return np.bincount(actual[known] * n + predicted[known], minlength=n * n).reshape(n, n)


def accuracy(y: Array, outputs: Array) -> float:
    """Return the share of rows whose class is right, in [0, 1]; NaN without rows."""
    return float((classes_of(y) == classes_of(outputs)).mean()) if len(y) else math.nan
