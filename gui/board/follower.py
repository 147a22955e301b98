"""Keeps the blackboard at the moment that the store shows."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from gui.board.blackboard import Blackboard
from gui.board.history import EarlierSteps, board_step
from gui.diagnosis.notes import Notes
from gui.state import AppState, same_moment
from gui.store import Store
from model.moment import Moment


class BoardFollower(QObject):
    """Shows every moment at once, but those of a run that goes on in turns of their own: matrices take as long as a picture."""

    def __init__(self, store: Store, board: Blackboard, parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._board, self._notes = store, board, Notes()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._on_later)

    def refresh(self) -> None:
        """Show the moment now."""
        moment, cache, state = self._store.moment, self._store.explanations, self._store.state
        step = board_step(moment, moment.tick, cache)._replace(printed=self._notes.line(state, moment))
        self._board.set_content(step, EarlierSteps(moment, cache), moment.fmt)
        if self._notes.is_waiting:
            self._later.start()

    def follow(self, old: AppState, new: AppState) -> None:
        """Show what has changed."""
        note = (old.options.printed, old.problem is old.saved) != (new.options.printed, new.problem is new.saved)
        if note or not same_moment(old, new):
            self._store.turns.ask(self.refresh, self._board)

    def prepare(self, moment: Moment) -> None:
        """Lay out what may come next, while nobody waits."""
        printed = self._notes.line(self._store.state, moment, now=True)
        self._board.prepare(board_step(moment, moment.tick, self._store.explanations)._replace(printed=printed))

    def _on_later(self) -> None:
        """Say why a figure differs, once the step stands."""
        self._notes.line(self._store.state, self._store.moment, now=True)
        self.refresh()
