"""What is said at a step agrees with what is shown: how layers are counted, which formula it is, what targets are, what is averaged."""

import re
from dataclasses import replace

import numpy as np
import pytest
from explain_helpers import moment_at, network, record_of, walk_of

from model.examples import example_names, open_problem
from model.explain.paths import story
from model.explain.steps import explain
from model.expr.text import latex_to_text
from model.notation.layers import layer_name, layer_number, the_layer
from model.notation.profile import load_notation, notation_names
from model.paths import paths_of
from model.problem import Problem, frozen
from model.stages import Ref

SUPERSCRIPT = re.compile(r"\^[\[(](\d+)[\])]")
LAYER = re.compile(r"\blayer (\d+)")


def told(problem: Problem, notation: str, address: str, form: str | None = None):
    return explain(moment_at(record_of(problem), notation, address), form=form)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("notation", "depth", "names"),
    [
        ("dyda", 2, ["layer 1", "layer 2"]),
        ("biswas", 3, ["layer 1", "layer 2", "layer 3"]),
        ("jacob", 2, ["layer 2", "layer 3"]),
        ("theta", 1, ["output layer"]),
        ("theta", 2, ["hidden layer", "output layer"]),
        ("soletskyi", 3, ["hidden layer 1", "hidden layer 2", "output layer"]),
    ],
)
def test_layers_are_counted_as_the_superscripts_count_them(notation, depth, names):
    problem = network((2,) * (depth + 1))
    assert [layer_name(load_notation(notation), l, problem) for l in range(1, depth + 1)] == names


def test_a_layer_named_by_what_it_is_has_an_article():
    two, three = network((2, 2, 2)), network((2, 2, 2, 2))
    assert the_layer(load_notation("theta"), 1, two) == "the hidden layer"
    assert the_layer(load_notation("theta"), 1, three) == "hidden layer 1"
    assert the_layer(load_notation("jacob"), 1, two) == "layer 2"


def test_a_profile_of_ones_own_is_read_for_its_count():
    dyda = load_notation("dyda")
    symbols = {**dyda.symbols}
    for key in ("z", "z.unit", "a", "a.unit", "delta", "delta.unit"):
        symbols[key] = symbols[key].replace("<l>", "<l+1>")
    assert layer_number(replace(dyda, name="mine", symbols=symbols), 2) == 3


@pytest.mark.parametrize("notation", notation_names())
@pytest.mark.parametrize("example", example_names())
def test_no_number_of_a_layer_contradicts_a_superscript(example, notation):
    """A title names a layer of neurons by the number on its symbol, and matrices of weights by their symbols."""
    record = record_of(open_problem(example))
    profile = load_notation(notation)
    for stage in walk_of(record, notation).stages:
        said = explain(moment_at(record, notation, stage.address))
        title = said.caption.split(" · ", 2)[2]
        shown = latex_to_text(profile.name_of("z" if stage.quantity == "dLdX" else stage.quantity, stage.layer, record.problem, record.m))
        numbers = {int(n) for n in SUPERSCRIPT.findall(shown)} if "∂" not in shown and "/" not in shown else set()
        counted = {int(n) for n in LAYER.findall(title) if "hidden" not in title}
        assert not numbers or counted <= numbers, (stage.address, title, shown)
        named = {int(n) for n in SUPERSCRIPT.findall(title)}
        assert not numbers or named <= numbers, (stage.address, title, shown)


def test_jacobs_layers_are_counted_from_the_input():
    jacob = open_problem("jacob")
    slopes = told(jacob, "jacob", "dadz:2")
    assert slopes.caption.endswith("slopes of layer 3")
    assert "each neuron of layer 3" in slopes.words
    assert slopes.layer == "layer 3"
    assert told(jacob, "jacob", "W_new:2").caption.endswith("new weights w_new^(2)")


def test_the_theta_notes_delta_is_named_by_its_symbol():
    digits = open_problem("theta-digits")
    assert told(digits, "theta", "delta:2").caption.endswith("δ^(3): output minus target")
    assert told(digits, "theta", "z:2").caption.endswith("weighted sums of the output layer")


