"""Opens what is about samples: the chooser of data sets, the table of samples, the import.

A dialog is loaded when it is first asked for, so that the window need not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.open_dialogs import OpenDialogs
from gui.settings import Settings
from gui.store import Store

SUFFIXES = (".csv", ".tsv", ".txt", ".npz")
FILTER = f"Tables and arrays ({' '.join(f'*{suffix}' for suffix in SUFFIXES)});;All files (*)"


def is_table(path: str) -> bool:
    """Return whether a file holds samples rather than an experiment, judged by its name."""
    return Path(path).suffix.lower() in SUFFIXES


class DataActions(QObject):
    """The commands of this subject."""

    def __init__(self, store: Store, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._store, self._settings, self._window = store, settings, window
        self._dialogs = OpenDialogs(self)

    def handlers(self) -> dict[str, Callable[[], object]]:
        """Return what the commands of this subject do, by their names in `gui.shortcuts`."""
        return {"dataset": self.choose, "samples": self.edit, "import": self.import_file}

    def choose(self) -> None:
        """Choose a built-in data set."""
        from gui.data.chooser import DatasetChooser

        self._dialogs.show("dataset", lambda: DatasetChooser(self._store, self._window))

    def edit(self) -> None:
        """Open the table of samples."""
        from gui.data.editor import DataEditor

        self._dialogs.show("samples", lambda: DataEditor(self._store, self._window))

    def import_file(self) -> None:
        """Let the user choose a table and look at it before it is taken."""
        folder = str(Path(self._settings.recent[0]).parent) if self._settings.recent else str(Path.home())
        path, _ = QFileDialog.getOpenFileName(self._window, "Import samples", folder, FILTER)
        if path:
            self.import_path(path)

    def import_path(self, path: str) -> None:
        """Look at a table before it is taken."""
        from gui.data.import_dialog import ImportDialog

        self._dialogs.show(f"import {path}", lambda: ImportDialog(self._store, path, self._window))
