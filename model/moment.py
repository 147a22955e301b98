"""One moment of the walk: a record, how much of it is revealed, and how it is to be written.

Every view (blackboard, canvas, tables, text, export) is a function of a Moment and of its own options.
"""

from __future__ import annotations

from dataclasses import dataclass

from model.expr.tree import NumberFormat
from model.notation.profile import Notation
from model.optimizers import SLOT_NAMES
from model.parameters import Parameters
from model.quantities import QUANTITIES, has_quantity, quantity
from model.record import Record
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
        """Return whether the number exists in this experiment and has been revealed."""
        return self.walk.known(ref, self.tick) and _exists(self.record, ref.quantity)

    def value(self, ref: Ref) -> float:
        """Return one number of the record at full precision; of the moment's sample where `ref.sample` is None."""
        return number(self.record, ref, self.sample)


def _exists(record: Record, name: str) -> bool:
    """Return whether the record has the quantity at all: without a learning rate there are no new parameters and no new state."""
    if name in QUANTITIES:
        return has_quantity(record, name)
    return name not in SLOT_NAMES[record.problem.optimizer.name] or record.new_state is not None


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
    if q.removesuffix("_old") in SLOT_NAMES[record.problem.optimizer.name]:
        return state_value(record, q.removesuffix("_old"), l, j or 0, k, old=q.endswith("_old"))
    if q in ("dW_sample", "db_sample"):
        delta = record.delta[l - 1][s, j or 0]
        if q == "db_sample":
            return float(record.delta[l - 1][s].sum() if record.problem.bias_sharing == "per_layer" else delta)
        return float(delta * record.a[l - 1][s, k or 0])
    values = {"x": record.x, "y": record.y, "loss_output": record.loss_output}.get(q)
    if values is None:
        values = quantity(record, q, l)
    index = tuple(i for i in ((s,) if _per_sample(q) else ()) + (j, k) if i is not None)
    return float(values[index])


def state_value(record: Record, slot: str, layer: int, unit: int, from_: int | None, *, old: bool) -> float:
    """Return one entry of an optimiser's state vector before (`old`) or after the update; `from_` None stands for the bias."""
    state = record.state if old else record.new_state
    if state is None:
        raise ValueError('there is no new optimiser state, because "learning_rate" is null')
    problem = record.problem
    vector = Parameters(problem.layers, problem.has_biases, state.slots[SLOT_NAMES[problem.optimizer.name].index(slot)])
    return float(vector.b[layer - 1][unit] if from_ is None else vector.W[layer - 1][unit, from_])


def _per_sample(quantity_name: str) -> bool:
    return quantity_name in ("x", "y", "z", "a", "dadz", "dLda", "delta", "dLdX", "dLdx", "path", "loss_output", "z_after", "a_after")
