"""What happens in the letters of a spin box: clicks, what is typed and not taken yet, and keys that are not meant for it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox

WALKING = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)  # keys that belong to the walk also while a number is typed


class Letters(QObject):
    """A click brings the keyboard to the letters, a double click selects the whole number.

    The arrows beside them leave the keyboard where it was, mostly with the walk. typed: whether they have been changed and not taken yet.

    **Signals:** taken(""): what was typed is taken, so that nothing said against an earlier text holds any longer.
    """

    taken = Signal(str)

    def __init__(self, field: QSpinBox | QDoubleSpinBox) -> None:
        super().__init__(field)
        self.typed = False
        self._field, line = field, field.lineEdit()
        field.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        line.installEventFilter(self)
        line.textEdited.connect(self._on_typed)
        field.valueChanged.connect(self._on_taken)
        field.editingFinished.connect(self._on_taken)

    def leave(self, event: QEvent) -> bool:
        """Return whether a key that is about to be taken belongs to the window: undo where nothing is typed that it would take back.

        What is typed is taken before a key of the walk moves on, so that it moves on with that number.
        """
        if not isinstance(event, QKeyEvent):
            return False
        if event.key() in WALKING:
            self._field.interpretText()
        line = self._field.lineEdit()
        undoes = event.matches(QKeySequence.StandardKey.Undo) and not (self.typed and line.isUndoAvailable())
        redoes = event.matches(QKeySequence.StandardKey.Redo) and not (self.typed and line.isRedoAvailable())
        if undoes or redoes:
            event.ignore()
        return undoes or redoes

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress:
            self._field.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.type() == QEvent.Type.MouseButtonDblClick:
            self._field.selectAll()  # also where a separator splits it
            return True
        return False

    def _on_typed(self) -> None:
        self.typed = True

    def _on_taken(self) -> None:
        if self.typed:
            self.typed = False
            self.taken.emit("")
