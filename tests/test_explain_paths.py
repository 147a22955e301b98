"""The chain to a weight and the story of who is responsible: every displayed number is true, in every notation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from math_helpers import make_problem

from model.examples import example_names, open_problem
from model.explain.honesty import functions_of
from model.explain.parts import Writer
from model.explain.paths import WRITTEN, chain, story
from model.expr.text import equation_text
from model.expr.tree import Equation, Mat, Num, NumberFormat, Sym
from model.expr.value import evaluate
from model.moment import Moment
from model.notation.profile import load_notation, notation_names
from model.paths import exists, paths_of
from model.problem import Problem
from model.run import Run
from model.stages import Ref, build_walk

FULL = NumberFormat(None)


def moment_of(problem: Problem, notation: str = "dyda", sample: int = 0, fmt: NumberFormat = FULL) -> Moment:
    record, profile = Run(problem).record(1), load_notation(notation)
    walk = build_walk(problem, record.m, profile.presentation)
    return Moment(record, walk, walk.total, "layer", profile, fmt, sample)


def evaluated(moment: Moment, equation: Equation, layer: int) -> list[np.ndarray]:
    """The sides with numbers, and the result."""
    functions = functions_of(Writer(moment), layer)
    sides = [evaluate(expr, moment.fmt, functions) for kind, expr in equation.sides if kind in ("numbers", "result")]
    return [side for side in sides if side is not None]


@pytest.mark.parametrize("notation", notation_names())
@pytest.mark.parametrize("name", example_names())
def test_displayed_numbers_give_the_displayed_result(name: str, notation: str) -> None:
    problem = open_problem(name)
    moment = moment_of(problem, notation)
    for target in (Ref("W", 1, 0, 0), Ref("W", problem.depth, 0, 0), Ref("b", 1, 0), Ref("x", 0, 0)):
        if not exists(target, problem):
            continue
        tellings = story(moment, target, paths_of(moment.record, target))
        compared = 0
        for telling in tellings:
            for equation in telling.explanation.equations:
                layers = {ref.layer for ref in telling.explanation.focus if ref.layer} or {0}
                sides = evaluated(moment, equation, max(layers))
                for side in sides[:-1]:
                    assert side == pytest.approx(sides[-1], rel=1e-9, abs=1e-12), equation_text(equation, moment.fmt)
                    compared += 1
        assert compared or problem.layers[0] > 60


@pytest.mark.parametrize("notation", notation_names())
def test_the_chain_ends_in_the_gradient_of_the_record(notation: str) -> None:
    problem = open_problem("biswas-figure-1")
    moment = moment_of(problem, notation, sample=1)
    for target in (Ref("W", 2, 1, 2), Ref("b", 3, 1), Ref("W", 1, 3, 2)):
        paths = paths_of(moment.record, target, 1)
        explanation = chain(moment, target, paths)
        (kind, result) = explanation.equations[-1].sides[-1]
        assert kind == "result"
        assert isinstance(result, Num)
        assert result.value == paths.total
        written = [side for kind, side in explanation.equations[-1].sides if kind == "numbers"]
        assert bool(written) == (paths.count <= WRITTEN)


def captions(equation: Equation) -> list[str]:
    ((_, table),) = equation.sides
    assert isinstance(table, Mat)
    return [" ".join(cell.text for cell in column) for column in zip(*table.rows[1:], strict=True)]


def test_the_thin_networks_chain_is_the_notes() -> None:
    """Biswas 4.1 and 4.2: every derivative of one neuron by the next, and whom each part talks to."""
    moment = moment_of(open_problem("biswas-thin"), "biswas")
    equation = chain(moment, Ref("W", 1, 0, 0), paths_of(moment.record, Ref("W", 1, 0, 0))).equations[0]
    assert captions(equation) == [
        "talk to the weight directly", "talk to the output layer", "talk to hidden layer 2", "talk to hidden layer 1",
        "and now talk to the weight",
    ]  # fmt: skip
    ((_, table),) = equation.sides
    assert isinstance(table, Mat)
    latex = [cell.latex for cell in table.rows[0] if isinstance(cell, Sym)]
    assert latex[-1].endswith("\\frac{\\partial a_{11}}{\\partial W_{111}}")
    assert latex[2].count("\\frac") == 2


def test_long_chains_leave_out_their_middle() -> None:
    problem = make_problem((2, *[2] * 9, 1), ("tanh",) * 9 + ("identity",), "squared_error", m=1)
    moment = moment_of(problem)
    equation = chain(moment, Ref("W", 1, 0, 0), paths_of(moment.record, Ref("W", 1, 0, 0))).equations[0]
    assert captions(equation) == [
        "talk to the weight directly", "talk to the output layer", "talk to hidden layer 9", "and so on (7 more)", "talk to hidden layer 1",
        "and now talk to the weight",
    ]  # fmt: skip


def test_numbers_wait_until_they_may_be_shown() -> None:
    moment = moment_of(open_problem("dyda-sigmoid"))
    target = Ref("W", 1, 0, 0)
    equations = chain(moment, target, paths_of(moment.record, target), known=False).equations
    assert [kind for equation in equations for kind, _ in equation.sides] == ["symbol"]


def test_the_story_goes_down_layer_by_layer() -> None:
    problem = open_problem("soletskyi")
    moment = moment_of(problem)
    lowest = [telling.lowest for telling in story(moment, Ref("W", 1, 0, 0), paths_of(moment.record, Ref("W", 1, 0, 0)))]
    assert lowest == [1, 4, 4, 3, 2, 1]


def test_special_conventions_are_told() -> None:
    base = make_problem((2, 3, 2), ("sigmoid", "sigmoid"), "half_squared_error", m=2)
    shared = moment_of(replace(base, bias_sharing="per_layer"))
    told = story(shared, Ref("b", 1, 1), paths_of(shared.record, Ref("b", 1, 1)))[-1].explanation
    assert "serves the whole layer" in told.words
    none = make_problem((2, 3, 1), ("sigmoid", "identity"), "none", m=1)
    moment = moment_of(none)
    assert "Nothing is compared" in story(moment, Ref("W", 1, 0, 0), paths_of(moment.record, Ref("W", 1, 0, 0)))[1].explanation.words
    silent = moment_of(replace(base, x=np.zeros((2, 2))))
    assert "each with a factor 0" in chain(silent, Ref("W", 1, 0, 0), paths_of(silent.record, Ref("W", 1, 0, 0))).caption
