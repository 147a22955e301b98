"""Symbols that are displayed mean one thing each: optimisers' letters, activations that differ, inputs with a name of their own."""

import json
import re
from dataclasses import replace

import pytest
from explain_helpers import NOTATIONS, moment_at, network, record_of, shown, side_text, special_problems, ticks, walk_of

import resources
from model.conventions import conventions
from model.examples import open_problem
from model.explain.steps import explain
from model.expr.small_scripts import small_scripts
from model.expr.text import equation_text, latex_to_text
from model.expr.tree import NumberFormat, Sym, format_number
from model.moment import Moment
from model.notation.letters import SPARE_LETTERS, letters_of, taken_letters
from model.notation.profile import load_notation, parse_notation
from model.problem import Optimizer, frozen
from model.stages import build_walk

S = special_problems()


def profile(name):
    return json.loads(resources.path(f"notations/{name}.json").read_text(encoding="utf-8"))


def update_of(notation, optimizer, form="matrix"):
    return shown(network((2, 2, 2), optimizer=optimizer), notation, "W_new:1", form=form)


# -- optimisers -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NOTATIONS)
def test_no_letter_of_an_optimiser_stands_for_something_else(name):
    notation, taken = load_notation(name), taken_letters(profile(name))
    assert set(notation.spare) == set(SPARE_LETTERS)
    assert not set(notation.spare.values()) & taken
    adam = [notation.spare[key] for key in ("gradient", "first_moment", "second_moment", "mean_decay", "square_decay", "small_number")]
    assert len(set(adam)) == len(adam)


def test_letters_give_way_to_those_of_the_course():
    """Jacob's learning rate is α, Biswas's activation g and the Θ note's sample m."""
    (state, rule) = update_of("jacob", Optimizer("rmsprop"))
    assert state[1] == "ρ v_(w⁽¹⁾)^⟨0⟩ + (1 − ρ) g²"
    assert rule[1] == "w⁽¹⁾ − α · g/(√(v_(w⁽¹⁾)^⟨1⟩) + ε)"
    assert update_of("biswas", Optimizer("rmsprop"))[0][1].endswith("(1 − ρ) G²")
    assert update_of("theta", Optimizer("adam"))[0][0] == "u_(Θ⁽¹⁾)^⟨1⟩"
    assert update_of("dyda", Optimizer("adam"))[0][0] == "m_(W^[1])^⟨1⟩"


def test_the_note_says_what_the_letters_stand_for():
    problem = network(optimizer=Optimizer("adamw", weight_decay=0.1), l2=0.2)
    note = explain(moment_at(record_of(problem), "biswas", "W_new:1")).equations[0].note
    assert note.startswith("G stands for ∇_(W_1) ℒ(θ), κ for the weight decay; ⟨0⟩ and ⟨1⟩ mark")


@pytest.mark.parametrize("name", NOTATIONS)
@pytest.mark.parametrize("form", ["matrix", "index"])
def test_adamw_shrinks_the_weight_in_every_rule(name, form):
    """The general rule, those of components and the numbers say the same."""
    rate = latex_to_text(load_notation(name).symbols["learning_rate"])
    rules = [sides[1] for sides in update_of(name, Optimizer("adamw", weight_decay=0.1), form) if f"{rate} ·" in sides[1]]
    assert rules
    assert all(f"(1 − {rate} κ) − {rate} ·" in rule for rule in rules)


def test_roots_and_corrected_means_are_written_with_their_index():
    *states, general = update_of("soletskyi", Optimizer("adam"), "index")[:5]
    assert [sides[0] for sides in states] == [f"{letter}_(wᵢⱼᵃ)^⟨1⟩" for letter in ("m", "v", "m̂", "v̂")]  # each has a rule with letters
    assert states[0][1] == "β₁ m_(wᵢⱼᵃ)^⟨0⟩ + (1 − β₁) g"
    assert general[1] == "wᵢⱼᵃ − η · m̂_(wᵢⱼᵃ)^⟨1⟩/(√(v̂_(wᵢⱼᵃ)^⟨1⟩) + ε)"
    assert latex_to_text(r"\sqrt{\hat{v}_{w}}") == "√(v̂_w)"
    assert latex_to_text(r"\sqrt{v}") == "√v"


