"""Every general rule and every line of a course, with its letters bound to units and samples, is true of the numbers it stands over."""

import re
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from explain_helpers import NOTATIONS, all_problems, moment_at, network, record_of, ticks, walk_of
from latex_reader import CannotRead, Reader, tokens
from latex_rules import World, bindings, free, work_out
from lots import in_turn

from model.examples import open_problem
from model.explain.steps import explain
from model.expr.latex import equation_latex, latex_of
from model.expr.text import equation_text
from model.expr.tree import NumberFormat
from model.moment import Moment
from model.notation.profile import load_notation
from model.problem import frozen

EXACT = NumberFormat(None)
LEFT_OUT = (
    "wide",
    "theta-digits",
    "xor",
    "deep",
    "leaky_relu",
    "elu",
    "gelu",
    "softplus",
    "identity",
    "tanh",
    "no update",
    "means over outputs",
)
_PAIR = ("sigmoid", "softmax")
_EXAMPLES = ("jacob", "soletskyi-one-hidden", "soletskyi", "dyda-sigmoid", "biswas-thin")


def conventions():
    """The examples, each loss and convention, and both together where a rule of a course might be shown that does not hold then."""
    known = {name: p for name, p in all_problems().items() if p.rounding is None and p.optimizer.name == "sgd" and name not in LEFT_OUT}
    digits = network((3, 3, 2), m=2, loss="binary_cross_entropy")
    return {
        **known,
        **{f"{name}, new weights": replace(open_problem(name), hidden_delta_uses="new", rounding=None) for name in _EXAMPLES},
        "Θ": digits,
        "Θ, one sample": network((3, 3, 2), loss="binary_cross_entropy"),
        "Θ, mean": replace(digits, batch_reduction="mean"),
        "Θ, penalty": replace(digits, l2=0.1),
        "Θ, new weights": replace(digits, hidden_delta_uses="new"),
        "softmax, yes or no, three": network((2, 3, 3), activations=_PAIR, loss="binary_cross_entropy", y=frozen([[1.0, 0.0, 1.0]])),
        "softmax, squared error, three": network((2, 3, 3), activations=_PAIR),
        "softmax, one hot": network((2, 3, 3), activations=_PAIR, loss="cross_entropy", y=frozen([[0.0, 1.0, 0.0]])),
    }


PROBLEMS = conventions()
# Norms, cases, functions of any number, matrices, the sum of all squares, a rule without indices, and the constant input.
NOT_READ = re.compile(r"lVert|cases|\([xz]\) =|\)\^\{T\}|\\sum \S+\^\{2\}$|^w\^\{t\+1\}|_\{0\}|_\{0,m\}")


def rules(record, notation):
    """Yield every equation of index form that has a rule, as its address, its layer and the LaTeX of its symbol and its rules."""
    walk, profile = walk_of(record, notation), load_notation(notation)
    sample = record.m - 1
    for tick in ticks(walk, "layer"):
        moment = Moment(record, walk, tick, "layer", profile, EXACT, sample)
        for equation in explain(moment, form="index").equations:
            sides = [latex_of(side, EXACT) for kind, side in equation.sides if kind in ("symbol", "rule")]
            if len(sides) > 1 and not equation.note.startswith("Here"):  # in names of their own, which mean every layer
                yield walk.address(tick, "layer"), moment.stage.layer, sides


@lru_cache(maxsize=10_000)
def read(latex):
    try:
        return Reader(tokens(latex.replace("(r)", "(2)").replace("l_1", "1").replace("l_2", "2"))).whole()
    except CannotRead:
        return None


def check(world, sample_letter, where, sides):
    """Work out each side with its letters bound; return how many sides were compared."""
    record = world.record
    nodes = [node for node in map(read, sides) if node is not None]
    if len(nodes) < 2 or read(sides[0]) is None:
        return 0
    letters = free(world, nodes[0])
    loose = set().union(*(free(world, node) for node in nodes[1:])) - letters
    assert not loose, (where, sides, f"{loose} stand on the right only")
    compared = 0
    for bound in bindings(world, sorted(letters), nodes):
        env = {r"\ell": int(record.y[bound.get(sample_letter, record.m) - 1].argmax()) + 1, **bound}
        try:
            wanted = work_out(world, nodes[0], env)
        except CannotRead:
            continue
        for node in nodes[1:]:
            try:
                found = work_out(world, node, env)
            except CannotRead:
                continue
            compared += 1
            np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=1e-7, err_msg=str((where, sides, bound)))
    return compared


@pytest.mark.parametrize(("name", "notation"), in_turn(PROBLEMS, NOTATIONS, 2))
def test_general_rules_are_true_with_their_letters_bound(name, notation):
    letter, record = load_notation(notation).letters["sample"], record_of(PROBLEMS[name])
    of_layers = load_notation(notation).by_layer(record.problem)
    worlds = [World(record, notation, layer) for layer in range(record.problem.depth + 1 if of_layers else 1)]
    for where, layer, sides in rules(record, notation):
        compared = check(worlds[layer if of_layers else 0], letter, where, sides)
        assert compared or NOT_READ.search(" = ".join(sides)), (where, sides)


