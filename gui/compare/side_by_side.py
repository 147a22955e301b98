"""Two runs with the same start and one difference, and one cursor for both. No Qt.

The stages of the two walks are matched by quantity and layer. What one side does not have is a step of the other side alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from gui import edits
from gui.actions import Refusal, extend, open_problem, seek, set_dark_system, set_options
from gui.diagram.chosen import units_that_matter
from gui.formula.plain_symbols import rate_letter
from gui.state import AppState
from model.problem import Optimizer, Problem
from model.stages import Granularity, Walk

OUTPUTS = {
    "sigmoid + ½ squared error": ("sigmoid", "half_squared_error"),
    "softmax + cross-entropy": ("softmax", "cross_entropy"),
    "sigmoid + binary cross-entropy": ("sigmoid", "binary_cross_entropy"),
    "tanh + ½ squared error": ("tanh", "half_squared_error"),
    "identity + ½ squared error": ("identity", "half_squared_error"),
}
HIDDEN = {"ReLU": "relu", "tanh": "tanh", "sigmoid": "sigmoid", "leaky ReLU": "leaky_relu", "GELU": "gelu", "identity": "identity"}
DELTAS = {"old weights in δ": "old", "updated weights in δ": "new"}
FACTORS = {"η": 1.0, "η / 10": 0.1, "η / 2": 0.5, "2 η": 2.0, "10 η": 10.0}
RULES = {"gradient descent": "sgd", "momentum": "sgd_momentum", "RMSprop": "rmsprop", "Adam": "adam", "AdamW": "adamw"}
SAMPLES = {"sum of the samples": "sum", "mean of the samples": "mean"}
BIASES = {"biases trained": True, "biases frozen": False}


@dataclass(frozen=True, slots=True)
class Difference:
    """What two runs can differ in. values: how they are written; the first two are proposed. apply: puts one into an experiment."""

    title: str
    values: tuple[str, ...]
    apply: Callable[[Problem, str], Problem]


def _output(problem: Problem, value: str) -> Problem:
    name, loss = OUTPUTS[value]
    if name == "softmax" and problem.layers[-1] == 1:
        raise Refusal("Softmax shares 1 out among the outputs, and this network has one output only; allowed: two outputs or more.")
    return replace(problem, activations=(*problem.activations[:-1], name), loss=loss)


def _hidden(problem: Problem, value: str) -> Problem:
    if problem.depth < 2:
        raise Refusal("This network has no hidden layer; add one in the panel first.")
    return replace(problem, activations=(*(HIDDEN[value],) * (problem.depth - 1), problem.activations[-1]))


def _rate(problem: Problem, value: str) -> Problem:
    if problem.learning_rate is None:
        raise Refusal("This experiment has no learning rate; set one in the panel first.")
    return replace(problem, learning_rate=problem.learning_rate * FACTORS[value])


def _rule(problem: Problem, value: str) -> Problem:
    name = RULES[value]
    return replace(problem, optimizer=Optimizer(name, weight_decay=edits.ADAMW_WEIGHT_DECAY if name == "adamw" else 0.0))


def _delta(problem: Problem, value: str) -> Problem:
    return replace(problem, hidden_delta_uses=DELTAS[value])  # type: ignore[arg-type]


def _samples(problem: Problem, value: str) -> Problem:
    return replace(problem, batch_reduction=SAMPLES[value])  # type: ignore[arg-type]


def _biases(problem: Problem, value: str) -> Problem:
    return replace(problem, train_biases=BIASES[value])


DIFFERENCES = (
    Difference("output and loss", tuple(OUTPUTS), _output),
    Difference("hidden activation", tuple(HIDDEN), _hidden),
    Difference("hidden δ", tuple(DELTAS), _delta),
    Difference("learning rate", tuple(FACTORS), _rate),
    Difference("optimiser", tuple(RULES), _rule),
    Difference("samples", tuple(SAMPLES), _samples),
    Difference("biases", tuple(BIASES), _biases),
)
BY_TITLE = {difference.title: difference for difference in DIFFERENCES}


def side(problem: Problem, difference: Difference, value: str) -> Problem:
    """Return the experiment of one side. Raises Refusal where the value does not suit the experiment."""
    changed = replace(difference.apply(problem, value), expected=(), title=value)
    edits.check(changed)
    return changed


def beside(state: AppState, problem: Problem) -> AppState:
    """Open an experiment beside the one of `state`, shown in the same way."""
    options = state.options
    shown = set_options(open_problem(state, problem), notation=options.notation, fmt=options.fmt, form=options.form)
    return set_dark_system(shown, state.dark_system)


def run_name(state: AppState) -> str:
    """Return what a run has that the other has not, in the letters of the notation."""
    return in_letters(state.problem.title, state)


def in_letters(value: str, state: AppState) -> str:
    """Return a value that runs can differ in with the notation's letter of the learning rate."""
    return value.replace("η", rate_letter(state.notation, state.problem))


