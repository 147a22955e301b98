"""The order in which an update is revealed, as arithmetic on one integer.

A walk is a sequence of stages (one quantity of one layer). A stage has components (units, or entries of a matrix in reading
order) and each component is a sum of terms. A *tick* counts revealed terms from the start of the update, so that stepping at
any granularity is moving one integer to a neighbouring boundary, and changing the granularity moves nothing. Nothing here
computes a number: stages say which part of a `Record` is visible.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.losses import FUSED_DELTAS
from model.problem import Problem
from model.stage import BIAS_OF, GIVEN, GRANULARITIES, MATRICES, PHASES, Block, Granularity, Phase, Presentation, Ref, Stage

__all__ = [
    "GIVEN", "GRANULARITIES", "PHASES", "Block", "Granularity", "Phase", "Place", "Presentation", "Ref", "Stage", "Walk", "build_walk",
]  # fmt: skip


class Place(NamedTuple):
    """Where a tick stands: the last revealed term. component and term are None where all of them are shown as one piece."""

    stage: int
    component: int | None = None
    term: int | None = None


class Walk:
    """The stages of one update, and the arithmetic of ticks 0..total on them."""

    def __init__(self, stages: tuple[Stage, ...]) -> None:
        self.stages = stages
        self.ends = tuple(accumulate(stage.ticks for stage in stages))
        self.starts = (0, *self.ends[:-1])
        self.total = self.ends[-1]
        self._phase_ends = tuple(end for i, end in enumerate(self.ends) if i + 1 == len(stages) or stages[i + 1].phase != stages[i].phase)

    @cached_property
    def host(self) -> dict[tuple[str, int], int]:
        """For each (quantity, layer) the index of the stage that reveals it."""
        return {key: i for i, stage in enumerate(self.stages) for key in stage.reveals}

    def stage_at(self, tick: int) -> int:
        """Return the index of the stage of the last revealed term (0 at the very start)."""
        return min(bisect_left(self.ends, max(tick, 1)), len(self.stages) - 1)

    def next(self, tick: int, granularity: Granularity) -> int | None:
        """Return the next boundary after `tick`, or None at the end of the update."""
        if tick >= self.total:
            return None
        if granularity == "term":
            return tick + 1
        if granularity == "neuron":
            i = self.stage_at(tick + 1)
            terms = self.stages[i].terms
            return int(self.starts[i] + ((tick - self.starts[i]) // terms + 1) * terms)
        ends = self._phase_ends if granularity == "phase" else self.ends
        return ends[bisect_right(ends, tick)]

    def previous(self, tick: int, granularity: Granularity) -> int | None:
        """Return the last boundary before `tick` (0 is one), or None at the start of the update."""
        if tick <= 0:
            return None
        if granularity == "term":
            return tick - 1
        if granularity == "neuron":
            i = self.stage_at(tick)
            terms = self.stages[i].terms
            return int(self.starts[i] + (tick - self.starts[i] - 1) // terms * terms)
        ends = (0, *(self._phase_ends if granularity == "phase" else self.ends))
        return ends[bisect_left(ends, tick) - 1]

    def place(self, tick: int, granularity: Granularity) -> Place | None:
        """Return what is current at `tick`, as coarse as the granularity and the tick allow; None at the start.

        In the middle of a stage or of a component, where a change of granularity may have left the cursor, only the piece that has
        been revealed last is current, so that nothing is shown as formed before it is.
        """
        if tick <= 0:
            return None
        i = self.stage_at(tick)
        if tick == self.ends[i] and granularity in ("phase", "layer"):
            return Place(i)
        component, term = divmod(tick - 1 - self.starts[i], self.stages[i].terms)
        whole = term + 1 == self.stages[i].terms
        if whole and (granularity != "term" or self.stages[i].terms == 1):
            return Place(i, component)
        return Place(i, component, term)

    def find(self, address: str) -> int:
        """Return the tick at which an address is just revealed.

        Addresses: "start", "end", a micro-step number at granularity layer, "quantity[:layer[:component[:term]]]".
        Raises ValueError with one sentence that says what is allowed.
        """
        if address == "start":
            return 0
        if address == "end":
            return self.total
        name, *numbers = address.split(":")
        if _is_number(name) and not numbers:
            return self._nth(int(name))
        return self._find_quantity(address, name, numbers)

    def _nth(self, number: int) -> int:
        if number > len(self.stages):
            raise ValueError(f"there is no micro-step {number}; allowed: 0 to {len(self.stages)}")
        return self.ends[number - 1] if number else 0

    def _find_quantity(self, address: str, name: str, numbers: Sequence[str]) -> int:
        allowed = "allowed: start, end, a number, or one of " + ", ".join(stage.address for stage in self.stages)
        if len(numbers) > 3 or not all(map(_is_number, numbers)):
            raise ValueError(f'no micro-step "{address}"; {allowed}')
        layer, *inner = [int(n) for n in numbers] or [0]
        i = self.host.get((name, layer))
        if i is None:
            raise ValueError(f'no micro-step "{address}"; {allowed}')
        if not inner:
            return self.ends[i]
        stage = self.stages[i]
        if inner[0] >= stage.components or (len(inner) == 2 and inner[1] >= stage.terms):
            last = f"components 0 to {stage.components - 1}, each of terms 0 to {stage.terms - 1}"
            raise ValueError(f'no micro-step "{address}"; {stage.address} has {last}')
        return self.starts[i] + inner[0] * stage.terms + (inner[1] + 1 if len(inner) == 2 else stage.terms)

    def address(self, tick: int, granularity: Granularity) -> str:
        """Return an address that `find` takes back to the same tick."""
        place = self.place(tick, granularity)
        if place is None:
            return "start"
        stage = self.stages[place.stage]
        parts = [stage.quantity, str(stage.layer)]
        if tick == self.ends[place.stage]:
            return stage.address
        component, term = divmod(tick - 1 - self.starts[place.stage], stage.terms)
        parts.append(str(component))
        if term + 1 < stage.terms:
            parts.append(str(term))
        return ":".join(parts)

    def done(self, quantity: str, layer: int, tick: int) -> int:
        """Return how many ticks of the stage that reveals (quantity, layer) have passed; all of them if complete; 0 if unknown."""
        i = self.host.get((quantity, layer))
        if i is None:
            return 0
        return max(0, min(tick, self.ends[i]) - self.starts[i])

    def known(self, ref: Ref, tick: int) -> bool:
        """Return whether a number has been revealed; given things (inputs, targets, initial weights) always are."""
        if ref.quantity in GIVEN or (ref.quantity == "a" and ref.layer == 0):
            return True
        i = self.host.get((ref.quantity, ref.layer))
        if i is None:
            return tick >= self.total and not ref.quantity.endswith("_after")
        if tick >= self.ends[i]:
            return True
        component = self.stages[i].component(ref)
        return component is not None and tick >= self.starts[i] + (component + 1) * self.stages[i].terms

    def known_mask(self, quantity: str, layer: int, shape: tuple[int, ...], tick: int) -> NDArray[np.bool_]:
        """Return which entries of an array of a quantity (without its sample axis; W-like as (to, from)) are revealed."""
        i = self.host.get((quantity, layer))
        if quantity in GIVEN or (i is not None and tick >= self.ends[i]) or (quantity == "a" and layer == 0):
            return np.ones(shape, dtype=bool)
        if i is None or tick <= self.starts[i]:
            return np.full(shape, i is None and tick >= self.total)
        stage = self.stages[i]
        passed = (tick - self.starts[i]) // stage.terms
        if stage.quantity not in MATRICES:
            before = 1 if quantity == "dLdX" and stage.quantity == "dLda" and passed else 0
            return (np.arange(int(np.prod(shape))) < passed + before).reshape(shape)
        displayed = (np.arange(stage.components) < passed).reshape(stage.shape)
        full = displayed.T if stage.transposed else displayed
        if quantity in BIAS_OF.values():
            return full[:, 0].copy() if stage.inside else np.zeros(shape, dtype=bool)
        return full[:, int(stage.inside) :].copy()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def build_walk(problem: Problem, m: int, presentation: Presentation) -> Walk:
    """Return the walk of one update of `problem` on a batch of m samples in a notation's order of presentation."""
    names: list[tuple[str, int]] = []
    for block in presentation.blocks:
        for layer in _layers(block.layers, problem.depth):
            for name in block.stages:
                base, _, above = name.partition("+")
                _append(names, base, layer + (1 if above else 0), problem, m, presentation)
    stages = [_stage(problem, m, presentation, name, layer) for name, layer in names]
    return Walk(_with_reveals(stages, problem))


