"""What keeps the halves of two runs side by side in letters of one size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer


class Leveled(Protocol):
    """A blackboard whose type can be held down; `arranged` tells of other content or room."""

    arranged: Any

    @property
    def own_size(self) -> float: ...
    def hold_down(self, largest: float) -> None: ...


class Evening(QObject):
    """Gives several blackboards one size of type, the smallest that any of them needs, once they have all changed."""

    def __init__(self, boards: Sequence[Leveled], parent: QObject) -> None:
        super().__init__(parent)
        self._boards = boards
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self.level)
        for board in boards:
            board.arranged.connect(self._timer.start)

    def level(self) -> None:
        """Do it now."""
        smallest = min(board.own_size for board in self._boards)
        for board in self._boards:
            board.hold_down(smallest)
