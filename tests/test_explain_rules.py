"""A symbol means one number wherever it is written: the rules, worked out with the values shown for their symbols, give the results."""

from dataclasses import replace

import numpy as np
import pytest
from explain_helpers import (
    NOTATIONS,
    functions,
    is_complete,
    moment_at,
    network,
    record_of,
    results_of,
    special_problems,
    ticks,
    walk_of,
    worked_out,
)
from lots import in_turn

from model.explain.steps import explain
from model.expr.tree import Equation, Fn, Frac, Mat, Num, NumberFormat, Row, Sup, Sym
from model.moment import Moment, number
from model.notation.profile import load_notation
from model.problem import frozen
from model.stages import Ref

EXACT = NumberFormat(None)
LEFT_OUT = ("wide", "tanh", "leaky_relu", "elu", "softplus", "identity", "thin", "means over outputs, full", "no update", "batch sum")
PROBLEMS = {
    **{name: p for name, p in special_problems().items() if p.rounding is None and p.optimizer.name == "sgd" and name not in LEFT_OUT},
    "mean": network(m=3, batch_reduction="mean"),
    "mean, ReLU": network((2, 3, 2, 2), m=3, batch_reduction="mean", activations=("relu", "tanh", "sigmoid")),
    "mean, targets that add up to 2": network(m=2, batch_reduction="mean", activations=("sigmoid", "softmax"), loss="cross_entropy",
                                              y=frozen([[0.5, 1.5], [1.0, 1.0]])),
    "mean, softmax and squares": network(m=2, batch_reduction="mean", activations=("sigmoid", "softmax")),
    "mean, yes or no": network(m=2, batch_reduction="mean", loss="binary_cross_entropy"),
    "mean, shared bias": network(m=2, batch_reduction="mean", bias_sharing="per_layer", l2=0.1),
    "penalty": network(l2=0.1),
    "frozen biases, batch": network(m=3, train_biases=False, l2=0.1),
}  # fmt: skip


class Unknown(Exception):
    """The rule has a sum with letters, words or a symbol without a value in it."""


def in_numbers(expr, values):
    """Return the formula with the value of each symbol in its place."""
    if isinstance(expr, Sym):
        if expr.latex.startswith("\\mathbf{1}_"):
            return _shown(np.ones((int(expr.latex[len("\\mathbf{1}_{") : -1]), 1)))
        if expr.latex not in values:
            raise Unknown(expr.latex)
        return _shown(values[expr.latex])
    if isinstance(expr, Row):
        return Row(tuple(in_numbers(item, values) for item in expr.items))
    if isinstance(expr, Frac):
        return Frac(in_numbers(expr.numerator, values), in_numbers(expr.denominator, values))
    if isinstance(expr, Fn):
        return Fn(expr.latex, in_numbers(expr.argument, values))
    if isinstance(expr, Sup):
        return Sup(in_numbers(expr.base, values), expr.latex)
    if isinstance(expr, Mat):
        return _stacked([[in_numbers(cell, values) for cell in line] for line in expr.rows])
    return expr


def _shown(value):
    if value.ndim == 0:
        return Num(float(value), bracket=True)
    return Mat(tuple(tuple(Num(float(v)) for v in line) for line in value))


def _stacked(rows):
    """Return a matrix; a number above (or before) a whole matrix is a row (or column) of that number."""
    inner = next((cell for line in rows for cell in line if isinstance(cell, Mat)), None)
    if inner is None:
        return Mat(tuple(map(tuple, rows)))
    scalar = rows[0][0]
    if len(rows) == 2:
        return Mat((tuple(scalar for _ in inner.rows[0]), *inner.rows))
    return Mat(tuple((scalar, *line) for line in inner.rows))


def equations_of(record, notation):
    """Yield (layer, equation) of the whole walk, in both forms, for each sample."""
    walk, profile = walk_of(record, notation), load_notation(notation)
    for sample in range(record.m):
        for granularity, form in (("layer", "matrix"), ("neuron", "index")):
            for tick in (0, *ticks(walk, granularity)):
                moment = Moment(record, walk, tick, granularity, profile, EXACT, sample)
                layer = moment.stage.layer if tick else 0
                for equation in explain(moment, form=form).equations:
                    if is_complete(equation):
                        yield layer, equation


