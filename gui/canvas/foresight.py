"""The picture that the next step will show, made while nobody waits, so that the key has less to do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from gui.diagram.changes import Bounds
from gui.diagram.motion import Course
from gui.diagram.primitives import Diagram
from gui.state import AppState, theme_of

WORTH = 0.04  # seconds of work: pictures that take longer are not made in advance, or a key might have to wait for one


class Foreseen(NamedTuple):
    """What a step will show. areas: in which `after` differs from `before`, None for everywhere; way: how it moves there, if it does."""

    before: Diagram
    after: Diagram
    areas: list[Bounds] | None
    way: Course | None


class Foresight:
    """One step made in advance, and to which state it leads."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] | None = None
        self._foreseen: Foreseen | None = None
        self._slow: object = None  # the experiment whose pictures take too long

    def prepare(self, state: AppState, size: tuple[int, int], before: Diagram, make: Callable[[], Foreseen]) -> None:
        """Make the step from a picture to a state that may come next, unless it is there or takes too long."""
        key = _key(state, size)
        if self._slow is state.problem or (key == self._key and self._foreseen is not None and self._foreseen.before is before):
            return
        began = time.thread_time()
        self._key, self._foreseen = key, make()
        if time.thread_time() - began > WORTH:
            self._slow = state.problem

    def take(self, state: AppState, size: tuple[int, int]) -> Foreseen | None:
        """Return the step to a state if it has been made."""
        return self._foreseen if self._foreseen is not None and _key(state, size) == self._key else None


def _key(state: AppState, size: tuple[int, int]) -> tuple[object, ...]:
    """Return everything that decides what a picture looks like."""
    shown = (state.run, state.step, state.tick, state.run_length if state.options.edge_range == "run" else 0, state.options, state.drawn)
    return (*shown, theme_of(state).name, state.profiles, state.selection, state.hover, state.box, state.paths, size)
