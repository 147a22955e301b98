"""Every quantity of a record against independent automatic differentiation, and wrong variants that the comparison must reject."""

from itertools import product

import numpy as np
import pytest
import reference_autograd as ref
from math_helpers import agree, compare, make_problem

from model.gradcheck import check_gradient
from model.losses import refusal
from model.problem import ACTIVATION_NAMES, LOSS_NAMES, Rounding, replace
from model.run import Run

MEANINGFUL = [
    (activation, loss)
    for activation, loss in product(ACTIVATION_NAMES, LOSS_NAMES)
    if refusal(loss, activation, 1 if loss == "none" else 3) is None
]


@pytest.mark.parametrize(("activation", "loss"), MEANINGFUL)
def test_record_agrees_with_automatic_differentiation(activation, loss):
    hidden = "tanh" if activation == "softmax" else activation
    for reduction, sharing, l2, has_biases in product(("sum", "mean"), ("per_unit", "per_layer"), (0.0, 0.3), (True, False)):
        problem = make_problem((2, 4, 1 if loss == "none" else 3), (hidden, activation), loss, has_biases=has_biases, seed=3)
        problem = replace(problem, batch_reduction=reduction, bias_sharing=sharing, l2=l2)
        if sharing == "per_layer" and has_biases:
            problem = replace(problem, biases=tuple(np.full_like(b, b[0]) for b in problem.biases))
        differences = compare(Run(problem).record(1))
        assert agree(differences), (reduction, sharing, l2, has_biases, differences)


@pytest.mark.parametrize("hidden", [name for name in ACTIVATION_NAMES if name != "softmax"])
def test_softmax_above_every_hidden_layer_with_targets_that_do_not_sum_to_one(hidden):
    for loss in LOSS_NAMES[:-1]:
        problem = make_problem((3, 4, 5, 4), (hidden, hidden, "softmax"), loss, seed=8)
        small = tuple(W * 0.4 for W in problem.weights)  # so that the reference, which is written with a, keeps its digits
        problem = replace(problem, y=problem.y * 1.7, weights=small)
        assert agree(compare(Run(problem).record(1)))


def test_softmax_and_cross_entropy_delta_is_sum_of_targets_times_a_minus_y():
    problem = make_problem((2, 3, 3), ("sigmoid", "softmax"), "cross_entropy")
    record = Run(replace(problem, y=problem.y * 2.0)).record(1)
    assert np.allclose(record.delta[-1], record.y.sum(axis=1, keepdims=True) * record.a[-1] - record.y, rtol=0, atol=1e-15)


def straightforward(problem, fault=None):
    """Backpropagation in plain NumPy, with one deliberate fault. Returns (dW, db)."""
    W, b, x, y = problem.weights, problem.biases, problem.x, problem.y
    zs, activations = ref.forward(problem, W, b, x)
    inputs = [x, *activations[:-1]]
    a, depth, m = activations[-1], len(W), len(x)
    error = (a - y) * (1.0 if fault == "gradient of the half squared error" else 2.0)
    if fault == "sign":
        error = -error
    slope = [ref.slopes(name, z) for name, z in zip(problem.activations, zs, strict=True)]
    if problem.activations[-1] != "softmax" or fault == "diagonal of the softmax Jacobian":
        delta = error * slope[-1]
    else:
        delta = a * (error - (error * a).sum(axis=1, keepdims=True))
    if fault == "output delta without slope":
        delta = error
    dW, db = [None] * depth, [None] * depth
    for l in range(depth - 1, -1, -1):
        dW[l], db[l] = delta.T @ inputs[l] / m + problem.l2 * W[l], delta.sum(axis=0) / m
        if fault == "sum for mean":
            dW[l], db[l] = delta.T @ inputs[l] + problem.l2 * W[l], delta.sum(axis=0)
        if fault == "penalty forgotten":
            dW[l] = delta.T @ inputs[l] / m
        if fault == "penalty counted twice":
            dW[l] = dW[l] + problem.l2 * W[l]
        if fault == "biases penalised":
            db[l] = db[l] + problem.l2 * b[l]
        if fault == "gradient of the weights transposed":
            dW[l] = dW[l].T
        if fault == "bias gradient of the first sample only":
            db[l] = delta[0] / m
        if l:
            matrix = W[l] - 0.1 * dW[l] if fault == "updated weights" else W[l]
            matrix = matrix.T if fault == "W not transposed" else matrix
            below = delta @ matrix
            delta = below if fault == "hidden delta without slope" else below * slope[l - 1]
            if fault == "slope of the layer above":
                delta = below * slope[l]
            if fault == "slope at a instead of z":
                delta = below * ref.slopes(problem.activations[l - 1], inputs[l])
    return dW, db


FAULTS = [
    "gradient of the half squared error", "sign", "output delta without slope", "sum for mean", "penalty forgotten",
    "penalty counted twice", "biases penalised", "gradient of the weights transposed", "bias gradient of the first sample only",
    "updated weights", "W not transposed", "hidden delta without slope", "slope of the layer above", "slope at a instead of z",
]  # fmt: skip


