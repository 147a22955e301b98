"""The picture that the next step will show, made while nobody waits, so that the key has less to do."""

from __future__ import annotations

import time
from collections.abc import Callable

from gui.diagram.primitives import Diagram
from gui.state import AppState, theme_of

WORTH = 0.012  # seconds of work: pictures that take longer are not made in advance, or a key might have to wait for one


class Foresight:
    """One picture made in advance, and of what."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] | None = None
        self._diagram: Diagram | None = None
        self._slow: object = None  # the experiment whose pictures take too long

    def prepare(self, state: AppState, size: tuple[int, int], make: Callable[[], Diagram]) -> None:
        """Make the picture of a state that may come next, unless it is there or takes too long."""
        key = _key(state, size)
        if key == self._key or self._slow is state.problem:
            return
        began = time.thread_time()
        self._key, self._diagram = key, make()
        if time.thread_time() - began > WORTH:
            self._slow = state.problem

    def take(self, state: AppState, size: tuple[int, int]) -> Diagram | None:
        """Return the picture of a state if it has been made."""
        return self._diagram if self._diagram is not None and _key(state, size) == self._key else None


def _key(state: AppState, size: tuple[int, int]) -> tuple[object, ...]:
    """Return everything that decides what a picture looks like."""
    shown = (state.run, state.step, state.tick, state.run_length if state.options.edge_range == "run" else 0, state.options)
    return (*shown, theme_of(state).name, state.profiles, state.selection, state.hover, state.box, state.paths, size)
