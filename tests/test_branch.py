"""A run that branches off: it goes on exactly as the old one until something is changed, and says what it could not take along."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gui import actions, edits
from gui.data.edits import set_schedule
from gui.session.actions import branch
from gui.state import AppState, initial_state
from gui.store import Store
from model.evaluation import Split
from model.examples import open_problem
from model.problem import Init, Optimizer, Problem
from model.training.schedules import Schedule

MOONS = Problem(
    (2, 3, 1), ("tanh", "sigmoid"), "binary_cross_entropy", init=Init("xavier_uniform", 2), learning_rate=0.05,
    dataset={"name": "moons", "samples": 40, "noise": 0.2}, batch_size=7, shuffle_seed=3, optimizer=Optimizer("adam"),
)  # fmt: skip


def walked(problem: Problem, length: int, **settings: object) -> AppState:
    state = edits.set_problem(initial_state(problem), problem, **settings)  # type: ignore[arg-type]
    state.run.record(length)
    return replace(state, run_length=length)


@pytest.mark.parametrize("optimizer", ["sgd", "sgd_momentum", "rmsprop", "adam", "adamw"])
@pytest.mark.parametrize("end", [False, True])
def test_a_branch_in_which_nothing_is_changed_repeats_the_old_run_to_the_last_bit(optimizer: str, end: bool) -> None:
    problem = replace(MOONS, optimizer=Optimizer(optimizer))
    state = walked(problem, 60, split=Split(0.2, 1), schedule=Schedule("cosine", over=50, lowest=0.1))
    state = actions.seek(state, 23, 10**6 if end else 0)
    there = branch(state)
    first = 24 if end else 23
    there.run.record(60 - first + 1)
    assert there.run.losses.tobytes() == state.run.losses[first - 1 :].tobytes()
    assert there.run.rates.tobytes() == state.run.rates[first - 1 :].tobytes()
    for t in (1, 9, 30):
        mine, theirs = there.run.record(t), state.run.record(t + first - 1)
        assert mine.samples == theirs.samples
        assert mine.new_params is not None
        assert theirs.new_params is not None
        assert mine.new_params.theta.tobytes() == theirs.new_params.theta.tobytes()


def test_a_branch_of_a_branch_goes_on_too() -> None:
    state = walked(MOONS, 60)
    once = branch(actions.seek(state, 11, 0))
    twice = branch(actions.end_of_update(replace(once, step=20, run_length=20)))
    assert twice.run.offset == 30
    twice.run.record(30)
    assert twice.run.losses.tobytes() == state.run.losses[30:].tobytes()


def test_a_learning_rate_changed_on_the_way_is_the_one_of_the_branch() -> None:
    state = walked(MOONS, 20)
    state.run.retune(0.2)
    state.run.record(50)
    there = branch(actions.seek(replace(state, run_length=50), 31, 0))
    there.run.record(20)
    assert there.problem.learning_rate == 0.2
    assert there.run.losses.tobytes() == state.run.losses[30:].tobytes()


def test_what_is_changed_in_a_branch_starts_from_the_moment() -> None:
    state = branch(actions.seek(walked(MOONS, 40), 30, 0))
    begun = state.run.begun
    changed = edits.set_learning_rate(state, 0.5)
    assert (changed.run.begun, changed.run.offset, changed.notice) == (begun, 29, "")
    assert changed.run.record(1).state is not None
    assert changed.run.record(1).state.t == 29
    assert edits.set_optimizer(state, "adam", beta1=0.5).run.begun is begun
    assert set_schedule(state, Schedule("step", every=5)).run.scheduled == 0
    assert actions.reset(changed).run.begun is begun


def test_another_optimiser_starts_with_a_state_of_its_own_and_that_is_said() -> None:
    state = branch(actions.seek(walked(MOONS, 40), 30, 0))
    changed = edits.set_optimizer(state, "rmsprop")
    assert changed.run.begun is None
    assert changed.run.record(1).state.t == 0
    assert changed.run.offset == 29
    assert "begins anew" in changed.notice
    assert edits.set_optimizer(walked(MOONS, 5), "rmsprop").notice == ""  # nothing had been taken along
    plain = branch(actions.seek(walked(replace(MOONS, optimizer=Optimizer("sgd")), 40), 30, 0))
    assert edits.set_optimizer(plain, "adam").notice == ""


@pytest.mark.usefixtures("qapp")
def test_the_old_run_comes_back_with_undo() -> None:
    store = Store(initial_state(open_problem("xor")))
    store.dispatch(actions.end_of_update)
    old = store.state.run
    assert store.edit("branch", branch) == ""
    store.undo_stack.undo()
    assert store.state.run is old


def test_a_run_that_repeats_an_earlier_one_takes_its_place() -> None:
    """Also where its experiment was come to in another way, or is called something else."""

    def trained(state: AppState, updates: int) -> AppState:
        state.run.record(updates)
        state.run.trained_to = updates
        return replace(state, run_length=updates)

    store = Store(initial_state(MOONS))
    store.dispatch(trained, 20)
    store.edit("name", edits.set_convention, title="Moons")
    assert store.state.kept == ()
    store.dispatch(trained, 20)
    store.edit("l2", edits.set_convention, l2=0.5)
    store.dispatch(trained, 20)
    store.edit("l2", edits.set_convention, l2=0.0)
    assert [one.problem.l2 for one in store.state.kept] == [0.5]
    store.dispatch(trained, 20)
    store.state.run.retune(0.125)
    store.dispatch(trained, 30)
    store.dispatch(actions.reset)
    assert [(one.problem.l2, one.rates) for one in store.state.kept] == [(0.5, ()), (0.0, ((21, 0.125),))]
    store.dispatch(trained, 10)
    store.edit("order", edits.set_convention, shuffle_seed=4)
    assert [one.length for one in store.state.kept] == [20, 30, 10]