def _square_problem(top="sigmoid"):
    # Square layers, so that a transposed matrix still fits and only its numbers are wrong.
    return replace(make_problem((3, 3, 3, 3), ("tanh", "sigmoid", top), "squared_error", m=3), batch_reduction="mean", l2=0.2)


def _gradients_agree(problem, dW, db):
    record = Run(problem).record(1)
    pairs = [*zip(dW, record.dW, strict=True), *zip(db, record.db, strict=True)]
    return all(np.allclose(mine, theirs, rtol=0, atol=1e-10) for mine, theirs in pairs)


@pytest.mark.parametrize("top", ["sigmoid", "softmax"])
def test_straightforward_backpropagation_agrees(top):
    assert _gradients_agree(_square_problem(top), *straightforward(_square_problem(top)))


@pytest.mark.parametrize("fault", FAULTS)
def test_wrong_variant_is_rejected(fault):
    assert not _gradients_agree(_square_problem(), *straightforward(_square_problem(), fault))


def test_softmax_without_its_full_jacobian_is_rejected():
    problem = _square_problem("softmax")
    assert not _gradients_agree(problem, *straightforward(problem, "diagonal of the softmax Jacobian"))


def test_wrong_records_fail_the_comparison_with_automatic_differentiation():
    """The comparison itself must be able to fail, for every quantity it looks at."""
    record = Run(_square_problem()).record(1)
    assert agree(compare(record))
    for name in ("z", "a", "dadz", "dLda", "delta", "dLdX", "dW", "db"):
        arrays = list(getattr(record, name))
        arrays[-1] = arrays[-1] + 1e-8
        assert not agree(compare(replace(record, **{name: tuple(arrays)}))), name
    for name in ("loss", "loss_sample", "loss_output"):
        assert not agree(compare(replace(record, **{name: getattr(record, name) + 1e-8}))), name


def test_updated_weights_in_the_hidden_delta():
    problem = replace(_square_problem(), hidden_delta_uses="new", learning_rate=0.1)
    record = Run(problem).record(1)
    assert _gradients_agree(problem, *straightforward(problem, "updated weights"))
    assert not _gradients_agree(problem, *straightforward(problem))
    assert record.W_delta is record.new_params.W
    assert not check_gradient(record).ok
    assert "updated weights" in check_gradient(record).verdict


def test_updated_weights_need_an_update():
    problem = replace(_square_problem(), hidden_delta_uses="new", learning_rate=None)
    assert _gradients_agree(problem, *straightforward(problem))


@pytest.mark.parametrize(("activation", "loss"), MEANINGFUL)
def test_numerical_gradient_agrees(activation, loss):
    hidden = "elu" if activation == "softmax" else activation
    problem = make_problem((2, 3, 1 if loss == "none" else 2), (hidden, activation), loss, seed=5)
    check = check_gradient(Run(replace(problem, l2=0.1, batch_reduction="mean")).record(1))
    assert check.ok, check.verdict
    assert check.method == ("central differences" if activation == "gelu" else "complex step")
    assert check.difference < (1e-6 if activation == "gelu" else 1e-14)


def test_numerical_gradient_of_shared_and_frozen_biases():
    problem = make_problem((2, 3, 2), ("tanh", "sigmoid"), "half_squared_error")
    problem = replace(problem, biases=tuple(np.full_like(b, 0.3) for b in problem.biases), train_biases=False)
    assert check_gradient(Run(problem).record(1)).ok
    shared = check_gradient(Run(replace(problem, bias_sharing="per_layer")).record(1))
    assert shared.ok
    assert shared.checked == 2 * 3 + 1 + 3 * 2 + 1


def test_numerical_gradient_notices_a_wrong_record():
    record = Run(make_problem((2, 3, 2), ("tanh", "sigmoid"), "half_squared_error")).record(1)
    wrong = replace(record, dW=(record.dW[0] * 1.0001, record.dW[1]))
    check = check_gradient(wrong)
    assert check.ok is False
    assert "differs" in check.verdict


def test_numerical_gradient_is_skipped_where_rounding_is_carried():
    problem = make_problem((2, 3, 2), ("tanh", "sigmoid"), "half_squared_error")
    check = check_gradient(Run(replace(problem, rounding=Rounding(3))).record(1))
    assert check.ok is None
    assert "round" in check.verdict


def test_numerical_gradient_of_a_large_network_takes_a_part_of_the_parameters():
    record = Run(make_problem((20, 30, 2), ("tanh", "sigmoid"), "half_squared_error")).record(1)
    check = check_gradient(record, most=50)
    assert check.ok
    assert check.checked == 50
    assert sum(int(np.isfinite(part).sum()) for part in (*check.dW, *check.db)) == 50


def test_numerical_gradient_where_the_complex_value_overflows():
    problem = make_problem((2, 3, 2), ("sigmoid", "sigmoid"), "half_squared_error")
    record = Run(replace(problem, weights=tuple(W * 2000 for W in problem.weights))).record(1)
    check = check_gradient(record)
    assert check.method == "central differences"
    assert check.ok, check.verdict