def test_a_profile_chooses_its_letters_and_may_not_use_one_twice():
    data = profile("jacob")
    data["symbols"] |= {"rms_decay": "\\kappa", "gradient": "q"}
    data["style"]["update_mark"] = "t=#"
    assert parse_notation(data).spare["rms_decay"] == "\\kappa"
    record = record_of(network((2, 2, 2), optimizer=Optimizer("rmsprop")))
    notation = parse_notation(data)
    walk = build_walk(record.problem, 1, notation.presentation)
    first = explain(Moment(record, walk, walk.find("W_new:1"), "layer", notation, NumberFormat(4))).equations[0]
    assert side_text(first.sides[1][1], NumberFormat(4)) == "κ v⁽ᵗ⁼⁰⁾_(w⁽¹⁾) + (1 − κ) q²"
    data["symbols"]["rms_decay"] = "\\alpha"
    with pytest.raises(ValueError, match=r'"rms_decay"\] is \\alpha, which stands for something else'):
        parse_notation(data)


@pytest.mark.parametrize("name", NOTATIONS)
def test_profiles_without_the_newer_keys_load(name):
    data = profile(name)
    for key in ("phi_mark", *SPARE_LETTERS):
        data["symbols"].pop(key, None)
    data["remarks"] = [remark for remark in data.get("remarks", []) if not {"function", "biases"} & set(remark)]
    notation = parse_notation(data)
    assert notation.spare == load_notation(name).spare
    assert notation.name_of("phi", 1, network())


def test_a_learning_rate_called_rho_takes_that_letter():
    data = profile("dyda")
    data["symbols"]["learning_rate"] = "\\rho"
    assert parse_notation(data).spare["rms_decay"] == "\\gamma"
    assert letters_of(r"net^{[<l>]\mathrm{new}}_{<j>}") == {"n", "e", "t", r"net^{[<l>]\mathrm{new}}_{<j>}"}


# -- activations ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NOTATIONS)
def test_two_functions_have_two_symbols(name):
    notation = load_notation(name)
    for problem in (S["relu"], S["gelu"], network((2, 2, 2, 1), activations=("tanh", "relu", "sigmoid"))):
        found = {}
        for layer, function in enumerate(problem.activations, 1):
            assert found.setdefault(notation.name_of("phi", layer, problem), function) == function
    symbols = profile(name)["symbols"]
    assert notation.name_of("phi", 1, network()) == symbols.get("phi@sigmoid", symbols["phi"])


@pytest.mark.parametrize("name", ["jacob", "theta", "soletskyi"])
def test_sigma_is_the_sigmoid_and_no_other_function(name):
    for problem in S.values():
        for layer, function in enumerate(problem.activations, 1):
            assert ("\\sigma" in load_notation(name).name_of("phi", layer, problem)) == (function == "sigmoid")


def test_marked_activations_in_formulas():
    _, sides = shown(S["tanh"], "biswas", "a:1", decimals=2)
    assert sides[1] == "g(a₁)"  # hidden layers have one function and the output its own letter
    assert shown(S["relu"], "jacob", "a:1", decimals=2)[0][1] == "φ₂(z⁽²⁾)"
    assert shown(S["relu"], "jacob", "dadz:2", decimals=2)[0][0] == "φ₃′(z⁽³⁾)"
    assert shown(S["relu"], "soletskyi", "a:1", form="index")[0][1] == "φₐ(sⱼ)"
    assert shown(S["relu"], "dyda", "a:2", decimals=2)[0][1] == "φ₂(net^[2])"


