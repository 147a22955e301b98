"""The edges of the picture: which are drawn, in which colour and width; their numbers come from `build_edge_numbers`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gui.diagram.context import Context
from gui.diagram.layout import Column, Layout
from gui.diagram.primitives import Lines, Polygon, Primitive
from gui.diagram.rims import from_rims
from gui.diagram.values import LayerValues, layer_values, weights_now
from gui.theme import RGB, Scale, mix
from model.notation.layers import head_name

Floats = NDArray[np.float64]
DRAWN_AT_MOST = 1200  # edges of a layer; of more, the strongest are chosen
COVERED_AT_MOST = 0.8  # ink of a layer's edges, in shares of the area between its columns; more would be a smear
AT_REST = 0.4  # of that for a layer without colours in which nothing happens
FEW = 150  # edges of a layer that are always drawn
BANDS_AT_MOST = 24  # current edges without a colour of their own that lie on bands of gold; more are golden themselves
NUMBERED_AT_MOST = 110  # edges of a layer that compete for places for their numbers


@dataclass(frozen=True)
class LayerEdges:
    """The drawn edges of weight layer l: (n,) unit and sender (-1 the bias), (n, 4) strokes, and what is left out.

    name: of the layer, in words. values: (n,) of the chosen quantity, NaN where not yet known. weights: (n,). current: (n,) mask.
    total: edges of the layer. now: (n,) the weights as far as they have been updated.
    """

    layer: int
    name: str
    unit: NDArray[np.int32]
    sender: NDArray[np.int32]
    strokes: Floats
    values: Floats
    weights: Floats
    current: NDArray[np.bool_]
    total: int
    now: Floats

    @property
    def note(self) -> str:
        """What is left out, in words."""
        n = len(self.unit)
        return "" if n == self.total else f"{self.name}: {n:,} of {self.total:,} edges"


def edges_of(ctx: Context) -> list[LayerEdges]:
    """Return the edges to draw, by weight layer."""
    return [_layer(ctx, layer_values(ctx.moment, layer, ctx.options.colour_by)) for layer in range(1, len(ctx.layout.neurons))]


def _layer(ctx: Context, v: LayerValues) -> LayerEdges:
    biased = ctx.moment.record.problem.has_biases
    unit, sender, strokes = _between(ctx.layout, v.layer, biased)
    current = ctx.current.edge_mask(v.layer, v.weights.shape)[unit, sender + 1]
    weights, values = v.weights[unit, sender + 1], v.values[unit, sender + 1]
    now = weights if old_in_use(ctx, v.layer) else weights_now(ctx.moment, v.layer)[unit, sender + 1]
    total = v.weights.size - (0 if biased else len(v.weights))
    room = int(_room(ctx, strokes) * (1.0 if current.any() or not np.isnan(values).all() else AT_REST))
    if len(unit) > max(room, FEW):
        keep = _strongest(ctx, v.layer, weights, values, unit, sender, current)[-max(room, FEW) :]
        unit, sender, current, weights, values = unit[keep], sender[keep], current[keep], weights[keep], values[keep]
        strokes, now = strokes[keep], now[keep]
    name = head_name(ctx.moment.notation, v.layer, ctx.moment.record.problem)
    return LayerEdges(v.layer, name, unit, sender, strokes, values, weights, current, total, now)


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
    centres = starts[lookup[sender + 1]]
    if before.grid:
        centres[sender >= 0, 0] = before.x
    return from_rims(centres, here.centres[target[unit]], before, here, sender < 0)


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
            if n <= (BANDS_AT_MOST if np.isnan(e.values[e.current]).all() else NUMBERED_AT_MOST):
                yield _halo(ctx, all_lines.rows(e.current), 6 if n <= 8 else 3 if n <= 24 else 1.8)
            yield all_lines.rows(e.current)
    for e, all_lines in zip(edges, lines, strict=True):
        lit = lit_edges(ctx, e)
        if lit.any() and ctx.options.marks:
            marked = all_lines.rows(lit)
            yield _halo(ctx, marked, 5.6, ctx.theme.select)
            yield _halo(ctx, marked, 2.4, ctx.theme.canvas)  # two rails, between which colour and dash stay what they are
            yield marked


def _band(ctx: Context, e: LayerEdges) -> Polygon:
    before, here = ctx.column(e.layer - 1), ctx.column(e.layer)
    x0 = before.x + (before.side / 2 if before.grid else before.r)
    half = before.side / 2
    top0, bottom0 = (before.ys[0] - half, before.ys[0] + half) if before.grid else (before.ys[0], before.ys[-1])
    return Polygon(((x0, top0), (here.x, here.ys[0]), (here.x, here.ys[-1]), (x0, bottom0)), ctx.theme.band)


def _colour(ctx: Context, e: LayerEdges, scale: Scale | None, edges: list[LayerEdges]) -> Lines:
    """Colour and width by the chosen quantity where it is known, by the weight's size in neutral grey where not."""
    known, shown = ~np.isnan(e.values), e.now if ctx.options.colour_by == "weight" else e.values
    thin, thick = _widths(ctx, e)
    heaviest = max((float(np.abs(o.weights[np.isfinite(o.weights)]).max(initial=0.0)) for o in edges), default=0.0)
    width = Scale(ctx.theme, heaviest).width(e.now, thin, thick)
    rgb = np.tile(np.array(ctx.theme.edge, dtype=np.uint8), (len(e.unit), 1))
    if e.current.sum() > BANDS_AT_MOST:  # too many for bands of gold
        rgb[e.current] = mix(ctx.theme.edge, ctx.theme.gold, 0.55)
    dashed = np.zeros(len(e.unit), dtype=bool)
    if scale is not None and known.any():
        width[known] = scale.width(shown[known], thin, thick)
        rgb[known] = scale.ink(shown[known])
        dashed[known] = scale.dashed(shown[known])
    if ctx.options.colour_by == "none":
        width[:] = 1.2 * ctx.line
    layer = np.full(len(e.unit), e.layer, dtype=np.int32)
    return Lines(e.strokes, rgb, width, dashed, layer, e.unit, e.sender)


def _widths(ctx: Context, e: LayerEdges) -> tuple[float, float]:
    """Return the widths of the weakest and the strongest edge: the more edges, the thinner."""
    crowd = min(1.0, max(0.0, (len(e.unit) - 40) / 160))
    return (0.9 - 0.3 * crowd) * ctx.line, (3.4 - 1.8 * crowd) * ctx.line


def _halo(ctx: Context, lines: Lines, extra: float, colour: RGB | None = None) -> Lines:
    """Return wider strokes to be painted under others, in gold where no colour is given."""
    rgb = np.tile(np.array(colour or ctx.theme.gold_wash, dtype=np.uint8), (len(lines), 1))
    return replace(lines, rgb=rgb, width=lines.width + extra * ctx.line, dashed=np.zeros(len(lines), dtype=bool), kind="halo")


def lit_edges(ctx: Context, e: LayerEdges) -> NDArray[np.bool_]:
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


def old_in_use(ctx: Context, l: int) -> bool:
    """Return whether the errors behind layer l are being formed just now with the weights from before its update."""
    behind = (ctx.current.quantity == "dLdX" and ctx.current.layer == l) or (ctx.current.quantity == "dLda" and ctx.current.layer == l - 1)
    return behind and ctx.moment.record.problem.hidden_delta_uses == "old"
