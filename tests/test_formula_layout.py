"""Formulas are laid out without overlap, within the width that is there, and with exactly the numbers that are meant."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from formula_helpers import FMT, METRICS, STYLE, FixedMetrics, lay_out, matrix, row, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from gui.formula.boxes import AtomInk, Box, FenceInk, LaidOut, TextInk
from gui.formula.elision import elided
from gui.formula.layout import AXIS, Setter, symbols
from gui.formula.lines import FormulaStyle, layout_equation
from gui.formula.page import BoardStep, heading, layout_compact, layout_step
from gui.formula.spacing import gaps, kind_of
from gui.formula.words import paragraph
from model.expr.tree import Equation, Explanation, Expr, Fn, Frac, Mat, Num, Op, Row, Sup, Sym, Text, format_number
from model.stages import Ref

values = st.floats(-1e3, 1e3).map(lambda v: round(v, 4))
refs = st.builds(Ref, st.sampled_from(["a", "W", "delta"]), st.integers(1, 3), st.integers(0, 3))
leaves = st.one_of(
    st.builds(Num, values, refs, st.booleans()),
    st.builds(Sym, st.sampled_from(["x", "w_1", "abcdef"])),
    st.builds(Op, st.sampled_from(["+", "−", "·", "=", ",", "⊙", "/", "⋯"])),
    st.builds(Text, st.sampled_from(["if", "784 terms"])),
)


def rectangular(children: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    shapes = st.tuples(st.integers(1, 3), st.integers(1, 3))
    tables = shapes.flatmap(lambda s: st.tuples(*[st.tuples(*[children] * s[1])] * s[0]))
    sizes = st.sampled_from([None, (784, 30)])
    return st.builds(Mat, tables, st.sampled_from(["[", "(", "{", ""]), sizes)


exprs: st.SearchStrategy[Expr] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=5).map(lambda items: Row(tuple(items))),
        rectangular(inner),
        st.builds(Frac, inner, inner),
        st.builds(Fn, st.sampled_from(["", "\\varphi"]), inner),
        st.builds(Sup, inner, st.just("T")),
    ),
    max_leaves=14,
)


def check_box(box: Box) -> None:
    """Children inside the box, siblings side by side or below each other, never on each other."""
    slack = 1e-6
    areas = []
    for child in box.children:
        top, bottom = child.y - child.box.ascent, child.y + child.box.descent
        assert child.x >= -slack, "sticks out at the left"
        assert child.x + child.box.width <= box.width + slack, "sticks out at the right"
        assert top >= -box.ascent - slack, "sticks out at the top"
        assert bottom <= box.descent + slack, "sticks out at the bottom"
        areas.append((child.x, child.x + child.box.width, top, bottom))
        check_box(child.box)
    for (l1, r1, t1, b1), (l2, r2, t2, b2) in combinations(areas, 2):
        assert min(r1, r2) - max(l1, l2) <= slack or min(b1, b2) - max(t1, t2) <= slack, "boxes overlap"


@settings(max_examples=150)
@given(st.lists(exprs, min_size=1, max_size=4), st.sampled_from([120.0, 300.0, 700.0, 1e4]))
def test_nothing_is_clipped_and_nothing_overlaps(sides: list[Expr], width: float) -> None:
    check_box(lay_out(*sides, width=width).root)


@pytest.mark.parametrize("bad", [Box(5, 5, 5), Box(50, 5, 5)], ids=["overlap", "sticking out"])
def test_the_check_finds_faults(bad: Box) -> None:
    from gui.formula.boxes import Child

    with pytest.raises(AssertionError):
        check_box(Box(20, 10, 10, (Child(0, 0, Box(8, 5, 5)), Child(4, 0, bad))))


def test_dots_cross_where_rows_and_columns_are_left_out() -> None:
    cells = tuple(tuple(Num(10 * i + j) for j in range(6)) for i in range(6))
    ((_, small),) = elided(Equation((("result", Mat(cells)),)), 4, 4).sides
    assert isinstance(small, Mat)
    assert small.elided == (6, 6)
    assert small.rows[2] == (Op("⋮"), Op("⋮"), Op("⋱"), Op("⋮"))
    assert small.rows[3] == (Num(50), Num(51), Op("⋯"), Num(55))


@settings(max_examples=80)
@given(exprs, st.sampled_from([200.0, 1e4]))
def test_every_number_is_written_as_everywhere_else(expr: Expr, width: float) -> None:
    assert sorted(t for t in texts(lay_out(expr, width=width)) if t in numbers(expr)) == sorted(numbers(expr))


def numbers(expr: Expr) -> list[str]:
    if isinstance(expr, Num):
        return [format_number(expr.value, FMT)]
    inner = {Row: "items", Frac: None, Fn: "argument", Sup: "base"}
    if isinstance(expr, Mat):
        return [text for line in expr.rows for cell in line for text in numbers(cell)]
    if isinstance(expr, Frac):
        return numbers(expr.numerator) + numbers(expr.denominator)
    if isinstance(expr, Row):
        return [text for item in expr.items for text in numbers(item)]
    return numbers(getattr(expr, inner[type(expr)] or "")) if type(expr) in inner else []


def test_numbers_of_a_column_stand_point_under_point() -> None:
    pieces = lay_out(matrix((1.5,), (-123.25,), (7,))).pieces
    points = [p.x + 0.5 * p.box.ink.size * len(p.box.ink.text.split(".")[0]) for p in pieces if isinstance(p.box.ink, TextInk)]
    assert max(points) - min(points) < 1e-6


def test_products_of_a_column_stand_under_each_other_unless_brackets_would_leave_holes() -> None:
    def column(second: float) -> list[float]:
        cells = tuple((row(Num(v), Op("·"), Num(s, bracket=True), Op("+"), Num(1)),) for v, s in ((0.25, 2), (-3.5, second)))
        return [p.x for p in lay_out(Mat(cells)).pieces if isinstance(p.box.ink, TextInk) and p.box.ink.text == "+"]

    even, uneven = column(2.5), column(-2)
    assert even[0] == pytest.approx(even[1])
    assert uneven[0] != pytest.approx(uneven[1])


def test_brackets_are_as_high_as_what_they_enclose() -> None:
    for kind in ("[", "(", "{"):
        for n in (1, 2, 9):
            box = Setter(METRICS, FMT, 20).box(Mat(tuple((Num(i),) for i in range(n)), kind))  # type: ignore[arg-type]
            fences = [child.box for child in box.children if isinstance(child.box.ink, FenceInk)]
            assert len(fences) == (1 if kind == "{" else 2)
            assert all(fence.ascent >= box.ascent - 1e-6 and fence.descent >= box.descent - 1e-6 for fence in fences)
            assert (box.ascent - box.descent) / 2 == pytest.approx(AXIS * 20)


def test_parentheses_grow_with_their_argument() -> None:
    flat, tall = (lay_out(Fn("f", argument)) for argument in (Num(1), matrix((1,), (2,), (3,))))
    assert not [p for p in flat.pieces if isinstance(p.box.ink, FenceInk)]
    assert [p.box.ink.kind for p in tall.pieces if isinstance(p.box.ink, FenceInk)].count("(") == 1


def test_a_matrix_in_parentheses_gets_no_second_pair_as_an_argument() -> None:
    argument = Mat(((Num(1),), (Num(2),)), "(")
    kinds = [p.box.ink.kind for p in lay_out(Fn("f", argument)).pieces if isinstance(p.box.ink, FenceInk)]
    assert kinds == ["(", ")"]


def test_baselines_of_a_line_agree() -> None:
    pieces = [p for p in lay_out(Sym("z"), row(Num(1), Op("+"), Sym("x")), Num(2)).pieces if not isinstance(p.box.ink, FenceInk)]
    assert len({round(p.y, 6) for p in pieces}) == 1


def test_spaces_are_those_of_mathematics() -> None:
    parts = [Sym("a"), Op("="), Op("−"), Num(1), Op("+"), Sym("b"), Op("·"), Op("−"), Num(2)]
    kinds = []
    for part in parts:
        kinds.append(kind_of(part, kinds[-1] if kinds else None))
    assert kinds == ["ord", "rel", "sign", "num", "bin", "ord", "bin", "sign", "num"]
    assert [round(18 * g) for g in gaps(kinds)] == [0, 5, 5, 0, 4, 4, 4, 4, 0]


def test_only_results_are_bold_and_coloured_and_zero_is_neither_sign() -> None:
    inks = {p.box.ink.text: p.box.ink for p in lay_out(Sym("z"), Num(-7), matrix((-1, 2, 0))).pieces if isinstance(p.box.ink, TextInk)}
    assert (inks["−7"].face, inks["−7"].role) == ("math", "text")
    assert [(inks[t].face, inks[t].role) for t in ("−1", "2", "0")] == [
        ("math-bold", "negative"),
        ("math-bold", "positive"),
        ("math-bold", "text"),
    ]


def test_hits_name_the_number_under_the_mouse() -> None:
    laid_out = lay_out(Sym("z"), row(Num(1, Ref("a", 1, 0)), Op("·"), Num(-2, Ref("a", 1, 1), bracket=True)))
    found = {hit.ref: laid_out.at(hit.x + hit.width / 2, hit.y + hit.height / 2) for hit in laid_out.hits}
    assert found == {Ref("a", 1, 0): Ref("a", 1, 0), Ref("a", 1, 1): Ref("a", 1, 1)}
    assert laid_out.at(-1, 0) is None


def test_the_innermost_of_nested_references_wins() -> None:
    inner, outer = Ref("a", 1, 0), Ref("a", 1)
    laid_out = lay_out(row(Sym("x", outer), Num(1, inner)))
    assert [hit.ref for hit in laid_out.hits] == [outer, inner]


def test_symbols_that_are_not_typeset_yet_are_stand_ins() -> None:
    laid_out = layout_equation(Equation((("symbol", Sym("\\delta")),)), FMT, STYLE, 300, FixedMetrics(frozenset({"\\delta"})))
    assert laid_out.pending == {"\\delta"}
    assert laid_out.width > 0
    assert lay_out(Sym("\\delta")).pending == frozenset()


def test_elided_matrices_say_how_large_they_are() -> None:
    cells = ((Num(1), Op("⋯"), Num(2)), (Op("⋮"), Op("⋱"), Op("⋮")))
    assert "30 × 784" in texts(lay_out(Mat(cells, "[", (30, 784))))


def test_notes_wrap_and_no_word_is_lost() -> None:
    box = paragraph("one two three four five six", "words", 10, 60, METRICS)
    assert box.width <= 60
    assert " ".join(texts(LaidOut(box))) == "one two three four five six"
    for width in range(40, 160, 5):  # the place of an entry is never broken
        lines = texts(LaidOut(paragraph("with the digits entry (1, 2) would be 0.5", "words", 10, width, METRICS)))
        assert not any(line.endswith("(1,") for line in lines)


def test_a_step_says_phase_and_layer_and_a_compact_one_leaves_the_numbers_out() -> None:
    equation = Equation((("symbol", Sym("d")), ("rule", Sym("r")), ("numbers", Num(8.5)), ("result", Num(3))))
    step = BoardStep(
        5, "backward", Explanation("δ of layer 2", "Why.", (equation,), (Ref("delta", 2, 0), Ref("delta", 2, 1)), layer="layer 2")
    )
    assert heading(step) == "BACKWARD · LAYER 2"
    full, compact = (texts(make(step, FMT, STYLE, 400, METRICS)) for make in (layout_step, layout_compact))
    assert full[:2] == ["BACKWARD · LAYER 2", "Why."]
    assert "8.5" in full
    assert "8.5" not in compact
    assert "3" in compact


@settings(max_examples=60)
@given(exprs)
def test_every_symbol_that_is_drawn_is_named_for_the_typesetter(expr: Expr) -> None:
    drawn = {p.box.ink.latex for p in lay_out(expr).pieces if isinstance(p.box.ink, AtomInk)}
    assert drawn == set(symbols(expr))


@pytest.mark.parametrize(
    ("text", "raised", "lowered"),
    [
        ("Update 1 · ∇_(a_2) ℒ(θ): error times slope", "", "𝑎2"),
        ("∂L/∂b^(1): the gradient", "(1)", ""),
        ("term 1 of a^(2)_1", "(2)", "1"),
        ("∂L^(1)/∂a^[1](1)_3 of this", "(1)[1](1)", "3"),
        ("new weight W̃^[2]_10", "[2]", "10"),
    ],
)
def test_symbols_in_sentences_have_real_indices(text: str, raised: str, lowered: str) -> None:
    laid_out = LaidOut(paragraph(text, "words", 15, 1e4, METRICS))
    assert not {"^", "_"} & set("".join(texts(laid_out)))
    base = max(p.y for p in laid_out.pieces if isinstance(p.box.ink, TextInk) and p.box.ink.face == "words")
    small = [p for p in laid_out.pieces if isinstance(p.box.ink, TextInk) and p.box.ink.size < 15]
    assert "".join(p.box.ink.text for p in small if p.y < base) == raised  # type: ignore[union-attr]
    assert "".join(p.box.ink.text for p in small if p.y > base) == lowered  # type: ignore[union-attr]


def test_a_line_of_words_and_symbols_is_one_run_of_words_after_the_other() -> None:
    laid_out = LaidOut(paragraph("one two a^(2)_1 three four", "words", 15, 1e4, METRICS))
    found = [p for p in laid_out.pieces if isinstance(p.box.ink, TextInk)]
    assert [p.box.ink.text for p in found if p.box.ink.face == "words"] == ["one two ", " three four"]  # type: ignore[union-attr]
    assert all(a.x < b.x or a.y != b.y for a, b in pairwise(found))
    narrow = LaidOut(paragraph("one two a^(2)_1 three four", "words", 15, 80, METRICS))
    assert narrow.width <= 80
    assert narrow.height > 2 * laid_out.height


def test_an_accent_stands_over_a_capital_letter() -> None:
    marks = [p for p in LaidOut(paragraph("W̃^[2]", "words", 15, 1e4, METRICS)).pieces if isinstance(p.box.ink, TextInk)]
    letter = next(p for p in marks if p.box.ink.text == "𝑊")  # type: ignore[union-attr]
    tilde = next(p for p in marks if p.box.ink.text == "˜")  # type: ignore[union-attr]
    assert tilde.y < letter.y
    assert letter.x < tilde.x < letter.x + letter.box.ink.size  # type: ignore[union-attr]


def test_cases_run_free_while_sums_in_a_matrix_stand_under_each_other() -> None:
    """The first case is shorter than the second: what follows it stands right behind it, not where the longer one ends."""
    cells = [(row(Fn("", Sym(name)), Sym("yyy")), Text("if")) for name in ("x", "xxxxxxxx")]
    holes = []
    for bracket in ("{", "["):
        pieces = lay_out(Sym("d"), Mat(tuple(cells), bracket)).pieces  # type: ignore[arg-type]
        closing = next(p for p in pieces if isinstance(p.box.ink, TextInk) and p.box.ink.text == ")")
        after = next(p for p in pieces if isinstance(p.box.ink, AtomInk) and p.box.ink.latex == "yyy")
        holes.append(after.x - closing.x - closing.box.width)
    assert holes[0] < 0.2 * STYLE.size
    assert holes[1] > 20.0


def test_a_prime_keeps_away_from_a_tall_parenthesis() -> None:
    gaps_before = []
    for name in ("s", "s'"):
        pieces = lay_out(Sym("d"), Fn(name, matrix((1.0,), (2.0,), (3.0,)))).pieces
        atom = next(p for p in pieces if isinstance(p.box.ink, AtomInk) and p.box.ink.latex == name)
        fence = next(p for p in pieces if isinstance(p.box.ink, FenceInk) and p.box.ink.kind == "(")
        gaps_before.append(fence.x - atom.x - atom.box.width)
    assert gaps_before[0] == pytest.approx(0.0)
    assert gaps_before[1] > 0.1 * STYLE.size


@pytest.mark.parametrize("width", [240.0, 300.0, 370.0, 700.0])
def test_the_number_of_an_equation_stays_inside_the_width(width: float) -> None:
    """Beside the equation where there is room, closer and smaller where there is little, below it where there is none."""
    cells = tuple((Sym(f"\\frac{{{'a' * 12}}}{{b}}"), Text(f"if j is an {word} neuron")) for word in ("output", "hidden"))
    equation = Equation((("symbol", Sym("\\delta_{j}")), ("rule", Mat(cells, "{"))), number="(8)")
    laid_out = layout_equation(equation, FMT, FormulaStyle(30.0, 24.0, 12.0), width, METRICS)
    bare = layout_equation(replace(equation, number=""), FMT, FormulaStyle(30.0, 24.0, 12.0), width, METRICS)
    assert "(8)" in "".join(texts(laid_out))
    assert laid_out.width <= max(width, bare.width)
