"""Profiles that no lecture note uses, such as samples as rows of a matrix, show true formulas too."""

import json
from dataclasses import replace

import numpy as np
import pytest
from explain_helpers import NOTATIONS, functions, network, record_of, results_of, side_text, worked_out

import resources
from model.explain.steps import explain
from model.expr.tree import NumberFormat
from model.moment import Moment
from model.notation.profile import Notation, parse_notation
from model.problem import frozen
from model.stages import build_walk

EXACT = NumberFormat(None)


def with_rows(name: str) -> Notation:
    data = json.loads(resources.path(f"notations/{name}.json").read_text(encoding="utf-8"))
    return parse_notation({**data, "samples": "rows"})


PROBLEMS = {
    "sum": network(m=3),
    "mean with penalty": network(m=3, batch_reduction="mean", l2=0.1),
    "softmax": network(m=2, activations=("relu", "softmax"), loss="cross_entropy", y=frozen([[1.0, 0.0], [0.0, 1.0]])),
    "yes or no": network(m=2, loss="binary_cross_entropy"),
}


@pytest.mark.parametrize("name", NOTATIONS)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_samples_as_rows_turn_every_product_round(name, problem):
    record, notation = record_of(PROBLEMS[problem]), with_rows(name)
    walk = build_walk(record.problem, record.m, notation.presentation)
    for tick in walk.ends:
        moment = Moment(record, walk, tick, "layer", notation, EXACT)
        F = functions(record.problem, name, moment.stage.layer)
        softmax = moment.stage.layer and record.problem.activations[moment.stage.layer - 1] == "softmax"
        for equation in explain(moment, form="matrix").equations:
            results = results_of(equation)
            if not results or (softmax and moment.stage.quantity == "a"):
                continue  # the evaluator of these tests takes softmax down the columns
            wanted = worked_out(equation.sides[-1][1], EXACT, F)
            for kind, side in equation.sides:
                found = worked_out(side, EXACT, F) if kind == "numbers" else None
                if found is not None:
                    np.testing.assert_allclose(found, wanted, rtol=2e-6, atol=1e-9, err_msg=str(equation))


def test_rows_in_symbols():
    record, notation = record_of(PROBLEMS["sum"]), with_rows("biswas")
    walk = build_walk(record.problem, record.m, notation.presentation)
    rules = {}
    for address in ("z:2", "dLda:1", "dW:2", "db:2"):
        moment = Moment(record, walk, walk.find(address), "layer", notation, EXACT)
        rules[address] = side_text(explain(moment).equations[-1].sides[1][1], EXACT)
    assert rules == {
        "z:2": "H₁ · W₂ᵀ + 1₃ · b₂ᵀ",
        "dLda:1": "∇A₂ · W₂",
        "dW:2": "∇A₂ᵀ · H₁",
        "db:2": "∇A₂ᵀ · 1₃",
    }


def test_a_profile_can_prefer_index_form():
    notation = replace(with_rows("jacob"), form="index")
    record = record_of(network((2, 2, 2)))
    walk = build_walk(record.problem, 1, notation.presentation)
    first = explain(Moment(record, walk, walk.find("z:1"), "layer", notation, EXACT)).equations[0]
    assert [side_text(expr, EXACT) for _, expr in first.sides] == ["zⱼ⁽²⁾", "Σₖ wⱼₖ⁽¹⁾ × aₖ⁽¹⁾ + bⱼ⁽¹⁾"]
