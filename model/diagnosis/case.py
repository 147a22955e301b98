"""The number that a figure is compared with, and its names in the notation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from model.diagnosis.altered import Way
from model.explain.names import state_latex
from model.expr.text import latex_to_text
from model.losses import FUSED_DELTAS
from model.moment import is_state, number, parameter_of
from model.notation.profile import Notation
from model.problem import Problem
from model.quantities import QUANTITIES
from model.record import Record
from model.stages import Ref

# In which part of an update a quantity is worked out: no later slip can be in it.
FORWARD, LOSS, BACKWARD, UPDATE = range(4)
_PARTS = {"z": FORWARD, "a": FORWARD, "loss": LOSS, "loss_sample": LOSS, "loss_output": LOSS, "penalty": LOSS, "mean_abs_error": LOSS}
_UPDATED = ("W_new", "b_new", "step_W", "step_b", "z_after", "a_after", "loss_after")
AFTER = ("z_after", "a_after", "loss_after")
GIVEN = ("W", "b", "x", "y", "learning_rate", "one")
_SMALL = 3000  # weights times samples up to which an update takes a fraction of a millisecond


class Try(NamedTuple):
    """A cause that may be behind a figure.

    kind: its name. clause: goes on after "comes out when", or after "is" where `is_number`. way: how the update is worked out with
    it; value: the number itself, where no update is needed for it. here: what is so in the experiment. shift: where the number
    stands that was taken for the right one, as seen from that. updates: the numbers of those in which the slip is made; () is this one.
    """

    kind: str
    clause: str
    way: Way | None = None
    value: float = 0.0
    here: str = ""
    is_number: bool = False
    shift: tuple[object, ...] = ()
    updates: tuple[int, ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same where one slip explains several figures."""
        return (self.kind, *(self.shift or (self.clause,)))


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One number of a record. ref: the number; sample: the row of the batch where the ref names none; sign: −1 where the source
    prints the opposite sign.
    """

    record: Record
    ref: Ref
    notation: Notation
    sample: int = 0
    sign: int = 1

    @property
    def problem(self) -> Problem:
        """The experiment."""
        return self.record.problem

    @property
    def part(self) -> int:
        """FORWARD, LOSS, BACKWARD or UPDATE."""
        updated = self.ref.quantity in _UPDATED or is_state(self.problem, self.ref.quantity)
        return UPDATE if updated else _PARTS.get(self.ref.quantity, BACKWARD)

    @property
    def is_small(self) -> bool:
        """Whether an update is so quick that hundreds of them can be worked out while one waits."""
        return len(self.record.params.theta) * self.record.m <= _SMALL

    @property
    def is_given(self) -> bool:
        """Whether the number is not calculated at all."""
        return self.ref.quantity in GIVEN or (self.ref.quantity == "a" and self.ref.layer == 0)

    @property
    def sloped(self) -> range:
        """The weight layers whose φ′ the number depends on."""
        ref, depth = self.ref, self.problem.depth
        if ref.quantity == "dadz":
            return range(ref.layer, ref.layer + 1)
        return range(1 if ref.quantity in AFTER else max(1, ref.layer + (ref.quantity == "dLda")), depth + 1)

    @property
    def handed_down(self) -> range:
        """The weight layers through whose weights the error goes on its way to the number."""
        ref, depth = self.ref, self.problem.depth
        if ref.quantity == "dadz":
            return range(0)
        return range(2 if ref.quantity in AFTER else max(2, ref.layer + (ref.quantity != "dLdX")), depth + 1)

    @property
    def is_fused(self) -> bool:
        """Whether the slope of the output cancels against the derivative of the loss."""
        return (self.problem.activations[-1], self.problem.loss) in FUSED_DELTAS

    def is_cancelled(self, layer: int) -> bool:
        """Whether φ′ of a weight layer cancels, so that it is in no number."""
        return layer == self.problem.depth and self.is_fused

    @property
    def of_batch(self) -> bool:
        """Whether the number belongs to the whole batch of several samples."""
        return self.record.m > 1 and self.ref.quantity in ("loss", "dW", "db", "W_new", "b_new", "step_W", "step_b")

    def value(self, record: Record | None = None) -> float:
        """Return the number, of the record or of one that was worked out otherwise, with the sign that the source gives it."""
        return self.sign * number(record or self.record, self.ref, self.sample)

    def value_of(self, ref: Ref) -> float:
        """Return another number of the record."""
        return number(self.record, ref, self.sample)

    def name(self, ref: Ref) -> str:
        """Return the symbol of a number as text."""
        notation, problem = self.notation, self.problem
        if self.record.m > 1 and ref.sample is None and ref.quantity in QUANTITIES and QUANTITIES[ref.quantity].per_sample:
            ref = ref._replace(sample=self.sample)
        if ref.quantity == "learning_rate":
            return latex_to_text(notation.symbols["learning_rate"])
        if is_state(problem, ref.quantity):
            of = notation.symbol(parameter_of(ref), problem, self.record.m)
            return latex_to_text(state_latex(notation, ref.quantity, of, self.record.state.t + 1))
        return latex_to_text(notation.symbol(ref, problem, self.record.m))

    def symbol(self, ref: Ref) -> str:
        """Return the symbol of a number of any sample as text: for a slip that is made with all of them."""
        return latex_to_text(self.notation.symbol(ref, self.problem, 1))

    def whole(self, quantity: str, layer: int = 0) -> str:
        """Return the symbol of a vector or matrix as text."""
        return latex_to_text(self.notation.name_of(quantity, layer, self.problem))

    def phi(self, layer: int) -> str:
        """Return the letter of a layer's activation function."""
        return latex_to_text(self.notation.name_of("phi", layer, self.problem))
