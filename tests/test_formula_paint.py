"""What is drawn: real ink, inside its boxes, the same as vectors; symbols that cannot be set are shown as written."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication

from gui.formula import typeset
from gui.formula.boxes import FenceInk
from gui.formula.fences import fence_path
from gui.formula.glyphs import GlyphMetrics, atom_path, font, text_path
from gui.formula.image import step_image, step_svg
from gui.formula.lines import FormulaStyle, layout_equation
from gui.formula.page import BoardStep
from gui.formula.paint import formula_colours, paint_equation, render_explanation
from gui.links import covers
from gui.theme import LIGHT, THEMES
from model.expr.tree import Equation, Explanation, Expr, Fn, Frac, Mat, Num, NumberFormat, Op, Row, Sup, Sym, Text
from model.stages import Ref

pytestmark = pytest.mark.usefixtures("qapp")
FMT = NumberFormat(decimals=4)


def column(*cells: Expr) -> Mat:
    return Mat(tuple((cell,) for cell in cells))


DELTA = Equation(
    (
        ("symbol", Sym("\\delta^{[2]}", Ref("delta", 2))),
        ("rule", Row((Sym("\\frac{\\partial L}{\\partial a^{[2]}}"), Op("⊙"), Fn("\\varphi'", Sym("net^{[2]}"))))),
        ("numbers", column(Row((Num(-0.4464, Ref("dLda", 2, 0)), Op("·"), Num(0.2471))), Row((Num(0.3705), Op("·"), Num(0.2332))))),
        ("result", column(Num(-0.1103, Ref("delta", 2, 0)), Num(0.0864, Ref("delta", 2, 1)))),
    ),
    "why",
)
STEP = BoardStep(3, "backward", Explanation("δ of layer 2", "Error times slope.", (DELTA,), (Ref("delta", 2),)))


def picture(expr: Expr, size: float = 40.0, margin: int = 12) -> tuple[Any, Any]:
    """The ink of a formula as darkness (height, width) 0..1, and what was laid out."""
    laid_out = layout_equation(Equation((("numbers", expr),)), FMT, FormulaStyle(size), 1e4, GlyphMetrics())
    image = QImage(int(laid_out.width) + 2 * margin, int(laid_out.height) + 2 * margin, QImage.Format.Format_RGB32)
    image.fill(QColor(255, 255, 255))
    painter = QPainter(image)
    paint_equation(painter, laid_out, margin, margin, formula_colours(THEMES["print"]))
    painter.end()
    return darkness(image), laid_out


def darkness(image: QImage) -> Any:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    data = np.frombuffer(grey.constBits(), dtype=np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return 1 - data[:, : grey.width()] / 255.0


EVERYTHING = [
    Num(-12.3456),
    Num(0.5),
    Sym("\\delta^{[2]}"),
    Sym("\\widetilde{W}^{[1]}"),
    Sym("\\nabla_{\\underline{a}_{2}}\\mathcal{L}(\\theta)"),
    Op("="),
    Op("⊙"),
    Op("·"),
    Op("⋯"),
    Op("⋮"),
    Op("⋱"),
    Op("×"),
    Op("≈"),
    Text("if j is hidden"),
    Frac(Num(1), Num(2)),
    Fn("softmax", Num(3)),
    Sup(Fn("", Sym("X")), "T"),
    Mat(((Num(1), Num(2)), (Num(3), Num(4)))),
    Mat(((Num(1), Text("if i = j")), (Num(0), Text("otherwise"))), "{"),
]


@pytest.mark.parametrize("expr", EVERYTHING, ids=str)
def test_there_is_ink_and_all_of_it_inside_the_boxes(expr: Expr) -> None:
    ink, _ = picture(expr)
    assert ink.max() > 0.6
    margin = 11  # one pixel for the soft edge of letters
    outside = np.concatenate([ink[:margin].ravel(), ink[-margin:].ravel(), ink[:, :margin].ravel(), ink[:, -margin:].ravel()])
    assert outside.max() < 0.02


def test_the_rectangle_of_a_number_holds_its_glyphs() -> None:
    for value in (-8.75, 1e20, 1e-9, 3.0):
        alone, laid_out = picture(Num(value, Ref("a", 1, 0)))
        hit = laid_out.hits[0]
        rows, columns = np.nonzero(alone > 0.05)
        assert 11 + hit.y <= rows.min()
        assert rows.max() <= 13 + hit.y + hit.height
        assert 11 + hit.x <= columns.min()
        assert columns.max() <= 13 + hit.x + hit.width


@pytest.mark.parametrize("kind", ["[", "]", "(", ")", "{"])
@pytest.mark.parametrize("height", [24.0, 60.0, 400.0])
def test_fences_fill_their_height_exactly(kind: Any, height: float) -> None:
    box = fence_path(FenceInk(kind, 20.0), 8.0, height).boundingRect()
    assert (box.top(), box.bottom()) == pytest.approx((0.0, height), abs=0.01)
    assert box.left() >= -0.01
    assert box.right() <= 8.01


def test_glyph_runs_and_outlines_of_a_number_agree() -> None:
    image, laid_out = picture(Num(-0.12345))
    metrics = GlyphMetrics()
    assert laid_out.hits == ()
    assert text_path("−0.1235", "math").boundingRect().right() <= metrics.advance("−0.1235", "math") * 100
    columns = np.nonzero((image > 0.3).any(axis=0))[0]
    outline = text_path("−0.1235", "math").boundingRect()
    assert columns.max() - columns.min() == pytest.approx(outline.width() * 0.4, abs=2)


@pytest.mark.parametrize("size", [18.0, 40.0, 90.0, 200.0])
def test_results_are_bold_at_every_size_and_as_outlines(size: float) -> None:
    def ink(kind: str) -> float:
        equation = Equation(((kind, Num(-0.1238)),))  # type: ignore[arg-type]
        laid_out = layout_equation(equation, FMT, FormulaStyle(size), 1e4, GlyphMetrics())
        image = QImage(int(laid_out.width) + 4, int(laid_out.height) + 4, QImage.Format.Format_RGB32)
        image.fill(QColor(255, 255, 255))
        painter = QPainter(image)
        paint_equation(painter, laid_out, 2, 2, dict.fromkeys(formula_colours(LIGHT), (0, 0, 0)))
        painter.end()
        return float(darkness(image).sum())

    assert 1.25 < ink("result") / ink("numbers") < 1.75


def test_digits_are_equally_wide_and_bold_ones_too() -> None:
    metrics = GlyphMetrics()
    assert len({round(metrics.advance(d, face), 6) for d in "0123456789" for face in ("math", "math-bold")}) == 1


def test_words_are_as_wide_as_measured_whatever_font_the_window_has(qapp: QApplication) -> None:
    """A painter takes from the window's font what a font leaves open, such as digits that are all of one width."""
    before, own = QApplication.font(), QFont("Inter")
    own.setFeature(QFont.Tag("tnum"), 1)
    QApplication.setFont(own)
    text = "With full precision entry (1, 11) is 0.1117; 11 more are closer"
    image = QImage(1600, 60, QImage.Format.Format_RGB32)
    image.fill(QColor(255, 255, 255))
    painter = QPainter(image)
    painter.setFont(font("words", 20.0))
    painter.drawText(0, 40, text)
    painter.end()
    QApplication.setFont(before)
    drawn = int(np.nonzero((darkness(image) > 0.3).any(axis=0))[0].max())
    assert drawn <= GlyphMetrics().advance(text, "words") * 20.0 <= drawn + 4


