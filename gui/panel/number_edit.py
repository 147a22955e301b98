"""A field for a number that is changed in place: Up and Down move its last shown digit, and everything follows at once."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.actions import Refusal
from gui.edits import parse_number
from gui.panel.nudge import NUDGE_ROLE, nudged

Index = QModelIndex | QPersistentModelIndex


class NumberEdit(QLineEdit):
    """decimals: how many places are shown elsewhere, None for all; Up and Down move the last of them, with Shift the one before, with
    Ctrl the one after.

    **Signals:** nudged(float): the number has been moved by an arrow key.
    """

    nudged = Signal(float)

    def __init__(self, decimals: int | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._decimals = decimals
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setToolTip("Up and Down move the last digit (Shift: ten times as far, Ctrl: a tenth), Enter takes the number, Esc leaves")

    def show_number(self, value: float) -> None:
        """Show a number with all its digits, unless it is what is typed already."""
        try:
            same = parse_number(self.text()) == value
        except Refusal:
            same = False
        if not same:
            self.setText(repr(value).removesuffix(".0").replace("-", "−"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            super().keyPressEvent(event)
            return
        far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        finer = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        try:
            text = nudged(self.text(), far if event.key() == Qt.Key.Key_Up else -far, self._decimals, finer=finer)
        except Refusal:
            return
        self.setText(text)
        self.nudged.emit(parse_number(text))


class NumberDelegate(QStyledItemDelegate):
    """Edits the cells of a table with a `NumberEdit`; a nudged number is handed to the model (`NUDGE_ROLE`) and the editor stays open."""

    decimals: int | None = None

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = NumberEdit(self.decimals, parent)
        editor.setProperty("index", QPersistentModelIndex(index))
        editor.nudged.connect(self._on_editor_nudged)
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, NumberEdit):
            editor.show_number(float(index.data(Qt.ItemDataRole.EditRole)))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, NumberEdit):
            model.setData(index, editor.text(), Qt.ItemDataRole.EditRole)

    def _on_editor_nudged(self, value: float) -> None:
        index = self.sender().property("index")
        if index.isValid():
            index.model().setData(index, repr(value), NUDGE_ROLE)
