"""After typing: where the keyboard goes, whose undo it is, and what stays said of a text that was not taken."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from window_helpers import place, press

from gui import edits
from gui.actions import Refusal
from gui.main_window import MainWindow
from gui.panel.fields import CountField, NumberField


@pytest.fixture
def file() -> str:
    return "jacob"


def typed(field: CountField | NumberField, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def click(widget: QWidget, at: QPoint | None = None) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())
    QApplication.processEvents()


def test_whoever_clicks_beside_a_field_walks_on_with_the_keys(window: MainWindow, qtbot: Any) -> None:
    panel, keyboard = window.panel, QApplication.focusWidget
    typed(panel._updates, "3")
    click(panel._run)
    qtbot.waitUntil(lambda: not window.store.state.training)
    assert place(window) == (4, 0), "the number is taken before the run starts"
    assert keyboard() is window.canvas
    press(keyboard(), Qt.Key.Key_Right)
    assert place(window)[1] > 0
    for pressed in (panel._randomise, panel._reset, window.plot._plot.viewport()):
        typed(panel._updates, "20")
        click(pressed)
        assert keyboard() is window.canvas, pressed
    typed(panel._updates, "5")
    click(panel._seed.lineEdit())
    assert keyboard() is panel._seed
    assert panel._updates.value() == 5
    typed(panel._updates, "6")
    click(panel._updates, QPoint(panel._updates.width() - 6, 6))
    assert keyboard() is panel._updates, "its own arrows leave the keyboard with the field"


def test_undo_in_a_field_is_the_windows_where_nothing_is_typed(window: MainWindow) -> None:
    rate, control = window.panel._rate, Qt.KeyboardModifier.ControlModifier
    before = rate.value()
    typed(rate, "0.25")
    press(rate, Qt.Key.Key_Z, control)
    assert window.store.state.problem.learning_rate == before
    assert window.store.undo_stack.count() == 0, "what is typed is taken back in the field"
    typed(rate, "0.25")
    press(rate, Qt.Key.Key_Return)
    QApplication.processEvents()
    rate.setFocus()
    press(rate, Qt.Key.Key_Z, control)
    assert window.store.state.problem.learning_rate == rate.value() == before
    press(rate, Qt.Key.Key_Y, control)
    assert window.store.state.problem.learning_rate == 0.25


def test_what_was_said_of_a_text_goes_with_it(window: MainWindow) -> None:
    rate, said = window.panel._rate, window.panel._notice
    for text in ("1e999", "2e9"):
        typed(rate, text)
        press(rate, Qt.Key.Key_Return)
        assert said.text() == f"Learning rate: “{text}” is too large; allowed: numbers from 0 to 1,000,000,000, such as 0.1 or 3e−4."
    assert said.isVisible()
    typed(rate, rate.text())
    press(rate, Qt.Key.Key_Return)
    assert not said.isVisible(), "a good number stands there again"
    typed(rate, "word")
    press(rate, Qt.Key.Key_Return)
    assert "is not possible" in said.text()
    rate.selectAll()
    press(rate, Qt.Key.Key_Delete)
    press(rate, Qt.Key.Key_Return)
    assert rate.value() == window.store.state.problem.learning_rate
    assert not said.isVisible()


def test_numbers_beyond_all_bounds_are_too_large() -> None:
    with pytest.raises(Refusal, match=r"^The learning rate is too large; allowed: a number from 0 up to about 1.8e308\.$"):
        edits.number(float("inf"), "The learning rate", low=0.0)
    with pytest.raises(Refusal, match=r"^Alpha is too large; allowed: a number from 0 to 1\.$"):
        edits.number(float("inf"), "Alpha", 0.0, 1.0)
