"""Which causes of a wrong figure are named, which are not, and which quantities their sentences speak of."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
from diagnosis_cases import case, kinds, record_of

from model.diagnosis.diagnose import diagnose
from model.diagnosis.sentence import sentence
from model.diagnosis.slips import slopes
from model.stages import Ref


@pytest.mark.parametrize(("figure", "ref"), [("0.2", Ref("z", 2, 0)), ("0.06671", Ref("dW", 1, 1, 1)), ("0.503", Ref("dW", 2, 0, 0))])
def test_nothing_is_called_near_that_only_chance_brings_there(figure: str, ref: Ref) -> None:
    said = "has too few digits to tell why" if figure == "0.2" else "no usual slip gives it"
    assert sentence(diagnose(case("jacob", ref), figure)).startswith(f"{figure} differs, and {said}; right is")


def test_a_figure_of_zeros_has_too_few_digits_for_a_slip() -> None:
    found = diagnose(case("jacob", Ref("db", 1, 0)), "0.00")
    assert set(kinds(found)) <= {"carried rounding", "cut off", "one factor rounded"}
    told = sentence(diagnose(case("jacob", Ref("a", 2, 0)), "0.00"))
    assert told == "0.00 differs, and has too few digits to tell why; right is 0.7349."


@pytest.mark.parametrize("ref", [*(Ref("W_new", 2, i, k) for i in (0, 1) for k in (0, 1)), Ref("b_new", 2, 0), Ref("b_new", 1, 0)])
@pytest.mark.parametrize(("name", "decimals"), [("jacob", 2), ("jacob", 3), ("dyda", 3), ("batch", 4)])
def test_a_parameter_that_was_left_as_it_is_is_no_slip_of_the_update(name: str, decimals: int, ref: Ref) -> None:
    asked = case(name, ref)
    old = asked.value_of(ref._replace(quantity=ref.quantity[0]))
    found = diagnose(asked, f"{old:.{decimals}f}")
    if found.outcome != "agree":
        assert kinds(found)[0] == "left as it is"
        assert set(kinds(found)) <= {"left as it is", "carried rounding"}
        assert f"the {'weight' if ref.quantity == 'W_new' else 'bias'} is left as it is" in sentence(found)


# Where the hidden layers' slopes have no part in a number, its sentence does not name them.
DOWNSTREAM = (
    ("db", 2, "σ′ at z^(3) is left out"), ("dLda", 1, "σ′ at z^(3) is left out"), ("dW", 2, "σ′ at z^(3) is left out"),
    ("db", 1, "σ′ at z^(2) and σ′ at z^(3) are left out"), ("W_new", 1, "σ′ at z^(2) and σ′ at z^(3) are left out"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "layer", "said"), DOWNSTREAM)
def test_only_slopes_that_are_in_a_number_are_named(name: str, layer: int, said: str) -> None:
    record = record_of("jacob")
    (x,), (hidden,), (out,), y = record.a[0], record.a[1], record.a[2], record.y[0]
    above = [float(sum(record.params.W[1][j][k] * (out[j] - y[j]) for j in range(2))) for k in range(2)]
    wrong = {
        ("db", 2): out[0] - y[0], ("dLda", 1): above[0], ("dW", 2): (out[0] - y[0]) * hidden[0], ("db", 1): above[0],
        ("W_new", 1): record.params.W[0][0][0] - record.learning_rate * above[0] * x[0],
    }[name, layer]  # fmt: skip
    found = diagnose(case("jacob", Ref(name, layer, 0, 0 if "W" in name else None)), f"{wrong:.9f}")
    if (name, layer) == ("db", 2):
        found = replace(found, causes=tuple(cause for cause in found.causes if cause.told.kind == "slope left out"))
    assert said in sentence(found)


def test_several_sums_belong_and_one_belongs() -> None:
    slip = {kind: list(told) for kind, told in groupby(slopes(case("jacob", Ref("db", 1, 0))), lambda told: told.kind)}["slope of z"]
    assert [told.clause for told in slip] == [
        "σ′ is formed from z^(2) and z^(3) where a^(2) and a^(3) belong",
        "σ′ is formed from z^(2) where a^(2) belongs",
        "σ′ is formed from z^(3) where a^(3) belongs",
    ]


def test_biases_that_were_left_as_they_are_are_found_behind_the_update() -> None:
    record = record_of("jacob")
    assert record.new_params is not None
    wrong = float(record.new_params.W[0][0] @ record.x[0] + record.params.b[0][0])
    assert "frozen biases" in kinds(diagnose(case("jacob", Ref("z_after", 1, 0)), f"{wrong:.9f}"))


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def wrong_updates(name: str) -> list[tuple[str, Ref, float, str]]:
    """Half a formula instead of the whole one, by hand from the numbers of a record of two weight layers with half the squared error."""
    record = record_of(name)
    (W1, W2), (b1, b2) = record.params.W, record.params.b
    x, a1, a2, y, rate = record.a[0][0], record.a[1][0], record.a[2][0], record.y[0], record.learning_rate or 0.0
    error, d1, d2 = a2 - y, record.delta[0][0], record.delta[1][0]
    step = rate * d2[0] * a1[1]
    assert record.new_params is not None
    assert record.new_params.W[1][0][1] == pytest.approx(W2[0][1] - step)
    z1 = W1.T @ x + b1
    return [
        ("transposed sum", Ref("z", 1, 0), z1[0], "transposed in"),
        ("transposed sum", Ref("a", 2, 1), sigmoid(W2.T @ a1 + b2)[1], "transposed in"),
        ("transposed sum", Ref("z", 2, 1), (W2.T @ sigmoid(z1) + b2)[1], "are transposed in"),
        ("one path", Ref("dLda", 1, 1), W2[0][1] * d2[0], "only the path through output 1"),
        ("one path", Ref("db", 1, 1), W2[1][1] * d2[1] * a1[1] * (1 - a1[1]), "only the path through output 2"),
        ("half of the slope", Ref("delta", 2, 0), error[0] * a2[0], "is taken of"),
        ("half of the slope", Ref("dW", 2, 1, 0), error[1] * (1 - a2[1]) * a1[0], "only 1 − "),
        ("half of the slope", Ref("db", 1, 0), float(W2.T[0] @ (error * a2)) * a1[0], "are taken of"),
        ("other layer's output", Ref("dW", 2, 0, 1), d2[0] * x[1], "is formed with"),
        ("only the step", Ref("W_new", 2, 0, 1), step, "only the step is taken for the new weight, without"),
        ("only the step", Ref("b_new", 1, 1), rate * d1[1], "only the step is taken for the new bias, without"),
        ("learning rate in gradient", Ref("dW", 1, 0, 1), rate * d1[0] * x[1], f"= {rate:g} already"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["jacob", "square"])
def test_half_a_formula_is_found(name: str) -> None:
    for kind, ref, wrong, said in wrong_updates(name):
        found = diagnose(case(name, ref), f"{wrong:.10f}")
        assert kinds(found) == [kind], (ref, sentence(found))
        assert said in sentence(found)


def test_a_mean_that_is_taken_too_early_is_found() -> None:
    record = record_of("batch")
    for ref, truth in ((Ref("delta", 2, 1, sample=2), record.delta[1][2][1]), (Ref("dLda", 1, 0, sample=1), record.dLda[0][1][0])):
        found = diagnose(case("batch", ref), f"{truth / 3:.9f}")
        assert kinds(found)[0] == "early mean"
        assert "each sample's own error is divided by the 3 samples" in sentence(found)
