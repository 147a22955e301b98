"""What is said and shown at a step: the notes' own equations in their order, words, links, and every granularity."""

from dataclasses import replace

import numpy as np
import pytest
from explain_helpers import NOTATIONS, all_problems, moment_at, network, record_of, special_problems, ticks, walk_of

from model.calculation import calculation, sources_of
from model.examples import open_problem
from model.explain import caption_of, explain, formula_of
from model.expr import Mat, NumberFormat, Row, Sym, format_number
from model.expr_latex import equation_latex
from model.expr_text import block_of, equation_text, latex_to_text, width
from model.moment import Moment, number
from model.notation import load_notation
from model.quantities import QUANTITIES, quantity
from model.stages import Ref

PROBLEMS = all_problems()


def shown(problem, notation, address, *, decimals=8, granularity="layer", form=None, sample=0):
    """Return the equations of a step as lists of one-line or multi-line texts, one per side."""
    moment = moment_at(record_of(problem), notation, address, granularity, decimals, sample)
    return [[flat(expr, moment.fmt) for _, expr in equation.sides] for equation in explain(moment, form=form).equations]


def flat(expr, fmt):
    """Return a side as text on one line, matrices as [a b; c d]."""
    if isinstance(expr, Mat):
        return "[" + "; ".join(" ".join(flat(cell, fmt) for cell in line) for line in expr.rows) + "]"
    if isinstance(expr, Row):
        return " ".join(flat(item, fmt) for item in expr.items)
    if isinstance(expr, Sym):
        return latex_to_text(expr.latex)
    block = block_of(expr, fmt)
    return block.lines[0].strip() if len(block.lines) == 1 else " ".join(line.strip() for line in block.lines)


# -- the notes, equation by equation ----------------------------------------------------------------------------------------------

DYDA = [
    ("z:1", ["X^[1]", "net^[1]"], "[−0.1; 0.1]"),
    ("a:1", ["a^[1]", "X^[2]"], "[1; 0.47502081; 0.52497919]"),
    ("z:2", ["net^[2]"], "[0.21498751; −0.52997502]"),
    ("a:2", ["a^[2]"], "[0.55354082; 0.37052271]"),
    ("dLda:2", ["∂L/∂a^[2]"], "[−0.44645918; 0.37052271]"),
    ("delta:2", ["δ^[2]"], "[−0.11033497; 0.0864191]"),
    ("dW:2", ["∂L/∂W^[2]"], "[−0.11033497 −0.05241141 −0.05792356; 0.0864191 0.04105087 0.04536823]"),
    ("W_new:2", ["W̃^[2]"], "[0.1610335 −0.24475886 0.35579236; −0.45864191 0.54589491 −0.65453682]"),
    ("dLdX:2", ["∂L/∂X^[2]"], "[−0.05543884; 0.07511425; −0.09478965]"),
    ("dLda:1", ["∂L/∂a^[1]"], "[0.07511425; −0.09478965]"),
    ("delta:1", ["δ^[1]"], "[0.01873169; −0.02363827]"),
    ("dW:1", ["∂L/∂W^[1]"], "[0.01873169 0.01873169 0; −0.02363827 −0.02363827 0]"),
    ("W_new:1", ["W̃^[1]"], "[0.09812683 −0.20187317 0.3; −0.39763617 0.50236383 −0.6]"),
]


def test_dyda_reads_like_the_note():
    """Every equation of the page in its order, with its printed figures."""
    problem = open_problem("dyda-sigmoid")
    walk = walk_of(record_of(problem), "dyda")
    assert [stage.address for stage in walk.stages if stage.address != "loss"] == [address for address, _, _ in DYDA]
    for address, symbols, result in DYDA:
        equations = shown(problem, "dyda", address)
        assert [sides[0] for sides in equations] == symbols
        assert equations[-1][-1] == result


def test_dydas_delta_shows_the_error_times_the_slope_at_each_net():
    (sides,) = shown(open_problem("dyda-sigmoid"), "dyda", "delta:2")
    assert sides[1] == "∂L/∂a^[2] ⊙ φ′(net^[2])"
    assert sides[2] == "[−0.44645918 · φ′(0.21498751); 0.37052271 · φ′(−0.52997502)]"


