"""Single lines as a careful reader reads them: the sample named, the sign of the note, the penalty written out, nothing said twice."""

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from explain_helpers import (
    NOTATIONS,
    all_problems,
    functions,
    moment_at,
    network,
    record_of,
    shown,
    side_text,
    special_problems,
    ticks,
    walk_of,
    worked_out,
)
from lots import in_turn

from model.examples import open_problem
from model.explain.origin import origin
from model.explain.paths import story
from model.explain.steps import explain
from model.expr.tidy import distinct, tidy
from model.expr.tree import Fn, Frac, Mat, Num, NumberFormat, Op, Row, Sup, Sym
from model.moment import Moment, number
from model.notation.profile import load_notation
from model.paths import paths_of
from model.problem import frozen
from model.stages import Ref

SPECIAL = special_problems()
EXACT = NumberFormat(None)


# -- whose is it ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notation", ["theta", "biswas", "jacob"])
@pytest.mark.parametrize("name", ["batch sum", "sigmoid, yes or no", "softmax, batch"])
def test_a_samples_loss_is_written_with_that_sample(name, notation):
    """E₂(Θ) is made of Y_{k,2} and not of Y_{k,m}."""
    problem = replace(SPECIAL[name], l2=0.0)
    moment = moment_at(record_of(problem), notation, "loss_sample", sample=1)
    (equation,) = explain(moment).equations
    letter = load_notation(notation).letters["sample"]
    for _, side in equation.sides[:2]:
        assert not re.search(rf"[(,{{\[]{letter}[)}}\]]", side_latex(side)), side
    assert "2" in side_latex(equation.sides[1][1])


def side_latex(expr) -> str:
    parts = [getattr(expr, "latex", "")]
    for name in ("items", "argument", "base", "numerator", "denominator"):
        inner = getattr(expr, name, ())
        parts += [side_latex(part) for part in (inner if isinstance(inner, tuple) else (inner,))]
    return " ".join(parts)


def test_the_loss_of_another_sample_is_written_with_that_sample():
    moment = moment_at(record_of(network(m=3)), "dyda", "end", decimals=4)
    (equation,) = origin(moment, Ref("loss_sample", sample=2)).equations
    assert [side_text(side, moment.fmt) for _, side in equation.sides][:2] == ["L⁽³⁾", "1/2 · ‖y⁽³⁾ − a^[2](3)‖₂²"]


def test_the_targets_that_softmax_adds_up_are_those_of_the_sample():
    problem = replace(SPECIAL["softmax, batch"], y=frozen([[0.5, 1.5], [1.0, 0.0], [0.0, 1.0]]))
    lines = shown(problem, "theta", "delta:2", sample=1)
    assert lines[1][1] == "(Σ(k=1…2) Lₖ,₂) · Y₁,₂ − L₁,₂"


# -- as the note writes it ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("samples", [1, 3])
def test_biswas_general_line_of_softmax_has_the_sign_of_its_components(samples):
    example = open_problem("biswas-figure-1")
    problem = replace(example, x=example.x[:samples], y=example.y[:samples])
    *_, general = (sides for sides in shown(problem, "biswas", "delta:3", form="index") if len(sides) == 2)
    assert re.fullmatch(r"− \(𝟙.*_\(ℓ=i\) − ŷᵢ.*\)", general[1])
    components = [sides for sides in shown(problem, "biswas", "delta:3", form="index") if len(sides) > 2 and "a₃ᵢ" not in sides[0]]
    assert len(components) == 2
    assert all(re.match(r"− \(𝟙.* − ŷ", sides[1]) for sides in components)
    mixed = shown(SPECIAL["softmax, targets that add up to 2"], "biswas", "delta:2", form="index")
    assert all(sides[1].startswith("(Σ") for sides in mixed)


