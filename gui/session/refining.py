"""Replays a run that was opened from a file, a little at a time, so that any moment of it can be sought at once."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from gui.session.seeking import seeking
from gui.state import AppState
from gui.store import Store

SLICE = 0.006  # seconds of work at a time: no key has to wait for it
PAUSE, IDLE_PAUSE = 25, 1  # milliseconds between two slices, while something happens in the window and while nothing does
IDLE = 400  # milliseconds without a change after which nobody seems to wait for anything


class Refining(QObject):
    """Works on the present run whenever it is another one, until nothing is left to do."""

    def __init__(self, store: Store, parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._since = QElapsedTimer()
        self._since.start()
        self._timer = QTimer(self, singleShot=True, interval=PAUSE)
        self._timer.timeout.connect(self._on_timeout)
        store.changed.connect(self._on_store_changed)

    @property
    def pause(self) -> int:
        """Milliseconds to leave to the window before the next slice."""
        return IDLE_PAUSE if self._since.elapsed() > IDLE else PAUSE

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        self._since.restart()
        if old.run is not new.run or (old.training and not new.training):
            self._timer.start(PAUSE)

    def _on_timeout(self) -> None:
        state = self._store.state
        if seeking(self._store).wanted:  # somebody is waiting for another part of the run
            self._timer.start(IDLE)
        elif not state.training and state.run.refine(SLICE):
            self._timer.start(self.pause)