def test_dydas_update_is_the_old_matrix_minus_c_times_the_gradient():
    (sides,) = shown(open_problem("dyda-sigmoid"), "dyda", "W_new:2")
    gradient = "[−0.11033497 −0.05241141 −0.05792356; 0.0864191 0.04105087 0.04536823]"
    assert sides[1] == "W^[2] − c ∂L/∂W^[2]"
    assert sides[2] == f"W^[2] − c {gradient}"
    assert sides[3] == f"[0.15 −0.25 0.35; −0.45 0.55 −0.65] − 0.1 · {gradient}"


def test_dyda_says_which_coordinate_is_left_out():
    moment = moment_at(record_of(open_problem("dyda-sigmoid")), "dyda", "dLda:1")
    explanation = explain(moment)
    assert "redundant" in explanation.words
    assert "−0.05543884" in explanation.equations[0].note


def test_dydas_softmax_is_a_vector_of_fractions_and_its_delta_needs_no_slope():
    problem = open_problem("dyda-softmax")
    (sides,) = shown(problem, "dyda", "a:2", decimals=5)
    assert sides[3] == "[1.23985/1.82847; 0.58862/1.82847]"
    assert sides[4] == "[0.67808; 0.32192]"
    (sides,) = shown(problem, "dyda", "delta:2", decimals=5)
    assert sides[1:] == ["(Σ_(j=1)^2 y_j) a^[2] − y", "(1 + 0) [0.67808; 0.32192] − [1; 0]", "[−0.32192; 0.32192]"]
    assert shown(problem, "dyda", "W_new:2")[0][-1] == "[0.18219199 −0.23470813 0.36690013; −0.48219199 0.53470813 −0.66690013]"


JACOB = [
    ("z:1", "z^(2)", "w^(1) a^(1) + b^(1)", "[0.41; 0.47]"),
    ("a:1", "a^(2)", "σ(z^(2))", "[0.6; 0.62]"),
    ("z:2", "z^(3)", "w^(2) a^(2) + b^(2)", "[1.02; 1.26]"),
    ("a:2", "a^(3)", "σ(z^(3))", "[0.73; 0.78]"),
    ("dadz:2", "σ′(z^(3))", None, "[0.19; 0.17]"),
    ("dadz:1", "σ′(z^(2))", None, "[0.24; 0.24]"),
    ("dLda:2", "δ^(3)", "[a^(3)_1 − y_1; a^(3)_2 − y_2]", "[0.68; −0.17]"),
    ("db:2", "∂L/∂b^(2)", "δ^(3) ⊙ σ′(z^(3))", "[0.13; −0.03]"),
    ("dW:2", "∂L/∂w^(2)", "∂L/∂b^(2) (a^(2))ᵀ", "[0.08 0.08; −0.02 −0.02]"),
    ("dLda:1", "δ^(2)", "(w^(2))ᵀ ∂L/∂b^(2)", "[0.05; 0.06]"),
    ("db:1", "∂L/∂b^(1)", "δ^(2) ⊙ σ′(z^(2))", "[0.01; 0.01]"),
    ("dW:1", "∂L/∂w^(1)", "∂L/∂b^(1) (a^(1))ᵀ", None),
    ("W_new:1", "w_new^(1)", "w^(1) − α ∂L/∂w^(1)", "[0.1 0.3; 0.2 0.4]"),
    ("b_new:1", "b_new^(1)", "b^(1) − α ∂L/∂b^(1)", "[0.24; 0.24]"),
    ("W_new:2", "w_new^(2)", "w^(2) − α ∂L/∂w^(2)", "[0.45 0.55; 0.71 0.81]"),
    ("b_new:2", "b_new^(2)", "b^(2) − α ∂L/∂b^(2)", "[0.27; 0.37]"),
]


def test_jacob_reads_like_the_note():
    problem = open_problem("jacob")
    walk = walk_of(record_of(problem), "jacob")
    assert [stage.address for stage in walk.stages if stage.address != "loss"] == [line[0] for line in JACOB]
    for address, symbol, rule, result in JACOB:
        (sides,) = shown(problem, "jacob", address, decimals=2)
        assert sides[0] == symbol
        assert rule is None or sides[1] == rule
        assert result is None or sides[-1] == result


