"""What all builders of the picture share: the moment, the options, the layout, and how a number is written where room is short."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import floor
from typing import Literal

import numpy as np

from gui.diagram.current import Current
from gui.diagram.layout import Column, Layout
from gui.diagram.text import Block, symbol, words
from gui.links import covers
from gui.theme import ScaleKind, Theme
from model.expr.tree import NumberFormat, format_number, raw_number
from model.moment import Moment
from model.scales import format_of_ref
from model.stages import Ref

ColourBy = Literal["gradient", "weight", "update", "contribution", "none"]
GIVEN_DECIMALS = 4  # of inputs and targets on the canvas, whatever the room
Numbers = Literal["all", "current", "selected", "hover", "none"]
Range = Literal["step", "run", "fixed"]


@dataclass(frozen=True, slots=True)
class PathOverlay:
    """A way from a weight to the loss: its edges as (layer, unit, sender), sender -1 the bias, its contribution, and whose way it is."""

    edges: tuple[tuple[int, int, int], ...]
    value: float
    of: Ref | None = None


@dataclass(frozen=True, slots=True)
class DiagramOptions:
    """How a moment is drawn; none of it changes a number.

    title: what happens now, in words, parts set off by " · "; the part that names the phase gets its colour. limit: a fixed end of
    the colour scale, None for the largest value known. range: what `limit` is; that of the run grows with the largest of the step.
    highlighted: what is lit up elsewhere; a Ref with unit or from_ None stands for all. marks: whether what is selected, hovered or lit up
    is marked; without, these only decide what is shown where there is no room for all. paths: drawn over the edges.
    spacing: how far each column stands from its usual place, in widths of the canvas. units: per neuron layer those that stand for a
    layer that is too large, what matters most first; without, those with the largest errors. steady: whether the numbers on edges keep
    their decimals throughout an update, which takes as long again to choose: nobody walks through the updates of a run that goes on.
    """

    colour_by: ColourBy = "gradient"
    numbers: Numbers = "all"
    scale: ScaleKind = "linear"
    range: Range = "step"
    limit: float | None = None
    selected: Ref | None = None
    hovered: Ref | None = None
    highlighted: frozenset[Ref] = frozenset()
    marks: bool = True
    caption: bool = True
    legend: bool = True
    title: str = ""
    paths: tuple[PathOverlay, ...] = ()
    spacing: tuple[float, ...] = ()
    units: tuple[tuple[int, ...], ...] = ()
    steady: bool = True


@dataclass(frozen=True, slots=True)
class Context:
    """The arguments of every builder. written: size and decimals of the numbers in neurons by layer, filled when they are first needed."""

    moment: Moment
    theme: Theme
    options: DiagramOptions
    layout: Layout
    current: Current
    written: dict[int, tuple[float, int]] = field(default_factory=dict, init=False, compare=False)

    @property
    def line(self) -> float:
        """The width of an ordinary line."""
        return self.layout.sizes.stroke

    def symbol(self, ref: Ref, size: float, *, short: bool = False, sampled: bool = True) -> Block:
        """Return a quantity's symbol in the notation of the moment.

        short: without indices, but for which sample's loss an error is of; sampled: with the index of the sample, where there are more.
        """
        record = self.moment.record
        error = ref.quantity in ("delta", "dLda") and sampled
        samples = record.m if error or (sampled and not short) else 1
        latex = self.moment.notation.symbol(ref._replace(sample=self.moment.sample), record.problem, samples)
        return symbol(latex, size, self.layout.sizes.smallest, short=short, of=error)

    def format_of(self, ref: Ref) -> NumberFormat:
        """Return the form in which a number is written as board and tables write it, unless that has powers of ten, which need room."""
        fmt = format_of_ref(self.moment, ref)
        return fmt if (fmt.decimals or 0) >= 0 else self.moment.fmt

    def value(self, ref: Ref) -> float | None:
        """Return a number if it has been revealed, or the running sum if it is being formed."""
        if self.current.running is not None and self.current.running[0] == ref:
            return self.current.running[1]
        return self.moment.value(ref) if self.moment.known(ref) else None

    def fit(self, value: float, width: float, size: float, face: str = "medium", most: int = 8,
            fmt: NumberFormat | None = None) -> Block | None:  # fmt: skip
        """Set a number as large and as long as `width` allows; None where not even one decimal fits. fmt: else that of the moment."""
        fmt = fmt or self.moment.fmt
        found = fit_all([value], width, size, fmt, self.layout.sizes.smallest, face, most)
        return None if found is None else self.set_number(value, found[1], width, found[0], face, fmt)

    def set_number(self, value: float, decimals: int, width: float, size: float, face: str = "medium",
                   fmt: NumberFormat | None = None) -> Block:  # fmt: skip
        """Set a number with so many decimals; a power of ten with two digits or one, and smaller, so that it fits into `width`."""
        fmt, smallest = fmt or self.moment.fmt, min(self.layout.sizes.smallest, size)
        block = words(write(value, fmt, decimals), size, face)
        if is_power(block.plain):
            for digits, height in ((2, size), (1, size), (1, max(floor(0.84 * size), smallest)), (1, smallest)):
                block = words(write(value, fmt, decimals, digits), height, face)
                if block.width <= width:
                    break
        return block

    def without_power(self, ref: Ref, value: float, width: float, size: float, face: str) -> Block | None:
        """Set a small number as board and tables write it, 0.0024, in smaller letters if need be; None where two digits do not fit."""
        fmt = self.format_of(ref)
        most, smallest = min(longest_of(fmt), 8), min(self.layout.sizes.smallest, size)
        full = write(value, fmt, most)
        for height in (size, max(floor(0.84 * size), smallest)):
            for text in (write(value, fmt, decimals) for decimals in range(most, 0, -1)):
                if is_power(text) or (text != full and len(text.lstrip("−0.,")) < 2):
                    break
                if (block := words(text, height, face)).width <= width:
                    return block
        return None

    def fit_all(self, values: list[float], width: float, size: float, face: str = "medium", most: int = 8) -> tuple[float, int] | None:
        """Return the size and the decimals with which all of some numbers fit into `width`, or None; see `fit_all`."""
        return fit_all(values, width, size, self.moment.fmt, self.layout.sizes.smallest, face, most)

    def column(self, layer: int) -> Column:
        """Return the column of a neuron layer 0..L."""
        return self.layout.columns[layer]

    def lit(self, *refs: Ref) -> bool:
        """Return whether any of these is to be marked as hovered or lit up from elsewhere."""
        if not self.options.marks:
            return False
        wanted = self.options.highlighted | ({self.options.hovered} if self.options.hovered else frozenset())
        return any(covers(pattern, self._of_sample(ref)) for pattern in wanted for ref in refs)

    def _of_sample(self, ref: Ref) -> Ref:
        return ref if ref.sample is not None else ref._replace(sample=self.moment.sample)

    def chosen(self, *refs: Ref) -> bool:
        """Return whether any of these is to be marked as the selected one."""
        selected = self.options.selected if self.options.marks else None
        return selected is not None and any(covers(selected, self._of_sample(ref)) for ref in refs)


def fit_all(values: list[float], width: float, size: float, fmt: NumberFormat, smallest: float, face: str = "medium",
            most: int = 8) -> tuple[float, int] | None:  # fmt: skip
    """Return the size and the decimals with which all of some numbers fit into `width`, or None.

    Sizes stay at or above `smallest`; most: no more decimals than this, nor more than the user's setting.
    """
    longest = min(most, longest_of(fmt))
    shares = ((3, 1.0), (3, 0.92), (3, 0.84), (2, 1.0), (2, 0.92), (2, 0.84), (2, 0.76), (2, 0.0), (1, 0.0))
    for least, share in shares:
        height = max(smallest, size if share == 1.0 else floor(share * size))
        for decimals in range(longest, min(least, longest) - 1, -1):
            if fits(values, width, height, fmt, decimals, face):
                return height, decimals
    return None


def fits(values: list[float], width: float, size: float, fmt: NumberFormat, decimals: int, face: str) -> bool:
    """Return whether numbers with so many decimals are at most `width` wide; powers of ten, which have none, count only if all are."""
    texts = [write(value, fmt, decimals, 1) for value in values]
    return all(words(text, size, face).width <= width for text in [text for text in texts if not is_power(text)] or texts)


def is_power(text: str) -> bool:
    """Return whether a number is written with a power of ten."""
    return "e" in text and text[-1].isdigit()


def longest_of(fmt: NumberFormat) -> int:
    """Return how many decimals the user wants to see at most."""
    return 15 if fmt.decimals is None else fmt.decimals


@lru_cache(maxsize=16384)
def write(value: float, fmt: NumberFormat, decimals: int, digits: int = 0) -> str:
    """Write a number with at most `decimals` places; what would vanish is written with a power of ten, as 2e−6.

    In pictures alone, and not as 2·10⁻⁶ as everywhere else: neurons and edges in a projector have no room for that; the legend tells.

    digits: of that power's factor; 0: two where four decimals are wanted, else one.
    A number that is rounded more than the setting asks for keeps its zeros ("1.000"), one that is not is written as everywhere.
    """
    if not np.isfinite(value):
        return format_number(value, fmt) if np.isinf(value) else "undef."
    if value != 0 and (abs(value) < 0.5 * 10.0**-decimals or abs(value) >= 1e6):
        mantissa, exponent = f"{value:.{(digits or (1 if decimals < 4 else 2)) - 1}e}".split("e")
        return f"{mantissa.removesuffix('.0')}e{int(exponent)}".replace("-", "−").replace(".", "," if fmt.comma else ".")
    places = decimals if fmt.decimals is None else min(decimals, fmt.decimals)
    full = raw_number(value, fmt)
    rounded = decimals < len(full.partition("," if fmt.comma else ".")[2])  # what has been cut keeps its zeros: 1.000 is not 1
    return raw_number(value, replace(fmt, decimals=places, trailing_zeros=fmt.trailing_zeros or rounded))
