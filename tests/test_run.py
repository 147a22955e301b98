"""A run: records that cannot be changed, replay to the last bit, bounded history."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from math_helpers import one_update
from run_helpers import arrays, long_problem, problems, same, trained

from model.data.batches import data
from model.evaluation import Split
from model.initializers import initial_parameters
from model.optimizers import initial_state
from model.problem import Init, Optimizer, Problem, replace
from model.report import trace_json
from model.run import Run
from model.series import Series
from model.stepper import BUDGET, BYTES_OVERHEAD, LONG_RUN
from model.training.loop import train
from model.training.reaching import reached
from model.training.schedules import Schedule


@given(problems(), st.integers(1, 12))
@settings(max_examples=40)
def test_records_cannot_be_written(problem, t):
    for name, array in arrays(Run(problem).record(t)):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0
        assert not array.flags.writeable, name


@given(problems())
@settings(max_examples=40)
def test_a_run_is_a_chain_of_pure_steps(problem):
    """Each record equals the pure function of its starting parameters and batch, and starts where the one before ended."""
    run = Run(problem)
    x, y = data(problem)
    params = initial_parameters(problem)
    state = initial_state(problem.optimizer, len(params.theta))
    for t in range(1, 9):
        record = run.record(t)
        rows = list(record.samples)
        assert same(record, one_update(problem, params, state, x[rows], y[rows], step=t, samples=record.samples))
        if record.new_params is not None:
            params, state = record.new_params, record.new_state
        assert run.losses[t - 1] == record.loss or np.isnan(record.loss)
    assert run.length == 8


@given(problems(), st.integers(2, 40), st.lists(st.integers(1, 45), min_size=1, max_size=8))
@settings(max_examples=40)
def test_seeking_replays_bit_for_bit(problem, n, places):
    """Any order of visits, with a history so small that almost all checkpoints are dropped, gives the numbers of a straight run."""
    straight, small = Run(problem), Run(problem, budget=1500)
    wanted = {t: straight.record(t) for t in range(1, 46)}
    small.record(n)
    for t in places:
        assert same(small.record(t), wanted[t])
        assert small.parameters(t).theta.tobytes() == wanted[t].params.theta.tobytes()
    assert small.losses.tobytes() == straight.losses[: small.length].tobytes()


@given(problems(), st.integers(1, 30), st.integers(1, 7), st.integers(0, 5))
@settings(max_examples=40)
def test_training_in_chunks_equals_stepping(problem, n, chunk_updates, walked):
    stepped, trained = Run(problem), Run(problem)
    wanted = [stepped.record(t) for t in range(1, n + walked + 4)]
    if walked:
        trained.record(walked)
    for chunk in train(problem, *trained.state(walked + 1), walked + 1, updates=n, chunk_updates=chunk_updates):
        trained.append(chunk)
        if chunk.divergence:  # −ln 0, of a rounded or a single softmax output: infinite on paper too
            assert chunk.divergence.quantity == "loss"
            assert not np.isfinite(stepped.losses[chunk.divergence.update - 1])
    assert trained.length == (chunk.divergence.update - 1 if chunk.divergence else walked + n)
    assert trained.losses.tobytes() == stepped.losses[: trained.length].tobytes()
    for record in reversed(wanted):
        assert same(trained.record(record.step), record)


def test_history_is_thinned_when_the_budget_is_spent():
    run = trained(Run(long_problem(), budget=20_000), 3000)
    assert run.interval >= 32
    assert run.nbytes < 20_000 + 2 * 8 * 3000 * 1.6
    straight = Run(run.problem)
    assert straight.interval == 1
    assert same(run.record(2999), straight.record(2999))
    assert same(run.record(1500), straight.record(1500))


def test_chunks_whose_checkpoints_are_too_coarse_or_too_fine_are_taken_over():
    problem = long_problem()
    wanted = Run(problem)
    for steps in (1, 3, 64):
        run = Run(problem, budget=5000)
        for chunk in train(problem, *run.state(1), updates=200, chunk_updates=30, interval=lambda steps=steps: steps):
            run.append(chunk)
        for t in (200, 1, 77, 201, 130):
            assert same(run.record(t), wanted.record(t))


def test_a_chunk_that_does_not_continue_the_run_is_refused():
    problem = long_problem()
    run = Run(problem)
    chunk = next(train(problem, *run.state(1), updates=5))
    run.record(1)
    with pytest.raises(ValueError, match="cannot continue a run of 1 updates"):
        run.append(chunk)
    assert run.length == 1


def test_large_networks_start_with_fewer_checkpoints():
    assert Run(long_problem(layers=(2, 3, 1))).interval == 1
    assert 8 < Run(long_problem(layers=(64, 50, 10))).interval <= 24


@pytest.mark.parametrize("layers", [(2, 8, 8, 1), (2, 8, 8, 8, 8, 8, 8, 1), (64, 32, 10), (784, 30, 10)])
def test_a_long_run_fills_its_budget(layers):
    """Else the distances between checkpoints, and with them the time to seek, would be up to twice what they have to be."""
    run = Run(replace(long_problem(layers=layers), optimizer=Optimizer("adam")))
    size = len(run._checkpoints[0]) + BYTES_OVERHEAD
    interval = run.interval
    while LONG_RUN / interval * size > BUDGET:
        interval *= 2
    assert LONG_RUN / interval * size > 0.7 * BUDGET


def test_length_grows_by_looking_further_and_losses_stay():
    run = Run(long_problem())
    assert run.length == 0
    assert len(run.losses) == 0
    first = run.record(1)
    early = run.losses
    run.record(700)
    assert run.length == 700
    assert early.tolist() == [first.loss]
    with pytest.raises(ValueError, match="read-only"):
        run.losses[0] = 1.0
    run.parameters(711)
    assert run.length == 710


def test_updates_are_numbered_from_one():
    with pytest.raises(ValueError, match="numbered from 1"):
        Run(long_problem()).record(0)


def test_without_a_learning_rate_only_the_batches_change():
    problem = replace(long_problem(), learning_rate=None)
    run = Run(problem)
    assert run.record(2).samples == (4, 5)
    assert run.record(3).samples == run.record(1).samples
    assert run.record(9).new_params is None
    assert run.parameters(50).theta.tobytes() == run.parameters(1).theta.tobytes()
    assert run.losses[6] == run.record(1).loss == run.losses[0]
    assert np.isnan(run.rates).all()


def test_an_update_without_a_learning_rate_is_reached_alone_as_by_counting():
    run = Run(replace(long_problem(), learning_rate=None, shuffle_seed=4), split=Split(0.2, 1))
    counted = list(reached(run, (50, 51), "test"))
    fresh = run.again()
    for one, other in zip(counted, reached(fresh, (50, 51), "test", alone=True), strict=True):
        assert (one.step, one.samples) == (other.step, other.samples)
        assert trace_json(one) == trace_json(other)
    assert fresh.length == 0
    (far,) = reached(fresh, (10**9,), "test", alone=True)
    assert far.step == 10**9


def test_a_changed_learning_rate_is_remembered_and_replayed():
    problem = long_problem("sgd")
    run = Run(problem)
    for chunk in train(problem, *run.state(1), updates=40, learning_rate=lambda t: 0.01 if t < 20 else 0.5, chunk_updates=7):
        run.append(chunk)
    assert run.rates.tolist() == [0.01] * 19 + [0.5] * 21
    before, after = run.record(19), run.record(20)
    assert (before.learning_rate, after.learning_rate) == (0.01, 0.5)
    np.testing.assert_allclose(after.new_params.W[0], after.params.W[0] - 0.5 * after.dW[0], rtol=1e-15)
    assert same(after, Run.record(run, 20))
    assert run.record(41).learning_rate == 0.5


def test_series_views_keep_their_values():
    series = Series()
    series.extend(np.arange(3.0))
    view = series.view()
    series.extend(np.arange(1000.0))
    assert view.tolist() == [0.0, 1.0, 2.0]
    assert len(series) == 1003


def test_initial_parameters():
    base = Problem(layers=(40, 60, 20), activations=("tanh", "tanh"), loss="half_squared_error", x=np.zeros((1, 40)), y=np.zeros((1, 20)))

    def drawn(scheme, seed=1, layers=base.layers):
        return initial_parameters(replace(base, layers=layers, init=Init(scheme, seed)))

    for scheme, bound in (("xavier_uniform", (6 / 100) ** 0.5), ("he_uniform", (6 / 40) ** 0.5), ("uniform", 40**-0.5)):
        W = drawn(scheme).W[0]
        assert bound * 0.98 < np.abs(W).max() <= bound
        assert abs(W.mean()) < bound / 20
    for scheme, deviation in (("xavier_normal", (2 / 100) ** 0.5), ("he_normal", (2 / 40) ** 0.5)):
        assert drawn(scheme).W[0].std() == pytest.approx(deviation, rel=0.05)
    assert not drawn("zeros").theta.any()
    assert all(not b.any() and len(b) for b in drawn("he_normal").b)
    # Addressed by (seed, layer): the same again, another by seed, and a layer does not depend on those after it.
    assert np.array_equal(drawn("uniform").theta, drawn("uniform").theta)
    assert not np.array_equal(drawn("uniform").W[0], drawn("uniform", 2).W[0])
    assert np.array_equal(drawn("uniform").W[0], drawn("uniform", layers=(40, 60, 7)).W[0])
    assert initial_parameters(replace(base, init=Init("uniform", 1), has_biases=False)).b == ()
    with pytest.raises(ValueError, match='"weights" or "init"'):
        initial_parameters(base)


@given(problems(), st.integers(1, 9), st.sampled_from([Schedule(), Schedule("step", every=4, factor=0.5), Schedule("cosine", over=20)]))
@settings(max_examples=40)
def test_a_run_that_starts_in_the_middle_goes_on_as_the_old_one(problem, before, schedule):
    """With parameters, optimiser state, order of the samples and schedule of its moment, a branch repeats the run it is taken from."""
    whole = Run(problem, schedule=schedule)
    wanted = [whole.record(t) for t in range(1, 25)]
    params, state = whole.state(before + 1)
    biases = params.b if problem.has_biases else None
    rest = replace(problem, weights=params.W, biases=biases, init=None)
    branch = Run(rest, schedule=schedule, offset=before, begun=state, scheduled=before, budget=2000)
    trained(branch, 6)
    for t in (*range(1, 25 - before), 2, 1):
        mine, theirs = branch.record(t), wanted[t + before - 1]
        assert mine.samples == theirs.samples
        assert mine.learning_rate == theirs.learning_rate
        for (name, one), (_, other) in zip(arrays(mine), arrays(theirs), strict=True):
            assert one.tobytes() == other.tobytes(), name
    assert branch.losses.tobytes() == whole.losses[before : before + branch.length].tobytes()


def test_what_a_branch_takes_along():
    problem, other = long_problem(), long_problem("rmsprop")
    state = Run(problem).state(8)[1]
    run = Run(problem, schedule=Schedule("step"), offset=7, begun=state, scheduled=7)
    assert run.again().begun is state
    assert run.again(replace(problem, learning_rate=0.5)).begun is state
    changed = run.again(other)
    assert (changed.begun, changed.offset, changed.scheduled) == (None, 7, 7)
    assert run.again(schedule=Schedule("cosine")).scheduled == 0
    assert run.again(long_problem(layers=(2, 4, 1))).begun is None
