"""Whether a session belongs to an experiment, and what the experiments of earlier runs have in common with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from typing import Any

import numpy as np

from model.format.checks import JsonObject
from model.format.schema import problem_from
from model.format.session import Session
from model.format.writer import optimizer_tree, tree_of
from model.problem import Optimizer, Problem
from model.run import Run

_SHOWN_ONLY = ("title", "source", "notes", "notation", "notation_profile", "steps", "expected")  # change no number of a run
_LARGE = (("x", "y"), ("weights", "biases"))


def fingerprint(problem: Problem) -> str:
    """Return a short text that differs where the numbers of a run can differ, whatever the experiment is called and written in."""
    digest = hashlib.sha256()
    for part in fields(problem):
        if part.name not in _SHOWN_ONLY:
            digest.update(f"\n{part.name}:".encode())
            _digest(getattr(problem, part.name), digest.update)
    return digest.hexdigest()[:32]


def run_of(problem: Problem, session: Session | None) -> Run:
    """Return the run that was recorded with an experiment, as the window takes it up; where none is or it does not fit, a new one."""
    if session is not None and session.experiment == fingerprint(problem):
        with suppress(ValueError):
            return session.run.take_up(problem)
    return Run(problem)


def _digest(value: object, take: Callable[[bytes], None]) -> None:
    if isinstance(value, np.ndarray):
        take(str(value.shape).encode() + value.astype("<f8").tobytes())
    elif isinstance(value, tuple):
        for part in value:
            take(b",")
            _digest(part, take)
    elif isinstance(value, Mapping):
        take(json.dumps(dict(value), sort_keys=True, default=float).encode())
    elif isinstance(value, Optimizer):
        _digest(optimizer_tree(value), take)
    else:
        take(repr(float(value) if isinstance(value, (int, float)) else value).encode())


def changes_of(problem: Problem, base: Problem, tree: Mapping[str, object]) -> tuple[dict[str, object], tuple[str, ...]]:
    """Return the keys in which a problem differs from `base`, whose JSON value is `tree`, and those of `base` that it does not have."""
    alike = [
        keys for keys in _LARGE if getattr(base, keys[0]) is not None and all(getattr(problem, key) is getattr(base, key) for key in keys)
    ]
    known = {key: tree[key] for keys in alike for key in keys if key in tree}
    mine = known | tree_of(replace(problem, expected=()), {key for keys in alike for key in keys})
    changed = {key: value for key, value in mine.items() if key not in tree or tree[key] != value}
    return changed, tuple(key for key in tree if key not in mine)


def changed_problem(base: Problem, tree: Mapping[str, object], changes: Mapping[str, object], without: tuple[str, ...]) -> Problem:
    """Return the problem that `changes_of` was asked about. Raises RefusedError where there is none."""
    merged = {key: value for key, value in {**tree, **changes}.items() if key not in without}
    problem = problem_from(_hooked(merged))
    shared: dict[str, Any] = {}
    for keys in _LARGE:
        if not set(keys) & {*changes, *without}:
            shared |= {key: getattr(base, key) for key in keys}
    return replace(problem, **shared)


def _hooked(value: object) -> object:
    """Return a JSON value with its objects as the reader makes them."""
    if isinstance(value, Mapping):
        return JsonObject([(key, _hooked(part)) for key, part in value.items()])
    return value
