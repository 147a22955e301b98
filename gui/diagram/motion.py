"""What travels along the edges in a step: values to the right, errors to the left. Geometry of dots from a diagram; no Qt.

Window and films show the same: a dot per edge whose term is being formed, at `progress` 0..1 of its way, with a fading trail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gui.diagram.changes import Bounds, changed
from gui.diagram.current import Current, current_of
from gui.diagram.primitives import Box, Circle, Diagram, Half, Label, Lines, Primitive
from gui.theme import RGB, Theme, mix
from model.moment import Moment
from model.stages import Ref

Floats = NDArray[np.float64]
Way = Literal["forward", "backward", "together"]
TRAVEL_MS, FADE_MS = 320, 140  # on screen; films take longer, in the same proportion
MOST_ITEMS = 3000  # shapes of pictures that move; larger ones change at once
AT_MOST = 300  # dots; of more, every second, third … travels
TRAILS_UP_TO = 80  # dots that draw a whole trail
TRAIL = ((0.16, 0.45, 0.25), (0.11, 0.6, 0.42), (0.06, 0.78, 0.65), (0.0, 1.0, 1.0))  # behind by, share of size, share of colour


@dataclass(frozen=True, slots=True, eq=False)
class Travel:
    """The ways of a step's dots. xy: (n, 4) from where a dot sets out to where it arrives; radius: (n,) logical pixels; colour of all.

    ground: the colour that trails fade into.
    """

    xy: Floats
    radius: Floats
    colour: RGB
    ground: RGB

    def dots(self, progress: float) -> Iterator[Circle]:
        """Yield the dots and their trails at `progress` 0..1 of the way; nothing at either end."""
        if not 0.0 < progress < 1.0:
            return
        start, way = self.xy[:, :2], self.xy[:, 2:] - self.xy[:, :2]
        for behind, size, strength in TRAIL if len(self.xy) <= TRAILS_UP_TO else TRAIL[-2:]:
            share = eased(progress - behind)
            if share <= 0.0:
                continue
            fill = mix(self.ground, self.colour, strength)
            line = mix(self.ground, fill, 0.35) if behind == 0.0 else None
            for (x, y), r in zip((start + share * way).tolist(), (size * self.radius).tolist(), strict=True):
                yield Circle(x, y, r, fill, line, 0.25 * r if line else 0.0)

    def bounds(self) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom of everything the dots touch on their way."""
        reach = 1.2 * float(self.radius.max()) + 1.0
        x, y = self.xy[:, 0::2], self.xy[:, 1::2]
        return float(x.min()) - reach, float(y.min()) - reach, float(x.max()) + reach, float(y.max()) + reach


