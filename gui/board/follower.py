"""Keeps the blackboard at the moment that the store shows."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from gui.board.blackboard import Blackboard
from gui.board.history import EarlierSteps, board_step
from gui.state import AppState, same_moment
from gui.store import Store
from model.moment import Moment

PAUSE = 150  # milliseconds between two moments that are shown of a run that goes on; laying out matrices takes as long as a picture


class BoardFollower(QObject):
    """Shows every moment at once, but of a run that goes on only some, each in a turn of its own."""

    def __init__(self, store: Store, board: Blackboard, parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._board = store, board
        self._later = QTimer(self, singleShot=True, interval=PAUSE)
        self._later.timeout.connect(self.refresh)

    def refresh(self) -> None:
        """Show the moment now."""
        self._later.stop()
        moment, cache = self._store.moment, self._store.explanations
        self._board.set_content(board_step(moment, moment.tick, cache), EarlierSteps(moment, cache), moment.fmt)

    def follow(self, old: AppState, new: AppState) -> None:
        """Show what has changed."""
        same, waiting = same_moment(old, new), self._later.isActive()
        if new.training:
            if not same and not waiting:
                self._later.start()
        elif not same or waiting:
            self.refresh()

    def prepare(self, moment: Moment) -> None:
        """Lay out what may come next, while nobody waits."""
        self._board.prepare(board_step(moment, moment.tick, self._store.explanations))
