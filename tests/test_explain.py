"""What is said and shown at a step: every granularity and form, words, links, text and LaTeX."""

import numpy as np
import pytest
from explain_helpers import (
    NOTATIONS,
    all_problems,
    moment_at,
    network,
    numbers_in,
    record_of,
    shown,
    side_text,
    special_problems,
    ticks,
    walk_of,
)

from model.examples import open_problem
from model.explain.calculation import calculation, sources_of
from model.explain.steps import caption_of, explain, formula_of
from model.expr.latex import equation_latex
from model.expr.text import block_of, equation_text, width
from model.expr.tree import NumberFormat, format_number
from model.moment import Moment, number
from model.notation.profile import load_notation
from model.quantities import QUANTITIES, quantity
from model.stages import GRANULARITIES, Ref

PROBLEMS = all_problems()


# -- granularities and forms ------------------------------------------------------------------------------------------------------


def test_a_neuron_is_a_sum_written_out():
    (sides,) = shown(open_problem("dyda-sigmoid"), "dyda", "z:1:0", granularity="neuron")
    assert sides == ["net₁^[1]", "W₁₀^[1] · 1 + W₁₁^[1] · X₁^[1] + W₁₂^[1] · X₂^[1]", "0.1 · 1 + (−0.2) · 1 + 0.3 · 0", "−0.1"]


def test_terms_are_added_one_at_a_time():
    problem = open_problem("dyda-sigmoid")
    added, so_far = shown(problem, "dyda", "z:1:0:1", granularity="term")
    assert added == ["W₁₁^[1] · X₁^[1]", "−0.2 · 1", "−0.2"]
    assert so_far == ["net₁^[1] so far", "0.1 · 1 + (−0.2) · 1", "−0.1"]


def test_a_bias_that_stands_apart_is_the_last_term():
    added, _ = shown(open_problem("jacob"), "jacob", "z:1:0:0", granularity="term", decimals=2)
    assert added[0] == "w₁₁⁽¹⁾ × a₁⁽¹⁾"
    (added, whole) = shown(open_problem("jacob"), "jacob", "z:1:0", granularity="term", decimals=2)
    assert added == ["b₁⁽¹⁾", "0.25"]
    assert whole[2] == "0.1 × 0.1 + 0.3 × 0.5 + 0.25"


@pytest.mark.parametrize("notation", NOTATIONS)
def test_running_sums_end_at_the_value(notation):
    """For every component of every stage the products of its calculation add up to the number of the record."""
    for problem in special_problems().values():
        if problem.rounding is not None:
            continue
        record = record_of(problem)
        for stage in walk_of(record, notation).stages:
            for component in range(min(stage.components, 12)):
                ref = stage.entry(component)
                calc = calculation(record, ref, 0)
                if calc.function:
                    continue
                total = sum(t.coefficient * np.prod([number(record, f, 0) for f in t.factors]) for t in calc.terms())
                assert total == pytest.approx(number(record, ref, 0), rel=1e-9, abs=1e-12), ref
                one_short = stage.quantity == "dW" and ref.quantity == "db"  # a bias inside the matrix has no penalty term
                dropped = stage.quantity == "dLda" and stage.terms == 1
                if stage.terms > 1 and not one_short and not dropped:
                    assert calc.count == stage.terms


def test_long_sums_are_elided_with_their_count():
    problem = network((784, 3, 2))
    (sides,) = shown(problem, "dyda", "z:1:0", granularity="neuron", decimals=2)
    assert sides[2].count("·") == 4
    assert "785 terms" in sides[2]
    (equation,) = explain(moment_at(record_of(problem), "dyda", "dW:1")).equations
    (result,) = [expr for kind, expr in equation.sides if kind == "result"]
    assert result.elided == (3, 785)
    assert len(result.rows[0]) == 7


def test_a_long_sum_is_explained_without_visiting_every_input():
    moment = moment_at(record_of(network((784, 3, 2))), "dyda", "z:1:0", "neuron")
    explanation = explain(moment)
    assert Ref("W", 1, 0, None) in explanation.sources
    assert len(explanation.sources) < 10


def test_both_forms_are_available_everywhere():
    record = record_of(open_problem("biswas-figure-1"))
    for notation in NOTATIONS:
        for tick in ticks(walk_of(record, notation), "layer"):
            moment = Moment(record, walk_of(record, notation), tick, "layer", load_notation(notation), NumberFormat(4))
            for form in ("matrix", "index"):
                assert explain(moment, form=form).equations


