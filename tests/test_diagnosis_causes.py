"""Which causes of a wrong figure are named, which are not, and which quantities their sentences speak of."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

import pytest
from test_diagnosis import case, kinds, record_of

from model.diagnosis.diagnose import diagnose
from model.diagnosis.sentence import sentence
from model.diagnosis.slips import slopes
from model.stages import Ref


@pytest.mark.parametrize(("figure", "ref"), [("0.2", Ref("z", 2, 0)), ("0.00335", Ref("dW", 1, 1, 0)), ("7", Ref("dW", 1, 1, 1))])
def test_nothing_is_called_near_that_only_chance_brings_there(figure: str, ref: Ref) -> None:
    assert sentence(diagnose(case("jacob", ref), figure)).startswith(f"{figure} differs, and no usual slip gives it; right is")


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
