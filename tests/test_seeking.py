"""Far moments of a run whose states are few: the window shows what is near, goes on, and arrives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from math_helpers import make_problem
from run_helpers import trained

from gui import actions, edits
from gui.session import actions as of_session
from gui.session import seeking as of_seeking
from gui.session.actions import add_bookmark
from gui.session.refining import Refining
from gui.session.seeking import go_to_mark, go_to_next_mark, go_to_update, seeking
from gui.state import initial_state
from gui.store import Store
from gui.timeline_bar import TimelineBar
from model.examples import open_problem
from model.run import Run
from model.stepper import Stepper

N = 1100


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(of_seeking, "AT_ONCE", 0.0)
    problem = open_problem("dyda-sigmoid")
    run = trained(Run(problem, budget=1_000), N)
    assert run.interval >= 128
    return Store(replace(initial_state(problem), run=run, run_length=N, step=N))


def test_dragging_shows_the_nearest_state_and_then_the_update_that_was_chosen(qtbot: Any, store: Store) -> None:
    bar = TimelineBar(store)
    qtbot.addWidget(bar)
    every = store.state.run.interval
    wanted = 1 + every + every // 2 - 3
    bar._slider.setValue(wanted)
    assert store.state.step == 1 + every + 32  # what could be computed at once
    assert (bar._slider.value(), bar._number.value()) == (wanted, wanted)
    assert bar._count.text() == "… 0 %"
    qtbot.waitUntil(lambda: store.state.step == wanted)
    assert bar._count.text() == f"of {N:,}"
    assert store.state.run.distance(wanted) == 0
    bar._slider.setValue(wanted + 1)  # near by now: at once
    assert store.state.step == wanted + 1


def test_what_moves_the_cursor_puts_an_end_to_going_elsewhere(qtbot: Any, store: Store) -> None:
    bar = TimelineBar(store)
    qtbot.addWidget(bar)
    bar._slider.setValue(200)
    assert seeking(store).wanted == 200
    store.dispatch(actions.step)
    here = store.state.step
    assert seeking(store).wanted == 0
    assert bar._slider.value() == here
    qtbot.wait(50)
    assert store.state.step == here


def test_one_can_go_back_from_the_end_of_a_run_that_goes_on(qtbot: Any, store: Store) -> None:
    run = store.state.run
    wanted = N - 1
    while run.distance(wanted) <= N - wanted:  # until something nearer than the end has to be computed
        wanted -= 1
    assert wanted > N - run.interval
    store.dispatch(actions.start_training, 1000)
    go_to_update(store, wanted)
    for length in (N + 1, N + 2):
        run.record(length)
        store.dispatch(actions.extend, length, 900)
    assert seeking(store).wanted == wanted
    qtbot.waitUntil(lambda: store.state.step == wanted)


def test_a_bookmark_far_away_is_arrived_at_and_nothing_else_is_replayed_meanwhile(qtbot: Any, store: Store) -> None:
    store.dispatch(actions.seek, 250, 4)
    store.dispatch(add_bookmark, "there")
    mark = store.state.bookmarks[0]
    store.dispatch(actions.seek, 1, 0)
    refining = Refining(store, store)
    assert go_to_next_mark(store) == ""
    refining._on_timeout()
    assert refining._timer.remainingTime() > 100  # it waits
    qtbot.waitUntil(lambda: (store.state.step, store.state.tick) == (250, 4))
    store.dispatch(actions.reset)
    assert "train on" in go_to_mark(store, mark)


def test_undo_to_a_far_moment_shows_what_is_at_hand_and_arrives(qtbot: Any, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_session, "AT_ONCE", 0.0)
    goer, run, wanted = seeking(store), store.state.run, 220
    store.dispatch(actions.seek, wanted, 3)
    store.edit("rate", edits.set_learning_rate, 0.3)
    for t in range(1, 40):  # as a run is whose states between the checkpoints were given up
        run.record(t)
    store.undo_stack.undo()
    assert store.state.run is run
    assert store.state.step != wanted
    assert run.distance(store.state.step) <= 1
    assert goer.wanted == wanted
    qtbot.waitUntil(lambda: (store.state.step, store.state.tick) == (wanted, 3))
    assert goer.wanted == 0


def test_large_updates_are_computed_one_by_one_between_two_looks_at_the_clock() -> None:
    small, large = make_problem((2, 2), ("sigmoid",), "squared_error"), make_problem((784, 30), ("sigmoid",), "squared_error")
    strides = [Stepper(problem, np.zeros((m, problem.layers[0])), np.zeros((m, problem.layers[1]))).stride
               for problem, m in ((small, 1), (large, 50), (large, 1000))]  # fmt: skip
    assert strides == [32, 3, 1]