def test_a_phase_lists_its_stages_briefly():
    record = record_of(open_problem("jacob"))
    walk = walk_of(record, "jacob")
    moment = Moment(record, walk, walk.next(0, "phase"), "phase", load_notation("jacob"), NumberFormat(2))
    explanation = explain(moment)
    assert [side_text(e.sides[0][1], moment.fmt) for e in explanation.equations] == ["z⁽²⁾", "a⁽²⁾", "z⁽³⁾", "a⁽³⁾"]
    assert explanation.caption == "Update 1 · forward"


def test_the_start_shows_what_is_given_and_nothing_else():
    record = record_of(open_problem("jacob"))
    walk = walk_of(record, "jacob")
    explanation = explain(Moment(record, walk, 0, "layer", load_notation("jacob"), NumberFormat(2)))
    assert [side_text(e.sides[0][1], NumberFormat(2)) for e in explanation.equations] == ["a⁽¹⁾", "y", "w⁽¹⁾", "b⁽¹⁾", "w⁽²⁾", "b⁽²⁾"]


def test_matrix_form_shows_the_batch_and_a_neuron_the_chosen_sample():
    problem = open_problem("biswas-figure-1")
    (sides,) = shown(problem, "biswas", "a:1", decimals=4)
    assert sides[-1].split(";")[0] == "[0 0.94 0.32"
    (sides,) = shown(problem, "biswas", "z:1:0", granularity="neuron", decimals=4, sample=1)
    assert sides[0] == "a₁₁⁽²⁾"
    assert sides[-1] == "0.94"


# -- words, captions, links -------------------------------------------------------------------------------------------------------


def test_captions():
    record = record_of(open_problem("dyda-sigmoid"))
    assert caption_of(moment_at(record, "dyda", "delta:2")) == "Update 1 · backward · δ^[2]: error times slope"
    assert caption_of(moment_at(record, "dyda", "z:1:1:1", "term")).endswith("net^[1]_2 · term 2 of 3")
    assert caption_of(moment_at(record, "dyda", "start")) == "Update 1 · start"
    assert explain(moment_at(record, "dyda", "delta:2")).caption == caption_of(moment_at(record, "dyda", "delta:2"))


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_step_has_words_that_end_in_a_full_stop(name):
    record = record_of(PROBLEMS[name])
    for notation in NOTATIONS:
        walk = walk_of(record, notation)
        for tick in (0, *walk.ends):
            explanation = explain(Moment(record, walk, tick, "layer", load_notation(notation), NumberFormat(4)))
            assert 20 < len(explanation.words) < 330
            assert explanation.words.endswith((".", "?"))
            assert "\n" not in explanation.words
            assert len(explanation.caption) < 90


def test_delta_says_why_and_not_only_what():
    moment = moment_at(record_of(open_problem("dyda-sigmoid")), "dyda", "delta:2")
    assert explain(moment).words.startswith("Each output's error times the slope of φ where the neuron stands")


def test_conventions_are_said():
    problems = special_problems()
    cases = {"frozen biases": ("W_new:2", "frozen"), "new weights": ("dLdX:2", "updated"), "shared bias": ("dW:2", "whole layer"),
             "batch mean": ("dW:2", "averaged"), "batch sum": ("dW:2", "added up")}  # fmt: skip
    for name, (address, word) in cases.items():
        explanation = explain(moment_at(record_of(problems[name]), "dyda", address))
        assert word in explanation.words + explanation.equations[-1].note, name


def test_the_handed_down_error_uses_the_weights_it_was_computed_with():
    (sides,) = shown(special_problems()["new weights"], "dyda", "dLdX:2")
    assert sides[1] == "(W̃^[2])ᵀ · δ^[2]"


def test_optimisers_show_each_of_their_lines():
    lines = {"sgd_momentum": 2, "rmsprop": 2, "adam": 5, "adamw": 5}
    for name, count in lines.items():
        assert len(shown(special_problems()[name], "jacob", "W_new:1")) == count


def test_only_revealed_numbers_are_focused():
    record = record_of(open_problem("jacob"))
    for notation in NOTATIONS:
        walk = walk_of(record, notation)
        for granularity in ("layer", "neuron"):
            for tick in ticks(walk, granularity):
                explanation = explain(Moment(record, walk, tick, granularity, load_notation(notation), NumberFormat(4)))
                assert all(walk.known(ref, tick) for ref in explanation.focus)
                assert explanation.focus


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_nothing_is_shown_before_it_is_computed_wherever_the_size_of_a_step_is_changed(granularity):
    record = record_of(open_problem("dyda-sigmoid"))
    for notation in ("dyda", "jacob"):
        walk, profile = walk_of(record, notation), load_notation(notation)
        for tick in range(walk.total + 1):
            moment = Moment(record, walk, tick, granularity, profile, NumberFormat(4))
            for form in ("matrix", "index"):
                refs = [ref for equation in explain(moment, form=form).equations for _, side in equation.sides for ref in numbers_in(side)]
                hidden = [ref for ref in refs if not moment.known(ref) and ref.quantity != "loss_output"]  # a term of a sum is its own
                assert not hidden, (notation, walk.address(tick, "term"), form)