def _layers(which: str, depth: int) -> range:
    return {
        "up": range(1, depth + 1),
        "down": range(depth, 0, -1),
        "output": range(depth, depth + 1),
        "hidden_down": range(depth - 1, 0, -1),
    }[which]


def _append(names: list[tuple[str, int]], name: str, layer: int, problem: Problem, m: int, presentation: Presentation) -> None:
    """Append a stage, and the per-sample stage before a reduction, unless it is already there or has no meaning here."""
    layer = 0 if name == "loss" else layer
    if (name, layer) in names or not _exists(name, layer, problem, m, presentation):
        return
    above = {"dLdX": layer, "dLda": layer + 1}.get(name, 0)
    if problem.hidden_delta_uses == "new" and 0 < above <= problem.depth:
        for earlier in ("delta", "db", "dW", "W_new", "b_new"):  # the error goes back through weights that must be known by now
            _append(names, earlier, above, problem, m, presentation)
    if m > 1 and name in ("loss", "dW"):
        names.append((f"{name}_sample", layer))
    names.append((name, layer))


def _exists(name: str, layer: int, problem: Problem, m: int, presentation: Presentation) -> bool:
    inside = presentation.bias != "apart"
    if layer > problem.depth:
        return False
    if name in ("W_new", "b_new") and problem.learning_rate is None:
        return False
    if name == "dadz":
        return problem.activations[layer - 1] != "softmax"
    if name == "dLdX":
        return layer > 1 and inside and problem.has_biases and any("dLdX+1" in block.stages for block in presentation.blocks)
    if name == "delta":  # a notation that puts db right after delta shows them as one where they are the same numbers
        return not _delta_is_db(problem, m, presentation)
    if name in ("db", "b_new"):
        return problem.has_biases and not inside and (name == "db" or problem.train_biases)
    return True