def eased(share: float) -> float:
    """Return a share of the way that sets out and arrives gently."""
    t = min(max(share, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


def way_of(current: Current, depth: int) -> Way | None:
    """Return where the terms of a step travel, None where it forms nothing along edges."""
    q = current.quantity
    if q in ("z", "loss", "loss_sample"):
        return "forward"
    if q in ("dLda", "dLdX") and (current.edges or current.outputs):
        return "backward"
    return "together" if q in ("dW", "dW_sample", "db", "db_sample") else None


def travel_of(diagram: Diagram, moment: Moment, theme: Theme) -> Travel | None:
    """Return what travels along the edges of a moment's diagram, None where nothing does."""
    current = current_of(moment)
    way = way_of(current, moment.record.problem.depth)
    if way is None:
        return None
    found = [strokes for item in diagram.edges for strokes in (_current_strokes(item, current),) if len(strokes)]
    if not found:
        return None
    xy, radius = np.vstack([lines.xy for lines in found]), np.hstack([lines.width for lines in found])
    every = -(-len(xy) // AT_MOST)
    xy, radius = xy[::every], np.clip(0.9 * radius[::every] + 2.6 * theme.strokes, 3.2 * theme.strokes, 6.0 * theme.strokes)
    if way == "backward":
        xy = xy[:, [2, 3, 0, 1]]
    if way == "together":  # the input comes from the left and δ from the right; their product stays on the edge
        middle = (xy[:, :2] + xy[:, 2:]) / 2
        xy, radius = np.vstack([np.hstack([xy[:, 2:], middle]), np.hstack([xy[:, :2], middle])]), np.hstack([radius, 0.8 * radius])
    return Travel(xy, radius, theme.phase(current.phase).mark, theme.canvas)


def _current_strokes(lines: Lines, current: Current) -> Lines:
    """Return the strokes of one group that are current, each once."""
    if lines.kind == "error":
        mask = np.isin(lines.unit, list(current.outputs))
    else:
        mask = np.array([_is_current(current, *key) for key in zip(lines.layer, lines.unit, lines.sender, strict=True)], dtype=np.bool_)
    keep = np.flatnonzero(mask)
    return replace(lines, xy=lines.xy[keep], rgb=lines.rgb[keep], width=lines.width[keep], dashed=lines.dashed[keep],
                   layer=lines.layer[keep], unit=lines.unit[keep], sender=lines.sender[keep])  # fmt: skip


def _is_current(current: Current, layer: int, unit: int, sender: int) -> bool:
    mask = current.edges.get(int(layer))
    return mask is not None and bool(mask[unit, sender + 1])


def over_dots(diagram: Diagram) -> tuple[Primitive, ...]:
    """Return the numbers on edges with the grounds they stand on: dots pass below them, so that they stay legible."""
    found: list[Primitive] = []
    for ground, number in pairwise(diagram.items):
        if isinstance(number, Label) and number.kind == "edge":
            found += [ground, number] if isinstance(ground, Box) else [number]
    return tuple(found)


def before_arrival(before: Diagram, after: Diagram, moment: Moment, earlier_tick: int) -> Diagram:
    """Return the picture while terms are on their way: the step's highlights, but its new numbers not there yet.

    before, after: the diagrams at `earlier_tick` and at the moment, of the same layout.
    """
    walk = moment.walk

    def is_new(item: Primitive) -> bool:
        ref = _shown(item)
        return ref is not None and walk.known(ref, moment.tick) and not walk.known(ref, earlier_tick)

    kept = [item for item in after.items if not is_new(item)]
    return replace(after, items=(*kept, *(item for item in before.items if is_new(item))))


def old_widths(before: Diagram, after: Diagram) -> dict[int, Floats]:
    """Return by the identity of each group of edges of `after` the widths they had before, for those that grow thicker or thinner."""
    groups = [lines for lines in after.edges if lines.kind == "edge" and len(lines)]
    if sum(len(lines) for lines in groups) > AT_MOST:
        return {}
    old = {
        key: width for lines in before.edges if lines.kind == "edge" for key, width in zip(_keys(lines), lines.width.tolist(), strict=True)
    }
    found = {id(lines): [old.get(key, width) for key, width in zip(_keys(lines), lines.width, strict=True)] for lines in groups}
    return {id(lines): np.array(found[id(lines)]) for lines in groups if not np.allclose(found[id(lines)], lines.width)}


def widened(picture: Diagram, old: dict[int, Floats], share: float) -> Diagram:
    """Return a picture with its edges on their way from their `old_widths` (share 0) to their own (share 1)."""
    items = (
        replace(item, width=(1.0 - share) * old[id(item)] + share * item.width) if isinstance(item, Lines) and id(item) in old else item
        for item in picture.items
    )
    return replace(picture, items=tuple(items)) if old else picture


class Course(NamedTuple):
    """A motion from one picture, at a tick, to the next. areas: of the picture, which look different while it lasts.

    widths: of edges before they grow thicker or thinner, by the identity of their group in `waiting`.
    """

    before: Diagram
    earlier_tick: int
    waiting: Diagram
    travel: Travel | None
    areas: list[Bounds]
    widths: dict[int, Floats]

    def at(self, share: float) -> tuple[float, float]:
        """Return for a share 0..1 of the time how far terms have travelled and new values have faded in, both 0..1.

        Where nothing travels, values fade in at once and have arrived before the time is over.
        """
        elapsed, travel = share * (TRAVEL_MS + FADE_MS), TRAVEL_MS if self.travel is not None else 0
        return min(1.0, elapsed / travel) if travel else 1.0, min(1.0, max(0.0, (elapsed - travel) / FADE_MS))


def course(before: Diagram, after: Diagram, moment: Moment, earlier_tick: int, theme: Theme) -> Course | None:
    """Return how the picture at `earlier_tick` becomes that of `moment`; None where nothing moves."""
    if max(len(before.items), len(after.items)) > MOST_ITEMS:
        return None
    travel = travel_of(after, moment, theme)
    waiting = before_arrival(before, after, moment, earlier_tick)
    widths = old_widths(before, after) if moment.stage is not None and moment.stage.phase == "update" else {}
    fading = changed(widened(waiting, widths, 0.0), after)
    if travel is None and not fading:
        return None
    return Course(before, earlier_tick, waiting, travel, [*(fading or []), *([travel.bounds()] if travel else [])], widths)


def _keys(lines: Lines) -> list[tuple[int, int, int]]:
    return list(zip(lines.layer.tolist(), lines.unit.tolist(), lines.sender.tolist(), strict=True))


def _shown(item: Primitive) -> Ref | None:
    return item.ref if isinstance(item, Label | Box | Half | Circle) else None
