"""What a picture of a network is made of: shapes and texts in logical pixels, each with the quantity it shows. Plain data, no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gui.diagram.text import Block
from gui.formula.page import BoardStep
from gui.theme import RGB, Theme
from model.expr.tree import NumberFormat
from model.stages import Ref

Floats = NDArray[np.float64]


def dash_of(width: float) -> tuple[float, float]:
    """Return how long a dash and the space after it are, for a line width in the same unit."""
    return 2.2 * width + 4.0, 1.1 * width + 3.2


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """n straight strokes, drawn in order. xy: (n, 4) x0 y0 x1 y1; rgb: (n, 3); width: (n,); dashed: (n,).

    layer, unit, sender: (n,) the weight each stands for; sender -1 is the bias. kind: "edge" strokes answer to the pointer and show
    W or b of the layer; "error" strokes run from output `unit` to the loss and show ∂L/∂a; "halo" strokes mark what is current.
    """

    xy: Floats
    rgb: NDArray[np.uint8]
    width: Floats
    dashed: NDArray[np.bool_]
    layer: NDArray[np.int32]
    unit: NDArray[np.int32]
    sender: NDArray[np.int32]
    kind: Literal["edge", "error", "halo", "plain"] = "edge"

    def __len__(self) -> int:
        return len(self.xy)

    def rows(self, mask: NDArray[np.bool_]) -> Lines:
        """Return some of the strokes."""
        return Lines(self.xy[mask], self.rgb[mask], self.width[mask], self.dashed[mask], self.layer[mask], self.unit[mask],
                     self.sender[mask], self.kind)  # fmt: skip

    def ref(self, i: int) -> Ref:
        """Return the quantity that stroke i shows."""
        layer, unit, sender = int(self.layer[i]), int(self.unit[i]), int(self.sender[i])
        if self.kind == "error":
            return Ref("dLda", layer, unit)
        return Ref("b", layer, unit) if sender < 0 else Ref("W", layer, unit, sender)


@dataclass(frozen=True, slots=True)
class Polygon:
    """A filled area without outline, such as the faint band that stands for many edges. points: x, y pairs."""

    points: tuple[tuple[float, float], ...]
    fill: RGB
    ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class Circle:
    """A disc or ring (fill None) around (x, y)."""

    x: float
    y: float
    r: float
    fill: RGB | None
    line: RGB | None = None
    line_width: float = 0.0
    dashed: bool = False
    ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class Half:
    """The left or right half of a neuron, a disc or a capsule of half width rx; fill None only answers to the pointer."""

    x: float
    y: float
    r: float
    rx: float
    side: Literal["left", "right"]
    fill: RGB | None
    ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with round corners: the loss, plates under numbers, badges. x, y: its centre."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    fill: RGB | None
    line: RGB | None = None
    line_width: float = 0.0
    dashed: bool = False
    ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A text whose digits are centred on y, at x by `anchor`. ground: the colour it stands on (for the contrast test)."""

    x: float
    y: float
    block: Block
    colour: RGB
    ground: RGB
    anchor: Literal["left", "centre", "right"] = "centre"
    ref: Ref | None = None
    kind: str = ""

    @property
    def left(self) -> float:
        """The left end of the text."""
        return self.x - self.block.width * {"left": 0.0, "centre": 0.5, "right": 1.0}[self.anchor]

    @property
    def baseline(self) -> float:
        """The height of the baseline."""
        return self.y + self.block.size * 0.36

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the ink."""
        return (self.left, self.baseline - self.block.ascent, self.left + self.block.width, self.baseline + self.block.descent)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A grid of coloured cells: an image input, a heat map, the ramp of the legend. cells: (rows, columns, 3) bytes.

    x, y: top left corner. ref: the quantity of which cell i in reading order is unit i, or None.
    """

    x: float
    y: float
    width: float
    height: float
    cells: NDArray[np.uint8]
    line: RGB | None = None
    ref: Ref | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Formulas:
    """A step's words and formulas in a rectangle, set smaller where they would not fit. x, y: top left corner; zoom: of the letters."""

    x: float
    y: float
    width: float
    height: float
    step: BoardStep
    fmt: NumberFormat
    theme: Theme
    zoom: float = 1.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A line or an area of any shape. parts: each begins at a point; then 2 numbers are a line to it, 6 a curve (two controls, its end).

    dash: lengths of dashes and spaces in pixels, () for a whole line; opacity: 0..1, of area and line.
    """

    parts: tuple[tuple[tuple[float, ...], ...], ...]
    fill: RGB | None
    line: RGB | None = None
    line_width: float = 0.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Turned:
    """A text that is turned around its point (x, y) by so many degrees, clockwise."""

    label: Label
    angle: float


Primitive = Lines | Polygon | Circle | Half | Box | Label | Picture | Formulas | Curve | Turned


@dataclass(frozen=True, slots=True, eq=False)
class Diagram:
    """A picture: its size in logical pixels, its ground colour and its primitives in painting order.

    unit: how large one of these pixels is on paper, in 1/96 inch; less than 1 where a small page shows more than it has room for.
    notes: what the picture leaves out, in words ("1,200 of 23,520 edges, the strongest"), as its caption says them.
    """

    width: float
    height: float
    background: RGB
    items: tuple[Primitive, ...]
    notes: tuple[str, ...] = ()
    unit: float = 1.0

    @property
    def edges(self) -> tuple[Lines, ...]:
        """The strokes that answer to the pointer."""
        return tuple(item for item in self.items if isinstance(item, Lines) and item.kind in ("edge", "error"))

    @property
    def labels(self) -> tuple[Label, ...]:
        """All texts."""
        return tuple(item for item in self.items if isinstance(item, Label))