def test_a_symbol_is_typeset_once() -> None:
    assert typeset.typeset("\\kappa_{77}") is typeset.typeset("\\kappa_{77}")
    assert atom_path("\\kappa_{77}") is atom_path("\\kappa_{77}")


def test_laying_out_again_gives_the_same() -> None:
    first, second = (layout_equation(DELTA, FMT, FormulaStyle(), 320, GlyphMetrics()) for _ in range(2))
    assert [(p.x, p.y, p.box.ink) for p in first.pieces] == [(p.x, p.y, p.box.ink) for p in second.pieces]


@pytest.mark.parametrize(("source", "reason"), [("{", "no formula"), ("\\frac{a}", "no formula"), ("\\unknown x", "\\unknown")])
def test_bad_source_is_refused_in_a_sentence_and_shown_as_it_is(source: str, reason: str) -> None:
    with pytest.raises(typeset.LatexError, match=reason.replace("\\", r"\\")):
        typeset.typeset(source)
    ink, _ = picture(Sym(source))
    assert ink.max() > 0.6


def test_empty_source_takes_no_room() -> None:
    assert typeset.typeset("").width == 0


def test_a_step_as_svg_is_outlines_only_and_as_large_as_the_picture() -> None:
    root = ET.fromstring(step_svg(STEP, LIGHT, FMT, 400))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert "path" in tags
    assert not tags & {"text", "image"}
    image = step_image(STEP, LIGHT, FMT, 400, scale=1.0)
    box = [float(v) for v in root.attrib["viewBox"].split()]
    assert (image.width(), image.height()) == pytest.approx((box[2], box[3]), abs=1)
    assert darkness(image).max() > 0.5


