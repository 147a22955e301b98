"""What keys mean while the window is shown to an audience: a presenter's buttons must not train or rewrite anything."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.theme import PROJECTOR
from gui.theme_qt import colour

BLANK_KEYS = ("B", ".")  # the second is what presenters' "black screen" button sends


class Cover(QWidget):
    """A dark sheet over the whole window; the next key or click takes it away and does nothing else."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName("dark screen, any key brings the window back")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._before = window.focusWidget()
        self.setGeometry(window.rect())
        window.installEventFilter(self)
        self.show()
        self.raise_()
        self.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), colour(PROJECTOR.window))

    def event(self, event: QEvent) -> bool:
        kinds = QEvent.Type
        if event.type() == kinds.ShortcutOverride:
            event.accept()  # the key is this sheet's, not the window's
            return True
        if event.type() in (kinds.KeyPress, kinds.MouseButtonPress):
            self.hide()
            self.deleteLater()
            if self._before is not None:
                self._before.setFocus()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False


def set_presenting(on: bool, blank: QAction, dangerous: Iterable[QAction]) -> None:
    """Give the presenter's black-screen button its meaning, and take the keys of its other buttons away; or the other way round."""
    for action in dangerous:
        keys = action.property("keys") or action.shortcuts()
        action.setProperty("keys", keys)
        action.setShortcuts([] if on else keys)
    blank.setShortcuts([QKeySequence(key) for key in (BLANK_KEYS if on else BLANK_KEYS[:1])])