def test_the_theta_note_puts_the_numbers_into_its_quotient():
    """−(L − Y)/(Y(1 − Y)), and then what a target of 0 or 1 leaves of it."""
    record = record_of(open_problem("theta-digits"))
    moment = moment_at(record, "theta", "dLda:2", decimals=4)
    lines = [[side_text(side, moment.fmt) for _, side in equation.sides] for equation in explain(moment).equations]
    assert lines[2][2:] == ["− (1 − 0.3528)/(0.3528 · (1 − 0.3528))", "− 1/0.3528", lines[2][-1]]
    assert lines[3][2:4] == ["− (0 − 0.6459)/(0.6459 · (1 − 0.6459))", "(1 − 0)/(1 − 0.6459)"]
    matrix = explain(moment, form="matrix").equations[-1]
    assert side_text(matrix.sides[1][1].rows[1][0], moment.fmt) == "− (0 − 0.6459)/(0.6459 · (1 − 0.6459))"


def test_a_saturated_output_is_not_put_into_the_quotient():
    problem = network((1, 1), activations=("sigmoid",), loss="binary_cross_entropy", weights=(frozen([[1000.0]]),),
                      biases=(frozen([0.0]),), x=frozen([[1.0]]), y=frozen([[1.0]]))  # fmt: skip
    assert shown(problem, "theta", "dLda:1")[-1][2:] == ["− 1/1", "−1"]


# -- penalty and shared bias ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_penalty_can_be_worked_out_from_its_line(notation):
    """λ/2 (w² + …) with the notation's letter for a weight; the loss has it too, and says that biases are left out."""
    record = record_of(network((2, 2, 1), l2=0.1, activations=("tanh", "identity")))
    moment = moment_at(record, notation, "end")
    (equation,) = origin(moment, Ref("penalty")).equations
    assert worked_out(equation.sides[1][1], EXACT, {"": lambda m: m}) == pytest.approx(record.penalty, rel=1e-12)
    letter = {"theta": "\\Theta", "jacob": "w", "soletskyi": "w"}.get(notation, "W")
    assert f"\\sum {letter}^{{2}}" in equation.sides[0][1].latex
    (loss,) = explain(moment_at(record, notation, "loss")).equations
    first = next(side for kind, side in loss.sides if kind == "numbers")
    assert worked_out(first, EXACT, functions(record.problem, notation, 0)) == pytest.approx(record.loss, rel=1e-12)
    assert "biases" in loss.note


def test_a_long_penalty_says_how_many_weights_it_has():
    (sides,) = shown(network(l2=0.1), "dyda", "loss")
    assert "(12 weights)" in sides[2]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_chain_of_a_penalised_weight_ends_at_its_gradient(notation):
    """Along the paths without penalty, and with λw the number that the last telling has."""
    target, record = Ref("W", 1, 0, 0), record_of(network(l2=0.1))
    moment, paths = moment_at(record, notation, "end"), paths_of(record, target)
    told = story(moment, target, paths)
    chain, alone, whole = told[0].explanation.equations
    assert "\\lambda" in chain.sides[0][1].rows[0][-1].latex
    assert "without penalty" in side_text(alone.sides[0][1], moment.fmt)
    assert alone.sides[-1][1].value == pytest.approx(paths.total)
    assert whole.sides[-1][1].value == number(record, Ref("dW", 1, 0, 0))
    assert worked_out(whole.sides[-2][1], EXACT, {"": lambda m: m}) == pytest.approx(number(record, Ref("dW", 1, 0, 0)))
    assert told[-1].explanation.equations[0].sides[-1][1].value == whole.sides[-1][1].value
    assert "penalty" in paths.note
    assert len(story(moment, Ref("b", 1, 0), paths_of(record, Ref("b", 1, 0)))[0].explanation.equations) == 2


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_the_samples_gradients_of_a_shared_bias_make_that_of_the_batch(reduction, notation):
    record = record_of(network(m=3, bias_sharing="per_layer", batch_reduction=reduction))
    moment = moment_at(record, notation, "end")
    for l in (1, 2):
        parts = []
        for s in range(3):
            (equation,) = origin(replace(moment, sample=s), Ref("db_sample", l, 0, sample=s)).equations
            found = worked_out(next(side for kind, side in equation.sides if kind == "numbers"), EXACT, {"": lambda m: m})
            assert equation.sides[-1][1].value == pytest.approx(float(found))
            parts.append(float(found))
        share = 3 if reduction == "mean" else 1
        assert sum(parts) / share == pytest.approx(number(record, Ref("db", l, 0)))


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("form", ["matrix", "index"])
def test_a_shared_bias_has_a_rule_of_its_own_and_a_reason(form, notation):
    inside = load_notation(notation).presentation.bias != "apart"
    moment = moment_at(record_of(SPECIAL["shared bias"]), notation, "dW:2" if inside else "db:2")
    equations = explain(moment, form=form).equations
    (reason,) = {equation.note for equation in equations if "whole layer" in equation.note}
    assert "deltas" not in reason
    assert {"dyda": "δ^[2]", "theta": "δ^(3)", "jacob": "∂L/∂z^(3)", "soletskyi": "δ^b", "biswas": "∇"}[notation] in reason
    assert any(side_latex(equation.sides[1][1]).count("\\sum") == 2 for equation in equations)


