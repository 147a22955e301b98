"""Keeps the blackboard at the moment that the store shows."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer

from gui.board.blackboard import Blackboard
from gui.board.history import EarlierSteps, board_step
from gui.state import AppState, same_moment
from gui.store import Store
from model.moment import Moment

SHARE = 5  # of a run that goes on: so many times as long as laying out took is the least time until the next moment is shown


class BoardFollower(QObject):
    """Shows every moment at once, but of a run that goes on only some, each in a turn of its own: matrices take as long as a picture."""

    def __init__(self, store: Store, board: Blackboard, parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._board = store, board
        self._later = QTimer(self, singleShot=True)
        self._took = 0.0  # seconds, the last time
        self._later.timeout.connect(self.refresh)

    def refresh(self) -> None:
        """Show the moment now."""
        self._later.stop()
        began = time.perf_counter()
        moment, cache = self._store.moment, self._store.explanations
        self._board.set_content(board_step(moment, moment.tick, cache), EarlierSteps(moment, cache), moment.fmt)
        self._took = time.perf_counter() - began

    def follow(self, old: AppState, new: AppState) -> None:
        """Show what has changed."""
        same, waiting = same_moment(old, new), self._later.isActive()
        if new.training:
            if not same and not waiting:
                self._later.start(round(1000 * SHARE * self._took))
        elif not same or waiting:
            self.refresh()

    def prepare(self, moment: Moment) -> None:
        """Lay out what may come next, while nobody waits."""
        self._board.prepare(board_step(moment, moment.tick, self._store.explanations))
