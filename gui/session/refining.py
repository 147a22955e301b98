"""Replays a run that was opened from a file, a little at a time, so that any moment of it can be sought at once."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from gui.state import AppState
from gui.store import Store

PAUSE, SLICE = 25, 0.006  # milliseconds between two slices; seconds of work in each: no key has to wait for it


class Refining(QObject):
    """Works on the present run whenever it is another one, until nothing is left to do."""

    def __init__(self, store: Store, parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._timer = QTimer(self, singleShot=True, interval=PAUSE)
        self._timer.timeout.connect(self._on_timeout)
        store.changed.connect(self._on_store_changed)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if old.run is not new.run or (old.training and not new.training):
            self._timer.start()

    def _on_timeout(self) -> None:
        state = self._store.state
        if not state.training and state.run.refine(SLICE):
            self._timer.start()
