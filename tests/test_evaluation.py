"""Accuracy, confusion and held-out samples: counted by hand, and the loss compared with formulas written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from math_helpers import make_problem

from model.data.batches import data
from model.evaluation import Evaluator, Split, accuracy, classes_of, confusion, evaluate, has_classes, n_classes
from model.initializers import initial_parameters
from model.problem import Init, Problem, frozen, replace
from model.run import Run

ONE_HOT = np.eye(3)


def test_the_largest_output_is_the_class_and_the_first_of_equals():
    assert classes_of(np.array([[0.1, 0.7, 0.2], [0.4, 0.4, 0.2], [0.0, 0.0, 1.0]])).tolist() == [1, 0, 2]


def test_a_single_output_is_split_at_a_half():
    assert classes_of(np.array([[0.49], [0.5], [0.9]])).tolist() == [0, 1, 1]


def test_confusion_counts_rows_by_truth_and_columns_by_answer():
    y = ONE_HOT[[0, 0, 1, 2, 2, 2]]
    outputs = ONE_HOT[[0, 1, 1, 2, 0, 2]]
    assert confusion(y, outputs).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]
    assert accuracy(y, outputs) == pytest.approx(4 / 6)


def test_an_answer_that_is_no_number_is_wrong_and_no_class():
    y, outputs = ONE_HOT[[0, 1]], np.array([[np.nan, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert confusion(y, outputs).tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert accuracy(y, outputs) == 0.5


@pytest.mark.parametrize(
    ("y", "named"),
    [([[0.0], [1.0]], True), ([[0.5]], False), ([[0, 1, 0]], True), ([[1, 1, 0]], False), ([[0, 0]], False), ([[0.2, 0.8]], False)],
)
def test_targets_that_name_classes_are_told_from_those_that_do_not(y, named):
    assert has_classes(np.array(y, dtype=float)) is named


def test_two_classes_on_one_output_are_two_classes():
    assert n_classes(np.zeros((1, 1))) == 2
    assert n_classes(np.zeros((1, 5))) == 5


@given(m=st.integers(2, 400), share=st.floats(0.0, 0.99), seed=st.integers(0, 2**63 - 1))
def test_a_split_loses_and_doubles_no_sample(m, share, seed):
    train, held = Split(share, seed).rows(m)
    assert sorted([*train, *held]) == list(range(m))
    assert len(train) >= 1
    assert (len(held) == 0) == (share == 0.0)
    if share:
        assert abs(len(held) - share * m) <= 1


def test_the_seed_decides_who_is_held_out():
    one, again, other = (Split(0.3, seed).rows(50)[1].tolist() for seed in (4, 4, 5))
    assert one == again != other
    assert one == sorted(one)


@pytest.mark.parametrize(("share", "fewer", "more"), [(0.2, 200, 300), (0.25, 150, 151), (0.5, 40, 60), (0.1, 1000, 1797)])
def test_samples_keep_their_side_when_others_join_them(share: float, fewer: int, more: int) -> None:
    for seed in range(4):
        before, after = (set(Split(share, seed).rows(m)[1].tolist()) for m in (fewer, more))
        changed = before ^ {row for row in after if row < fewer}
        assert len(changed) <= 0.3 * len(before)
        assert len(after) == round(share * more)


def test_of_one_sample_nothing_can_be_held_out():
    train, held = Split(0.9).rows(1)
    assert (train.tolist(), held.tolist()) == ([0], [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"share": 1.0},
        {"share": -0.1},
        {"share": np.nan},
        {"seed": -1},
        {"lots": ()},
        {"lots": (1, 1)},
        {"lots": (-1,)},
        {"lots": (10**12,)},
    ],
)
def test_a_split_without_meaning_is_refused(wrong):
    with pytest.raises(ValueError, match=r"^[A-Z].*allowed: .*\.$"):
        Split(**wrong)


def test_loss_and_outputs_are_those_of_the_formulas():
    problem = replace(make_problem((2, 3, 2), ("tanh", "softmax"), "cross_entropy", m=6), batch_reduction="mean", l2=0.1, learning_rate=0.5)
    params = initial_parameters(problem)
    x, y = np.array([[0.3, -1.0], [2.0, 0.5], [0.0, 0.1]]), np.eye(2)[[0, 1, 1]]
    h = np.tanh(x @ params.W[0].T + (params.b[0] if params.b else 0))
    e = np.exp(h @ params.W[1].T + (params.b[1] if params.b else 0))
    a = e / e.sum(axis=1, keepdims=True)
    found = evaluate(problem, params, x, y)
    np.testing.assert_allclose(found.outputs, a, atol=1e-14)
    penalty = 0.05 * sum((W**2).sum() for W in params.W)
    assert found.loss == pytest.approx(-(y * np.log(a)).sum() / 3 + penalty, abs=1e-13)


def test_an_evaluator_forgets_the_parameters_before():
    problem = make_problem((2, 3, 1), ("tanh", "sigmoid"), "half_squared_error", m=4)
    judge, theta = Evaluator(problem, *data(problem)), initial_parameters(problem).theta
    first = judge.evaluate(theta)
    judge.evaluate(theta * 2)
    again = judge.evaluate(theta)
    assert np.array_equal(first.outputs, again.outputs)
    assert first.loss == again.loss


def _blobs(batch_size: int | None = None) -> Problem:
    return Problem(
        layers=(2, 3, 2), activations=("tanh", "softmax"), loss="cross_entropy", init=Init("xavier_uniform", 3), batch_size=batch_size,
        shuffle_seed=1, dataset={"name": "blobs", "samples": 40}, learning_rate=0.1, batch_reduction="mean",
    )  # fmt: skip


def test_a_run_trains_on_the_other_samples_only_and_records_name_rows_of_the_whole():
    run = Run(_blobs(8), split=Split(0.25, 2))
    x, y = data(run.problem)
    kept, held = Split(0.25, 2).rows(40)
    assert np.array_equal(run.samples[0], x[kept])
    assert np.array_equal(run.held_out[0], x[held])
    seen = [row for t in range(1, 5) for row in run.record(t).samples]
    assert sorted(seen) == kept.tolist()
    record = run.record(2)
    assert np.array_equal(record.a[0], x[list(record.samples)])
    assert np.array_equal(record.y, y[list(record.samples)])


def test_training_on_a_split_equals_training_on_those_samples_alone():
    split = Run(_blobs(), split=Split(0.5, 7))
    x, y = split.samples
    alone = Run(replace(_blobs(), dataset=None, x=frozen(x), y=frozen(y)))
    split.record(20), alone.record(20)
    assert np.array_equal(split.losses, alone.losses)
