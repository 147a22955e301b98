"""Where the keyboard goes after typing: whoever clicks beside the field is done with it, and keys belong to the walk again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget


def leave_field(watched: QObject, event: QEvent, parts: Sequence[QWidget], home: QWidget) -> None:
    """Give the keyboard to `home` if something beside the field of these parts that has it is pressed; what is typed is taken first."""
    if event.type() != QEvent.Type.MouseButtonPress or not isinstance(watched, QWidget) or watched.window() is not home.window():
        return
    field = QApplication.focusWidget()
    typing = isinstance(field, (QAbstractSpinBox, QLineEdit)) and any(part.isAncestorOf(field) for part in parts)
    if typing and watched is not field and not field.isAncestorOf(watched):
        home.setFocus()
