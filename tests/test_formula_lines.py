"""Formulas and steps break into lines, shrink and leave out only as far as the room makes them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from formula_helpers import FMT, METRICS, STYLE, lay_out, matrix, row, sizes_of, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from gui.formula.boxes import AtomInk, LaidOut, RuleInk, TextInk
from gui.formula.lines import LAST, layout_equation
from gui.formula.page import LEGIBLE_WORDS, BoardStep, layout_step
from model.expr.tree import Equation, Explanation, Expr, Num, Op, Row, Sym
from model.stages import Ref

values = st.floats(-1e3, 1e3).map(lambda v: round(v, 4))


@settings(max_examples=100)
@given(st.lists(st.tuples(values, values), min_size=1, max_size=12), st.sampled_from([200.0, 300.0, 450.0]))
def test_sums_keep_to_the_width(products: list[tuple[float, float]], width: float) -> None:
    parts: list[Expr] = []
    for first, second in products:
        parts += [Op("+"), Num(first), Op("·"), Num(second, bracket=True)]
    laid_out = lay_out(Sym("z"), Row(tuple(parts[1:])), Num(1.0), width=width)
    assert laid_out.width <= width
    assert laid_out.height > 0


def test_a_piece_that_cannot_be_broken_sticks_out_and_is_hardly_shrunk_below_the_smallest_size() -> None:
    laid_out = lay_out(Sym("W"), matrix(*[tuple(0.123456789 for _ in range(4))] * 2), width=150)
    assert laid_out.width > 150
    assert min(sizes_of(laid_out)) >= LAST * STYLE.smallest
    assert [t for t in texts(laid_out) if t in "⋯⋮⋱"] == []


def test_a_row_of_four_shrinks_to_the_width() -> None:
    laid_out = lay_out(Sym("W"), matrix(tuple(0.12345678 for _ in range(4))), width=280)
    assert laid_out.width <= 280
    assert STYLE.smallest <= min(sizes_of(laid_out)) < STYLE.size


def test_a_row_that_has_room_on_a_line_of_its_own_is_no_smaller_for_a_line_less() -> None:
    wider, narrower = (lay_out(Sym("W^2_1"), matrix(tuple(0.12345678 for _ in range(4))), width=width).size for width in (314, 284))
    assert wider > narrower > STYLE.smallest


@pytest.mark.parametrize("columns", [4, 5])
def test_a_row_slightly_too_wide_keeps_all_its_numbers_and_is_as_large_as_it_can_be(columns: int) -> None:
    numbers = tuple(0.12345678 for _ in range(columns))
    small = next(found for w in range(600, 150, -1) if (found := lay_out(Sym("W"), matrix(numbers), width=w)).size == STYLE.smallest)
    fitting = small.width
    laid_out = lay_out(Sym("W"), matrix(numbers), width=0.95 * fitting)
    assert laid_out.width <= 0.95 * fitting
    assert texts(laid_out).count("0.12345678") == columns
    assert 0.92 * STYLE.smallest < laid_out.size < STYLE.smallest


def test_a_large_matrix_leaves_out_columns_where_the_smallest_type_is_too_wide() -> None:
    big = matrix(*[tuple(i + j / 10 for j in range(10)) for i in range(3)])
    laid_out = lay_out(Sym("W"), big, width=160)
    assert laid_out.width <= 160
    found = texts(laid_out)
    assert "3 × 10" in found
    assert [t for t in found if t in ("0.9", "1.9", "2.9")] == ["0.9", "1.9", "2.9"], "the last column stays"
    assert found.count("⋯") == 3
    assert "⋯" not in texts(lay_out(Sym("W"), big, width=900))


def test_a_step_in_a_low_room_shrinks_then_spares_repeated_rules_and_keeps_its_results() -> None:
    general = Equation((("symbol", Sym("d")), ("rule", Sym("general"))))
    one = Equation((("symbol", Sym("d")), ("rule", Sym("own")), ("numbers", row(Num(2), Op("·"), Num(4.25))), ("result", Num(8.5))))
    step = BoardStep(5, "backward", Explanation("", "Why. " * 20, (general, *[one] * 6), (Ref("delta", 2),)))
    free = layout_step(step, FMT, STYLE, 200, METRICS)
    shrunk = layout_step(step, FMT, STYLE, 200, METRICS, 0.75 * free.height)
    assert shrunk.height <= 0.75 * free.height
    assert min(sizes_of(shrunk)) >= STYLE.smallest
    tight = layout_step(step, FMT, STYLE, 200, METRICS, 0.3 * free.height)
    symbols_left = [p.box.ink.latex for p in tight.pieces if isinstance(p.box.ink, AtomInk)]
    assert symbols_left.count("own") == 0
    assert symbols_left.count("general") == 1
    assert texts(tight).count("8.5") == 6


def test_lines_break_before_plus_rather_than_inside_a_product() -> None:
    parts: list[Expr] = []
    for i in range(12):
        parts += [Op("+"), Num(i / 8), Op("·"), Num(0.5)]
    laid_out = lay_out(Sym("z"), Row(tuple(parts[1:])), width=300)
    lines: dict[float, list[str]] = {}
    for p in laid_out.pieces:
        if isinstance(p.box.ink, TextInk):
            lines.setdefault(round(p.y, 3), []).append(p.box.ink.text)
    assert len(lines) > 2
    assert all(line[0] == "+" for line in list(lines.values())[1:])


WIDE = matrix((-0.11033497, -0.05241141, -0.05792356), (0.0864191, 0.04105087, 0.04536823))


def heights(laid_out: LaidOut, *names: str) -> set[float]:
    """On which baselines some texts and symbols stand."""
    inks = [(p.y, p.box.ink) for p in laid_out.pieces]
    found = [(y, ink.text if isinstance(ink, TextInk) else ink.latex) for y, ink in inks if isinstance(ink, TextInk | AtomInk)]
    assert {name for _, name in found} >= set(names)
    return {round(y, 6) for y, name in found if name in names}


@pytest.mark.parametrize("width", [260.0, 280.0, 320.0, 360.0, 400.0])
def test_a_number_stays_with_the_matrix_that_it_multiplies(width: float) -> None:
    small = matrix((0.15, -0.25, 0.35), (-0.45, 0.55, -0.65))
    laid_out = lay_out(Sym("W"), row(small, Op("−"), Num(0.1), Op("·"), WIDE), WIDE, width=width)
    assert laid_out.width <= width
    assert len(heights(laid_out, "0.1", "⋅")) == 1


def test_letters_get_slightly_smaller_where_that_saves_a_line_of_matrices() -> None:
    side = row(Sym("V"), Op("−"), Sym("c"), WIDE)
    whole = lay_out(side).width
    for share in (0.9, 0.95, 1.0, 1.05):
        laid_out = lay_out(Sym("W"), row(Sym("R"), Op("−"), Sym("G")), side, WIDE, width=share * whole)
        assert laid_out.width <= share * whole
        assert len(heights(laid_out, "V", "c")) == 1, share
        assert laid_out.size > 0.84 * STYLE.size, share


def test_sentences_shrink_before_formulas_and_are_no_larger_as_long_as_they_are_read() -> None:
    words = "Each weight takes a small step against its gradient, and the learning rate sets how far it goes. " * 3
    step = BoardStep(1, "update", Explanation("", words, (Equation((("symbol", Sym("W")), ("result", WIDE))),)))
    high = layout_step(step, FMT, STYLE, 420.0, METRICS)
    low = layout_step(step, FMT, STYLE, 420.0, METRICS, high.height - 10.0)
    narrow = layout_step(step, FMT, STYLE, 250.0, METRICS)
    inks = [[p.box.ink for p in page.pieces if isinstance(p.box.ink, TextInk)] for page in (low, narrow)]
    sizes = [{ink.face: ink.size for ink in own} for own in inks]
    assert sizes[0]["math-bold"] == STYLE.size
    assert sizes[0]["words"] < STYLE.words
    assert sizes[1]["math-bold"] < sizes[1]["words"] == LEGIBLE_WORDS < STYLE.words


def test_sides_that_do_not_fit_stand_below_each_other_at_the_equals_sign() -> None:
    laid_out = lay_out(Sym("W"), matrix((0.125, 0.25, 0.5)), matrix((1.125, 1.25, 1.5)), matrix((2.125, 2.25, 2.5)), width=260)
    signs = [(p.x, p.y) for p in laid_out.pieces if isinstance(p.box.ink, TextInk) and p.box.ink.text == "="]
    assert len(signs) == 3
    assert len({round(x, 3) for x, _ in signs}) == 1
    assert all(b > a for (_, a), (_, b) in pairwise(signs))


def test_where_a_long_name_leaves_no_room_the_sides_hang_at_the_left() -> None:
    laid_out = lay_out(Sym("a" * 20), matrix((0.125, 0.25, 0.375)), width=240)
    assert laid_out.width <= 240
    assert laid_out.height > 2 * STYLE.size


@pytest.mark.parametrize("width", [1e4, 150.0])
def test_an_equation_stands_in_its_frame_with_its_number_behind(width: float) -> None:
    sides = tuple(("rule" if i else "symbol", row(Sym("a"), Op("+"), Sym("bbbbbbbb"))) for i in range(3))
    laid_out = layout_equation(Equation(sides, "", "(6)", True), FMT, STYLE, width, METRICS)  # type: ignore[arg-type]
    label = next(p for p in laid_out.pieces if isinstance(p.box.ink, TextInk) and p.box.ink.text == "(6)")
    atoms = [p for p in laid_out.pieces if isinstance(p.box.ink, AtomInk)]
    lines = [p for p in laid_out.pieces if isinstance(p.box.ink, RuleInk)]
    left, right = min(p.x for p in lines), max(p.x + p.box.width for p in lines)
    top, bottom = min(p.y - p.box.ascent for p in lines), max(p.y + p.box.descent for p in lines)
    assert len(lines) == 4
    assert all(left < p.x and p.x + p.box.width < right and top < p.y - p.box.ascent and p.y + p.box.descent < bottom for p in atoms)
    assert right < label.x < laid_out.width <= width
    bare = layout_equation(Equation(sides), FMT, STYLE, width, METRICS)  # type: ignore[arg-type]
    assert not any(isinstance(p.box.ink, RuleInk) for p in bare.pieces)
