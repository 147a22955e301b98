"""What differs between two pictures, so that only that is painted again; and where each shape reaches. No Qt."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from itertools import zip_longest

import numpy as np

from gui.diagram.primitives import Box, Circle, Curve, Diagram, Half, Label, Lines, Picture, Polygon, Primitive, Turned

Bounds = tuple[float, float, float, float]
ROWS_AT_MOST = 600  # strokes of a group that are painted again one by one


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
        case Curve():
            points = np.array([place for part in item.parts for stretch in part for place in zip(stretch[::2], stretch[1::2], strict=True)])
            return _of_strokes(np.hstack([points, points]), item.line_width)
        case Turned():
            reach = item.label.block.width + item.label.block.size
            x, y = item.label.x, item.label.y
            return (x - reach, y - reach, x + reach, y + reach)
        case _:
            return (item.x - 1, item.y - 1, item.x + item.width + 1, item.y + item.height + 1)


@lru_cache(maxsize=4)
def all_bounds(diagram: Diagram) -> tuple[Bounds, ...]:
    """Return what each shape of a picture may touch, in painting order; kept for the last few pictures, which are painted in parts."""
    return tuple(bounds(item) for item in diagram.items)


def meet(one: Bounds, other: Bounds) -> bool:
    """Return whether two areas have a point in common."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def changed(before: Diagram | None, after: Diagram) -> list[Bounds] | None:
    """Return the areas in which two pictures differ, [] if nowhere, None if everywhere."""
    if before is None or (before.width, before.height, before.background) != (after.width, after.height, after.background):
        return None
    shared = {id(item) for item in before.items} & {id(item) for item in after.items}
    old, new = (_parts(item for item in diagram.items if id(item) not in shared) for diagram in (before, after))
    shapes = [bounds(old[key] if key in old else new[key]) for key in old.keys() ^ new.keys()]
    return shapes + _strokes_apart(*([item for item in diagram.items if isinstance(item, Lines)] for diagram in (before, after)))


def _parts(items: Iterable[Primitive]) -> dict[Hashable, Primitive]:
    """Return every shape but strokes by something that can be compared."""
    return {_key(item): item for item in items if not isinstance(item, Lines)}


def _key(item: Primitive) -> Hashable:
    if isinstance(item, Picture):
        return (item.cells.tobytes(), item.x, item.y, item.width, item.height, item.line)
    return item


def _strokes_apart(old: Sequence[Lines], new: Sequence[Lines]) -> list[Bounds]:
    """Return the areas of the strokes that differ, group by group."""
    result: list[Bounds] = []
    for before, after in zip_longest(old, new):
        if before is None or after is None or len(before) != len(after):
            result += [bounds(lines) for lines in (before, after) if lines is not None and len(lines)]
            continue
        differ = (before.xy != after.xy).any(axis=1) | (before.rgb != after.rgb).any(axis=1)
        differ |= (before.width != after.width) | (before.dashed != after.dashed)
        if differ.sum() > ROWS_AT_MOST:
            result += [bounds(before), bounds(after)]
        elif differ.any():
            result += [*_boxes(before.rows(differ)), *_boxes(after.rows(differ))]
    return result


def _boxes(lines: Lines) -> list[Bounds]:
    """Return the box of every stroke."""
    (x0, y0, x1, y1), reach = lines.xy.T, lines.width / 2 + 1
    sides = (np.minimum(x0, x1) - reach, np.minimum(y0, y1) - reach, np.maximum(x0, x1) + reach, np.maximum(y0, y1) + reach)
    return list(zip(*(side.tolist() for side in sides), strict=True))


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
