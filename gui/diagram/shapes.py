"""Outlines that several builders draw: a disc or a capsule, and the rings around what is current, chosen or lit up."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from gui.diagram.context import Context
from gui.diagram.layout import Column
from gui.diagram.neighbours import neuron_of
from gui.diagram.primitives import Box, Circle, Primitive
from gui.theme import RGB
from model.stages import Ref


def round_node(x: float, y: float, rx: float, r: float, fill: RGB | None, line: RGB | None = None, width: float = 0.0, *,
               dashed: bool = False, ref: Ref | None = None, corner: float = 0.0) -> Primitive:  # fmt: skip
    """Return a disc, a capsule where it is wider than high, or a box with round corners where a corner is given."""
    if rx > r or corner:
        return Box(x, y, 2 * rx, 2 * r, corner or r, fill, line, width, dashed, ref)
    return Circle(x, y, r, fill, line, width, dashed, ref)


RING, CHOSEN_RING = 4.2, 6.1  # how far the rings of what is current and of what is selected reach beyond a node, in line widths


def beyond(ctx: Context, layer: int, unit: int) -> float:
    """Return how far the outline of a neuron or its ring reaches beyond it, so that nothing runs under it."""
    chosen = ctx.options.selected if ctx.options.marks else None
    if chosen is not None and neuron_of(chosen) == (layer, unit):
        return CHOSEN_RING * ctx.line
    return (RING if (layer, unit) in ctx.current.neurons else 0.7) * ctx.line


def rings(ctx: Context, x: float, y: float, r: float, refs: tuple[Ref, ...], *, current: bool, rx: float = 0.0,
          corner: float = 0.0, room: float = inf) -> Iterator[Primitive]:  # fmt: skip
    """Yield the gold ring of what is current and the ring of what is selected or lit up, to be painted under the node.

    room: how far they may reach beyond it, where the next node is close.
    """
    w = ctx.line
    if current:
        outer = min(RING * w, room)
        inner = min(1.2 * w, 0.3 * outer)
        yield round_node(x, y, rx + outer, r + outer, ctx.theme.gold, corner=corner and corner + outer)
        yield round_node(x, y, rx + inner, r + inner, ctx.theme.canvas, corner=corner and corner + inner)
    if ctx.chosen(*refs) or ctx.lit(*refs):
        middle = min(5.2 * w, max(room - 0.9 * w, w))
        yield round_node(x, y, rx + middle, r + middle, None, ctx.theme.select, 1.8 * w, dashed=not ctx.chosen(*refs),
                         corner=corner and corner + middle)  # fmt: skip


def between(column: Column) -> float:
    """Return half the space between two neighbours of a column."""
    return max(0.5 * column.pitch - column.r, 1.5) if len(column.ys) > 1 else inf
