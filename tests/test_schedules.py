"""Learning-rate schedules, and when a run ends by itself: by numbers worked out by hand, stepped and trained alike."""

import math

import numpy as np
import pytest
from math_helpers import make_problem

from model.evaluation import Evaluator, Split
from model.problem import replace
from model.run import Run
from model.training.estimate import Estimate
from model.training.loop import train
from model.training.schedules import SCHEDULES, Schedule
from model.training.stopping import StopRule, watch


def _problem(**settings):
    return replace(make_problem((2, 3, 1), ("tanh", "sigmoid"), "half_squared_error", m=10), learning_rate=0.2, **settings)


def test_a_constant_rate_stays():
    assert [Schedule().rate(0.3, t) for t in (1, 2, 10**6)] == [0.3, 0.3, 0.3]


def test_steps_fall_after_exactly_every_so_many_updates():
    schedule = Schedule("step", every=3, factor=0.5)
    assert [schedule.rate(0.8, t) for t in range(1, 10)] == [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2]


def test_a_cosine_starts_high_passes_the_middle_and_stays_low():
    schedule = Schedule("cosine", over=100, lowest=0.2)
    assert schedule.share(1) == 1.0
    assert schedule.share(51) == pytest.approx(0.6, abs=1e-15)
    assert schedule.share(26) == pytest.approx(0.2 + 0.8 * 0.5 * (1 + math.sqrt(0.5)), abs=1e-15)
    assert schedule.share(101) == schedule.share(10**6) == pytest.approx(0.2, abs=1e-15)


@pytest.mark.parametrize("wrong", [{"kind": "linear"}, {"every": 0}, {"over": 0}, {"factor": 0.0}, {"factor": 1.5}, {"lowest": 1.1}])
def test_a_schedule_without_meaning_is_refused_in_one_sentence(wrong):
    with pytest.raises(ValueError, match=r"^[A-Z].*allowed: .*\.$"):
        Schedule(**wrong)


@pytest.mark.parametrize("schedule", [Schedule("step", every=7, factor=0.9), Schedule("cosine", over=30, lowest=0.1)], ids=lambda s: s.kind)
def test_stepping_and_training_follow_the_same_schedule_bit_for_bit(schedule):
    stepped, trained = Run(_problem(batch_size=4), schedule=schedule), Run(_problem(batch_size=4), schedule=schedule)
    stepped.record(40)
    rate = lambda t: schedule.rate(0.2, t)  # noqa: E731
    for chunk in train(trained.problem, *trained.state(1), updates=25, learning_rate=rate, chunk_updates=6):
        trained.append(chunk)
    trained.record(40)  # goes on where training ended
    assert stepped.rates.tolist() == [schedule.rate(0.2, t) for t in range(1, 41)]
    assert np.array_equal(stepped.rates, trained.rates)
    assert np.array_equal(stepped.losses, trained.losses)
    assert stepped.record(33).learning_rate == schedule.rate(0.2, 33)


def test_words_name_the_numbers():
    assert Schedule("step", every=2000, factor=0.25).in_words() == "η · 0.25^⌊(t − 1) / 2,000⌋"
    assert {Schedule(kind).in_words() for kind in SCHEDULES}.isdisjoint({""})


def _asked(rule, losses, batches=1):
    """The update at which a run with these losses ends, and why."""
    ends = watch(rule, batches, None)
    return next(((t, why) for t, loss in enumerate(losses, 1) if (why := ends(t, loss, np.zeros(0)))), None)


def test_the_target_ends_the_run_at_the_first_loss_that_reaches_it():
    step, why = _asked(StopRule(target=0.5), [0.9, 0.7, 0.5, 0.1])
    assert step == 3
    assert "update 3" in why
    assert "0.5" in why


def test_batches_are_judged_by_the_mean_of_their_epoch():
    assert _asked(StopRule(target=0.5), [0.1, 1.0, 0.4, 0.6, 0.0, 0.0], batches=2)[0] == 4


def test_patience_counts_epochs_without_a_lower_loss_and_starts_anew_with_each():
    assert _asked(StopRule(patience=2), [1.0, 0.9, 0.9, 0.8, 0.85, 0.8, 0.1])[0] == 6
    assert _asked(StopRule(patience=3), [1.0, 0.9, 0.9, 0.8, 0.85, 0.8, 0.1]) is None


def test_nothing_is_asked_where_nothing_can_end_the_run():
    assert watch(StopRule(), 1, None) is None


@pytest.mark.parametrize("wrong", [{"target": math.nan}, {"target": math.inf}, {"patience": 0}])
def test_a_stop_rule_without_meaning_is_refused(wrong):
    with pytest.raises(ValueError, match="allowed:"):
        StopRule(**wrong)


def test_a_stopped_run_holds_exactly_the_updates_until_then():
    whole = Run(_problem())
    whole.record(60)
    target = float(whole.losses[41])
    assert (whole.losses[:41] > target).all()
    run = Run(whole.problem)
    chunks = list(train(run.problem, *run.state(1), updates=1000, chunk_updates=16, stop=watch(StopRule(target=target), 1, None)))
    for chunk in chunks:
        run.append(chunk)
    assert run.length == 42
    assert chunks[-1].stopped
    assert not any(chunk.stopped for chunk in chunks[:-1])
    assert np.array_equal(run.losses, whole.losses[:42])
    assert np.array_equal(run.parameters(43).theta, whole.parameters(43).theta)


def test_where_samples_are_held_out_their_loss_decides():
    run = Run(_problem(), split=Split(0.3, 1))
    judge = Evaluator(run.problem, *run.held_out)
    run.record(30)
    held = [judge.loss(run.parameters(t + 1).theta) for t in range(1, 31)]
    target = held[19]
    expected = next(t for t, loss in enumerate(held, 1) if loss <= target)
    asked = watch(StopRule(target=target), 1, Evaluator(run.problem, *run.held_out))
    fresh = Run(run.problem, split=run.split)
    chunks = list(train(fresh.problem, *fresh.state(1), updates=30, samples=fresh.samples, stop=asked))
    assert chunks[-1].last == expected
    assert "held-out" in chunks[-1].stopped


@pytest.mark.parametrize(("done", "now", "words"), [
    (0, 5.0, ""), (10, 0.4, ""), (500, 10.0, "about 10 s left"), (999, 3.0, "about 1 s left"), (100, 11.0, "about 2 min left"),
    (10, 120.0, "about 3 h left"), (1000, 9.0, "about 1 s left"),
])  # fmt: skip
def test_the_time_that_is_left(done, now, words):
    estimate = Estimate(1000, 0.0)
    assert estimate.words(done, now) == words
    assert estimate.share(done) == done / 1000
