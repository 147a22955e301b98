"""Draws what has been laid out: the same function for window, PNG, SVG and PDF. QtGui only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPainterPath

from gui.formula.boxes import AtomInk, Box, FenceInk, LaidOut, RuleInk, TextInk
from gui.formula.fences import fence_path
from gui.formula.glyphs import BOLDER, EM, LARGEST_GLYPHS, GlyphMetrics, atom_path, font, glyph_run, text_path
from gui.formula.lines import FormulaStyle
from gui.formula.page import BoardStep, layout_step, style_for
from gui.formula.stand_in import paint_stand_in
from gui.links import covers
from gui.theme import RGB, Theme
from gui.theme_qt import searchable
from model.expr.tree import NumberFormat
from model.stages import Ref

Colours = Mapping[str, RGB]
PaintText = Callable[[QPainter, TextInk, float, float, QColor], None]
_VECTOR = (QPaintEngine.Type.SVG, QPaintEngine.Type.Picture)
BAND = 0.12  # what a highlight reaches beyond its number, in em of the text


def formula_colours(theme: Theme, phase: str | None = None) -> dict[str, RGB]:
    """Return the colours of a formula by role; focus: the band behind new numbers, lit: behind linked ones, on_lit: numbers on it."""
    return {
        "text": theme.text,
        "dim": theme.muted,
        "positive": theme.positive,
        "negative": theme.negative,
        "phase": theme.phase(phase).text if phase else theme.muted,
        "focus": theme.gold_wash,
        "lit": theme.gold,
        "on_lit": theme.on_gold,
    }


def dimmed(theme: Theme) -> dict[str, RGB]:
    """Return the colours of a formula that is not the current one."""
    return formula_colours(theme) | {"text": theme.muted, "positive": theme.muted, "negative": theme.muted, "focus": theme.panel}


def paint_equation(
    painter: QPainter, laid_out: LaidOut, x: float, y: float, colours: Colours, lit: Collection[Ref] = (), focus: Collection[Ref] = ()
) -> None:
    """Draw something laid out with its top left corner at (x, y). lit, focus: numbers that get a band behind them."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(x, y)
    on_band = _bands(painter, laid_out, colours, lit, focus)
    engine = painter.paintEngine().type()
    text = _outlined if engine in _VECTOR else _searchable if engine == QPaintEngine.Type.Pdf else _written
    scale = painter.deviceTransform().m11()
    for piece in laid_out.pieces:
        ink = piece.box.ink
        assert ink is not None
        colour = QColor.fromRgb(*colours["on_lit" if piece.ref in on_band else ink.role])
        large = isinstance(ink, TextInk) and ink.face == "math-bold" and ink.size * scale > LARGEST_GLYPHS
        _ink(painter, piece.box, piece.x, piece.y, colour, _outlined if large and text is _written else text)
    painter.restore()


def _bands(painter: QPainter, laid_out: LaidOut, colours: Colours, lit: Collection[Ref], focus: Collection[Ref]) -> set[Ref]:
    """Draw the bands and return what stands on a strong one."""
    strong: set[Ref] = set()
    if not (lit or focus):
        return strong
    painter.setPen(Qt.PenStyle.NoPen)
    for hit in laid_out.hits:
        is_lit = any(covers(ref, hit.ref) for ref in lit)
        if is_lit or (hit.is_number and any(covers(ref, hit.ref) for ref in focus)):
            grow = BAND * min(hit.height, 24.0)
            painter.setBrush(QColor.fromRgb(*colours["lit" if is_lit else "focus"]))
            painter.drawRoundedRect(QRectF(hit.x, hit.y, hit.width, hit.height).adjusted(-grow, 0, grow, 0), grow, grow)
            strong |= {hit.ref} if is_lit else set()
    return strong


def _ink(painter: QPainter, box: Box, x: float, y: float, colour: QColor, text: PaintText) -> None:
    ink = box.ink
    if isinstance(ink, TextInk):
        text(painter, ink, x, y, colour)
    elif isinstance(ink, AtomInk):
        if ink.pending:
            paint_stand_in(painter, box, x, y, colour)
        else:
            _fill(painter, atom_path(ink.latex), x, y, ink.size / EM, colour)
    elif isinstance(ink, FenceInk):
        _fill(painter, fence_path(ink, box.width, box.height), x, y - box.ascent, 1.0, colour)
    elif isinstance(ink, RuleInk):
        painter.fillRect(QRectF(x, y - box.ascent, box.width, box.height), colour)


def _outlined(painter: QPainter, ink: TextInk, x: float, y: float, colour: QColor) -> None:
    _fill(painter, text_path(ink.text, ink.face), x, y, ink.size / EM, colour)


def _written(painter: QPainter, ink: TextInk, x: float, y: float, colour: QColor) -> None:
    painter.setPen(colour)
    if ink.face.startswith("math"):
        painter.drawGlyphRun(QPointF(x, y), glyph_run(ink.text, ink.face, ink.size))
    else:
        painter.setFont(font(ink.face, ink.size))
        painter.drawText(QPointF(x, y), ink.text)


def _searchable(painter: QPainter, ink: TextInk, x: float, y: float, colour: QColor) -> None:
    """Write text as text for a PDF, where it takes a twentieth of its outlines; bold by writing it twice, a little apart."""
    painter.setPen(colour)
    if ink.face.startswith("math"):
        run = glyph_run(ink.text, "math", ink.size)
        apart = BOLDER * ink.size / 2 if ink.face == "math-bold" else 0.0
        for shift in (-apart, apart) if apart else (0.0,):
            painter.drawGlyphRun(QPointF(x + shift, y), run)
    else:
        painter.setFont(searchable(font(ink.face, ink.size)))
        painter.drawText(QPointF(x, y), ink.text)


def _fill(painter: QPainter, path: QPainterPath, x: float, y: float, scale: float, colour: QColor) -> None:
    painter.save()
    painter.translate(x, y)
    painter.scale(scale, scale)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPath(path)
    painter.restore()


def render_explanation(
    painter: QPainter, step: BoardStep, rect: QRectF, theme: Theme, fmt: NumberFormat, style: FormulaStyle | None = None
) -> float:
    """Draw a step into a rectangle, smaller where it would not fit; symbols are typeset on the spot.

    style: sizes in units of `rect`, by default what the theme asks for. Returns the height used.
    """
    for share in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4):
        page = layout_step(step, fmt, style or style_for(theme), rect.width() / share, GlyphMetrics())
        if page.height * share <= rect.height() and page.width * share <= rect.width() + 0.5:
            break
    painter.save()
    painter.translate(rect.topLeft())
    painter.scale(share, share)
    paint_equation(painter, page, 0.0, 0.0, formula_colours(theme, step.phase), focus=step.explanation.focus)
    painter.restore()
    return page.height * share
