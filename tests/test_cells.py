"""Tables as spreadsheets: digits begin a number, Enter goes down, blocks are copied and pasted as one change."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from diagram_cases import network
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from gui import actions
from gui.actions import Refusal
from gui.edits import edit_numbers, set_convention
from gui.panel.number_edit import NumberEdit
from gui.panes.cells import pasted
from gui.panes.grid_view import GridView
from gui.panes.table_models import data_grids, layer_grids
from gui.panes.tables_view import TablesView
from gui.state import initial_state, moment_of
from gui.store import Store
from model.examples import open_problem
from model.moment import number


@pytest.fixture
def weights(qtbot: Any) -> tuple[Store, TablesView, GridView]:
    """A 3-4-2 network's tables, and that of its first weights, with the keyboard."""
    store = Store(initial_state(network("3-4-2")))
    tables = TablesView(store)
    qtbot.addWidget(tables)
    tables.resize(900, 300)
    tables.show()
    view = next(view for view in tables.findChildren(GridView) if view.quantity == "W")
    view.setCurrentIndex(view.model().index(0, 0))
    view.setFocus()
    return store, tables, view


def test_digits_edit_a_cell_and_are_no_commands(weights: Any, qtbot: Any) -> None:
    store, tables, view = weights
    fired: list[str] = []
    for key in ("0", "1", "3", ".", "-", ","):
        QShortcut(QKeySequence(key), tables, partial(fired.append, key))
    column = []
    for text, row in (("0.3", 0), ("0,2", 1), ("-0.1", 2)):
        assert view.currentIndex().row() == row
        for letter in text:
            QTest.keyClicks(view if view.state() != GridView.State.EditingState else view.findChildren(NumberEdit)[-1], letter)
        QTest.keyClick(view.findChildren(NumberEdit)[-1], Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: view.state() != GridView.State.EditingState)
        column.append(number(store.state.run.record(1), view.model().ref_at(view.model().index(row, 0))))
    assert (column, fired) == ([0.3, 0.2, -0.1], [])
    store.dispatch(actions.next_update)
    tables.refresh()
    QTest.keyClicks(view, "4")
    assert (fired, view.state()) == ([], GridView.State.NoState)
    assert "Only initial weights" in tables._refusal.text()


@pytest.mark.parametrize("typing", [False, True])
def test_escape_takes_a_refusal_away(weights: Any, qtbot: Any, *, typing: bool) -> None:
    _store, tables, view = weights
    qtbot.waitUntil(view.hasFocus)
    QTest.keyClicks(view, "0")
    QTest.keyClicks(view.findChildren(NumberEdit)[-1], ".5x")
    QTest.keyClick(view.findChildren(NumberEdit)[-1], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.state() != GridView.State.EditingState)
    assert "“0.5x” is not a number" in tables._refusal.text()
    if typing:
        QTest.keyClicks(view, "1")
    QTest.keyClick(view.findChildren(NumberEdit)[-1] if typing else view, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: tables._refusal.text() == "", timeout=1000)


def test_a_tip_covers_no_number_and_is_gone_with_what_it_tells(weights: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _store, tables, view = weights
    shown: list[tuple[str, int]] = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, *rest: shown.append((text, place.y() + 16 + 14 * (text.count("\n") + 1))))
    monkeypatch.setattr(QToolTip, "hideText", lambda: shown.append(("", 0)))
    qtbot.waitUntil(view.hasFocus)
    QTest.keyClick(view, Qt.Key.Key_Down)
    text, bottom = shown[-1]
    assert "= " in text
    assert bottom < view.mapToGlobal(QPoint(0, 0)).y()
    tables.refresh()
    assert len(shown) == 1  # pointing at the cell is no change
    QTest.keyClicks(view, "9")
    QTest.keyClick(view.findChildren(NumberEdit)[-1], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.state() != GridView.State.EditingState)
    tables.refresh()
    assert view.currentIndex().row() == 2
    assert shown[1:] == [("", 0)]  # the tip is taken away, and none covers the column that is being typed


def test_a_block_from_a_spreadsheet_is_one_change_and_comes_back_by_copying(weights: Any) -> None:
    store, tables, view = weights
    before, clipboard = store.state.problem, QApplication.clipboard()
    keys = QKeySequence.StandardKey
    block = [[i + j / 4 for j in range(view.model().columnCount())] for i in range(view.model().rowCount())]
    clipboard.setText("\n".join("\t".join(map(str, row)) for row in block))
    view.setCurrentIndex(view.model().index(2, 1))  # a block as large as the table sets all of it
    QTest.keySequence(view, keys.Paste)
    assert store.undo_stack.count() == 1
    assert [[store.moment.value(view.model().grid.ref(i, j)) for j in range(len(row))] for i, row in enumerate(block)] == block
    clipboard.clear()
    view.selectAll()
    QTest.keySequence(view, keys.Copy)
    assert [[float(cell) for cell in line.split("\t")] for line in clipboard.text().split("\n")] == block
    clipboard.setText("1\t2\n3\t4\n5\t6")
    QTest.keySequence(view, keys.Paste)
    view.setCurrentIndex(view.model().index(3, 0))
    room = r"has 2 × 2 numbers.*allowed: from the chosen cell on, 1 × \d"
    for text, said in (("1\t2\n3\t4", room), ("a\tb", "In what was pasted"), ("", "nothing")):
        clipboard.setText(text)
        QTest.keySequence(view, keys.Paste)
        assert re.search(said, tables._refusal.text())
    while store.undo_stack.canUndo():
        store.undo_stack.undo()
    assert store.state.problem is before


def test_biases_are_pasted_from_a_row_or_a_column_and_a_shared_one_once(weights: Any) -> None:
    store, _, _ = weights
    store.dispatch(actions.set_notation, "jacob")
    grid = next(grid for grid in layer_grids(store.moment, 1) if grid.quantity == "b")
    assert pasted(grid, 0, 0, "1\t2\t3\t4") == pasted(grid, 2, 0, "1\n2\n3\n4")
    shared = set_convention(store.state, bias_sharing="per_layer")
    with pytest.raises(Refusal, match="One bias serves"):
        edit_numbers(shared, pasted(grid, 0, 0, "1\t2\t3\t4"))
    assert edit_numbers(shared, pasted(grid, 0, 0, "7")).problem.biases[0].tolist() == [7.0] * 4


def test_samples_of_a_batch_are_pasted_where_they_stand_in_the_data(qapp: Any) -> None:
    state = initial_state(replace(open_problem("xor"), batch_size=2, shuffle_seed=3))
    grid = next(grid for grid in data_grids(moment_of(state)) if grid.quantity == "y")
    rows = state.run.record(1).samples
    there = edit_numbers(state, pasted(grid, 0, 0, "5\n6"))
    assert there.problem.y[list(rows), 0].tolist() == [5.0, 6.0]
    assert (there.problem.y[[i for i in range(4) if i not in rows]] == state.problem.y[[i for i in range(4) if i not in rows]]).all()
