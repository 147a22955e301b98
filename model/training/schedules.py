"""Learning-rate schedules: pure functions of the number of the update. The learning rate of the experiment is their largest value."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

SCHEDULES = ("constant", "step", "cosine")
MOST_UPDATES = 10_000_000


@dataclass(frozen=True, slots=True)
class Schedule:
    """How the learning rate follows the number t of the update, from 1.

    kind: "constant", η; "step", η·factor^⌊(t−1)/every⌋; "cosine", half a cosine wave from η at update 1 down to lowest·η at update
    1 + over, and there from then on. every, over: numbers of updates, at least 1. factor: in (0, 1]. lowest: in [0, 1].
    """

    kind: str = "constant"
    every: int = 1000
    factor: float = 0.5
    over: int = 1000
    lowest: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in SCHEDULES:
            raise ValueError(f"There is no schedule “{self.kind}”; allowed: {', '.join(SCHEDULES)}.")
        for name, value in (("every", self.every), ("over", self.over)):
            if not 1 <= value <= MOST_UPDATES:
                raise ValueError(f"A schedule cannot go “{name}” {value:,} updates; allowed: 1 to {MOST_UPDATES:,}.")
        if not 0.0 < self.factor <= 1.0:
            raise ValueError(f"The factor of a step cannot be {self.factor:g}; allowed: more than 0, at most 1.")
        if not 0.0 <= self.lowest <= 1.0:
            raise ValueError(f"The lowest share of the learning rate cannot be {self.lowest:g}; allowed: 0 to 1.")

    def share(self, t: int) -> float:
        """Return the factor on the learning rate at update t, from 1; 1 at the first update."""
        return _SHARES[self.kind](self, t)

    def rate(self, learning_rate: float, t: int) -> float:
        """Return the learning rate of update t, from 1."""
        return learning_rate * self.share(t)

    def in_words(self) -> str:
        """Return the rule as one line, with η for the learning rate of the experiment."""
        if self.kind == "step":
            return f"η · {self.factor:g}^⌊(t − 1) / {self.every:,}⌋"
        if self.kind == "cosine":
            low = "" if not self.lowest else f"{self.lowest:g} η + {1 - self.lowest:g} "
            end = f"{self.lowest:g} η" if self.lowest else "0"
            return f"{low}η · ½ (1 + cos(π (t − 1) / {self.over:,})), then {end}"
        return "η at every update"


def _constant(schedule: Schedule, t: int) -> float:
    return 1.0


def _step(schedule: Schedule, t: int) -> float:
    return float(schedule.factor ** ((t - 1) // schedule.every))


def _cosine(schedule: Schedule, t: int) -> float:
    wave = 0.5 * (1.0 + math.cos(math.pi * min(t - 1, schedule.over) / schedule.over))
    return schedule.lowest + (1.0 - schedule.lowest) * wave


_SHARES: dict[str, Callable[[Schedule, int], float]] = {"constant": _constant, "step": _step, "cosine": _cosine}
