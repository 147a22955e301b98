"""The whole window, offscreen: files, unsaved changes, what is remembered, faults, accessibility, what is left after closing."""

from __future__ import annotations

import gc
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDropEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QMenu,
    QMessageBox,
    QTabBar,
    QTableView,
    QToolButton,
    QToolTip,
    QWidget,
)
from window_helpers import answer, opened, place, press

from gui import actions, edits
from gui.error_report import ErrorReport, show_exception
from gui.key_sheet import KeySheet
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.shortcuts import COMMANDS, GESTURES, PLOT_GESTURES
from gui.state import theme_of
from model.format.file import load, same
from model.stages import Ref


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
    before = window.store.state
    assert window.files.open_path("xor")  # which asks nothing, for undo brings everything back
    assert "Undo" in QToolTip.text()
    assert not window.close()
    assert (len(said), f"Give up what was changed in “{before.problem.title}”" in said[1]) == (2, True)
    window.store.undo_stack.undo()
    assert (window.store.state.problem, window.store.state.run, window.store.state.path) == (before.problem, before.run, before.path)
    window.store.undo_stack.redo()
    answer(monkeypatch, QMessageBox.StandardButton.Discard)
    assert window.close()


def test_layout_and_theme_are_remembered(qtbot: Any, settings: Settings) -> None:
    with opened(qtbot, settings) as window:
        window.actions_by_name["data"].trigger()
        window.store.dispatch(actions.set_options, theme="dark", speed=8.0)
    with opened(qtbot, Settings(str(settings.path))) as window:
        assert theme_of(window.store.state).name == "dark"
        assert window.store.state.options.speed == 8.0
        assert not window.lower.isVisible()


def test_tables_and_plots_can_have_most_of_the_window_for_a_while(window: MainWindow) -> None:
    usual = window.whole.sizes()
    window.actions_by_name["data"].trigger()
    widths = window.lower.sizes()
    press(window.canvas, Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    assert window.actions_by_name["data"].isChecked()
    assert window.lower.height() > 2 * usual[1]
    assert window.upper.height() > 200
    assert window.lower.sizes()[1] > 0.6 * sum(widths), "also more of the width, which chains of paths need"
    press(window.canvas, Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    assert window.lower.sizes() == pytest.approx(widths, abs=1)
    assert window.whole.sizes() == pytest.approx(usual, abs=1)
    assert window.lower.isVisible()


def test_no_key_does_two_things() -> None:
    keys = [QKeySequence(key).toString() for command in COMMANDS for key in command.keys]
    assert [key for key in keys if keys.count(key) > 1] == []
    assert all(keys)


def test_no_two_entries_of_a_menu_share_a_letter(window: MainWindow) -> None:
    shared = []
    for menu in [*window.menuBar().findChildren(QMenu), window.menuBar()]:
        texts = [action.text() for action in menu.actions() if "&" in action.text()]
        letters = [text[text.index("&") + 1].lower() for text in texts]
        shared += [(text, letter) for text, letter in zip(texts, letters, strict=True) if letters.count(letter) > 1]
    assert shared == []
    steps = window.actions_by_name["compare_figure"].associatedObjects()
    (menu,) = [menu for menu in steps if isinstance(menu, QMenu)]
    entries = menu.actions()
    before = entries[entries.index(window.actions_by_name["compare_figure"]) - 1]
    assert before.isSeparator(), "it has nothing to do with the bookmarks above it"


def test_a_corrupt_settings_file_is_replaced(qtbot: Any, tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_bytes(b"\x00\xff[[[geometry=@ByteArray(\n\n=\x01theme")
    with opened(qtbot, Settings(str(path))) as window:
        assert window.isVisible()
    assert b"theme" in path.read_bytes()
    path.write_text("[General]\ngeometry=@Variant(nonsense)\nspeed=fast\ntheme=42\nrecent=17\nupper=@ByteArray(x)\n")
    with opened(qtbot, Settings(str(path))) as window:
        assert window.store.state.options.theme == "system"


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


def test_nothing_is_left_of_a_closed_window(qtbot: Any, settings: Settings) -> None:
    with opened(qtbot, settings) as window:
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


def test_every_control_has_a_name_and_a_tip(window: MainWindow) -> None:
    kinds = (QAbstractButton, QComboBox, QAbstractSpinBox, QAbstractSlider, QTableView)
    nameless = []
    for widget in window.findChildren(QWidget):
        if (
            not isinstance(widget, kinds)
            or not widget.isVisible()
            or widget.objectName().startswith("qt_")
            or isinstance(widget.parent(), QTabBar)
        ):
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


def test_tab_goes_through_the_layers_as_they_are_read(window: MainWindow) -> None:
    network = window.network
    for _ in range(2):
        rows = [field for row in network._rows for field in row if field is not None]
        window.panel._example.setFocus()
        seen: list[QWidget | None] = []
        while rows[-1] not in seen:
            press(window, Qt.Key.Key_Tab)
            seen.append(QApplication.focusWidget())
        fields = [widget for widget in seen if not isinstance(widget, QToolButton)]
        assert fields == [network._add, network._biases, *rows]
        network._add.click()
        QApplication.processEvents()


def test_f6_goes_through_every_part_and_each_shows_it(window: MainWindow) -> None:
    parts = [window.board, window.timeline, window.tables, window.panes, window.tools, window.panel, window.canvas]
    for part in parts:
        before = part.grab().toImage()
        press(window, Qt.Key.Key_F6)
        focused = QApplication.focusWidget()
        assert focused is part or part.isAncestorOf(focused), part
        assert part.grab().toImage() != before, f"nothing tells that the keyboard is in {part}"


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
    for _, gesture in (*GESTURES, *PLOT_GESTURES):
        assert gesture in text
    sheet.close()


def test_enter_presses_the_focused_button(window: MainWindow) -> None:
    window.store.dispatch(actions.end_of_update)
    window.panel._reset.setFocus()
    press(window.panel._reset, Qt.Key.Key_Return)
    assert place(window) == (1, 0)
