"""Dialogs that stay open beside the window: one of each kind at most, and asking again brings it to the front."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog


class OpenDialogs(QObject):
    """The dialogs that are open, by name."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._open: dict[str, QDialog] = {}

    def show(self, name: str, make: Callable[[], QDialog]) -> QDialog:
        """Bring a dialog to the front, made now unless it is open, and return it."""
        dialog = self._open.get(name)
        if dialog is None:
            dialog = self._open[name] = make()
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.setProperty("subject", name)
            dialog.finished.connect(self._on_dialog_finished)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return dialog

    def close(self, name: str) -> None:
        """Close a dialog if it is open."""
        dialog = self._open.get(name)
        if dialog is not None:
            dialog.close()

    def close_all(self) -> None:
        """Close what is open."""
        for name in list(self._open):
            self.close(name)

    def _on_dialog_finished(self) -> None:
        self._open.pop(str(self.sender().property("subject")), None)
