"""What the tests of the dialogs for taking things away share: opening them, answering file dialogs, and a disk that fills up."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QDialog, QFileDialog

import model.atomic
from gui.main_window import MainWindow

NAME = "Übung 3 – Lösung (größer)"


def dialog_of(window: MainWindow, name: str) -> Any:
    window.actions_by_name[name].trigger()
    dialog = next(d for d in window.findChildren(QDialog) if d.isVisible() and d.metaObject().className() != "QFileDialog")
    QCoreApplication.processEvents()
    return dialog


def chooses(monkeypatch: pytest.MonkeyPatch, path: Path) -> list[tuple[Any, ...]]:
    """Have every file dialog answer with a path; returns how they were asked."""
    asked: list[tuple[Any, ...]] = []

    def reply(*args: Any) -> tuple[str, str]:
        asked.append(args)
        return str(path), args[3].split(";;")[0]

    monkeypatch.setattr(QFileDialog, "getSaveFileName", reply)
    return asked


def fills_up(monkeypatch: pytest.MonkeyPatch, after: int = 0) -> None:
    """Have the disk be full after so many bytes of a file."""

    class Full(model.atomic._NamedFile):
        left = after

        def write(self, data: Any, /) -> int:
            self.left -= len(data)
            if self.left < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(data)

    monkeypatch.setattr(model.atomic, "_NamedFile", Full)


def close(dialog: QDialog) -> None:
    dialog.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
