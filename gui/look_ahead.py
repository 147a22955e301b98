"""Prepares what the next step will show while nobody waits, so that its key has less to do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from gui.actions import step
from gui.state import AppState, moment_of
from gui.store import Store
from model.moment import Moment


class LookAhead(QObject):
    """Calls `prepare` with the state that the Step key would lead to, and its moment, in the next pause after any change.

    view: what is prepared depends on its size. Whoever prepares knows what is there already.
    """

    def __init__(self, store: Store, prepare: Callable[[AppState, Moment], None], view: QWidget) -> None:
        super().__init__(view)
        self._store, self._prepare = store, prepare
        store.changed.connect(self._on_store_changed)
        view.installEventFilter(self)
        store.pauses.ask(self._look, idle=True)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._store.pauses.ask(self._look, idle=True)
        return False

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if not new.training and old.hover == new.hover:  # whoever moves the pointer does not step
            self._store.pauses.ask(self._look, idle=True)

    def _look(self) -> None:
        if not self._store.state.training:
            following = step(self._store.state)
            self._prepare(following, moment_of(following))
