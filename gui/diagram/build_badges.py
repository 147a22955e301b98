"""The errors of neurons in badges below them: ∂L/∂a, the slope while it is the step, then δ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gui.diagram.build_neurons import badge_fits, dots_size, error_look, error_ref, has_numbers, only_one, takes_turns, without_names
from gui.diagram.context import Context, write
from gui.diagram.layout import Column
from gui.diagram.primitives import Box, Label, Primitive
from gui.diagram.text import Block, joined, words
from model.stages import Ref

BELOW = 0.95  # letter heights from a neuron to the middle of its badge
Badges = Mapping[int, Sequence[tuple[float, Ref, Block]]]  # height, error and text of those that are there already, by layer


def badges_of(ctx: Context) -> Badges:
    """Return the badges of all layers that have room for them."""
    columns = [c for c in ctx.layout.neurons[1:] if has_numbers(ctx.layout, c) and badge_fits(ctx.layout, c)]
    return {column.layer: _badges_of(ctx, column) for column in columns}


def nameless(ctx: Context, shown: Badges) -> dict[int, list[Ref]]:
    """Return by layer what neurons show without its name, one of each kind, what is being formed first."""
    found = {layer: [ref for _, ref, block in badges if not _is_named(block)] for layer, badges in shown.items()}
    for column in ctx.layout.neurons[1:]:
        if column.single:
            shown_refs = [only_one(ctx, column.layer, unit) for unit in column.units]
            found[column.layer] = [ref for ref in shown_refs if ctx.value(ref) is not None]
        elif takes_turns(ctx.layout, column):
            found[column.layer] = [ref for unit in column.units if (ref := error_ref(ctx, column.layer, unit))]
        if not column.single and has_numbers(ctx.layout, column):
            found[column.layer] = [*found.get(column.layer, ()), *without_names(ctx, column)]
    order = ("dadz", "dLdX", "delta", "dLda", "z", "a")  # sum and activation as they stand in the neurons
    kinds = {layer: {ref.quantity: ref for ref in refs} for layer, refs in found.items()}
    return {layer: sorted(refs.values(), key=lambda ref: order.index(ref.quantity)) for layer, refs in kinds.items() if refs}


def _is_named(block: Block) -> bool:
    return any(run.face == "math" for run in block.runs)


def badge_strips(ctx: Context, shown: Badges) -> list[Box]:
    """Return where badges and "⋮" are or will be, so that numbers of edges keep clear of them from the start.

    Those of badges to come have a ref: what must be shown now may take their place.
    """
    s = ctx.layout.sizes
    strips = []
    for column in ctx.layout.neurons[1:]:
        if column.layer in shown:
            known = {y: block for y, _, block in shown[column.layer]}
            for unit, y in zip(column.units, column.ys, strict=True):
                block, to_come = known.pop(y, None), Ref("delta", column.layer, unit)
                at = Box(column.x, _badge_y(ctx, column, y), _badge_room(ctx, column), 1.5 * s.text, 0, None, ref=to_come)
                if block is not None:  # an upper index may stand out of the usual height
                    box = pill(ctx, at.x, at.y, block)
                    at = Box(at.x, box.y, max(box.width, at.width), max(box.height, at.height), 0, None)
                strips.append(at)
            strips += [pill(ctx, column.x, _badge_y(ctx, column, y), block) for y, block in known.items()]
    for column in ctx.layout.columns:
        if column.dots:
            size = dots_size(ctx, column)
            strips += [Box(column.x, y + 0.1 * size, size, 1.2 * size, 0, None) for y in column.dots]
    return strips


def _badge_room(ctx: Context, column: Column) -> float:
    """Return how wide a badge may be."""
    text = ctx.layout.sizes.text
    return 2 * column.rx + 0.4 * text if column.stacked else max(2 * column.rx, 5.2 * text) + 0.6 * text


def _badge_y(ctx: Context, column: Column, y: float) -> float:
    return y + column.r + BELOW * ctx.layout.sizes.text


def badges(ctx: Context, shown: Badges) -> Iterator[Primitive]:
    """Yield the error of each neuron below it: ∂L/∂a, the slope while it is the step, then δ."""
    for layer, found in shown.items():
        for y, ref, block in found:
            yield from _badge(ctx, ctx.column(layer), y, ref, block)


def _badges_of(ctx: Context, column: Column) -> list[tuple[float, Ref, Block]]:
    """Return height, error and text of the badges of a layer that are there already."""
    errors = [(y, ref) for unit, y in zip(column.units, column.ys, strict=True) if (ref := _error_ref(ctx, column.layer, unit))]
    if column.bias_y is not None and any(ref.quantity == "dLdX" for _, ref in errors):  # of the constant 1, left out in the next step
        errors.insert(0, (column.bias_y + column.bias_r - column.r, Ref("dLdX", column.layer + 1, 0)))
    texts = _badge_texts(ctx, column, [ref for _, ref in errors]) if errors else []
    return [(y, ref, block) for (y, ref), block in zip(errors, texts, strict=True)]


def _error_ref(ctx: Context, l: int, unit: int) -> Ref | None:
    """Return what stands below a neuron; in the step of ∂L/∂X of the layer behind it that, which is the neuron's error in the next step."""
    back = Ref("dLdX", l + 1, unit + 1)
    if ctx.current.quantity == "dLdX" and ctx.current.layer == l + 1 and ctx.value(back) is not None:
        return back
    return error_ref(ctx, l, unit)