@pytest.mark.parametrize("name", NOTATIONS)
@pytest.mark.parametrize("function", ["relu", "leaky_relu", "elu", "gelu", "softplus", "tanh", "sigmoid"])
def test_every_slope_has_a_rule_on_the_board(name, function):
    """Wherever a slope is taken, the board says how it is found: by a formula, by cases or in a remark, in the notation's letter."""
    problem = network((2, 3, 2), activations=(function, "identity"), loss="squared_error")
    record = record_of(problem)
    walk = walk_of(record, name)
    stage = next(s for s in walk.stages if ("dadz", 1) in s.reveals)
    for form in ("matrix", "index"):
        moment = Moment(record, walk, walk.find(stage.address), "layer", load_notation(name), NumberFormat(4))
        equations = explain(moment, form=form).equations
        said = " ".join(e.note for e in equations)
        formulas = " ".join(side_text(side, moment.fmt) for e in equations for _, side in e.sides[1:])
        in_formulas = re.search(r"\(1\s?−|1\s?− ?\S*²|1 − \S+ ⊙|otherwise|1/\(1 \+ exp", formulas)
        assert in_formulas or re.search(r"slope is|′\(x\) (=|is)|Φ is the", said), (stage.address, form)
        assert "(z)" not in said


def test_slopes_in_letters():
    assert shown(S["softplus"], "theta", "dadz:1", form="index")[0] == ["φ₁′(Aⱼ,ₘ⁽¹⁾)", "1/(1 + exp(−Aⱼ,ₘ⁽¹⁾))"]
    assert "sⱼ is positive" in shown(S["leaky_relu"], "soletskyi", "dadz:1", form="index")[0][1]
    assert shown(network(m=2), "theta", "dadz:2", form="matrix")[-1][:2] == ["σ′(A⁽²⁾)", "Y ⊙ (1 − Y)"]
    assert shown(S["tanh"], "theta", "dadz:1", form="matrix")[-1][1] == "1 − Z ⊙ Z"


def test_the_thin_network_says_what_its_activation_and_its_slope_are():
    problem = open_problem("biswas-thin")
    assert shown(problem, "biswas", "a:1")[0] == ["g(z)", "1/(1+e⁻ᶻ)"]
    assert shown(problem, "biswas", "a:3")[0] == ["O(z)", "1/(1+e⁻ᶻ)"]
    assert shown(problem, "biswas", "delta:2")[0] == ["g′(z)", "g(z)(1−g(z))"]
    assert len(shown(problem, "biswas", "delta:3")) == 1  # no slope is multiplied on


# -- inputs with a name, sums, softmax --------------------------------------------------------------------------------------------


def test_dydas_x_is_defined_in_index_form_and_without_biases():
    own = open_problem("dyda-sigmoid")
    assert shown(own, "dyda", "z:2", form="index")[:3] == [
        ["X₀^[2]", "1"], ["Xₖ^[2]", "aₖ^[1]"], ["netⱼ^[2]", "Σ(k=0…2) Wⱼₖ^[2] · Xₖ^[2]"],
    ]  # fmt: skip
    assert shown(S["no biases"], "dyda", "z:1")[0][:2] == ["X^[1]", "x"]
    assert shown(S["no biases"], "dyda", "a:1")[-1][:2] == ["X^[2]", "a^[1]"]
    assert shown(S["no biases"], "dyda", "z:2", form="index")[0] == ["Xₖ^[2]", "aₖ^[1]"]
    note = explain(moment_at(record_of(own), "dyda", "z:2:0", "neuron")).equations[0].note
    assert note.startswith("X^[2] is a^[1] with a 1 put before it.")


def test_other_notations_have_no_second_name_for_an_input():
    for name in ("biswas", "jacob", "soletskyi"):
        assert len([sides for sides in shown(S["no biases"], name, "z:2", form="index") if len(sides) == 2]) == 1
        assert explain(moment_at(record_of(S["no biases"]), name, "z:2:0", "neuron")).equations[0].note[:2] != "X"
    assert shown(network(), "theta", "z:2", form="index")[0] == ["Z₀,ₘ", "1"]


@pytest.mark.parametrize("name", NOTATIONS)
def test_a_sum_inside_softmax_has_a_letter_of_its_own(name):
    """No index of a sum over outputs is the letter of another layer or of what stands outside the sum."""
    problem, notation = S["softmax, batch"], load_notation(name)
    rule = shown(problem, name, "a:2", form="index")[0][2]
    letter = small_scripts("_" + notation.second_letter(2, problem))
    assert f"Σ{letter} exp(" in rule
    others = notation.layer_letters or (notation.letter(2, "unit", problem),)
    assert notation.second_letter(2, problem) not in others
    delta = shown(problem, name, "delta:2", form="index")[0][1]
    assert "Σ" not in delta or f"Σ{letter} " in delta