def texts(problem, notation, address, granularity="layer", form="index", decimals=4):
    moment = moment_at(record_of(problem), notation, address, granularity, decimals)
    return [equation_text(equation, moment.fmt, 1000, 0) for equation in explain(moment, form=form).equations]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_way_of_the_error_through_new_weights_is_said_in_every_form(notation):
    problem = PROBLEMS["new weights"]
    walk = walk_of(record_of(problem), notation)
    (carries,) = (s.address for s in walk.stages if (s.quantity, s.layer) in (("dLda", 1), ("dLdX", 2)) and s.terms > 1)
    for granularity, form in (("layer", "matrix"), ("layer", "index"), ("neuron", "index")):
        said = " ".join(texts(problem, notation, carries if granularity == "layer" else f"{carries}:0", granularity, form))
        assert said.count("already updated weights") == 1, (granularity, form)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_softmax_has_no_slope_of_its_own_and_its_entries_can_be_worked_out(notation):
    for problem in (PROBLEMS["softmax, squared error"], PROBLEMS["softmax, squared error, batch"]):
        walk = walk_of(record_of(problem), notation)
        address = next(s.address for s in walk.stages if ("delta", 2) in s.reveals or (s.quantity, s.layer) == ("delta", 2))
        for form in ("matrix", "index"):
            said = texts(problem, notation, address, form=form)
            assert "′(" not in " ".join(said)
            assert re.search(r"0\.\d+ [·×] \(1 − 0\.\d+\)", " ".join(said))
            marked = [line for line in said if "⎡" in line and "/" in line.split("=")[1]]
            assert not any("⁽ˢ⁾" in line or "ₘ," in line for line in marked)  # numbers of one sample stand under its own mark


def test_targets_are_unit_vectors_only_where_they_name_a_class():
    one_hot = PROBLEMS["softmax, one hot"]
    assert any("𝟙_(ℓ=2)" in line for line in texts(one_hot, "biswas", "delta:2"))
    assert texts(one_hot, "biswas", "dLda:2")[1] == "∂ℒ(θ)/∂ŷᵢ = −𝟙_(ℓ=i)/ŷ_ℓ"
    for other in (replace(one_hot, y=frozen([[0.05, 0.95, 0.0]])), network((2, 2, 1), loss="cross_entropy", y=frozen([[1.0]]))):
        said = " ".join(texts(other, "biswas", "delta:2") + texts(other, "biswas", "delta:2", form="matrix"))
        assert "y₁" in said
        assert "𝟙" not in said + " ".join(texts(other, "biswas", "loss"))
        assert "e_ℓ" not in said


def test_soletskyis_written_out_gradients_have_numbers_in_them():
    problem = open_problem("soletskyi-one-hidden")
    for layer, number, line in (
        (2, "(5)", "(0.5406 − 0.1) · 0.5406 · (1 − 0.5406) · 0.5075 = 0.0555"),
        (1, "(7)", "· 0.5075 · (1 − 0.5075) · 0.6 = 0.018"),
    ):
        said = texts(problem, "soletskyi", f"dW:{layer}")
        at = next(i for i, text in enumerate(said) if text.endswith(number))
        assert said[at + 1].endswith(line)
    assert texts(problem, "soletskyi", "W_new:1")[0] == "wᵢⱼ^(a,t+1) = wᵢⱼ^(a,t) − η ∂ℒ/∂wᵢⱼᵃ"


def test_numbers_stand_in_the_order_of_their_symbols():
    assert "‖y − a^[2]‖₂² = 1/2 · ((1 − 0.5535)² + (0 − 0.3705)²)" in texts(open_problem("dyda-sigmoid"), "dyda", "loss")[0]


def test_the_central_formulas_of_the_theta_note_are_shown_framed_and_numbered():
    problem = PROBLEMS["Θ"]
    assert texts(problem, "theta", "loss")[0].startswith("E(Θ) = −Σ(m=1…M) Σ(k=1…D_O) [Lₖ,ₘ · ln Yₖ,ₘ + (1−Lₖ,ₘ) · ln(1−Yₖ,ₘ)]")
    found = {}
    record = record_of(problem)
    walk, profile = walk_of(record, "theta"), load_notation("theta")
    for tick in ticks(walk, "layer"):
        for equation in explain(Moment(record, walk, tick, "layer", profile, NumberFormat(4)), form="index").equations:
            if equation.number:
                found[equation.number] = equation
    assert set(found) == {f"({i})" for i in range(1, 8)}
    assert {number for number, equation in found.items() if equation.boxed} == {"(6)", "(7)"}
    assert found["(2)"].note == "where Z_0,m = 1"
    assert equation_latex(found["(6)"], NumberFormat(4)).startswith("\\boxed{")
    assert equation_latex(found["(6)"], NumberFormat(4)).endswith("\\qquad (6)")
