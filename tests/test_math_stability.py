"""At |z| = 1000 nothing warns, nothing is NaN, and a value is infinite only where it is infinite or beyond 1.8e308 on paper."""

import math
from decimal import Decimal, getcontext
from itertools import product

import numpy as np
import pytest
from math_helpers import make_problem

from model.losses import refusal
from model.problem import ACTIVATION_NAMES, LOSS_NAMES, Rounding, frozen, replace
from model.run import Run

getcontext().prec = 1000
COMBINATIONS = [(a, loss) for a, loss in product(ACTIVATION_NAMES, LOSS_NAMES) if refusal(loss, a, 1 if loss == "none" else 2) is None]


def _saturated(activation, loss, scale=1000.0, hidden="identity", **settings):
    """Two samples whose output pre-activations are (±scale, ∓scale), with hard targets both right and wrong."""
    n = 1 if loss == "none" else 2
    problem = make_problem((1, 1, n), (hidden, activation), loss, has_biases=False, learning_rate=0.1, **settings)
    W = frozen([[1.0]]), frozen([[scale], [-scale]][:n])
    return replace(problem, weights=W, x=frozen([[1.0], [1.0], [-1.0]]), y=frozen([[0.0, 1.0][:n], [1.0, 0.0][:n], [0.0, 1.0][:n]]))


def _values(record):
    names = ("z", "a", "dadz", "dLda", "delta", "dLdX", "dW")
    return {name: np.concatenate([v.ravel() for v in getattr(record, name)]) for name in names} | {
        "loss": np.array([record.loss]),
        "loss_output": record.loss_output.ravel(),
        "W_new": record.new_params.theta,
    }


@pytest.mark.parametrize(("activation", "loss"), COMBINATIONS)
@pytest.mark.parametrize("scale", [1000.0, -1000.0, 40.0])
@pytest.mark.filterwarnings("error")
def test_saturated_outputs(activation, loss, scale):
    record = Run(_saturated(activation, loss, scale)).record(1)
    for name, values in _values(record).items():
        assert not np.isnan(values).any(), name
        # 1/a and 1/(1 − a) are e^1000, beyond every double, where an output contradicts its target; nothing else is infinite.
        if name == "dLda" and abs(scale) == 1000.0 and loss in ("binary_cross_entropy", "cross_entropy"):
            assert (np.isinf(values) == (np.abs(values) > 1e300)).all()
        else:
            assert np.isfinite(values).all(), name


@pytest.mark.parametrize("hidden", [name for name in ACTIVATION_NAMES if name != "softmax"])
@pytest.mark.parametrize("loss", LOSS_NAMES[:4])
@pytest.mark.filterwarnings("error")
def test_saturated_hidden_layers(hidden, loss):
    problem = _saturated("tanh", loss, 1.0, hidden)
    record = Run(replace(problem, weights=(frozen([[1000.0]]), problem.weights[1]))).record(1)
    assert all(np.isfinite(values).all() for values in _values(record).values())


@pytest.mark.parametrize("z", [-1000.0, -750.0, -40.0, -5.0, 0.0, 5.0, 40.0, 750.0, 1000.0])
def test_entropies_are_exact_where_the_activation_saturates(z):
    e = Decimal(z).exp()
    a, rest = e / (1 + e), 1 / (1 + e)
    for loss, y in product(("binary_cross_entropy", "cross_entropy"), (0.0, 1.0)):
        problem = make_problem((1, 1), ("sigmoid",), loss, has_biases=False, m=1)
        record = Run(replace(problem, weights=(frozen([[z]]),), x=frozen([[1.0]]), y=frozen([[y]]))).record(1)
        wanted = -a.ln() if y else (-rest.ln() if loss == "binary_cross_entropy" else Decimal(0))
        assert record.loss == pytest.approx(float(wanted), rel=1e-14, abs=0)
        slope = -1 / a if y else (1 / rest if loss == "binary_cross_entropy" else Decimal(0))
        assert record.dLda[0][0, 0] == pytest.approx(_as_float(slope), rel=1e-14, abs=0)
        delta = a - 1 if y else (a if loss == "binary_cross_entropy" else Decimal(0))
        assert record.delta[0][0, 0] == pytest.approx(float(delta), rel=1e-14, abs=1e-15)


def _as_float(value):
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, value)


@pytest.mark.parametrize("top", [3.0, 40.0, 1000.0])
def test_softmax_with_binary_cross_entropy_keeps_its_digits(top):
    z = [Decimal(top), Decimal(-2), Decimal(0)]
    a = [v.exp() / sum(w.exp() for w in z) for v in z]
    y = [Decimal(0), Decimal(1), Decimal(0)]
    problem = make_problem((1, 3), ("softmax",), "binary_cross_entropy", has_biases=False, m=1)
    weights = (frozen([[float(v)] for v in z]),)
    record = Run(replace(problem, weights=weights, x=frozen([[1.0]]), y=frozen([[0.0, 1.0, 0.0]]))).record(1)
    loss = -sum(t * p.ln() + (1 - t) * (1 - p).ln() for t, p in zip(y, a, strict=True))
    assert record.loss == pytest.approx(float(loss), rel=1e-14)
    by_a = [(1 - t) / (1 - p) - t / p for t, p in zip(y, a, strict=True)]
    np.testing.assert_allclose(record.dLda[0][0], [_as_float(v) for v in by_a], rtol=1e-13)
    mean = sum(g * p for g, p in zip(by_a, a, strict=True))
    np.testing.assert_allclose(record.delta[0][0], [float(p * (g - mean)) for g, p in zip(by_a, a, strict=True)], rtol=1e-12)