@pytest.mark.parametrize("name", NOTATIONS)
def test_softmax_is_formed_from_exponentials_that_are_shown(name):
    sides = shown(S["softmax, squared error"], name, "a:2:0", granularity="neuron", decimals=4)[0]
    assert sides[2] == "exp(−0.2897)/(exp(−0.2897) + exp(1.0333))"
    assert sides[3] == "0.7485/3.5587"


def test_exponentials_that_would_overflow_are_shown_shifted():
    problem = network((1, 2), activations=("softmax",), loss="cross_entropy", weights=(frozen([[800.0], [801.0]]),), biases=None,
                      x=frozen([[1.0]]), y=frozen([[1.0, 0.0]]))  # fmt: skip
    sides = shown(problem, "jacob", "a:1:0", granularity="neuron", decimals=4)[0]
    assert sides[2] == "exp(800 − 801)/(exp(800 − 801) + exp(801 − 801))"


# -- remarks ----------------------------------------------------------------------------------------------------------------------


def remarks(problem, name, address):
    return [sides for sides in shown(problem, name, address) if "∂" in sides[0] or sides[0] == "Yₖ,ₘ"]


def test_the_theta_note_writes_sigma_only_where_the_output_is_one_and_has_a_bias():
    written = "σ(Σ(j=0…D_H) Θⱼ,ₖ⁽²⁾ · Zⱼ,ₘ)"
    assert shown(network(m=2), "theta", "a:2")[0] == ["Yₖ,ₘ", written]
    for problem in (S["softmax, batch"], S["no biases"], S["relu"]):
        assert written not in [sides[1] for sides in shown(problem, "theta", "a:2")]


def test_soletskyis_chain_rules_are_of_one_sample():
    chain = "∂ℒ/∂zₖ · ∂zₖ/∂sₖ · ∂sₖ/∂wⱼₖᵇ"
    assert shown(network((2, 2, 2)), "soletskyi", "dLda:2")[0][1] == chain
    assert chain not in [sides[1] for sides in shown(network((2, 2, 2), m=2), "soletskyi", "dLda:2")]
    moment = moment_at(record_of(network((2, 2, 2))), "soletskyi", "delta:2")
    assert "y means the current layer" in explain(moment).equations[0].note


# -- words ------------------------------------------------------------------------------------------------------------------------


def test_an_error_signal_is_tied_to_its_symbol():
    record = record_of(open_problem("jacob"))
    words = {address: small_scripts(explain(moment_at(record, "jacob", address)).words) for address in ("db:2", "dW:2")}
    assert words["db:2"].endswith("is the neuron's error signal itself: its error δ⁽³⁾ times the slope of σ where it stands.")
    assert "the error signal of the neuron it leads to, in ∂L/∂b⁽²⁾," in words["dW:2"]
    for name in NOTATIONS:
        for problem in (S["batch mean"], S["no biases"]):
            record = record_of(problem)
            for stage in walk_of(record, name).stages:
                if stage.quantity == "dW":
                    said = explain(moment_at(record, name, stage.address)).words
                    delta = load_notation(name).name_of("delta", stage.layer, problem, record.m)
                    assert latex_to_text(delta)[:1] in said


# -- one form of number -----------------------------------------------------------------------------------------------------------


def test_a_matrix_has_numbers_of_one_form():
    """Jacob's two decimals would show 0.0011 as 1.11e−03 beside 0.01."""
    sides = shown(open_problem("jacob"), "jacob", "dW:1", decimals=2)[-1]
    assert sides[-1] == "[0.0011 0.0055; 0.0013 0.0067]"
    wide = network((2, 2), activations=("identity",), weights=(frozen([[1e-9, 0.5], [0.25, 12.0]]),), biases=None)
    start = explain(moment_at(record_of(wide), "jacob", "start", decimals=2)).equations
    matrix = next(e for e in start if isinstance(e.sides[0][1], Sym) and e.sides[0][1].latex.startswith("w"))
    assert side_text(matrix.sides[-1][1], NumberFormat(2)) == "[1.000·10⁻⁹ 5.000·10⁻¹; 2.500·10⁻¹ 12]"


