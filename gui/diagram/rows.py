"""Which neurons of a layer are drawn, how far apart they stand, and how high they are."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from gui.diagram.shape import BADGE, CHOSEN, NUMBERED_UP_TO, Shape, Sizes

ONE_LINE, TWO_LINES = 1.8, 2.75  # least distance of neurons whose numbers stand beside or above each other, in letter heights
TIGHT, ALL_UP_TO = 1.5, 12  # and of those of a layer that is small enough to be drawn whole, and up to how many that is


@dataclass(frozen=True, slots=True)
class Rows:
    """units: drawn, None for a "⋮", which takes `dot` of the height of a neuron. single: there is room for one number each."""

    units: tuple[int | None, ...]
    bias: bool
    image: bool = False
    dot: float = 0.7
    single: bool = False

    @property
    def count(self) -> float:
        """Height of the neurons in rows; a "⋮" is less than one."""
        return len(self.units) - (1.0 - self.dot) * self.units.count(None)


@dataclass(frozen=True, slots=True)
class Room:
    """What neurons may fill. gap: distance of two layers; stacked: half the width of neurons whose numbers stand above each other, or 0."""

    sizes: Sizes
    top: float
    bottom: float
    gap: float
    stacked: float


def choose_rows(shape: Shape, s: Sizes, body: float, *, stacked: bool) -> list[Rows]:
    """Return the rows of every layer: all neurons where they can be read, else those that matter most with "⋮" for the others."""
    return [_rows(shape, layer, s, body, stacked=stacked and layer > 0) for layer in range(len(shape.layers))]


def _rows(shape: Shape, layer: int, s: Sizes, body: float, *, stacked: bool) -> Rows:
    n = shape.layers[layer]
    bias = shape.biases and layer + 1 < len(shape.layers)
    if layer == 0 and shape.is_image:
        return Rows((0,), bias, image=True)
    least, dot = (TWO_LINES, 0.45) if stacked else (ONE_LINE, 0.7)
    shared = shape.biases and not (shape.is_image and len(shape.layers) == 2)  # all layers stand on one height, bias nodes above
    room = (body - (1.9 * s.text if shared else 0.0)) / s.least
    most = room / least
    if n <= min(most, NUMBERED_UP_TO) or n <= 3:
        return Rows(tuple(range(n)), bias)
    if n <= min(room / TIGHT, ALL_UP_TO):
        return Rows(tuple(range(n)), bias, single=stacked)
    found = Rows(_with_dots(shape.chosen[layer][:2], n), bias, dot=dot)
    for count in range(3, min(CHOSEN, n) + 1):
        more = Rows(_with_dots(shape.chosen[layer][:count], n), bias, dot=dot)
        if more.count > max(most, 1.0):
            break
        found = more
    return found


def _with_dots(chosen: tuple[int, ...], n: int) -> tuple[int | None, ...]:
    units: list[int | None] = []
    last = -1
    for unit in sorted(chosen):
        if unit != last + 1:
            units.append(None)
        units.append(unit)
        last = unit
    return (*units, *((None,) if last != n - 1 else ()))


def bias_row(pitch: float, s: Sizes) -> float:
    """Return the height that a bias node takes above a layer."""
    return max(pitch, 1.9 * s.text)


def bias_radius(r: float, pitch: float, s: Sizes) -> float:
    """Return the radius of a bias node above neurons of half the height r."""
    return min(max(0.5 * r, 0.8 * s.text), 2.4 * s.text, 0.42 * bias_row(pitch, s))


def place_rows(rows: list[Rows], room: Room) -> tuple[float, list[float], float]:
    """Return the common middle, the distances of neurons and half their height; the outermost reach to the ends of the room."""
    s = room.sizes
    middle, pitches = _down(rows, s, room.top, room.bottom)
    r = _radius(rows, pitches, room)
    if any(row.image for row in rows):
        return middle, pitches, r
    for _ in range(5):  # what a row gains by a larger distance it may use up again, a third or less each time
        badge = 2.1 * s.text if all(p >= 2 * _radius(rows, pitches, room) + 1.85 * s.text for p in pitches[1:]) else 0.4 * s.text
        above = min(p / 2 - (bias_radius(r, p, s) if row.bias else r) - 0.3 * s.text for row, p in zip(rows, pitches, strict=True))
        below = min(p / 2 - r - badge for p in pitches)
        middle, pitches = _down(rows, s, room.top - max(above, 0.0), room.bottom + max(below, min(0.0, below + 0.8 * s.text), -s.text))
    return middle, pitches, _radius(rows, pitches, room)


def _down(rows: list[Rows], s: Sizes, top: float, bottom: float) -> tuple[float, list[float]]:
    """Return the height on which all layers are centred, bias nodes above, and the distance of two neurons of each layer."""
    room = bottom - top
    pitches = []
    for row in rows:
        pitch = min(room / (row.count + row.bias), 0.34 * room)
        if row.bias and pitch < bias_row(pitch, s):
            pitch = (room - bias_row(pitch, s)) / row.count
        pitches.append(pitch)
    shifts = [bias_row(pitch, s) / 2 for row, pitch in zip(rows, pitches, strict=True) if row.bias and not row.image]
    middle = (top + bottom) / 2 + min(shifts, default=0.0)
    for i, row in enumerate(rows):
        above = (middle - top - (bias_row(pitches[i], s) if row.bias and row.count > 3 else 0.0)) / (row.count / 2)
        pitches[i] = min(pitches[i], above, (bottom - middle) / (row.count / 2))
    return middle, pitches


def _radius(rows: list[Rows], pitches: list[float], room: Room) -> float:
    """Return half the height of the neurons, with a strip for the badge below in every layer in which that leaves enough."""
    s, body = room.sizes, room.bottom - room.top
    alike = all(row.single for row in rows[1:])  # else those with one number each are lower than the others
    numbered = [p for row, p in zip(rows[1:], pitches[1:], strict=True) if not row.image and (alike or not row.single)] or [body / 3]
    least = 1.2 * s.least if room.stacked else 0.62 * s.text
    largest = min((r for p in numbered if (r := (p - BADGE * s.text) / 2.08) >= least), default=inf)
    if any(None in row.units for row in rows[1:]):
        largest = inf
    alone = 0.45 if room.stacked else 0.4  # of the distance of two neurons that have no badge between them
    closest = min(p if (p - BADGE * s.text) / 2.08 < least or largest == inf else inf for p in numbered)
    most = 3.0 * s.text if room.stacked else min(0.24 * room.gap, 0.115 * body, 4.4 * s.text)
    return max(4.0, min(largest, alone * closest, most))
