"""Where the numbers of edges go: slid along their edges to where they cross nothing and cover nothing. Greedy and deterministic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CANDIDATES = np.linspace(0.08, 0.92, 36)
Place = tuple[float, float] | None
_MARGIN = 1.0


@dataclass(frozen=True, slots=True)
class Wish:
    """A number that wants a place. edge: index of its stroke; width, height: of its plate; must: it may lie on crossings."""

    edge: int
    width: float
    height: float
    must: bool


class Gap:
    """The strokes between two columns and what is in the way: circles (n, 3) x y r, boxes (n, 4) left top right bottom."""

    def __init__(self, strokes: Floats, circles: Floats, boxes: Floats, prefer: float = 0.34) -> None:
        self.strokes = np.ascontiguousarray(strokes)
        self.circles = circles
        self.boxes = boxes
        self.prefer = prefer

    def place(self, wishes: Sequence[Wish], tolerated: float) -> tuple[Place, ...]:
        """Return the centre of each plate, or None where there is no room; the first wishes are served first.

        tolerated: how many other strokes may pass under the plate of a number that need not be shown. What is placed is in the way
        of what is placed later.
        """
        if not wishes:
            return ()
        shape = (self.strokes.tobytes(), self.circles.tobytes(), self.boxes.tobytes())
        result = _place(*shape, self.prefer, tuple(wishes), tolerated)
        taken = [_box(wish, at) for wish, at in zip(wishes, result, strict=True) if at is not None]
        self.boxes = np.vstack([self.boxes, *taken])
        return result


def _box(wish: Wish, at: tuple[float, float]) -> tuple[float, float, float, float]:
    return (at[0] - wish.width / 2, at[1] - wish.height / 2, at[0] + wish.width / 2, at[1] + wish.height / 2)


@lru_cache(maxsize=256)
def _place(strokes: bytes, circles: bytes, boxes: bytes, prefer: float, wishes: tuple[Wish, ...], tolerated: float) -> tuple[Place, ...]:
    """Most layers keep their numbers from one step to the next, so places are remembered by everything they depend on."""
    search = _Search(_rows(strokes, 4), _rows(circles, 3), _rows(boxes, 4), prefer)
    return tuple(search.best(wish, tolerated) for wish in wishes)


def _rows(data: bytes, columns: int) -> Floats:
    return np.frombuffer(data, dtype=np.float64).reshape(-1, columns)


class _Search:
    """The state of one greedy placement."""

    def __init__(self, strokes: Floats, circles: Floats, boxes: Floats, prefer: float) -> None:
        self.strokes, self.circles, self.boxes, self.prefer = strokes, circles, boxes, prefer
        start, end = strokes[:, None, :2], strokes[:, None, 2:]
        self.places: Floats = start + (end - start) * CANDIDATES[None, :, None]

    def best(self, wish: Wish, tolerated: float) -> Place:
        """Take the best place that is free."""
        found = self._best(wish, self.boxes, tolerated)
        if found is None:
            return None
        at = (float(found[0]), float(found[1]))
        self.boxes = np.vstack([self.boxes, _box(wish, at)])
        return at

    def _best(self, wish: Wish, taken: Floats, tolerated: float) -> Floats | None:
        places = self.places[wish.edge]
        free = self._free(places, wish, taken)
        if not free.any():
            return None
        crossings = self._crossings(places, wish)
        if not wish.must:
            free &= crossings <= tolerated
            if not free.any():
                return None
        cost = crossings + 1.6 * np.abs(CANDIDATES - self.prefer)
        cost[~free] = np.inf
        best: Floats = places[int(np.argmin(cost))]
        return best

    def _free(self, places: Floats, wish: Wish, taken: Floats) -> NDArray[np.bool_]:
        """Return which places are clear of circles and of what is taken."""
        half_w, half_h = wish.width / 2 + _MARGIN, wish.height / 2 + _MARGIN
        x, y = places[:, 0, None], places[:, 1, None]
        over = (
            (taken[:, 0] < x + half_w) & (taken[:, 2] > x - half_w) & (taken[:, 1] < y + half_h) & (taken[:, 3] > y - half_h)
        )  # fmt: skip
        dx = np.maximum(np.abs(self.circles[:, 0] - x) - half_w, 0.0)
        dy = np.maximum(np.abs(self.circles[:, 1] - y) - half_h, 0.0)
        inside = dx * dx + dy * dy < self.circles[:, 2] ** 2
        free: NDArray[np.bool_] = ~(over.any(axis=1) | inside.any(axis=1))
        return free

    def _crossings(self, places: Floats, wish: Wish) -> Floats:
        """Return for each place how many other strokes pass under a plate there."""
        x0, y0, x1, y1 = self.strokes.T
        run = np.where(np.abs(x1 - x0) < 1e-9, 1e-9, x1 - x0)
        left = np.clip((places[:, 0, None] - wish.width / 2 - x0) / run, 0.0, 1.0)
        right = np.clip((places[:, 0, None] + wish.width / 2 - x0) / run, 0.0, 1.0)
        first, second = y0 + (y1 - y0) * left, y0 + (y1 - y0) * right
        top, bottom = places[:, 1, None] - wish.height / 2, places[:, 1, None] + wish.height / 2
        under = (np.minimum(first, second) < bottom) & (np.maximum(first, second) > top) & (right > left)
        under[:, wish.edge] = False
        count: Floats = under.sum(axis=1).astype(np.float64)
        return count
