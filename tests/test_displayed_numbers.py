"""Whatever is displayed can be worked out by hand: printed factors give the printed result, or the note says why not."""

import numpy as np
import pytest
from explain_helpers import (
    NOTATIONS,
    all_problems,
    functions,
    is_complete,
    network,
    record_of,
    results_of,
    ticks,
    walk_of,
    worked_out,
)
from lots import in_turn

from model.explain.steps import explain
from model.expr.even import even, scale
from model.expr.tree import Equation, Mat, Num, NumberFormat, Op, Row, format_number, format_of, significant
from model.moment import Moment, number
from model.notation.profile import load_notation
from model.problem import frozen
from model.scales import written
from model.stages import Ref

PROBLEMS = all_problems()
EXACT = NumberFormat(None)
PER_WALK = 8  # neurons and terms looked at per walk, spread evenly; of layers every one


def moments(record, notation, granularity, fmt):
    walk = walk_of(record, notation)
    all_ticks = list(ticks(walk, granularity))
    for tick in all_ticks if granularity == "layer" else all_ticks[:: max(1, len(all_ticks) // PER_WALK)]:
        yield Moment(record, walk, tick, granularity, load_notation(notation), fmt, record.m - 1)


def sides_to_check(equation):
    return [expr for kind, expr in equation.sides if kind == "numbers"]


def result_expr(equation):
    return next(expr for kind, expr in reversed(equation.sides) if kind == "result")


@pytest.mark.parametrize(("name", "notation"), in_turn(PROBLEMS, NOTATIONS, 2))
def test_printed_digits_give_the_printed_result_or_the_note_says_why(name, notation):
    record = record_of(PROBLEMS[name])
    fmt = NumberFormat(load_notation(notation).decimals)
    checked = 0
    for granularity, form in (("layer", "matrix"), ("layer", "index"), ("neuron", "index"), ("term", "index")):
        for moment in moments(record, notation, granularity, fmt):
            F = functions(record.problem, notation, moment.stage.layer)
            for equation in explain(moment, form=form).equations:
                checked += check(equation, fmt, F, (name, notation, granularity, form, moment.walk.address(moment.tick, granularity)))
    assert checked > 20


def check(equation, fmt, F, where) -> int:
    """Compare every side in numbers with the result, as printed; return how many were compared."""
    if not results_of(equation) or not is_complete(equation):
        return 0
    result = result_expr(equation)
    scaled = isinstance(result, Row)  # 1/m stands before the result: compare the digits of what it multiplies
    wanted = worked_out(result.items[-1] if scaled else result, fmt, F)
    share = worked_out(result.items[0], fmt, F) if scaled else 1.0
    compared, said = 0, []
    for side in sides_to_check(equation):
        found = worked_out(side, fmt, F)
        if found is None or wanted is None:
            continue
        found = found / share
        compared += 1
        formats = [format_of(num, fmt) for num in results_of(equation)]
        triples = list(zip(found.ravel(), wanted.ravel(), formats, strict=True))
        if all(same_print(*triple) for triple in triples):
            continue
        assert "printed digits" in equation.note or "infinite" in equation.note or "undefined" in equation.note, (where, side, equation)
        if "ounded" in equation.note:  # what it says is looked at where rounding is carried
            continue
        if "printed digits" in equation.note and all(np.isfinite(a) for a, _, _ in triples):
            said = [format_number(float(a), f) for a, b, f in triples if not same_print(a, b, f)]
    assert not said or said[0] in equation.note or "more" in equation.note, (where, said, equation.note)  # of the last such side
    return compared


def same_print(found, wanted, fmt):
    """Return whether two numbers print alike; a slope taken by differences may be a hair beside a tie."""
    if np.isnan(found) and np.isnan(wanted):
        return True
    texts = (
        {format_number(float(v), fmt) for v in (found, found - 1e-8, found + 1e-8)} if np.isfinite(found) else {format_number(found, fmt)}
    )
    return format_number(float(wanted), fmt) in texts


@pytest.mark.parametrize(("name", "notation"), in_turn([n for n in PROBLEMS if PROBLEMS[n].rounding is None], NOTATIONS, 2))
def test_displayed_formulas_are_the_formulas_that_were_computed(name, notation):
    """With all digits shown every side in numbers equals the result to rounding error."""
    record = record_of(PROBLEMS[name])
    for granularity, form in (("layer", "matrix"), ("neuron", "index"), ("term", "index")):
        for moment in moments(record, notation, granularity, EXACT):
            F = functions(record.problem, notation, moment.stage.layer)
            for equation in explain(moment, form=form).equations:
                if not results_of(equation) or not is_complete(equation):
                    continue
                wanted = worked_out(result_expr(equation), EXACT, F)
                for side in sides_to_check(equation):
                    found = worked_out(side, EXACT, F)
                    if found is not None and wanted is not None:
                        np.testing.assert_allclose(found, wanted, rtol=2e-6, atol=1e-9, err_msg=str(equation))


@pytest.mark.parametrize(("name", "notation"), in_turn(PROBLEMS, NOTATIONS, 2))
def test_switching_notation_changes_no_value(name, notation):
    record, compared = record_of(PROBLEMS[name]), 0
    for granularity in ("layer", "neuron"):
        for moment in moments(record, notation, granularity, EXACT):
            for equation in explain(moment).equations:
                for num in results_of(equation):
                    if num.ref is not None:
                        assert same(num.value, number(record, num.ref, moment.sample))
                        compared += 1
    assert compared > 10


def same(a, b):
    return a == b or (np.isnan(a) and np.isnan(b))


def test_every_substituted_number_is_the_number_it_is_linked_to():
    """The digits shown for a weight are that weight's, so that hovering it lights up the right one."""
    for name in ("batch mean", "deep", "adam", "new weights", "softmax, squared error"):
        record = record_of(PROBLEMS[name])
        for notation in NOTATIONS:
            for moment in moments(record, notation, "neuron", EXACT):
                for equation in explain(moment).equations:
                    for num in linked(equation):
                        value = number(record, num.ref, moment.sample)
                        assert same(num.value, value) or same(num.value, -value)


def linked(node):
    if isinstance(node, Num):
        return [node] if node.ref is not None else []
    if isinstance(node, Equation):
        return [n for _, side in node.sides for n in linked(side)]
    found = []
    for field in ("items", "rows", "numerator", "denominator", "argument", "base"):
        value = getattr(node, field, ())
        found += [n for part in (value if isinstance(value, tuple) else (value,)) for n in _inside(part)]
    return found


def _inside(part):
    return [n for p in part for n in linked(p)] if isinstance(part, tuple) else linked(part)


def test_the_evaluator_catches_a_wrong_formula():
    record = record_of(PROBLEMS["dyda-sigmoid"])
    fmt = NumberFormat(8)
    wrong = Equation((("numbers", Row((Num(0.5), Op("·"), Num(0.5)))), ("result", Num(0.2))))
    with pytest.raises(AssertionError):
        check(wrong, fmt, functions(record.problem, "dyda", 1), "")


def test_infinite_and_undefined_values_are_said_in_words():
    record = record_of(network((1, 1), activations=("sigmoid",), loss="binary_cross_entropy", weights=(frozen([[1000.0]]),),
                               biases=(frozen([0.0]),), x=frozen([[-1.0]]), y=frozen([[1.0]])))  # fmt: skip
    walk = walk_of(record, "dyda")
    moment = Moment(record, walk, walk.find("dLda:1"), "layer", load_notation("dyda"), NumberFormat(4))
    notes = " ".join(equation.note for equation in explain(moment).equations)
    assert "infinite" in notes


def test_a_note_names_the_digits_that_a_reader_gets():
    """Jacob's third sum: 0.7·0.60 + 0.8·0.62 + 0.35 is 1.27 on paper, but 1.26 with all digits."""
    record = record_of(PROBLEMS["jacob"])
    walk = walk_of(record, "jacob")
    moment = Moment(record, walk, walk.find("z:2"), "layer", load_notation("jacob"), NumberFormat(2))
    (equation,) = explain(moment).equations
    assert [format_number(n.value, moment.fmt) for n in results_of(equation)] == ["1.02", "1.26"]
    assert equation.note == "Computed with full precision; with the printed digits entry 2 would be 1.27."


def test_rounding_that_is_carried_is_said():
    record = record_of(PROBLEMS["truncated"])
    notes = set()
    for moment in moments(record, "dyda", "neuron", NumberFormat(8)):
        notes |= {equation.note for equation in explain(moment).equations}
    assert any("Rounded to 3 decimals (cut off)" in note for note in notes)


@pytest.mark.parametrize("largest", [2.2e16, -4.7e152, 1.7e308])
def test_of_diverged_numbers_no_more_digits_are_written_than_they_have(largest):
    cells = tuple(Num(value) for value in (0.1, largest))
    found = even(Mat((cells, cells)), NumberFormat(8))
    places = {cell.places for line in found.rows for cell in line}
    assert len(places) == 1
    assert -15 <= places.pop() < 0
    assert scale(np.array([1e-12, largest]), 8) >= -15


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(0.2 * 0.2 - 0.35 * 0.3 + 0.5, 2, "0.44"), (-0.3 + 0.5 * 0.0575, 4, "−0.2713"), (0.125, 2, "0.13"), (0.43499999, 2, "0.43"),
     (1e-17, 8, "1.00·10⁻¹⁷"), (2.5, 0, "3"), (0.15 * 0.15, 3, "0.023")],
)  # fmt: skip
def test_a_tie_goes_away_from_0_as_on_paper(value, decimals, text):
    assert format_number(value, NumberFormat(decimals)) == text


