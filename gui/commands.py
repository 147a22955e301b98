"""The undoable commands: another experiment, another document. Undo swaps the old one and its run back; nothing is copied.

After a change of the experiment the cursor stays where it is, unless the change had moved it: then undo takes it back to where it was.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtGui import QUndoCommand

from gui.actions import corresponding_tick, set_notation
from gui.edits import NUDGE, within_reach
from gui.session.actions import walked_in
from gui.session.run_memory import Held, RunMemory
from gui.state import AppState, walk_of, with_profiles, with_usual_digits
from model.run import Run

Side = tuple[dict[str, Any], Held]  # the fields of a state, and its run
Take = Callable[[Callable[[AppState], AppState]], None]
AGAIN = "This run was too long ago to be kept; it is computed again."


class _Exchange(QUndoCommand):
    """From one side to the other and back; what a side is, is left to the commands. `take` puts what a function returns for the state.

    memory: holds the runs; one that it could not keep whole is computed again, in the training thread where that takes time.
    """

    _old: Side
    _new: Side

    def __init__(self, text: str, memory: RunMemory, take: Take) -> None:
        super().__init__(text)
        self._memory, self._take = memory, take

    def redo(self) -> None:
        """Take the new side."""
        self._take(self._go_forward)

    def undo(self) -> None:
        """Take the old side back."""
        self._take(self._go_back)

    def _go_forward(self, state: AppState) -> AppState:
        self._old = self._left(state, self._old)
        return self._put(state, *self._new)

    def _go_back(self, state: AppState) -> AppState:
        self._new = self._left(state, self._new)
        return self._put(state, *self._old)

    def _left(self, state: AppState, side: Side) -> Side:
        """Return the side that the state leaves, as it is now; `side` is as it was entered."""
        raise NotImplementedError

    def _put(self, state: AppState, fields: dict[str, Any], held: Held) -> AppState:
        """Return the state on another side."""
        raise NotImplementedError


class SetExperiment(_Exchange):
    """From one experiment to another."""

    def __init__(self, text: str, old: AppState, new: AppState, memory: RunMemory, take: Take) -> None:
        super().__init__(text, memory, take)
        self._notation = new.options.notation
        self._old = _experiment(old), memory.hold(old.run, old.run_length)
        self._new = _experiment(new) | {"notice": new.notice}, memory.hold(new.run, new.run_length)
        self._stays = (new.step, new.tick) == (old.step, corresponding_tick(walk_of(old), walk_of(new), old.tick))

    @property
    def after(self) -> Side:
        """What `redo` puts into the state, and its run."""
        return self._new

    @property
    def stays(self) -> bool:
        """Whether the change left the cursor where it was, so that taking it back leaves it as well."""
        return self._stays

    def id(self) -> int:
        """Let one nudge after the other of the same number be one change; -1: never."""
        return 1 if self.text().startswith(NUDGE) else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take over a further nudge of the same number."""
        if not isinstance(other, SetExperiment) or other.text() != self.text():
            return False
        self._new, self._stays = other.after, self._stays and other.stays
        return True

    def _left(self, state: AppState, side: Side) -> Side:
        """Return the side that the state leaves, with what was trained and walked on it since it was entered."""
        fields, held = side
        if not held.is_of(state.run):
            return fields, held
        if state.run_length >= fields["run_length"]:
            fields = fields | {"run_length": state.run_length, "walked": walked_in(state, self._notation)}
        return fields, self._memory.hold(state.run, fields["run_length"])

    def _put(self, state: AppState, fields: dict[str, Any], held: Held) -> AppState:
        there = replace(_with_run(replace(state, **fields), held.get()), options=replace(state.options, notation=self._notation))
        walked = walked_in(there, state.options.notation)
        there = replace(with_usual_digits(state, set_notation(there, state.options.notation)), walked=walked)
        return _at_place_of(state, there) if self._stays and not there.training else there


class OpenDocument(_Exchange):
    """From one document to another, with its file, its run, its marks and the cursor; each is found again as it was left."""

    def __init__(self, text: str, old: AppState, new: AppState, memory: RunMemory, take: Take) -> None:
        super().__init__(text, memory, take)
        self._old, self._new = self._side(old), self._side(new)
        self._unsaved = ""

    @property
    def unsaved(self) -> str:
        """What the document is called that was left last, if it is in no file as it was left; undo or redo brings it back."""
        return self._unsaved

    def _side(self, state: AppState) -> Side:
        """Return a document as it is, and its run, whose memory is bounded."""
        names = {field.name for field in dataclasses.fields(state)} - {"run", "options", "profiles", "dark_system"}
        kept = {name: getattr(state, name) for name in names} | _experiment(state) | {"paths": (), "notice": state.notice}
        shown = state.options
        return kept | {"options": (shown.notation, shown.fmt.decimals, shown.sample)}, self._memory.hold(state.run, state.run_length)

    def _left(self, state: AppState, side: Side) -> Side:
        self._unsaved = (state.problem.title or "an experiment") if state.unsaved else ""
        return self._side(state)

    def _put(self, state: AppState, fields: dict[str, Any], held: Held) -> AppState:
        """Return the document, shown in its own notation and digits and otherwise as `state` is shown."""
        notation, decimals, sample = fields["options"]
        options = replace(state.options, notation=notation, fmt=replace(state.options.fmt, decimals=decimals), sample=sample)
        return with_profiles(_with_run(replace(state, **fields | {"options": options}), held.get()), state.profiles)


def _at_place_of(state: AppState, there: AppState) -> AppState:
    """Return `there` with the cursor, the choice and the pinned formula of `state`, where they have a meaning in it.

    A walk by hand that has come farther than this run goes on in it; a trained run does not, nobody has asked for its updates here.
    """
    one, other = state.problem, there.problem
    if (one.layers, one.has_biases) != (other.layers, other.has_biases):
        return there
    by_hand = not state.run.trained and within_reach(other, state.step)
    step = state.step if by_hand else min(state.step, there.run_length)
    length, walked = max(step, there.run_length), there.walked if step <= there.run_length else 0
    placed = replace(there, step=step, run_length=length, walked=walked, selection=state.selection, trail=state.trail)
    return replace(placed, tick=corresponding_tick(walk_of(state), walk_of(placed), state.tick))


def _with_run(state: AppState, run: Run) -> AppState:
    """Return the state with its run; updates that the run has no longer are asked of the training thread."""
    missing = state.run_length - run.length
    if missing <= 0:
        return replace(state, run=run)
    return replace(state, run=run, run_length=run.length, step=run.length, tick=0, walked=0, training=missing, notice=AGAIN)


def _experiment(state: AppState) -> dict[str, Any]:
    """Return what undo brings back: the experiment, its run and the cursor; never how it is shown."""
    names = ("problem", "run_length", "step", "tick", "selection", "trail", "spare_biases", "walked")
    return {name: getattr(state, name) for name in names} | {"hover": None, "playing": False, "training": 0, "notice": "", "anchors": ()}