def test_an_entry_reads_alike_in_matrix_and_index_form_and_where_it_is_used():
    """Jacob's four gradients, of which two decimals would show 0, 0.01, 0 and 0.01."""
    problem = open_problem("jacob")
    wanted = ["0.0011", "0.0055", "0.0013", "0.0067"]
    components = shown(problem, "jacob", "dW:1", decimals=2, form="index")[-4:]
    assert [sides[-1] for sides in components] == wanted
    assert [shown(problem, "jacob", f"dW:1:{i}", decimals=2, granularity="neuron")[0][-1] for i in range(4)] == wanted
    used = shown(problem, "jacob", "W_new:1", decimals=2, form="index")[-4:]
    assert [sides[2].split(" × ")[-1] for sides in used] == wanted


def test_a_state_reads_alike_in_the_line_that_makes_it_and_the_line_that_uses_it():
    problem = replace(open_problem("dyda-sigmoid"), optimizer=Optimizer("adam"))
    for form in ("matrix", "index"):
        lines = [sides for sides in shown(problem, "dyda", "W_new:1", form=form) if sides[0][0] in "mv" and "ⱼ" not in sides[0]]
        made, used = (sides[-1] for sides in lines[1::4]), (sides[-2] for sides in lines[3::4])
        for v, hat in zip(made, used, strict=False):
            assert all(number in hat for number in re.findall(r"[^ \[\];]+", v)), (v, hat)
    assert "+ 10⁻⁸)" in shown(problem, "dyda", "W_new:1")[-1][2]


def test_powers_of_ten():
    fmt = NumberFormat(2)
    texts = [format_number(v, fmt) for v in (0.00111, -0.00999, 0.00001, 1e-7, 0.005, 1e16)]
    assert texts == ["0.0011", "−0.01", "0.00001", "1.00·10⁻⁷", "0.01", "1.00·10¹⁶"]
    exact = NumberFormat(None, comma=True)
    assert [format_number(v, exact) for v in (1e-8, -1e-8, 1.5e20, 0.5, float("nan"))] == ["10⁻⁸", "−10⁻⁸", "1,5·10²⁰", "0,5", "undefined"]


def test_numbers_that_are_seen_keep_the_chosen_decimals():
    assert shown(open_problem("jacob"), "jacob", "z:2", decimals=2)[-1][-1] == "[1.02; 1.26]"
    assert shown(open_problem("dyda-sigmoid"), "dyda", "dW:1")[-1][-1].endswith("−0.02363827 0]")


def test_states_of_an_optimiser_have_significant_digits():
    problem = replace(open_problem("jacob"), optimizer=Optimizer("adam"))
    lines = shown(problem, "jacob", "W_new:1:0", granularity="neuron", decimals=2)
    assert lines[2][2:] == ["0.000111/(1 − 0.9¹)", "0.00111"]
    assert lines[1][-1] == "1.23·10⁻⁹"


@pytest.mark.parametrize("notation", NOTATIONS)
def test_with_a_decimal_comma_no_point_is_left_anywhere(notation):
    """Neither in formulas nor in words, remarks and conventions, which name constants such as λ and the weight decay."""
    comma = NumberFormat(4, comma=True)
    for name in ("batch mean", "leaky_relu", "adam", "rounded"):
        record = record_of(S[name])
        walk = walk_of(record, notation)
        for granularity in ("layer", "term"):
            for tick in [0, *ticks(walk, granularity)][::5]:
                told = explain(Moment(record, walk, tick, granularity, load_notation(notation), comma))
                texts = [told.words, *told.conventions, *(equation_text(equation, comma) for equation in told.equations)]
                assert not [text for text in texts if re.search(r"\d\.\d", text)], (name, texts)
    assert conventions(S["batch mean"], comma=True) == ("mean over the samples", "L2 penalty, λ = 0,1")
