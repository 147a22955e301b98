"""What differs between two pictures, so that only that is painted again; and where each shape reaches. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator

import numpy as np

from gui.diagram.primitives import Box, Circle, Diagram, Half, Label, Lines, Picture, Polygon, Primitive

Bounds = tuple[float, float, float, float]
ROWS_AT_MOST = 600  # strokes of a group that are compared one by one


def bounds(item: Primitive) -> Bounds:
    """Return left, top, right, bottom of everything a shape may touch."""
    match item:
        case Lines():
            return _of_strokes(item.xy, float(item.width.max(initial=0.0)))
        case Polygon():
            xs, ys = zip(*item.points, strict=True)
            return (min(xs), min(ys), max(xs), max(ys))
        case Circle():
            reach = item.r + item.line_width / 2 + 1
            return (item.x - reach, item.y - reach, item.x + reach, item.y + reach)
        case Half():
            return (item.x - item.rx - 1, item.y - item.r - 1, item.x + item.rx + 1, item.y + item.r + 1)
        case Box():
            w, h = item.width / 2 + item.line_width / 2 + 1, item.height / 2 + item.line_width / 2 + 1
            return (item.x - w, item.y - h, item.x + w, item.y + h)
        case Label():
            left, top, right, bottom = item.bounds
            spare = 0.35 * item.block.size  # accents, slanted ends
            return (left - spare, top - spare, right + spare, bottom + spare)
        case _:
            return (item.x - 1, item.y - 1, item.x + item.width + 1, item.y + item.height + 1)


def meet(one: Bounds, other: Bounds) -> bool:
    """Return whether two areas have a point in common."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def changed(before: Diagram | None, after: Diagram) -> list[Bounds] | None:
    """Return the areas in which two pictures differ, [] if nowhere, None if everywhere."""
    if before is None or (before.width, before.height, before.background) != (after.width, after.height, after.background):
        return None
    old, new = Counter(dict(_parts(before))), Counter(dict(_parts(after)))
    return [area for _, area in (*(old - new), *(new - old))]


def _parts(diagram: Diagram) -> Iterator[tuple[tuple[Hashable, Bounds], int]]:
    """Yield every shape as something that can be compared, with its area; strokes of small groups one by one."""
    group = 0
    for item in diagram.items:
        if isinstance(item, Lines):
            group += 1
            if len(item) <= ROWS_AT_MOST:
                yield from _strokes(item, group)
            elif len(item):
                key = (item.xy.tobytes(), item.rgb.tobytes(), item.width.tobytes(), item.dashed.tobytes())
                yield ((group, key), bounds(item)), 1
        elif isinstance(item, Picture):
            yield ((item.cells.tobytes(), item.x, item.y, item.width, item.height, item.line), bounds(item)), 1
        else:
            yield (item, bounds(item)), 1


def _strokes(lines: Lines, group: int) -> Iterator[tuple[tuple[Hashable, Bounds], int]]:
    rows = zip(lines.xy.tolist(), lines.rgb.tolist(), lines.width.tolist(), lines.dashed.tolist(), strict=True)
    for (x0, y0, x1, y1), rgb, width, dashed in rows:
        reach = width / 2 + 1
        area = (min(x0, x1) - reach, min(y0, y1) - reach, max(x0, x1) + reach, max(y0, y1) + reach)
        yield ((group, *rgb, width, dashed, y1), area), 1


def _of_strokes(xy: np.ndarray[tuple[int, ...], np.dtype[np.float64]], width: float) -> Bounds:
    if not len(xy):
        return (0.0, 0.0, -1.0, -1.0)
    x, y, reach = xy[:, 0::2], xy[:, 1::2], width / 2 + 1
    return (float(x.min()) - reach, float(y.min()) - reach, float(x.max()) + reach, float(y.max()) + reach)


def rows_within(lines: Lines, area: Bounds) -> Lines:
    """Return the strokes whose boxes meet an area."""
    x0, y0, x1, y1 = lines.xy.T
    reach = lines.width / 2 + 1
    keep = (np.minimum(x0, x1) - reach <= area[2]) & (np.maximum(x0, x1) + reach >= area[0])
    keep &= (np.minimum(y0, y1) - reach <= area[3]) & (np.maximum(y0, y1) + reach >= area[1])
    return lines if keep.all() else lines.rows(keep)
