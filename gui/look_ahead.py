"""Prepares what the next step will show while nobody waits, so that its key has less to do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from gui.actions import step
from gui.state import AppState, moment_of, same_moment
from gui.store import Store
from model.moment import Moment

PAUSE = 20  # milliseconds after a step: picture, formula and tables of the present one come first


class LookAhead(QObject):
    """Calls `prepare` with the state that the Step key would lead to, and its moment, once the window has come to rest."""

    def __init__(self, store: Store, prepare: Callable[[AppState, Moment], None], parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._prepare = store, prepare
        self._timer = QTimer(self, singleShot=True, interval=PAUSE)
        self._timer.timeout.connect(self._on_timeout)
        store.changed.connect(self._on_store_changed)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if not same_moment(old, new) and not new.training:
            self._timer.start()

    def _on_timeout(self) -> None:
        if not self._store.state.training:
            following = step(self._store.state)
            self._prepare(following, moment_of(following))