def test_jacob_writes_the_products_with_both_vectors_and_a_cross():
    (sides,) = shown(open_problem("jacob"), "jacob", "db:2", decimals=2)
    assert sides[2:] == ["[0.68; −0.17] ⊙ [0.19; 0.17]", "[0.68 × 0.19; −0.17 × 0.17]", "[0.13; −0.03]"]
    (sides,) = shown(open_problem("jacob"), "jacob", "dadz:2", decimals=2)
    assert sides[0] == "σ′(z^(3))"
    assert sides[2] == "[σ(1.02) (1 − σ(1.02)); σ(1.26) (1 − σ(1.26))]"


def test_biswas_summary_for_one_data_point():
    problem = replace(open_problem("biswas-figure-1"), x=open_problem("biswas-figure-1").x[:1], y=open_problem("biswas-figure-1").y[:1])
    lines = {address: [sides[:2] for sides in shown(problem, "biswas", address, decimals=4)][-1] for address in
             ("z:1", "a:1", "dLda:3", "delta:3", "dLda:2", "delta:2", "dW:3", "db:3")}  # fmt: skip
    assert lines == {
        "z:1": ["a_1", "W_1 · x + b_1"],
        "a:1": ["h_1", "g(a_1)"],
        "dLda:3": ["∇_ŷ ℒ(θ)", "− 1/ŷ_1 e_ℓ"],
        "delta:3": ["∇_(a_3) ℒ(θ)", "− (e_ℓ − ŷ)"],
        "dLda:2": ["∇_(h_2) ℒ(θ)", "W_3ᵀ · ∇_(a_3) ℒ(θ)"],
        "delta:2": ["∇_(a_2) ℒ(θ)", "∇_(h_2) ℒ(θ) ⊙ g′(a_2)"],
        "dW:3": ["∇_(W_3) ℒ(θ)", "∇_(a_3) ℒ(θ) · h_2ᵀ"],
        "db:3": ["∇_(b_3) ℒ(θ)", "∇_(a_3) ℒ(θ)"],
    }


def test_biswas_summary_for_the_whole_matrix_of_samples():
    problem = open_problem("biswas-figure-1")
    found = {address: shown(problem, "biswas", address, decimals=4)[-1][:2] for address in
             ("z:1", "z:2", "a:2", "a:3", "delta:3", "delta:2", "dW:2", "db:2")}  # fmt: skip
    assert found == {
        "z:1": ["A_1", "W_1 · X + b_1 · 1_3ᵀ"],
        "z:2": ["A_2", "W_2 · H_1 + b_2 · 1_3ᵀ"],
        "a:2": ["H_2", "g(A_2)"],
        "a:3": ["Ŷ", "softmax(A_3)"],
        "delta:3": ["∇A_3", "1/3 · (Ŷ − E)"],
        "delta:2": ["∇A_2", "1/3 · (∇H_2 ⊙ g′(A_2))"],
        "dW:2": ["∇_(W_2) ℒ(θ)", "∇A_2 · H_1ᵀ"],
        "db:2": ["∇_(b_2) ℒ(θ)", "∇A_2 · 1_3"],
    }


def test_the_theta_note_in_its_own_lines():
    problem = open_problem("theta-digits")
    found = {address: shown(problem, "theta", address, decimals=4)[:2] for address in ("z:1", "a:1", "delta:2", "dW:2", "dW:1", "dadz:2")}
    assert found["z:1"][0][:2] == ["A^(1)", "(Θ^(1))ᵀ · [1; X]"]
    assert found["a:1"][0][:2] == ["Z", "σ(A^(1))"]
    assert found["delta:2"][0] == ["δ_k,m^(3)", "Y_k,m − L_k,m"]
    assert found["dadz:2"][1] == ["σ′(A_k,m^(2))", "Y_k,m · (1 − Y_k,m)"]
    assert found["dW:2"][0][-1] == "−Σ_(m=1)^M (L_k,m−Y_k,m) · Z_j,m"
    assert found["dW:2"][1] == ["∂E(Θ)/∂Θ_j,k^(2)", "Σ_(m=1)^10 δ_k,m^(3) · Z_j,m"]
    assert found["dW:1"][0][1] == "Σ_(m=1)^M Θ_j^(2) · δ_m^(3) · σ′(A_j,m^(1)) · X_i,m"