def test_every_source_is_known_when_it_is_used():
    for problem in (open_problem("jacob"), open_problem("biswas-figure-1"), network((2, 3, 2), biases=None)):
        record = record_of(problem)
        for notation in NOTATIONS:
            walk = walk_of(record, notation)
            for tick in ticks(walk, "neuron"):
                explanation = explain(Moment(record, walk, tick, "neuron", load_notation(notation), NumberFormat(4)))
                hidden = [ref for ref in explanation.sources if not walk.known(ref, tick)]
                assert not hidden, (notation, walk.address(tick, "neuron"))


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_tip_has_a_formula_for_every_number(notation):
    for name in ("dyda-softmax", "biswas-figure-1", "adam", "softmax, squared error", "no biases"):
        record = record_of(PROBLEMS[name])
        moment = Moment(record, walk_of(record, notation), 0, "layer", load_notation(notation), NumberFormat(6))
        for q, described in QUANTITIES.items():
            if (described.needs_biases and not record.problem.has_biases) or q.endswith("_after") or q == "mean_abs_error":
                continue
            layer = record.problem.depth if described.layered else 0
            shape = np.shape(quantity(record, q, layer))[1 if described.per_sample else 0 :]
            index = tuple(0 for _ in shape)
            unit = index[0] if index else None
            ref = Ref(q, layer, unit, index[1] if len(index) > 1 else None)
            equation = formula_of(moment, ref)
            (result,) = [expr for kind, expr in equation.sides if kind == "result"]
            assert format_number(result.value, moment.fmt) == format_number(moment.value(ref), moment.fmt)


def test_sources_lead_back_to_what_is_given():
    """Following sources from the loss ends at inputs, weights, biases and targets only."""
    record = record_of(open_problem("jacob"))
    seen, queue = set(), [Ref("loss"), Ref("W_new", 1, 0, 0)]
    while queue:
        ref = queue.pop()
        if ref in seen:
            continue
        seen.add(ref)
        queue += sources_of(record, ref)
    ends = {ref.quantity for ref in seen if not sources_of(record, ref)}
    assert ends == {"W", "b", "a", "y", "learning_rate"}
    assert all(ref.layer == 0 for ref in seen if ref.quantity == "a" and not sources_of(record, ref))


# -- text and LaTeX ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notation", NOTATIONS)
def test_matrices_in_text_are_aligned(notation):
    for name in ("dyda-sigmoid", "biswas-figure-1", "adam", "softmax, squared error"):
        record = record_of(PROBLEMS[name])
        walk = walk_of(record, notation)
        for tick in walk.ends:
            moment = Moment(record, walk, tick, "layer", load_notation(notation), NumberFormat(4))
            for equation in explain(moment, form="matrix").equations:
                for _, expr in equation.sides:
                    block = block_of(expr, moment.fmt)
                    assert len({width(line) for line in block.lines}) == 1
                assert all(line == line.rstrip() for line in equation_text(equation, moment.fmt).split("\n"))


def test_decimal_points_stand_in_line():
    moment = moment_at(record_of(open_problem("dyda-sigmoid")), "dyda", "W_new:2")
    (result,) = [expr for kind, expr in explain(moment).equations[0].sides if kind == "result"]
    first, second = block_of(result, moment.fmt).lines
    assert [i for i, c in enumerate(first) if c == "."] == [i for i, c in enumerate(second) if c == "."]


def test_latex_is_balanced_and_complete():
    for notation in NOTATIONS:
        for name in ("dyda-softmax", "biswas-figure-1", "adam", "soletskyi"):
            record = record_of(PROBLEMS[name])
            walk = walk_of(record, notation)
            for tick in walk.ends:
                moment = Moment(record, walk, tick, "layer", load_notation(notation), NumberFormat(4, comma=True))
                for equation in explain(moment).equations:
                    source = equation_latex(equation, moment.fmt)
                    assert source.count("{") == source.count("}")
                    assert source.count(r"\left") == source.count(r"\right")
                    assert source.count(r"\begin") == source.count(r"\end")
                    assert "−" not in source
