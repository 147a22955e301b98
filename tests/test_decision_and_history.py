"""A network's answers over its inputs, and norms over a run: computed by the one forward pass, for few points, exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from math_helpers import make_problem

from model.data.batches import data
from model.decision import Evaluator, classes, grid, kind_of, labels, middle, refusal, window_of
from model.examples import example_names, open_problem
from model.problem import Rounding, frozen
from model.run import Run
from model.training.history import NormHistory, norms, spread


@pytest.mark.parametrize("name", example_names())
def test_answers_are_the_records(name: str) -> None:
    problem = open_problem(name)
    record = Run(problem).record(3 if problem.learning_rate is not None else 1)
    evaluator = Evaluator(problem, record.x)
    for _ in range(2):  # the second time as the first
        assert np.array_equal(evaluator.outputs(record.params), record.a[-1])


def test_answers_carry_rounding() -> None:
    problem = make_problem((2, 3, 1), ("sigmoid", "sigmoid"), "half_squared_error", rounding=Rounding(2, "half_up"))
    record = Run(problem).record(1)
    outputs = Evaluator(problem, record.x).outputs(record.params)
    assert np.array_equal(outputs, record.a[-1])
    assert np.array_equal(outputs, np.round(outputs, 2))


def test_the_grid_has_the_first_input_along_a_row() -> None:
    window = window_of(np.array([[0.0, 10.0], [2.0, 30.0]]))
    assert window.low == pytest.approx((-0.3, 7.0))
    assert window.high == pytest.approx((2.3, 33.0))
    points = grid(window, 4).reshape(4, 4, 2)
    assert np.ptp(points[0, :, 1]) == 0
    assert np.ptp(points[:, 0, 0]) == 0
    assert points[0, :, 0] == pytest.approx([-0.3 + 2.6 * (i + 0.5) / 4 for i in range(4)])
    assert grid(window_of(np.array([[1.0], [1.0]])), 3).shape == (3, 1)
    single = window_of(np.array([[0.0, 4.0]]))
    assert (single.low, single.high) == ((-0.5, 2.0), (0.5, 6.0))


def test_kinds_and_refusal() -> None:
    def problem(*layers: int) -> object:
        return make_problem(layers, ("tanh",) * (len(layers) - 2) + ("identity",), "squared_error")

    assert [kind_of(problem(*layers)) for layers in ((1, 2, 3), (2, 1), (2, 3), (3, 2))] == ["functions", "value", "classes", "none"]
    assert refusal(problem(2, 1)) == ""
    assert refusal(problem(3, 2)).endswith("this one has 3 inputs.")


def test_classes_and_labels() -> None:
    number, lead = classes(np.array([[0.1, 0.7, 0.2], [0.5, 0.5, 0.0], [np.nan, 0.0, 0.0]]))
    assert list(number) == [1, 0, 0]
    assert lead == pytest.approx([(0.7 - 0.2) / 0.7, 0.0, 0.0])
    sigmoid = make_problem((2, 1), ("sigmoid",), "half_squared_error")
    tanh, linear = make_problem((2, 1), ("tanh",), "squared_error"), make_problem((2, 1), ("identity",), "squared_error")
    y = np.array([[0.2], [0.9], [-1.0]])
    assert list(labels(sigmoid, y)) == [0, 1, 0]
    assert list(labels(tanh, y)) == [1, 1, 0]
    assert middle(linear, y) == pytest.approx((-0.05, 0.95))
    assert middle(linear, np.array([[3.0]])) == (3.0, 3.0)
    assert list(labels(make_problem((2, 2), ("softmax",), "cross_entropy"), np.array([[0.3, 0.7]]))) == [1]


@given(length=st.integers(1, 200_000), power=st.integers(0, 8), base=st.sampled_from((1, 3, 50)), most=st.integers(2, 400))
def test_points_are_few_even_and_on_the_checkpoints(length: int, power: int, base: int, most: int) -> None:
    interval = base * 2**power
    steps = spread(length, interval, most)
    assert 1 <= len(steps) <= most
    assert steps[0] == 1
    assert steps[-1] <= length
    assert len(steps) >= min(length, most) / 4 or steps.step >= interval
    assert steps.step < interval or steps.step % interval == 0 or steps.step.bit_count() == 1


@pytest.mark.parametrize(("length", "interval", "step"), [(100_000, 1024, 1024), (55_000, 1024, 1024), (51_000, 512, 512), (3_000, 64, 16)])
def test_no_point_lies_hundreds_of_updates_from_a_state(length: int, interval: int, step: int) -> None:
    assert spread(length, interval).step == step


def test_norms_are_those_of_the_record_without_overflow() -> None:
    problem = make_problem((2, 3, 2), ("sigmoid", "sigmoid"), "half_squared_error", learning_rate=0.1)
    record = Run(problem).record(2)
    gradients, weights = norms(record)
    for l in range(2):
        assert gradients[l] == pytest.approx(np.sqrt((record.dW[l] ** 2).sum() + (record.db[l] ** 2).sum()))
        assert weights[l] == pytest.approx(np.sqrt((record.params.W[l] ** 2).sum() + (record.params.b[l] ** 2).sum()))
    huge = make_problem((1, 1), ("identity",), "squared_error", m=1, has_biases=False)
    assert norms(Run(huge).record(1))[1] == pytest.approx([abs(huge.weights[0][0, 0])])


def test_a_history_grows_with_its_run_and_keeps_what_it_knows() -> None:
    run = Run(open_problem("xor"))
    run.state(101)
    history = NormHistory(run, most=10)
    order = list(history.work(100))
    assert sorted(order) == list(range(1, 101, 16))
    before = history.points()
    assert list(history.work(100)) == []
    run.state(401)
    added = list(history.work(400))
    steps, gradients, weights = history.points()
    assert list(steps) == list(range(1, 401, 64))
    assert not set(added) & set(before[0].tolist())
    assert gradients.shape == weights.shape == (7, 2)
    assert gradients[1] == pytest.approx(norms(run.record(65))[0])


def test_a_map_needs_inputs_that_axes_can_show() -> None:
    problem = make_problem((2, 3, 1), ("sigmoid", "sigmoid"), "half_squared_error")
    assert "up to 1e+100" in refusal(replace(problem, x=frozen(np.full_like(data(problem)[0], 1e200))))
    window = window_of(np.array([[0.0, 1e-320], [5e-324, 0.0]]))
    assert all(high - low >= 0.5 for low, high in zip(window.low, window.high, strict=True))
    number, lead = classes(np.array([[1.7e308, -1.7e308], [np.inf, -np.inf]]))
    assert (number.tolist(), lead.tolist()) == ([0, 0], [1.0, 1.0])
    assert np.isfinite(middle(replace(problem, activations=("sigmoid", "identity")), np.array([[1.7e308], [-1.7e308]]))).all()