def test_an_update_is_not_promised_to_lower_the_loss():
    record = record_of(open_problem("dyda-sigmoid"))
    said = explain(moment_at(record, "dyda", "W_new:1", "phase")).words
    assert said == "Update: every weight takes a step against its gradient; if it is small enough, the loss falls."


def test_bias_words_of_a_fused_output_are_those_of_its_formula():
    softmax = told(open_problem("dyda-softmax"), "jacob", "db:2")
    assert "times the slope" not in softmax.words
    assert "softmax and cross-entropy" in softmax.words
    binary = network(loss="binary_cross_entropy")
    assert "the slope cancels" in told(binary, "jacob", "db:2").words
    jacobian = network(activations=("sigmoid", "softmax"))
    assert "Jacobian" in told(jacobian, "jacob", "db:2").words
    assert "times the slope of σ" in told(network(), "jacob", "db:2").words


def with_targets(activation: str, loss: str, *y: float) -> Problem:
    return network(activations=("sigmoid", activation), loss=loss, y=frozen(np.array([y])))


def test_cross_entropy_speaks_of_a_right_answer_only_where_there_is_one():
    right = "the right answer"
    assert right in told(with_targets("softmax", "cross_entropy", 0.0, 1.0), "dyda", "loss").words
    for targets in ((0.5, 0.5), (0.5, 1.5), (1.0, 1.0)):
        assert right not in told(with_targets("softmax", "cross_entropy", *targets), "dyda", "loss").words
    question = "a yes-or-no question"
    assert question in told(with_targets("sigmoid", "binary_cross_entropy", 1.0, 1.0), "dyda", "loss").words
    assert question not in told(with_targets("sigmoid", "binary_cross_entropy", 0.5, 1.0), "dyda", "loss").words


def test_titles_of_output_errors_are_their_formulas():
    def title(*problem) -> str:
        return told(with_targets(*problem), "dyda", "delta:2").caption.split(" · ")[-1]

    assert title("softmax", "cross_entropy", 0.5, 0.5) == "δ^[2]: output minus target"
    assert title("softmax", "cross_entropy", 0.5, 1.5) == "δ^[2]: sum of targets times output, minus target"
    assert title("sigmoid", "cross_entropy", 0.0, 1.0) == "δ^[2]: target times (output − 1)"
    assert title("sigmoid", "binary_cross_entropy", 0.5, 1.5) == "δ^[2]: output minus target"
    assert title("softmax", "half_squared_error", 0.0, 1.0) == "δ^[2]: errors through softmax"
    assert title("sigmoid", "half_squared_error", 0.0, 1.0) == "δ^[2]: error times slope"


def test_words_of_softmax_say_when_output_minus_target_is_left():
    left = "output minus target is left"
    assert left in told(with_targets("softmax", "cross_entropy", 0.5, 0.5), "dyda", "delta:2").words
    assert left not in told(with_targets("softmax", "cross_entropy", 0.5, 1.5), "dyda", "delta:2").words


@pytest.mark.parametrize("address", ["db:1", "dW:1"])
def test_a_mean_that_is_in_the_error_signals_is_not_taken_again(address):
    mean = network(m=3, batch_reduction="mean")
    words = told(mean, "biswas", address, "matrix").words
    assert "averaged" not in words
    assert "added up" in words
    assert "The 1/3 of the mean is in ∇A_1 already." in words
    assert "averaged" in told(mean, "biswas", address, "index").words  # 1/3 stands before the sum there
    summed = told(network(m=3), "biswas", address, "matrix").words
    assert "added up" in summed
    assert "mean" not in summed


def test_talks_go_to_hidden_layers_by_the_notations_count():
    thin = open_problem("biswas-thin")

    def captions(notation: str) -> list[str]:
        moment = moment_at(record_of(thin), notation, "W_new:1")
        return [told.explanation.caption for told in story(moment, Ref("W", 1, 0, 0), paths_of(moment.record, Ref("W", 1, 0, 0)))]

    assert "Talk to hidden layer 2" in captions("biswas")
    assert "Talk to hidden layer 3" in captions("jacob")
    assert "Talk to hidden layer 2" in captions("theta")
