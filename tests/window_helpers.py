"""Opens the whole window in a test and closes it again; presses keys; finds numbers on the canvas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QMessageBox,
    QWidget,
)

from gui import actions
from gui.app import make_window
from gui.main_window import MainWindow
from gui.settings import Settings
from model.stages import Ref


def opened(qtbot: Any, settings: Settings, file: str | None = None) -> Iterator[MainWindow]:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    style, palette, font = application.styleSheet(), QApplication.palette(), QApplication.font()
    window = make_window(file, settings)
    window.resize(1280, 860)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: hasattr(window, "plot"))
    window.canvas.setFocus()
    yield window
    window.store.undo_stack.clear()
    window.store.dispatch(actions.mark_saved, "")
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    application.setStyleSheet(style)
    QApplication.setPalette(palette)
    QApplication.setFont(font)


def place(window: MainWindow) -> tuple[int, int]:
    return window.store.state.step, window.store.state.tick


def press(widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget, key, modifier)
    QApplication.processEvents()


def answer(monkeypatch: pytest.MonkeyPatch, button: QMessageBox.StandardButton) -> list[str]:
    """Answer every message box with a button; returns what the boxes said."""
    said: list[str] = []

    def reply(box: QMessageBox) -> int:
        said.append(f"{box.text()} {box.informativeText()}")
        return int(button.value)

    monkeypatch.setattr(QMessageBox, "exec", reply)
    return said


def find(window: MainWindow, ref: Ref) -> QPoint:
    """Return a place of the canvas where a quantity is hit."""
    canvas = window.canvas
    for x in range(0, canvas.width(), 6):
        for y in range(0, canvas.height(), 6):
            if canvas.ref_at(QPointF(x, y)) == ref:
                return QPoint(x, y)
    raise AssertionError(f"{ref} is nowhere on the canvas")
