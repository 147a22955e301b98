"""Where the numbers of edges go: slid along their edges to where they cross nothing and cover nothing. Deterministic.

Each takes the best place that is left. Where numbers that must be shown then find none, they may lie with their edges near the rim
of their plates, and those in their way look for other places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CANDIDATES = np.linspace(0.08, 0.92, 37)  # with the middle among them
BESIDE = (0.0, -1.1, 1.1)  # the same for a number that has no room on a short edge
ASIDE = (0.0, -0.45, -0.2, 0.2, 0.45)  # how far the middle of a plate may lie from its edge, in shares of its height or width
Place = tuple[float, float] | None
_MARGIN = 1.0
MOVABLE = 30  # numbers that may make way for each other; more would cover all edges
_TURNS = 10  # how often each number may make way for others, on average


@dataclass(frozen=True, slots=True)
class Wish:
    """A number that wants a place. edge: index of its stroke; width, height: of its plate; must: it may lie on crossings."""

    edge: int
    width: float
    height: float
    must: bool


class Gap:
    """The strokes between two columns and what is in the way: circles (n, 3) x y r, boxes (n, 4) left top right bottom.

    prefer: where along its stroke a number stands at best. aside: how far from it, in shares of its height or width.
    """

    def __init__(self, strokes: Floats, circles: Floats, boxes: Floats, prefer: float = 0.34, aside: tuple[float, ...] = (0.0,)) -> None:
        self.aside = aside
        self.strokes = np.ascontiguousarray(strokes)
        self.circles = circles
        self.boxes = boxes
        self.prefer = prefer

    def place(self, wishes: Sequence[Wish], tolerated: float, *, quick: bool = False) -> tuple[Place, ...]:
        """Return the centre of each plate, or None where there is no room; the first wishes are served first.

        tolerated: how many other strokes may pass under the plate of a number that need not be shown. What is placed is in the way
        of what is placed later. quick: nothing makes way for what finds no place.
        """
        if not wishes:
            return ()
        shape = (self.strokes.tobytes(), self.circles.tobytes(), self.boxes.tobytes())
        result = _place(*shape, self.prefer, self.aside, tuple(wishes), tolerated, quick)
        taken = [_box(wish, at) for wish, at in zip(wishes, result, strict=True) if at is not None]
        self.boxes = np.vstack([self.boxes, *taken])
        return result


def _box(wish: Wish, at: tuple[float, float]) -> tuple[float, float, float, float]:
    return (at[0] - wish.width / 2, at[1] - wish.height / 2, at[0] + wish.width / 2, at[1] + wish.height / 2)


@lru_cache(maxsize=512)
def _place(strokes: bytes, circles: bytes, boxes: bytes, prefer: float, aside: tuple[float, ...], wishes: tuple[Wish, ...],
           tolerated: float, quick: bool) -> tuple[Place, ...]:  # fmt: skip
    """Most layers keep their numbers from one step to the next, so places are remembered by everything they depend on."""
    rows = _rows(strokes, 4), _rows(circles, 3), _rows(boxes, 4)
    result = _Search(*rows, prefer, wishes, tolerated, aside).in_turn()
    missing = result.count(None)  # where many are, making way would hardly help
    if quick or len(wishes) > MOVABLE or not all(wish.must for wish in wishes) or not 0 < missing <= 0.5 * len(wishes):
        return result
    better = _Search(*rows, prefer, wishes, tolerated, ASIDE).making_way()
    return min(result, better, key=lambda places: places.count(None))


def _rows(data: bytes, columns: int) -> Floats:
    return np.frombuffer(data, dtype=np.float64).reshape(-1, columns)


class _Search:
    """The places that each number may take, and what each of them costs: (wishes, places); infinite where something is in the way."""

    def __init__(
        self,
        strokes: Floats,
        circles: Floats,
        boxes: Floats,
        prefer: float,
        wishes: tuple[Wish, ...],
        tolerated: float,
        aside: Sequence[float],
    ) -> None:
        own = strokes[[wish.edge for wish in wishes]]
        self.half = np.array([(wish.width / 2, wish.height / 2) for wish in wishes])
        way = own[:, 2:] - own[:, :2]
        on = own[:, None, :2] + way[:, None] * CANDIDATES[None, :, None]
        flat = np.abs(way[:, 0]) > np.abs(way[:, 1])  # a plate on a flat edge moves up and down, on a steep one to the side
        across = 2 * self.half * np.column_stack([~flat, flat])
        self.places: Floats = np.concatenate([on + share * across[:, None] for share in aside], axis=1)
        crossings = self._crossings(strokes, [wish.edge for wish in wishes])
        off = np.repeat(np.abs(np.array(aside)), len(CANDIDATES))
        self.cost: Floats = crossings + 1.6 * np.abs(np.tile(CANDIDATES, len(aside)) - prefer) + off
        must = np.array([wish.must for wish in wishes])
        self.cost[~(self._free(circles, boxes) & (must[:, None] | (crossings <= tolerated)))] = np.inf

    def in_turn(self) -> tuple[Place, ...]:
        """Give every number the best place that is left, in their order."""
        taken: dict[int, int] = {}
        for i in range(len(self.cost)):
            cost = self.cost[i]
            if taken:
                cost = np.where(self._met(i, list(taken), taken).any(axis=1), np.inf, cost)
            at = int(np.argmin(cost))
            if np.isfinite(cost[at]):
                taken[i] = at
        return self._result(taken)

    def making_way(self) -> tuple[Place, ...]:
        """Let numbers without a place drive out others, which look for another one; who is driven out often is harder to move."""
        weight = np.ones(len(self.cost))
        taken: dict[int, int] = {}
        best: dict[int, int] = {}
        waiting = [i for i in np.argsort(np.isfinite(self.cost).sum(axis=1), kind="stable").tolist() if np.isfinite(self.cost[i]).any()]
        possible = len(waiting)
        for _ in range(_TURNS * len(self.cost)):
            if not waiting:
                break
            i, others = waiting.pop(0), list(taken)
            cost = 0.25 * self.cost[i]
            if others:
                met = self._met(i, others, taken)
                cost = cost + 2.0 * met @ weight[others]
            at = int(np.argmin(cost))
            gone = [other for other, hit in zip(others, met[at], strict=True) if hit] if others else []
            for other in gone:
                del taken[other]
                weight[other] += 1.0
            taken[i] = at
            waiting += gone
            if len(taken) > len(best):
                best = dict(taken)
            if len(best) == possible:
                break
        return self._result(best)

    def _result(self, taken: dict[int, int]) -> tuple[Place, ...]:
        places = {i: self.places[i, at] for i, at in taken.items()}
        return tuple((float(places[i][0]), float(places[i][1])) if i in places else None for i in range(len(self.cost)))

    def _met(self, i: int, others: list[int], taken: dict[int, int]) -> NDArray[np.bool_]:
        """Return (places, others): which plates of others a plate at each of its places would touch."""
        at = self.places[others, [taken[other] for other in others]]
        apart = np.abs(self.places[i][:, None] - at[None]) - (self.half[i] + self.half[others])[None]
        met: NDArray[np.bool_] = (apart < _MARGIN).all(axis=2)
        return met

    def _free(self, circles: Floats, boxes: Floats) -> NDArray[np.bool_]:
        """Return which places are clear of circles and boxes."""
        half = (self.half + _MARGIN)[:, None, None]
        x, y = self.places[:, :, 0, None], self.places[:, :, 1, None]
        half_w, half_h = half[..., 0], half[..., 1]
        over = (boxes[:, 0] < x + half_w) & (boxes[:, 2] > x - half_w) & (boxes[:, 1] < y + half_h) & (boxes[:, 3] > y - half_h)
        dx = np.maximum(np.abs(circles[:, 0] - x) - half_w, 0.0)
        dy = np.maximum(np.abs(circles[:, 1] - y) - half_h, 0.0)
        free: NDArray[np.bool_] = ~(over.any(axis=2) | (dx * dx + dy * dy < circles[:, 2] ** 2).any(axis=2))
        return free

    def _crossings(self, strokes: Floats, edges: list[int]) -> Floats:
        """Return for each place how many other strokes pass under a plate there."""
        x0, y0, x1, y1 = strokes.T
        run = np.where(np.abs(x1 - x0) < 1e-9, 1e-9, x1 - x0)
        x, y = self.places[:, :, 0, None], self.places[:, :, 1, None]
        half_w, half_h = self.half[:, 0, None, None], self.half[:, 1, None, None]
        left = np.clip((x - half_w - x0) / run, 0.0, 1.0)
        right = np.clip((x + half_w - x0) / run, 0.0, 1.0)
        first, second = y0 + (y1 - y0) * left, y0 + (y1 - y0) * right
        under = (np.minimum(first, second) < y + half_h) & (np.maximum(first, second) > y - half_h) & (right > left)
        under[np.arange(len(edges)), :, edges] = False
        count: Floats = under.sum(axis=2).astype(np.float64)
        return count
