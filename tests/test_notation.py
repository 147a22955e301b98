"""Notation profiles: symbols as in the notes, any network in any of them, and refusals in one sentence."""

import copy
import json

import pytest
from explain_helpers import NOTATIONS, all_problems, network

import resources
from model.expr.text import latex_to_text
from model.notation.profile import load_notation, notation_names, parse_notation
from model.problem import frozen
from model.stages import Ref

SYMBOLS = {
    "dyda": {
        Ref("z", 2): "net^[2]", Ref("a", 1): "a^[1]", Ref("delta", 2): "δ^[2]", Ref("dW", 2): "∂L/∂W^[2]", Ref("dLdX", 2): "∂L/∂X^[2]",
        Ref("dLda", 1): "∂L/∂a^[1]", Ref("W_new", 1): "W̃^[1]", Ref("learning_rate"): "c", Ref("b", 1, 0): "W^[1]_10",
    },
    "biswas": {
        Ref("z", 1, 0): "a_11", Ref("a", 1, 1): "h_12", Ref("a", 2, 0): "ŷ_1", Ref("W", 1, 0, 0): "W_111", Ref("b", 2, 1): "b_22",
        Ref("dW", 1, 0, 0): "∂ℒ(θ)/∂W_111", Ref("delta", 2): "∇_(a_2) ℒ(θ)",
    },
    "jacob": {
        Ref("z", 1): "z^(2)", Ref("a", 0): "a^(1)", Ref("a", 2): "a^(3)", Ref("W", 1): "w^(1)", Ref("b", 2): "b^(2)",
        Ref("dLda", 2): "δ^(3)",
               Ref("delta", 2): "∂L/∂b^(2)", Ref("dadz", 1): "σ′(z^(2))", Ref("W_new", 1): "w_new^(1)", Ref("learning_rate"): "α",
    },
    "theta": {
        Ref("z", 1): "A^(1)", Ref("a", 1): "Z", Ref("a", 2): "Y", Ref("y"): "L", Ref("x"): "X", Ref("W", 1): "Θ^(1)", Ref("loss"): "E(Θ)",
        Ref("delta", 2): "δ^(3)", Ref("delta", 2, 0, sample=0): "δ_1,1^(3)", Ref("W", 2, 1, 0): "Θ_1,2^(2)", Ref("b", 1, 1): "Θ_0,2^(1)",
    },
    "soletskyi": {
        Ref("a", 0, 0): "x_1", Ref("a", 1, 0): "y_1", Ref("a", 2, 1): "z_2", Ref("y", 0, 1): "ẑ_2", Ref("W", 1, 1, 0): "w^a_12",
        Ref("W", 2, 0, 1): "w^b_21", Ref("z", 2, 0): "s^b_1", Ref("loss"): "ℒ", Ref("learning_rate"): "η", Ref("dadz", 2, 0): "∂z_1/∂s^b_1",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", NOTATIONS)
def test_symbols_are_those_of_the_note(name):
    problem = network((2, 2, 2))
    found = {ref: latex_to_text(load_notation(name).symbol(ref, problem)) for ref in SYMBOLS[name]}
    assert found == SYMBOLS[name]


@pytest.mark.parametrize("name", NOTATIONS)
def test_every_network_has_symbols_in_every_notation(name):
    notation = load_notation(name)
    quantities = (
        "z", "a", "dadz", "dLda", "delta", "dLdX", "W", "b", "dW", "db", "W_new", "b_new", "dW_sample", "db_sample", "step_W",
        "step_b", "z_after", "a_after",
    )  # fmt: skip
    for problem in all_problems().values():
        for samples in (1, 12):
            for layer in range(1, problem.depth + 1):
                for q in quantities:
                    for ref in (Ref(q, layer), Ref(q, layer, 0, 0 if "W" in q else None, samples - 1)):
                        latex = notation.symbol(ref, problem, samples)
                        assert latex
                        assert "<" not in latex
                        assert latex.count("{") == latex.count("}")


def test_numbers_of_two_digits_are_parted_by_a_comma():
    problem = network((12, 11, 2))
    assert load_notation("biswas").symbol(Ref("W", 1, 10, 11), problem) == "W_{1,11,12}"
    assert load_notation("biswas").symbol(Ref("W", 1, 0, 1), problem) == "W_{112}"


def test_the_sample_is_named_only_in_a_batch():
    problem = network((2, 2, 2))
    dyda = load_notation("dyda")
    assert dyda.symbol(Ref("a", 1, 0, sample=2), problem, 1) == "a^{[1]}_{1}"
    assert dyda.symbol(Ref("a", 1, 0, sample=2), problem, 3) == "a^{[1](3)}_{1}"


def test_jacob_names_the_error_of_a_sum_after_the_bias_only_where_they_are_the_same_numbers():
    jacob = load_notation("jacob")
    assert "b^" in jacob.symbol(Ref("delta", 1), network())
    assert "z^" in jacob.symbol(Ref("delta", 1), network(biases=None))
    assert "z^" in jacob.symbol(Ref("delta", 1), network(m=2), 2)


def test_softmax_has_its_own_letter_in_dyda():
    problem = network(activations=("sigmoid", "softmax"), loss="cross_entropy", y=frozen([[1.0, 0.0]]))
    assert load_notation("dyda").name_of("phi", 2, problem) == "\\psi"
    assert load_notation("dyda").name_of("phi", 1, problem) == "\\varphi"


def test_names_are_those_of_the_files():
    files = {path.stem for path in resources.path("notations").glob("*.json")}
    assert files == set(notation_names())
    with pytest.raises(ValueError, match="allowed: dyda"):
        load_notation("nosuch")


def profile():
    return json.loads(resources.path("notations/dyda.json").read_text(encoding="utf-8"))


def broken(change):
    data = copy.deepcopy(profile())
    change(data)
    return data


WRONG = {
    "unknown key": lambda d: d.update(colour="red"),
    '"format" is': lambda d: d.update(format="x"),
    '"title" is a text': lambda d: d.update(title=""),
    '"decimals" is a whole number': lambda d: d.update(decimals=99),
    '"bias" is one of column, row, apart': lambda d: d.update(bias="left"),
    '"samples" is one of': lambda d: d.pop("samples"),
    "blocks\\[0\\]": lambda d: d.update(blocks=[["sideways", ["z"]]]),
    'unknown stage "zz"': lambda d: d.update(blocks=[["up", ["zz"]]]),
    "leaves out the stage": lambda d: d.update(blocks=[["up", ["z", "a"]]]),
    '"letters" has one index letter': lambda d: d["letters"].pop("unit"),
    '"symbols" has no z': lambda d: d["symbols"].pop("z"),
    'unknown key "zz"': lambda d: d["symbols"].update(zz="z"),
    "is a text in LaTeX": lambda d: d["symbols"].update(z=3),
    'unknown placeholder "<q>"': lambda d: d["symbols"].update(z="z<q>"),
    "is defined by itself": lambda d: d["symbols"].update(z="<a>", a="<z>"),
    "style": lambda d: d["style"].update(product="?"),
    "remarks": lambda d: d.update(remarks=[{"stage": "z"}]),
    "JSON object": lambda d: None,
}


@pytest.mark.parametrize("said", WRONG)
def test_a_wrong_profile_is_refused_in_one_sentence(said):
    data = [] if said == "JSON object" else broken(WRONG[said])
    with pytest.raises(ValueError, match=said) as caught:
        parse_notation(data)
    assert "\n" not in str(caught.value)


def test_a_profile_survives_a_round_through_json():
    again = parse_notation(json.loads(json.dumps(profile())))
    assert again == load_notation("dyda")


def test_own_symbols_are_used():
    data = profile()
    data["symbols"]["learning_rate"] = "\\lambda"
    assert parse_notation(data).symbol(Ref("learning_rate"), network()) == "\\lambda"
