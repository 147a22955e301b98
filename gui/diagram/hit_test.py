"""Which quantity lies under a point of the picture. NumPy on the geometry; no Qt."""

from __future__ import annotations

import numpy as np

from gui.diagram.primitives import Box, Curve, Diagram, Formulas, Half, Label, Lines, Picture, Polygon, Primitive, Turned
from model.stages import Ref


def hit(diagram: Diagram, x: float, y: float, tolerance: float = 4.0) -> Ref | None:
    """Return what is shown at (x, y) in logical pixels: the topmost shape, else the nearest edge within `tolerance`."""
    for item in reversed(diagram.items):
        if not isinstance(item, Lines) and (ref := _inside(item, x, y)) is not None:
            return ref
    return _nearest(diagram, x, y, tolerance)


def _inside(item: Primitive, x: float, y: float) -> Ref | None:
    if isinstance(item, Picture):
        return _cell(item, x, y)
    if isinstance(item, (Lines, Polygon, Formulas, Curve, Turned)) or item.ref is None:
        return None
    if isinstance(item, Label):
        left, top, right, bottom = item.bounds
        inside = left <= x <= right and top <= y <= bottom
    elif isinstance(item, Box):
        inside = abs(x - item.x) <= item.width / 2 and abs(y - item.y) <= item.height / 2
    else:
        inside = _in_capsule(item, x, y) if isinstance(item, Half) else (x - item.x) ** 2 + (y - item.y) ** 2 <= item.r**2
    return item.ref if inside else None


def _in_capsule(item: Half, x: float, y: float) -> bool:
    beyond = max(abs(x - item.x) - (item.rx - item.r), 0.0)
    return beyond**2 + (y - item.y) ** 2 <= item.r**2 and (x < item.x) == (item.side == "left")


def _cell(item: Picture, x: float, y: float) -> Ref | None:
    column, row = (x - item.x) / item.width, (y - item.y) / item.height
    if item.ref is None or not (0 <= column < 1 and 0 <= row < 1):
        return None
    rows, columns = item.cells.shape[:2]
    return item.ref._replace(unit=int(row * rows) * columns + int(column * columns))


def _nearest(diagram: Diagram, x: float, y: float, tolerance: float) -> Ref | None:
    best, found = tolerance, None
    for lines in diagram.edges:
        if len(lines) and (near := _nearest_of(lines, x, y, best)) is not None:
            found, best = lines.ref(near[0]), near[1]
    return found


def _nearest_of(lines: Lines, x: float, y: float, tolerance: float) -> tuple[int, float] | None:
    """Return the nearest stroke and its distance; of equally near ones the one drawn last."""
    x0, y0, x1, y1 = lines.xy.T
    beside = ((x0 < x - tolerance) & (x1 < x - tolerance)) | ((x0 > x + tolerance) & (x1 > x + tolerance))
    beside |= ((y0 < y - tolerance) & (y1 < y - tolerance)) | ((y0 > y + tolerance) & (y1 > y + tolerance))
    rows = np.flatnonzero(~beside)
    if not len(rows):
        return None
    x0, y0 = x0[rows], y0[rows]
    dx, dy = x1[rows] - x0, y1[rows] - y0
    share = np.clip(((x - x0) * dx + (y - y0) * dy) / np.maximum(dx * dx + dy * dy, 1e-12), 0.0, 1.0)
    distance = np.hypot(x0 + share * dx - x, y0 + share * dy - y)
    i = len(distance) - 1 - int(np.argmin(distance[::-1]))
    return (int(rows[i]), float(distance[i])) if distance[i] <= tolerance else None
