"""The edges of the picture: which are drawn, in which colour and width, and the numbers on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gui.diagram.context import Context, write
from gui.diagram.labels import Gap, Wish
from gui.diagram.layout import Column, Layout
from gui.diagram.primitives import Box, Label, Lines, Polygon, Primitive
from gui.diagram.text import Block, words
from gui.diagram.values import LayerValues, layer_values
from gui.theme import RGB, Scale
from model.stages import Ref

Floats = NDArray[np.float64]
DRAWN_AT_MOST = 1200  # edges of a layer; of more, the strongest are chosen
COVERED_AT_MOST = 0.8  # ink of a layer's edges, in shares of the area between its columns; more would be a smear
AT_REST = 0.4  # of that for a layer without colours in which nothing happens
FEW = 150  # edges of a layer that are always drawn
CROWDED = 30  # edges of a layer beyond which only current and selected numbers are shown
NUMBERED_AT_MOST = 110  # edges of a layer that compete for places for their numbers


Plate = tuple[Box, Label]


@dataclass(frozen=True)
class LayerEdges:
    """The drawn edges of weight layer l: (n,) unit and sender (-1 the bias), (n, 4) strokes, and what is left out.

    values: (n,) of the chosen quantity, NaN where not yet known. weights: (n,). current: (n,) mask. total: edges of the layer.
    """

    layer: int
    unit: NDArray[np.int32]
    sender: NDArray[np.int32]
    strokes: Floats
    values: Floats
    weights: Floats
    current: NDArray[np.bool_]
    total: int

    @property
    def note(self) -> str:
        """What is left out, in words."""
        n = len(self.unit)
        return "" if n == self.total else f"layer {self.layer}: {n:,} of {self.total:,} edges"


def edges_of(ctx: Context) -> list[LayerEdges]:
    """Return the edges to draw, by weight layer."""
    return [_layer(ctx, layer_values(ctx.moment, layer, ctx.options.colour_by)) for layer in range(1, len(ctx.layout.neurons))]


def _layer(ctx: Context, v: LayerValues) -> LayerEdges:
    biased = ctx.moment.record.problem.has_biases
    unit, sender, strokes = _between(ctx.layout, v.layer, biased)
    current = ctx.current.edge_mask(v.layer, v.weights.shape)[unit, sender + 1]
    weights, values = v.weights[unit, sender + 1], v.values[unit, sender + 1]
    total = v.weights.size - (0 if biased else len(v.weights))
    room = int(_room(ctx, strokes) * (1.0 if current.any() or not np.isnan(values).all() else AT_REST))
    if len(unit) > max(room, FEW):
        keep = _strongest(ctx, v.layer, weights, values, unit, sender, current)[-max(room, FEW) :]
        unit, sender, current, weights, values = unit[keep], sender[keep], current[keep], weights[keep], values[keep]
        strokes = strokes[keep]
    return LayerEdges(v.layer, unit, sender, strokes, values, weights, current, total)


@lru_cache(maxsize=64)
def _between(layout: Layout, layer: int, biased: bool) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
    """Return unit, sender and stroke of every edge between the neurons drawn of two layers, the same at every step of an update."""
    before, here = layout.columns[layer - 1], layout.columns[layer]
    senders = np.array([*([-1] if biased else []), *before.units], dtype=np.int32)
    unit = np.repeat(np.array(here.units, dtype=np.int32), len(senders))
    sender = np.tile(senders, len(here.units))
    return unit, sender, _strokes(before, here, unit, sender)


def _room(ctx: Context, strokes: Floats) -> int:
    """Return how many of a layer's edges can be drawn before their ink, each a thin line's, covers the ground between its columns."""
    x0, y0, x1, y1 = strokes.T
    area = float((x1.max() - x0.min()) * (max(y0.max(), y1.max()) - min(y0.min(), y1.min())))
    ink = float(np.hypot(x1 - x0, y1 - y0).mean()) * ctx.line
    return min(DRAWN_AT_MOST, int(COVERED_AT_MOST * area / max(ink, 1e-9)))


def _strongest(
    ctx: Context,
    layer: int,
    weights: Floats,
    values: Floats,
    unit: NDArray[np.int32],
    sender: NDArray[np.int32],
    current: NDArray[np.bool_],
) -> NDArray[np.intp]:
    """Return the edges from the weakest to the strongest, so that the strong ones lie on top; what is current or chosen comes last."""
    strength = np.abs(np.where(np.isnan(values), weights, values))
    if current.sum() <= FEW:
        strength = np.where(current, np.inf, strength)
    chosen = ctx.options.selected
    if chosen is not None and chosen.unit is not None:
        if chosen.layer == layer:
            strength[unit == chosen.unit] = np.inf
        if chosen.layer == layer - 1:
            strength[sender == chosen.unit] = np.inf
    return np.argsort(strength, kind="stable")


def _strokes(before: Column, here: Column, unit: NDArray[np.int32], sender: NDArray[np.int32]) -> Floats:
    """Return (n, 4) strokes from rim to rim."""
    lookup = np.zeros(max((*before.units, 0)) + 2, dtype=np.intp)
    lookup[np.array(before.units, dtype=np.intp) + 1] = np.arange(len(before.units)) + 1
    starts = np.vstack([[before.x, before.bias_y if before.bias_y is not None else 0.0], before.centres])
    target = np.zeros(max(here.units) + 1, dtype=np.intp)
    target[np.array(here.units, dtype=np.intp)] = np.arange(len(here.units))
    start = starts[lookup[sender + 1]].copy()
    end = here.centres[target[unit]]
    bias = sender < 0
    rx, ry = np.where(bias, before.bias_r, before.rx), np.where(bias, before.bias_r, before.r)
    if before.grid:
        start[sender >= 0, 0] = before.x + before.side / 2
    way = end - start
    way /= np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
    leave = 1.0 / np.hypot(way[:, 0] / rx, way[:, 1] / ry)
    if before.grid:
        leave = np.where(bias, leave, 0.0)
    arrive = 1.0 / np.hypot(way[:, 0] / here.rx, way[:, 1] / here.r)
    return np.hstack([start + way * leave[:, None], end - way * arrive[:, None]])


def edge_lines(ctx: Context, edges: list[LayerEdges], scale: Scale | None) -> Iterator[Primitive]:
    """Yield the bands, the strokes, the gold bands of what is current, and the current strokes on top."""
    for e in edges:
        if len(e.unit) < e.total:
            yield _band(ctx, e)
    lines = [_colour(ctx, e, scale, edges) for e in edges]
    for e, all_lines in zip(edges, lines, strict=True):
        yield all_lines.rows(~e.current)
    for e, all_lines in zip(edges, lines, strict=True):
        if e.current.any():
            n = int(e.current.sum())
            if n <= NUMBERED_AT_MOST:
                yield _halo(ctx, all_lines.rows(e.current), 6 if n <= 8 else 3 if n <= 24 else 1.8)
            yield all_lines.rows(e.current)
    for e, all_lines in zip(edges, lines, strict=True):
        lit = _lit(ctx, e)
        if lit.any():
            marked = all_lines.rows(lit)
            yield replace(_halo(ctx, marked, 4), rgb=np.tile(np.array(ctx.theme.select, dtype=np.uint8), (len(marked), 1)))
            yield marked


def _band(ctx: Context, e: LayerEdges) -> Polygon:
    before, here = ctx.column(e.layer - 1), ctx.column(e.layer)
    x0 = before.x + (before.side / 2 if before.grid else before.r)
    half = before.side / 2
    top0, bottom0 = (before.ys[0] - half, before.ys[0] + half) if before.grid else (before.ys[0], before.ys[-1])
    return Polygon(((x0, top0), (here.x, here.ys[0]), (here.x, here.ys[-1]), (x0, bottom0)), ctx.theme.band)


def _colour(ctx: Context, e: LayerEdges, scale: Scale | None, edges: list[LayerEdges]) -> Lines:
    """Colour and width by the chosen quantity where it is known, by the weight's size in neutral grey where not."""
    known = ~np.isnan(e.values)
    thin, thick = _widths(ctx, e)
    heaviest = max((float(np.abs(o.weights[np.isfinite(o.weights)]).max(initial=0.0)) for o in edges), default=0.0)
    width = Scale(ctx.theme, heaviest).width(e.weights, thin, thick)
    rgb = np.tile(np.array(ctx.theme.edge, dtype=np.uint8), (len(e.unit), 1))
    dashed = np.zeros(len(e.unit), dtype=bool)
    if scale is not None and known.any():
        width[known] = scale.width(e.values[known], thin, thick)
        rgb[known] = scale.ink(e.values[known])
        dashed[known] = scale.dashed(e.values[known])
    if ctx.options.colour_by == "none":
        width[:] = 1.2 * ctx.line
    layer = np.full(len(e.unit), e.layer, dtype=np.int32)
    return Lines(e.strokes, rgb, width, dashed, layer, e.unit, e.sender)