def proposed(problem: Problem, title: str) -> tuple[str, str]:
    """Return which values of a difference are compared first."""
    values = BY_TITLE[title].values
    if title == "output and loss" and problem.layers[-1] == 1:
        return values[0], values[2]
    return values[0], values[1] if title != "learning rate" else values[3]


def shared_units(states: Sequence[AppState], step: int) -> tuple[tuple[int, ...], ...]:
    """Return which neurons stand for large layers in the pictures of an update of several runs: in all of them the same."""
    return units_that_matter([state.run.record(step) for state in states], states[0].options.sample)


def at_update(state: AppState, step: int, drawn: tuple[tuple[int, ...], ...]) -> AppState:
    """Go to the start of an update, computed if it has not been. drawn: as `shared_units` gives them."""
    state.run.record(step)
    return replace(seek(extend(state, max(state.run_length, step), 0), step, 0), drawn=drawn)


class Together:
    """The walks of the same update on both sides as one sequence of steps.

    rows: (stage of the left walk or None, stage of the right walk or None), in an order that agrees with both.
    """

    def __init__(self, left: Walk, right: Walk) -> None:
        self.left, self.right = left, right
        self.rows = _merged([stage.address for stage in left.stages], [stage.address for stage in right.stages])
        self._ends: dict[Granularity, tuple[tuple[int, int], ...]] = {}

    def places(self, granularity: Granularity) -> tuple[tuple[int, int], ...]:
        """Return the places to step to, as (tick on the left, tick on the right), from (0, 0) to the end of both."""
        if granularity not in self._ends:
            found = [(0, 0)]
            for row in self.rows:
                found += self._inside(row, granularity, found[-1])
            self._ends[granularity] = tuple(found if granularity != "phase" else self._phase_ends(found))
        return self._ends[granularity]

    def _inside(self, row: tuple[int | None, int | None], granularity: Granularity, at: tuple[int, int]) -> list[tuple[int, int]]:
        """Return the places within a stage that one side has, or both."""
        i, j = row
        left = [at[0]] if i is None else _boundaries(self.left, i, granularity)
        right = [at[1]] if j is None else _boundaries(self.right, j, granularity)
        n = max(len(left), len(right))
        return [(_share(left, k, n), _share(right, k, n)) for k in range(1, n + 1)]

    def _phase_ends(self, ends: list[tuple[int, int]]) -> list[tuple[int, int]]:
        phases = [self._phase(row) for row in self.rows]
        last = [k for k, (one, other) in enumerate(pairwise([*phases, ""])) if one != other]
        return [(0, 0), *(ends[k + 1] for k in last)]

    def _phase(self, row: tuple[int | None, int | None]) -> str:
        i, j = row
        return self.left.stages[i].phase if i is not None else self.right.stages[j or 0].phase

    @cached_property
    def _row_ends(self) -> tuple[tuple[int, int], ...]:
        return self.places("layer")[1:]

    def row_at(self, place: tuple[int, int]) -> tuple[int | None, int | None] | None:
        """Return which stages the last step to a place has revealed a part of; None at the start."""
        if place == (0, 0):
            return None
        return next(row for row, end in zip(self.rows, self._row_ends, strict=True) if place[0] <= end[0] and place[1] <= end[1])

    def alone(self, place: tuple[int, int]) -> str:
        """Return "left" or "right" if the step to a place happens on that side only, otherwise ""."""
        row = self.row_at(place)
        return "" if row is None or None not in row else "right" if row[0] is None else "left"

    def nearest(self, place: tuple[int, int], granularity: Granularity) -> int:
        """Return the number of the first place of a granularity that is not before a place."""
        found = self.places(granularity)
        return next((k for k, (l, r) in enumerate(found) if l >= place[0] and r >= place[1]), len(found) - 1)


def _share(ends: list[int], k: int, n: int) -> int:
    """Return the boundary that step k of n reaches, where there may be fewer boundaries than steps."""
    return ends[-(-k * len(ends) // n) - 1]


def _boundaries(walk: Walk, i: int, granularity: Granularity) -> list[int]:
    stage, start = walk.stages[i], walk.starts[i]
    if granularity == "term":
        return list(range(start + 1, walk.ends[i] + 1))
    if granularity == "neuron":
        return [start + (k + 1) * stage.terms for k in range(stage.components)]
    return [walk.ends[i]]


def _merged(left: list[str], right: list[str]) -> tuple[tuple[int | None, int | None], ...]:
    """Match equal addresses in order; what has no partner comes alone, in its own order."""
    rows: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < len(left) or j < len(right):
        if i < len(left) and j < len(right) and left[i] == right[j]:
            rows.append((i, j))
            i, j = i + 1, j + 1
        elif i < len(left) and left[i] not in right[j:]:
            rows.append((i, None))
            i += 1
        elif j < len(right) and (right[j] not in left[i:] or i == len(left)):
            rows.append((None, j))
            j += 1
        else:
            rows.append((i, None))
            i += 1
    return tuple(rows)
