"""One moment of the walk: a record, how much of it is revealed, and how it is to be written.

Every view (blackboard, canvas, tables, text, export) is a function of a Moment and of its own options.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from model.expr.tree import NumberFormat
from model.notation.profile import Notation
from model.optimizers import SLOT_NAMES, corrected
from model.parameters import Parameters
from model.problem import Problem
from model.quantities import QUANTITIES, has_quantity, quantity
from model.record import Record
from model.rounding import rounded
from model.stages import Granularity, Place, Ref, Stage, Walk


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """tick: how many terms of `walk` are revealed. sample: the row of the batch whose calculation is shown."""

    record: Record
    walk: Walk
    tick: int
    granularity: Granularity
    notation: Notation
    fmt: NumberFormat
    sample: int = 0

    @property
    def place(self) -> Place | None:
        """What is current, or None before the first step."""
        return self.walk.place(self.tick, self.granularity)

    @property
    def stage(self) -> Stage | None:
        """The current stage, or None before the first step."""
        place = self.place
        return None if place is None else self.walk.stages[place.stage]

    def known(self, ref: Ref) -> bool:
        """Return whether the number exists in this experiment and has been revealed; an optimiser's state comes with the new weight."""
        if is_state(self.record.problem, ref.quantity):
            if state_part(ref.quantity)[1] == "_old":
                return True
            ref = parameter_of(ref, "_new")
        return self.walk.known(ref, self.tick) and (ref.quantity not in QUANTITIES or has_quantity(self.record, ref.quantity))

    def value(self, ref: Ref) -> float:
        """Return one number of the record at full precision; of the moment's sample where `ref.sample` is None."""
        return number(self.record, ref, self.sample)


def is_state(problem: Problem, name: str) -> bool:
    """Return whether a name is one of the optimiser's state: a slot after the update, before it ("mean_old"), or corrected ("mean_hat")."""
    return state_part(name)[0] in SLOT_NAMES[problem.optimizer.name]


@cache
def state_part(name: str) -> tuple[str, str]:
    """Return the slot of a name of the optimiser's state, and which of its numbers is meant: "_old", "_hat", or "" for the new one."""
    part = next((part for part in ("_old", "_hat") if name.endswith(part)), "")
    return name.removesuffix(part), part


def parameter_of(ref: Ref, what: str = "") -> Ref:
    """Return the weight or bias that a number of the optimiser's state belongs to, or with `what` "_new" its new value.

    A bias's state has −1 for the sender, so that it is not taken for that of all weights of the neuron.
    """
    is_bias = ref.from_ is None or ref.from_ < 0
    return Ref(("b" if is_bias else "W") + what, ref.layer, ref.unit, None if is_bias else ref.from_)


def number(record: Record, ref: Ref, sample: int = 0) -> float:
    """Return the number that `ref` names; per-sample quantities use `ref.sample` or else `sample`."""
    s = sample if ref.sample is None else ref.sample
    q, l, j, k = ref.quantity, ref.layer, ref.unit, ref.from_
    if q == "one":
        return 1.0
    if q == "learning_rate":
        return float(record.learning_rate or 0.0)
    if q == "penalty":
        return record.penalty
    if q == "loss":
        return record.loss
    if q == "loss_sample":
        return float(record.loss_sample[s])
    if is_state(record.problem, q):
        return _state_number(record, ref)
    if q in ("dW_sample", "db_sample"):
        return _gradient_of_sample(record, ref, s)
    values = {"x": record.x, "y": record.y, "loss_output": record.loss_output}.get(q)
    if values is None:
        values = quantity(record, q, l)
    index = tuple(i for i in ((s,) if _per_sample(q) else ()) + (j, k) if i is not None)
    return float(values[index])


def _gradient_of_sample(record: Record, ref: Ref, s: int) -> float:
    """Return an entry of one sample's own gradient, rounded where rounded values are carried."""
    deltas, j = record.delta[ref.layer - 1][s], ref.unit or 0
    if ref.quantity == "dW_sample":
        value = deltas[j] * record.a[ref.layer - 1][s, ref.from_ or 0]
    else:
        value = deltas.sum() if record.problem.bias_sharing == "per_layer" else deltas[j]
    return float(rounded(np.asarray(value), record.problem.rounding))


def _state_number(record: Record, ref: Ref) -> float:
    """Return one entry of the optimiser's state."""
    slot, part = state_part(ref.quantity)
    state = record.state if part == "_old" else record.new_state
    if state is None:
        raise ValueError('there is no new optimiser state, because "learning_rate" is null')
    problem, o = record.problem, record.problem.optimizer
    places = SLOT_NAMES[o.name].index(slot)
    vector = Parameters(problem.layers, problem.has_biases, state.slots[places])
    of = parameter_of(ref)
    l, j = of.layer - 1, of.unit or 0
    value = vector.b[l][j] if of.from_ is None else vector.W[l][j, of.from_]
    if part == "_hat":
        value = rounded(corrected(value, (o.beta1, o.beta2)[places], record.state.t + 1), problem.rounding)
    return float(value)


def _per_sample(quantity_name: str) -> bool:
    return quantity_name in ("x", "y", "z", "a", "dadz", "dLda", "delta", "dLdX", "dLdx", "path", "loss_output", "z_after", "a_after")
