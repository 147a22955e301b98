"""What undo brings back: the run as it was, however much memory the runs of all edits would take."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import Any

import pytest
from session_helpers import MOONS, train_on

from gui import actions, edits
from gui.commands import AGAIN
from gui.session import refining
from gui.session.actions import branch
from gui.session.refining import Refining
from gui.session.run_memory import RunMemory
from gui.state import initial_state
from gui.store import Store
from model.examples import open_problem
from model.problem import Optimizer
from model.run import Run

pytestmark = pytest.mark.usefixtures("qapp")


def edited(budget: int, updates: int = 300) -> tuple[Store, list[dict[int, bytes]], list[bytes]]:
    """A store with six trained experiments in a row; the parameters at a few updates, and the losses, of each."""
    store = Store(initial_state(MOONS))
    store.runs = RunMemory(budget)
    moments, losses = [], []
    for number in range(6):
        store.edit("rate", edits.set_learning_rate, 0.05 + 0.01 * number)
        store.dispatch(train_on, updates)
        run = store.state.run
        run.retune(0.3)
        store.dispatch(train_on, 40)
        moments.append({t: run.parameters(t).theta.tobytes() for t in (1, 70, 129, 310, 341)})
        losses.append(run.losses[:341].tobytes())
        store.dispatch(actions.seek, 1, 0)  # or the next run would begin with as many updates
    return store, moments, losses


@pytest.mark.parametrize("budget", [10**9, 330_000])
def test_every_run_comes_back_to_the_last_bit(budget: int) -> None:
    store, moments, losses = edited(budget)
    gc.collect()
    for number in reversed(range(5)):
        store.undo_stack.undo()
        state = store.state
        assert state.run_length == 341
        assert state.run.losses[:341].tobytes() == losses[number]
        assert state.run.retunes == {302: 0.3}
        for t, theta in moments[number].items():
            assert state.run.parameters(t).theta.tobytes() == theta
    store.undo_stack.redo()
    assert store.state.problem.learning_rate == pytest.approx(0.06)


def test_memory_stays_within_its_budget() -> None:
    store, _, _ = edited(10**9)
    whole = store.runs.nbytes
    store, _, _ = edited(330_000)
    beside_the_present = store.runs.nbytes - store.state.run.footprint
    assert beside_the_present <= 330_000 < whole / 2
    assert sum(held._run is not None for held in store.runs._held) <= 3


def test_what_was_forgotten_is_asked_of_the_training_thread() -> None:
    store, moments, losses = edited(1)
    for _ in range(3):
        store.undo_stack.undo()
    state = store.state
    assert (state.run_length, state.step, state.training, state.notice) == (1, 1, 340, AGAIN)
    again = train_on(state, 340)
    assert again.run.losses.tobytes() == losses[2]
    assert {t: again.run.parameters(t).theta.tobytes() for t in moments[2]} == moments[2]


def test_a_branch_is_kept_with_what_it_has_brought_along() -> None:
    store, _, _ = edited(1, 50)
    store.dispatch(actions.seek, 30, 0)
    store.edit("branch", branch)
    store.dispatch(train_on, 50)
    wanted = store.state.run.losses.tobytes()
    for rate in (0.1, 0.2, 0.3):
        store.edit("rate", edits.set_learning_rate, rate)
    for _ in range(3):
        store.undo_stack.undo()
    assert store.state.run.offset == 29
    assert train_on(store.state, store.state.training).run.losses.tobytes() == wanted[: 8 * 51]


def test_runs_that_nothing_refers_to_are_let_go_of() -> None:
    store, _, _ = edited(10**9)
    store.undo_stack.clear()
    gc.collect()
    assert len(store.runs._held) == 0


def test_a_run_that_is_brought_back_leaves_the_plot() -> None:
    store, _, _ = edited(330_000)
    gc.collect()
    assert len(store.state.kept) == 5
    store.undo_stack.undo()
    store.undo_stack.undo()
    assert all(not one.is_of(store.state.run) for one in store.state.kept)
    assert len({one.problem for one in store.state.kept}) == len(store.state.kept)


def test_what_an_edit_has_to_say_is_said() -> None:
    store = Store(initial_state(replace(MOONS, optimizer=Optimizer("adam"))))
    store.dispatch(train_on, 40)
    store.edit("branch", branch)
    store.edit("optimiser", edits.set_optimizer, "rmsprop")
    assert store.state.notice == edits.FRESH_STATE
    store.undo_stack.undo()
    assert store.state.notice == ""


def test_a_run_that_was_opened_is_replayed_fast_while_nothing_happens(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(initial_state(open_problem("xor")))
    work = Refining(store, store)
    store.dispatch(actions.step)
    assert work.pause == refining.PAUSE
    monkeypatch.setattr(refining, "IDLE", -1)
    assert work.pause == refining.IDLE_PAUSE
    left, slices = [True, True, False], []
    monkeypatch.setattr(Run, "refine", lambda run, seconds: slices.append(seconds) or left.pop(0))
    store.edit("rate", edits.set_learning_rate, 0.3)
    qtbot.waitUntil(lambda: not left)
    assert slices == [refining.SLICE] * 3