def _delta_is_db(problem: Problem, m: int, presentation: Presentation) -> bool:
    merged = any(("delta", "db") in pairwise(block.stages) for block in presentation.blocks)
    return merged and presentation.bias == "apart" and problem.has_biases and m == 1 and problem.bias_sharing == "per_unit"


def _stage(problem: Problem, m: int, presentation: Presentation, name: str, layer: int) -> Stage:
    inside = presentation.bias != "apart" and problem.has_biases
    phase: Phase = "loss" if name == "dLda" and layer == problem.depth else PHASES[name]
    stage = Stage(name, layer, phase, _shape(problem, name, layer, inside), _terms(problem, m, name, layer))
    if name == "dLda" and layer < problem.depth and _exists("dLdX", layer + 1, problem, m, presentation):
        return replace(stage, terms=1)  # the sums were formed in ∂L/∂X, of which this keeps all but the first coordinate
    if name in MATRICES:
        transposed = presentation.rows == "from"
        rows, columns = stage.shape
        return replace(stage, inside=inside, transposed=transposed, shape=(columns, rows) if transposed else (rows, columns))
    return stage


def _shape(problem: Problem, name: str, layer: int, inside: bool) -> tuple[int, ...]:
    if name in ("loss", "loss_sample"):
        return (1,)
    n_in, n = problem.layers[layer - 1], problem.layers[layer]
    if name in MATRICES:
        return (n, n_in + inside)
    return (1 + n_in,) if name == "dLdX" else (n,)


def _terms(problem: Problem, m: int, name: str, layer: int) -> int:
    """Return how many products (or summands) one component of the stage is the sum of."""
    penalty = 1 if problem.l2 else 0
    n_outputs = problem.layers[-1]
    if name == "z":
        return problem.layers[layer - 1] + (1 if problem.has_biases else 0)
    if name == "dLda":
        return 1 if layer == problem.depth else problem.layers[layer + 1]
    if name == "delta" and layer == problem.depth:
        jacobian = problem.activations[-1] == "softmax" and ("softmax", problem.loss) not in FUSED_DELTAS
        return n_outputs if jacobian else 1
    if name == "loss":
        return (m if m > 1 else n_outputs) + penalty
    if name == "db":
        return m * (problem.layers[layer] if problem.bias_sharing == "per_layer" else 1)
    simple = {"loss_sample": n_outputs, "dW": m + penalty, "dLdX": problem.layers[layer]}
    return simple.get(name, 1)


def _with_reveals(stages: Sequence[Stage], problem: Problem) -> tuple[Stage, ...]:
    own = {(stage.quantity, stage.layer) for stage in stages}
    result = []
    for stage in stages:
        l = stage.layer
        guests = {
            "loss": [("loss_output", 0), ("loss_sample", 0), ("loss", problem.depth)],
            "loss_sample": [("loss_output", 0)],
            "delta": [("dadz", l)],
            "db": [("delta", l), ("dadz", l)],
            "dLda": [("dLdX", l + 1)] if l < problem.depth else [],
            "dW_sample": [("db_sample", l)],
            "dW": [("db", l)],
            "W_new": [("b_new", l), ("step_W", l), ("step_b", l)],
            "b_new": [("step_b", l)],
        }.get(stage.quantity, [])
        reveals = ((stage.quantity, l), *(key for key in guests if key not in own))
        own |= set(reveals)
        result.append(replace(stage, reveals=reveals))
    return tuple(result)
