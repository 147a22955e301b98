"""The blackboard in the whole window: enough room at every size, and the result of the step in sight."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_helpers import opened

from gui import actions
from gui.board.follower import BoardFollower
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.state import initial_state
from gui.store import Store
from model.examples import open_problem
from model.stages import Ref


def resized(window: MainWindow, width: int, height: int) -> None:
    window.resize(width, height)
    for _ in range(3):
        QApplication.processEvents()


def shown_at(window: MainWindow, address: str) -> None:
    """Go to a step and wait for its symbols."""
    window.store.dispatch(actions.seek_address, address)
    for _ in range(100):
        QTest.qWait(10)
        if not any(slot.page.pending for slot in window.board._seen()):
            return
    raise AssertionError("symbols are still missing")


def test_of_a_run_that_goes_on_the_board_shows_some_moments_and_the_last(qtbot: Any) -> None:
    store, shown = Store(initial_state(open_problem("xor"))), []
    board: Any = SimpleNamespace(set_content=lambda *content: shown.append(store.state.step), setUpdatesEnabled=bool)
    follower = BoardFollower(store, board, store)
    store.changed.connect(follower.follow)
    for length in (5, 6, 7):
        store.dispatch(actions.extend, length, 100)
    assert shown == []
    qtbot.waitUntil(lambda: shown == [7])
    store.dispatch(actions.extend, 9, 100)
    store.dispatch(actions.stop_training)
    qtbot.waitUntil(lambda: not store.turns.busy)
    assert shown == [7, 9]
    store.dispatch(actions.step)
    assert shown == [7, 9, 9]


def test_a_narrower_window_than_the_remembered_one_has_a_board_in_which_formulas_fit(qtbot: Any, settings: Settings) -> None:
    with opened(qtbot, settings) as window:
        resized(window, 1600, 1000)
        window.upper.setSizes([1200, 96])
    with opened(qtbot, Settings(str(settings.path))) as window:
        resized(window, 1024, 700)
        assert window.board.width() >= 300


@pytest.mark.parametrize(("projector", "width", "height"), [(False, 1024, 700), (True, 1024, 700), (True, 1600, 1000)])
def test_result_and_rule_of_an_update_are_in_sight(window: MainWindow, projector: bool, width: int, height: int) -> None:
    if projector:
        window.store.dispatch(actions.toggle_projector)
    resized(window, width, height)
    shown_at(window, "W_new:2")
    view = window.board.viewport().rect()
    for ref in (Ref("W_new", 2), Ref("W_new", 2, 1, 1), Ref("b_new", 2, 0)):
        found = window.board.rectangle_of(ref)
        assert found is not None
        assert view.contains(found.toAlignedRect()), ref
    assert not window.board.horizontalScrollBar().maximum()


def test_where_a_number_comes_from_leaves_the_type_as_it_is_in_a_small_window(window: MainWindow) -> None:
    resized(window, 1024, 700)
    shown_at(window, "W_new:2")
    before = window.board._seen()[0].page
    window.store.dispatch(actions.ask, Ref("W_new", 2, 0, 0))
    resized(window, 1024, 700)
    assert window.links.origin.isVisible()
    assert [piece.box.ink for piece in window.board._seen()[0].page.pieces] == [piece.box.ink for piece in before.pieces]
    found = window.board.rectangle_of(Ref("W_new", 2, 1, 1))
    assert found is not None
    assert window.board.viewport().rect().contains(found.toAlignedRect())


def test_where_a_number_comes_from_leaves_the_result_in_sight(window: MainWindow) -> None:
    resized(window, 1600, 1000)
    window.store.dispatch(actions.ask, Ref("W_new", 2, 0, 0))
    shown_at(window, "W_new:2")
    assert window.links.origin.isVisible()
    found = window.board.rectangle_of(Ref("W_new", 2, 1, 1))
    assert found is not None
    assert window.board.viewport().rect().contains(found.toAlignedRect())
