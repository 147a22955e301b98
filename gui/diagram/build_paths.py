"""Paths from a weight to the loss, drawn over the edges: colour and width by what flows through each connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gui.diagram.build_edges import LayerEdges
from gui.diagram.context import Context, PathOverlay
from gui.diagram.primitives import Lines, Primitive
from gui.theme import Scale, Theme, mix

MANY = 400  # strokes beyond which the bands behind them are left out


def path_scale(theme: Theme, paths: Sequence[PathOverlay]) -> Scale:
    """Return the scale of what flows through the connections of some paths."""
    return Scale(theme, max((abs(value) for value in flows(paths).values()), default=0.0))


def flows(paths: Sequence[PathOverlay]) -> dict[tuple[int, int, int], float]:
    """Return for each connection (layer, unit, sender) the sum of the paths that pass it."""
    result: dict[tuple[int, int, int], float] = {}
    for path in paths:
        for edge in path.edges:
            result[edge] = result.get(edge, 0.0) + path.value
    return result


def path_lines(ctx: Context, edges: Sequence[LayerEdges]) -> Iterator[Primitive]:
    """Yield the drawn connections of the paths, each on a band, strongest last."""
    through = flows(ctx.options.paths)
    scale = path_scale(ctx.theme, ctx.options.paths)
    found = [_layer(ctx, e, through, scale) for e in edges]
    if sum(map(len, found)) <= MANY:
        yield from (_band(ctx, lines) for lines in found)
    yield from found


def _layer(ctx: Context, e: LayerEdges, through: dict[tuple[int, int, int], float], scale: Scale) -> Lines:
    keys = zip(e.unit.tolist(), e.sender.tolist(), strict=True)
    values = np.array([through.get((e.layer, unit, sender), np.nan) for unit, sender in keys])
    passed: NDArray[np.intp] = np.flatnonzero(~np.isnan(values))
    order = passed[np.argsort(np.abs(values[passed]), kind="stable")]
    v = values[order]
    layer = np.full(len(order), e.layer, dtype=np.int32)
    width = scale.width(v, 1.2 * ctx.line, 4.2 * ctx.line)
    return Lines(e.strokes[order], scale.ink(v), width, scale.dashed(v), layer, e.unit[order], e.sender[order])


def _band(ctx: Context, lines: Lines) -> Lines:
    colour = mix(ctx.theme.canvas, ctx.theme.select, 0.22)  # gold belongs to the current step
    wash = np.tile(np.array(colour, dtype=np.uint8), (len(lines), 1))
    return replace(lines, rgb=wash, width=lines.width + 6 * ctx.line, dashed=np.zeros(len(lines), dtype=bool), kind="halo")
