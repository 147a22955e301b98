"""The lines from the outputs to the loss and to the targets, and the errors that they carry back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np

from gui.diagram.build_neurons import takes_turns
from gui.diagram.build_nodes import LOSS_RING, loss_size
from gui.diagram.context import Context, write
from gui.diagram.labels import BESIDE, Gap, Wish
from gui.diagram.primitives import Box, Floats, Label, Lines, Primitive
from gui.diagram.rims import from_rims
from gui.diagram.shapes import beyond
from gui.diagram.text import words
from gui.theme import RGB, Scale
from model.stages import Ref

ERRORS_UP_TO = 6  # outputs whose errors are written on their lines; more lines come too close to each other
_DECIMALS = (6, 5, 4, 3, 2)
_WIDTHS = (1.2, 2.4)  # of the line of no error, or of one that is not yet known, and of the largest


def error_lines(ctx: Context) -> Iterator[Primitive]:
    """Yield the lines outputs – loss – targets; those from the outputs carry ∂L/∂a once it is known."""
    outputs, loss, targets = ctx.layout.neurons[-1], ctx.layout.column("loss"), ctx.layout.column("targets")
    if loss is None or targets is None:
        return
    width, _ = loss_size(ctx)
    n = len(outputs.units)
    spread = np.clip(np.array(outputs.ys) - loss.ys[0], -0.9 * ctx.layout.sizes.text, 0.9 * ctx.layout.sizes.text)
    ends = np.column_stack([np.full(n, loss.x - width / 2), loss.ys[0] + spread])
    xy = from_rims(outputs.centres, ends, outputs, None, np.zeros(n, dtype=np.bool_))
    back = np.column_stack([np.full(n, targets.x - targets.rx), targets.ys, np.full(n, loss.x + width / 2), ends[:, 1]])
    yield _plain(ctx, back)
    refs = [Ref("dLda", outputs.layer, unit) for unit in outputs.units]
    known = np.array([np.nan if (value := ctx.value(ref)) is None else value for ref in refs])
    units = np.array(outputs.units, dtype=np.int32)
    current = np.isin(units, list(ctx.current.outputs))
    rgb = np.array([ctx.theme.sign(v) if v > 0 or v < 0 else ctx.theme.edge for v in known], dtype=np.uint8)
    widths = Scale(ctx.theme, float(np.abs(known[np.isfinite(known)]).max(initial=0.0))).width(known, *_WIDTHS) * ctx.line
    lines = Lines(xy, rgb, widths, known < 0, np.full(n, outputs.layer, dtype=np.int32), units, np.zeros(n, dtype=np.int32), "error")
    if current.any() and n <= 40:
        wash = np.tile(np.array(ctx.theme.gold_wash, dtype=np.uint8), (int(current.sum()), 1))
        yield Lines(xy[current], wash, widths[current] + 6 * ctx.line, np.zeros(int(current.sum()), dtype=np.bool_), lines.layer[current],
                    units[current], lines.sender[current], "halo")  # fmt: skip
    yield lines


def _plain(ctx: Context, xy: Floats) -> Lines:
    n = len(xy)
    rgb = np.tile(np.array(ctx.theme.rule, dtype=np.uint8), (n, 1))
    zeros = np.zeros(n, dtype=np.int32)
    return Lines(xy, rgb, np.full(n, _WIDTHS[0] * ctx.line), np.zeros(n, dtype=np.bool_), zeros, zeros, zeros, "plain")


class _Error(NamedTuple):
    """What stands on the line of an output: its index among those drawn, the number, and whether it belongs to the step."""

    at: int
    ref: Ref
    value: float
    current: bool


def error_numbers(ctx: Context, drawn: list[Primitive], obstacles: list[Box]) -> Iterator[Primitive]:
    """Yield ∂L/∂a on the lines to the loss while it is the step and afterwards, where there is room for all; else beside short lines.

    drawn: what `error_lines` has made; obstacles: what numbers have to keep clear of.
    """
    lines = next((item for item in drawn if isinstance(item, Lines) and item.kind == "error"), None)
    errors = _errors(ctx)
    if lines is None or not errors:
        return
    size = max(0.95 * ctx.layout.sizes.text, ctx.layout.sizes.smallest)
    circles, boxes = _in_the_way(ctx, obstacles)
    for most, aside in product(_DECIMALS, ((0.0,), BESIDE)):
        blocks = [words(write(error.value, ctx.format_of(error.ref), most), size, "semibold") for error in errors]
        wishes = [Wish(e.at, block.width + 0.5 * size, 1.2 * size, e.current) for e, block in zip(errors, blocks, strict=True)]
        places = Gap(lines.xy, circles, boxes, prefer=0.5, aside=aside).place(wishes, tolerated=0)
        if all(at is not None for at in places):
            break
    whole = all(at is not None for at in places)
    for wish, error, block, at in zip(wishes, errors, blocks, places, strict=True):
        if at is not None and (whole or error.current):
            yield Box(at[0], at[1], wish.width, wish.height, 0.3 * size, ctx.theme.canvas, ref=error.ref)
            yield Label(at[0], at[1], block, _colour(ctx, error), ctx.theme.canvas, ref=error.ref, kind="edge")


def _errors(ctx: Context) -> list[_Error]:
    """Return what is known and wanted on the lines of the outputs: in the step of the loss each one's share of it."""
    outputs, m = ctx.layout.neurons[-1], ctx.moment
    if ctx.layout.column("loss") is None or ctx.options.numbers == "none" or len(outputs.units) > ERRORS_UP_TO:
        return []
    if takes_turns(ctx.layout, outputs):  # they stand in the neurons
        return []
    found = []
    for i, unit in enumerate(outputs.units):
        current = unit in ctx.current.outputs
        shares = ctx.current.quantity in ("loss", "loss_sample") and current and m.record.m == 1
        ref = Ref("loss_output", 0, unit) if shares else Ref("dLda", outputs.layer, unit)
        value = m.value(ref) if shares else ctx.value(ref)
        if value is not None and (current or ctx.options.numbers != "current"):
            found.append(_Error(i, ref, value, current))
    return found


