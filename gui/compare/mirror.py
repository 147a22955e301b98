"""What is pointed at or chosen in one of two runs is so in the other."""

from __future__ import annotations

from PySide6.QtCore import QObject

from gui.actions import hover, select
from gui.state import AppState
from gui.store import Store


class Mirror(QObject):
    """Points at and chooses on one side what is pointed at and chosen on the other."""

    def __init__(self, other: Store, parent: QObject) -> None:
        super().__init__(parent)
        self._other = other

    def follow(self, old: AppState, new: AppState) -> None:
        """Do it on the other side."""
        if old.selection != new.selection:  # it is drawn in large layers too: both pictures show the same neurons
            self._other.dispatch(select, new.selection)
        if old.hover != new.hover:
            self._other.dispatch(hover, new.hover)
