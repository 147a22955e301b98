"""A field of the panel as one of the places where a number is seen: pointing at it lights the number up everywhere, and the other way."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QLabel, QWidget

from gui.actions import hover
from gui.links import covers
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import css
from gui.tips import tip
from model.stages import Ref


class LitField(QObject):
    """Ties a field and the label before it to a number. It is pointed at while the pointer is over it, and while it has the keyboard."""

    def __init__(self, store: Store, ref: Ref, label: QLabel, field: QWidget) -> None:
        super().__init__(field)
        self._store, self._ref, self._label, self._field = store, ref, label, field
        self._said = field.toolTip()
        for part in (label, field):
            part.installEventFilter(self)
        store.changed.connect(self._on_store_changed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.Enter, QEvent.Type.FocusIn):
            self._field.setToolTip("\n".join(filter(None, (self._said, tip(self._store.moment, self._ref)))))
            self._store.dispatch(hover, self._ref)
        elif kind == QEvent.Type.FocusOut or (kind == QEvent.Type.Leave and not self._field.hasFocus()):
            self._store.dispatch(hover, None)
        return False

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if old.hover != new.hover or theme_of(old) is not theme_of(new):
            theme, lit = theme_of(new), new.hover is not None and covers(new.hover, self._ref)
            look = f"background: {css(theme.gold)}; color: {css(theme.on_gold)}; border-radius: 3px;" if lit else ""
            if look != self._label.styleSheet():
                self._label.setStyleSheet(look)
