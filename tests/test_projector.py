"""The whole window shown to an audience: what is seen then, which keys do what, and how everything is as it was afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip
from window_helpers import place, press

from gui import actions, edits
from gui.main_window import MainWindow
from gui.panes.tables_view import GridView
from gui.presenting import Cover
from gui.settings import Settings


def test_projector_shows_the_walk_only(window: MainWindow) -> None:
    press(window.canvas, Qt.Key.Key_F11)
    assert not window.tools.isVisible()
    assert not window.panel.isVisible()
    assert window.canvas.isVisible()
    press(window.canvas, Qt.Key.Key_Right)
    assert place(window)[1] > 0
    press(window.canvas, Qt.Key.Key_F11)
    assert window.tools.isVisible()


def test_escape_stops_and_closes_and_leaves_no_projector(window: MainWindow) -> None:
    press(window.canvas, Qt.Key.Key_F11)
    press(window.canvas, Qt.Key.Key_W)
    for _ in range(2):  # a presenter's start button sends it every second time
        press(window.canvas, Qt.Key.Key_Escape)
        assert window.store.state.options.projector
        assert not window.links.origin.isVisible()


def test_the_lecturer_trains_and_sees_the_loss_in_the_projector(window: MainWindow, qtbot: Any) -> None:
    press(window.canvas, Qt.Key.Key_F11)
    assert not window.lower.isVisible()
    sizes, high = window.upper.sizes(), window.canvas.height()
    press(window.canvas, Qt.Key.Key_F9)
    assert window.plot.isVisible()
    assert not window.tables.isVisible()
    assert not window.board.isVisible(), "the plots stand in its place"
    assert (window.canvas.height(), window.plot.width() > 0.4 * window.width()) == (high, True)
    press(window.canvas, Qt.Key.Key_F7)
    assert not window.panel.isVisible()
    window.panel._updates.setValue(50)
    press(window.canvas, Qt.Key.Key_F5, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.store.state.run_length == 51 and not window.store.state.training, timeout=20_000)
    press(window.canvas, Qt.Key.Key_F9)
    assert not window.lower.isVisible()
    assert (window.board.isVisible(), window.upper.sizes()) == (True, sizes)
    press(window.canvas, Qt.Key.Key_F9)
    press(window.canvas, Qt.Key.Key_F11)
    assert [window.lower.indexOf(part) for part in (window.tables, window._plot_place)] == [0, 1]
    assert window.lower.isVisible(), "what the window shows is not what the projector showed"
    assert window.panel.isVisible()


def test_what_the_projector_shows_is_not_remembered(window: MainWindow, settings: Settings) -> None:
    sizes = window.whole.sizes()
    press(window.canvas, Qt.Key.Key_F11)
    window._remember()
    assert settings.get("show_data", False) is True
    press(window.canvas, Qt.Key.Key_F11)
    press(window.canvas, Qt.Key.Key_F11)
    press(window.canvas, Qt.Key.Key_F9)
    press(window.canvas, Qt.Key.Key_F11)
    now = window.whole.sizes()
    assert now[1] / sum(now) == pytest.approx(sizes[1] / sum(sizes), abs=0.01)


def test_a_window_closed_in_the_projector_opens_as_it_was(window: MainWindow, settings: Settings) -> None:
    window.whole.setSizes([400, 300])
    parts = window.whole.sizes()
    press(window.canvas, Qt.Key.Key_F11)
    window._remember()
    press(window.canvas, Qt.Key.Key_F11)
    window.whole.setSizes([500, 200])
    assert window.restoreGeometry(settings.get("geometry", QByteArray()))
    assert window.whole.restoreState(settings.get("whole", QByteArray()))
    now = window.whole.sizes()
    assert now[0] / sum(now) == pytest.approx(parts[0] / sum(parts), abs=0.01)


def test_a_refused_run_is_told_in_the_projector_too(window: MainWindow, qtbot: Any) -> None:
    window.store.edit("rate", edits.set_learning_rate, None)
    press(window.canvas, Qt.Key.Key_F11)
    press(window.canvas, Qt.Key.Key_F5, Qt.KeyboardModifier.ControlModifier)
    assert "learning rate" in QToolTip.text()


def test_a_presenters_buttons_do_no_harm(window: MainWindow, qtbot: Any) -> None:
    window.store.dispatch(actions.toggle_projector)
    before = window.store.state
    for modifier in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        QTest.keyClick(window.canvas, Qt.Key.Key_F5, modifier)
    assert window.store.state is before
    QTest.keyClick(window.canvas, Qt.Key.Key_Period)
    cover = window.findChild(Cover)
    assert cover.isVisible()
    assert cover.size() == window.size()
    assert len(set(bytes(window.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8).constBits()))) == 1, (
        "nothing shines through"
    )
    QTest.keyClick(cover, Qt.Key.Key_PageDown)  # brings the window back, and is no step
    qtbot.waitUntil(lambda: window.findChild(Cover) is None)
    assert window.store.state is before
    window.store.dispatch(actions.toggle_projector)
    before = window.store.state.options
    QTest.keyClick(window.canvas, Qt.Key.Key_Period)
    assert window.findChild(Cover).isVisible(), "in the usual window too"
    assert window.store.state.options is before
    assert window.actions_by_name["run"].shortcut().toString() == "F5"


def test_after_the_projector_everything_is_as_large_as_before(window: MainWindow) -> None:
    def sizes() -> list[tuple[int, int]]:
        views = window.tables.findChildren(GridView)
        return [(window.panel.width(), 0), *((view.rowHeight(0), view.columnWidth(0)) for view in views)]

    while window.tables.prepare():  # the tables of the other layers are made while nobody waits
        pass
    usual = sizes()
    press(window.canvas, Qt.Key.Key_F11)
    assert sizes() != usual
    press(window.canvas, Qt.Key.Key_F11)
    assert sizes() == usual