def test_a_step_fits_the_rectangle_it_is_drawn_into() -> None:
    image = QImage(300, 150, QImage.Format.Format_RGB32)
    image.fill(QColor(255, 255, 255))
    painter = QPainter(image)
    used = render_explanation(painter, STEP, QRectF(20, 10, 260, 130), THEMES["print"], FMT)
    painter.end()
    assert used <= 130
    ink = darkness(image)
    assert ink[10:140, 20:280].max() > 0.6
    assert max(ink[:9].max(), ink[142:].max(), ink[:, :17].max(), ink[:, 284:].max()) < 0.02


def test_lit_numbers_get_a_band_and_others_do_not() -> None:
    laid_out = layout_equation(DELTA, FMT, FormulaStyle(40), 1e4, GlyphMetrics())
    colours = formula_colours(LIGHT)

    def at_foot(lit: set[Ref], ref: Ref, focus: set[Ref] = frozenset()) -> tuple[int, int, int]:  # type: ignore[assignment]
        image = QImage(int(laid_out.width) + 1, int(laid_out.height) + 1, QImage.Format.Format_RGB32)
        image.fill(QColor(255, 255, 255))
        painter = QPainter(image)
        paint_equation(painter, laid_out, 0, 0, colours, lit=lit, focus=focus)
        painter.end()
        hit = next(hit for hit in laid_out.hits if hit.ref == ref)
        return image.pixelColor(int(hit.x + hit.width / 2), int(hit.y + hit.height - 2)).getRgb()[:3]  # type: ignore[return-value]

    first, second = Ref("delta", 2, 0), Ref("delta", 2, 1)
    assert at_foot({first}, first) == colours["lit"]
    assert at_foot({first}, second) == (255, 255, 255)
    assert at_foot({Ref("delta", 2)}, second) == colours["lit"]
    assert at_foot(set(), first, {Ref("delta", 2)}) == colours["focus"]
    assert at_foot(set(), Ref("delta", 2), {Ref("delta", 2)}) == (255, 255, 255), "names of new numbers stay plain"


def test_a_reference_with_an_open_index_covers_all_and_not_the_other_way_round() -> None:
    assert covers(Ref("W", 1, 0, 1), Ref("W", 1, 0, 1))
    assert covers(Ref("W", 1), Ref("W", 1, 0, 1))
    assert not covers(Ref("W", 1, 0, 1), Ref("W", 1))
    assert covers(Ref("a", 1, 0), Ref("a", 1, 0, None, 2))
    assert covers(Ref("a", 1, 0, None, 2), Ref("a", 1, 0))
    assert not covers(Ref("a", 1, 0, None, 2), Ref("a", 1, 0, None, 1))
    assert not covers(Ref("W", 1, 0, 1), Ref("W", 1, 0, 2))
    assert not covers(Ref("W", 1), Ref("W", 2))
    assert not covers(Ref("W", 1), Ref("dW", 1))