def _widths(ctx: Context, e: LayerEdges) -> tuple[float, float]:
    """Return the widths of the weakest and the strongest edge: the more edges, the thinner."""
    crowd = min(1.0, max(0.0, (len(e.unit) - 40) / 160))
    return (0.9 - 0.3 * crowd) * ctx.line, (3.4 - 1.8 * crowd) * ctx.line


def _halo(ctx: Context, lines: Lines, extra: float) -> Lines:
    gold = np.tile(np.array(ctx.theme.gold_wash, dtype=np.uint8), (len(lines), 1))
    return replace(lines, rgb=gold, width=lines.width + extra * ctx.line, dashed=np.zeros(len(lines), dtype=bool), kind="halo")


def _lit(ctx: Context, e: LayerEdges) -> NDArray[np.bool_]:
    """Return which edges are hovered, selected or lit up from elsewhere."""
    result = np.zeros(len(e.unit), dtype=bool)
    wanted = [*ctx.options.highlighted, *(ref for ref in (ctx.options.hovered, ctx.options.selected) if ref is not None)]
    for ref in wanted:
        if ref.layer != e.layer or ref.quantity not in (*_OF_WEIGHTS, *_OF_BIASES):
            continue
        mask = e.sender < 0 if ref.quantity in _OF_BIASES else e.sender >= 0
        if ref.unit is not None:
            mask &= e.unit == ref.unit
        if ref.from_ is not None:
            mask &= e.sender == ref.from_
        result |= mask
    return result


