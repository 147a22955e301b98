"""The control panel and the layers editor with a real store and no window: what they show, what they ask for, what they refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QStyle, QStyleOptionComboBox, QStyleOptionSpinBox, QToolButton

from gui import actions, edits
from gui.actions import extend, hover, set_notation, start_training, step, stop_training
from gui.panel.control_panel import LOSSES, ControlPanel
from gui.panel.fields import Choice, CountField, NumberField, Segments, Tabs
from gui.panel.network_editor import NetworkEditor
from gui.state import initial_state
from gui.store import Store
from model.conventions import conventions
from model.examples import open_problem
from model.problem import Init
from model.stages import Ref
from model.training.stopping import StopRule, watch


@pytest.fixture
def store(qapp: Any) -> Store:
    return Store(initial_state(open_problem("dyda-sigmoid"), "dyda-sigmoid"))


@pytest.fixture
def panel(qtbot: Any, store: Store) -> ControlPanel:
    editor = NetworkEditor(store)
    widget = ControlPanel(store, [("dyda-sigmoid", "Dyda"), ("xor", "XOR")], editor)
    qtbot.addWidget(widget)
    editor.refused.connect(widget.refuse_network)
    widget.show()
    return widget


def editor_of(panel: ControlPanel) -> NetworkEditor:
    return panel.findChildren(NetworkEditor)[0]


@pytest.mark.parametrize(("notation", "letter"), [("dyda", "c"), ("jacob", "α"), ("soletskyi", "η")])
def test_the_learning_rate_is_called_as_in_the_notation(store: Store, panel: ControlPanel, notation: str, letter: str) -> None:
    store.dispatch(set_notation, notation)
    assert panel._rate_label.text().split() == ["rate", letter]


def test_the_panel_shows_what_the_experiment_is(store: Store, panel: ControlPanel) -> None:
    store.edit("x", edits.set_optimizer, "adamw")
    store.edit("x", edits.set_rounding, 3, "half_up")
    store.edit("x", edits.set_convention, l2=0.25)
    assert panel._rule.currentData() == "adamw"
    shown = {key for key, (_, field) in panel._constants.items() if field.isVisibleTo(panel)}
    assert shown == {"beta1", "beta2", "epsilon", "weight_decay"}
    assert panel._constants["weight_decay"][1].value() == 0.01
    fields = panel.conventions
    assert (fields.rounding.currentData(), fields.mode.currentData(), fields.l2.value()) == (3, "half_up", 0.25)
    store.undo_stack.undo()
    store.undo_stack.undo()
    assert panel.conventions.rounding.currentData() is None


def test_choices_change_the_experiment(store: Store, panel: ControlPanel) -> None:
    panel._loss.chosen.emit("squared_error")
    panel._rule.chosen.emit("sgd_momentum")
    panel._constants["momentum"][1].setValue(0.5)
    panel._nesterov.click()
    panel.conventions.choices["batch_reduction"].chosen.emit("mean")
    panel.conventions.choices["hidden_delta_uses"].chosen.emit("new")
    panel.conventions.rounding.chosen.emit(4)
    problem = store.state.problem
    assert problem.loss == "squared_error"
    assert (problem.optimizer.momentum, problem.optimizer.nesterov) == (0.5, True)
    assert (problem.batch_reduction, problem.hidden_delta_uses) == ("mean", "new")
    assert problem.rounding is not None
    assert problem.rounding.decimals == 4
    assert store.undo_stack.count() == 7


def test_layers_are_added_resized_and_removed(store: Store, panel: ControlPanel) -> None:
    editor = editor_of(panel)
    editor._add.click()
    assert store.state.problem.layers == (2, 2, 2, 2)
    assert len(editor._rows) == 4
    editor._rows[2][0].setValue(5)
    assert store.state.problem.layers == (2, 2, 5, 2)
    removers = [button for button in editor.findChildren(QToolButton) if button.accessibleName() == "remove the hidden layer"]
    removers[-1].click()
    assert store.state.problem.layers == (2, 5, 2)
    editor._biases.click()
    assert not store.state.problem.has_biases
    assert not panel.conventions.choices["bias_sharing"].isEnabled()


def test_a_refusal_stands_below_its_section_until_the_next_change(store: Store, panel: ControlPanel) -> None:
    editor = editor_of(panel)
    choice = editor._rows[1][1]
    assert choice is not None
    choice.setCurrentIndex(choice.findData("softmax"))
    choice.activated.emit(choice.currentIndex())
    label = panel._experiment._refusal
    assert label.isVisibleTo(panel)
    assert "output layer only" in label.text()
    panel._loss.chosen.emit("squared_error")
    assert not label.isVisibleTo(panel)


def test_run_becomes_stop_and_shows_how_far_it_is(store: Store, panel: ControlPanel, qtbot: Any) -> None:
    with qtbot.waitSignal(panel.run_requested) as asked:
        panel._run.click()
    assert asked.args == [1000]
    store.dispatch(start_training, 1000)
    assert panel._run.text() == "Stop"
    assert panel._progress.isVisibleTo(panel)
    with qtbot.waitSignal(panel.stop_requested):
        panel._run.click()


def test_how_far_a_long_run_is_and_how_long_it_takes(store: Store, panel: ControlPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("gui.panel.control_panel.time.monotonic", lambda: now[0])
    store.dispatch(start_training, 200_000)  # more than the field says, as from the options of training
    for seconds, length, share, words in (
        (0.2, 2_000, 0.01, ""),
        (10.0, 50_000, 0.25, "about 30 s left"),
        (30.0, 150_000, 0.75, "about 10 s left"),
    ):
        now[0] = seconds
        store.dispatch(extend, length, 200_000 - length)
        assert panel._progress.value() / panel._progress.maximum() == pytest.approx(share)
        assert panel._left.text() == words
    store.dispatch(stop_training)
    assert not panel._left.isVisibleTo(panel)
    store.dispatch(start_training, 1000)
    assert panel._progress.value() == 0
    store.dispatch(stop_training)
    store.dispatch(start_training, 10_000_000)
    assert panel._left.text() == "until stopped"


def typed(field: QAbstractSpinBox, text: str) -> list[str]:
    """Type a text over what a field shows, press Enter and return what the field says about it."""
    said: list[str] = []
    field.refused.connect(said.append)  # type: ignore[attr-defined]
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    field.refused.disconnect(said.append)  # type: ignore[attr-defined]
    return said


def test_a_number_field_takes_commas_and_small_numbers(qtbot: Any) -> None:
    field = NumberField(0.0, 10.0, "rate", "a rate")
    qtbot.addWidget(field)
    assert typed(field, "0,25") == [""]
    assert field.value() == 0.25
    assert typed(field, "1e-7") == [""], "what was said before holds no longer"
    assert (field.value(), field.text()) == (1e-7, "1e−07")


@pytest.mark.parametrize("text", ["nan", "abc", "-5", "11", "1e400", "inf", "0.1.2"])
def test_a_number_field_says_what_it_cannot_take_and_keeps_its_number(qtbot: Any, text: str) -> None:
    field = NumberField(0.0, 10.0, "rate", "a rate")
    qtbot.addWidget(field)
    field.show_value(0.5)
    reason = "is too large" if text in ("11", "1e400") else "is not possible"
    assert typed(field, text) == [f"Rate: “{text}” {reason}; allowed: numbers from 0 to 10, such as 0.1 or 3e−4."]
    assert (field.value(), field.text()) == (0.5, "0.5")


@pytest.mark.parametrize("text", ["0", "-3", "many", "5000", "2.5"])
def test_a_count_says_what_it_cannot_take_and_keeps_its_number(qtbot: Any, text: str) -> None:
    field = CountField(1, 2000, "neurons", "how many")
    qtbot.addWidget(field)
    field.setValue(1234)
    reason = "is too large" if text == "5000" else "is not possible"
    assert typed(field, text) == [f"Neurons: “{text}” {reason}; allowed: whole numbers from 1 to 2,000."]
    assert (field.value(), field.text()) == (1234, "1,234")


def test_a_double_click_takes_hold_of_a_whole_number(qtbot: Any) -> None:
    field = CountField(1, 10_000_000, "updates", "how many")
    qtbot.addWidget(field)
    field.setValue(1000)
    field.resize(200, 30)
    field.show()
    QTest.mouseDClick(field.lineEdit(), Qt.MouseButton.LeftButton, pos=QPoint(6, 8))
    QTest.keyClicks(field, "100000")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == 100_000


def test_the_arrows_of_a_field_leave_the_keyboard_where_it_is_and_its_letters_take_it(store: Store, panel: ControlPanel) -> None:
    panel.activateWindow()
    panel._loss.setFocus()
    option = QStyleOptionSpinBox()
    panel._rate.initStyleOption(option)
    up = panel._rate.style().subControlRect(QStyle.ComplexControl.CC_SpinBox, option, QStyle.SubControl.SC_SpinBoxUp, panel._rate)
    QTest.mouseClick(panel._rate, Qt.MouseButton.LeftButton, pos=up.center())
    assert panel._rate.value() > 0.1
    assert panel._loss.hasFocus()
    QTest.mouseClick(panel._rate.lineEdit(), Qt.MouseButton.LeftButton, pos=QPoint(6, 8))
    assert panel._rate.hasFocus()


def test_the_wheel_scrolls_the_panel_and_changes_nothing_on_its_way(store: Store, panel: ControlPanel) -> None:
    before = store.state.problem
    activation = editor_of(panel)._rows[1][1]
    assert activation is not None
    for field in (panel._loss, panel._rate, activation, editor_of(panel)._rows[1][0]):
        down = QWheelEvent(QPointF(9, 9), field.mapToGlobal(QPointF(9, 9)), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
                           Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
        QApplication.sendEvent(field, down)
        assert not field.hasFocus()
    assert store.state.problem is before


def test_letters_seek_an_entry_of_a_choice_that_was_reached_with_tab_and_are_commands_after_a_click(qtbot: Any) -> None:
    choice = Choice((("a", "sigmoid"), ("b", "softmax"), ("c", "tanh")), "activation", "")
    qtbot.addWidget(choice)
    choice.show()
    for reason, seeks in ((Qt.FocusReason.TabFocusReason, True), (Qt.FocusReason.MouseFocusReason, False)):
        QApplication.sendEvent(choice, QFocusEvent(QEvent.Type.FocusIn, reason))
        for key, text in ((Qt.Key.Key_S, "s"), (Qt.Key.Key_End, "")):
            event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier, text)
            event.ignore()
            QApplication.sendEvent(choice, event)
            assert event.isAccepted() == seeks
        space = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ")
        space.ignore()
        QApplication.sendEvent(choice, space)
        assert not space.isAccepted(), "a step of the walk"


def test_tabs_are_changed_with_up_and_down(qtbot: Any) -> None:
    tabs = Tabs("letters", "Which letter")
    qtbot.addWidget(tabs)
    for letter in "ab":
        tabs.addTab(letter)
    for key, number in ((Qt.Key.Key_Down, 1), (Qt.Key.Key_Down, 1), (Qt.Key.Key_Up, 0), (Qt.Key.Key_Up, 0)):
        QTest.keyClick(tabs, key)
        assert tabs.currentIndex() == number


def test_what_cannot_be_taken_is_explained_in_the_panel(store: Store, panel: ControlPanel) -> None:
    size = editor_of(panel)._rows[1][0]
    for field, label in ((size, panel._experiment._refusal), (panel._rate, panel._notice), (panel._updates, panel._notice)):
        before = store.state
        assert len(typed(field, "x")) == 1
        assert "“x” is not possible" in label.text()
        assert label.isVisibleTo(panel)
        assert store.state is before
    store.dispatch(step)
    for label in (panel._experiment._refusal, panel._notice):
        assert not label.isVisibleTo(panel)


def test_an_end_that_was_asked_for_is_no_error(store: Store, panel: ControlPanel) -> None:
    ends = watch(StopRule(target=0.1), 1, None)
    assert ends is not None
    for sentence, name in ((ends(10, 0.09, np.zeros(1)), "quiet"), ("The run diverged at update 3.", "refusal")):
        store.dispatch(stop_training, sentence)
        assert (panel._notice.text(), panel._notice.objectName()) == (sentence, name)


def test_undoing_that_another_experiment_was_opened_brings_the_seed_back(store: Store, panel: ControlPanel) -> None:
    panel._seed.setValue(7)
    drawn = replace(open_problem("dyda-sigmoid"), weights=None, biases=None, init=Init("xavier_uniform", 41))
    store.exchange("open", actions.open_problem, drawn)
    assert panel._seed.value() == 41
    store.undo_stack.undo()
    assert panel._seed.value() == 7
    store.undo_stack.redo()
    assert panel._seed.value() == 41


def test_the_rate_and_adding_layers_stay_in_sight_where_there_is_little_height(store: Store, panel: ControlPanel) -> None:
    panel.resize(panel.width(), 350)
    add, area = editor_of(panel)._add, panel._area.viewport()
    places = []
    for _ in range(4):
        QApplication.processEvents()
        places.append(QRect(add.mapTo(area, QPoint(0, 0)), add.size()))
        add.click()
    assert area.rect().contains(places[0])
    assert places == [places[0]] * 4
    assert not panel._area.isAncestorOf(panel._rate)


def test_a_refusal_is_in_sight_also_in_a_low_panel(store: Store, panel: ControlPanel) -> None:
    panel.resize(panel.width(), 420)
    QApplication.processEvents()
    typed(editor_of(panel)._rows[1][0], "x")
    label, area = panel._experiment._refusal, panel._area.viewport()
    place = QRect(label.mapTo(area, QPoint(0, 0)), label.size())
    assert area.rect().contains(place)


@pytest.mark.parametrize("loss", [name for name, _ in LOSSES])
def test_the_panel_shows_every_loss_whole(store: Store, panel: ControlPanel, loss: str) -> None:
    panel.resize(panel.width(), 400)  # so low that it has a scroll bar
    QApplication.processEvents()
    text = dict(LOSSES)[loss]
    option = QStyleOptionComboBox()
    panel._loss.initStyleOption(option)
    room = panel._loss.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, panel._loss
    )
    assert panel._loss.fontMetrics().horizontalAdvance(text) <= room.width()


def test_segments_say_which_was_pressed(qtbot: Any) -> None:
    segments = Segments((("a", "A", "first"), ("b", "B", "second")), "letters")
    qtbot.addWidget(segments)
    segments.show_value("a")
    with qtbot.waitSignal(segments.chosen) as chosen:
        segments.findChildren(QToolButton)[1].click()
    assert chosen.args == ["b"]


def test_every_convention_is_seen_changed_in_its_place_and_said(store: Store, panel: ControlPanel) -> None:
    fields = panel.conventions
    assert fields._said.text() == "All plain."
    place = store.state.tick
    fields.factor.chosen.emit("squared_error")
    fields.choices["train_biases"].chosen.emit(False)
    fields.rounding.chosen.emit(2)
    fields.mode.chosen.emit("half_up")
    fields.l2.setValue(0.25)
    problem = store.state.problem
    assert (problem.loss, problem.train_biases, problem.l2) == ("squared_error", False, 0.25)
    assert (problem.rounding.decimals, problem.rounding.mode) == (2, "half_up")
    assert store.state.tick == place
    for phrase in conventions(problem):
        assert phrase in fields._said.text()
    assert len(conventions(problem)) == 4
    while store.undo_stack.canUndo():
        store.undo_stack.undo()
    assert fields._said.text() == "All plain."
    assert fields.factor.currentData() == "half_squared_error"


def test_a_loss_without_a_factor_shows_none(store: Store, panel: ControlPanel) -> None:
    store.edit("x", edits.set_loss, "binary_cross_entropy")
    assert not panel.conventions.factor.isEnabled()
    assert panel.conventions.factor.currentIndex() == -1


def test_nudges_of_one_field_are_one_change(store: Store, panel: ControlPanel) -> None:
    before = store.state.problem.learning_rate
    for _ in range(3):
        QTest.keyClick(panel._rate, Qt.Key.Key_Up)
    assert store.state.problem.learning_rate != before
    assert (store.undo_stack.count(), store.undo_stack.undoText()) == (1, "nudge of learning rate")
    QTest.keyClick(panel.conventions.l2, Qt.Key.Key_Up)
    assert store.undo_stack.count() == 2
    panel._rate.setValue(0.7)
    assert (store.undo_stack.count(), store.undo_stack.undoText()) == (3, "change of learning rate")
    store.undo_stack.setIndex(0)
    assert store.state.problem.learning_rate == before


def test_a_loss_without_a_factor_says_so(store: Store, panel: ControlPanel) -> None:
    assert store.edit("loss", edits.set_loss, "cross_entropy") == ""
    factor = panel.conventions.factor
    assert (factor.currentIndex(), factor.placeholderText(), factor.isEnabled()) == (-1, "none", False)


def test_refusals_use_the_words_of_the_panel(store: Store, panel: ControlPanel) -> None:
    assert store.edit("activation", edits.set_activation, 2, "tanh") == ""
    panel._loss.chosen.emit("binary_cross_entropy")
    said = panel._learning._refusal.text()
    assert "“binary cross-entropy”" in said
    assert "“tanh”" in said
    assert "_" not in said


def test_pointing_at_the_learning_rate_lights_it_up_everywhere(store: Store, panel: ControlPanel) -> None:
    rate = Ref("learning_rate")
    QApplication.sendEvent(panel._rate, QEvent(QEvent.Type.Enter))
    assert store.state.hover == rate
    assert "background" in panel._rate_label.styleSheet()
    QApplication.sendEvent(panel._rate, QEvent(QEvent.Type.Leave))
    assert store.state.hover is None
    assert panel._rate_label.styleSheet() == ""
    store.dispatch(hover, rate)  # from a formula
    assert "background" in panel._rate_label.styleSheet()
    store.dispatch(hover, None)
    QApplication.sendEvent(panel._rate, QFocusEvent(QEvent.Type.FocusIn))
    assert store.state.hover == rate
    QApplication.sendEvent(panel._rate, QFocusEvent(QEvent.Type.FocusOut))
    assert store.state.hover is None
