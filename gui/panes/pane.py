"""What the panes at the lower right have in common: they work only while they are seen, and once for many changes in a row."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from gui.panes.exhibit import Choices, Exhibit
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import Theme


class Pane(QWidget):
    """A view of the store's state. A pane says what it depends on (`touches`) and shows a state (`show_state`, `set_theme`).

    delay: milliseconds for which changes are collected, the newest wins; while it is hidden, a pane only notes that it is out of date.
    """

    def __init__(self, store: Store, delay: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.store = store
        self._stale, self._theme_stale = True, True
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(delay)
        self._timer.timeout.connect(self._on_timeout)
        store.changed.connect(self._on_pane_store_changed)

    def touches(self, old: AppState, new: AppState) -> bool:
        """Return whether what is shown depends on the change."""
        raise NotImplementedError

    def show_state(self, state: AppState) -> None:
        """Show a state."""
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        """Take the colours and sizes of a theme; `show_state` follows."""
        raise NotImplementedError

    def forget_run(self) -> None:
        """Let go of the run that was shown; called while the pane is hidden, when there is another one."""

    def invalidate(self) -> None:
        """Have the pane shown anew, as soon as it is seen."""
        self._stale = True
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def refresh(self) -> None:
        """Bring the pane up to date now."""
        self._timer.stop()
        if self._theme_stale:
            self._theme_stale = False
            self.set_theme(theme_of(self.store.state))
        if self._stale:
            self._stale = False
            self.show_state(self.store.state)

    def choices(self) -> dict[str, Any]:
        """See `gui.panes.exhibit`."""
        return {}

    def choose(self, choices: Choices) -> None:
        """See `gui.panes.exhibit`."""

    def complete(self) -> None:
        """See `gui.panes.exhibit`."""
        self._stale = True
        self.refresh()

    def exhibit(self) -> Exhibit | None:
        """See `gui.panes.exhibit`."""
        return None

    def _on_timeout(self) -> None:
        waits = self.store.pauses if self._timer.interval() else self.store.turns  # what answers a click comes at once
        waits.ask(self.refresh, self)

    def _on_pane_store_changed(self, old: AppState, new: AppState) -> None:
        if old.run is not new.run and not self.isVisible():
            self.forget_run()  # which may take many megabytes, and nobody will look at it here again
        if theme_of(old) is not theme_of(new):
            self._theme_stale = True
            self.invalidate()
        elif self.touches(old, new):
            self.invalidate()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