def test_a_loss_that_is_infinite_is_shown_as_infinite():
    """A single softmax output is always 1; with target 0 the binary cross-entropy is −ln 0, whatever the weights."""
    problem = make_problem((1, 1), ("softmax",), "binary_cross_entropy", m=1, learning_rate=0.1)
    record = Run(replace(problem, y=frozen([[0.0]]))).record(1)
    assert record.loss == math.inf
    assert record.dLda[0][0, 0] == math.inf
    assert record.delta[0][0, 0] == 0.0
    assert np.array_equal(record.new_params.theta, record.params.theta)


@pytest.mark.filterwarnings("error")
def test_overflow_is_recorded_and_the_program_goes_on():
    problem = make_problem((1, 2, 1), ("identity", "identity"), "squared_error", learning_rate=1e200)
    run = Run(problem)
    assert not np.isfinite(run.record(5).loss)
    assert run.length == 5


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("activation", "loss"), COMBINATIONS)
def test_saturated_outputs_with_rounding_carried(activation, loss):
    record = Run(_saturated(activation, loss, rounding=Rounding(2))).record(1)
    for name in ("z", "a", "dadz", "delta", "dW"):
        assert np.isfinite(np.concatenate([v.ravel() for v in getattr(record, name)])).all(), name


def test_slope_at_the_kink_is_that_of_the_left_side():
    for name, slope in (("relu", 0.0), ("leaky_relu", 0.01), ("elu", 1.0)):
        problem = make_problem((1, 1), (name,), "squared_error", has_biases=False, m=1)
        assert Run(replace(problem, x=frozen([[0.0]]))).record(1).dadz[0][0, 0] == slope


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
@pytest.mark.parametrize(
    ("weights", "inputs", "z", "slope"),
    [([0.1, 0.2, -0.3], [1, 1, 1], 0, 0), ([-0.3, 0.7, 0.1], [8, 3, 3], 0, 0),
     ([1e-20, 0.0, 0.0], [1, 1, 1], 1e-20, 1), ([1.0, 0.0, -1.0], [1 + 1e-14, 9, 1], 1e-14, 1)],
)  # fmt: skip
def test_terms_that_cancel_on_paper_stand_at_the_kink(activation, weights, inputs, z, slope):
    """0.1 + 0.2 − 0.3 is 0 on paper and 0.00000000000000003 in binary: the slope is that at 0. What is truly small stays."""
    problem = make_problem((3, 1), (activation,), "none", m=1, has_biases=False)
    record = Run(replace(problem, weights=(frozen([weights]),), x=frozen([inputs]))).record(1)
    assert record.z[0][0, 0] == pytest.approx(z, rel=1e-2, abs=0)
    assert record.dadz[0][0, 0] == (slope or (0.01 if activation == "leaky_relu" else 0.0))


def test_an_infinite_sum_beside_one_that_is_0_stays_infinite():
    problem = make_problem((2, 2), ("relu",), "half_squared_error", m=1, has_biases=False)
    record = Run(replace(problem, weights=(frozen([[1e200, 1.0], [1.0, -1e200]]),), x=frozen([[1e200, 1e0]]))).record(1)
    assert record.z[0].tolist() == [[math.inf, 0.0]]


@pytest.mark.parametrize("scale", [1.0, 3.0, math.inf])
def test_gradients_of_one_bias_that_cancel_on_paper_are_0(scale):
    """0.1 + 0.2 − 0.3 again, as δ of three units; what is infinite is not."""
    problem = make_problem((1, 3), ("identity",), "half_squared_error", m=1, bias_sharing="per_layer")
    given = {"weights": (frozen([[0.0]] * 3),), "biases": (frozen([0.0] * 3),), "x": frozen([[1.0]]), "y": frozen([[-0.1, -0.2, 0.3]])}
    if scale == math.inf:
        given |= {"weights": (frozen([[1e200], [0.0], [0.0]]),), "x": frozen([[1e200]])}
    elif scale != 1.0:
        given |= {"y": frozen(given["y"] * scale)}
    record = Run(replace(problem, **given)).record(1)
    assert record.db[0].tolist() == [math.inf if scale == math.inf else 0.0] * 3


@pytest.mark.parametrize("hidden_delta_uses", ["old", "new"])
def test_the_redundant_coordinate_is_0_where_its_terms_cancel_on_paper(hidden_delta_uses):
    """0.7 · 0.1 + 0.7 · 0.2 − 0.7 · 0.3 is 0 on paper; beside other biases it is not."""
    problem = make_problem((1, 3), ("identity",), "half_squared_error", m=1, hidden_delta_uses=hidden_delta_uses)
    zero = frozen([[0.0]] * 3)
    for biases, y, wanted in (([0.7] * 3, [0.6, 0.5, 1.0], 0.0), ([0.7, 0.7, 0.8], [0.6, 0.5, 1.1], -0.03)):
        given = {"weights": (zero,), "biases": (frozen(biases),), "x": frozen([[1.0]]), "y": frozen([y])}
        assert Run(replace(problem, **given)).record(1).dLdX[0][0, 0] == pytest.approx(wanted, rel=1e-9, abs=1e-30)
