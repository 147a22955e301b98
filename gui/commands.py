"""The one undoable command: taking another experiment. Undo swaps the old experiment, its run and its cursor back; nothing is copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtGui import QUndoCommand

from gui.actions import set_notation
from gui.panel.nudge import NUDGE
from gui.session.run_memory import Held, RunMemory
from gui.state import AppState, with_usual_digits
from model.run import Run

AGAIN = "This run was too long ago to be kept; it is computed again."


class SetExperiment(QUndoCommand):
    """From one experiment to another. `take` is called with the function that puts an experiment into the present state.

    memory: holds the runs; one that it could not keep whole is computed again, in the training thread where that takes time.
    """

    def __init__(
        self, text: str, old: AppState, new: AppState, memory: RunMemory, take: Callable[[Callable[[AppState], AppState]], None]
    ) -> None:
        super().__init__(text)
        self._notation = new.options.notation
        self._old = _experiment(old), memory.hold(old.run, old.run_length)
        self._new = _experiment(new) | {"notice": new.notice}, memory.hold(new.run, new.run_length)
        self._take = take

    @property
    def after(self) -> tuple[dict[str, Any], Held]:
        """What `redo` puts into the state, and its run."""
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
        self._put(*self._new)

    def undo(self) -> None:
        """Take the old experiment back."""
        self._put(*self._old)

    def _put(self, fields: dict[str, Any], held: Held) -> None:
        notation = self._notation

        def put(state: AppState) -> AppState:
            there = replace(_with_run(replace(state, **fields), held.get()), options=replace(state.options, notation=notation))
            return with_usual_digits(state, set_notation(there, state.options.notation))

        self._take(put)


def _with_run(state: AppState, run: Run) -> AppState:
    """Return the state with its run; updates that the run has no longer are asked of the training thread."""
    missing = state.run_length - run.length
    if missing <= 0:
        return replace(state, run=run)
    return replace(state, run=run, run_length=run.length, step=run.length, tick=0, training=missing, notice=AGAIN)


def _experiment(state: AppState) -> dict[str, Any]:
    """Return what undo brings back: the experiment, its run and the cursor; never how it is shown."""
    names = ("problem", "run_length", "step", "tick", "selection", "trail")
    return {name: getattr(state, name) for name in names} | {"hover": None, "playing": False, "training": 0, "notice": "", "anchors": ()}
