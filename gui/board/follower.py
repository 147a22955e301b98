"""Keeps the blackboard at the moment that the store shows."""

from __future__ import annotations

from PySide6.QtCore import QObject

from gui.board.blackboard import Blackboard
from gui.board.history import EarlierSteps, board_step
from gui.state import AppState, same_moment
from gui.store import Store
from model.moment import Moment


class BoardFollower(QObject):
    """Shows every moment at once, but those of a run that goes on in turns of their own: matrices take as long as a picture."""

    def __init__(self, store: Store, board: Blackboard, parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._board = store, board

    def refresh(self) -> None:
        """Show the moment now."""
        moment, cache = self._store.moment, self._store.explanations
        self._board.set_content(board_step(moment, moment.tick, cache), EarlierSteps(moment, cache), moment.fmt)

    def follow(self, old: AppState, new: AppState) -> None:
        """Show what has changed."""
        if not same_moment(old, new):
            self._store.turns.ask(self.refresh, self._board)

    def prepare(self, moment: Moment) -> None:
        """Lay out what may come next, while nobody waits."""
        self._board.prepare(board_step(moment, moment.tick, self._store.explanations))
