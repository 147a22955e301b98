"""Where everything stands: columns of layers, rows of neurons, sizes of circles and letters, for any network and any canvas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from gui.diagram.across import APART, CLOSE, NUMBERED, STACKED, WIDEST, WIDTH, Across, across, input_radius
from gui.diagram.rows import Room, Rows, bias_radius, bias_row, choose_rows, place_rows
from gui.diagram.shape import CHOSEN, Shape, Sizes, is_image, legend_height, sizes_for, spare
from gui.diagram.wrapped import conventions_height
from gui.theme import Theme

SINGLE = 0.45  # half the height of a neuron with one number, in distances of two


__all__ = ["CHOSEN", "Column", "Layout", "Shape", "Sizes", "is_image", "lay_out", "sizes_for"]


@dataclass(frozen=True)
class Column:
    """One column. units: the neurons drawn, from the top; ys: their heights; dots: heights of "⋮"; total: how many there are.

    kind: "input", "layer", "loss" or "targets". full: whether there is room for numbers. grid: (rows, columns) of an image input.
    r, rx: half the height and half the width of a neuron: a circle, or a capsule where a circle has no room for its numbers.
    stacked: z stands above a, not beside it. above: the symbols of inputs and targets stand above them, not beside.
    single: there is room for one number only. dot_height: of the room for a "⋮".
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
    stacked: bool = False
    above: bool = False
    dot_height: float = 0.0
    single: bool = False

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
    """columns: input, layers 1..L, and (with a loss) the loss and the targets. top, bottom: the body between headers and legend.

    close: whether there is no room for symbols beside inputs and targets.
    """

    width: float
    height: float
    sizes: Sizes
    columns: tuple[Column, ...]
    top: float
    bottom: float
    gap: float
    close: bool = False

    @property
    def neurons(self) -> tuple[Column, ...]:
        """The columns of neuron layers 0..L."""
        return tuple(column for column in self.columns if column.kind in ("input", "layer"))

    def column(self, kind: str) -> Column | None:
        """Return the column of the loss or the targets, if there is one."""
        return next((column for column in self.columns if column.kind == kind), None)


@lru_cache(maxsize=32)
def lay_out(
    shape: Shape, theme: Theme, width: float, height: float, *, caption: bool, legend: bool, spacing: tuple[float, ...] = ()
) -> Layout:
    """Return the layout of a network on a canvas. spacing: how far each column stands from its usual place, in widths of the canvas."""
    s = sizes_for(theme, width, height, spare(shape))
    top = s.pad * 0.8 + (s.caption * 2.05 if caption else 0.0) + s.text * 3.3
    top += conventions_height(shape.conventions, s.caption, s.smallest, width - 2 * s.pad) if caption else 0.0
    bottom = height - s.pad * 0.6 - (legend_height(s, width) if legend else 0.6 * s.text)
    place = across(shape, s, width, bottom - top)
    xs, gap = place.xs, place.gap
    if len(spacing) == len(xs):
        xs = _spaced(xs, spacing, s, width)
        side = place.side / 2
        gap = min([gap, *(b - a - (side if i == 0 else 0.0) for i, (a, b) in enumerate(pairwise(xs[: len(shape.layers)])))])
        place = _closer(place, gap, s)
    rows = choose_rows(shape, s, bottom - top, stacked=place.stacked >= NUMBERED * s.text)
    middle, pitches, r = place_rows(rows, Room(s, top, bottom, gap, place.stacked))
    columns = []
    for layer, (row, pitch) in enumerate(zip(rows, pitches, strict=True)):
        at = _Place(xs[layer], top, middle, pitch, r, width, gap, place)
        columns.append(_image(shape, at, s) if row.image else _neurons(shape, layer, row, at, s))
    if shape.loss:
        columns += _loss_and_targets(columns[-1], xs, middle, place, _targets_height(shape, columns[-1], place, s, width))
    return Layout(width, height, s, tuple(columns), top, bottom, gap, place.close)


def _spaced(xs: list[float], spacing: tuple[float, ...], s: Sizes, width: float) -> list[float]:
    """Return columns moved as asked, within the canvas and never closer than they can be read."""
    least = 6.0 * s.text
    room = [4.0 * s.text + least * i for i in range(len(xs))]
    result: list[float] = []
    for i, (x, by) in enumerate(zip(xs, spacing, strict=True)):
        low = max(min(room[i], x), result[-1] + min(least, x - xs[i - 1])) if result else xs[0]
        high = max(width - room[len(xs) - 1 - i], x) if i + 1 < len(xs) else xs[-1]
        result.append(max(min(x + by * width, high), low))
    return result