def test_soletskyi_in_index_notation_with_delta_by_cases():
    problem = network((2, 2, 2), biases=None)
    assert shown(problem, "soletskyi", "z:2")[0] == ["s^b_k", "Σ_j y_j · w^b_jk"]
    assert shown(problem, "soletskyi", "dLda:2")[1] == ["∂ℒ/∂z_k", "z_k − ẑ_k"]
    cases, output = shown(problem, "soletskyi", "delta:2")[:2]
    assert "if j is an output neuron" in cases[1]
    assert output == ["δ^b_k", "(z_k − ẑ_k) · z_k · (1 − z_k)"]
    assert shown(problem, "soletskyi", "delta:1")[1] == ["δ^a_j", "(Σ_k δ^b_k · w^b_jk) · y_j · (1 − y_j)"]
    chain, general = shown(problem, "soletskyi", "dW:2")[:2]
    assert chain[1] == "(z_k−ẑ_k) z_k (1−z_k) y_j"
    assert general == ["∂ℒ/∂w^b_jk", "δ^b_k · y_j"]
    assert shown(problem, "soletskyi", "W_new:2")[0] == ["w^(b,t+1)_jk", "w^b_jk − η ∂ℒ/∂w^b_jk"]


# -- granularities and forms ------------------------------------------------------------------------------------------------------


def test_a_neuron_is_a_sum_written_out():
    (sides,) = shown(open_problem("dyda-sigmoid"), "dyda", "z:1:0", granularity="neuron")
    assert sides == ["net^[1]_1", "W^[1]_10 · 1 + W^[1]_11 · X^[1]_1 + W^[1]_12 · X^[1]_2", "0.1 · 1 + (−0.2) · 1 + 0.3 · 0", "−0.1"]


def test_terms_are_added_one_at_a_time():
    problem = open_problem("dyda-sigmoid")
    added, so_far = shown(problem, "dyda", "z:1:0:1", granularity="term")
    assert added == ["W^[1]_11 · X^[1]_1", "−0.2 · 1", "−0.2"]
    assert so_far == ["net^[1]_1 so far", "0.1 · 1 + (−0.2) · 1", "−0.1"]


def test_a_bias_that_stands_apart_is_the_last_term():
    added, so_far = shown(open_problem("jacob"), "jacob", "z:1:0:0", granularity="term", decimals=2)
    assert added[0] == "w^(1)_11 × a^(1)_1"
    (added, whole) = shown(open_problem("jacob"), "jacob", "z:1:0", granularity="term", decimals=2)
    assert added == ["b^(1)_1", "0.25", "0.25"]
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
    assert [flat(e.sides[0][1], moment.fmt) for e in explanation.equations] == ["z^(2)", "a^(2)", "z^(3)", "a^(3)"]
    assert explanation.caption == "Update 1 · forward"


def test_the_start_shows_what_is_given_and_nothing_else():
    record = record_of(open_problem("jacob"))
    walk = walk_of(record, "jacob")
    explanation = explain(Moment(record, walk, 0, "layer", load_notation("jacob"), NumberFormat(2)))
    assert [flat(e.sides[0][1], NumberFormat(2)) for e in explanation.equations] == ["a^(1)", "y", "w^(1)", "b^(1)", "w^(2)", "b^(2)"]


def test_matrix_form_shows_the_batch_and_a_neuron_the_chosen_sample():
    problem = open_problem("biswas-figure-1")
    (sides,) = shown(problem, "biswas", "a:1", decimals=4)
    assert sides[-1].split(";")[0] == "[0 0.94 0.32"
    (sides,) = shown(problem, "biswas", "z:1:0", granularity="neuron", decimals=4, sample=1)
    assert sides[0] == "a_11^(2)"
    assert sides[-1] == "0.94"


# -- words, captions, links -------------------------------------------------------------------------------------------------------


def test_captions():
    record = record_of(open_problem("dyda-sigmoid"))
    assert caption_of(moment_at(record, "dyda", "delta:2")) == "Update 1 · backward · δ of layer 2: error times slope"
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
                    source = equation_latex(equation, moment.fmt, aligned=True)
                    assert source.count("{") == source.count("}")
                    assert source.count(r"\left") == source.count(r"\right")
                    assert source.count(r"\begin") == source.count(r"\end")
                    assert "−" not in source
