"""What is marked on the board as being formed, and how constants of a rule are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from gui.board.history import ExplanationCache, board_step
from gui.formula.page import heading
from gui.links import covers
from model.examples import open_problem
from model.explain.steps import explain
from model.expr.tree import Expr, Fn, Frac, Mat, Num, NumberFormat, Row, Sup, number_text
from model.moment import Moment
from model.notation.layers import layer_name
from model.notation.profile import load_notation, notation_names
from model.run import Run
from model.stages import Granularity, build_walk

FMT = NumberFormat(decimals=4)


def numbers_of(expr: Expr) -> Iterator[Num]:
    if isinstance(expr, Num):
        yield expr
    for part in parts_of(expr):
        yield from numbers_of(part)


def parts_of(expr: Expr) -> Iterable[Expr]:
    if isinstance(expr, Mat):
        return [cell for line in expr.rows for cell in line]
    if isinstance(expr, Frac):
        return expr.numerator, expr.denominator
    inner = {Row: "items", Fn: "argument", Sup: "base"}.get(type(expr))
    found = getattr(expr, inner) if inner else ()
    return found if isinstance(found, tuple) else (found,)


@pytest.mark.parametrize("granularity", ["layer", "neuron"])
@pytest.mark.parametrize("notation", notation_names())
def test_every_number_that_is_formed_has_a_band(notation: str, granularity: Granularity) -> None:
    record = Run(open_problem("jacob")).record(1)
    profile = load_notation(notation)
    walk, tick = build_walk(record.problem, record.m, profile.presentation), 0
    while (following := walk.next(tick, granularity)) is not None:
        tick = following
        shown = board_step(Moment(record, walk, tick, granularity, profile, FMT), tick, ExplanationCache())
        kind, result = shown.explanation.equations[-1].sides[-1]
        assert kind == "result"
        for number in numbers_of(result):
            constant = number.ref is None or number.ref.quantity == "one"
            assert constant or any(covers(ref, number.ref) for ref in shown.explanation.focus), (walk.place(tick, granularity), number.ref)
        layer = walk.stages[walk.stage_at(tick)].layer
        assert not layer or heading(shown).endswith(layer_name(profile, layer, record.problem).upper())


@pytest.mark.parametrize("notation", notation_names())
@pytest.mark.parametrize("example", ["jacob", "xor"])
def test_constants_of_a_rule_have_no_zeros_behind_them(example: str, notation: str) -> None:
    record = Run(open_problem(example)).record(1)
    profile = load_notation(notation)
    walk, fmt = build_walk(record.problem, record.m, profile.presentation), NumberFormat(3, trailing_zeros=True)
    for tick in walk.ends:
        for equation in explain(Moment(record, walk, tick, "layer", profile, fmt)).equations:
            for kind, side in equation.sides:
                constants = [n for n in numbers_of(side) if (kind == "rule" and n.ref is None) or (n.ref and n.ref.quantity == "one")]
                assert not [number_text(n, fmt) for n in constants if number_text(n, fmt).endswith("0")], equation
