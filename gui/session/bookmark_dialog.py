"""Asks for the note of a bookmark at the present moment; where there is one already, it can be changed or taken away."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from gui.session.actions import add_bookmark, bookmark_here, remove_bookmark
from gui.session.keeping import MOST_NOTE
from gui.store import Store
from model.expr.small_scripts import small_scripts


class BookmarkDialog(QDialog):
    """Belongs to the moment that it was opened at. Enter sets the mark."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        state = store.state
        self._mark = bookmark_here(state)
        self.setWindowTitle("Bookmark")
        where = QLabel(small_scripts(store.explanation.caption))
        where.setObjectName("quiet")
        self._note = QLineEdit(self._mark.note if self._mark else "")
        self._note.setMaxLength(MOST_NOTE)
        self._note.setPlaceholderText("A note, if you like")
        self._note.setAccessibleName("note")
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel)
        buttons.button(kinds.Ok).setText("Change" if self._mark else "Mark")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        if self._mark is not None:
            remove = QPushButton("Remove")
            remove.setAutoDefault(False)
            remove.clicked.connect(self._on_remove_clicked)
            buttons.addButton(remove, QDialogButtonBox.ButtonRole.DestructiveRole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        for widget in (where, self._note, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(26 * self.fontMetrics().height())

    def accept(self) -> None:
        self._store.dispatch(add_bookmark, self._note.text() or small_scripts(self._store.explanation.caption))
        super().accept()

    def _on_remove_clicked(self) -> None:
        if self._mark is not None:
            self._store.dispatch(remove_bookmark, self._mark)
        super().accept()
