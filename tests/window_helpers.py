"""Opens the whole window in a test and closes it again; presses keys; finds numbers on the canvas."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from gui import actions
from gui.app import make_window
from gui.canvas.graph_canvas import GraphCanvas
from gui.diagram.neighbours import area_of
from gui.main_window import MainWindow
from gui.settings import Settings
from model.stages import Ref


@contextmanager
def opened(qtbot: Any, settings: Settings, file: str | None = None) -> Iterator[MainWindow]:
    """The window as it opens with a file or an example; afterwards it is closed and the application looks as before."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    style, palette, font = application.styleSheet(), QApplication.palette(), QApplication.font()
    window = make_window(file, settings)
    window.resize(1280, 860)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: hasattr(window, "plot"))
    window.canvas.setFocus()
    try:
        yield window
    finally:
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
    """Return a place of the window's canvas where a quantity is hit."""
    return place_of(window.canvas, ref)


def place_of(canvas: GraphCanvas, ref: Ref) -> QPoint:
    """Return the middle of where a quantity is hit on a vertical line; first looked for where it is drawn, as a hit test takes time."""
    area = area_of(canvas.diagram, frozenset({ref})) or (0.0, 0.0, 0.0, 0.0)
    drawn = canvas.camera.on_canvas(QRectF(QPointF(*area[:2]), QPointF(*area[2:]))).toAlignedRect()
    for room in (drawn.adjusted(-9, -9, 9, 9) & canvas.rect(), canvas.rect()):
        for x in range(room.left() // 5 * 5, room.right(), 5):
            for y in range(room.top() // 5 * 5, room.bottom(), 5):
                if canvas.ref_at(QPointF(x, y)) == ref:
                    above, below = (next(i for i in count() if canvas.ref_at(QPointF(x, y + i * way)) != ref) for way in (-1, 1))
                    return QPoint(x, y + (below - above) // 2)
    raise AssertionError(f"{ref} is nowhere on the canvas")
