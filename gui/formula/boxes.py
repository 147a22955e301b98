"""Boxes that a formula is made of, and the metrics they are measured with. No Qt: whoever lays out brings the metrics.

Lengths are pixels; y points downwards from the baseline. A box knows its width, its height above (ascent) and below (descent)
the baseline, and either holds other boxes or one piece of ink.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, NamedTuple, Protocol

from model.stages import Ref

Face = Literal["math", "math-bold", "words", "words-bold"]
Role = Literal["text", "dim", "positive", "negative", "phase"]


class AtomSize(NamedTuple):
    """Size of a typeset symbol in em."""

    width: float
    ascent: float
    descent: float


class Metrics(Protocol):
    """What the layout has to know about fonts and symbols."""

    def advance(self, text: str, face: Face) -> float:
        """Return the width of a text in em."""
        ...

    def atom(self, latex: str) -> AtomSize | None:
        """Return the size of a symbol, or None while it has not been typeset; asking may start that."""
        ...


@dataclass(frozen=True, slots=True)
class TextInk:
    """A run of characters at `size` pixels per em."""

    text: str
    face: Face
    size: float
    role: Role = "text"


@dataclass(frozen=True, slots=True)
class AtomInk:
    """A typeset symbol at `size` pixels per em; pending: a stand-in of about its size, until it has been typeset."""

    latex: str
    size: float
    role: Role = "text"
    pending: bool = False


@dataclass(frozen=True, slots=True)
class FenceInk:
    """A bracket, parenthesis or brace that fills its box from top to bottom; `size`: pixels per em of what it encloses."""

    kind: Literal["[", "]", "(", ")", "{"]
    size: float
    role: Role = "text"


@dataclass(frozen=True, slots=True)
class RuleInk:
    """A filled rectangle: the line of a fraction, or of a frame."""

    role: Role = "text"


Ink = TextInk | AtomInk | FenceInk | RuleInk


class Child(NamedTuple):
    """A box inside another: x from its left edge, y of its baseline below the outer baseline."""

    x: float
    y: float
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """point: for numbers, where the decimal point stands (or would), so that columns can be aligned on it."""

    width: float
    ascent: float
    descent: float
    children: tuple[Child, ...] = ()
    ink: Ink | None = None
    ref: Ref | None = None
    point: float | None = None

    @property
    def height(self) -> float:
        """Whole height, above and below the baseline."""
        return self.ascent + self.descent


class Piece(NamedTuple):
    """A box with ink at its place: (x, y) is the left end of its baseline, measured from the top left corner of the whole."""

    x: float
    y: float
    box: Box
    ref: Ref | None


class Hit(NamedTuple):
    """Where a number (or, if not `is_number`, a symbol) with a reference stands, from the top left corner of the whole."""

    x: float
    y: float
    width: float
    height: float
    ref: Ref
    is_number: bool


@dataclass(frozen=True, eq=False)
class LaidOut:
    """Something laid out: `root` with its top at y = 0. `baseline`: of the first line, from the top. `size`: of a formula, in pixels
    per em."""

    root: Box
    baseline: float = field(default=0.0)
    size: float = field(default=0.0)

    @property
    def width(self) -> float:
        """Width in pixels; more than was asked for only where one piece cannot be broken."""
        return self.root.width

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.root.height

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Everything that has ink, in reading order."""
        return tuple(_pieces(self.root, 0.0, self.root.ascent, None))

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        """The rectangles of everything that has a reference."""
        return tuple(_hits(self.root, 0.0, self.root.ascent))

    @cached_property
    def pending(self) -> frozenset[str]:
        """The symbols that are stand-ins because they have not been typeset yet."""
        return frozenset(p.box.ink.latex for p in self.pieces if isinstance(p.box.ink, AtomInk) and p.box.ink.pending)

    def at(self, x: float, y: float) -> Ref | None:
        """Return what stands at a point, the innermost of several."""
        found = [hit for hit in self.hits if hit.x <= x < hit.x + hit.width and hit.y <= y < hit.y + hit.height]
        return min(found, key=lambda hit: hit.width * hit.height).ref if found else None


def _pieces(box: Box, x: float, y: float, ref: Ref | None) -> Iterator[Piece]:
    ref = box.ref or ref
    if box.ink is not None:
        yield Piece(x, y, box, ref)
    for child in box.children:
        yield from _pieces(child.box, x + child.x, y + child.y, ref)


def _hits(box: Box, x: float, y: float) -> Iterator[Hit]:
    if box.ref is not None:
        yield Hit(x, y - box.ascent, box.width, box.height, box.ref, isinstance(box.ink, TextInk))
    for child in box.children:
        yield from _hits(child.box, x + child.x, y + child.y)


def beside(boxes: Sequence[Box], gaps: Sequence[float] = ()) -> Box:
    """Set boxes side by side on one baseline; gaps[i] is left empty before boxes[i] (0 where not given)."""
    x, children = 0.0, []
    for i, box in enumerate(boxes):
        x += gaps[i] if i < len(gaps) else 0.0
        children.append(Child(x, 0.0, box))
        x += box.width
    ascent, descent = max((b.ascent for b in boxes), default=0.0), max((b.descent for b in boxes), default=0.0)
    return Box(x, ascent, descent, tuple(children))


def stacked(boxes: Sequence[Box], gap: float, indents: Sequence[float] = ()) -> Box:
    """Set boxes below each other from the left, `gap` between them; the baseline is that of the first."""
    y, children = 0.0, []
    for i, box in enumerate(boxes):
        if i:
            y += boxes[i - 1].descent + gap + box.ascent
        children.append(Child(indents[i] if i < len(indents) else 0.0, y, box))
    width = max((child.x + child.box.width for child in children), default=0.0)
    if not boxes:
        return Box(0.0, 0.0, 0.0)
    return Box(width, boxes[0].ascent, y + boxes[-1].descent, tuple(children))


def shifted(box: Box, left: float, width: float) -> Box:
    """Put a box into a wider one, `left` from its edge."""
    point = None if box.point is None else box.point + left
    return Box(width, box.ascent, box.descent, (Child(left, 0.0, box),), point=point)


def framed(box: Box, inner: float, line: float) -> Box:
    """Put a box into a frame of lines `line` pixels thick, `inner` pixels away from it."""
    width, top, bottom = box.width + 2 * inner, box.ascent + inner, box.descent + inner
    across, down = Box(width, line, 0.0, ink=RuleInk("dim")), Box(line, top, bottom, ink=RuleInk("dim"))
    lines = (Child(0.0, line - top, across), Child(0.0, bottom, across), Child(0.0, 0.0, down), Child(width - line, 0.0, down))
    return Box(width, top, bottom, (Child(inner, 0.0, box), *lines))


def raised(box: Box, ascent: float, descent: float) -> Box:
    """Return a box of at least this height above and below the baseline."""
    return replace(box, ascent=max(box.ascent, ascent), descent=max(box.descent, descent))
