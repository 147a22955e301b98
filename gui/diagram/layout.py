"""Where everything stands: columns of layers, rows of neurons, sizes of circles and letters, for any network and any canvas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from math import ceil, isqrt

import numpy as np
from numpy.typing import NDArray

from gui.diagram.wrapped import more_lines
from gui.theme import Theme

ALL_UP_TO = 12  # neurons of a layer that are drawn in full
COMPACT_UP_TO = 40  # neurons of a layer that are all drawn, small and without numbers
CHOSEN = 11  # neurons that stand for a larger layer
GRID_FROM = 49  # square numbers of inputs from here on are images


@dataclass(frozen=True, slots=True)
class Sizes:
    """Heights of letters in pixels. smallest: what nothing may go below."""

    smallest: float
    text: float
    caption: float
    header: float
    stroke: float
    pad: float


@dataclass(frozen=True)
class Column:
    """One column. units: the neurons drawn, from the top; ys: their heights; dots: heights of "⋮"; total: how many there are.

    kind: "input", "layer", "loss" or "targets". full: whether there is room for numbers. grid: (rows, columns) of an image input.
    r, rx: half the height and half the width of a neuron: a circle, or a capsule where a circle has no room for its numbers.
    """

    kind: str
    layer: int
    x: float
    r: float
    rx: float
    units: tuple[int, ...]
    ys: tuple[float, ...]
    dots: tuple[float, ...] = ()
    bias_y: float | None = None
    bias_r: float = 0.0
    total: int = 0
    full: bool = True
    pitch: float = 0.0
    grid: tuple[int, int] | None = None
    side: float = 0.0

    @cached_property
    def index(self) -> dict[int, int]:
        """Row of each drawn unit."""
        return {unit: i for i, unit in enumerate(self.units)}

    @cached_property
    def centres(self) -> NDArray[np.float64]:
        """(drawn units, 2): where edges begin and end; for an image the middles of its pixels."""
        if self.grid is None:
            return np.column_stack([np.full(len(self.ys), self.x), np.array(self.ys, dtype=np.float64)])
        rows, columns = self.grid
        row, column = np.divmod(np.arange(rows * columns), columns)
        left, top = self.x - self.side / 2, self.ys[0] - self.side / 2
        return np.column_stack([left + (column + 0.5) * self.side / columns, top + (row + 0.5) * self.side / rows])


@dataclass(frozen=True)
class Layout:
    """columns: input, layers 1..L, and (with a loss) the loss and the targets. top, bottom: the body between headers and legend."""

    width: float
    height: float
    sizes: Sizes
    columns: tuple[Column, ...]
    top: float
    bottom: float
    gap: float

    @property
    def neurons(self) -> tuple[Column, ...]:
        """The columns of neuron layers 0..L."""
        return tuple(column for column in self.columns if column.kind in ("input", "layer"))

    def column(self, kind: str) -> Column | None:
        """Return the column of the loss or the targets, if there is one."""
        return next((column for column in self.columns if column.kind == kind), None)


def sizes_for(theme: Theme, width: float, height: float, spare: float = 1.0) -> Sizes:
    """Return the letter sizes for a canvas, so that a picture twice as large shows the same at twice the size.

    spare: by how much letters of the network may be larger than usual, because there are few neurons.
    """
    smallest = float(ceil(max(theme.smallest, theme.smallest_share * height)))
    usual = max(11.0, min(width / 76, height / 46), smallest)
    larger = min(spare * width / 76, spare * height / 46)
    comfortable = min(13.0, 1.12 * spare * width / 76, spare * height / 46) if spare > 1 else 0.0  # on small canvases
    text = float(round(max(larger, comfortable, usual)))
    projector = theme.smallest_share > 0
    return Sizes(
        smallest=smallest,
        text=text,
        caption=usual * (1.2 if projector else 1.3),
        header=max(usual * 1.08, text),
        stroke=usual / 12 * theme.strokes,
        pad=usual * (0.9 if projector else 1.2),
    )


@dataclass(frozen=True, slots=True)
class Shape:
    """What the layout needs to know of a network. chosen: per neuron layer the units to draw where not all are."""

    layers: tuple[int, ...]
    biases: bool
    loss: bool
    chosen: tuple[tuple[int, ...], ...]
    symbol_width: float = 2.0  # of the widest input or target symbol, in letter heights
    given_width: float = 0.0  # of the widest input or target, which are not to be rounded
    conventions: tuple[str, ...] = ()  # named below the caption


@lru_cache(maxsize=32)
def lay_out(
    shape: Shape, theme: Theme, width: float, height: float, *, caption: bool, legend: bool, spacing: tuple[float, ...] = ()
) -> Layout:
    """Return the layout of a network on a canvas. spacing: how far each column stands from its usual place, in widths of the canvas."""
    s = sizes_for(theme, width, height, _spare(shape))
    top = s.pad * 0.8 + (s.caption * 2.05 if caption else 0.0) + s.text * 3.3
    top += more_lines(shape.conventions, s.caption, s.smallest, width - 2 * s.pad) if caption else 0.0
    bottom = height - s.pad * 0.6 - (s.text * 3.6 if legend else 0.6 * s.text)
    rows = [_rows(shape, layer, bottom - top) for layer in range(len(shape.layers))]
    xs, gap, side = _across(shape, s, width, bottom - top)
    if len(spacing) == len(xs):
        xs = _spaced(xs, spacing, s, width)
        gap = min([gap, *(b - a - (side / 2 if i == 0 else 0.0) for i, (a, b) in enumerate(pairwise(xs[: len(shape.layers)])))])
    middle, pitches, r = _rows_and_radius(rows, s, top, bottom, gap)
    columns = []
    for layer, (row, pitch) in enumerate(zip(rows, pitches, strict=True)):
        image = layer == 0 and side > 0
        place = _Place(xs[layer], middle, pitch, r, width, gap)
        columns.append(_image(shape, xs[0], middle, side, s) if image else _neurons(shape, layer, row, place, s))
    if shape.loss:
        columns += _loss_and_targets(columns[-1], xs, r, middle, (_input_radius(s, width), _given_half(shape, s, width)))
    return Layout(width, height, s, tuple(columns), top, bottom, gap)


def _spare(shape: Shape) -> float:
    """Return by how much letters may be larger than usual."""
    columns, rows = len(shape.layers) + shape.loss, max(shape.layers) + shape.biases
    return min(max(min(5.2 / columns, 4.2 / rows), 1.0), 1.25)


def is_image(layers: tuple[int, ...]) -> bool:
    """Return whether the inputs are laid out as the pixels of a square picture."""
    return layers[0] >= GRID_FROM and isqrt(layers[0]) ** 2 == layers[0]


@dataclass(frozen=True, slots=True)
class _Rows:
    """units: drawn, None for a "⋮"; full: room for numbers."""

    units: tuple[int | None, ...]
    full: bool
    bias: bool
    image: bool = False

    @property
    def count(self) -> float:
        """Height of the neurons in rows; a "⋮" is less than one."""
        return len(self.units) - 0.3 * self.units.count(None)


def _rows(shape: Shape, layer: int, body: float) -> _Rows:
    n = shape.layers[layer]
    bias = shape.biases and layer + 1 < len(shape.layers)
    if layer == 0 and is_image(shape.layers):
        return _Rows((0,), False, bias, image=True)
    if n <= ALL_UP_TO or (n <= COMPACT_UP_TO and body / (n + 1) >= 9):
        return _Rows(tuple(range(n)), n <= ALL_UP_TO, bias)
    units: list[int | None] = []
    last = -1
    for unit in sorted(shape.chosen[layer][:CHOSEN]):
        if unit != last + 1:
            units.append(None)
        units.append(unit)
        last = unit
    return _Rows((*units, *((None,) if last != n - 1 else ())), True, bias)


def _across(shape: Shape, s: Sizes, width: float, body: float) -> tuple[list[float], float, float]:
    """Return the x of every column, the distance of two layers, and the side of an image input."""
    share = [1.0] * (len(shape.layers) - 1) + ([0.82, 0.5] if shape.loss else [])
    image = is_image(shape.layers)
    side = min(body * 0.62, width * 0.24) if image else 0.0
    circle, given = _input_radius(s, width), _given_half(shape, s, width)
    left = s.pad + (side / 2 if image else shape.symbol_width * s.text + max(circle, given))
    right = s.pad + (shape.symbol_width * s.text + max(0.7 * circle, given) if shape.loss else 1.5 * circle)
    gap = (width - left - right - side / 2) / sum(share)
    if gap > (limit := 0.36 * width):  # small networks do not have to fill a wide canvas
        left += (gap - limit) * sum(share) / 2
        gap = limit
    xs = [left]
    for i, part in enumerate(share):
        xs.append(xs[-1] + part * gap + (side / 2 if i == 0 else 0.0))
    return xs, gap, side


def _spaced(xs: list[float], spacing: tuple[float, ...], s: Sizes, width: float) -> list[float]:
    """Return columns moved as asked, within the canvas and never closer than they can be read."""
    least = 6.0 * s.text
    room = [4.0 * s.text + least * i for i in range(len(xs))]
    result: list[float] = []
    for i, (x, by) in enumerate(zip(xs, spacing, strict=True)):
        low = max(room[i], result[-1] + least) if result else xs[0]
        high = width - room[len(xs) - 1 - i] if i + 1 < len(xs) else xs[-1]
        result.append(max(min(x + by * width, high), low))
    return result


def _input_radius(s: Sizes, width: float) -> float:
    return min(3.0 * s.text, width * 0.04)


def _given_half(shape: Shape, s: Sizes, width: float) -> float:
    """Return half the width that an input or a target needs to be written in full."""
    return min((shape.given_width + 0.9) * s.text / 2, 0.06 * width)


def _bias_row(pitch: float, s: Sizes) -> float:
    return max(pitch, 1.9 * s.text)


def _down(rows: list[_Rows], s: Sizes, top: float, bottom: float) -> tuple[float, list[float]]:
    """Return the height on which all layers are centred, bias nodes above, and the distance of two neurons of each layer."""
    room = bottom - top
    pitches = []
    for row in rows:
        pitch = min(room / (row.count + row.bias), 0.34 * room)
        if row.bias and pitch < _bias_row(pitch, s):
            pitch = (room - _bias_row(pitch, s)) / row.count
        pitches.append(pitch)
    shifts = [_bias_row(pitch, s) / 2 for row, pitch in zip(rows, pitches, strict=True) if row.bias and not row.image]
    middle = (top + bottom) / 2 + min(shifts, default=0.0)
    for i, row in enumerate(rows):
        above = (middle - top - (_bias_row(pitches[i], s) if row.bias and row.count > 3 else 0.0)) / (row.count / 2)
        pitches[i] = min(pitches[i], above, (bottom - middle) / (row.count / 2))
    return middle, pitches


def _rows_and_radius(rows: list[_Rows], s: Sizes, top: float, bottom: float, gap: float) -> tuple[float, list[float], float]:
    """Return the common middle, the distances of neurons and their radius; the outermost circles reach to the ends of the room."""
    middle, pitches = _down(rows, s, top, bottom)
    r = _radius(rows, pitches, s, gap, bottom - top)
    if any(row.image or not row.full for row in rows):
        return middle, pitches, r
    for _ in range(5):  # what a row gains by a larger distance it may use up again, a third or less each time
        above = min(p / 2 - (_bias_radius(r, p, s) if row.bias else r) - 0.3 * s.text for row, p in zip(rows, pitches, strict=True))
        below = min(p / 2 - r - 2.1 * s.text for p in pitches)
        middle, pitches = _down(rows, s, top - max(above, 0.0), bottom + max(below, 0.0))
    return middle, pitches, max(r, _radius(rows, pitches, s, gap, bottom - top))


def _bias_radius(r: float, pitch: float, s: Sizes) -> float:
    return min(max(0.5 * r, 0.8 * s.text), 2.4 * s.text, 0.42 * _bias_row(pitch, s))


def _radius(rows: list[_Rows], pitches: list[float], s: Sizes, gap: float, body: float) -> float:
    """Return half the height of the neurons that carry numbers, with a strip for the badge below if that leaves enough."""
    pitch = min((p for row, p in zip(rows, pitches, strict=True) if row.full), default=body / 3)
    roomy = (pitch - 1.75 * s.text) / 2.08
    return max(4.0, min(roomy if roomy >= 0.8 * s.text else 0.4 * pitch, 0.24 * gap, 0.115 * body, 4.4 * s.text))


def _image(shape: Shape, x: float, middle: float, side: float, s: Sizes) -> Column:
    n = isqrt(shape.layers[0])
    r = 1.25 * s.text
    y = middle + (0.6 * r if shape.biases else 0.0)
    bias_y = y - side / 2 - 1.7 * r if shape.biases else None
    return Column("input", 0, x, r, r, tuple(range(n * n)), (y,), (), bias_y, r, n * n, False, 0.0, (n, n), side)


@dataclass(frozen=True, slots=True)
class _Place:
    """x, middle: of a column; pitch: distance of its neurons; r: half the height they may have; width: of the canvas."""

    x: float
    middle: float
    pitch: float
    r: float
    width: float
    gap: float


def _neurons(shape: Shape, layer: int, rows: _Rows, place: _Place, s: Sizes) -> Column:
    pitch, r = place.pitch, place.r
    own = min(r, 0.42 * pitch) if rows.full else min(0.4 * pitch, r)
    if layer == 0 and rows.full and own > 1.6 * s.text:
        own = min(0.8 * own, _input_radius(s, place.width))
    radius = own
    wide = min(3.7 * s.text, 0.3 * place.gap)
    capsule = layer > 0 and rows.full and wide > max(1.12 * radius, 2.2 * s.text)
    bias_r = _bias_radius(r, pitch, s) if rows.full else 0.75 * s.text
    y = place.middle - pitch * rows.count / 2
    bias_y = y - _bias_row(pitch, s) / 2 if rows.bias else None
    units, ys, dots = [], [], []
    for unit in rows.units:
        height = pitch * (0.7 if unit is None else 1.0)
        if unit is None:
            dots.append(y + height / 2)
        else:
            units.append(unit)
            ys.append(y + height / 2)
        y += height
    kind = "input" if layer == 0 else "layer"
    across = max(radius, _given_half(shape, s, place.width)) if layer == 0 and rows.full else wide if capsule else radius
    return Column(kind, layer, place.x, radius, across, tuple(units), tuple(ys), tuple(dots), bias_y, bias_r,
                  shape.layers[layer], rows.full, pitch)  # fmt: skip


def _loss_and_targets(outputs: Column, xs: list[float], r: float, middle: float, given: tuple[float, float]) -> list[Column]:
    half = min(outputs.r * 0.85, 0.6 * given[0]) if outputs.full else outputs.r
    loss = Column("loss", outputs.layer, xs[-2], r, r, (0,), (middle,), total=1)
    rx = max(half, given[1]) if outputs.full else half
    targets = Column("targets", outputs.layer, xs[-1], half, rx, outputs.units, outputs.ys, outputs.dots,
                     total=outputs.total, full=outputs.full, pitch=outputs.pitch)  # fmt: skip
    return [loss, targets]
