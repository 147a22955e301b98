"""What a user can do to the samples: take others, change, add, delete and move rows, form batches, hold some out. No Qt.

Pure functions from one state to the next, as in `gui.edits`. Imported and edited samples become explicit x and y of the experiment;
which are held out, and the schedule of the learning rate, belong to the run and not to the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gui.actions import Refusal
from gui.edits import reshaped, set_problem, with_data, with_kept_weights
from gui.state import AppState
from model.data.batches import data
from model.data.datasets import DATASETS, check_dataset
from model.data.recipes import suited
from model.evaluation import Labels, Split
from model.format.checks import RefusedError
from model.problem import Array, Problem, frozen
from model.training.schedules import Schedule

MOST_SAMPLES = 100_000
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Batches:
    """How samples form batches. size: None for all in one step. seed: of the shuffling, None for file order."""

    size: int | None = None
    seed: int | None = None


def batches_of(problem: Problem) -> Batches:
    """Return how the samples of an experiment form batches."""
    return Batches(problem.batch_size, problem.shuffle_seed)


def set_samples(state: AppState, x: Array, y: Array | None, title: str = "") -> AppState:
    """Take x: (m, n_0) and y: (m, n_L); input and output layer follow, and weights between layers that keep their neighbours stay."""
    if y is None and state.problem.loss != "none":
        raise Refusal("These samples have no targets; allowed: at least one target column, or the loss “the output itself” first.")
    outputs = state.problem.layers[-1] if y is None else y.shape[1]
    changes = {"x": frozen(x), "y": None if y is None else frozen(y), "dataset": None}
    return _with_ends(state, (x.shape[1], outputs), changes | _called(title))


def standardised(x: Array) -> Array:
    """Return inputs x: (m, n_0), each less its mean and divided by its standard deviation over the samples; constant ones become 0."""
    deviation = x.std(axis=0)
    return np.asarray((x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0))


def take_dataset(
    state: AppState, spec: Mapping[str, object] | None, outputs: int, batches: Batches, split: Split, title: str = ""
) -> AppState:
    """Take a built-in data set (None: stay with the present samples), form batches of it and hold some out, as one change.

    title: what the experiment is called with another data set; "" and the same data set with other options let the name stay.
    """
    problem, own = state.problem, state.run.split
    if spec is not None and (spec != problem.dataset or outputs != problem.layers[-1]):
        ends = (DATASETS[str(spec["name"])].n_inputs, outputs)
        _check_set(spec, (ends[0], *problem.layers[1:-1], ends[1]))
        same = problem.dataset is not None and problem.dataset["name"] == spec["name"]
        state = _with_ends(state, ends, {"x": None, "y": None, "dataset": dict(spec)} | _called("" if same else title))
    elif batches == batches_of(problem) and (split.share, split.seed) == (own.share, own.seed):
        return state
    return _in_batches(state, batches, of_present(state, split))


def of_present(state: AppState, split: Split) -> Split:
    """Return a split with the lots that the present samples have drawn, wherever they stand now."""
    return replace(split, lots=state.run.split.lots if split.share else None)


def take_suited(state: AppState, spec: Mapping[str, object], outputs: int, batches: Batches, split: Split, title: str) -> AppState:
    """Take a built-in data set together with a network and settings of training that learn it; how it is written stays."""
    problem = suited(spec, outputs, title, state.problem)
    _check_set(spec, problem.layers)
    return _in_batches(reshaped(state, problem), batches, split)


def _check_set(spec: Mapping[str, object], layers: tuple[int, ...]) -> None:
    try:
        check_dataset(spec, layers)
    except RefusedError as error:
        where = error.position.removeprefix("dataset").removeprefix(".")
        raise Refusal(f"“{where}”: {error.message}." if where else f"{error.message}.") from None


def _in_batches(state: AppState, batches: Batches, split: Split) -> AppState:
    m = len(data(state.problem)[0])
    if batches.size is not None and not 1 <= batches.size <= m:
        raise Refusal(f"A batch of {batches.size:,} is not possible with {m:,} samples; allowed: 1 to {m:,}.")
    changed = replace(state.problem, batch_size=batches.size, shuffle_seed=batches.seed)
    return set_problem(state, changed, split=split)


def set_schedule(state: AppState, schedule: Schedule) -> AppState:
    """Let the learning rate follow another schedule; the run starts anew with it, the cursor stays."""
    if schedule == state.run.schedule:
        return state
    return set_problem(state, state.problem, schedule=schedule)


def _called(title: str) -> dict[str, str]:
    """Return what changes with the name of an experiment: where the old one is from and what was noted about it are not about this one."""
    return {"title": title, "source": "", "notes": ""} if title else {}


def _with_ends(state: AppState, ends: tuple[int, int], changes: dict[str, Any]) -> AppState:
    """Take other samples, with as many inputs and outputs as they need; printed figures belonged to the old ones.

    The walk starts anew: nobody has asked for the updates of these samples yet.
    """
    problem = state.problem
    layers = (ends[0], *problem.layers[1:-1], ends[1])
    changed = replace(problem, **changes, layers=layers, expected=())
    m = len(data(changed)[0])
    if changed.batch_size is not None:
        changed = replace(changed, batch_size=min(changed.batch_size, m))
    if layers != problem.layers and problem.weights is not None:
        changed = with_kept_weights(problem, changed, keep=range(len(layers)))
    new = reshaped(state, changed)
    return new if new.run.split.lots is None else set_problem(new, new.problem, split=replace(new.run.split, lots=None))


def samples_of(problem: Problem) -> tuple[Array, Array | None]:
    """Return x: (m, n_0) and y: (m, n_L) of an experiment; y is None where there are no targets."""
    x, y = data(problem)
    return x, None if problem.dataset is None and problem.y is None else y


def table_of(problem: Problem) -> Array:
    """Return the samples of an experiment as (m, n_0 + n_L), inputs before targets; (m, n_0) where there are no targets."""
    x, y = samples_of(problem)
    return x if y is None else np.column_stack([x, y])


def put_cells(state: AppState, row: int, column: int, values: Sequence[Sequence[float]]) -> AppState:
    """Write a block of numbers into the table of samples, inputs before targets; rows beyond the last one are added."""
    table = table_of(state.problem)
    width = max(len(line) for line in values)
    if column + width > table.shape[1]:
        left = table.shape[1] - column
        room = "1 column is" if left == 1 else f"{left} columns are"
        raise Refusal(f"{width} columns do not fit here: only {room} left; allowed: fewer columns, or more inputs or outputs first.")
    m = max(len(table), row + len(values))
    if m > MOST_SAMPLES:
        raise Refusal(f"{m:,} samples are too many for this table; allowed: at most {MOST_SAMPLES:,}.")
    grown = np.zeros((m, table.shape[1]))
    grown[: len(table)] = table
    for i, line in enumerate(values):
        grown[row + i, column : column + len(line)] = line
    return _with_table(state, grown, None, keeps_rows=m == len(table))


def insert_row(state: AppState, at: int) -> AppState:
    """Add a sample of zeros before row `at`."""
    table = table_of(state.problem)
    if len(table) >= MOST_SAMPLES:
        raise Refusal(f"There are {len(table):,} samples already; allowed: at most {MOST_SAMPLES:,}.")
    numbers = state.run.split.numbers(len(table))
    return _with_table(state, np.insert(table, at, 0.0, axis=0), np.insert(numbers, at, numbers.max() + 1))


def delete_rows(state: AppState, rows: Sequence[int]) -> AppState:
    """Remove samples; one has to stay."""
    table = table_of(state.problem)
    if len(set(rows)) >= len(table):
        raise Refusal("The last sample cannot be deleted; allowed: change its numbers, or add another sample first.")
    numbers = state.run.split.numbers(len(table))
    return _with_table(state, np.delete(table, list(rows), axis=0), np.delete(numbers, list(rows))) if rows else state


def move_rows(state: AppState, rows: Sequence[int], by: int) -> AppState:
    """Move samples up (by −1) or down (by 1) together, as far as there is room."""
    table = table_of(state.problem)
    chosen = sorted(set(rows))
    if not chosen or chosen[0] + by < 0 or chosen[-1] + by >= len(table):
        return state
    order = list(range(len(table)))
    for row in chosen if by < 0 else reversed(chosen):
        order.insert(row + by, order.pop(row))
    return _with_table(state, table[order], state.run.split.numbers(len(table))[order])


def _with_table(state: AppState, table: Array, lots: Labels | None, keeps_rows: bool = False) -> AppState:
    """Take a changed table; printed figures stay, to be compared with, only while every row is the sample it was.

    lots: of the rows as they are now, so that each sample stays held out or trained on; None where they are what they were.
    """
    problem = with_data(state.problem)
    n = problem.layers[0]
    y = None if problem.y is None else frozen(table[:, n:])
    size = None if problem.batch_size is None else min(problem.batch_size, len(table))
    expected = problem.expected if keeps_rows else ()
    split = state.run.split if lots is None else state.run.split.with_numbers(lots)
    return set_problem(state, replace(problem, x=frozen(table[:, :n]), y=y, batch_size=size, expected=expected), split=split)
