"""The table of samples and the import, with a real store and no window: keys, clipboard, undo, and refusals shown in place."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog, QMainWindow, QTableView, QToolButton

from gui.actions import set_notation
from gui.data import edits as data_edits
from gui.data.actions import DataActions, is_table
from gui.data.editor import DataEditor
from gui.data.edits import Batches, take_dataset
from gui.data.import_dialog import ImportDialog
from gui.settings import Settings
from gui.state import initial_state
from gui.store import Store
from gui.training.run_actions import RunActions
from model.data.batches import data
from model.evaluation import Split
from model.examples import open_problem

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def store(qapp: Any) -> Store:
    return Store(initial_state(open_problem("xor"), "xor"))


@pytest.fixture
def editor(qtbot: Any, store: Store) -> DataEditor:
    dialog = DataEditor(store)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    return dialog


def rows(store: Store) -> list[list[float]]:
    return np.column_stack(data(store.state.problem)).tolist()


def table(editor: DataEditor) -> QTableView:
    return editor.findChildren(QTableView)[0]


def choose(editor: DataEditor, top: int, left: int, bottom: int, right: int) -> None:
    view = table(editor)
    view.setCurrentIndex(view.model().index(top, left))
    block = QItemSelection(view.model().index(top, left), view.model().index(bottom, right))
    view.selectionModel().select(block, QItemSelectionModel.SelectionFlag.ClearAndSelect)


def press(editor: DataEditor, name: str) -> None:
    button = next(b for b in editor.findChildren(QToolButton) if b.accessibleName() == f"{name} samples")
    assert button.isEnabled()
    button.click()


def test_a_typed_number_is_one_undoable_change(store: Store, editor: DataEditor) -> None:
    model = table(editor).model()
    assert model.setData(model.index(1, 2), "0,25", Qt.ItemDataRole.EditRole)
    assert rows(store)[1] == [0, 1, 0.25]
    assert store.undo_stack.count() == 1
    press(editor, "undo")
    assert rows(store)[1] == [0, 1, 1]
    press(editor, "redo")
    assert rows(store)[1] == [0, 1, 0.25]


def test_what_is_no_number_is_refused_below_the_table_and_the_next_change_takes_it_away(store: Store, editor: DataEditor) -> None:
    model = table(editor).model()
    model.setData(model.index(0, 0), "abc", Qt.ItemDataRole.EditRole)
    assert "“abc” is not a number" in editor._refusal.text()
    assert editor._refusal.isVisible()
    assert store.undo_stack.count() == 0
    model.setData(model.index(0, 0), "2", Qt.ItemDataRole.EditRole)
    assert not editor._refusal.isVisible()


def test_rows_are_added_deleted_and_moved_by_buttons(store: Store, editor: DataEditor) -> None:
    choose(editor, 1, 0, 1, 0)
    press(editor, "add")
    assert rows(store)[2] == [0, 0, 0]
    assert len(rows(store)) == 5
    press(editor, "delete")
    assert rows(store) == [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]
    choose(editor, 3, 0, 3, 2)
    press(editor, "up")
    press(editor, "up")
    assert rows(store)[1] == [1, 1, 0]
    assert table(editor).currentIndex().row() == 1
    press(editor, "down")
    assert rows(store)[2] == [1, 1, 0]


def test_what_cannot_be_done_is_not_offered(store: Store, editor: DataEditor) -> None:
    choose(editor, 0, 0, 3, 2)
    enabled = {b.accessibleName().split()[0] for b in editor.findChildren(QToolButton) if b.isEnabled() and "samples" in b.accessibleName()}
    assert enabled == {"add", "copy", "paste"}


def test_a_block_from_a_spreadsheet_is_pasted_and_adds_rows(store: Store, editor: DataEditor) -> None:
    choose(editor, 3, 0, 3, 0)
    QGuiApplication.clipboard().setText("0,5\t1\t0\r\n−1\t2,5\t1\r\n")
    press(editor, "paste")
    assert rows(store)[3:] == [[0.5, 1, 0], [-1, 2.5, 1]]
    press(editor, "undo")
    assert len(rows(store)) == 4


@pytest.mark.parametrize(("text", "sentence"), [("a\tb", "row 1, col"), ("", "nothing to paste"), ("1\t2\t3\t4", "4 columns do not fit")])
def test_what_cannot_be_pasted_is_refused_in_place(store: Store, editor: DataEditor, text: str, sentence: str) -> None:
    QGuiApplication.clipboard().setText(text)
    press(editor, "paste")
    assert sentence in editor._refusal.text()
    assert store.undo_stack.count() == 0


def test_what_is_copied_can_be_pasted(store: Store, editor: DataEditor) -> None:
    before = rows(store)
    choose(editor, 0, 0, 3, 2)
    press(editor, "copy")
    assert QGuiApplication.clipboard().text() == "0\t0\t0\n0\t1\t1\n1\t0\t1\n1\t1\t0"
    press(editor, "paste")
    assert rows(store) == before


def test_keys_work(store: Store, editor: DataEditor, qtbot: Any) -> None:
    qtbot.waitUntil(lambda: editor.isActiveWindow())
    view = table(editor)
    choose(editor, 0, 0, 0, 0)
    QTest.keyClick(view, Qt.Key.Key_Insert)
    assert len(rows(store)) == 5
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert len(rows(store)) == 4
    QTest.keyClick(view, Qt.Key.Key_Z, CONTROL)
    assert len(rows(store)) == 5
    choose(editor, 0, 0, 0, 0)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert view.state() == QTableView.State.EditingState
    assert editor.isVisible()


def test_a_built_in_set_is_shown_as_what_it_is(store: Store, editor: DataEditor) -> None:
    store.edit("set", take_dataset, {"name": "moons", "samples": 30}, 1, Batches(), Split(0.5, 1))
    assert table(editor).model().rowCount() == 30
    assert "“moons”" in editor._summary.text()
    assert "15 held out" in editor._summary.text()
    model = table(editor).model()
    model.setData(model.index(0, 0), "9", Qt.ItemDataRole.EditRole)
    assert store.state.problem.dataset is None
    assert "“moons”" not in editor._summary.text()


def test_a_few_columns_have_room_for_whole_numbers(store: Store, editor: DataEditor) -> None:
    header = editor._table.horizontalHeader()
    assert header.sectionSize(0) >= editor.fontMetrics().horizontalAdvance("−0.12345678901234567")
    store.edit("data", take_dataset, {"name": "digits", "samples": 20}, 10, Batches(), Split())
    editor.resize(editor.width() + 10, editor.height())
    assert header.sectionSize(0) < 90


def test_a_head_stands_over_all_samples_and_a_cell_for_its_own(store: Store, editor: DataEditor) -> None:
    model = table(editor).model()
    assert model.headerData(1, Qt.Orientation.Horizontal) == "x₂"
    store.dispatch(set_notation, "theta")
    assert [model.headerData(i, Qt.Orientation.Horizontal) for i in (0, 1, 2)] == ["X₁,ₘ", "X₂,ₘ", "L₁,ₘ"]
    assert model.data(model.index(2, 1), Qt.ItemDataRole.AccessibleTextRole).startswith("X₂,₃ of sample 3")


def test_everything_has_a_name_and_a_tooltip(editor: DataEditor) -> None:
    for button in editor.findChildren(QToolButton):
        if button.isVisible() and button.accessibleName():
            assert "(" in button.toolTip()
    model = table(editor).model()
    assert model.data(model.index(1, 2), Qt.ItemDataRole.AccessibleTextRole).endswith("of sample 2: 1")


# -- import ------------------------------------------------------------------------------------------------------------------------


def opened(qtbot: Any, store: Store, path: Path) -> ImportDialog:
    dialog = ImportDialog(store, str(path))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_a_table_is_looked_at_and_taken(qtbot: Any, store: Store, tmp_path: Path) -> None:
    (tmp_path / "flowers.csv").write_text("a;b;species\n0,5;1;x\n1,5;2;y\n2,5;3;z\n", encoding="utf-8")
    dialog = opened(qtbot, store, tmp_path / "flowers.csv")
    assert (dialog._separator.currentData(), dialog._decimal.currentData(), dialog._header.isChecked()) == (";", ",", True)
    assert "2-3-3 (now 2-3-1)" in dialog._verdict.text()
    assert dialog._preview.item(1, 0).text() == "0,5"
    dialog._ok.click()
    problem = store.state.problem
    assert problem.x is not None
    assert problem.y is not None
    assert problem.x.tolist() == [[0.5, 1], [1.5, 2], [2.5, 3]]
    assert problem.y.tolist() == np.eye(3).tolist()
    assert problem.layers == (2, 3, 3)
    assert problem.title == "flowers"
    store.undo_stack.undo()
    assert store.state.problem.layers == (2, 3, 1)


def test_a_cell_in_the_way_is_named_until_its_column_is_left_out(qtbot: Any, store: Store, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("1,2,3\n4,x,6\n", encoding="utf-8")
    dialog = opened(qtbot, store, tmp_path / "t.csv")
    role = dialog._preview.cellWidget(0, 1)
    assert isinstance(role, QComboBox)
    role.setCurrentIndex(role.findData("input"))
    role.activated.emit(role.currentIndex())
    assert "Row 2, column 2" in dialog._verdict.text()
    assert not dialog._ok.isEnabled()
    role.setCurrentIndex(role.findData("left out"))
    role.activated.emit(role.currentIndex())
    assert dialog._ok.isEnabled()
    assert "2 samples with 1 input and 1 target" in dialog._verdict.text()
    (tmp_path / "one.csv").write_text("1,2,3\n", encoding="utf-8")
    assert "1 sample with 2 inputs and 1 target" in opened(qtbot, store, tmp_path / "one.csv")._verdict.text()


def test_an_empty_cell_is_pointed_at_too(qtbot: Any, store: Store, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,y\n1,2,0\n3,,1\n", encoding="utf-8")
    dialog = opened(qtbot, store, tmp_path / "t.csv")
    assert "Row 3, column 2 (b) is empty" in dialog._verdict.text()
    assert dialog._preview.item(2, 1).text() == "(empty)"


def test_a_column_with_one_word_in_it_is_not_left_out_in_silence(qtbot: Any, store: Store, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,y\n1,2,0\n3,oops,1\n5,6,0\n", encoding="utf-8")
    dialog = opened(qtbot, store, tmp_path / "t.csv")
    assert "Row 3, column 2" in dialog._verdict.text()
    (tmp_path / "words.csv").write_text("who,b,y\nAnn,2,0\nBob,3,1\n", encoding="utf-8")
    assert "Left out: “who”" in opened(qtbot, store, tmp_path / "words.csv")._verdict.text()


def test_inputs_are_standardised_on_request_and_the_title_says_so(qtbot: Any, store: Store, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("1,10,0\n3,30,1\n", encoding="utf-8")
    dialog = opened(qtbot, store, tmp_path / "t.csv")
    assert "taken as they are" in dialog._verdict.text()
    dialog._standardise.click()
    assert "inputs standardised" in dialog._verdict.text()
    dialog._ok.click()
    problem = store.state.problem
    assert problem.x is not None
    assert problem.x.tolist() == [[-1, -1], [1, 1]]
    assert problem.title == "t, inputs standardised"


def test_the_way_a_table_is_written_can_be_overruled(qtbot: Any, store: Store, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("1,5;2\n2,5;3\n", encoding="utf-8")
    dialog = opened(qtbot, store, tmp_path / "t.csv")
    dialog._decimal.show_value(".")
    dialog._decimal.chosen.emit(".")
    assert "choose the decimal comma" in dialog._verdict.text()
    dialog._separator.show_value(",")
    dialog._separator.chosen.emit(",")
    assert dialog._preview.columnCount() == 2
    assert "“5;2”" in dialog._verdict.text()


def test_arrays_are_looked_at_and_taken_with_classes(qtbot: Any, store: Store, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.arange(6.0).reshape(3, 2), y=np.array([0, 2, 1]))
    dialog = opened(qtbot, store, tmp_path / "d.npz")
    dialog._classes.click()
    assert "Classes, one output each: “0”, “1”, “2”" in dialog._verdict.text()
    dialog._ok.click()
    assert rows(store)[1] == [2, 3, 0, 0, 1]


@pytest.mark.parametrize(("name", "content", "sentence"), [
    ("a.csv", b"", "no row of numbers"), ("b.csv", b"1,2\n3\n", "Row 2 has 1 cell"), ("c.csv", b"\0\1", "not a text file"),
    ("d.npz", b"no zip", "no .npz file"), ("e.csv", b"1\n2\n", "No column is a target"),
])  # fmt: skip
def test_files_that_cannot_be_taken_say_why_in_the_dialog(
    qtbot: Any, store: Store, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    dialog = opened(qtbot, store, tmp_path / name)
    assert sentence in dialog._verdict.text()
    assert not dialog._ok.isEnabled()


# -- what opens them ---------------------------------------------------------------------------------------------------------------


def test_a_dialog_is_opened_once_and_forgotten_when_it_is_closed(qtbot: Any, store: Store, tmp_path: Path) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    actions, runs = DataActions(store, Settings(str(tmp_path / "s.ini")), window), RunActions(store, window)
    (tmp_path / "t.csv").write_text("1,2\n3,4\n", encoding="utf-8")
    for _ in range(2):
        actions.choose()
        actions.edit()
        runs.train_options()
        actions.import_path(str(tmp_path / "t.csv"))
    dialogs = window.findChildren(QDialog)
    assert sorted(type(dialog).__name__ for dialog in dialogs) == ["DataEditor", "DatasetChooser", "ImportDialog", "TrainOptions"]
    known = [weakref.ref(dialog) for dialog in dialogs]
    for dialog in dialogs:
        dialog.reject()
    del dialog, dialogs
    qtbot.waitUntil(lambda: not window.findChildren(QDialog))
    gc.collect()
    assert [ref() for ref in known] == [None] * 4
    store.edit("after they are gone", data_edits.insert_row, 0)


@pytest.mark.parametrize(("name", "table"), [("a.csv", True), ("b.NPZ", True), ("c.tsv", True), ("d.json", False), ("e", False)])
def test_tables_are_told_from_experiments_by_their_names(name: str, table: bool) -> None:
    assert is_table(name) is table