def _closer(place: Across, gap: float, s: Sizes) -> Across:
    """Return columns that have been moved so close that the two numbers of a neuron have to stand above each other."""
    if place.stacked or (gap - 2 * place.beside >= APART * s.text if place.beside else WIDTH * gap >= CLOSE * s.least):
        return place
    return replace(place, beside=0.0, close=True, stacked=max(min(STACKED * s.text, 0.5 * gap - s.text), 0.3 * s.text))


@dataclass(frozen=True, slots=True)
class _Place:
    """x, middle: of a column; top: of the body; pitch: distance of its neurons; r: half the height they may have; width: of the canvas."""

    x: float
    top: float
    middle: float
    pitch: float
    r: float
    width: float
    gap: float
    across: Across


def _image(shape: Shape, place: _Place, s: Sizes) -> Column:
    n = isqrt(shape.layers[0])
    r = 1.25 * s.text
    side = place.across.side
    y = place.middle + (0.6 * r if shape.biases else 0.0)
    bias_y = y - side / 2 - 1.7 * r if shape.biases else None
    return Column("input", 0, place.x, r, r, tuple(range(n * n)), (y,), (), bias_y, r, n * n, False, 0.0, (n, n), side)


def _neurons(shape: Shape, layer: int, rows: Rows, place: _Place, s: Sizes) -> Column:
    pitch, narrow = place.pitch, place.across.stacked
    r, rx, above = _input_size(shape, place, s) if layer == 0 else _neuron_size(place, s)
    if rows.single:
        r = min(r, SINGLE * pitch)
    bias_r = bias_radius(place.r, pitch, s)
    y = place.middle - pitch * rows.count / 2
    bias_y = y - bias_row(pitch, s) / 2 if rows.bias else None
    if bias_y is not None:
        bias_r = min(bias_r, max(bias_y - place.top, 0.8 * s.text))
    units, ys, dots = [], [], []
    for unit in rows.units:
        height = pitch * (rows.dot if unit is None else 1.0)
        if unit is None:
            dots.append(y + height / 2)
        else:
            units.append(unit)
            ys.append(y + height / 2)
        y += height
    stacked = layer > 0 and narrow > 0
    return Column("layer" if layer else "input", layer, place.x, r, rx, tuple(units), tuple(ys), tuple(dots), bias_y, bias_r,
                  shape.layers[layer], True, pitch, stacked=stacked, above=above and not dots, dot_height=pitch * rows.dot,
                  single=rows.single)  # fmt: skip


def _neuron_size(place: _Place, s: Sizes) -> tuple[float, float, bool]:
    """Return half the height and half the width of a neuron."""
    own, narrow = min(place.r, 0.42 * place.pitch), place.across.stacked
    if narrow:
        return (place.r, narrow, False) if narrow >= NUMBERED * s.text else (min(own, narrow), min(own, narrow), False)
    wide = place.across.beside or min(WIDEST * s.text, WIDTH * place.gap)
    return own, (wide if wide > max(1.06 * own, 2.2 * s.text) else own), False


def _input_size(shape: Shape, place: _Place, s: Sizes) -> tuple[float, float, bool]:
    """Return half the height and half the width of an input, and whether its symbol stands above it."""
    own = min(place.r, 0.42 * place.pitch)
    if place.across.close:
        r, above = _under_symbol(shape, own, place.pitch, place.across, s)
        return r, max(min(r, place.across.given), place.across.given), above
    if own > 1.6 * s.text:
        own = min(0.8 * own, input_radius(s, place.width))
    return own, max(own, place.across.given), False


def _under_symbol(shape: Shape, own: float, pitch: float, place: Across, s: Sizes) -> tuple[float, bool]:
    """Return half the height of a node that leaves room for a symbol above it, if there is any."""
    left = (pitch - (shape.symbol_height + 0.42) * s.text) / 2
    return (min(own, left, place.given), True) if left >= 0.64 * s.text else (min(own, place.given), False)


def _targets_height(shape: Shape, outputs: Column, place: Across, s: Sizes, width: float) -> tuple[float, bool]:
    """Return half the height of a target, and whether its symbol stands above it."""
    half = min(outputs.r * 0.85, 0.6 * input_radius(s, width))
    return _under_symbol(shape, min(1.0 * s.text, 0.42 * outputs.pitch), outputs.pitch, place, s) if place.close else (half, False)


def _loss_and_targets(outputs: Column, xs: list[float], middle: float, place: Across, size: tuple[float, bool]) -> list[Column]:
    half, above = size
    loss = Column("loss", outputs.layer, xs[-2], outputs.r, place.loss, (0,), (middle,), total=1)
    targets = Column("targets", outputs.layer, xs[-1], half, max(half, place.target), outputs.units, outputs.ys, outputs.dots,
                     total=outputs.total, pitch=outputs.pitch, above=above and not outputs.dots, dot_height=outputs.dot_height)  # fmt: skip
    return [loss, targets]
