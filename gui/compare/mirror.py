"""What is pointed at in one of two runs lights up in the other."""

from __future__ import annotations

from PySide6.QtCore import QObject

from gui.actions import hover
from gui.state import AppState
from gui.store import Store


class Mirror(QObject):
    """Lights up on one side what is pointed at on the other."""

    def __init__(self, other: Store, parent: QObject) -> None:
        super().__init__(parent)
        self._other = other

    def follow(self, old: AppState, new: AppState) -> None:
        """Hover on the other side."""
        if old.hover != new.hover:
            self._other.dispatch(hover, new.hover)
