"""The whole window, offscreen: opening, keys, panels, undo, training, files, refusals, exceptions, accessibility, closing."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QMessageBox,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui import actions, edits
from gui.app import make_window
from gui.error_report import ErrorReport, show_exception
from gui.key_sheet import KeySheet
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.shortcuts import COMMANDS
from gui.state import theme_of
from model.examples import example_names
from model.problem_file import load, same
from model.stages import Ref

pytestmark = pytest.mark.qt_log_ignore(r"This plugin does not support (propagateSizeHints|raise)\(\)")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(str(tmp_path / "settings.ini"))


@pytest.fixture
def window(qtbot: QtBot, settings: Settings) -> Iterator[MainWindow]:
    yield from opened(qtbot, settings)


def opened(qtbot: QtBot, settings: Settings, file: str | None = None) -> Iterator[MainWindow]:
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


def test_it_opens_on_dyda_at_the_first_step(window: MainWindow) -> None:
    assert window.store.state.path == "dyda-sigmoid"
    assert place(window) == (1, 0)
    assert "Deltastep" in window.windowTitle()
    assert not window.isWindowModified()


KEYS: list[tuple[Qt.Key, int]] = [
    (Qt.Key.Key_Right, 1),
    (Qt.Key.Key_Space, 1),
    (Qt.Key.Key_PageDown, 1),
    (Qt.Key.Key_Left, -1),
    (Qt.Key.Key_PageUp, -1),
]


@pytest.mark.parametrize("where", ["canvas", "board", "tabs", "button", "choice", "table", "slider"])
def test_walking_keys_work_wherever_the_focus_is(window: MainWindow, where: str) -> None:
    focused: dict[str, Callable[[], QWidget]] = {
        "canvas": lambda: window.canvas,
        "board": lambda: window.board,
        "tabs": lambda: window.tables._tabs,
        "button": lambda: window.panel._reset,
        "choice": lambda: window.panel._loss,
        "table": lambda: window.tables.findChildren(QTableView)[0],
        "slider": lambda: window.timeline._slider,
    }
    widget = focused[where]()
    ends = window.store.moment.walk.ends
    for key, direction in KEYS:
        window.store.dispatch(actions.seek, 1, ends[2])
        widget = focused[where]()
        widget.setFocus()
        press(widget, key)
        assert place(window) == (1, ends[2 + direction]), key


def test_letters_step_sizes_and_home(window: MainWindow) -> None:
    press(window.canvas, Qt.Key.Key_4)
    assert window.store.state.options.granularity == "term"
    press(window.canvas, Qt.Key.Key_Right)
    assert place(window) == (1, 1)
    press(window.canvas, Qt.Key.Key_End)
    assert place(window) == (1, window.store.moment.walk.total)
    press(window.canvas, Qt.Key.Key_Right)
    assert place(window) == (2, 1)
    press(window.canvas, Qt.Key.Key_Home)
    press(window.canvas, Qt.Key.Key_Home)
    assert place(window) == (1, 0)
    press(window.canvas, Qt.Key.Key_P)
    assert window.store.state.playing
    press(window.canvas, Qt.Key.Key_P)
    assert not window.store.state.playing


def test_while_typing_the_keys_belong_to_the_field(window: MainWindow) -> None:
    window.panel._rate.setFocus()
    window.panel._rate.selectAll()
    QTest.keyClicks(window.panel._rate, "0.25")
    press(window.panel._rate, Qt.Key.Key_Left)
    assert place(window) == (1, 0)
    press(window.panel._rate, Qt.Key.Key_Return)
    assert window.store.state.problem.learning_rate == 0.25
    assert window.isWindowModified()


def test_playing_steps_by_itself_and_the_player_stops(window: MainWindow, qtbot: QtBot) -> None:
    window.store.dispatch(actions.set_speed, 32.0)
    window.actions_by_name["play"].trigger()
    qtbot.waitUntil(lambda: window.store.state.tick > 6)
    window.actions_by_name["play"].trigger()
    here = place(window)
    qtbot.wait(100)
    assert place(window) == here


def test_ten_steps_paint_ten_pictures(window: MainWindow) -> None:
    seen = set()
    for _ in range(11):
        picture = window.grab().toImage()
        seen.add(bytes(picture.constBits()))
        press(window.canvas, Qt.Key.Key_Right)
    assert len(seen) == 11


def test_undo_and_redo_by_key(window: MainWindow) -> None:
    window.store.edit("weight", edits.edit_number, Ref("W", 1, 0, 0), 2.0)
    assert window.actions_by_name["undo"].isEnabled()
    press(window.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.store.moment.record.params.W[0][0, 0] == -0.2
    press(window.canvas, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert window.store.moment.record.params.W[0][0, 0] == 2.0


def test_training_runs_stops_and_can_be_walked(window: MainWindow, qtbot: QtBot) -> None:
    window.panel._updates.setValue(200)
    window.actions_by_name["run"].trigger()
    assert window.store.state.training
    qtbot.waitUntil(lambda: not window.store.state.training, timeout=20_000)
    assert place(window) == (201, 0)
    losses = window.store.state.run.losses
    assert losses[200] < losses[0]
    press(window.canvas, Qt.Key.Key_Right)
    assert place(window)[0] == 201
    window.store.dispatch(actions.seek_update, 17)
    again = make_steps(17)
    assert np.array_equal(window.store.moment.record.params.theta, again)


def make_steps(step: int) -> object:
    from model.examples import open_problem
    from model.run import Run

    return Run(open_problem("dyda-sigmoid")).record(step).params.theta


def test_stopping_is_immediate_and_later_results_are_ignored(window: MainWindow, qtbot: QtBot) -> None:
    window.panel._updates.setValue(10_000_000)
    window.actions_by_name["run"].trigger()
    qtbot.waitUntil(lambda: window.store.state.run_length > 10, timeout=20_000)
    press(window.canvas, Qt.Key.Key_Escape)
    assert not window.store.state.training
    length = window.store.state.run_length
    qtbot.wait(150)
    assert window.store.state.run_length == window.store.state.run.length == length
    window.actions_by_name["reset"].trigger()
    assert place(window) == (1, 0)


def test_a_diverging_run_stops_and_says_where(window: MainWindow, qtbot: QtBot) -> None:
    window.store.edit("loss", edits.set_loss, "squared_error")
    window.store.edit("phi", edits.set_activation, 1, "identity")
    window.store.edit("phi", edits.set_activation, 2, "identity")
    window.store.edit("rate", edits.set_learning_rate, 1e6)
    window.actions_by_name["run"].trigger()
    qtbot.waitUntil(lambda: not window.store.state.training, timeout=20_000)
    assert "diverged at update" in window.panel._notice.text()
    assert window.panel._notice.isVisibleTo(window)
    assert window.store.state.run_length >= 1


def test_a_refused_choice_is_explained_beside_the_control_and_nothing_is_lost(window: MainWindow) -> None:
    choice = window.network._rows[1][1]
    assert choice is not None
    choice.setCurrentIndex(choice.findData("softmax"))
    choice.activated.emit(choice.currentIndex())
    assert "output layer" in window.panel._experiment._refusal.text()
    assert choice.currentData() == "sigmoid"
    assert window.store.state.problem.activations == ("sigmoid", "sigmoid")
    window.panel._loss.chosen.emit("none")
    assert "single output" in window.panel._learning._refusal.text()
    assert window.panel._loss.currentData() == "half_squared_error"


@pytest.mark.parametrize("name", example_names())
def test_every_example_opens_and_is_walked_to_its_end(window: MainWindow, name: str) -> None:
    assert window.files.open_path(name)
    for _ in range(3):
        press(window.canvas, Qt.Key.Key_Right)
    window.actions_by_name["end"].trigger()
    QApplication.processEvents()
    assert window.store.state.tick == window.store.moment.walk.total
    assert window.panel._example.currentData() == name


def test_saving_opening_and_recent_files(window: MainWindow, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    window.store.edit("weight", edits.edit_number, Ref("W", 2, 1, 1), -3.5)
    window.store.dispatch(actions.set_notation, "jacob")
    window.store.dispatch(actions.mark_saved, str(path))
    window.store.edit("weight", edits.edit_number, Ref("W", 2, 0, 1), 4.5)
    assert window.files.save()
    assert not window.isWindowModified()
    assert same(load(path), window.store.state.experiment)
    assert window.files.open_path("xor")
    assert window.files.open_path(str(path))
    assert window.store.state.options.notation == "jacob"
    assert settings.recent == [str(path)]
    window._changing_menus["recent"].aboutToShow.emit()
    assert [action.text() for action in window._changing_menus["recent"].actions()] == [str(path)]


def test_a_file_that_cannot_be_used_is_told_and_nothing_changes(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = answer(monkeypatch, QMessageBox.StandardButton.Ok)
    broken = tmp_path / "broken.json"
    broken.write_text('{"format": "deltastep-problem/1"')
    problem = window.store.state.problem
    assert not window.files.open_path(str(broken))
    assert window.store.state.problem is problem
    assert len(said) == 1
    assert "broken.json" in said[0]


def test_a_dropped_file_is_opened(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "dropped.json"
    window.store.dispatch(actions.mark_saved, str(path))
    window.files.save()
    window.files.open_path("xor")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(50, 50), copy, data, Qt.MouseButton.LeftButton, none))
    assert window.store.state.path == str(path)


def test_closing_with_unsaved_changes_asks(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window.store.edit("weight", edits.edit_number, Ref("W", 1, 0, 0), 2.0)
    said = answer(monkeypatch, QMessageBox.StandardButton.Cancel)
    assert not window.close()
    assert window.isVisible()
    assert "Save the changes" in said[0]
    answer(monkeypatch, QMessageBox.StandardButton.Discard)
    assert window.close()


def test_layout_and_theme_are_remembered(qtbot: QtBot, settings: Settings) -> None:
    for window in opened(qtbot, settings):
        window.actions_by_name["data"].trigger()
        window.store.dispatch(actions.set_options, theme="dark", speed=8.0)
    again = Settings(str(settings.path))
    for window in opened(qtbot, again):
        assert theme_of(window.store.state).name == "dark"
        assert window.store.state.options.speed == 8.0
        assert not window.lower.isVisible()


def test_a_corrupt_settings_file_is_replaced(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_bytes(b"\x00\xff[[[geometry=@ByteArray(\n\n=\x01theme")
    for window in opened(qtbot, Settings(str(path))):
        assert window.isVisible()
    assert b"theme" in path.read_bytes()
    path.write_text("[General]\ngeometry=@Variant(nonsense)\nspeed=fast\ntheme=42\nrecent=17\nupper=@ByteArray(x)\n")
    for window in opened(qtbot, Settings(str(path))):
        assert window.store.state.options.theme == "system"


def test_projector_shows_the_walk_only(window: MainWindow) -> None:
    press(window.canvas, Qt.Key.Key_F11)
    assert not window.tools.isVisible()
    assert not window.panel.isVisible()
    assert window.canvas.isVisible()
    press(window.canvas, Qt.Key.Key_Right)
    assert place(window)[1] > 0
    press(window.canvas, Qt.Key.Key_Escape)
    assert window.tools.isVisible()


def test_hovering_anywhere_lights_up_everywhere(window: MainWindow) -> None:
    ref = Ref("W", 2, 1, 0)
    window.store.dispatch(actions.end_of_update)
    window.board.hovered.emit(ref)
    assert window.store.state.hover == ref
    assert window.canvas.diagram is not None
    assert window.board._lit == frozenset({ref})


def test_f1_shows_every_key(window: MainWindow) -> None:
    press(window.canvas, Qt.Key.Key_F1)
    sheet = window.findChild(KeySheet)
    assert sheet is not None
    text = " ".join(label.text() for label in sheet.findChildren(QWidget) if hasattr(label, "text"))
    for command in COMMANDS:
        if command.keys:
            assert command.plain_text in text
    for key in ("Space", "PageDown", "PageUp", "Home", "End", "Ctrl+wheel", "F11"):
        assert key in text
    sheet.close()


def test_every_control_has_a_name_and_a_tip(window: MainWindow) -> None:
    kinds = (QAbstractButton, QComboBox, QAbstractSpinBox, QAbstractSlider, QTableView)
    nameless = []
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, kinds) or not widget.isVisible() or widget.objectName().startswith("qt_"):
            continue
        interface = QAccessible.queryAccessibleInterface(widget)
        if interface is None or widget.metaObject().className() in ("QScrollBar", "QTableCornerButton", "QHeaderView"):
            continue
        if not interface.text(QAccessible.Text.Name):
            nameless.append(f"name: {type(widget).__name__} {widget.objectName()}")
        if not widget.toolTip() and not isinstance(widget, QTableView):
            nameless.append(f"tip: {type(widget).__name__} {interface.text(QAccessible.Text.Name)}")
    assert nameless == []


def test_everything_is_reached_with_tab(window: MainWindow) -> None:
    window.canvas.setFocus()
    reached = set()
    widget: QWidget | None = window.canvas
    while widget not in reached:
        reached.add(widget)
        assert widget is not None
        widget = widget.nextInFocusChain()
    for wanted in (window.panel._loss, window.panel._run, window.panel._seed, window.timeline._number, window.tables._tabs, window.board):
        assert wanted in reached
        assert wanted.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_enter_presses_the_focused_button(window: MainWindow) -> None:
    window.store.dispatch(actions.end_of_update)
    window.panel._reset.setFocus()
    press(window.panel._reset, Qt.Key.Key_Return)
    assert place(window) == (1, 0)


def test_an_unexpected_exception_is_reported_and_the_program_goes_on(window: MainWindow, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("first fault", "second fault"):
        try:
            raise RuntimeError(text)
        except RuntimeError:
            show_exception(*sys.exc_info())  # type: ignore[arg-type]
    dialogs = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, ErrorReport)]
    assert len(dialogs) == 1
    dialogs[0]._on_copy_clicked()
    report = QApplication.clipboard().text()
    assert "first fault" in report
    assert "second fault" in report
    assert "Traceback" in report
    dialogs[0].close()
    press(window.canvas, Qt.Key.Key_Right)
    assert place(window)[1] > 0
    assert "first fault" in capsys.readouterr().err


def test_a_double_click_changes_a_number_on_the_canvas(window: MainWindow) -> None:
    ref = Ref("W", 1, 0, 0)
    spot = find(window, ref)
    QTest.mouseDClick(window.canvas, Qt.MouseButton.LeftButton, pos=spot)
    field = window.canvas._field
    assert field is not None
    field.setText("abc")
    press(field, Qt.Key.Key_Return)
    assert window.canvas._field is field, "what is no number stays to be corrected"
    field.setText("0,75")
    press(field, Qt.Key.Key_Return)
    assert window.canvas._field is None
    assert window.store.moment.record.params.W[0][0, 0] == 0.75


def find(window: MainWindow, ref: Ref) -> QPoint:
    """Return a place of the canvas where a quantity is hit."""
    canvas = window.canvas
    for x in range(0, canvas.width(), 6):
        for y in range(0, canvas.height(), 6):
            if canvas.ref_at(QPointF(x, y)) == ref:
                return QPoint(x, y)
    raise AssertionError(f"{ref} is nowhere on the canvas")


def test_zoom_keeps_what_is_under_the_pointer_and_fit_shows_all(window: MainWindow) -> None:
    spot = QPointF(find(window, Ref("W", 1, 0, 0)))
    window.canvas.zoom(3.0, spot)
    assert window.canvas.ref_at(spot) == Ref("W", 1, 0, 0)
    press(window.canvas, Qt.Key.Key_0)
    assert window.canvas.ref_at(spot) == Ref("W", 1, 0, 0)


def test_nothing_is_left_of_a_closed_window(qtbot: QtBot, settings: Settings) -> None:
    for window in opened(qtbot, settings):
        gone = [weakref.ref(part) for part in (window, window.canvas, window.tables, window.panel)]
    del window
    gc.collect()
    assert [reference() for reference in gone] == [None] * 4


def test_dialogs_close_with_escape(window: MainWindow) -> None:
    for name in ("keys", "about"):
        window.actions_by_name[name].trigger()
        QApplication.processEvents()
        dialog = next(widget for widget in window.findChildren(QDialog) if widget.isVisible())
        press(dialog, Qt.Key.Key_Escape)
        assert not any(widget.isVisible() for widget in window.findChildren(QDialog))