def badge_size(ctx: Context) -> float:
    """Return the height of the letters of badges."""
    return max(0.95 * ctx.layout.sizes.text, ctx.layout.sizes.smallest)


def _badge_texts(ctx: Context, column: Column, refs: list[Ref]) -> list[Block]:
    """Return symbols and numbers of a layer's errors: with fewer decimals in a wider badge rather than without their names."""
    size, room = badge_size(ctx), _badge_room(ctx, column)
    values, names = [ctx.value(ref) or 0.0 for ref in refs], [ctx.symbol(ref, size, short=True) for ref in refs]
    alone = ctx.fit_all(values, room - 0.9 * size, size, "semibold", most=6)
    most, wide = 3 if alone is None else alone[1], max(room, _widest_badge(ctx, column))
    enough, four = min(3, _longest(ctx, values, most)), min(4, _longest(ctx, values, 4))
    ample = max(room, min(wide, 0.5 * ctx.layout.gap))
    for width, longest, least in ((room, 6, four), (ample, 4, four), (room, 6, enough), (wide, most, enough), (wide, most, min(2, enough))):
        if found := _named(ctx, values, names, width, longest, least):
            return found
    if alone is None:  # not even one decimal of each: as much of each as there is room for
        return [ctx.fit(value, room, size, "semibold") or words("…", size) for value in values]
    return [ctx.set_number(value, alone[1], room - 0.9 * size, alone[0], "semibold") for value in values]


def _named(ctx: Context, values: list[float], names: list[Block], room: float, most: int, least: int) -> list[Block]:
    """Return numbers after their names, with up to `most` decimals and not below `least`; nothing where there is no such room."""
    size = badge_size(ctx)
    width = max(room - max(name.width for name in names) - 1.4 * size, 2 * size)
    both = ctx.fit_all(values, width, size, "semibold", most=most)
    if both is None or _longest(ctx, values, both[1]) < least:
        return []
    numbers = [ctx.set_number(value, both[1], width, both[0], "semibold") for value in values]
    found = [joined(name, number, gap=0.35 * size) for name, number in zip(names, numbers, strict=True)]
    return found if all(block.width + size <= room + 1e-6 for block in found) else []


def _widest_badge(ctx: Context, column: Column) -> float:
    """Return how wide a badge may be at most without coming close to the columns beside its own, or to their badges."""
    columns, text = ctx.layout.columns, ctx.layout.sizes.text
    at, loss = columns.index(column), ctx.layout.column("loss")
    high = any(abs(_badge_y(ctx, column, y) - loss.ys[0]) < 3.2 * text for y in column.ys) if loss is not None else True
    after = columns[at + 1 :] if high else [c for c in columns[at + 1 :] if c.kind != "loss"]  # badges above and below the loss
    beside = [(c, abs(c.x - column.x)) for c in (columns[at - 1], *after[:1])]
    widest: float = min(min(0.8 * max(away, ctx.layout.gap), 2 * (away - max(c.rx, c.side / 2) - 0.2 * text)) for c, away in beside)
    return widest


def _longest(ctx: Context, values: list[float], decimals: int) -> int:
    """Return how many decimals the longest of some numbers is written with."""
    return max((len(write(value, ctx.moment.fmt, decimals).replace(",", ".").partition(".")[2]) for value in values), default=0)


def _badge(ctx: Context, column: Column, y: float, ref: Ref, block: Block) -> Iterator[Primitive]:
    theme = ctx.theme
    middle = _badge_y(ctx, column, y)
    fill, colour = error_look(ctx, ref, ctx.value(ref) or 0.0) if ref.quantity != "dadz" else (None, theme.muted)
    line = colour if fill is None else fill
    ground = fill or theme.canvas
    yield replace(pill(ctx, column.x, middle, block), fill=ground, line=line, ref=ref)
    yield Label(column.x, middle, block, colour, ground, ref=ref, kind="badge")


def pill(ctx: Context, x: float, y: float, block: Block) -> Box:
    """Return the outline of a badge around a text at (x, y): higher where an upper index would stand out of it."""
    size = badge_size(ctx)
    above, below = max(0.725 * size, min(block.ascent - 0.36 * block.size + 0.1 * size, BELOW * ctx.layout.sizes.text)), 0.725 * size
    return Box(x, y + (below - above) / 2, block.width + size, above + below, 0.72 * size, None, ctx.theme.muted, 1.1 * ctx.line)
