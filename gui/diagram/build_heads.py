"""The heads of the columns: their names, what they consist of, and the names of numbers that have no room for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isqrt

from gui.diagram.build_badges import badge_size, pill
from gui.diagram.context import Context
from gui.diagram.primitives import Label, Primitive
from gui.diagram.text import Block, joined, symbol, words
from model.notation.formulas import SQUARES, loss_in_short, output_and_target
from model.notation.layers import head_name
from model.stages import Ref

SUMS = ("z", "a")


@dataclass(frozen=True, slots=True)
class Heads:
    """The second lines of the heads. named: the numbers whose names stand there, by column; sums_left_out: whether there is no room for
    those of sums and activations, though they stand nowhere else.
    """

    named: Mapping[int, Sequence[Ref]]
    blocks: Sequence[Block]
    sums_left_out: bool


def heads_of(ctx: Context, unnamed: Mapping[int, Sequence[Ref]]) -> Heads:
    """Return what stands below the names of the columns. unnamed: numbers of layers whose names have to stand there."""
    named, blocks = _with_names(ctx, [_head(ctx, column.kind, column.layer)[1] for column in ctx.layout.columns], unnamed)
    there = {(ref.layer, ref.quantity) for refs in named.values() for ref in refs}
    return Heads(
        named, blocks, any(ref.quantity in SUMS and (layer, ref.quantity) not in there for layer, refs in unnamed.items() for ref in refs)
    )


def heads(ctx: Context, found: Heads) -> Iterator[Primitive]:
    """Yield name and kind of every column."""
    s = ctx.layout.sizes
    y = ctx.layout.top - 2.35 * s.text
    names = _head_names(ctx, [_head(ctx, column.kind, column.layer)[0] for column in ctx.layout.columns])
    for i, (name, below) in enumerate(zip(names, found.blocks, strict=True)):
        yield Label(_head_x(ctx, i, name), y, name, ctx.theme.text, ctx.theme.canvas, kind="head")
        if i in found.named:
            yield from _names(ctx, _head_x(ctx, i, below), y + 1.5 * s.text, below, found.named[i])
        elif below.width:
            yield Label(_head_x(ctx, i, below), y + 1.4 * s.text, below, ctx.theme.muted, ctx.theme.canvas, kind="head")


def _with_names(
    ctx: Context, kinds: list[tuple[str, ...]], unnamed: Mapping[int, Sequence[Ref]]
) -> tuple[dict[int, Sequence[Ref]], list[Block]]:
    """Return the names that stand in heads, by column, and all second lines; sums and activations where there is room beside errors."""
    named: dict[int, Sequence[Ref]] = {}
    blocks: list[Block] = []
    for most in (2, 1, 0):  # beside errors, only where there are none, not at all
        named = {}
        for i, column in enumerate(ctx.layout.columns):
            refs = unnamed.get(column.layer, ()) if column.kind == "layer" else ()
            errors = [ref for ref in refs if ref.quantity not in SUMS]
            shown = refs if column.single or most > bool(errors) else errors
            if shown:
                named[i] = shown
        blocks = _second_lines(ctx, kinds, named)
        if not _touching(ctx, blocks, 0.9):
            break
    return named, blocks


# how much shorter the second lines of layers and of the other columns are made, one after the other
_SHORTER = ((0, 0), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2), (3, 2), (3, 3), (4, 3))


def _names(ctx: Context, x: float, y: float, room: Block, refs: Sequence[Ref]) -> Iterator[Primitive]:
    """Yield badges with names alone, which say what the badges below are: δ on a ground, others in an outline."""
    theme, size = ctx.theme, badge_size(ctx)
    x -= room.width / 2
    for ref, block in zip(refs, _name_blocks(ctx, refs), strict=True):
        fill, colour = (theme.muted, theme.canvas) if ref.quantity == "delta" else (None, theme.muted)
        box = pill(ctx, x + (block.width + size) / 2, y, block)
        yield replace(box, fill=fill or theme.canvas)
        yield Label(box.x, y, block, colour, fill or theme.canvas, kind="name")
        x += box.width + 0.35 * size


def _name_blocks(ctx: Context, refs: Sequence[Ref]) -> list[Block]:
    """Set the names, all without the sample, which the head of the inputs tells, where its index would reach into the line above."""
    size, room = badge_size(ctx), 1.5 * ctx.layout.sizes.text - 0.62 * ctx.layout.sizes.header
    blocks = [ctx.symbol(ref, size, short=True) for ref in refs]
    boxes = [pill(ctx, 0.0, 0.0, block) for block in blocks]
    if all(box.height / 2 - box.y <= room for box in boxes):
        return blocks
    return [ctx.symbol(ref, size, short=True, sampled=False) for ref in refs]


def _room_for_names(ctx: Context, refs: Sequence[Ref]) -> Block:
    """Return an empty line as wide as badges with these names."""
    size = badge_size(ctx)
    width = sum(block.width + size for block in _name_blocks(ctx, refs)) + 0.35 * size * (len(refs) - 1)
    return replace(words("", size), width=width)


def _second_lines(ctx: Context, found: list[tuple[str, ...]], named: Mapping[int, Sequence[Ref]]) -> list[Block]:
    """Set the second lines of all heads: as long as they do not touch each other, and those of all layers alike.

    named: what takes their place, by column.
    """
    s, columns = ctx.layout.sizes, ctx.layout.columns
    small = max(0.88 * s.text, s.smallest)
    blocks: list[Block] = []
    for layers, others in _SHORTER:
        levels = [layers if column.kind == "layer" else others for column in columns]
        texts = [kinds[level] if level < len(kinds) else "" for kinds, level in zip(found, levels, strict=True)]
        blocks = [_room_for_names(ctx, named[i]) if i in named else _second_line(ctx, text, small) for i, text in enumerate(texts)]
        if not _touching(ctx, blocks, 0.9):
            break
    return blocks


def _second_line(ctx: Context, text: str, size: float) -> Block:
    """Set the second line of a head, a loss by its squares in the notation's letters for output and target."""
    front, found, _ = text.partition(SQUARES)
    if not found:
        return words(text, size)
    a, y = (symbol(latex, size) for latex in output_and_target(ctx.moment.notation, ctx.moment.record.problem))
    return joined(words(f"{front}(", size), a, words(" − ", size), y, words(")²", size))


