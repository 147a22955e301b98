"""Networks whose figures are explained in tests, and what is named as the cause of one."""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise

from model.diagnosis.case import Case
from model.diagnosis.diagnose import Diagnosis
from model.examples import open_problem
from model.notation.profile import notation_of
from model.problem import Problem, frozen
from model.record import Record
from model.run import Run
from model.stages import Ref


def network(layers: tuple[int, ...], seed: int, **settings: object) -> Problem:
    """A network of random weights with two decimals, and of one sample unless x and y are given."""
    r = random.Random(seed)

    def numbers(*shape: int) -> object:
        return [numbers(*shape[1:]) for _ in range(shape[0])] if shape else r.randint(-95, 95) / 100 or 0.5

    base: dict[str, object] = {
        "layers": layers, "activations": ("sigmoid",) * (len(layers) - 1), "loss": "half_squared_error", "learning_rate": 0.3,
        "weights": tuple(frozen(numbers(n, k)) for k, n in pairwise(layers)),
        "biases": tuple(frozen(numbers(n)) for n in layers[1:]),
        "x": frozen(numbers(1, layers[0])), "y": frozen(numbers(1, layers[-1])),
    }  # fmt: skip
    return Problem(**{**base, **settings})  # type: ignore[arg-type]


def batch(seed: int, **settings: object) -> Problem:
    """A network with two classes and a batch of three samples."""
    x = frozen([[0.2, 0.7], [0.9, -0.4], [-0.5, 0.3]])
    return network((2, 3, 2), seed, x=x, y=frozen([[1, 0], [0, 1], [0, 1]]), **settings)


NETWORKS: dict[str, Problem] = {
    "jacob": open_problem("jacob"),
    "dyda": open_problem("dyda-sigmoid"),
    "square": network((3, 3, 3), 5),
    "deep": network((2, 3, 3, 2), 8),
    "batch": batch(11, loss="binary_cross_entropy", batch_reduction="mean"),
    "softmax": network((2, 3, 3), 4, activations=("sigmoid", "softmax"), loss="cross_entropy", y=frozen([[0, 1, 0]])),
}


@cache
def record_of(name: str) -> Record:
    return Run(NETWORKS[name]).record(1)


def case(name: str, ref: Ref, sample: int = 0) -> Case:
    return Case(record_of(name), ref, notation_of(None, NETWORKS[name]), sample)


def kinds(found: Diagnosis) -> list[str]:
    return [cause.told.kind for cause in found.causes]
