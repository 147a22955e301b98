"""The whole window, offscreen: opening, keys, panels, undo, training, hovering, editing on the canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QStyle,
    QStyleOptionComboBox,
    QTableView,
    QWidget,
)
from window_helpers import find, place, press

from gui import actions, edits, menus
from gui.main_window import MainWindow
from model.examples import example_names
from model.stages import Ref


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


def test_walking_keys_work_wherever_the_focus_is(window: MainWindow) -> None:
    focused: dict[str, Callable[[], QWidget]] = {
        "canvas": lambda: window.canvas,
        "board": lambda: window.board,
        "tabs": lambda: window.tables._tabs,
        "button": lambda: window.panel._reset,
        "choice": lambda: window.panel._loss,
        "table": lambda: window.tables.findChildren(QTableView)[0],
        "slider": lambda: window.timeline._slider,
    }
    window.store.dispatch(actions.next_update)  # the slider of updates has the keyboard only where there are several
    ends = window.store.moment.walk.ends
    for where, there in focused.items():
        for key, direction in KEYS:
            window.store.dispatch(actions.seek, 1, ends[2])
            (widget := there()).setFocus()
            assert widget.hasFocus(), where
            press(widget, key)
            assert place(window) == (1, ends[2 + direction]), (where, key)


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


def test_a_typed_number_is_taken_before_the_walk_goes_on(window: MainWindow) -> None:
    size = window.network._rows[1][0]
    size.setFocus()
    size.selectAll()
    QTest.keyClicks(size, "3")
    press(size, Qt.Key.Key_PageDown)
    assert window.store.state.problem.layers == (2, 3, 2)
    assert place(window)[1] > 0
    assert window.network._rows[1][0].text() == "3"
    window.panel._rate.setFocus()
    window.panel._rate.selectAll()
    QTest.keyClicks(window.panel._rate, "0.3")
    press(window.panel._rate, Qt.Key.Key_PageUp)
    assert (window.store.state.problem.learning_rate, place(window)) == (0.3, (1, 0))


@pytest.mark.parametrize("width", [1024, 1600])
def test_choices_in_the_toolbar_are_read_whole(window: MainWindow, width: int) -> None:
    for profile in ("soletskyi", "biswas"):
        window.store.dispatch(actions.set_notation, profile)
        for playing in (False, True):
            window.resize(width, 700)
            window.store.dispatch(actions.set_playing, playing)
            QApplication.processEvents()
            for choice in (window.tools.speed, window.tools.notation, window.tools.digits):
                option = QStyleOptionComboBox()
                choice.initStyleOption(option)
                box = QStyle.ComplexControl.CC_ComboBox
                room = choice.style().subControlRect(box, option, QStyle.SubControl.SC_ComboBoxEditField, choice).width()
                assert choice.fontMetrics().horizontalAdvance(choice.currentText()) <= room, (choice.accessibleName(), choice.currentText())
    window.store.dispatch(actions.set_playing, False)
    window.store.edit("rounding", edits.set_rounding, 0)
    assert window.tools.digits.currentText() == "0"
    window.store.undo_stack.undo()
    assert (window.tools.digits.currentText(), window.tools.digits.count()) == ("4", len(menus.DIGITS))


def test_playing_steps_by_itself_and_the_player_stops(window: MainWindow, qtbot: Any) -> None:
    window.store.dispatch(actions.set_speed, 32.0)
    play = window.actions_by_name["play"]
    looks = play.icon().cacheKey()
    play.trigger()
    assert play.iconText() == "Pause"
    assert play.icon().cacheKey() != looks
    window.store.dispatch(actions.switch_theme)
    assert play.iconText() == "Pause"
    qtbot.waitUntil(lambda: window.store.state.tick > 6)
    play.trigger()
    assert play.iconText() == "Play"
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


def test_training_runs_stops_and_can_be_walked(window: MainWindow, qtbot: Any) -> None:
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


def test_stopping_is_immediate_and_later_results_are_ignored(window: MainWindow, qtbot: Any) -> None:
    window.panel._updates.setValue(10_000_000)
    window.actions_by_name["run"].trigger()
    qtbot.waitUntil(lambda: window.store.state.run_length > 10, timeout=20_000)
    press(window.canvas, Qt.Key.Key_Escape)
    assert not window.store.state.training
    length = window.store.state.run_length
    qtbot.wait(150)
    assert window.store.state.run_length == window.store.state.run.length == length
    window.actions_by_name["reset"].trigger()
    assert (place(window), window.store.state.run_length) == ((1, 0), 1)
    press(window.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.store.state.run_length == length, "what was trained comes back"
    window.panel.example_requested.emit("jacob")
    assert window.windowTitle().startswith("Jacob")
    press(window.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.store.state.run_length == length, "also from another example"
    assert window.panel._example.currentData() == "dyda-sigmoid"


def test_a_diverging_run_stops_and_says_where(window: MainWindow, qtbot: Any) -> None:
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


def test_every_example_opens_and_is_walked_to_its_end(window: MainWindow) -> None:
    for name in example_names():
        assert window.files.open_path(name), name
        assert place(window) == (1, 0), name
        for _ in range(3):
            press(window.canvas, Qt.Key.Key_Right)
        window.actions_by_name["end"].trigger()
        QApplication.processEvents()
        assert window.store.state.tick == window.store.moment.walk.total, name
        assert window.panel._example.currentData() == name


def test_hovering_anywhere_lights_up_everywhere(window: MainWindow) -> None:
    ref = Ref("W", 2, 1, 0)
    window.store.dispatch(actions.end_of_update)
    window.board.hovered.emit(ref)
    assert window.store.state.hover == ref
    assert window.canvas.diagram is not None
    assert window.board._lit == frozenset({ref})


def test_a_double_click_changes_a_number_on_the_canvas(window: MainWindow) -> None:
    ref = Ref("W", 1, 0, 0)
    spot = find(window, ref)
    QTest.mouseDClick(window.canvas, Qt.MouseButton.LeftButton, pos=spot)
    field = window.canvas._field.line
    assert field is not None
    field.setText("abc")
    press(field, Qt.Key.Key_Return)
    assert window.canvas._field.line is field, "what is no number stays to be corrected"
    field.setText("0,75")
    press(field, Qt.Key.Key_Return)
    assert window.canvas._field.line is None
    assert window.store.moment.record.params.W[0][0, 0] == 0.75


def test_zoom_keeps_what_is_under_the_pointer_and_fit_shows_all(window: MainWindow) -> None:
    spot = QPointF(find(window, Ref("W", 1, 0, 0)))
    window.canvas.zoom(3.0, spot)
    assert window.canvas.ref_at(spot) == Ref("W", 1, 0, 0)
    press(window.canvas, Qt.Key.Key_0)
    assert window.canvas.ref_at(spot) == Ref("W", 1, 0, 0)


def test_form_comma_and_zeros_rule_everything_and_move_nothing(window: MainWindow) -> None:
    for _ in range(7):
        press(window.canvas, Qt.Key.Key_Right)
    here, numbers = place(window), window.store.moment.record
    matrix = window.store.explanation
    press(window.canvas, Qt.Key.Key_M)
    assert window.store.explanation != matrix
    press(window.canvas, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    press(window.canvas, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    fmt = window.store.moment.fmt
    assert (fmt.comma, fmt.trailing_zeros) == (True, True)
    assert window.actions_by_name["comma"].isChecked()
    assert place(window) == here
    assert window.store.moment.record is numbers
    press(window.canvas, Qt.Key.Key_M)
    assert window.store.explanation.equations == matrix.equations
