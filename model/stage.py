"""The parts of a walk: references to single numbers, stages (one quantity of one layer), and a notation's order of presentation.

Nothing here computes a number: a stage says what it holds, in which order it is revealed, and how it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal, NamedTuple

Granularity = Literal["phase", "layer", "neuron", "term"]
GRANULARITIES: tuple[Granularity, ...] = ("phase", "layer", "neuron", "term")
Phase = Literal["forward", "loss", "backward", "update"]


class Ref(NamedTuple):
    """One number of a record: quantity and layer as in the problem file, indices from 0; None stands for all.

    `dLdX` is indexed by `unit` (0 is the leading 1). The bias in an augmented matrix is ("b" | "db" | "b_new", layer, unit).
    Besides the file's quantities: W, b, x (= a of layer 0), y, learning_rate, one (the constant input 1).
    """

    quantity: str
    layer: int = 0
    unit: int | None = None
    from_: int | None = None
    sample: int | None = None


class Block(NamedTuple):
    """A part of the order of presentation: for each layer in `layers`, these stages; a stage already shown is not repeated.

    layers: "up" 1..L, "down" L..1, "output" L, "hidden_down" L-1..1. A stage name may end in "+1" (the layer above).
    """

    layers: str
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a notation decides about the walk. bias: inside the matrices or apart. rows: what a row of W stands for."""

    blocks: tuple[Block, ...]
    bias: Literal["column", "row", "apart"]
    rows: Literal["to", "from"]


PHASES: dict[str, Phase] = {
    "z": "forward", "a": "forward", "loss_sample": "loss", "loss": "loss", "dadz": "backward", "dLda": "backward",
    "delta": "backward", "dW_sample": "backward", "dW": "backward", "db": "backward", "dLdX": "backward",
    "W_new": "update", "b_new": "update",
}  # fmt: skip
GIVEN = frozenset({"x", "y", "W", "b", "learning_rate", "one"})
BIAS_OF = {"dW_sample": "db_sample", "dW": "db", "W_new": "b_new"}
MATRICES = tuple(BIAS_OF)


@dataclass(frozen=True, slots=True)
class Stage:
    """One quantity of one layer. `shape` is (components,) for a vector and (rows, columns) as displayed for a matrix.

    inside: the bias is part of the matrix, as its column 0 or row 0. transposed: a row of the matrix is a sending unit.
    """

    quantity: str
    layer: int
    phase: Phase
    shape: tuple[int, ...]
    terms: int
    inside: bool = False
    transposed: bool = False
    reveals: tuple[tuple[str, int], ...] = ()

    @property
    def components(self) -> int:
        """Number of components (units, or entries of the matrix)."""
        return prod(self.shape)

    @property
    def ticks(self) -> int:
        """Number of terms of the whole stage."""
        return self.components * self.terms

    def entry(self, component: int) -> Ref:
        """Return which number the component is."""
        if self.quantity not in MATRICES:
            return Ref(self.quantity, self.layer, None if self.quantity in ("loss", "loss_sample") else component)
        row, column = divmod(component, self.shape[1])
        unit, source = (column, row) if self.transposed else (row, column)
        if self.inside and source == 0:
            return Ref(BIAS_OF[self.quantity], self.layer, unit)
        return Ref(self.quantity, self.layer, unit, source - self.inside)

    def component(self, ref: Ref) -> int | None:
        """Return the component that holds `ref`, or None if it is not a single component of this stage."""
        if self.quantity not in MATRICES:
            if self.quantity == "dLda" and ref.quantity == "dLdX" and ref.unit is not None:
                return max(ref.unit - 1, 0)  # the coordinate of the constant 1 comes with the first neuron
            return 0 if self.quantity in ("loss", "loss_sample") else ref.unit
        if ref.unit is None:
            return None
        is_bias = ref.from_ is None
        source = 0 if is_bias else (ref.from_ or 0) + self.inside
        row, column = (source, ref.unit) if self.transposed else (ref.unit, source)
        return row * self.shape[1] + column

    @property
    def address(self) -> str:
        """The stage as `render --at` takes it, such as "delta:2" or "loss"."""
        return f"{self.quantity}:{self.layer}" if self.layer else self.quantity
