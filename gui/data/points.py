"""Samples put in their place by hand: what targets a point can have, and adding, moving and taking away one. No Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gui.actions import Refusal
from gui.data.edits import MOST_SAMPLES, delete_rows, put_cells, samples_of
from gui.state import AppState
from model.decision import kind_of
from model.expr.tree import significant
from model.problem import Array, Problem
from model.run import Run

Kind = Literal["none", "class", "number", "height"]
Rows = NDArray[np.intp]
ENTROPIES = ("binary_cross_entropy", "cross_entropy")


@dataclass(frozen=True, slots=True)
class Targets:
    """What targets a new point can have.

    kind: "none" where there are no targets; "class": one of `choices`, each a row of targets (n_L,); "number": any number;
    "height": where the point is put above the axis, as the target of one output. names: of the choices, or of the outputs for "height".
    """

    kind: Kind
    names: tuple[str, ...] = ()
    choices: tuple[tuple[float, ...], ...] = ()


def targets_of(problem: Problem) -> Targets:
    """Return what targets a point can have beside the present samples."""
    n, (_, y) = problem.layers[-1], samples_of(problem)
    if y is None:
        return Targets("none")
    low, high = ends_of(problem)
    bounded = problem.activations[-1] in ("sigmoid", "softmax", "tanh")
    if problem.layers[0] == 1 and not (n > 1 and bounded):
        return Targets("height", tuple(str(k + 1) for k in range(n)) if n > 1 else ())
    if n > 1:
        hot = tuple(tuple(high if i == k else low for i in range(n)) for k in range(n))
        return Targets("class", tuple(str(k + 1) for k in range(n)), hot)
    if not bounded:
        return Targets("number")
    return Targets("class", (plain_target(low), plain_target(high)), ((low,), (high,)))


def ends_of(problem: Problem) -> tuple[float, float]:
    """Return the targets that stand for no and yes: the two that occur among the samples, or the ends of the output's range."""
    y = samples_of(problem)[1]
    found = np.unique(y) if y is not None else np.empty(0)
    if len(found) == 2:
        return float(found[0]), float(found[1])
    return (-1.0, 1.0) if problem.activations[-1] == "tanh" else (0.0, 1.0)


def plain_target(value: float) -> str:
    """Return a target as it is written beside the switch and in legends."""
    return significant(value, 6)


def rounded(value: float, grain: float) -> float:
    """Return a number with as many decimals as a distance of `grain` asks for, so that it can be read and written."""
    return round(value, max(0, math.ceil(-math.log10(grain)))) + 0.0 if grain > 0 else value


def add_point(state: AppState, at: Sequence[float], target: Sequence[float] | None) -> AppState:
    """Add a sample behind the last one. at: its inputs (n_0,). target: (n_L,), None where samples have none."""
    x, y = samples_of(state.problem)
    if len(x) >= MOST_SAMPLES:
        raise Refusal(f"There are {len(x):,} samples already; allowed: at most {MOST_SAMPLES:,}.")
    if y is not None and target is None:
        raise Refusal("This sample needs a target; allowed: one of those beside the switch.")
    wanted = list(target) if y is not None and target is not None else []
    return put_cells(state, len(x), 0, [[*at, *wanted]])


def height_target(problem: Problem, at: float, height: float, output: int) -> tuple[float, ...]:
    """Return targets for a point over one input: its height for `output`; further outputs get those of the nearest sample."""
    x, y = samples_of(problem)
    assert y is not None
    nearest = y[int(np.abs(x[:, 0] - at).argmin())].copy()
    nearest[output] = _height(problem, height)
    return tuple(float(value) for value in nearest)


def _height(problem: Problem, height: float) -> float:
    """Return the target that a height means: itself, but for a cross-entropy the nearer of no and yes."""
    return min(ends_of(problem), key=lambda end: abs(end - height)) if problem.loss in ENTROPIES else height


def move_point(state: AppState, row: int, at: Sequence[float], target: tuple[int, float] | None = None) -> AppState:
    """Put a sample elsewhere. at: its inputs (n_0,). target: an output and its new target, None to leave all targets."""
    y = samples_of(state.problem)[1]
    if target is None or y is None:
        return put_cells(state, row, 0, [list(at)])
    changed = y[row].copy()
    changed[target[0]] = _height(state.problem, target[1])
    return put_cells(state, row, 0, [[*at, *changed.tolist()]])


def delete_point(state: AppState, row: int) -> AppState:
    """Take one sample away; one has to stay."""
    return delete_rows(state, [row])


def consequences(old: AppState, new: AppState) -> str:
    """Return what an edit of the samples has changed beside them, as sentences; "" if nothing."""
    said = []
    if old.problem.dataset is not None and new.problem.dataset is None:
        said.append(f"The samples of the built-in set “{old.problem.dataset['name']}” are now your own.")
    if old.problem.expected and not new.problem.expected:
        said.append("Printed figures belonged to the old samples and are no longer compared.")
    crossed = _crossed(old.run, new.run)
    if crossed:
        share, others = new.run.split.share * 100, "1 other sample has" if crossed == 1 else f"{crossed} other samples have"
        said.append(f"So that {share:.0f} % are held out, {others} changed sides.")
    if old.training:
        said.append("Training has stopped, because it had other samples.")
    return " ".join(said)


def _crossed(old: Run, new: Run) -> int:
    """Return how many samples that both runs have are held out in one of them and trained on in the other."""
    sides = []
    for run in (old, new):
        m = len(run.rows) + len(run.held_out[0])
        numbers = run.split.numbers(m)
        sides.append((set(numbers.tolist()), set(numbers[run.split.rows(m)[1]].tolist())))
    (before, held_before), (after, held_after) = sides
    return len((held_before ^ held_after) & before & after)


def marks(problem: Problem, x: Array, y: Array) -> tuple[Array, Rows]:
    """Return places (k, 2) and sample rows (k,) of the marks on a map (m of them) or on the plot of a function (m for each output)."""
    if kind_of(problem) != "functions":
        return x[:, :2], np.arange(len(x), dtype=np.intp)
    n = y.shape[1]
    return np.column_stack([np.tile(x[:, 0], n), y.T.ravel()]), np.tile(np.arange(len(x), dtype=np.intp), n)