@pytest.mark.parametrize("index", ["[2]", "(2)"])
def test_the_bars_of_a_norm_keep_away_from_an_index_and_are_equally_dark_all_along(index: str) -> None:
    size, margin = 60, 12
    ink, laid_out = picture(Sym(f"\\lVert y - a^{{{index}}}\\rVert_2^2"), size, margin)
    baseline = margin + laid_out.pieces[0].y
    band = ink[int(baseline - 0.6 * size) : int(baseline - 0.5 * size)].max(axis=0) > 0.3
    edges = np.flatnonzero(np.diff(band.astype(int)))
    starts, ends = edges[::2], edges[1::2]
    assert starts[-2] - ends[-3] > 0.15 * size, "between the index and the first of the two bars on the right"
    upright = ink[int(baseline - 0.85 * size) : int(baseline + 0.2 * size), starts[-1] - 2 : ends[-1] + 3].sum(axis=1)
    assert np.ptp(upright) < 0.05


@pytest.mark.parametrize("latex", ["\\frac{\\partial L}{\\partial q_{71}}", "q^{(2)}_{72}", "\\lVert q_{73}\\rVert_2^2"])
def test_a_symbol_that_is_not_set_yet_can_be_read_all_the_same(latex: str) -> None:
    laid_out = layout_equation(Equation((("rule", Sym(latex)),)), FMT, FormulaStyle(40), 1e4, GlyphMetrics(lambda wanted: None))
    assert laid_out.pending == {latex}
    image = QImage(400, 160, QImage.Format.Format_RGB32)
    image.fill(QColor(255, 255, 255))
    painter = QPainter(image)
    paint_equation(painter, laid_out, 20, 20, formula_colours(THEMES["print"]))
    painter.end()
    ink = darkness(image)
    assert ink.max() == 1, "no grey box, but ink"
    box = ink[20 : 20 + int(laid_out.height), 20 : 20 + int(laid_out.width)]
    assert 0.02 < (box > 0.5).mean() < 0.4
    assert (ink > 0.5).sum() - (box > 0.5).sum() < 0.25 * (box > 0.5).sum(), "about inside its box"


@pytest.mark.parametrize(
    ("latex", "parts"),
    [
        ("\\frac{\\partial L}{\\partial a^{[2]}}", ("\\partial L", "\\partial a^{[2]}")),
        ("\\frac{a}{b}c", None),
        ("\\frac{a}{b}\\frac{c}{d}", None),
        ("a", None),
        ("\\frac{", None),
    ],
)
def test_a_fraction_is_set_from_its_parts(latex: str, parts: tuple[str, str] | None) -> None:
    assert typeset.fraction_parts(latex) == parts
    if parts:
        whole, over, under = (typeset.typeset(part) for part in (latex, *parts))
        assert whole.width > max(over.width, under.width)
        assert len(whole.commands) == len(over.commands) + len(under.commands) + 5
        lowest = max(a[i] for _, a in whole.commands for i in range(1, len(a), 2))
        assert lowest == pytest.approx(whole.descent)


@pytest.mark.parametrize("kind", ["sum", "prod"])
def test_parentheses_around_a_sum_are_about_as_high_as_the_sum(kind: str) -> None:
    around = typeset.typeset(f"\\left(\\{kind}_{{k}} z_{{k}}\\right) y_{{j}}")
    alone = typeset.typeset(f"\\{kind}_{{k}} z_{{k}}")
    assert alone.ascent < around.ascent < 1.7 * alone.ascent
    assert around.descent < 1.3 * alone.descent