_OF_WEIGHTS = ("W", "dW", "W_new", "step_W", "path", "dW_sample")
_OF_BIASES = ("b", "db", "b_new", "step_b", "db_sample")


def edge_numbers(ctx: Context, edges: list[LayerEdges], obstacles: list[Box]) -> tuple[list[Primitive], list[str]]:
    """Return plates and numbers, and what had to be left out in words."""
    plates: dict[int, list[Plate]] = {}
    notes: list[str] = []
    for e in sorted(edges, key=lambda e: not e.current.any()):
        wished = _wished(ctx, e)
        if not wished.any() or wished.sum() > NUMBERED_AT_MOST:
            continue
        taken = [plate for pairs in plates.values() for plate, _ in pairs if _reaches(ctx, e, plate)]
        plates[e.layer], missing = _numbers(ctx, e, wished, [*obstacles, *taken])
        if missing:
            count = int(e.current.sum())
            fit = f"{count - missing} of {count} numbers fit" if missing < count else f"its {count} numbers under the pointer"
            notes.append(f"layer {e.layer}: {fit}")
    return [item for layer in sorted(plates) for pair in plates[layer] for item in pair], sorted(notes)


def _reaches(ctx: Context, e: LayerEdges, plate: Box) -> bool:
    """Return whether a number of another layer reaches in between the columns of this one."""
    left, right = ctx.column(e.layer - 1).x, ctx.column(e.layer).x
    return plate.x + plate.width / 2 > left and plate.x - plate.width / 2 < right


def _wished(ctx: Context, e: LayerEdges) -> NDArray[np.bool_]:
    """Return which edges should carry their number."""
    if ctx.options.numbers == "none":
        return np.zeros(len(e.unit), dtype=bool)
    chosen = _lit(ctx, e)
    ref = ctx.options.hovered if ctx.options.numbers == "hover" else ctx.options.selected
    if ref is not None and ref.unit is not None:
        if ref.quantity in ("z", "a", "delta", "dLda") and ref.layer == e.layer:
            chosen |= e.unit == ref.unit
        if (ref.quantity == "a" and ref.layer == e.layer - 1) or (ref.quantity == "x" and e.layer == 1):
            chosen |= e.sender == ref.unit
    if ctx.options.numbers in ("selected", "hover"):
        return chosen | e.current if e.current.sum() == 1 else chosen
    if ctx.options.numbers == "current" or len(e.unit) > NUMBERED_AT_MOST:
        return e.current | chosen
    return np.ones(len(e.unit), dtype=np.bool_)


def _numbers(ctx: Context, e: LayerEdges, wished: NDArray[np.bool_], obstacles: list[Box]) -> tuple[list[Plate], int]:
    """Place the current numbers first, shorter and smaller where there is no room; the others all or, where too few fit, not at all."""
    s = ctx.layout.sizes
    crowded = len(e.unit) > CROWDED
    size = max(s.smallest, round(s.text * (0.85 if crowded else 0.95)))
    must = [int(i) for i in np.flatnonzero(wished & e.current)]
    items, gap = _current(ctx, e, obstacles, must, size)
    missing = [i for i in must if i not in items]
    others = [int(i) for i in np.flatnonzero(wished & ~e.current)]
    if others and not (crowded and ctx.options.numbers == "all" and ctx.options.selected is None):
        extra = _placed(ctx, e, gap, others, size, 5, must=False)
        extra |= _placed(ctx, e, gap, [i for i in others if i not in extra], s.smallest, 2, must=False)
        if len(extra) >= 0.6 * len(others):
            items |= extra
    if len(must) > CROWDED and len(missing) > 0.5 * len(must):  # some of many numbers tell nothing and hide the edges
        items, missing = {i: pair for i, pair in items.items() if i not in must}, must
    return list(items.values()), len(missing)


