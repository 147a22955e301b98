"""From a `Problem` to the text of a `deltastep-problem/1` file, laid out for reading: small matrices on one line each."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from model.format.schema import FORMAT, OPTIMIZER_KEYS
from model.format.session import Session, session_tree
from model.notation.own import profile_data
from model.problem import Expected, Optimizer, Printed, Problem

LINE = 120
_END = "\n}\n"
_INTEGRAL = 2.0**53
_PLAIN = (
    "batch_size", "shuffle_seed", "batch_reduction", "l2", "learning_rate", "train_biases", "bias_sharing", "hidden_delta_uses",
    "steps",
)  # fmt: skip


def dumps(problem: Problem, session: Session | None = None) -> str:
    """Return the file's text. Keys that have their default value are left out, except those that say what the network is."""
    return with_session(_laid_out(tree_of(problem)), session)


def with_session(text: str, session: Session | None) -> str:
    """Return the text of a file that has no session, with one."""
    if session is None:
        return text
    parts = ",\n".join(f"    {json.dumps(key)}: {_value(value, 4)}" for key, value in session_tree(session).items())
    return f'{text.removesuffix(_END)},\n  "session": {{\n{parts}\n  }}{_END}'


def tree_of(problem: Problem, without: Collection[str] = ()) -> dict[str, object]:
    """Return the file's JSON value; the large keys named in `without` are left out."""
    tree: dict[str, object] = {"format": FORMAT}
    for key in ("title", "source", "notes"):
        if getattr(problem, key):
            tree[key] = getattr(problem, key)
    tree |= {"notation": problem.notation, "layers": list(problem.layers), "activations": list(problem.activations)}
    if problem.notation_profile is not None:
        tree["notation_profile"] = profile_data(problem.notation_profile)
    tree |= {} if "weights" in without else _network(problem)
    tree |= {} if "x" in without else _data(problem)
    tree["loss"] = problem.loss
    tree |= _settings(problem)
    if problem.expected:
        tree["expected"] = [_expected(entry) for entry in problem.expected]
    return tree


def _network(problem: Problem) -> dict[str, object]:
    if problem.weights is None:
        assert problem.init is not None
        init: dict[str, object] = {"scheme": problem.init.scheme, "seed": problem.init.seed}
        return {"init": init} if problem.has_biases else {"init": init, "biases": None}
    biases = None if problem.biases is None else [plain_numbers(b) for b in problem.biases]
    return {"weights": [plain_numbers(W) for W in problem.weights], "biases": biases}


def _data(problem: Problem) -> dict[str, object]:
    if problem.x is None:
        return {"dataset": dict(problem.dataset or {})}
    return {"x": plain_numbers(problem.x), "y": None if problem.y is None else plain_numbers(problem.y)}


def _settings(problem: Problem) -> dict[str, object]:
    """Return the settings that differ from their default."""
    defaults = {field.name: field.default for field in fields(Problem)}
    result: dict[str, object] = {}
    for key in _PLAIN:
        value = getattr(problem, key)
        if value != defaults[key]:
            result[key] = _plain(value) if isinstance(value, float) else value
    if problem.optimizer.name != "sgd":
        result["optimizer"] = optimizer_tree(problem.optimizer)
    if problem.rounding is not None:
        result["rounding"] = {"decimals": problem.rounding.decimals, "mode": problem.rounding.mode}
    return result


def optimizer_tree(optimizer: Optimizer) -> dict[str, object]:
    """Return the JSON value of an update rule: its name and the constants that belong to it."""
    keys = OPTIMIZER_KEYS[optimizer.name]
    return {"name": optimizer.name} | {key: getattr(optimizer, key) for key in keys}


def _expected(entry: Expected) -> dict[str, object]:
    result: dict[str, object] = {"quantity": entry.quantity}
    values = {"layer": entry.layer, "unit": entry.unit, "from": entry.from_, "sample": entry.sample}
    result |= {key: value for key, value in values.items() if value is not None}
    defaults = {"step": 1, "sign": 1, "form": "plain"}
    result |= {key: getattr(entry, key) for key, default in defaults.items() if getattr(entry, key) != default}
    result["printed"] = _lists(entry.printed)
    if entry.erratum is not None:
        result["erratum"] = entry.erratum
    return result


def _lists(printed: Printed) -> object:
    return printed if isinstance(printed, str) else [_lists(part) for part in printed]


def _plain(value: float) -> float | int:
    """Return a whole number without its ".0", as people write it; -0.0 keeps its sign."""
    if value.is_integer() and abs(value) < _INTEGRAL and not (value == 0 and np.signbit(value)):
        return int(value)
    return value


def plain_numbers(values: NDArray[np.float64]) -> object:
    """Return an array as nested lists of numbers as people write them."""
    if values.ndim == 1:
        return [_plain(value) for value in values.tolist()]
    return [plain_numbers(row) for row in values]


def _laid_out(tree: dict[str, object]) -> str:
    parts = [f"  {json.dumps(key)}: {_value(value, 2)}" for key, value in tree.items()]
    return "{\n" + ",\n".join(parts) + _END


def _value(value: object, indent: int) -> str:
    """Return a value on one line if it fits, else one line for each of its parts."""
    if isinstance(value, list) and _is_broken(value):
        inner = " " * (indent + 2)
        parts = ",\n".join(inner + _value(part, indent + 2) for part in value)
        return f"[\n{parts}\n{' ' * indent}]"
    return json.dumps(value, ensure_ascii=False)


def _is_broken(value: list[object]) -> bool:
    """Lists of matrices and of objects are broken always, lists of lists if they are long; a row of numbers never is."""
    if not value or not isinstance(value[0], (list, dict)):
        return False
    deep = isinstance(value[0], dict) or (value[0] and isinstance(value[0][0], list))
    return bool(deep) or len(value) * len(value[0]) * 4 > LINE or len(json.dumps(value)) > LINE


def same(p: Problem, q: Problem) -> bool:
    """Whether two experiments have the same values, arrays bit for bit; constants that the update rule does not use do not count."""
    return all(_equal(getattr(p, field.name), getattr(q, field.name)) for field in fields(Problem))


def _equal(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, Optimizer) and isinstance(b, Optimizer):
        return optimizer_tree(a) == optimizer_tree(b)
    return type(a) is type(b) and a == b
