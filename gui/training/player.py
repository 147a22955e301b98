"""Plays the walk: a timer that dispatches the same action as the Step key, as often as the speed says."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from gui.actions import step
from gui.state import AppState
from gui.store import Store


class Player(QObject):
    """Runs while `state.playing` is true; stops by itself where no step follows."""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timer_timeout)
        store.changed.connect(self._on_store_changed)

    def _on_timer_timeout(self) -> None:
        self._store.dispatch(step)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if (old.playing, old.options.speed) == (new.playing, new.options.speed):
            return
        if new.playing:
            self._timer.start(round(1000 / new.options.speed))
        else:
            self._timer.stop()
