"""The nodes of the picture: inputs, bias nodes, the loss and the targets; neurons come from `build_neurons`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gui.diagram.build_neurons import dots_size, neurons
from gui.diagram.context import GIVEN_DECIMALS, Context, write
from gui.diagram.layout import Column
from gui.diagram.primitives import Box, Circle, Label, Picture, Primitive
from gui.diagram.shapes import between, rings, round_node
from gui.diagram.text import words
from gui.theme import RGB
from model.stages import Ref

LOSS_RING = 3.2  # how far the ring of the loss reaches beyond it, in line widths


def nodes(ctx: Context) -> Iterator[Primitive]:
    """Yield everything that stands in a column, from left to right."""
    for column in ctx.layout.columns:
        if column.bias_y is not None:
            yield from _bias(ctx, column)
        if column.grid is not None:
            yield _image(ctx, column)
        elif column.kind != "loss":
            if column.kind == "layer":
                yield from neurons(ctx, column)
            else:
                for unit, y in zip(column.units, column.ys, strict=True):
                    yield from (_input if column.kind == "input" else _target)(ctx, column, unit, y)
            for y in column.dots:
                block = words("⋮", dots_size(ctx, column), "semibold")
                yield Label(column.x, y, block, ctx.theme.muted, ctx.theme.canvas)
        else:
            yield from _loss(ctx, column)


def _bias(ctx: Context, column: Column) -> Iterator[Primitive]:
    y, r, ref = column.bias_y or 0.0, column.bias_r, Ref("one", column.layer)
    yield from rings(ctx, column.x, y, r, (ref,), current=False, rx=r)
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


def _input(ctx: Context, column: Column, unit: int, y: float) -> Iterator[Primitive]:
    ref = Ref("x", 0, unit)
    source = (0, unit) in ctx.current.sources
    yield from rings(ctx, column.x, y, column.r, (ref, Ref("a", 0, unit)), current=False, rx=column.rx, room=between(column))
    fill = ctx.theme.gold_wash if source else ctx.theme.neuron
    yield round_node(column.x, y, column.rx, column.r, fill, ctx.theme.neuron_line, 1.3 * ctx.line, ref=ref)
    yield from _given(ctx, column, y, ref, fill)
    yield from _given_name(ctx, column, y, ref, -1)


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
    ref = Ref("y", 0, unit)
    yield from rings(ctx, column.x, y, column.r, (ref,), current=False, rx=column.rx, room=between(column))
    height = 1.8 * column.r
    yield Box(column.x, y, 2 * column.rx, height, 0.18 * height, ctx.theme.raised, ctx.theme.muted, ctx.line, ref=ref)
    yield from _given(ctx, column, y, ref, ctx.theme.raised)
    yield from _given_name(ctx, column, y, ref, 1)


def _given_name(ctx: Context, column: Column, y: float, ref: Ref, side: int) -> Iterator[Label]:
    """The symbol of an input (side -1) or a target (1), beside it, or above it where columns stand close."""
    s = ctx.layout.sizes
    name = ctx.symbol(ref, s.text)
    if column.above:
        at = y - column.r - 0.2 * s.text - name.descent - 0.36 * name.size
        x = max(column.x - 0.6 * column.rx, name.width / 2 + 1) if side < 0 else min(column.x, ctx.layout.width - name.width / 2 - 1)
        yield Label(x, at, name, ctx.theme.muted, ctx.theme.canvas, ref=ref, kind="name")
    elif column.pitch > 1.1 * s.text and not ctx.layout.close:
        x = column.x + side * (column.rx + 0.45 * s.text)
        yield Label(x, y, name, ctx.theme.muted, ctx.theme.canvas, "right" if side < 0 else "left", ref=ref, kind="name")


def name_strips(ctx: Context) -> Iterator[Box]:
    """Yield where the symbols of inputs and targets stand, so that numbers of edges keep clear of them."""
    for column in ctx.layout.columns:
        if column.kind not in ("input", "targets") or column.grid is not None:
            continue
        quantity, side = ("x", -1) if column.kind == "input" else ("y", 1)
        for unit, y in zip(column.units, column.ys, strict=True):
            for label in _given_name(ctx, column, y, Ref(quantity, 0, unit), side):
                left, top, right, bottom = label.bounds
                yield Box((left + right) / 2, (top + bottom) / 2, right - left, bottom - top, 0, None)


def _loss(ctx: Context, column: Column) -> Iterator[Primitive]:
    s, theme, ref = ctx.layout.sizes, ctx.theme, Ref("loss")
    width, height = loss_size(ctx)
    x, y = column.x, column.ys[0]
    if ctx.current.loss:
        yield Box(x, y, width + 2 * LOSS_RING * ctx.line, height + 2 * LOSS_RING * ctx.line, 0.75 * s.text, theme.gold)
        yield Box(x, y, width + 2.0 * ctx.line, height + 2.0 * ctx.line, 0.6 * s.text, theme.canvas)
    if ctx.chosen(ref) or ctx.lit(ref):
        yield Box(x, y, width + 10 * ctx.line, height + 10 * ctx.line, 0.9 * s.text, None, theme.select, 1.8 * ctx.line)
    yield Box(x, y, width, height, 0.5 * s.text, theme.neuron, theme.loss.mark, 2.0 * ctx.line, ref=ref)
    if ctx.moment.record.m > 1 and ctx.current.quantity == "loss_sample":  # what is formed is the loss of one sample
        ref = Ref("loss_sample", sample=ctx.moment.sample)
    name = ctx.symbol(ref, 1.1 * s.text)
    value = ctx.value(ref)
    if value is None and ctx.current.running is not None and ctx.current.loss:
        value = ctx.current.running[1]
    fmt = ctx.format_of(ref)  # that of the board: of a small loss more decimals than of others
    most = 6 if fmt == ctx.moment.fmt else 8
    block = None if value is None else ctx.fit(value, width - 0.6 * s.text, s.text, "semibold", most, fmt)
    if block is None:
        yield Label(x, y, name, theme.muted, theme.neuron, ref=ref)
        return
    yield Label(x, y - 0.75 * s.text, name, theme.muted, theme.neuron, ref=ref)
    yield Label(x, y + 0.75 * s.text, block, theme.text, theme.neuron, ref=ref)


def loss_size(ctx: Context) -> tuple[float, float]:
    """Return width and height of the loss's box."""
    column = ctx.layout.column("loss")
    return (0.0 if column is None else 2 * column.rx), 3.9 * ctx.layout.sizes.text