def test_a_sum_that_is_a_tie_on_paper_is_not_remarked_upon():
    """0.2·0.2 − 0.35·0.3 + 0.5 is 0.435, written 0.44; in binary, from printed digits, it lies a little below."""
    one = frozen([[0.2, -0.35], [0.2, -0.35]])
    problem = network((2, 2), activations=("sigmoid",), weights=(one,), biases=(frozen([0.5, 0.5]),), x=frozen([[0.2, 0.3]]),
                      y=frozen([[0.0, 1.0]]))  # fmt: skip
    record = record_of(problem)
    walk = walk_of(record, "jacob")
    (equation,) = explain(Moment(record, walk, walk.find("z:1"), "layer", load_notation("jacob"), NumberFormat(2))).equations
    assert [format_number(n.value, NumberFormat(2)) for n in results_of(equation)] == ["0.44", "0.44"]
    assert equation.note == ""


def test_a_number_alone_is_written_as_the_matrix_writes_it():
    """Tables write one entry at a time; the board a whole matrix: 0.0011 and 0.0067, not 0.0011 and 0.01."""
    record = record_of(PROBLEMS["jacob"])
    walk = walk_of(record, "jacob")
    moment = Moment(record, walk, walk.find("dW:1"), "layer", load_notation("jacob"), NumberFormat(2))
    (equation,) = explain(moment).equations
    on_board = [format_number(n.value, format_of(n, moment.fmt)) for n in results_of(equation)]
    assert on_board == [written(moment, Ref("dW", 1, j, k)) for j in range(2) for k in range(2)]
    assert on_board[0] == "0.0011"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(1.472e-6, 3, "1.47·10⁻⁶"), (-2.5e9, 2, "−2.5·10⁹"), (1e-7, 3, "10⁻⁷"), (-0.125, 2, "−0.12"), (12.0, 4, "12"), (12.5e-3, 1, "0.01")],
)
def test_numbers_of_captions_have_powers_of_ten_like_all_others(value, digits, text):
    assert significant(value, digits) == text
    assert significant(value, digits, comma=True) == text.replace(".", ",")