def _head_names(ctx: Context, names: list[str]) -> list[Block]:
    """Set the names of the columns, all layers by their number alone and the targets by one word less where some would touch."""
    s = ctx.layout.sizes
    blocks = [words(name, s.header, "semibold") for name in names]
    for short in ({"targets": "target"}, {"targets": "t", "target": "t", "loss": "L", "output": "out"}):
        if not _touching(ctx, blocks):
            return blocks
        blocks = [words(_shorter(ctx, i, name, short), s.header, "semibold") for i, name in enumerate(names)]
    return blocks


def _shorter(ctx: Context, i: int, name: str, short: dict[str, str]) -> str:
    column, wide = ctx.layout.columns[i], words(name, ctx.layout.sizes.header, "semibold").width > _head_room(ctx, i)
    return name.split()[-1] if column.kind == "layer" and wide and name[-1].isdigit() else short.get(name, name)


def _touching(ctx: Context, blocks: list[Block], apart: float = 0.5) -> bool:
    """Return whether two heads side by side are closer than `apart` letter heights."""
    ends = [(x - block.width / 2, x + block.width / 2) for i, block in enumerate(blocks) if block.width for x in [_head_x(ctx, i, block)]]
    return any(right + apart * ctx.layout.sizes.text > left for (_, right), (left, _) in pairwise(ends))


def _head_x(ctx: Context, i: int, block: Block) -> float:
    """Return the middle of a head: over its column, but within the picture."""
    edge = ctx.layout.sizes.pad * 0.5 + block.width / 2
    return min(max(ctx.layout.columns[i].x, edge), ctx.layout.width - edge)


def _head_room(ctx: Context, i: int) -> float:
    """Return the width a head may take without touching its neighbours."""
    xs, s, width = [column.x for column in ctx.layout.columns], ctx.layout.sizes, ctx.layout.width
    if i == 0:
        return (xs[0] + xs[1]) / 2 - 0.5 * s.pad - 0.4 * s.text
    if i + 1 == len(xs):
        return width - (xs[i - 1] + xs[i]) / 2 - 0.5 * s.pad - 0.4 * s.text
    return min(xs[i] - xs[i - 1], xs[i + 1] - xs[i]) - 0.8 * s.text


def _head(ctx: Context, kind: str, layer: int) -> tuple[str, tuple[str, ...]]:
    """Return the head of a column and its second line, the longest first."""
    record = ctx.moment.record
    problem = record.problem
    n = problem.layers[layer]
    if kind == "input":
        if record.m > 1:
            which = f"{ctx.moment.sample + 1} of {record.m}"
            return "input", (f"sample {which}", f"sample {which}", which)
        side = isqrt(n)
        shape = f"{side} × {side} pixels" if ctx.column(0).grid else f"{n:,} value" + ("s" if n > 1 else "")
        return "input", (shape, shape, f"{side} × {side}" if ctx.column(0).grid else f"{n:,}")
    if kind == "layer":
        activation = problem.activations[layer - 1].replace("_", " ")
        count = f"{n:,} neuron" + ("s" if n > 1 else "")
        return head_name(ctx.moment.notation, layer, problem), (f"{count} · {activation}", f"{n:,} · {activation}", activation, f"{n:,}")
    if kind == "loss":
        return "loss", (loss_in_short(problem),)
    return ("targets" if n > 1 else "target"), ()
