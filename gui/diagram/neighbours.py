"""From one number of the picture to the next by keyboard: to the neuron beside, above or below, and along an edge. No Qt."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gui.diagram.layout import Column, Layout
from gui.diagram.primitives import Box, Circle, Diagram, Half, Lines
from model.stages import Ref

Direction = Literal["left", "right", "up", "down"]
_EDGES = ("W", "b", "dW", "db", "W_new", "b_new", "step_W", "step_b")


def neuron_of(ref: Ref) -> tuple[int, int] | None:
    """Return layer and unit of the neuron that a number belongs to, None for weights, biases, targets and the loss."""
    if ref.unit is None or ref.quantity in _EDGES or ref.quantity in ("y", "loss_output"):
        return None
    return (0 if ref.quantity == "x" else ref.layer), ref.unit


def beside(layout: Layout, ref: Ref | None, way: Direction) -> Ref:
    """Return the neuron next to a number; from nothing, the first input. At the rim it is the neuron itself."""
    here = None if ref is None else neuron_of(ref)
    if here is None:
        here = (ref.layer - (way == "left"), ref.unit) if ref is not None and ref.quantity in _EDGES and ref.unit is not None else None
        if here is None or ref is None:
            return _name(layout.neurons[0], layout.neurons[0].units[0])
        if way == "left":
            return _name(layout.neurons[here[0]], ref.from_ if ref.from_ is not None else layout.neurons[here[0]].units[0])
        if way == "right":
            return _name(layout.neurons[here[0]], here[1])
    layer, unit = here
    column = layout.neurons[min(layer, len(layout.neurons) - 1)]
    row = column.index.get(unit, 0)
    if way in ("up", "down"):
        row = min(max(row + (1 if way == "down" else -1), 0), len(column.units) - 1)
        return _name(column, column.units[row])
    other = layout.neurons[min(max(layer + (1 if way == "right" else -1), 0), len(layout.neurons) - 1)]
    return _name(other, other.units[int(np.argmin(np.abs(other.centres[:, 1] - column.centres[row, 1])))])


def _name(column: Column, unit: int) -> Ref:
    return Ref("x", 0, unit) if column.layer == 0 else Ref("a", column.layer, unit)


def along(diagram: Diagram, ref: Ref | None, way: Direction) -> Ref | None:
    """Return the widest edge of a neuron on one side, an edge's end on one side, or the next edge of the same neuron."""
    if ref is None or ref.unit is None:
        return None
    edges = [(lines, i) for lines in diagram.edges if lines.kind == "edge" for i in range(len(lines))]
    if ref.quantity in _EDGES:
        if way == "right":
            return Ref("a", ref.layer, ref.unit)
        if way == "left":
            source = ref.layer - 1
            return None if ref.from_ is None else Ref("x", 0, ref.from_) if source == 0 else Ref("a", source, ref.from_)
        own = [lines.ref(i) for lines, i in edges if lines.layer[i] == ref.layer and lines.unit[i] == ref.unit]
        own = sorted(dict.fromkeys(own), key=lambda edge: -1 if edge.from_ is None else edge.from_)
        at = next((i for i, edge in enumerate(own) if edge.from_ == ref.from_), 0) + (1 if way == "down" else -1)
        return own[min(max(at, 0), len(own) - 1)] if own else None
    here = neuron_of(ref)
    if here is None or way in ("up", "down"):
        return None
    found = [(lines, i) for lines, i in edges if _touches(lines, i, here, way)]
    return max(((float(lines.width[i]), lines.ref(i)) for lines, i in found), key=lambda pair: pair[0])[1] if found else None


def _touches(lines: Lines, i: int, neuron: tuple[int, int], way: Direction) -> bool:
    layer, unit = neuron
    if way == "left":
        return bool(lines.layer[i] == layer and lines.unit[i] == unit)
    return bool(lines.layer[i] == layer + 1 and lines.sender[i] == unit)


def inside(diagram: Diagram, left: float, top: float, right: float, bottom: float) -> frozenset[Ref]:
    """Return what a box drawn over the picture holds: neurons, inputs and targets by their middles, edges that lie in it as a whole."""
    found: set[Ref] = set()
    for item in diagram.items:
        if isinstance(item, Circle | Box | Half) and item.ref is not None and item.ref.quantity in ("x", "y", "a", "loss", "one"):
            if left <= item.x <= right and top <= item.y <= bottom:
                found.add(item.ref)
        elif isinstance(item, Lines) and item.kind == "edge":
            x, y = item.xy[:, 0::2], item.xy[:, 1::2]
            held = ((x >= left) & (x <= right) & (y >= top) & (y <= bottom)).all(axis=1)
            found |= {item.ref(int(i)) for i in np.flatnonzero(held)}
    return frozenset(found)


def area_of(diagram: Diagram, refs: frozenset[Ref]) -> tuple[float, float, float, float] | None:
    """Return the area that some numbers take, None if none of them is drawn."""
    corners: list[tuple[float, float, float, float]] = []
    neurons = {neuron for ref in refs if (neuron := neuron_of(ref)) is not None}
    for item in diagram.items:
        if isinstance(item, Circle | Half | Box) and item.ref is not None and (item.ref in refs or neuron_of(item.ref) in neurons):
            rx, ry = (item.width / 2, item.height / 2) if isinstance(item, Box) else (item.r, item.r)
            corners.append((item.x - rx, item.y - ry, item.x + rx, item.y + ry))
        elif isinstance(item, Lines) and item.kind == "edge":
            for i in range(len(item)):
                if item.ref(i) in refs:
                    x0, y0, x1, y1 = item.xy[i].tolist()
                    corners.append((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
    if not corners:
        return None
    left, top, right, bottom = zip(*corners, strict=True)
    return min(left), min(top), max(right), max(bottom)