def _colour(ctx: Context, error: _Error) -> RGB:
    return ctx.theme.text if error.ref.quantity == "loss_output" else ctx.theme.sign(error.value)


def _in_the_way(ctx: Context, obstacles: list[Box]) -> tuple[Floats, Floats]:
    """Return the circles of the outputs, and the boxes that numbers keep clear of: they stay between the outputs and the targets."""
    outputs, loss, targets, height = ctx.layout.neurons[-1], ctx.layout.column("loss"), ctx.layout.column("targets"), ctx.layout.height
    nodes = [(y, beyond(ctx, outputs.layer, unit)) for unit, y in zip(outputs.units, outputs.ys, strict=True)]
    circles = np.array([(outputs.x, y, min(outputs.r, outputs.rx) + more) for y, more in nodes])
    near = [b for b in obstacles if b.x + b.width / 2 >= outputs.x]
    boxes = [(b.x - b.width / 2, b.y - b.height / 2, b.x + b.width / 2, b.y + b.height / 2) for b in near]
    if outputs.rx > outputs.r or outputs.stacked:
        rx, r = outputs.rx, outputs.r
        boxes += [(outputs.x - rx - more, y - r - more, outputs.x + rx + more, y + r + more) for y, more in nodes]
    boxes.append((0.0, 0.0, outputs.x, height))
    if targets is not None:
        boxes.append((targets.x - targets.rx, 0.0, ctx.layout.width, height))
    if loss is not None:
        width, height = loss_size(ctx)
        ring = (LOSS_RING if ctx.current.loss else 1.0) * ctx.line + 0.2 * ctx.layout.sizes.text
        boxes.append((loss.x - width / 2 - ring, loss.ys[0] - height / 2 - ring, loss.x + width / 2 + ring, loss.ys[0] + height / 2 + ring))
    return circles, np.array(boxes)
