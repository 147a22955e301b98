"""Numbers moved by arrow keys: by the last shown digit, everything follows, the cursor stays, one undo takes it all back."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui import actions
from gui.actions import Refusal
from gui.panel.nudge import nudged
from gui.panel.number_edit import NumberEdit
from gui.panes.grid_view import GridView
from gui.panes.tables_view import TablesView
from gui.state import initial_state
from gui.store import Store
from model.examples import open_problem
from model.moment import number
from model.stages import Ref

MOVES = [
    ("0.35", 1, 4, "0.36"),
    ("0.35", -1, None, "0.34"),
    ("0.3", 1, 1, "0.4"),
    ("−0.25", 1, 4, "−0.24"),
    ("-0.01", 1, 4, "0.00"),
    ("0,5", 1, 4, "0,6"),
    ("2", 1, 4, "3"),
    ("2", -10, 4, "−8"),
    ("0.12345678", 1, 4, "0.12355678"),
    ("0.99", 1, 2, "1.00"),
    ("1e-3", 1, 4, "0.002"),
    ("1e-9", 1, None, "0.000000002"),
    ("5", 1, 0, "6"),
]


@pytest.mark.parametrize(("text", "by", "decimals", "moved"), MOVES)
def test_the_last_shown_digit_moves(text, by, decimals, moved):
    assert nudged(text, by, decimals) == moved


def test_with_ctrl_the_digit_after_it_moves():
    assert nudged("0.46", 1, 4, finer=True) == "0.461"
    assert nudged("0.4612", -1, 4, finer=True) == "0.46119"


def test_what_is_no_number_is_refused():
    with pytest.raises(Refusal, match="is not a number"):
        nudged("one", 1, 4)


def test_the_field_says_what_it_has_become(qtbot: Any) -> None:
    field = NumberEdit(2)
    qtbot.addWidget(field)
    said: list[float] = []
    field.nudged.connect(said.append)
    field.show_number(0.35)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down):
        QTest.keyClick(field, key)
    QTest.keyClick(field, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert said == [0.36, 0.35, 0.34, 0.44]
    field.setText("x")
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.text() == "x"
    field.setText("0,440")
    field.show_number(0.44)
    assert field.text() == "0,440"


def test_in_a_table_everything_follows_and_one_undo_takes_it_back(qtbot: Any) -> None:
    store = Store(initial_state(open_problem("dyda-sigmoid")))
    store.dispatch(actions.end_of_update)
    tables = TablesView(store)
    qtbot.addWidget(tables)
    tables.resize(900, 200)
    before, place = store.state, (store.state.step, store.state.tick)
    view = next(view for view in tables.findChildren(GridView) if view.quantity == "W")
    index = view.model().index(0, 1)
    ref = view.model().ref_at(index)
    view.setCurrentIndex(index)
    view.edit(index)
    (field,) = view.findChildren(NumberEdit)
    old = number(before.run.record(1), ref)
    for times in (1, 2, 3):
        QTest.keyClick(field, Qt.Key.Key_Up)
        QApplication.processEvents()
        assert number(store.state.run.record(1), ref) == pytest.approx(old + times / 10)
        assert store.moment.record.loss != before.run.record(1).loss
        assert view.findChildren(NumberEdit) == [field]
    assert (store.state.step, store.state.tick) == place
    assert store.undo_stack.count() == 1
    store.undo_stack.undo()
    assert store.state.problem is before.problem
    store.undo_stack.redo()
    assert number(store.state.run.record(1), ref) == pytest.approx(old + 0.3)


def test_nudges_of_different_numbers_are_taken_back_one_by_one(qapp: Any) -> None:
    from gui.edits import edit_number

    store = Store(initial_state(open_problem("dyda-sigmoid")))
    for ref, value in ((Ref("W", 1, 0, 0), 0.5), (Ref("W", 1, 0, 0), 0.6), (Ref("W", 1, 1, 0), 0.7)):
        store.edit(f"nudge of {ref.unit}", edit_number, ref, value)
    store.edit("change of a weight", edit_number, Ref("W", 1, 1, 0), 0.8)
    store.edit("change of a weight", edit_number, Ref("W", 1, 1, 0), 0.9)
    assert store.undo_stack.count() == 4