def given_values(record, notation):
    """The symbols of single given numbers, and of constants."""
    profile, p = load_notation(notation), record.problem
    refs = [Ref("W", l, j, k) for l in range(1, p.depth + 1) for j in range(p.layers[l]) for k in range(p.layers[l - 1])]
    refs += [Ref("b", l, j) for l in range(1, p.depth + 1) for j in range(p.layers[l]) if p.has_biases]
    refs += [Ref("a", 0, k, sample=s) for s in range(record.m) for k in range(p.layers[0])]
    refs += [Ref("y", 0, k, sample=s) for s in range(record.m) for k in range(p.layers[-1]) if p.loss != "none"]
    values = {profile.symbol(ref, p, record.m): np.array(number(record, ref)) for ref in refs}
    values |= inner_values(record, profile)
    if "W_old" in profile.symbols:
        values |= {
            profile.name_of("W_old", r.layer, p, unit=str(r.unit + 1), source=str(r.from_ + 1)): np.array(number(record, r))
            for r in refs
            if r.quantity == "W"
        }
    values[profile.symbols["learning_rate"]] = np.array(record.learning_rate or 0.0)
    return {**values, "\\lambda": np.array(p.l2), profile.symbols["penalty"]: np.array(record.penalty)}


def inner_values(record, profile):
    """The symbols of whole matrices without the biases that stand in them."""
    values, p = {}, record.problem
    for l in range(1, p.depth + 1) if "W_inner" in profile.symbols and p.has_biases else ():
        whole, inner = (profile.name_of(name, l, p) for name in ("W", "W_inner"))
        gradient = profile.name_of("dW", l, p, record.m).replace(whole, inner)
        for latex, matrix in ((inner, record.params.W[l - 1]), (gradient, record.dW[l - 1])):
            values[latex] = matrix.T if profile.presentation.rows == "from" else matrix
    return values


def value_of(equation: Equation, F):
    kind, expr = equation.sides[-1]
    return worked_out(expr, EXACT, F) if kind == "result" and results_of(equation) else None


@pytest.mark.parametrize("notation", ["dyda", "theta"])
def test_the_rule_of_a_matrix_with_frozen_biases_moves_the_weights_alone(notation):
    """Not only said in a remark: 0 stands in the rule too where the biases are, and index form has a rule of its own for them."""
    record = record_of(PROBLEMS["frozen biases"])
    moment = moment_at(record, notation, "W_new:2")
    (equation,) = explain(moment, form="matrix").equations
    moved = equation.sides[1][1].items[-1]
    assert [cell.value for line in moved.rows for cell in line if isinstance(cell, Num)] == [0.0]
    _, of_biases, *_ = explain(moment, form="index").equations
    profile, j = load_notation(notation), {"dyda": "j", "theta": "k"}[notation]
    names = [profile.name_of(name, 2, record.problem, unit=j, source="0") for name in ("W_new", "W")]
    assert [expr.latex for _, expr in of_biases.sides] == names
    assert "≥ 1" in of_biases.note


def test_a_letter_of_the_weights_is_left_alone_inside_other_words():
    dyda = load_notation("dyda")
    symbols = {"W": "w", "W_inner": "w_{+}", "dW": "\\overrightarrow{\\nabla}_{<W>} L"}
    moment = moment_at(record_of(PROBLEMS["frozen biases"]), "dyda", "W_new:2")
    own = replace(moment, notation=replace(dyda, symbols={**dyda.symbols, **symbols}))
    (equation,) = explain(own, form="matrix").equations
    moved = equation.sides[1][1].items[-1]
    assert [cell.latex for line in moved.rows for cell in line if isinstance(cell, Sym)] == ["\\overrightarrow{\\nabla}_{w_{+}} L"]


@pytest.mark.parametrize(("name", "notation"), in_turn(PROBLEMS, NOTATIONS, 2))
def test_rules_give_the_results_with_the_values_shown_for_their_symbols(name, notation):
    record = record_of(PROBLEMS[name])
    values, equations = given_values(record, notation), list(equations_of(record, notation))
    for layer, equation in equations:
        value, symbol = value_of(equation, functions(record.problem, notation, layer)), equation.sides[0][1]
        if value is None or not isinstance(symbol, Sym):
            continue
        before = values.setdefault(symbol.latex, value)
        np.testing.assert_allclose(value.ravel(), before.ravel(), rtol=1e-6, atol=1e-9, err_msg=f"{symbol.latex} has two values")
    compared = 0
    for layer, equation in equations:
        F = functions(record.problem, notation, layer)
        wanted = value_of(equation, F)
        for rule in [expr for kind, expr in equation.sides if kind == "rule"] if wanted is not None else []:
            try:
                found = worked_out(in_numbers(rule, values), EXACT, F)
            except Unknown:
                continue
            if found is not None:
                compared += 1
                np.testing.assert_allclose(found.ravel(), wanted.ravel(), rtol=1e-6, atol=1e-9, err_msg=str(equation))
    assert compared > 10
