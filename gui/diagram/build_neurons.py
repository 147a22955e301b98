"""Neurons in two halves, weighted sum and activation; their errors stand in badges below, or in place of the sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from math import inf

import numpy as np

from gui.diagram.context import Context, fit_all, fits, is_power, longest_of, write
from gui.diagram.layout import Column, Layout
from gui.diagram.primitives import Box, Circle, Half, Label, Lines, Primitive
from gui.diagram.shape import Sizes
from gui.diagram.shapes import between, rings, round_node
from gui.diagram.text import Block
from gui.theme import RGB, mix
from model.expr.tree import NumberFormat
from model.quantities import quantity
from model.record import Record
from model.stages import Ref

_ERRORS = ("delta", "dLda", "dadz")
_DEEP = set("gjpqyfφβμρζξχψηγQ𝑓𝑔𝑗𝑝𝑞𝑦𝑄𝛽𝛾𝜁𝜂𝜇𝜉𝜌𝜑𝜒𝜓,()[]/")  # reach below the line


@dataclass(frozen=True, slots=True)
class _Cell:
    """A half of a neuron: the number in it, its middle, half its width and height as far as text may go, and its colours."""

    ref: Ref
    x: float
    y: float
    rx: float
    ry: float
    fill: RGB | None
    colour: RGB


@dataclass(frozen=True, slots=True)
class _Writing:
    """How the numbers of a layer are written, and in halves of which size symbols stand with which letters and indices."""

    size: float
    decimals: int
    symbols: dict[tuple[float, float], tuple[float, bool, bool] | None]


def neurons(ctx: Context, column: Column) -> Iterator[Primitive]:
    """Yield the neurons of a layer."""
    if not has_numbers(ctx.layout, column):
        for unit, y in zip(column.units, column.ys, strict=True):
            yield from _small(ctx, column, unit, y)
        return
    common = _Writing(*_common(ctx)[column.layer], {})
    if column.single:
        for unit, y in zip(column.units, column.ys, strict=True):
            yield from _single(ctx, column, y, only_one(ctx, column.layer, unit), common)
        return
    firsts = [_first(ctx, column, unit) for unit in column.units]
    for unit, y, first in zip(column.units, column.ys, firsts, strict=True):
        yield from (_stacked if column.stacked else _side_by_side)(ctx, column, y, first, Ref("a", column.layer, unit), common)


def has_numbers(layout: Layout, column: Column) -> bool:
    """Return whether neurons are wide enough for numbers."""
    return column.rx >= (1.4 if column.stacked else 2.0) * layout.sizes.least


def takes_turns(layout: Layout, column: Column) -> bool:
    """Return whether the error of a neuron stands in place of its weighted sum, since there is no room for a badge."""
    return column.kind == "layer" and has_numbers(layout, column) and not badge_fits(layout, column)


def turns(ctx: Context, *, names_left_out: bool) -> list[str]:
    """Return in words where the picture shows errors in place of weighted sums, or no numbers of neurons.

    names_left_out: whether sums and activations stand there without their names.
    """
    turning = [c for c in ctx.layout.neurons[1:] if takes_turns(ctx.layout, c)]
    layers = [c for c in turning if not c.single and any(_first(ctx, c, unit).quantity != "z" for unit in c.units)]
    mute = [c for c in ctx.layout.neurons[1:] if not has_numbers(ctx.layout, c)]
    said = []
    if names_left_out:
        said.append("errors or sums above activations" if layers else "sums above activations")
    elif layers:
        said.append("neurons show errors instead of sums")
    if any(c.single for c in turning):
        said.append("neurons show their latest number only")
    return [*said, *(["neurons filled by activation, numbers under the pointer"] if mute else [])]


def _common(ctx: Context) -> dict[int, tuple[float, int]]:
    """Return size and decimals of the numbers of each layer that has room for some."""
    if not ctx.written:
        columns = [other for other in ctx.layout.neurons[1:] if has_numbers(ctx.layout, other)]
        values = tuple(_to_come(ctx.layout, other, ctx.moment.record, ctx.moment.sample) for other in columns)
        ctx.written.update(_formats(ctx.layout, values, ctx.moment.fmt))
    return ctx.written


def are_cut(ctx: Context) -> bool:
    """Return whether neurons show a number with fewer decimals than the user wants to see."""
    m, found = ctx.moment, _common(ctx)
    refs = [Ref(q, column.layer, unit) for column in ctx.layout.neurons[1:] for unit in column.units for q in ("z", "a")]
    shown = [(value, found[ref.layer][1]) for ref in refs if ref.layer in found and (value := ctx.value(ref)) is not None]
    return any(write(value, m.fmt, decimals) != write(value, m.fmt, longest_of(m.fmt)) for value, decimals in shown)


def _first(ctx: Context, column: Column, unit: int) -> Ref:
    """Return what the first half of a neuron shows."""
    error = error_ref(ctx, column.layer, unit) if takes_turns(ctx.layout, column) else None
    return error or Ref("z", column.layer, unit)


@lru_cache(maxsize=32)
def _formats(layout: Layout, numbers: tuple[tuple[float, ...], ...], fmt: NumberFormat) -> dict[int, tuple[float, int]]:
    """Return size and decimals of the numbers in the neurons by layer; decimals -1 where not all of a layer fit into their halves.

    All layers have letters of one height, and none has more decimals than the others but for three, whatever is known yet: numbers
    do not change their size while an update is walked through. numbers: of each layer that has room for some; remembered are these
    few alone, since the record of a large network takes much memory.
    """
    columns = [column for column in layout.neurons[1:] if has_numbers(layout, column)]
    rooms = {column.layer: _number_room(column, layout.sizes) for column in columns}
    values = {column.layer: list(row) for column, row in zip(columns, numbers, strict=True)}
    found = {l: fit_all(values[l], width, size, fmt, layout.sizes.smallest, "semibold") for l, (width, size) in rooms.items()}
    fitted = [pair for pair in found.values() if pair is not None]
    height, most = min((height for height, _ in fitted), default=0.0), max(3, min((d for _, d in fitted), default=0))
    result = {l: (rooms[l][1], -1) if pair is None else (height, min(pair[1], most)) for l, pair in found.items()}
    for l, (size, decimals) in result.items():  # what fits in large letters with two decimals may fit with three in the common ones
        more = range(min(most, longest_of(fmt)), decimals, -1) if decimals >= 0 else ()
        result[l] = size, next((d for d in more if fits(values[l], rooms[l][0], size, fmt, d, "semibold")), decimals)
    return result


def _number_room(column: Column, s: Sizes) -> tuple[float, float]:
    """Return the width of a half of a neuron and the largest letters that its number may have."""
    if column.stacked:
        return 1.76 * column.rx, min(s.text, max(0.96 * column.r, s.smallest))
    return 0.84 * column.rx, min(1.05 * s.text, max(0.42 * column.rx, s.smallest))


def _to_come(layout: Layout, column: Column, record: Record, sample: int) -> tuple[float, ...]:
    """Return every number that the neurons of a layer show in the course of an update."""
    quantities = ("z", "a", *(_ERRORS if takes_turns(layout, column) else ()))
    units = list(column.units)
    return tuple(value for q in quantities for value in quantity(record, q, column.layer)[sample, units].tolist())


def _side_by_side(ctx: Context, column: Column, y: float, first: Ref, a: Ref, common: _Writing) -> Iterator[Primitive]:
    x, r, rx, line = column.x, column.r, column.rx, ctx.theme.neuron_line
    left, right = _cells(ctx, column, y, first, a)
    yield from rings(ctx, x, y, r, _all_refs(a), current=_is_current(ctx, a), rx=rx, room=_ring_room(ctx.layout, column))
    yield round_node(x, y, rx, r, ctx.theme.neuron)
    yield Half(x, y, r, rx, "left", left.fill, first)
    yield Half(x, y, r, rx, "right", right.fill, a)
    yield _divider(ctx, x, y - r, x, y + r)
    yield round_node(x, y, rx, r, None, line, 1.4 * ctx.line)
    yield from _text(ctx, column, left, common)
    yield from _text(ctx, column, right, common)


def _stacked(ctx: Context, column: Column, y: float, first: Ref, a: Ref, common: _Writing) -> Iterator[Primitive]:
    x, r, rx, line = column.x, column.r, column.rx, ctx.theme.neuron_line
    corner = min(0.7 * ctx.layout.sizes.text, 0.5 * r)
    inset = 1.2 * ctx.line
    yield from rings(ctx, x, y, r, _all_refs(a), current=_is_current(ctx, a), rx=rx, corner=corner, room=_ring_room(ctx.layout, column))
    yield Box(x, y, 2 * rx, 2 * r, corner, ctx.theme.neuron)
    cells = _cells(ctx, column, y, first, a)
    for cell in cells:
        yield Box(x, cell.y, 2 * (rx - inset), r - inset, corner - inset, cell.fill, ref=cell.ref)
    yield _divider(ctx, x - rx, y, x + rx, y)
    yield Box(x, y, 2 * rx, 2 * r, corner, None, line, 1.4 * ctx.line)
    for cell in cells:
        yield from _text(ctx, column, cell, common)


def only_one(ctx: Context, layer: int, unit: int) -> Ref:
    """Return what a neuron shows that has room for one number: the latest."""
    a = Ref("a", layer, unit)
    return error_ref(ctx, layer, unit) or (a if ctx.value(a) is not None else Ref("z", layer, unit))


def _single(ctx: Context, column: Column, y: float, shown: Ref, common: _Writing) -> Iterator[Primitive]:
    x, r, rx, a = column.x, column.r, column.rx, Ref("a", column.layer, shown.unit)
    corner, inset = min(0.7 * ctx.layout.sizes.text, 0.7 * r), 0.6 * ctx.line
    yield from rings(ctx, x, y, r, _all_refs(a), current=_is_current(ctx, a), rx=rx, corner=corner, room=_ring_room(ctx.layout, column))
    fill, colour = _look(ctx, shown)
    yield Box(x, y, 2 * (rx - inset), 2 * (r - inset), corner - inset, fill or ctx.theme.neuron, ref=shown)
    yield Box(x, y, 2 * rx, 2 * r, corner, None, ctx.theme.neuron_line, 1.2 * ctx.line)
    yield from _text(ctx, column, _Cell(shown, x, y, 0.88 * rx, 0.96 * r, fill, colour), common)


def _cells(ctx: Context, column: Column, y: float, first: Ref, a: Ref) -> tuple[_Cell, _Cell]:
    (z_fill, z_colour), (a_fill, a_colour) = _look(ctx, first), _look(ctx, a)
    if column.stacked:
        size = (0.88 * column.rx, 0.46 * column.r)
        return (_Cell(first, column.x, y - 0.48 * column.r, *size, z_fill, z_colour),
                _Cell(a, column.x, y + 0.48 * column.r, *size, a_fill, a_colour))  # fmt: skip
    size = (0.45 * column.rx, 0.9 * column.r)
    return (_Cell(first, column.x - 0.48 * column.rx, y, *size, z_fill, z_colour),
            _Cell(a, column.x + 0.48 * column.rx, y, *size, a_fill, a_colour))  # fmt: skip


def _all_refs(a: Ref) -> tuple[Ref, ...]:
    return (a, *(a._replace(quantity=quantity) for quantity in ("z", *_ERRORS)))


def _is_current(ctx: Context, ref: Ref) -> bool:
    return (ref.layer, ref.unit) in ctx.current.neurons


def _ring_room(layout: Layout, column: Column) -> float:
    """Return how far rings may reach around a neuron without running under a badge or the next neuron."""
    if not (has_numbers(layout, column) and badge_fits(layout, column)):
        return between(column)
    text = layout.sizes.text
    above = column.pitch - 2 * column.r - 1.64 * text if len(column.ys) > 1 else inf
    return max(min(0.3 * text, above), 1.5)


def _divider(ctx: Context, x0: float, y0: float, x1: float, y1: float) -> Lines:
    none = np.zeros(1, dtype=np.int32)
    colour = np.array([ctx.theme.neuron_line], dtype=np.uint8)
    return Lines(np.array([[x0, y0, x1, y1]]), colour, np.array([0.9 * ctx.line]), np.zeros(1, dtype=np.bool_), none, none, none, "plain")


def _look(ctx: Context, ref: Ref) -> tuple[RGB | None, RGB]:
    """Return the ground of a half and the colour of its text; gold is what is being formed or goes in."""
    q, theme = ctx.current.quantity, ctx.theme
    current = _is_current(ctx, ref) and q == ref.quantity
    if ref.quantity in ("delta", "dLda"):
        return error_look(ctx, ref, ctx.value(ref) or 0.0)
    source = ref.quantity == "a" and q == "z" and (ref.layer, ref.unit) in ctx.current.sources
    slope = ref.quantity == "z" and q == "dadz" and _is_current(ctx, ref)
    running = ctx.current.running is not None and ctx.current.running[0] == ref
    return (theme.gold_wash if current or source or slope else None), (theme.backward.text if running else theme.text)


def error_look(ctx: Context, ref: Ref, value: float) -> tuple[RGB | None, RGB]:
    """δ stands on the colour of its sign, where that survives a print without colours; ∂L/∂a is written in it."""
    theme = ctx.theme
    solid = ref.quantity == "delta" and value != 0 and not (theme.hollow_negative and value < 0)
    return (theme.sign(value), theme.on_sign) if solid else (None, theme.sign(value))


def _small(ctx: Context, column: Column, unit: int, y: float) -> Iterator[Primitive]:
    """A neuron without room for numbers: darker the more it is active, once that is known; its rim tells the sign of its error."""
    x, r, z, a = column.x, min(column.r, column.rx), Ref("z", column.layer, unit), Ref("a", column.layer, unit)
    yield from rings(ctx, x, y, r, _all_refs(a), current=_is_current(ctx, a), rx=r, room=_ring_room(ctx.layout, column))
    value = ctx.value(a)
    share = 0.0 if value is None or not np.isfinite(value) else min(abs(value), 1.0)
    fill = mix(ctx.theme.neuron, ctx.theme.forward.mark, 0.85 * share)
    yield Circle(x, y, r, fill, ctx.theme.neuron_line, min(1.2 * ctx.line, 0.25 * r))
    yield Half(x, y, r, r, "left", None, z)
    yield Half(x, y, r, r, "right", None, a)


def _text(ctx: Context, column: Column, cell: _Cell, common: _Writing) -> Iterator[Label]:
    """The symbol until the number is known, then the number, under a small symbol where there is room."""
    s, theme, ground = ctx.layout.sizes, ctx.theme, cell.fill or ctx.theme.neuron
    value = ctx.value(cell.ref)
    if value is None:
        name = _unknown(ctx, column, cell, common)
        if name is not None:
            yield Label(cell.x, cell.y, name, theme.muted, ground, ref=cell.ref)
        return
    size, decimals = common.size, common.decimals
    shared = ctx.set_number(value, decimals, 2.05 * cell.rx, size, "semibold") if decimals >= 0 else None
    if shared is not None and is_power(shared.plain):
        shared = ctx.without_power(cell.ref, value, 2.05 * cell.rx, size, "semibold") or shared
    whole = shared is not None and shared.width <= 2.05 * cell.rx  # a running sum may be longer than what it ends as
    block = shared if whole else ctx.fit(value, 2.05 * cell.rx, size, "semibold")
    if block is None:
        return
    name = _small_name(ctx, cell.ref)
    named = _has_name(ctx, column, cell, name, block.size)
    if column.stacked:
        up, down, aside = 0.56 * s.text, 0.52 * s.text, 0.0
    else:
        up, down, aside = 0.36 * column.r, 0.24 * column.r, 0.06 * (column.x - cell.x) / 0.48
    yield Label(cell.x, cell.y + (down if named else 0.0), block, cell.colour, ground, ref=cell.ref)
    if named:
        quiet = theme.muted if ground in (theme.neuron, theme.gold_wash) else cell.colour
        yield Label(cell.x + aside, cell.y - up, name, quiet, ground, ref=cell.ref)


def _small_name(ctx: Context, ref: Ref) -> Block:
    """Return the symbol that stands above a number where there is room."""
    return ctx.symbol(ref, max(0.85 * ctx.layout.sizes.text, ctx.layout.sizes.smallest), short=True)


def _has_name(ctx: Context, column: Column, cell: _Cell, name: Block, size: float) -> bool:
    """Return whether there is room for a symbol above a number with letters of this size."""
    text = ctx.layout.sizes.text
    if column.stacked:
        return cell.ry > 1.12 * text and name.width <= 1.9 * cell.rx
    return column.r > 1.35 * text + size * 0.4 and name.width <= 0.62 * column.rx


def without_names(ctx: Context, column: Column) -> list[Ref]:
    """Return what the halves of neurons show, or will, without any symbol: names that have to stand in the head of the column."""
    size, _ = _common(ctx)[column.layer]
    writing = _Writing(size, 0, {})
    halves = _cells(ctx, column, 0.0, Ref("z", column.layer, 0), Ref("a", column.layer, 0))  # those of all neurons have one size
    found: dict[str, Ref] = {}
    seen: set[tuple[str, bool]] = set()
    for unit in (column.units[0], column.units[-1]):  # numbers are formed from the first neuron to the last
        for cell, ref in zip(halves, (_first(ctx, column, unit), Ref("a", column.layer, unit)), strict=True):
            kind = ref.quantity, ctx.value(ref) is not None
            if kind in seen:
                continue
            seen.add(kind)
            name, of = _small_name(ctx, ref), replace(cell, ref=ref)
            if not (_has_name(ctx, column, of, name, size) if kind[1] else _unknown(ctx, column, of, writing)):
                found[ref.quantity] = ref
    return list(found.values())


def _unknown(ctx: Context, column: Column, cell: _Cell, common: _Writing) -> Block | None:
    """Return the symbol of a number that is not known yet, or nothing."""
    room = (cell.rx, cell.ry)
    if room not in common.symbols:
        common.symbols[room] = _form_of_symbols(ctx, column, cell)
    form = common.symbols[room]
    if form is None or cell.ref.quantity not in ("z", "a"):
        return None
    height, short, sampled = form
    return ctx.symbol(cell.ref, height, short=short, sampled=sampled)


def _form_of_symbols(ctx: Context, column: Column, cell: _Cell) -> tuple[float, bool, bool] | None:
    """Return size of letters, and whether symbols are short or have the index of the sample: if those of both halves fit with all
    indices, in smaller letters if need be, without that of the sample, which the head of the inputs tells, without any, or nothing.
    """
    s = ctx.layout.sizes
    size = max(min(1.1 * s.text, 0.5 * column.rx), s.smallest)
    if column.stacked:
        size = min(s.text, max(0.8 * column.r, s.smallest))
    smaller = max(0.85 * size, s.smallest)
    refs = [Ref(q, column.layer, column.units[-1]) for q in ("z", "a")]
    for height, short, sampled in ((size, False, True), (smaller, False, True), (size, False, False), (size, True, False),
                                   (s.smallest, True, False)):  # fmt: skip
        widest = [ctx.symbol(ref, height, short=short, sampled=sampled) for ref in refs]
        if all(_fits_in(ctx, column, cell, name) for name in widest):  # those of a layer are all written out or none
            return height, short, sampled
    return None


def _fits_in(ctx: Context, column: Column, cell: _Cell, name: Block) -> bool:
    """Return whether a symbol lies within a half of a neuron, whose outer corners are round where the halves are side by side."""
    flat = all(run.dy == 0 for run in name.runs) and not _DEEP & set(name.plain)
    reach = max(name.ascent - 0.36 * name.size, (0.0 if flat else name.descent) + 0.36 * name.size)
    inset = 0.3 * name.size
    if column.stacked:
        room = column.r - 1.2 * ctx.line if column.single else 1.04 * cell.ry
        return name.width <= min(1.9 * cell.rx, 2 * (column.rx - inset)) and reach <= room
    corner = max(0.48 * column.rx + name.width / 2 - (column.rx - column.r), 0.0)
    return name.width <= min(0.9 * column.rx, 0.96 * column.rx - 2 * inset) and corner**2 + reach**2 <= (1.05 * column.r) ** 2


def dots_size(ctx: Context, column: Column) -> float:
    """Return the size of a "⋮" between neurons."""
    s = ctx.layout.sizes
    return max(s.smallest, min(1.5 * s.text, 0.95 * column.dot_height))


def badge_fits(layout: Layout, column: Column) -> bool:
    """Return whether there is room for a badge below every neuron of a layer."""
    text = layout.sizes.text
    below = len(column.ys) < 2 or column.pitch >= 2 * column.r + 1.85 * text
    return column.rx >= 1.3 * text and not column.dots and below


def error_ref(ctx: Context, l: int, unit: int) -> Ref | None:
    """Return what is shown as the error of a neuron, None before there is any."""
    if ctx.current.quantity == "dadz" and ctx.current.layer == l and ctx.moment.known(Ref("dadz", l, unit)):
        return Ref("dadz", l, unit)
    return next((ref for ref in (Ref("delta", l, unit), Ref("dLda", l, unit)) if ctx.value(ref) is not None), None)
