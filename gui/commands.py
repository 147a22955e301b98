"""The one undoable command: taking another experiment. Undo swaps the old experiment, its run and its cursor back; nothing is copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtGui import QUndoCommand

from gui.actions import set_notation
from gui.panel.nudge import NUDGE
from gui.state import AppState, with_usual_digits


class SetExperiment(QUndoCommand):
    """From one experiment to another. `take` is called with the function that puts an experiment into the present state."""

    def __init__(self, text: str, old: AppState, new: AppState, take: Callable[[Callable[[AppState], AppState]], None]) -> None:
        super().__init__(text)
        self._notation = new.options.notation
        self._old, self._new, self._take = _experiment(old), _experiment(new), take

    @property
    def after(self) -> dict[str, Any]:
        """What `redo` puts into the state."""
        return self._new

    def id(self) -> int:
        """Let one nudge after the other of the same number be one change; -1: never."""
        return 1 if self.text().startswith(NUDGE) else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take over a further nudge of the same number."""
        if not isinstance(other, SetExperiment) or other.text() != self.text():
            return False
        self._new = other.after
        return True

    def redo(self) -> None:
        """Take the new experiment."""
        self._put(self._new)

    def undo(self) -> None:
        """Take the old experiment back."""
        self._put(self._old)

    def _put(self, fields: dict[str, Any]) -> None:
        notation = self._notation

        def put(state: AppState) -> AppState:
            there = replace(state, **fields, options=replace(state.options, notation=notation))
            return with_usual_digits(state, set_notation(there, state.options.notation))

        self._take(put)


def _experiment(state: AppState) -> dict[str, Any]:
    """Return what undo brings back: the experiment, its run and the cursor; never how it is shown."""
    names = ("problem", "run", "run_length", "step", "tick", "selection", "trail")
    return {name: getattr(state, name) for name in names} | {"hover": None, "playing": False, "training": 0, "notice": "", "anchors": ()}
