"""The field in which a number of the picture is changed in its place: Enter takes it, Esc leaves the old one, Up and Down nudge it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtWidgets import QToolTip, QWidget

from gui import edits
from gui.actions import Refusal
from gui.panel.number_edit import NumberEdit
from gui.store import Store
from gui.tips import name_of
from model.stages import Ref


class CanvasField(QObject):
    """Opens one field at a time on its canvas."""

    def __init__(self, store: Store, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._store, self._canvas = store, canvas
        self._ref = Ref("loss")
        self.line: NumberEdit | None = None
        self._nudging = False

    def open(self, ref: Ref, name: str, at: QPointF) -> None:
        """Show the field for a number around a point of the canvas."""
        self.close()
        canvas, line = self._canvas, NumberEdit(self._store.state.options.fmt.decimals, self._canvas)
        self.line, self._ref = line, ref
        line.setAccessibleName(name)
        line.show_number(self._store.moment.value(ref))
        line.setFixedWidth(min(260, max(96, canvas.fontMetrics().horizontalAdvance(line.text()) + 28)))
        x = min(max(4, at.x() - line.width() / 2), canvas.width() - line.width() - 4)
        line.move(round(x), round(min(max(4, at.y() - 14), canvas.height() - 40)))
        line.selectAll()
        line.nudged.connect(self._on_nudged)
        line.installEventFilter(self)
        line.show()
        line.setFocus()

    def close(self) -> None:
        """Take the field away; the number stays as it was, or as it has been nudged to."""
        if self.line is not None and not self._nudging:
            line, self.line = self.line, None
            line.removeEventFilter(self)
            line.hide()
            line.deleteLater()
            self._canvas.setFocus()

    def _take(self) -> None:
        """Take the number in the field."""
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

    def _on_nudged(self, value: float) -> None:
        """Take the number at once, so that all others follow; the field stays open."""
        self._nudging = True
        self._say(self._store.edit(f"{edits.NUDGE}{name_of(self._store.moment, self._ref)}", edits.edit_number, self._ref, value))
        self._nudging = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = QEvent.Type
        if watched is not self.line:
            return False
        if event.type() == kinds.FocusOut:
            self.close()
        elif event.type() == kinds.ShortcutOverride and event.key() in _KEYS:  # type: ignore[attr-defined]
            event.accept()  # these keys are the field's, not the window's
            return True
        elif event.type() == kinds.KeyPress and event.key() in _ENDS:  # type: ignore[attr-defined]
            if event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
                self.close()
            else:
                self._take()
            return True  # or Enter would open the field again
        return False


_ENDS = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_KEYS = (Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down)
