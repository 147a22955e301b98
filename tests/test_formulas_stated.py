"""Loss and activation functions are stated in the symbols of the notation that is shown: in solutions, on the canvas, in the panel."""

from dataclasses import replace

import numpy as np
import pytest
from diagram_cases import diagram
from explain_helpers import cell_text, moment_at, network, record_of

from gui.panel.words import LOSSES
from model.examples import open_problem
from model.explain.loss import unit_loss
from model.explain.parts import Writer
from model.expr.text import latex_to_text
from model.expr.tree import Sym
from model.notation.formulas import activation_latex, output_and_target
from model.notation.profile import load_notation, notation_names
from model.problem import frozen
from model.solution.document import SolutionOptions, solve
from model.solution.markdown import markdown
from model.solution.parts import Items, Table
from model.stages import Ref


def stated(problem, notation: str) -> dict[str, str]:
    """Return the conventions of a solution as text."""
    document = solve(problem, SolutionOptions(notation=notation))
    rows = next(block.rows for block in document.blocks if isinstance(block, Items))
    return {name: cell_text(cell) for name, cell in rows}


@pytest.mark.parametrize(
    ("notation", "loss"),
    [
        ("dyda", "1/2 · ‖y − a^[2]‖_2^2"),
        ("jacob", "1/2 · Σ_(j=1)^2 (a^(3)_j − y_j)^2"),
        ("soletskyi", "1/2 · Σ_(k=1)^2 (z_k − ẑ_k)^2"),
        ("theta", "1/2 · Σ_(k=1)^2 (Y_k,1 − L_k,1)^2"),
    ],
)
def test_squares_are_of_the_notations_output_and_target(notation: str, loss: str) -> None:
    assert stated(open_problem("jacob"), notation)["Loss"] == loss


def test_entropies_have_the_notations_symbols_and_logarithm() -> None:
    theta = stated(open_problem("theta-digits"), "theta")["Loss"]
    assert theta.startswith("− Σ_(k=1)^10 (L_k,m · ln(Y_k,m) + (1 − L_k,m) · ln(1 − Y_k,m)) for one sample; the sum over")
    assert stated(open_problem("dyda-softmax"), "dyda")["Loss"] == "− Σ_(j=1)^2 y_j · log(a^[2]_j)"
    assert stated(open_problem("biswas-figure-1"), "biswas")["Loss"].startswith("− log(ŷ_ℓ^(s)) for one sample, with ℓ the class")
    half = network(activations=("sigmoid", "softmax"), loss="cross_entropy", y=frozen(np.array([[0.5, 0.5]])))
    assert "ℓ" not in stated(half, "biswas")["Loss"]


def test_the_loss_is_stated_as_its_step_writes_it() -> None:
    mixed = np.array([[0.0, 1.0], [0.5, 0.5]])  # the first update's target names a class, that of the second does not
    softmax = network(m=2, activations=("sigmoid", "softmax"), loss="cross_entropy", batch_size=1, y=frozen(mixed))
    for name in notation_names():
        for problem, true_class in ((softmax, "2"), (replace(softmax, y=frozen(np.eye(2))), "1"), (network(), "")):
            said = stated(problem, name)["Loss"].partition(", with")[0]
            sides = unit_loss(Writer(moment_at(record_of(problem), name, "loss")), Ref("loss"))
            assert said.replace("ℓ", true_class) == cell_text((next(side for kind, side in sides if kind == "rule"),)), name
            assert ("ℓ" in said) == (name == "biswas" and true_class == "1")


@pytest.mark.parametrize("notation", notation_names())
def test_functions_are_stated_by_their_symbol(notation: str) -> None:
    profile, problem = load_notation(notation), network()
    said = stated(problem, notation)["Network"]
    left, _, right = activation_latex(profile, 1, problem).partition(" = ")
    assert left.startswith(profile.name_of("phi", 1, problem))
    assert right.startswith("\\frac{1}{1 + e^{-")
    assert f"sigmoid, {latex_to_text(left)} = " in said
    assert ("every layer" in said) == (notation != "biswas")  # whose outputs have a function of their own


def test_every_loss_and_function_can_be_stated() -> None:
    for name in notation_names():
        for loss, _ in LOSSES:
            functions = ("tanh", "softmax" if loss == "cross_entropy" else "sigmoid")
            said = stated(network(activations=functions, loss=loss), name)["Loss"]
            assert said.startswith("none") == (loss == "none")
        for function in ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "softplus", "identity", "softmax"):
            assert "<" not in activation_latex(load_notation(name), 2, network(activations=("tanh", function)))


def test_the_table_of_symbols_names_the_function_and_dydas_input() -> None:
    document = solve(open_problem("dyda-sigmoid"))
    table = next(block for block in document.blocks if isinstance(block, Table))
    meanings = {row[i][0].latex: row[i + 1][0] for row in table.rows for i in (0, 2) if isinstance(row[i][0], Sym)}
    assert meanings["\\varphi"] == "activation function of layer 2"
    assert meanings["X^{[2]}"] == "input of layer 2: 1 and the activations below"
    jacob = next(block for block in solve(open_problem("jacob")).blocks if isinstance(block, Table))
    assert any("pre-activation of layer 3" in cell for row in jacob.rows for cell in row)


def test_the_canvas_writes_the_loss_in_the_letters_of_its_neurons() -> None:
    letters = {name: output_and_target(load_notation(name), network()) for name in notation_names()}
    assert letters["soletskyi"] == ("z", "\\hat{z}")
    assert letters["theta"] == ("Y", "L")
    assert letters["biswas"][0] == "\\hat{y}"
    assert "mathbb" not in letters["biswas"][1]
    drawn = [label.block.plain for label in diagram("soletskyi").labels if label.kind == "head"]
    assert "½ Σ (𝑧 − 𝑧\u0302)²" in drawn


def test_the_panel_uses_no_letters_of_another_notation() -> None:
    for _, words in LOSSES:
        assert "a − y" not in words


def test_markdowns_formulas_start_without_a_space_that_would_leave_them_as_text() -> None:
    page = markdown(solve(open_problem("dyda-softmax")), "picture.svg")
    assert "**Loss:** $-  \\sum" in page
