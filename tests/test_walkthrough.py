"""The walk as text: what a terminal shows, line by line."""

import io
import re
from dataclasses import replace

import pytest
from explain_helpers import NOTATIONS, network
from lots import in_turn

from model.examples import example_names, open_problem
from model.expr.text import latex_to_text, width
from model.quantities import available
from model.run import Run
from model.stages import build_walk
from model.walkthrough import print_micro, print_trace, print_walkthrough


def text_of(function, *arguments) -> str:
    out = io.StringIO()
    function(*arguments, out)
    return out.getvalue()


DYDA_DELTA = """\
7. δ^[2]: error times slope
Each output's error times the slope of φ where the neuron stands: how fast the loss grows with the
neuron's sum.

  φ′(x) = φ(x)(1−φ(x))

  δ^[2] = ∂L/∂a^[2] ⊙ φ′(net^[2]) = ⎡−0.44645918 · φ′(0.21498751)⎤ = ⎡−0.44645918 · 0.24713338⎤
                                    ⎣0.37052271 · φ′(−0.52997502)⎦   ⎣0.37052271 · 0.23323563 ⎦
       = ⎡−0.11033497⎤
         ⎣ 0.0864191 ⎦
"""


def test_dydas_delta_as_text():
    assert DYDA_DELTA in text_of(print_walkthrough, open_problem("dyda-sigmoid"))


def test_the_walkthrough_goes_through_every_stage_in_order():
    text = text_of(print_walkthrough, open_problem("jacob"))
    titles = [line for line in text.splitlines() if line[:1].isdigit() and ". " in line[:4]]
    assert len(titles) == 17
    assert [int(title.split(".")[0]) for title in titles] == list(range(1, 18))
    assert text.index("Forward pass") < text.index("Backward pass") < text.index("Update\n──────")
    assert text.startswith("Jacob")


@pytest.mark.parametrize(("name", "notation"), in_turn(example_names(), NOTATIONS, 2))
def test_text_is_clean_and_of_readable_width(name, notation):
    text = text_of(print_walkthrough, replace(open_problem(name), notation=notation))
    lines = text.splitlines()
    prose = [line for line in lines if not set(line) & set("⎡⎢⎣⎛⎜⎝⎧⎩")]
    assert all(width(line) <= 100 for line in prose)
    assert all(line == line.rstrip() for line in lines)
    assert not set(text) & set("\\{}<>\t")
    assert not re.search(r"\b(nan|inf|None)\b", text)


def test_micro_steps_are_numbered_and_addressed():
    problem = open_problem("dyda-sigmoid")
    lines = text_of(print_micro, Run(problem), 1).splitlines()
    assert lines[0].split(None, 2) == ["0", "start", "Update 1 · start"]
    assert [line.split()[1] for line in lines[1:]] == [
        "z:1", "a:1", "z:2", "a:2", "loss", "dLda:2", "delta:2", "dW:2", "W_new:2", "dLdX:2", "dLda:1", "delta:1", "dW:1", "W_new:1",
    ]  # fmt: skip
    assert lines[7].split("  ")[-1] == "Update 1 · backward · δ^[2]: error times slope"


def test_numbers_and_addresses_of_micro_steps_lead_to_the_same_place():
    from explain_helpers import load_notation, record_of

    problem = open_problem("biswas-figure-1")
    walk = build_walk(problem, record_of(problem).m, load_notation("biswas").presentation)
    for line in text_of(print_micro, Run(problem), 1).splitlines():
        number, address, _ = line.split(None, 2)
        assert walk.find(number) == walk.find(address)


def test_micro_steps_of_later_updates():
    lines = text_of(print_micro, Run(network((2, 2, 1))), 3).splitlines()
    assert all(line.split(None, 2)[2].startswith("Update 3 · ") for line in lines)


def test_trace_names_every_quantity_in_the_files_notation():
    text = text_of(print_trace, Run(open_problem("jacob")), range(1, 2))
    for name in ("z⁽²⁾", "a⁽³⁾", "δ⁽³⁾", "∂L/∂b⁽²⁾", "∂L/∂w⁽¹⁾", "w⁽²⁾_new", "b⁽¹⁾_new", "σ′(z⁽²⁾)", "L = "):
        assert f"  {name}" in text, name


def test_trace_shows_factors_before_their_product():
    text = text_of(print_trace, Run(open_problem("dyda-sigmoid")), range(1, 2))
    for l in (1, 2):
        places = [text.index(f"  {name}^[{l}]{end} = ") for name, end in (("∂L/∂a", ""), ("φ′(net", ")"), ("δ", ""), ("∂L/∂W", ""))]
        assert places == sorted(places)


def test_trace_shows_every_update_and_every_sample():
    problem = network(m=2, steps=3)
    text = text_of(print_trace, Run(problem), range(1, 4))
    assert [line for line in text.splitlines() if line.startswith("Update")] == ["Update 1", "Update 2", "Update 3"]
    assert "net^[1](1) = " in text
    assert "net^[1](2) = " in text


def test_trace_shows_what_json_has():
    problem = replace(network(m=2), l2=0.1)
    text = text_of(print_trace, Run(problem), range(1, 2))
    shown_by_symbol = {"z", "a", "dadz", "loss_sample", "loss", "dLda", "delta", "dLdX", "W", "b", "dW", "db", "W_new", "b_new"}
    for name in set(available(Run(problem).record(1))) - shown_by_symbol:
        assert f"  {name}: " in text, name


def test_trace_leaves_out_paths_that_would_fill_the_memory(monkeypatch):
    monkeypatch.setattr("model.report.MOST_PATHS", 10)
    text = text_of(print_trace, Run(network(m=2)), range(1, 2))
    assert "path is left out" in text
    assert "path: " not in text


def test_trace_shows_the_paths_of_a_few_samples():
    text = text_of(print_trace, Run(network(m=10)), range(1, 2))
    assert "layer 1, sample 8 = " in text
    assert "sample 9" not in text
    assert "(2 more samples)" in text


def test_trace_follows_the_order_of_computation():
    """Where the error goes back through new weights, these stand before it."""
    text = text_of(print_trace, Run(replace(open_problem("jacob"), hidden_delta_uses="new")), range(1, 2))
    assert text.index("  w⁽²⁾_new = ") < text.index("  δ⁽²⁾ = ") < text.index("  w⁽¹⁾_new = ")


def test_titles_cannot_steer_a_terminal():
    steering = replace(open_problem("jacob"), title="\x1b[31mred\nnew", source="\x1b[2J")
    text = text_of(print_trace, Run(steering), range(1, 2))
    assert "\x1b" not in text
    assert text.splitlines()[1] == "═" * len(text.splitlines()[0])


def test_symbols_as_text():
    assert latex_to_text(r"\frac{\partial L}{\partial W^{[2]}}") == "∂L/∂W^[2]"
    assert latex_to_text(r"\nabla_{\underline{a}_{3}}\mathcal{L}(\theta)") == "∇_(a_3) ℒ(θ)"
    assert latex_to_text(r"\sum_{j=1}^{10} y_{j}") == "Σ_(j=1)^10 y_j"
    assert latex_to_text(r"\widetilde{W^{[1]}}") == "W̃^[1]"
    assert latex_to_text(r"\hat{y}_{1}") == "ŷ_1"