# -- nothing said twice -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "notation"), in_turn(all_problems(), NOTATIONS, 2))
def test_no_side_repeats_the_next_and_no_number_has_two_brackets(name, notation):
    record = record_of(all_problems()[name])
    walk, profile = walk_of(record, notation), load_notation(notation)
    fmt = NumberFormat(profile.decimals)
    for granularity, form in (("layer", "matrix"), ("neuron", "index")):
        every = list(ticks(walk, granularity))
        for tick in every if granularity == "layer" else every[:: max(1, len(every) // 20)]:
            moment = Moment(record, walk, tick, granularity, profile, fmt, record.m - 1)
            for equation in explain(moment, form=form).equations:
                texts = [side_text(side, fmt) for _, side in equation.sides]
                assert not any(a == b for a, b in pairwise(texts)), texts
                assert not any(text in ("−0", "− 0") for text in texts), texts
                assert not any(needless_brackets(side) for _, side in equation.sides), texts


def needless_brackets(expr) -> bool:
    """Say whether a number has brackets within brackets, or brackets after a comma."""
    if isinstance(expr, Fn):
        return (isinstance(expr.argument, Num) and expr.argument.bracket and expr.argument.value < 0) or needless_brackets(expr.argument)
    if isinstance(expr, Row):
        after_comma = [b for a, b in pairwise(expr.items) if a == Op(",")]
        return any(isinstance(item, Num) and item.bracket for item in after_comma) or any(map(needless_brackets, expr.items))
    if isinstance(expr, Mat):
        return any(needless_brackets(cell) for line in expr.rows for cell in line)
    if isinstance(expr, Frac):
        return needless_brackets(expr.numerator) or needless_brackets(expr.denominator)
    return isinstance(expr, Sup) and needless_brackets(expr.base)


def test_a_lone_number_stands_without_brackets():
    fmt = NumberFormat(4)
    negative, one = Num(-0.15, bracket=True), Num(1.0)
    assert side_text(tidy(Row((Num(2.0), Op("·"), Fn("", one))), fmt), fmt) == "2 · 1"
    assert side_text(tidy(Sup(Fn("", negative), "2"), fmt), fmt) == "(−0.15)²"
    assert side_text(tidy(Fn("\\exp", negative), fmt), fmt) == "exp(−0.15)"
    assert side_text(tidy(Fn("\\max", Row((Num(0.0), Op(","), negative))), fmt), fmt) == "max(0, −0.15)"
    assert side_text(tidy(Row((Sym("a"), Fn("", one))), fmt), fmt) == "a (1)"  # or it would be a1
    assert side_text(tidy(Sup(Fn("", Num(1e-12)), "2"), fmt), fmt) == "(1.00·10⁻¹²)²"


def test_a_side_that_prints_like_the_next_is_left_out():
    fmt = NumberFormat(2, trailing_zeros=True)
    sides = [("symbol", Sym("a")), ("rule", Num(1.0, exact=True)), ("numbers", Num(1.0)), ("result", Num(1.001))]
    assert distinct(sides, fmt) == [sides[0], sides[3]]
    column = [("symbol", Num(1.0)), ("numbers", Mat(((Num(1.0),), (Num(2.0),)))), ("result", Mat(((Num(1.0),), (Num(3.0),))))]
    assert distinct(column, fmt) == column


def test_single_terms_keep_their_fractions_and_letters():
    problem = network(m=3, batch_reduction="mean", l2=0.1)
    assert shown(problem, "dyda", "loss:0:0:0", granularity="term")[0][0] == "1/3 · L⁽¹⁾"
    assert shown(problem, "dyda", "dW:1:2:3", granularity="term")[0][0] == "λ · W₁₂^[1]"


def test_a_long_sum_of_minuses_leaves_out_minuses():
    (sides,) = shown(open_problem("theta-digits"), "theta", "loss_sample", decimals=4)
    assert ") − … − (" in sides[2]


# -- where it comes from ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_words_of_an_origin_are_about_that_number(notation):
    record = record_of(network(l2=0.1))
    moment = moment_at(record, notation, "end")
    for ref in (Ref("db", 1, 0), Ref("b_new", 1, 0)):
        words = origin(moment, ref).words
        assert "bias" in words
        assert "penalty" not in words
        assert "weight of layer" not in words
    slope = origin(moment, Ref("dadz", 1, 0)).words
    assert {"dyda": "φ", "biswas": "g"}.get(notation, "σ") in slope
    assert "φ" not in slope or notation == "dyda"
    (one,) = origin(moment, Ref("one")).equations
    assert [side_text(side, moment.fmt) for _, side in one.sides] == ["1"]


def test_a_gradient_is_not_explained_by_its_own_name():
    moment = moment_at(record_of(open_problem("jacob")), "jacob", "end", decimals=2)
    (equation,) = origin(moment, Ref("db", 2, 0)).equations
    assert [side_text(side, moment.fmt) for _, side in equation.sides][:2] == ["∂L/∂b₁⁽²⁾", "δ₁⁽³⁾ × σ′(z₁⁽³⁾)"]


def test_frozen_biases_are_said_to_stay():
    moment = moment_at(record_of(SPECIAL["frozen biases"]), "dyda", "end")
    assert "frozen" in origin(moment, Ref("b_new", 1, 0)).words


# -- the mean over a batch ----------------------------------------------------------------------------------------------------------


def test_theta_whole_batch_derivatives_are_those_of_the_sum_before_averaging():
    """∂E/∂Y of the mean would be a third of Y − L."""
    for name in ("batch mean", "softmax, batch"):
        for address in ("dLda:2", "dLda:1"):
            moment = moment_at(record_of(SPECIAL[name]), "theta", address)
            equation = explain(moment, form="matrix").equations[-1]
            assert "\\sum_{m} E_{m}" in equation.sides[0][1].latex
            assert "before averaging" in equation.note
    summed = explain(moment_at(record_of(network(m=3)), "theta", "dLda:2"), form="matrix").equations[-1]
    assert "\\sum" not in summed.sides[0][1].latex
    assert "averaging" not in summed.note


def test_biswas_divides_the_batch_once():
    problem = open_problem("biswas-figure-1")
    for address in ("dLda:2", "delta:2", "dLda:1", "delta:1", "dW:1"):
        *_, sides = shown(problem, "biswas", address)
        assert "1/3" not in sides[1]
        assert sides[2].count("1/3") == 1
    record = record_of(problem)
    (equation,) = explain(moment_at(record, "biswas", "delta:1")).equations
    np.testing.assert_allclose(worked_out(equation.sides[-1][1], EXACT, {}), record.delta[0].T / 3, rtol=1e-12)
