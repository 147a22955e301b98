"""Where the keyboard goes after typing: whoever clicks beside the field is done with it, and keys belong to the walk again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget


class Leaving(QObject):
    """Gives the keyboard to `home` once something beside a field of these parts is pressed; what is typed is taken first.

    It looks at what is pressed only while a field has the keyboard.
    """

    def __init__(self, parts: Sequence[QWidget], home: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._parts, self._home = parts, home
        self._field: QWidget | None = None
        self._application = cast(QApplication, QApplication.instance())
        self._application.focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, before: QWidget | None, now: QWidget | None) -> None:
        typing = isinstance(now, (QAbstractSpinBox, QLineEdit)) and any(part.isAncestorOf(now) for part in self._parts)
        if typing and self._field is None:
            self._application.installEventFilter(self)
        elif not typing and self._field is not None:
            self._application.removeEventFilter(self)
        self._field = now if typing else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget) and self._is_beside(watched):
            self._home.setFocus()
        return False

    def _is_beside(self, pressed: QWidget) -> bool:
        field = self._field
        if field is None or pressed.window() is not self._home.window():
            return False
        return pressed is not field and not field.isAncestorOf(pressed)
