"""The one place where the state lives. Widgets ask it to dispatch an action and listen to its one signal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from gui.actions import Refusal
from gui.board.history import ExplanationCache
from gui.commands import OpenDocument, SetExperiment
from gui.pauses import Pauses
from gui.session.actions import at_hand, keep_left_run, with_walked
from gui.session.run_memory import RunMemory
from gui.state import AppState, moment_of, same_moment
from gui.turns import Turns
from model.expr.tree import Explanation
from model.moment import Moment

UNDO_LIMIT = 200


class Store(QObject):
    """Holds the state and what is derived from it. turns: in which views follow a run; pauses: in which they follow a step.

    **Signals:** changed(old, new): the state has changed. Views compare the fields they show and touch only those.
    sought(step, tick): the moment of a run that was brought back, which takes time to compute; until then, one that is near is shown.
    """

    changed = Signal(object, object)
    sought = Signal(int, int)

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_LIMIT)
        self.runs = RunMemory()
        self._moment: tuple[AppState, Moment] | None = None
        self.explanations = ExplanationCache()
        self.turns = Turns(self)
        self.pauses = Pauses(self.turns, self)

    @property
    def moment(self) -> Moment:
        """The moment that the cursor stands at."""
        if self._moment is None or not same_moment(self._moment[0], self.state):
            self._moment = (self.state, moment_of(self.state))
        return self._moment[1]

    @property
    def explanation(self) -> Explanation:
        """What happens at the cursor, in words and formulas."""
        return self.explanations.explanation(self.moment)

    def dispatch(self, action: Callable[..., AppState], *args: Any, **kwargs: Any) -> str:
        """Apply an action of `gui.actions`. Returns "" or, where it was refused, the sentence that says why."""
        try:
            self._take(action(self.state, *args, **kwargs))
        except Refusal as refusal:
            return str(refusal)
        return ""

    def edit(self, text: str, action: Callable[..., AppState], *args: Any, **kwargs: Any) -> str:
        """Apply an action of `gui.edits` as one undoable change called `text`. Returns as `dispatch` does."""
        old = self.state
        try:
            new = action(old, *args, **kwargs)
        except Refusal as refusal:
            return str(refusal)
        if new.problem is not old.problem or new.run is not old.run:
            self.undo_stack.push(SetExperiment(text, old, new, self.runs, self._apply))
        else:
            self._take(new)
        return ""

    def exchange(self, text: str, action: Callable[..., AppState], *args: Any, **kwargs: Any) -> str:
        """Apply an action that takes another document as one undoable change called `text`: undo brings back what was open, as it was."""
        try:
            new = action(self.state, *args, **kwargs)
        except Refusal as refusal:
            return str(refusal)
        self.undo_stack.push(OpenDocument(text, self.state, new, self.runs, self._apply))
        return ""

    @property
    def left_unsaved(self) -> tuple[str, ...]:
        """What documents are called that were left with changes that are in no file; only undo and redo bring them back."""
        commands = map(self.undo_stack.command, range(self.undo_stack.count()))
        names = (command.unsaved for command in commands if isinstance(command, OpenDocument) and command.unsaved)
        return tuple(dict.fromkeys(names))

    def open(self, action: Callable[..., AppState], *args: Any, **kwargs: Any) -> str:
        """Apply an action that takes another document: what was done to the old one cannot be undone any more."""
        refused = self.dispatch(action, *args, **kwargs)
        if not refused:
            self.undo_stack.clear()
        return refused

    def _apply(self, change: Callable[[AppState], AppState]) -> None:
        wanted = change(self.state)
        shown = at_hand(wanted)
        self._take(shown)
        if shown is not wanted:
            self.sought.emit(wanted.step, wanted.tick)

    def _take(self, new: AppState) -> None:
        old = self.state
        if new is old:
            return
        self.state = new = with_walked(old, keep_left_run(old, new))
        self.explanations.form = new.options.form
        self.turns.follow(old.training > 0, new.training > 0)
        if not same_moment(old, new):
            self.pauses.note_step()
        self.changed.emit(old, new)
