"""A run taken up from its history, and far moments: every bit as it was, found soon, a little at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from math_helpers import make_problem
from run_helpers import long_problem, problems, same, trained

from model.problem import Optimizer, replace
from model.run import Run
from model.stepper import Stepper
from model.training.schedules import Schedule


@given(problems(), st.integers(1, 300), st.integers(0, 3000), st.lists(st.integers(1, 310), min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_a_run_that_is_taken_up_from_its_history_has_every_moment(problem, length, size, places):
    run = Run(problem)
    run.record(length)
    if problem.learning_rate is not None:
        run.retune(0.125)
    wanted = Run(problem, planned=run.plan())
    again = Run(problem, planned=run.plan())
    again.resume(run.history(length, size, min(length + 1, places[0])))
    assert again.trained
    assert again.losses.tobytes() == run.losses[:length].tobytes()
    for t in (*places, length + 1):
        assert same(again.record(t), wanted.record(t))
    wanted.record(again.length)
    assert again.losses.tobytes() == wanted.losses[: again.length].tobytes()
    assert again.rates.tobytes() == wanted.rates[: again.length].tobytes()


def test_learning_rates_of_the_past_come_back_with_a_history():
    run = Run(long_problem(), schedule=Schedule("cosine", over=90), scheduled=5)
    for t, rate in ((1, 0.5), (2, 0.25), (40, 0.125)):
        run.record(t)
        run.retune(rate)
    run.record(100)
    again = Run(run.problem, schedule=run.schedule, scheduled=5, planned=run.plan())
    again.resume(run.history(60))
    assert again.rates.tobytes() == run.rates[:60].tobytes()
    assert (again.retunes, again.plan(), again.learning_rate) == (run.retunes, run.plan(), 0.125)
    assert again.record(77).params.theta.tobytes() == run.record(77).params.theta.tobytes()


def test_a_history_that_does_not_fit_is_refused():
    run = Run(long_problem())
    run.record(200)
    whole = run.history(200)
    for other, history in (
        (Run(long_problem("sgd")), whole),
        (Run(run.problem), replace(whole, interval=8)),
        (Run(run.problem), replace(whole, here=(150, b"too short"))),
        (Run(run.problem), replace(whole, here=(202, whole.checkpoints[0]))),
    ):
        with pytest.raises(ValueError, match="does not fit"):
            other.resume(history)


@pytest.fixture(scope="module")
def run():
    """A run of 3,000 updates of a network whose states are large."""
    return trained(Run(long_problem(layers=(8, 40, 1))), 3000)


@pytest.fixture
def computed(monkeypatch):
    """The updates that are computed, whichever run they belong to."""
    found, step = [], Stepper.step
    monkeypatch.setattr(Stepper, "step", lambda stepper, at, rate: found.append(at) or step(stepper, at, rate))
    return found


def test_a_history_is_small_and_seeking_in_it_soon_fast(run, computed):
    history = run.history(3000, 100_000)
    assert history.nbytes < 100_000 + 8 * 3000
    again = Run(run.problem)
    again.resume(history)
    start = 1 + 9 * again.interval
    again.record(start + 200)
    computed.clear()
    found = again.record(start + 180)
    assert len(computed) <= max(again.interval // 32, 4)
    assert same(found, run.record(start + 180))


def test_a_run_that_was_taken_up_and_replayed_seeks_fast_anywhere(run, computed):
    again = Run(run.problem)
    again.resume(run.history(3000, 100_000))
    while again.refine(0.001):
        pass
    for t in (2999, 17, 1500, 2222, 640):
        computed.clear()
        found = again.record(t)
        assert len(computed) <= max(again.interval // 32, 4)
        assert same(found, run.record(t))
    assert not run.refine(1.0)


def with_few_states():
    """A run of 1,100 updates that keeps a state for every hundred or so, and one of the same experiment with all of them."""
    problem = replace(
        make_problem((2, 3, 2), ("tanh", "sigmoid"), "half_squared_error", m=4), optimizer=Optimizer("adam"), learning_rate=0.05
    )
    run = trained(Run(problem, budget=2_000), 1100)
    assert run.interval >= 128
    return run, Run(problem)


def test_going_back_one_by_one_from_a_moment_far_from_any_checkpoint_is_short(computed):
    run, whole = with_few_states()
    start, t = 1 + run.interval, 2 * run.interval
    run.record(t)
    run._records.clear()
    computed.clear()
    here = run.nbytes
    for back in range(t - 1, t - 41, -1):
        run.record(back)
    assert len(computed) < 40 * 8  # from the checkpoint it would be a hundred for each
    assert run.nbytes <= here
    for back in (t - 1, t - 40, t, start + 1):
        assert np.array_equal(run.parameters(back).theta, whole.parameters(back).theta)


def test_a_far_moment_is_drawn_near_to_a_little_at_a_time_whoever_uses_the_run_between(computed):
    run, whole = with_few_states()
    t = 2 * run.interval
    assert run.distance(t) == run.interval - 1
    assert run.nearest(t) == t + 1
    assert run.nearest(t - run.interval // 2 - 1) == t + 1 - run.interval
    computed.clear()
    left = run.distance(t)
    while left:
        before, left = left, run.draw_near(t, 1e-9)
        assert left < before
        run.parameters(3)  # somebody else
    assert len([at for at in computed if at > 3]) == run.interval - 1  # nothing twice
    assert run.distance(t) <= 1
    assert same(run.record(t), whole.record(t))


def test_replaying_a_wide_network_stops_for_the_window_between_two_states(run, computed):
    again = Run(run.problem)
    again.resume(run.history(3000, 1))
    again._fine = 1000  # as it is where a state is large
    while again.refine(0.0):
        assert len(computed) <= 40
        again.record(5)  # what is done between costs nothing of the way
        computed.clear()
    assert sorted(again._finer) == [1001, 2001]


def test_a_run_that_was_left_far_from_any_state_is_there_at_once(run):
    history = run.history(3000, 1, 1500)
    assert run.history(3000, 1, 3).here is None
    again = Run(run.problem)
    again.resume(history)
    assert again.interval > 1000
    assert again.distance(1500) == 0
    assert same(again.record(1500), run.record(1500))
