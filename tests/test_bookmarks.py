"""Bookmarks: set, noted, gone to in any notation, listed, shown on the timeline."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QLineEdit, QPushButton

from gui import actions
from gui.actions import Refusal
from gui.main_window import MainWindow
from gui.panes.bookmarks_view import BookmarksView
from gui.session.actions import add_bookmark, bookmark_here, go_to_bookmark, mark_after, remove_bookmark, set_note, tick_of
from gui.session.bookmark_dialog import BookmarkDialog
from gui.state import AppState, initial_state, moment_of
from gui.store import Store
from gui.timeline_bar import TimelineBar
from model.examples import open_problem


def walked(name: str = "dyda-sigmoid", steps: int = 3) -> AppState:
    state = initial_state(open_problem(name), name)
    for _ in range(steps):
        state = actions.step(state)
    return state


def test_a_mark_is_set_changed_and_taken_away() -> None:
    state = add_bookmark(walked(), "one")
    assert [mark.note for mark in state.bookmarks] == ["one"]
    state = add_bookmark(state, "other\n words  here")
    assert [mark.note for mark in state.bookmarks] == ["other words here"]
    state = set_note(state, state.bookmarks[0], "x" * 999)
    assert len(state.bookmarks[0].note) == 200
    assert remove_bookmark(state, state.bookmarks[0]).bookmarks == ()


def test_marks_are_in_the_order_of_the_run_and_next_goes_round() -> None:
    state = walked(steps=5)
    for tick in (9, 2):
        state = add_bookmark(actions.seek(state, 1, tick), f"at {tick}")
    state = actions.end_of_update(actions.end_of_update(state))
    state = add_bookmark(state, "second")
    assert [(mark.step, mark.tick) for mark in state.bookmarks][:2] == [(1, 2), (1, 9)]
    seen = []
    for _ in range(4):
        state = go_to_bookmark(state, mark_after(state))
        seen.append((state.step, state.tick))
    assert seen[:3] == [(mark.step, mark.tick) for mark in state.bookmarks]
    assert seen[3] == seen[0]


def test_a_mark_shows_the_same_quantity_in_another_notation() -> None:
    state = walked(steps=7)
    stage = moment_of(state).stage
    assert stage is not None
    marked = add_bookmark(state, "here")
    other = actions.first(actions.set_notation(marked, "biswas"))
    there = go_to_bookmark(other, other.bookmarks[0])
    shown = moment_of(there).stage
    assert shown is not None
    assert (shown.quantity, shown.layer) == (stage.quantity, stage.layer)
    assert bookmark_here(there) is other.bookmarks[0]
    back = actions.set_notation(other, "dyda")
    assert tick_of(back, back.bookmarks[0]) == state.tick


def test_a_mark_beyond_the_run_says_what_to_do() -> None:
    state = walked()
    for _ in range(4):
        state = actions.end_of_update(state)
    marked = add_bookmark(state, "late")
    fresh = actions.reset(marked)
    with pytest.raises(Refusal, match=f"train on to reach update {state.step}"):
        go_to_bookmark(fresh, fresh.bookmarks[0])
    with pytest.raises(Refusal, match="no bookmark"):
        mark_after(fresh)


def test_the_dialog_marks_changes_and_removes(qtbot: Any) -> None:
    store = Store(walked())
    for text, expected in (("first", ["first"]), ("second", ["second"])):
        dialog = BookmarkDialog(store)
        qtbot.addWidget(dialog)
        note = dialog.findChild(QLineEdit)
        note.selectAll()
        QTest.keyClicks(note, text)
        dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()
        assert [mark.note for mark in store.state.bookmarks] == expected
    dialog = BookmarkDialog(store)
    qtbot.addWidget(dialog)
    next(button for button in dialog.findChildren(QPushButton) if button.text() == "Remove").click()
    assert store.state.bookmarks == ()
    dialog = BookmarkDialog(store)
    qtbot.addWidget(dialog)
    dialog.accept()
    assert store.state.bookmarks[0].note == store.explanation.caption  # without a note it says where it is


def test_the_list_goes_there_edits_and_removes(qtbot: Any) -> None:
    state = add_bookmark(walked(steps=5), "five")
    store = Store(add_bookmark(actions.back(actions.back(state)), "three"))
    view = BookmarksView(store)
    qtbot.addWidget(view)
    view.resize(600, 240)
    view.show()
    qtbot.waitExposed(view)
    rows = [[view._model.index(r, c).data() for c in range(3)] for r in range(view._model.rowCount())]
    assert [row[2] for row in rows] == ["three", "five"]
    assert rows[1][1] == moment_of(state).stage.address  # type: ignore[union-attr]
    view._table.selectRow(1)
    view._go.click()
    assert store.state.tick == state.tick
    assert view._model.setData(view._model.index(1, 2), "changed")
    assert store.state.bookmarks[1].note == "changed"
    qtbot.waitUntil(lambda: view._model.marks is store.state.bookmarks)
    view._table.selectRow(0)
    view._remove.click()
    qtbot.waitUntil(lambda: view._model.rowCount() == 1)
    assert view._table.isVisible()
    store.dispatch(remove_bookmark, store.state.bookmarks[0])
    qtbot.waitUntil(lambda: not view._table.isVisible())  # a head without rows says nothing
    assert "Ctrl+B" in view._hint.text()


def test_the_timeline_shows_marks_where_they_are(qtbot: Any) -> None:
    state = actions.end_of_update(actions.end_of_update(add_bookmark(walked(), "a")))
    store = Store(state)
    bar = TimelineBar(store)
    qtbot.addWidget(bar)
    bar.resize(900, 90)
    bar.show()
    qtbot.waitExposed(bar)
    before = bar.grab().toImage()
    store.dispatch(add_bookmark, "b")
    after = bar.grab().toImage()
    assert before != after
    walk = store.moment.walk
    places = [bar._chips.place_of(tick) for tick in walk.ends]
    assert places == sorted(places)
    assert places[-1] <= bar._chips.width()
    assert bar._slider.place_of(1) < bar._slider.place_of(2)


def test_the_keys_mark_and_go(window: MainWindow, qtbot: Any) -> None:
    QTest.keyClick(window, Qt.Key.Key_Right)
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(window.findChildren(BookmarkDialog)))
    window.findChildren(BookmarkDialog)[0].accept()
    tick = window.store.state.tick
    QTest.keyClick(window, Qt.Key.Key_Right)
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert window.store.state.tick == tick
    assert not window.store.state.dirty  # bookmarks are no part of the experiment
