"""From the JSON value of a `deltastep-problem/1` file to a `Problem`: every key, its type, shape, range and default."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Literal, cast

import numpy as np

import resources
from model.losses import refusal
from model.problem import ACTIVATION_NAMES, INIT_SCHEMES, LOSS_NAMES, OPTIMIZER_NAMES, Array, Init, Optimizer, Problem, Rounding
from model.problem_checks import LARGEST_SEED, JsonObject, Refused, array, check_keys, choice, flag, listed, number, shown, text, whole
from model.problem_expected import expected_figures

FORMAT = "deltastep-problem/1"
NOTATIONS = ("dyda", "biswas", "jacob", "theta", "soletskyi")
MOST_LAYERS = 1_000
MOST_UNITS = 1_000_000
MOST_PARAMETERS = 10_000_000
MOST_STEPS = 10_000_000
MOST_DECIMALS = 15

REQUIRED = ("format", "layers", "activations", "loss")
OPTIONAL = (
    "title", "source", "notes", "weights", "biases", "init", "x", "y", "dataset", "batch_size", "shuffle_seed", "batch_reduction",
    "l2", "learning_rate", "optimizer", "train_biases", "bias_sharing", "hidden_delta_uses", "rounding", "steps", "notation",
    "expected",
)  # fmt: skip

# Constants that belong to each update rule, with the smallest and the largest value PyTorch allows; `nesterov` is true or false.
OPTIMIZER_KEYS: dict[str, dict[str, tuple[float, float]]] = {
    "sgd": {},
    "sgd_momentum": {"momentum": (0.0, np.inf)},
    "rmsprop": {"alpha": (0.0, 1.0), "epsilon": (0.0, np.inf)},
    "adam": {"beta1": (0.0, _BELOW_1 := float(np.nextafter(1.0, 0.0))), "beta2": (0.0, _BELOW_1), "epsilon": (0.0, np.inf),
             "weight_decay": (0.0, np.inf)},
    "adamw": {"beta1": (0.0, _BELOW_1), "beta2": (0.0, _BELOW_1), "epsilon": (0.0, np.inf), "weight_decay": (0.0, np.inf)},
}  # fmt: skip
ADAMW_WEIGHT_DECAY = 0.01


def problem_from(tree: object) -> Problem:
    """Return the experiment that a parsed file describes. Raises Refused with position, what is wrong, what is allowed."""
    root = check_keys(tree, "", (), (*REQUIRED, *OPTIONAL))
    choice(root.get("format", FORMAT), "format", (FORMAT,))
    check_keys(root, "", REQUIRED, OPTIONAL)
    layers = _layers(root["layers"])
    activations = _activations(root["activations"], len(layers) - 1)
    loss = choice(root["loss"], "loss", LOSS_NAMES)
    reason = refusal(loss, activations[-1], layers[-1])
    if reason is not None:
        raise Refused("loss", reason)
    weights, biases, init, has_biases = _network(root, layers)
    x, y, dataset = _data(root, layers, loss)
    problem = Problem(
        layers=layers, activations=activations, loss=loss, weights=weights, biases=biases, init=init, has_biases=has_biases,
        x=x, y=y, dataset=dataset, **_settings(root, None if x is None else len(x)),
    )  # fmt: skip
    _check_sharing(problem)
    if "expected" not in root:
        return problem
    return _with_expected(problem, root["expected"])


def _with_expected(problem: Problem, value: object) -> Problem:
    from dataclasses import replace

    return replace(problem, expected=expected_figures(value, problem))


def _settings(root: JsonObject, m: int | None) -> dict[str, object]:
    """Return the keys that stand on their own, checked, with their defaults left to `Problem`."""
    words = ("old", "new")
    readers = {
        "title": text,
        "source": text,
        "notes": text,
        "batch_size": partial(_or_null, partial(whole, low=1, high=m or LARGEST_SEED)),
        "shuffle_seed": partial(_or_null, _seed),
        "batch_reduction": partial(choice, names=("sum", "mean")),
        "l2": partial(number, low=0.0),
        "learning_rate": partial(_or_null, partial(number, low=0.0)),
        "optimizer": _optimizer,
        "train_biases": flag,
        "bias_sharing": partial(choice, names=("per_unit", "per_layer")),
        "hidden_delta_uses": partial(choice, names=words),
        "rounding": partial(_or_null, _rounding),
        "steps": partial(whole, low=1, high=MOST_STEPS),
        "notation": partial(choice, names=notation_names()),
    }
    return {key: read(root[key], key) for key, read in readers.items() if key in root}


def notation_names() -> list[str]:
    """Return the names of the notation profiles that come with the program."""
    found = sorted(path.stem for path in resources.path("notations").glob("*.json"))
    return found or list(NOTATIONS)
