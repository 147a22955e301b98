"""The learning rate changed while a run goes on: noted, used from the next update on, and repeated exactly."""

from __future__ import annotations

import numpy as np
import pytest

from model.examples import open_problem
from model.problem import replace
from model.run import Run
from model.training.loop import train
from model.training.schedules import Schedule


def trained(run: Run, changes: dict[int, float], updates: int) -> Run:
    """Train in chunks of 10, as a worker does; change the rate when the chunk before the update has come in."""
    params, state = run.state(run.length + 1)
    for chunk in train(
        run.problem, params, state, run.length + 1, updates=updates, learning_rate=run.new_rate, interval=lambda: run.interval,
        samples=run.samples, chunk_updates=10, chunk_seconds=60,
    ):  # fmt: skip
        run.append(chunk)
        if run.length + 1 in changes:
            run.retune(changes[run.length + 1])
    return run


@pytest.mark.parametrize("schedule", [Schedule(), Schedule("step", every=7, factor=0.5), Schedule("cosine", over=60)])
def test_a_change_holds_from_the_next_update_on_and_is_noted(schedule: Schedule) -> None:
    problem = replace(open_problem("xor"), learning_rate=0.5)
    run = trained(Run(problem, schedule=schedule), {21: 0.1, 41: 2.0}, 60)
    bases = [0.5] * 20 + [0.1] * 20 + [2.0] * 20
    assert run.retunes == {21: 0.1, 41: 2.0}
    assert run.rates.tolist() == [schedule.rate(base, t) for t, base in enumerate(bases, 1)]
    assert run.record(30).learning_rate == run.rates[29]


def test_a_planned_run_repeats_another_bit_by_bit() -> None:
    problem = replace(open_problem("xor"), learning_rate=0.5)
    schedule = Schedule("cosine", over=60)
    run = trained(Run(problem, schedule=schedule), {21: 0.1, 41: 2.0}, 60)
    again = trained(Run(problem, schedule=schedule, planned=run.retunes), {}, 60)
    by_hand = Run(problem, schedule=schedule, planned=run.retunes)
    by_hand.record(60)
    for other in (again, by_hand):
        assert np.array_equal(run.losses, other.losses)
        assert np.array_equal(run.rates, other.rates)
        assert other.retunes == run.retunes
        assert np.array_equal(run.parameters(61).theta, other.parameters(61).theta)


def test_what_an_interrupted_worker_had_begun_is_forgotten() -> None:
    run = Run(replace(open_problem("xor"), learning_rate=0.5))
    run.record(10)
    run.retune(0.25)
    assert run.new_rate(14) == 0.25  # a worker that is ahead; its chunk never arrives
    run.record(11)
    assert run.retunes == {11: 0.25}
    assert run.rates[10] == 0.25


def test_a_change_by_hand_ends_the_plan() -> None:
    run = Run(replace(open_problem("xor"), learning_rate=0.5), planned={3: 0.1, 9: 0.7})
    run.record(5)
    run.retune(0.9)
    run.record(12)
    assert run.rates.tolist() == [0.5] * 2 + [0.1] * 3 + [0.9] * 7
