"""The nodes of the picture: inputs, bias nodes, neurons in two halves, badges for errors, the loss and the targets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gui.diagram.context import GIVEN_DECIMALS, Context, write
from gui.diagram.layout import Column
from gui.diagram.primitives import Box, Circle, Half, Label, Lines, Picture, Primitive
from gui.diagram.text import Block, joined, words
from gui.theme import RGB, mix
from model.stages import Ref


def nodes(ctx: Context) -> Iterator[Primitive]:
    """Yield everything that stands in a column, from left to right."""
    for column in ctx.layout.columns:
        if column.bias_y is not None:
            yield from _bias(ctx, column)
        if column.grid is not None:
            yield _image(ctx, column)
        elif column.kind != "loss":
            common = _common(ctx, column) if column.kind == "layer" and column.full else (0.0, -1)
            for unit, y in zip(column.units, column.ys, strict=True):
                if column.kind == "layer":
                    yield from _neuron(ctx, column, unit, y, common)
                else:
                    yield from (_input if column.kind == "input" else _target)(ctx, column, unit, y)
            for y in column.dots:
                block = words("⋮", max(1.5 * ctx.layout.sizes.text, ctx.layout.sizes.smallest), "semibold")
                yield Label(column.x, y, block, ctx.theme.muted, ctx.theme.canvas)
        else:
            yield from _loss(ctx, column)


def _bias(ctx: Context, column: Column) -> Iterator[Primitive]:
    y, r, ref = column.bias_y or 0.0, column.bias_r, Ref("one", column.layer)
    yield from _rings(ctx, column.x, y, r, (ref,), current=False, rx=r)
    yield Circle(column.x, y, r, ctx.theme.bias, ref=ref)
    size = max(ctx.layout.sizes.smallest, min(ctx.layout.sizes.text, r))
    if words("1", size).width < 1.7 * r:
        yield Label(column.x, y, words("1", size, "semibold"), ctx.theme.bias_text, ctx.theme.bias, ref=ref)


def _image(ctx: Context, column: Column) -> Picture:
    """The input as a picture: 0 is the canvas, the largest value the text colour."""
    values = np.nan_to_num(ctx.moment.record.x[ctx.moment.sample]).reshape(column.grid)
    low, high = min(float(values.min()), 0.0), float(values.max())
    share = (values - low) / (high - low) if high > low else np.zeros_like(values)
    ground, ink = np.array(ctx.theme.neuron, dtype=np.float64), np.array(ctx.theme.neuron_line, dtype=np.float64)
    cells = np.round(ground + (ink - ground) * share[:, :, None]).astype(np.uint8)
    left, top = column.x - column.side / 2, column.ys[0] - column.side / 2
    return Picture(left, top, column.side, column.side, cells, ctx.theme.rule, Ref("x", 0))


def _round(x: float, y: float, rx: float, r: float, fill: RGB | None, line: RGB | None = None, width: float = 0.0, *, dashed: bool = False,
           ref: Ref | None = None) -> Primitive:  # fmt: skip
    """Return a disc, or a capsule where it is wider than high."""
    if rx > r:
        return Box(x, y, 2 * rx, 2 * r, r, fill, line, width, dashed, ref)
    return Circle(x, y, r, fill, line, width, dashed, ref)


def _rings(ctx: Context, x: float, y: float, r: float, refs: tuple[Ref, ...], *, current: bool, rx: float = 0.0) -> Iterator[Primitive]:
    """Yield the gold ring of what is current and the ring of what is selected or lit up, to be painted under the node."""
    w = ctx.line
    if current:
        yield _round(x, y, rx + 4.2 * w, r + 4.2 * w, ctx.theme.gold)
        yield _round(x, y, rx + 1.2 * w, r + 1.2 * w, ctx.theme.canvas)
    if ctx.chosen(*refs) or ctx.lit(*refs):
        yield _round(x, y, rx + 5.2 * w, r + 5.2 * w, None, ctx.theme.select, 1.8 * w, dashed=not ctx.chosen(*refs))


def _input(ctx: Context, column: Column, unit: int, y: float) -> Iterator[Primitive]:
    ref, s = Ref("x", 0, unit), ctx.layout.sizes
    source = (0, unit) in ctx.current.sources
    yield from _rings(ctx, column.x, y, column.r, (ref, Ref("a", 0, unit)), current=False, rx=column.rx)
    fill = ctx.theme.gold_wash if source and column.full else ctx.theme.neuron
    yield _round(column.x, y, column.rx, column.r, fill, ctx.theme.neuron_line, 1.3 * ctx.line, ref=ref)
    if column.full:
        yield from _given(ctx, column, y, ref, fill)
        if column.pitch > 1.1 * s.text:
            name = ctx.symbol(ref, s.text)
            yield Label(column.x - column.rx - 0.5 * s.text, y, name, ctx.theme.muted, ctx.theme.canvas, "right", ref=ref)


def _given(ctx: Context, column: Column, y: float, ref: Ref, ground: RGB) -> Iterator[Label]:
    """An input or a target: smaller letters rather than fewer digits."""
    s = ctx.layout.sizes
    decimals = GIVEN_DECIMALS if ctx.moment.fmt.decimals is None else min(GIVEN_DECIMALS, ctx.moment.fmt.decimals)
    text = write(ctx.moment.value(ref), ctx.moment.fmt, decimals)
    for size in (s.text, max(s.smallest, 0.85 * s.text), s.smallest):
        block = words(text, size, "semibold")
        if block.width <= 1.85 * column.rx and block.size < 2 * column.r:
            yield Label(column.x, y, block, ctx.theme.text, ground, ref=ref)
            return


def _target(ctx: Context, column: Column, unit: int, y: float) -> Iterator[Primitive]:
    ref, s = Ref("y", 0, unit), ctx.layout.sizes
    yield from _rings(ctx, column.x, y, column.r, (ref,), current=False, rx=column.rx)
    height = 1.8 * column.r
    yield Box(column.x, y, 2 * column.rx, height, 0.18 * height, ctx.theme.raised, ctx.theme.muted, ctx.line, ref=ref)
    if column.full:
        yield from _given(ctx, column, y, ref, ctx.theme.raised)
        if column.pitch > 1.1 * s.text:
            name = ctx.symbol(ref, s.text)
            yield Label(column.x + column.rx + 0.4 * s.text, y, name, ctx.theme.muted, ctx.theme.canvas, "left", ref=ref)


def _neuron(ctx: Context, column: Column, unit: int, y: float, common: tuple[float, int]) -> Iterator[Primitive]:
    l, x, r, theme = column.layer, column.x, column.r, ctx.theme
    z, a = Ref("z", l, unit), Ref("a", l, unit)
    refs = (z, a, Ref("delta", l, unit), Ref("dLda", l, unit), Ref("dadz", l, unit))
    current = (l, unit) in ctx.current.neurons
    rx = column.rx
    yield from _rings(ctx, x, y, r, refs, current=current, rx=rx)
    if not column.full or rx < 2.0 * ctx.layout.sizes.text:
        yield from _small(ctx, x, y, r, z, a)
        return
    line = theme.neuron_line
    yield _round(x, y, rx, r, theme.neuron)
    z_fill, a_fill = _half_fills(ctx, l, unit, current)
    yield Half(x, y, r, rx, "left", z_fill, z)
    yield Half(x, y, r, rx, "right", a_fill, a)
    yield Lines(np.array([[x, y - r, x, y + r]]), np.array([line], dtype=np.uint8), np.array([0.9 * ctx.line]), np.zeros(1, dtype=np.bool_),
                *(np.zeros(1, dtype=np.int32),) * 3, kind="plain")  # fmt: skip
    yield _round(x, y, rx, r, None, line, 1.4 * ctx.line)
    yield from _half_texts(ctx, column, y, z, z_fill or theme.neuron, common)
    yield from _half_texts(ctx, column, y, a, a_fill or theme.neuron, common)


def _common(ctx: Context, column: Column) -> tuple[float, int]:
    """Return the size and decimals in which all numbers of a column fit into their halves; decimals -1 where they do not."""
    refs = [Ref(q, column.layer, unit) for unit in column.units for q in ("z", "a")]
    values = [value for ref in refs if (value := ctx.value(ref)) is not None]
    size = min(1.05 * ctx.layout.sizes.text, max(0.42 * column.rx, ctx.layout.sizes.smallest))
    return ctx.fit_all(values, 0.83 * column.rx, size, "semibold") or (size, -1)


def _half_fills(ctx: Context, l: int, unit: int, current: bool) -> tuple[RGB | None, RGB | None]:
    gold = ctx.theme.gold_wash
    q = ctx.current.quantity
    source = (l, unit) in ctx.current.sources and q == "z"
    return (gold if current and q in ("z", "dadz") else None), (gold if (current and q == "a") or source else None)


def _small(ctx: Context, x: float, y: float, r: float, z: Ref, a: Ref) -> Iterator[Primitive]:
    """A neuron without room for numbers: darker the more it is active, once that is known."""
    value = ctx.value(a)
    share = 0.0 if value is None or not np.isfinite(value) else min(abs(value), 1.0)
    fill = mix(ctx.theme.neuron, ctx.theme.forward.mark, 0.85 * share)
    yield Circle(x, y, r, fill, ctx.theme.neuron_line, min(1.2 * ctx.line, 0.25 * r))
    yield Half(x, y, r, r, "left", None, z)
    yield Half(x, y, r, r, "right", None, a)


def _half_texts(ctx: Context, column: Column, y: float, ref: Ref, ground: RGB, common: tuple[float, int]) -> Iterator[Label]:
    """The symbol until the number is known, then the number under a small symbol."""
    s, r, rx = ctx.layout.sizes, column.r, column.rx
    sign = -1 if ref.quantity == "z" else 1
    middle = column.x + sign * 0.48 * rx
    value = ctx.value(ref)
    if value is None:
        name = _unknown(ctx, column, ref)
        if name is not None:
            yield Label(middle, y, name, ctx.theme.muted, ground, ref=ref)
        return
    size, decimals = common
    if decimals < 0:
        return
    block = words(write(value, ctx.moment.fmt, decimals), size, "semibold")
    name = ctx.symbol(ref, max(0.85 * s.text, s.smallest), short=True)
    named = r > 1.35 * s.text + block.size * 0.4 and name.width <= 0.62 * rx
    below = 0.24 * r if named else 0.0
    running = ctx.current.running is not None and ctx.current.running[0] == ref
    yield Label(middle, y + below, block, ctx.theme.backward.text if running else ctx.theme.text, ground, ref=ref)
    if named:
        yield Label(middle - sign * 0.06 * rx, y - 0.36 * r, name, ctx.theme.muted, ground, ref=ref)


def _unknown(ctx: Context, column: Column, ref: Ref) -> Block | None:
    """Return the symbol of a number that is not known yet: with indices if those of both halves fit, without, or nothing."""
    s = ctx.layout.sizes
    size = max(min(1.1 * s.text, 0.5 * column.rx), s.smallest)
    for short in (False, True):
        both = [ctx.symbol(ref._replace(quantity=q), size, short=short) for q in ("z", "a")]
        if all(name.width <= 0.9 * column.rx and name.ascent + name.descent < 1.8 * column.r for name in both):
            return both[ref.quantity == "a"]
    return None


def badge_strips(ctx: Context) -> list[Box]:
    """Return where badges are or will be, so that numbers of edges keep clear of them from the start."""
    s = ctx.layout.sizes
    strips = []
    for column in ctx.layout.neurons[1:]:
        if column.full and _badge_fits(ctx, column):
            for y in column.ys:
                strips.append(Box(column.x, _badge_y(ctx, column, y), max(2.0 * column.rx, 5 * s.text), 1.5 * s.text, 0, None))
    return strips


def _badge_fits(ctx: Context, column: Column) -> bool:
    return column.rx >= 1.3 * ctx.layout.sizes.text and (len(column.ys) < 2 or column.pitch >= 2 * column.r + 1.6 * ctx.layout.sizes.text)


def _badge_y(ctx: Context, column: Column, y: float) -> float:
    return y + column.r + 0.95 * ctx.layout.sizes.text


def badges(ctx: Context) -> Iterator[Primitive]:
    """Yield the error of each neuron below it: ∂L/∂a, the slope while it is the step, then δ."""
    for column in ctx.layout.neurons[1:]:
        if not column.full:
            continue
        for unit, y in zip(column.units, column.ys, strict=True):
            ref = _badge_ref(ctx, column.layer, unit)
            if ref is not None:
                yield from _badge(ctx, column, y, ref)


def _badge_ref(ctx: Context, l: int, unit: int) -> Ref | None:
    if ctx.current.quantity == "dadz" and ctx.current.layer == l and ctx.moment.known(Ref("dadz", l, unit)):
        return Ref("dadz", l, unit)
    return next((ref for ref in (Ref("delta", l, unit), Ref("dLda", l, unit)) if ctx.value(ref) is not None), None)


def _badge(ctx: Context, column: Column, y: float, ref: Ref) -> Iterator[Primitive]:
    s, theme = ctx.layout.sizes, ctx.theme
    value = ctx.value(ref) or 0.0
    if not _badge_fits(ctx, column):
        if column.r >= 0.5 * s.text:
            grown = 1.4 * ctx.line
            yield _round(
                column.x, y, column.rx + grown, column.r + grown, None, theme.sign(value), 2.4 * ctx.line, dashed=value < 0, ref=ref
            )
        return
    size = max(0.95 * s.text, s.smallest)
    name = ctx.symbol(ref, size, short=True)
    room = max(2.2 * column.rx, 5.2 * s.text)
    number = ctx.fit(value, max(room - name.width - 1.2 * size, 2 * size), size, "semibold", most=6)
    if number is None:
        return
    block: Block = joined(name, number, gap=0.35 * size)
    if block.width > max(ctx.layout.gap * 0.8, 2 * column.rx):
        block = number
    middle = _badge_y(ctx, column, y)
    solid = ref.quantity == "delta" and not (theme.hollow_negative and value < 0)
    sign = theme.sign(value) if ref.quantity != "dadz" else theme.muted
    fill = sign if solid and value else theme.canvas
    colour = theme.on_sign if solid and value else sign
    yield Box(column.x, middle, block.width + 1.0 * size, 1.45 * size, 0.72 * size, fill, sign, 1.1 * ctx.line, ref=ref)
    yield Label(column.x, middle, block, colour, fill, ref=ref, kind="badge")


def _loss(ctx: Context, column: Column) -> Iterator[Primitive]:
    s, theme, ref = ctx.layout.sizes, ctx.theme, Ref("loss")
    width, height = loss_size(ctx)
    x, y = column.x, column.ys[0]
    if ctx.current.loss:
        yield Box(x, y, width + 6.4 * ctx.line, height + 6.4 * ctx.line, 0.75 * s.text, theme.gold)
        yield Box(x, y, width + 2.0 * ctx.line, height + 2.0 * ctx.line, 0.6 * s.text, theme.canvas)
    if ctx.chosen(ref) or ctx.lit(ref):
        yield Box(x, y, width + 10 * ctx.line, height + 10 * ctx.line, 0.9 * s.text, None, theme.select, 1.8 * ctx.line)
    yield Box(x, y, width, height, 0.5 * s.text, theme.neuron, theme.loss.mark, 2.0 * ctx.line, ref=ref)
    name = ctx.symbol(ref, 1.1 * s.text)
    value = ctx.value(ref)
    if value is None and ctx.current.running is not None and ctx.current.loss:
        value = ctx.current.running[1]
    block = None if value is None else ctx.fit(value, width - 0.6 * s.text, s.text, "semibold", most=6)
    if block is None:
        yield Label(x, y, name, theme.muted, theme.neuron, ref=ref)
        return
    yield Label(x, y - 0.75 * s.text, name, theme.muted, theme.neuron, ref=ref)
    yield Label(x, y + 0.75 * s.text, block, theme.text, theme.neuron, ref=ref)


def loss_size(ctx: Context) -> tuple[float, float]:
    """Return width and height of the loss's box."""
    s = ctx.layout.sizes
    return max(min(7.2 * s.text, 0.46 * ctx.layout.gap), 3.2 * s.text), 3.9 * s.text
