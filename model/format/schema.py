"""From the JSON value of a `deltastep-problem/1` file to a `Problem`: every key, its type, shape, range and default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from math import inf
from typing import Any, cast

import resources
from model.data.batches import data
from model.data.datasets import check_dataset
from model.format.checks import LARGEST_SEED, JsonObject, RefusedError, array, check_keys, choice, flag, listed, number, shown, text, whole
from model.format.expected import expected_figures
from model.format.profile import profile_from
from model.format.session import Session
from model.format.session_reader import session_from
from model.losses import refusal
from model.problem import ACTIVATION_NAMES, INIT_SCHEMES, LOSS_NAMES, OPTIMIZER_NAMES, Array, Init, Optimizer, Problem, Rounding

FORMAT = "deltastep-problem/1"
NOTATIONS = ("dyda", "biswas", "jacob", "theta", "soletskyi")
MOST_LAYERS = 1_000
MOST_UNITS = 1_000_000
MOST_PARAMETERS = 10_000_000
MOST_BATCH_VALUES = 50_000_000
MOST_STEPS = 10_000_000
MOST_DECIMALS = 15

REQUIRED = ("format", "layers", "activations", "loss")
OPTIONAL = (
    "title", "source", "notes", "weights", "biases", "init", "x", "y", "dataset", "batch_size", "shuffle_seed", "batch_reduction",
    "l2", "learning_rate", "optimizer", "train_biases", "bias_sharing", "hidden_delta_uses", "rounding", "steps", "notation",
    "notation_profile", "expected", "session",
)  # fmt: skip

# The constants that belong to each update rule.
_ADAM_KEYS = ("beta1", "beta2", "epsilon", "weight_decay")
OPTIMIZER_KEYS: dict[str, tuple[str, ...]] = {
    "sgd": (),
    "sgd_momentum": ("momentum", "nesterov"),
    "rmsprop": ("alpha", "epsilon"),
    "adam": _ADAM_KEYS,
    "adamw": _ADAM_KEYS,
}
# The limits of what has a meaning; the smallest value is 0 for all.
_LARGEST, _BELOW = {"alpha": 1.0}, {"beta1": 1.0, "beta2": 1.0}
_DEFAULTS = {"adamw": {"weight_decay": 0.01}}


def document_from(tree: object) -> tuple[Problem, Session | None]:
    """Return the experiment that a parsed file describes, and its session. Raises RefusedError as `problem_from`."""
    problem = problem_from(tree)
    return problem, session_from(tree["session"]) if isinstance(tree, JsonObject) and "session" in tree else None


def problem_from(tree: object) -> Problem:
    """Return the experiment that a parsed file describes. Raises RefusedError with position, what is wrong, what is allowed."""
    root = check_keys(tree, "", (), (*REQUIRED, *OPTIONAL))
    choice(root.get("format", FORMAT), "format", (FORMAT,))
    check_keys(root, "", REQUIRED, OPTIONAL)
    layers = _layers(root["layers"])
    activations = _activations(root["activations"], len(layers) - 1)
    loss = choice(root["loss"], "loss", LOSS_NAMES)
    reason = refusal(loss, activations[-1], layers[-1])
    if reason is not None:
        raise RefusedError("loss", reason)
    weights, biases, init, has_biases = _network(root, layers)
    x, y, dataset = _data(root, layers, loss)
    problem = Problem(
        layers=layers, activations=activations, loss=loss, weights=weights, biases=biases, init=init, has_biases=has_biases,
        x=x, y=y, dataset=dataset, **_settings(root),
    )  # fmt: skip
    _check_sharing(problem)
    _check_notation(problem)
    _check_size(problem)
    if "expected" in root:
        problem = replace(problem, expected=expected_figures(root["expected"], problem))
    return problem


def _settings(root: JsonObject) -> dict[str, Any]:
    """Return the keys that stand on their own, checked, with their defaults left to `Problem`."""
    readers: dict[str, Callable[[object, str], object]] = {
        "title": text,
        "source": text,
        "notes": text,
        "batch_size": partial(_or_null, partial(whole, low=1, high=LARGEST_SEED)),
        "shuffle_seed": partial(_or_null, _seed),
        "batch_reduction": partial(choice, names=("sum", "mean")),
        "l2": partial(number, low=0.0),
        "learning_rate": partial(_or_null, partial(number, low=0.0)),
        "optimizer": _optimizer,
        "train_biases": flag,
        "bias_sharing": partial(choice, names=("per_unit", "per_layer")),
        "hidden_delta_uses": partial(choice, names=("old", "new")),
        "rounding": partial(_or_null, _rounding),
        "steps": partial(whole, low=1, high=MOST_STEPS),
        "notation": partial(choice, names=notation_names()),
        "notation_profile": partial(_or_null, profile_from),
    }
    return {key: read(root[key], key) for key, read in readers.items() if key in root}


def notation_names() -> list[str]:
    """Return the names of the notation profiles that come with the program."""
    found = sorted(path.stem for path in resources.path("notations").glob("*.json"))
    return found or list(NOTATIONS)


def _or_null(read: Callable[[object, str], object], value: object, position: str) -> object:
    return None if value is None else read(value, position)


def _seed(value: object, position: str) -> int:
    return whole(value, position, 0, LARGEST_SEED)


def _optimizer(value: object, position: str) -> Optimizer:
    every_key = dict.fromkeys(key for keys in OPTIMIZER_KEYS.values() for key in keys)  # in one order, so that a refusal has one text
    name = choice(check_keys(value, position, ("name",), every_key)["name"], f"{position}.name", OPTIMIZER_NAMES)
    constants: dict[str, Any] = dict(_DEFAULTS.get(name, {}))
    for key, constant in check_keys(value, position, ("name",), OPTIMIZER_KEYS[name]).items():
        if key == "nesterov":
            constants[key] = flag(constant, f"{position}.{key}")
        elif key != "name":
            constants[key] = number(constant, f"{position}.{key}", 0.0, _LARGEST.get(key, inf), _BELOW.get(key, inf))
    return Optimizer(name=name, **constants)


def _rounding(value: object, position: str) -> Rounding:
    given = check_keys(value, position, ("decimals", "mode"), ())
    mode = choice(given["mode"], f"{position}.mode", ("half_even", "half_up", "truncate"))
    return Rounding(whole(given["decimals"], f"{position}.decimals", 0, MOST_DECIMALS), cast(Any, mode))


def _check_notation(problem: Problem) -> None:
    own = problem.notation_profile
    if own is not None and own.based_on != problem.notation:
        allowed = f'"{own.based_on}", which "notation_profile" was made from'
        raise RefusedError("notation", f'"{problem.notation}" is another notation than that of the profile; allowed: {allowed}')


def _layers(value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or not 2 <= len(value) <= MOST_LAYERS + 1:
        found = f"a list of {len(value):,}" if isinstance(value, list) else shown(value)
        raise RefusedError("layers", f"a list of 2 to {MOST_LAYERS + 1:,} layer sizes n_0 … n_L is needed, found {found}")
    layers = tuple(whole(n, f"layers[{l}]", 1, MOST_UNITS) for l, n in enumerate(value))
    parameters = sum((n_in + 1) * n_out for n_in, n_out in pairwise(layers))
    if parameters > MOST_PARAMETERS:
        raise RefusedError("layers", f"these layers have {parameters:,} weights and biases; allowed: at most {MOST_PARAMETERS:,}")
    return layers


def _activations(value: object, depth: int) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) != depth:
        found = f"a list of {len(value):,}" if isinstance(value, list) else shown(value)
        raise RefusedError("activations", f"a list of {depth} names is needed, one for each layer 1 … L, found {found}")
    names = tuple(choice(name, f"activations[{l}]", ACTIVATION_NAMES) for l, name in enumerate(value))
    for l, name in enumerate(names[:-1]):
        if name == "softmax":
            others = listed([other for other in ACTIVATION_NAMES if other != "softmax"])
            raise RefusedError(f"activations[{l}]", f'"softmax" is for the output layer only; allowed in a hidden layer: {others}')
    return names


def _exactly_one(root: JsonObject, first: str, second: str) -> str:
    """Return which of two keys is given; null counts as not given."""
    given = [key for key in (first, second) if root.get(key) is not None]
    if len(given) == 2:
        raise RefusedError(second, f'"{first}" and "{second}" are both given; allowed: one of them')
    if not given:
        raise RefusedError(first, f'"{first}" is missing and there is no "{second}" either; allowed: one of them')
    return given[0]


def _network(root: JsonObject, layers: tuple[int, ...]) -> tuple[tuple[Array, ...] | None, tuple[Array, ...] | None, Init | None, bool]:
    """Return weights, biases, init, and whether the network has biases."""
    if _exactly_one(root, "weights", "init") == "init":
        given = check_keys(root["init"], "init", ("scheme", "seed"), ())
        scheme = choice(given["scheme"], "init.scheme", INIT_SCHEMES)
        init = Init(scheme, _seed(given["seed"], "init.seed"))
        return None, None, init, _has_drawn_biases(root, layers)
    weights = _per_layer(root["weights"], "weights", layers)
    biases = None if root.get("biases") is None else _per_layer(root["biases"], "biases", layers)
    return weights, biases, None, biases is not None


def _has_drawn_biases(root: JsonObject, layers: tuple[int, ...]) -> bool:
    """With `init` the biases start at 0, and there are none only where the file says null."""
    if "biases" not in root:
        return True
    if root["biases"] is None:
        return False
    for l, b in enumerate(_per_layer(root["biases"], "biases", layers)):
        if b.any():
            raise RefusedError(
                f"biases[{l}]", 'with "init" the biases start at 0; allowed: zeros, null for a network without biases, or no key'
            )
    return True


def _per_layer(value: object, position: str, layers: tuple[int, ...]) -> tuple[Array, ...]:
    """Return the list of L matrices `weights` or of L vectors `biases`."""
    depth = len(layers) - 1
    kind = "matrix" if position == "weights" else "vector"
    if not isinstance(value, list) or len(value) != depth:
        found = f"a list of {len(value):,}" if isinstance(value, list) else shown(value)
        raise RefusedError(position, f"a list of {depth}, one {kind} for each layer 1 … L, is needed, found {found}")
    result = []
    for l, (n_in, n_out) in enumerate(pairwise(layers)):
        shape, words = (n_out,), f"n_{l + 1} = {n_out:,}"
        if position == "weights":
            shape, words = (n_out, n_in), f"n_{l + 1} × n_{l} = {n_out:,} × {n_in:,}"  # type: ignore[assignment]
        result.append(array(value[l], f"{position}[{l}]", shape, f"{kind} {words}"))
    return tuple(result)


def _data(root: JsonObject, layers: tuple[int, ...], loss: str) -> tuple[Array | None, Array | None, Mapping[str, object] | None]:
    """Return x, y and the name and options of a built-in data set."""
    if _exactly_one(root, "x", "dataset") == "dataset":
        if root.get("y") is not None:
            raise RefusedError("y", '"dataset" brings its own targets; allowed: "dataset" alone, or "x" and "y"')
        return None, None, _dataset(root["dataset"], layers)
    x = array(root["x"], "x", (None, layers[0]), f"m × n_0, with n_0 = {layers[0]:,}")
    if "y" not in root:
        raise RefusedError("y", 'this key is missing; required beside "x" (null with loss "none")')
    if root["y"] is None:
        if loss != "none":
            raise RefusedError("y", f'loss "{loss}" needs targets; null is allowed with loss "none" only')
        return x, None, None
    y = array(root["y"], "y", (None, layers[-1]), f"m × n_L, with n_L = {layers[-1]:,}")
    if len(x) != len(y):
        raise RefusedError("y", f"one row for each of the {len(x):,} rows of x is needed, found {len(y):,}")
    return x, y, None


def _dataset(value: object, layers: tuple[int, ...]) -> Mapping[str, object]:
    if not isinstance(value, JsonObject):
        raise RefusedError("dataset", f'an object with "name" is needed, found {shown(value)}')
    spec = check_keys(value, "dataset", ("name",), tuple(value))
    text(spec["name"], "dataset.name")
    check_dataset(spec, layers)
    return dict(spec)


def _check_size(problem: Problem) -> None:
    """The record of one update has several numbers for each sample of its batch and each unit."""
    m = len(data(problem)[0])
    size = min(problem.batch_size or m, m)
    values = size * sum(problem.layers)
    if values > MOST_BATCH_VALUES:
        what = f"{size:,} samples in a batch for {sum(problem.layers):,} units are {values:,} activations"
        raise RefusedError("batch_size", f"{what}; allowed: at most {MOST_BATCH_VALUES:,}")


def _check_sharing(problem: Problem) -> None:
    """One bias for a whole layer has to start as one value."""
    if problem.bias_sharing == "per_layer" and problem.biases is not None:
        for l, b in enumerate(problem.biases):
            if (b != b[0]).any():
                raise RefusedError(f"biases[{l}]", 'with "bias_sharing": "per_layer" all biases of a layer have to be equal')
