"""A blackboard that keeps to the size of type of another one beside it."""

from __future__ import annotations

import math

from PySide6.QtCore import Signal

from gui.board.blackboard import Blackboard
from gui.formula.lines import FormulaStyle
from gui.formula.page import no_larger


class EvenBoard(Blackboard):
    """A blackboard whose type can be held down to that of another one. **Signals:** arranged(): there is other content or room."""

    arranged = Signal()
    _largest = math.inf

    def sizes(self) -> FormulaStyle:
        return no_larger(super().sizes(), self._largest)

    @property
    def own_size(self) -> float:
        """The size of type, in pixels per em, that the step would have if the board were alone."""
        return self._pages.current_size(super().sizes())

    def hold_down(self, largest: float) -> None:
        """Use no larger type than `largest` pixels per em."""
        if not math.isclose(largest, self._largest, rel_tol=0.01):
            self._largest = largest
            self._arrange()

    def _arrange(self) -> None:
        super()._arrange()
        self.arranged.emit()