def _current(ctx: Context, e: LayerEdges, obstacles: list[Box], must: list[int], size: float) -> tuple[dict[int, Plate], Gap]:
    """Place the numbers of the step: as long as they are, or all shorter and smaller where some would find no room."""
    smallest = ctx.layout.sizes.smallest
    tries = ((size, 2), (smallest, 2)) if len(e.unit) > CROWDED else ((size, 5), (size, 3), (smallest, 3), (smallest, 2))
    best: tuple[dict[int, Plate], Gap] = {}, _gap(ctx, e, obstacles)
    for height, decimals in tries:
        gap = _gap(ctx, e, obstacles)
        items = _placed(ctx, e, gap, must, height, decimals, must=True)
        missing = [i for i in must if i not in items]
        items |= _placed(ctx, e, gap, missing, smallest, 2, must=True)
        if len(items) > len(best[0]) or not must:
            best = items, gap
        if len(items) == len(must):
            break
    return best


def _placed(ctx: Context, e: LayerEdges, gap: Gap, order: list[int], size: float, decimals: int, *, must: bool) -> dict[int, Plate]:
    texts = [_text(ctx, e, i, size, decimals) for i in order]
    around = 0.45 if decimals > 2 else 0.2
    wishes = [Wish(i, block.width + around * size, 1.12 * size, must) for i, (block, _, _) in zip(order, texts, strict=True)]
    result: dict[int, Plate] = {}
    for wish, (block, colour, ref), at in zip(wishes, texts, gap.place(wishes, tolerated=1), strict=True):
        if at is not None:
            plate = Box(at[0], at[1], wish.width, wish.height, 0.3 * size, ctx.theme.canvas, ref=ref)
            result[wish.edge] = (plate, Label(at[0], at[1], block, colour, ctx.theme.canvas, ref=ref, kind="edge"))
    return result


def _gap(ctx: Context, e: LayerEdges, obstacles: list[Box]) -> Gap:
    before, here = ctx.column(e.layer - 1), ctx.column(e.layer)
    circles = [(c.x, y, min(c.r, c.rx)) for c in (before, here) if not c.grid for y in c.ys]
    circles += [(c.x, c.bias_y, c.bias_r) for c in (before, here) if c.bias_y is not None]
    near = [b for b in obstacles if before.x - before.side <= b.x + b.width / 2 and b.x - b.width / 2 <= here.x + here.side]
    near += [Box(c.x, y, 2 * c.rx, 2 * c.r, 0, None) for c in (before, here) if c.rx > c.r or c.stacked for y in c.ys]
    boxes = np.array([(b.x - b.width / 2, b.y - b.height / 2, b.x + b.width / 2, b.y + b.height / 2) for b in near]).reshape(-1, 4)
    return Gap(e.strokes, np.array(circles), boxes, prefer=0.5 if len(e.unit) <= 2 else 0.34)


def _text(ctx: Context, e: LayerEdges, i: int, size: float, decimals: int) -> tuple[Block, RGB, Ref]:
    """Return what stands on an edge: the gradient or the new weight while they are made, else the weight in use."""
    unit, sender, l = int(e.unit[i]), int(e.sender[i]), e.layer
    bias = sender < 0
    weight = Ref("b", l, unit) if bias else Ref("W", l, unit, sender)
    new = Ref("b_new", l, unit) if bias else Ref("W_new", l, unit, sender)
    gradient = Ref("db", l, unit) if bias else Ref("dW", l, unit, sender)
    current, m = ctx.current, ctx.moment
    ref, face = weight, "semibold" if e.current[i] else "regular"
    colour = ctx.theme.text if e.current[i] else ctx.theme.muted
    if (
        current.layer == l
        and current.quantity in ("dW", "db", "delta")
        and m.known(gradient)
        and (e.current[i] or current.quantity == "dW")
    ):
        ref, colour = gradient, ctx.theme.sign(m.value(gradient))
    elif current.layer == l and current.quantity in ("dW_sample", "db_sample") and e.current[i]:
        ref = gradient._replace(quantity=gradient.quantity + "_sample")
        colour = ctx.theme.sign(m.value(ref))
    elif m.known(new) and not _old_in_use(ctx, l):
        ref, colour, face = new, ctx.theme.update.text, "semibold" if e.current[i] else "medium"
    longest = 15 if m.fmt.decimals is None else m.fmt.decimals
    return words(write(m.value(ref), m.fmt, min(decimals, longest)), size, face), colour, ref


def _old_in_use(ctx: Context, l: int) -> bool:
    """Return whether the errors behind layer l are being formed just now with the weights from before its update."""
    behind = (ctx.current.quantity == "dLdX" and ctx.current.layer == l) or (ctx.current.quantity == "dLda" and ctx.current.layer == l - 1)
    return behind and ctx.moment.record.problem.hidden_delta_uses == "old"
