"""Rounding against Python's decimal module, and what an update does with it."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from math_helpers import make_problem

from model.problem import Optimizer, Rounding, frozen, replace
from model.quantities import quantity
from model.rounding import round_in_place, rounded
from model.run import Run

MODES = {"half_even": ROUND_HALF_EVEN, "half_up": ROUND_HALF_UP, "truncate": ROUND_DOWN}
modes = st.sampled_from(sorted(MODES))


def _on_paper(text, decimals, mode):
    return float(Decimal(text).quantize(Decimal(1).scaleb(-decimals), MODES[mode]))


@given(st.integers(-(10**9), 10**9), st.integers(0, 8), st.integers(0, 6), modes)
def test_a_decimal_number_rounds_as_on_paper(digits, places, decimals, mode):
    text = str(Decimal(digits).scaleb(-places))
    found = rounded(np.array([float(text)]), Rounding(decimals, mode))[0]
    assert found == _on_paper(text, decimals, mode)
    assert not np.signbit(found) or found < 0


@given(st.integers(-999, 999), st.integers(-999, 999), st.integers(0, 4), modes)
def test_a_product_rounds_as_on_paper(a, b, decimals, mode):
    """0.15 · 0.15 is 0.0225 on paper and 0.02249999… in binary."""
    found = rounded(np.array([a / 100 * (b / 100)]), Rounding(decimals, mode))[0]
    assert found == _on_paper(str(Decimal(a) / 100 * (Decimal(b) / 100)), decimals, mode)


@example([235228, 789475, -927594, -97110], 6, "truncate")
@given(st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=6), st.integers(0, 6), modes)
def test_a_sum_rounds_as_on_paper_also_where_its_terms_cancel(digits, decimals, mode):
    """0.066302 − 0.066303 is −0.000001 on paper and −0.00000099999999… in binary."""
    found = rounded(np.array([sum(number / 10**6 for number in digits)]), Rounding(decimals, mode))[0]
    assert found == _on_paper(str(sum(Decimal(number).scaleb(-6) for number in digits)), decimals, mode)


@example(524288.8656854834, 8, "truncate")
@given(st.floats(-1e6, 1e6), st.integers(0, 10), modes)
def test_rounding_twice_is_rounding_once_and_the_error_is_bounded(value, decimals, mode):
    once = rounded(np.array([value]), Rounding(decimals, mode))
    assert rounded(once, Rounding(decimals, mode))[0] == once[0]
    assert abs(once[0] - value) <= 10.0**-decimals * (1.002 if mode == "truncate" else 0.502) + 1e-9 * abs(value) * 1e-6


def test_what_comes_close_to_one_is_cut_below_it():
    assert rounded(np.tanh([15.0]), Rounding(8, "truncate"))[0] == 0.99999999
    assert rounded(np.array([0.15 * 0.15]), Rounding(4, "truncate"))[0] == 0.0225


@pytest.mark.parametrize("mode", sorted(MODES))
def test_what_cannot_be_rounded_stays(mode):
    values = np.array([np.inf, -np.inf, np.nan, 1e300, -1e300, 123456789012345678.0])
    before = values.copy()
    round_in_place(values, Rounding(10, mode))
    assert np.array_equal(values, before, equal_nan=True)


@pytest.mark.parametrize("weight", [8.0, 64.07, 812.51])
def test_a_small_step_of_a_large_weight_is_cut_as_on_paper(weight):
    """64.06 − 64.07 is −0.01 on paper and −0.00999999… in binary: with the digits cut off that must not become 0."""
    problem = make_problem((1, 1), ("identity",), "none", m=1, has_biases=False, learning_rate=0.01, rounding=Rounding(2, "truncate"))
    record = Run(replace(problem, weights=(frozen([[weight]]),), x=frozen([[1.0]]))).record(1)
    assert record.dW[0][0, 0] == 1.0
    assert quantity(record, "step_W", 1)[0, 0] == -0.01


def test_zero_has_no_sign():
    for value in (-0.0, -0.001, -1e-300):
        assert str(rounded(np.array([value]), Rounding(2))[0]) == "0.0"


def test_large_values_round_although_their_last_digits_are_coarse():
    values = rounded(np.array([123456.789012345, 999999.5, 31415926.53589793]), Rounding(6))
    assert values.tolist() == [123456.789012, 999999.5, 31415926.535898]


def test_no_rounding_gives_the_same_array():
    values = np.array([1.23456])
    assert rounded(values, None) is values


@pytest.mark.parametrize("mode", sorted(MODES))
def test_every_quantity_of_an_update_is_rounded_from_rounded_ones(mode):
    """The whole update by hand, one number per layer, with three decimals carried."""

    def r(value):
        return _on_paper(str(Decimal(value).quantize(Decimal("1e-12"))), 3, mode)

    x, y, w, v, c, d, rate = 0.7, 0.9, 0.45, -0.62, 0.11, 0.35, 0.5
    problem = make_problem((1, 1, 1), ("tanh", "sigmoid"), "half_squared_error", learning_rate=rate, rounding=Rounding(3, mode))
    problem = replace(problem, weights=(frozen([[w]]), frozen([[v]])), biases=(frozen([c]), frozen([d])), x=frozen([[x]]), y=frozen([[y]]))
    record = Run(problem).record(1)
    z1 = r(w * x + c)
    a1 = r(np.tanh(z1))
    z2 = r(v * a1 + d)
    a2 = r(1 / (1 + np.exp(-z2)))
    error = r(a2 - y)
    slope2, slope1 = r(a2 * (1 - a2)), r(1 - a1 * a1)
    delta2 = r(error * slope2)
    below = r(v * delta2)
    delta1 = r(below * slope1)
    dv, dw = r(delta2 * a1), r(delta1 * x)
    found = [
        record.z[0], record.a[1], record.z[1], record.a[2], record.dLda[1], record.dadz[1], record.dadz[0], record.delta[1],
        record.dLdX[1][:, 1], record.delta[0], record.dW[1], record.dW[0], record.new_params.W[1], record.new_params.W[0],
        record.new_params.b[1], record.loss_sample, np.array(record.loss), record.dLdX[1][:, 0], record.dLdX[0][:, 1],
    ]  # fmt: skip
    wanted = [
        z1, a1, z2, a2, error, slope2, slope1, delta2, below, delta1, dv, dw, r(v - rate * dv), r(w - rate * dw), r(d - rate * delta2),
        r(error * error / 2), r(error * error / 2), r(d * delta2), r(w * delta1),
    ]  # fmt: skip
    assert [float(value.ravel()[0]) for value in found] == wanted


def test_given_values_are_not_rounded():
    problem = make_problem((2, 2, 1), ("tanh", "sigmoid"), "half_squared_error", learning_rate=0.1, rounding=Rounding(1))
    record = Run(problem).record(1)
    assert np.array_equal(record.x, problem.x)
    assert all(np.array_equal(mine, given_) for mine, given_ in zip(record.params.W, problem.weights, strict=True))


def test_every_number_of_a_rounded_record_has_its_decimals():
    settings = {"learning_rate": 0.3, "rounding": Rounding(3), "l2": 0.1, "batch_reduction": "mean"}
    problem = make_problem((2, 3, 2), ("tanh", "softmax"), "squared_error", optimizer=Optimizer("sgd_momentum"), **settings)
    record = Run(problem).record(2)
    arrays = [record.loss_output, record.loss_sample, np.array(record.loss), record.new_params.theta, *record.new_state.slots]
    for name in ("z", "dadz", "dLda", "delta", "dLdX", "dW", "db"):
        arrays += getattr(record, name)
    for array in (*arrays, *record.a[1:]):
        assert np.array_equal(array, np.round(array, 3))
        assert not np.signbit(array[array == 0]).any() if array.ndim else True


def test_softmax_delta_of_binary_cross_entropy_works_out_from_the_rounded_activations():
    rounding = Rounding(2, "half_up")
    record = Run(make_problem((2, 3), ("softmax",), "binary_cross_entropy", rounding=rounding, m=3)).record(1)
    a, y = record.a[-1], record.y
    error = (1 - y) / (1 - a) - y / a
    by_hand = a * (error - (error * a).sum(axis=1, keepdims=True))
    assert np.array_equal(record.delta[-1], rounded(by_hand, rounding))
