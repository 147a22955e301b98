"""A figure that differs is explained by the slip it was made with; every wrong calculation here is done again with plain loops."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import pytest
from diagnosis_cases import NETWORKS, batch, case, kinds, network, record_of

from model.diagnosis.case import Case
from model.diagnosis.diagnose import diagnose, diagnose_all
from model.diagnosis.figures import case_of
from model.diagnosis.printed import reasons
from model.diagnosis.sentence import reason, sentence
from model.diagnosis.typed import read_figure
from model.examples import example_names, open_problem
from model.expr.small_scripts import small_scripts
from model.figures import cells
from model.moment import number
from model.notation.profile import load_notation, notation_of
from model.problem import Optimizer, Problem, Rounding, frozen
from model.quantities import QUANTITIES, available, quantity
from model.run import Run
from model.stages import Ref
from model.verify import printed_strings

Table = list[list[float]]


def sigmoid(v: float) -> float:
    return 1 / (1 + math.exp(-v))


def hand(p: Problem, slip: str = "", note: Callable[[float], float] = float) -> dict[str, list[object]]:
    """One update of a network of sigmoids with half the squared error, worked out with loops. note: how each number is written down.

    Every list has layer l at index l. slip: what is done wrong.
    """
    L, x, y = p.depth, p.x[0].tolist(), p.y[0].tolist()  # type: ignore[index]
    W: list[Table] = [[], *(w.tolist() for w in p.weights or ())]
    b: list[list[float]] = [[], *(v.tolist() for v in p.biases or ())]
    a: list[list[float]] = [x]
    z: list[list[float]] = [[]]
    for l in range(1, L + 1):
        used = z[-1] if slip == "no activation" and l == 2 else a[-1]
        sums = []
        for j in range(p.layers[l]):
            total = 0.0 if slip == "bias left out" else b[l][j]
            for k in range(p.layers[l - 1]):
                total += W[l][j][k] * used[k]
            sums.append(note(total))
        z.append(sums)
        a.append([note(sigmoid(v)) for v in sums])
    loss = note(sum(note((a[L][j] - y[j]) ** 2 * (1.0 if slip == "loss factor" else 0.5)) for j in range(p.layers[L])))
    dLda: list[list[float]] = [[] for _ in range(L + 1)]
    delta: list[list[float]] = [[] for _ in range(L + 1)]
    dW: list[Table] = [[] for _ in range(L + 1)]
    new: list[Table] = [[] for _ in range(L + 1)]
    new_b: list[list[float]] = [[] for _ in range(L + 1)]
    rate = p.learning_rate or 0.0
    rate = {"plus": -rate, "no learning rate": 1.0, "learning rate twice": rate * rate, "other learning rate": 0.5}.get(slip, rate)
    for l in range(L, 0, -1):
        for j in range(p.layers[l]):
            if l == L:
                share = (a[l][j] - y[j]) * {"loss factor": 2.0, "loss factor twice": 0.5}.get(slip, 1.0)
            else:
                share = 0.0
                for i in range(p.layers[l + 1]):
                    table = new if slip == "old or new weights" else W
                    weight = table[l + 1][j][i] if slip == "not transposed" and l == 1 else table[l + 1][i][j]
                    share += weight * delta[l + 1][i]
            dLda[l].append(note(share))
            slope = note(a[l][j] * (1 - a[l][j]))
            if l == L:
                at_a, at_z = sigmoid(a[l][j]), z[l][j]
                wrong = {"slope left out": 1.0, "slope at a": at_a * (1 - at_a), "slope of z": at_z * (1 - at_z), "slope twice": slope**2}
                slope = wrong.get(slip, slope)
            if slip == "one factor rounded" and l == 1:
                slope = float(Decimal(slope).quantize(Decimal("0.1"), ROUND_HALF_UP))
            delta[l].append(note(dLda[l][j] * slope))
        given = {"output for input": a[l], "sum for input": z[l - 1]}.get(slip, a[l - 1])
        if len(given) != len(a[l - 1]):
            given = a[l - 1]
        for j in range(p.layers[l]):
            first = 1.0 if slip == "no delta" and l == 1 else delta[l][j]
            dW[l].append([note(first * (1.0 if slip == "no input" else given[k])) for k in range(p.layers[l - 1])])
            new[l].append([note(W[l][j][k] - rate * dW[l][j][k]) for k in range(p.layers[l - 1])])
            new_b[l].append(b[l][j] if slip == "frozen biases" else note(b[l][j] - rate * delta[l][j]))
    found: dict[str, list[object]] = {"z": z, "a": a, "dLda": dLda, "delta": delta, "dW": dW, "W_new": new, "b_new": new_b}  # type: ignore[dict-item]
    return {**found, "loss": [loss] * (L + 1)}


def entry(found: dict[str, list[object]], ref: Ref) -> float:
    value = found[ref.quantity][ref.layer]
    for index in (ref.unit, ref.from_):
        value = value if index is None else value[index]  # type: ignore[index]
    return float(value)  # type: ignore[arg-type]


SLIPS = (
    ("loss factor", Ref("loss")), ("loss factor", Ref("dW", 1, 0, 0)), ("loss factor", Ref("W_new", 2, 1, 0)),
    ("loss factor twice", Ref("delta", 1, 1)), ("bias left out", Ref("a", 2, 1)), ("bias left out", Ref("W_new", 1, 1, 0)),
    ("old or new weights", Ref("delta", 1, 0)), ("old or new weights", Ref("dW", 1, 1, 0)), ("not transposed", Ref("dLda", 1, 0)),
    ("not transposed", Ref("W_new", 1, 0, 0)), ("slope left out", Ref("delta", 2, 0)), ("slope left out", Ref("W_new", 1, 0, 0)),
    ("slope at a", Ref("delta", 2, 1)), ("slope of z", Ref("dW", 2, 0, 1)), ("slope twice", Ref("dLda", 1, 1)),
    ("output for input", Ref("dW", 2, 0, 1)), ("output for input", Ref("W_new", 2, 1, 1)), ("sum for input", Ref("dW", 2, 1, 0)),
    ("no input", Ref("W_new", 2, 0, 0)), ("no delta", Ref("W_new", 1, 0, 0)), ("no activation", Ref("z", 2, 0)),
    ("plus", Ref("W_new", 1, 1, 1)), ("plus", Ref("b_new", 2, 0)),
    ("no learning rate", Ref("W_new", 2, 0, 1)), ("learning rate twice", Ref("W_new", 2, 1, 0)),
    ("other learning rate", Ref("W_new", 1, 0, 1)), ("one factor rounded", Ref("dW", 1, 1, 0)),
)  # fmt: skip


def test_the_loops_work_out_what_the_program_does() -> None:
    for name in ("jacob", "dyda", "square", "deep"):
        found, record = hand(NETWORKS[name]), record_of(name)
        for ref in {ref for _, ref in SLIPS}:
            if ref.layer <= 2 and not (name == "deep" and ref == Ref("loss")):
                assert entry(found, ref) == pytest.approx(number(record, ref), abs=1e-12)


@pytest.mark.parametrize(("slip", "ref"), SLIPS)
def test_names_the_slip_a_figure_was_made_with(slip: str, ref: Ref) -> None:
    named = 0
    for name in ("jacob", "dyda", "square"):
        wrong = entry(hand(NETWORKS[name], slip), ref)
        if abs(wrong - number(record_of(name), ref)) > 1e-9:  # an input of 0 hides many a slip
            found = diagnose(case(name, ref), f"{wrong:.10f}")
            assert slip in kinds(found) or found.causes[0].value == pytest.approx(wrong, abs=1e-12), sentence(found)
            named += slip in kinds(found)
    assert named


def half_up(k: int, value: float) -> float:
    return float(Decimal(repr(round(value, 13))).quantize(Decimal(1).scaleb(-k), ROUND_HALF_UP))


def cut(k: int, value: float) -> float:
    return float(Decimal(repr(round(value, 13))).quantize(Decimal(1).scaleb(-k), ROUND_DOWN))


@pytest.mark.parametrize("ref", [Ref("delta", 1, 0), Ref("dW", 2, 1, 0), Ref("W_new", 2, 0, 1), Ref("loss")])
@pytest.mark.parametrize("how", [half_up, cut])
@pytest.mark.parametrize(("name", "decimals"), [("jacob", 2), ("square", 3), ("jacob", 4)])
def test_recognises_numbers_rounded_and_carried_on(name: str, decimals: int, how: Callable[[int, float], float], ref: Ref) -> None:
    wrong = entry(hand(NETWORKS[name], "", lambda v: how(decimals, v)), ref)
    found = diagnose(case(name, ref), f"{wrong:.{decimals}f}")
    assert found.outcome == "agree" or {"carried rounding", "cut off"} & set(kinds(found)), sentence(found)


def test_recognises_a_slip_together_with_rounding() -> None:
    wrong = entry(hand(NETWORKS["square"], "slope left out", lambda v: half_up(4, v)), Ref("dLda", 1, 0))
    found = diagnose(case("square", Ref("dLda", 1, 0)), f"{wrong:.4f}")
    assert found.causes[0].told.kind == "slope left out"
    assert "and every number is rounded to 4 decimals" in sentence(found)


def test_recognises_the_last_digit() -> None:
    truth = number(record_of("square"), Ref("delta", 2, 1))
    for decimals in range(3, 9):
        unit = 10.0**-decimals
        figure = cut(decimals, truth)
        found = diagnose(case("square", Ref("delta", 2, 1)), f"{figure:.{decimals}f}")
        assert found.outcome == "agree" if abs(figure - truth) <= unit / 2 else kinds(found)[0] == "cut off"


@pytest.mark.parametrize(("ref", "other", "kind"), [
    (Ref("W_new", 2, 0, 1), Ref("W_new", 2, 1, 0), "transposed entry"), (Ref("W_new", 2, 0, 1), Ref("W", 2, 0, 1), "left as it is"),
    (Ref("delta", 1, 0), Ref("delta", 1, 2), "other unit"), (Ref("delta", 1, 0), Ref("delta", 2, 1), "other layer"),
    (Ref("z", 1, 0), Ref("a", 1, 0), "other quantity"), (Ref("loss_after"), Ref("loss"), "other quantity"),
    (Ref("W", 1, 0, 1), Ref("W", 1, 1, 0), "transposed entry"),
])  # fmt: skip
def test_says_whose_figure_it_is(ref: Ref, other: Ref, kind: str) -> None:
    record = record_of("square")
    found = diagnose(case("square", ref), f"{number(record, other):.9f}")
    assert kinds(found)[0] == kind
    assert "is the figure of " + Case(record, other, load_notation("dyda")).name(other) in sentence(found)


def test_samples_of_a_batch_are_summed_averaged_and_mixed_up() -> None:
    record, ref = record_of("batch"), Ref("dW", 2, 1, 0)
    parts = [record.delta[1][s][1] * record.a[1][s][0] for s in range(3)]
    assert "reduction" in kinds(diagnose(case("batch", ref), f"{sum(parts):.9f}"))
    for s, part in enumerate(parts):
        found = diagnose(case("batch", ref), f"{part:.9f}")
        assert kinds(found)[0] == "one sample"
        assert f"only sample {s + 1} of the 3 is used" in sentence(found)
    other = diagnose(case("batch", Ref("a", 2, 1, sample=0)), f"{record.a[2][2][1]:.9f}")
    assert kinds(other) == ["other sample"]
    assert "is the figure of a^[2](3)_2" in sentence(other)


def test_logarithms_slopes_and_halves_of_a_cross_entropy() -> None:
    record = record_of("batch")
    a, y = record.a[-1][1], record.y[1]
    loss = -sum(y[j] * math.log(a[j]) + (1 - y[j]) * math.log(1 - a[j]) for j in range(2))
    assert loss == pytest.approx(record.loss_sample[1])
    ref = Ref("loss_sample", sample=1)
    assert kinds(diagnose(case("batch", ref), f"{loss / math.log(10):.8f}")) == ["log base"]
    assert kinds(diagnose(case("batch", ref), f"{loss / math.log(2):.8f}")) == ["log base"]
    half = -sum(math.log(record.a[-1][s][j]) for s, j in enumerate((0, 1, 1))) / 3
    assert "half entropy" in kinds(diagnose(case("batch", Ref("loss")), f"{half:.8f}"))
    put_in = (a[0] - y[0]) * a[0] * (1 - a[0])
    assert "slope put in" in kinds(diagnose(case("batch", Ref("delta", 2, 0, sample=1)), f"{put_in:.8f}"))


def test_softmax_that_was_treated_as_a_sigmoid() -> None:
    record = record_of("softmax")
    a, y, z = record.a[-1][0], record.y[0], record.z[-1][0]
    own = -y[1] / a[1] * a[1] * (1 - a[1])
    truth = record.delta[-1][0][1]
    assert own == pytest.approx(truth)  # where the target is 1 the slip is none; elsewhere it gives 0
    assert "softmax as sigmoid" in kinds(diagnose(case("softmax", Ref("delta", 2, 0)), "0.0000000"))
    handed = sum(record.params.W[1][j][0] * (own if j == 1 else 0.0) for j in range(3))
    assert "softmax as sigmoid" in kinds(diagnose(case("softmax", Ref("dLda", 1, 0)), f"{handed:.9f}"))
    assert "other activation" in kinds(diagnose(case("softmax", Ref("a", 2, 0)), f"{sigmoid(z[0]):.8f}"))


def _optimised(optimizer: Optimizer, **settings: object) -> Case:
    problem = replace(NETWORKS["square"], optimizer=optimizer, steps=3, **settings)  # type: ignore[arg-type]
    return Case(Run(problem).record(3), Ref("W_new", 1, 1, 0), load_notation("biswas"))


def test_adam_without_its_correction_momentum_and_penalty() -> None:
    adam = _optimised(Optimizer("adam"))
    mean, square = (adam.value_of(Ref(slot, 1, 1, 0)) for slot in ("mean", "square_mean"))
    old = adam.value_of(Ref("W", 1, 1, 0))
    wrong = old - 0.3 * mean / (math.sqrt(square) + 1e-8)
    assert kinds(diagnose(adam, f"{wrong:.9f}")) == ["no bias correction"]
    momentum = _optimised(Optimizer("sgd_momentum"))
    plain = momentum.value_of(Ref("W", 1, 1, 0)) - 0.3 * momentum.value_of(Ref("dW", 1, 1, 0))
    assert kinds(diagnose(momentum, f"{plain:.9f}")) == ["no momentum"]
    penalised = _optimised(Optimizer(), l2=0.2)
    weight = penalised.value_of(Ref("W", 1, 1, 0))
    wrong = penalised.value_of(Ref("W_new", 1, 1, 0)) + 0.3 * 0.2 * weight
    assert kinds(diagnose(penalised, f"{wrong:.9f}")) == ["no penalty"]


def test_right_figures_are_never_called_wrong() -> None:
    for name in [n for n in example_names() if n != "theta-digits"]:
        problem = open_problem(name)
        record = Run(problem).record(1)
        notation = notation_of(None, problem)
        for quantity_name in available(record):
            if quantity_name == "path":
                continue
            layer = 1 if quantity_name not in ("loss", "loss_sample", "loss_output", "loss_after", "mean_abs_error", "dLdx") else 0
            values, per_sample = quantity(record, quantity_name, layer), QUANTITIES[quantity_name].per_sample
            axes = {0: Ref("", layer), 1: Ref("", layer, 0), 2: Ref("", layer, 0, 0)}
            ref = axes[values.ndim - per_sample]._replace(quantity=quantity_name)
            value = float(values.ravel()[0])
            for decimals in (1, 2, 5, 8):
                found = diagnose(Case(record, ref, notation), f"{value:.{decimals}f}")
                assert (found.outcome, found.causes) == ("agree", ())
                assert f"agrees to {decimals} decimal" in sentence(found)


def test_of_a_figure_out_of_the_blue_nothing_is_claimed() -> None:
    r = random.Random(17)
    for ref in (Ref("delta", 1, 0), Ref("W_new", 2, 1, 0), Ref("a", 2, 1), Ref("loss")):
        for _ in range(3):
            found = diagnose(case("square", ref), f"{r.uniform(-2, 2):.8f}")
            assert found.causes == ()
            assert "no usual slip gives it" in sentence(found)
            assert "right is" in sentence(found)


STRANGE = {
    "relu": network((2, 3, 3), 4, activations=("relu", "softmax"), loss="squared_error"),
    "entropies": network((2, 3, 3), 4, activations=("tanh", "softmax"), loss="binary_cross_entropy", y=frozen([[0, 1, 0]])),
    "no loss": network((2, 3, 1), 4, activations=("gelu", "identity"), loss="none", y=None),
    "gradients only": network((3, 3, 3), 5, learning_rate=None),
    "shared": network((3, 3, 3), 5, bias_sharing="per_layer", hidden_delta_uses="new"),
    "momentum": batch(3, optimizer=Optimizer("sgd_momentum", nesterov=True), l2=0.1, rounding=Rounding(3)),
    "one": network((1, 1), 3),
}


@pytest.mark.parametrize("name", STRANGE)
def test_every_number_of_any_network_can_be_asked_about(name: str) -> None:
    problem = STRANGE[name]
    record = Run(problem).record(1)
    for quantity_name in available(record):
        kind = QUANTITIES[quantity_name]
        indices = (0,) * (len(kind.axes) - kind.per_sample)
        ref = Ref(quantity_name, 1 if kind.layered else 0, *indices)
        found = diagnose(Case(record, ref, load_notation("jacob")), "1.23456789")
        assert "no usual slip gives it" in sentence(found)


def test_says_what_comes_near_where_nothing_fits() -> None:
    value = 2 * number(record_of("square"), Ref("dLda", 2, 0))
    found = diagnose(case("square", Ref("dLda", 2, 0)), f"{value + 0.000012:.5f}")
    assert "no usual slip gives it; the nearest is" in sentence(found)
    assert "when the factor ½ of the loss is left out" in sentence(found)


def test_of_one_digit_nothing_is_claimed_that_many_a_slip_would_give() -> None:
    asked = case("jacob", Ref("dW", 1, 0, 0))
    assert sentence(diagnose(asked, "0.08")) == "0.08 differs, and has too few digits to tell why; right is 0.0011."
    assert sentence(diagnose(asked, "0.080")) == "0.080 is the figure of ∂L/∂w^(2)_11; right is 0.00111."
    assert sentence(diagnose(asked, "0.082")) == "0.082 is the figure of ∂L/∂w^(2)_12; right is 0.00111."


# What is said of each figure that an example's file has an erratum for.
ERRATA = {
    ("jacob", "dW", 0): "is the figure of ∂L/∂w^(2)_11",
    ("jacob", "dW", 1): "is the figure of ∂L/∂w^(2)_12",
    ("jacob", "dW", 2): "comes out when the factor ∂L/∂b^(1) is left out of ∂L/∂w^(1)",
    ("jacob", "dW", 3): "comes out when the factor ∂L/∂b^(1) is left out of ∂L/∂w^(1)",
    ("dyda-sigmoid", "delta", 0): "comes out when ∂L/∂a^[1] is rounded to 8 decimals first",
    ("dyda-sigmoid", "delta", 1): "comes out when ∂L/∂a^[1] is rounded to 8 decimals first, and the result is cut off after 9 decimals",
    **{("dyda-softmax", q, i): "comes out when a^[2] is rounded to 5 decimals first" for q in ("delta", "db", "dW") for i in (0, 1)},
}


def test_finds_the_errata_of_the_examples_by_itself() -> None:
    said: dict[tuple[str, str, int], str] = {}
    for name in ("jacob", "dyda-sigmoid", "dyda-softmax"):
        problem = open_problem(name)
        record = Run(problem).record(1)
        for printed in (e for e in problem.expected if e.erratum):
            figures = zip(cells(printed, record), printed_strings(printed.printed), strict=True)
            found = diagnose_all([(case_of(record, printed, cell, notation_of(None, problem)), text) for cell, text in figures])
            said |= {(name, printed.quantity, i): sentence(one) for i, one in enumerate(found)}
            short = reasons(record, printed)  # of those that differ by more than their last digit
            for one, text in zip(found, short, strict=True):
                assert text == (small_scripts(reason(one)) if one.outcome == "disagree" else "")
    assert len(said) == 12
    for key, text in ERRATA.items():
        assert text in said[key]


@pytest.mark.parametrize(("typed", "said"), [
    ("", "no figure yet"), ("  ", "no figure yet"), ("a third", "is not a number"), ("1/3", "is not a number"), ("∞", "finite"),
    ("nan", "finite"), ("1e999", "is not a number"), ("0." + "1" * 50, "too long"),
])  # fmt: skip
def test_what_is_no_figure_is_told_in_one_sentence(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        read_figure(typed)
    assert str(refused.value).count(". ") == 0


def test_commas_and_minus_signs_are_understood() -> None:
    found = diagnose(case("jacob", Ref("dLda", 2, 1)), " −0,17 ")
    assert found.outcome == "agree"
    assert sentence(found, comma=True) == "−0,17 agrees to 2 decimals; more exactly −0,1704."
