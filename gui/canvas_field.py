"""The field in which a number of the picture is changed in its place: Enter takes it, Esc leaves the old one, Up and Down nudge it."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from gui import edits
from gui.actions import Refusal
from gui.store import Store
from model.stages import Ref

_FINE, _COARSE = 0.1, 10.0  # of a nudge, with Ctrl and with Shift


class CanvasField(QObject):
    """Opens one field at a time on its canvas."""

    def __init__(self, store: Store, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._store, self._canvas = store, canvas
        self._ref = Ref("loss")
        self.line: QLineEdit | None = None

    def open(self, ref: Ref, name: str, at: QPointF) -> None:
        """Show the field for a number around a point of the canvas."""
        self.close()
        canvas, line = self._canvas, QLineEdit(self._canvas)
        self.line, self._ref = line, ref
        line.setAccessibleName(name)
        line.setToolTip("Enter takes the number, Esc leaves the old one; Up and Down nudge it, with Shift more, with Ctrl less")
        line.setAlignment(Qt.AlignmentFlag.AlignRight)
        line.setText(_written(self._store.moment.value(ref)))
        line.setFixedWidth(max(96, canvas.fontMetrics().averageCharWidth() * 16))
        x = min(max(4, at.x() - line.width() / 2), canvas.width() - line.width() - 4)
        line.move(round(x), round(min(max(4, at.y() - 14), canvas.height() - 40)))
        line.selectAll()
        line.returnPressed.connect(self._on_return_pressed)
        line.installEventFilter(self)
        line.show()
        line.setFocus()

    def close(self) -> None:
        """Take the field away; the old number stays."""
        if self.line is not None:
            line, self.line = self.line, None
            line.removeEventFilter(self)
            line.hide()
            line.deleteLater()
            self._canvas.setFocus()

    def _on_return_pressed(self) -> None:
        value = self._value()
        if value is None:
            return
        if value == self._store.moment.value(self._ref):
            self.close()
            return
        refused = self._store.edit("change of a number", edits.edit_number, self._ref, value)
        if refused:
            self._say(refused)
        else:
            self.close()

    def _value(self) -> float | None:
        """Return the number in the field, or say why there is none."""
        try:
            return edits.parse_number(self.line.text()) if self.line is not None else None
        except Refusal as error:
            self._say(str(error))
            return None

    def _say(self, sentence: str) -> None:
        if self.line is not None:
            QToolTip.showText(self._canvas.mapToGlobal(self.line.geometry().bottomLeft()), sentence, self.line)

    def _nudge(self, sign: int, factor: float) -> None:
        """Change the number by one in its second leading digit."""
        value = self._value()
        if value is None or self.line is None:
            return
        size = 10.0 ** (math.floor(math.log10(abs(value))) - 1) if value else 0.1
        step = sign * factor * size
        places = max(0, 2 - math.floor(math.log10(abs(step))))
        self.line.setText(_written(round(value + step, min(places, 15))))
        self.line.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = QEvent.Type
        if watched is not self.line:
            return False
        if event.type() == kinds.FocusOut:
            self.close()
        elif event.type() == kinds.ShortcutOverride and event.key() in _KEYS:  # type: ignore[attr-defined]
            event.accept()  # these keys are the field's, not the window's
            return True
        elif event.type() == kinds.KeyPress and event.key() in _KEYS:  # type: ignore[attr-defined]
            self._on_key(event.key(), event.modifiers())  # type: ignore[attr-defined]
            return True
        return False

    def _on_key(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        if key == Qt.Key.Key_Escape:
            self.close()
            return
        coarse, fine = bool(modifiers & Qt.KeyboardModifier.ShiftModifier), bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        self._nudge(1 if key == Qt.Key.Key_Up else -1, _COARSE if coarse else _FINE if fine else 1.0)


_KEYS = (Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down)


def _written(value: float) -> str:
    return repr(float(value)).replace("-", "−")
