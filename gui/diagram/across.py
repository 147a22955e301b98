"""Where the columns of a network stand and how wide their nodes are: side by side with room between, or narrow with stacked numbers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from gui.diagram.shape import NUMBERED_UP_TO, Shape, Sizes

SIDE_BY_SIDE = 4.25  # half the width of a neuron whose two numbers stand beside each other, in letter heights
CLOSE = 3.85  # and where there are so many neurons that two lines each would make a wall
TWO_ROWS = 3.6  # height that a neuron with two lines takes then, in letter heights
TWO_NAMED = 6.0  # and where both numbers stand under their symbols, with a badge below
WIDEST = 4.4  # half the width of such a neuron at most, in letter heights
HALF, ROW = 0.84, 1.76  # what a number may take of half the width of a neuron whose numbers stand side by side, and above each other
ENOUGH = 3  # decimals for which two numbers stay beside each other, as the halves of a circle
WIDTH = 0.31  # half the width of such a neuron at most, in distances of two layers
STACKED, LARGEST = 2.15, 2.5  # and of one whose numbers stand above each other, and the most where there is room
NUMBERED = 1.45  # below which no number fits into it
EDGES, PLENTY = 4.2, 6.5  # least room for edges between two columns, in letter heights, and enough of it
TWO_DECIMALS = 1.88  # half the width that a number with two decimals takes
CLOSER = 0.2  # to which share of the room between columns may shrink for that
FEW = 6  # edges of a layer, for whose numbers the least room is enough
APART = 3.0  # least room between two columns that have been moved towards each other
TO_LOSS, TO_TARGETS = 1.5, 0.6


@dataclass(frozen=True, slots=True)
class Across:
    """xs: of every column. gap: distance of two layers. side: of an image input. given, target: half widths of inputs and targets.

    stacked: half the width of neurons whose numbers stand above each other, beside: and of those in whose halves they stand beside each
    other, 0 where that follows from the gap. loss: half its width.
    close: whether columns stand so close that the symbols of inputs and targets have to stand above these.
    """

    xs: list[float]
    gap: float
    side: float
    given: float
    target: float
    loss: float
    stacked: float = 0.0
    beside: float = 0.0
    close: bool = False


def across(shape: Shape, s: Sizes, width: float, body: float) -> Across:
    """Return the columns for a canvas `width` wide and a network `body` high."""
    wide = _wide(shape, s, width, body)
    most = max(n if n <= NUMBERED_UP_TO else 1 for n in shape.layers[1:]) + shape.biases
    half = SIDE_BY_SIDE if body >= most * TWO_ROWS * s.text else CLOSE
    narrow = _narrow(shape, s, width, body)
    beside, above = _decimals(HALF * min(WIDEST * s.text, WIDTH * wide.gap), s), _decimals(ROW * narrow.stacked, s)
    roomy = body >= most * TWO_NAMED * s.text
    if WIDTH * wide.gap >= half * s.least and not (roomy and beside < min(above, shape.decimals, ENOUGH)):
        return wide
    return _halves(shape, s, width, body) or narrow


def _decimals(width: float, s: Sizes) -> int:
    """Return how many decimals a number below 1 has in a room; that of most numbers, so that neurons look alike in all updates."""
    return int((width / s.text - 0.3) / 0.67) - 1


def input_radius(s: Sizes, width: float) -> float:
    """Return the largest radius of an input."""
    return min(3.0 * s.text, width * 0.04)


def _given_half(shape: Shape, s: Sizes, most: float) -> float:
    """Return half the width that an input or a target needs to be written in full."""
    return min((shape.given_width + 0.9) * s.text / 2, most)


def _loss_half(s: Sizes, gap: float) -> float:
    return max(min(3.6 * s.text, 0.23 * gap), 1.6 * s.text)


def _wide(shape: Shape, s: Sizes, width: float, body: float) -> Across:
    share = [1.0] * (len(shape.layers) - 1) + ([0.82, 0.5] if shape.loss else [])
    side = min(body * 0.62, width * 0.24) if shape.is_image else 0.0
    circle, given = input_radius(s, width), _given_half(shape, s, 0.06 * width)
    left = s.pad + (side / 2 if side else shape.symbol_width * s.text + max(circle, given))
    right = s.pad + (shape.symbol_width * s.text + max(0.7 * circle, given) if shape.loss else 1.5 * circle)
    gap = (width - left - right - side / 2) / sum(share)
    if gap > (limit := 0.36 * width):  # small networks do not have to fill a wide canvas
        left += (gap - limit) * sum(share) / 2
        gap = limit
    xs = [left]
    for i, part in enumerate(share):
        xs.append(xs[-1] + part * gap + (side / 2 if i == 0 else 0.0))
    return Across(xs, gap, side, given, given, _loss_half(s, gap))


def _halves(shape: Shape, s: Sizes, width: float, body: float) -> Across | None:
    """Return close columns of neurons in two halves, as wide as three decimals and a sign need; None where edges would have no room."""
    close = _Close.of(shape, s, width, body)
    crowd = max(n * (k + shape.biases) for k, n in pairwise(shape.layers))
    more = close.layers * (PLENTY - EDGES) * s.text if crowd > FEW else 0.0  # between columns, for many numbers on edges
    rest = close.free - 2 * close.layers * WIDEST * s.text - more
    return close.placed(s, width, WIDEST * s.text, stacked=False) if rest >= 0 else None


def _narrow(shape: Shape, s: Sizes, width: float, body: float) -> Across:
    """Return close columns of neurons whose numbers stand above each other."""
    close = _Close.of(shape, s, width, body)
    layers, free, between = close.layers, close.free, close.between
    half = min(max(free / (2 * layers), 0.3 * s.text), STACKED * s.text)
    if half < TWO_DECIMALS * s.least:  # numbers in neurons come before numbers on edges
        closer = (free + sum(between) * s.text * (1.0 - CLOSER)) / (2 * layers)
        half = max(min(closer, TWO_DECIMALS * s.least), half)
    rest = free + sum(between) * s.text - 2 * layers * half
    more = (rest - sum(between) * s.text * PLENTY / EDGES) / (2 * layers)
    return close.placed(s, width, half + min(max(more, 0.0), (LARGEST - STACKED) * s.text), stacked=True)


@dataclass(frozen=True, slots=True)
class _Close:
    """Columns that all have what they need, and what there is to share out between them. free: beyond the least room for edges.

    side, given, loss: as in `Across`. between: the least room between two columns, in letter heights.
    """

    layers: int
    side: float
    given: float
    loss: float
    between: tuple[float, ...]
    free: float

    @classmethod
    def of(cls, shape: Shape, s: Sizes, width: float, body: float) -> _Close:
        """Return the columns of a network but for the width of its neurons."""
        layers = len(shape.layers) - 1
        side = min(body * 0.62, width * 0.24) if shape.is_image else 0.0
        given, loss = max(_given_half(shape, s, 0.075 * width), 1.1 * s.text), 2.05 * s.text
        nodes = (side or 2 * given) + (2 * loss + 2 * given if shape.loss else 0.0)
        between = (*[EDGES] * layers, *((TO_LOSS, TO_TARGETS) if shape.loss else ()))
        return cls(layers, side, given, loss, between, width - 2 * s.pad - nodes - sum(between) * s.text)

    def placed(self, s: Sizes, width: float, half: float, *, stacked: bool) -> Across:
        """Share out what neurons of half the width `half` leave."""
        first, layers = self.side / 2 or self.given, self.layers
        rest = self.free + sum(self.between) * s.text - 2 * layers * half
        halves = [first, *[half] * layers, *([self.loss, self.given] if len(self.between) > layers else [])]
        xs = [s.pad + first]
        for i, part in enumerate(self.between):
            xs.append(xs[-1] + halves[i] + part * rest / sum(self.between) + halves[i + 1])
        gap = xs[2] - xs[1] if layers > 1 else xs[1] - xs[0] - self.side / 2
        above, beside = (half, 0.0) if stacked else (0.0, half)
        return Across(xs, gap, self.side, self.given, self.given, self.loss, above, beside, close=True)
