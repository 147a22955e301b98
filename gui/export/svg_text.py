"""A picture as SVG with its text as text: it can be searched, copied and edited, and each run keeps its width with another font."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import escape

from gui.diagram.primitives import Diagram, Formulas, Label, Turned
from gui.diagram.text import Run, text_width
from gui.film.svg import SharedSvg, short
from gui.formula.boxes import LaidOut, Piece, TextInk
from gui.formula.glyphs import GlyphMetrics
from gui.formula.page import layout_step, style_for
from gui.formula.paint import formula_colours
from gui.theme import MATH_FAMILY, RGB, TEXT_FAMILY, css

_WEIGHTS = {"medium": 500, "semibold": 600, "bold": 700, "words-bold": 600, "math-bold": 700}


def svg_text(diagram: Diagram, width: int, height: int, title: str, *, background: bool) -> bytes:
    """Return the picture. width, height: in pixels."""
    shared = SharedSvg()
    body = [line for item in diagram.items for line in _item(shared, diagram, item)]
    ground = f'<rect width="{short(diagram.width)}" height="{short(diagram.height)}" fill="{css(diagram.background)}"/>'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {short(diagram.width)} {short(diagram.height)}">',
        f"<title>{escape(title)}</title><desc>made with Deltastep</desc>",
        "<style>text{font-feature-settings:'tnum'}</style>",
        f"<defs>{shared.defs}</defs>",
        *([ground] if background else []),
        *body,
        "</svg>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _item(shared: SharedSvg, diagram: Diagram, item: object) -> Iterator[str]:
    if isinstance(item, Label):
        for run in item.block.runs:
            yield _run(run, item.left + run.dx, item.baseline + run.dy, item.colour)
    elif isinstance(item, Turned):
        yield f'<g transform="translate({short(item.label.x)} {short(item.label.y)})rotate({short(item.angle)})">'
        yield from _item(shared, diagram, replace(item.label, x=0.0, y=0.0))
        yield "</g>"
    elif isinstance(item, Formulas):
        yield from _formulas(shared, item)
    else:
        yield from (shared.pieces[i] for i in shared.diagram(replace(diagram, items=(item,))))  # type: ignore[arg-type]


def _run(run: Run, x: float, y: float, colour: RGB) -> str:
    family = MATH_FAMILY if run.face == "math" else TEXT_FAMILY
    return _text(run.text, x, y, int(run.size), text_width(run.text, run.face, int(run.size)), family, run.face, colour)


def _text(text: str, x: float, y: float, size: float, width: float, family: str, face: str, colour: RGB) -> str:
    weight = f' font-weight="{_WEIGHTS[face]}"' if face in _WEIGHTS else ""
    slant = ' font-style="italic"' if face == "italic" else ""
    fallback = "serif" if family == MATH_FAMILY else "sans-serif"
    fixed = f' textLength="{short(width)}" lengthAdjust="spacingAndGlyphs"' if len(text) > 1 and width > 0 else ""
    style = f"font-family=\"'{family}', {fallback}\"{weight}{slant}"
    place = f'x="{short(x)}" y="{short(y)}" font-size="{short(size)}"'
    return f'<text xml:space="preserve" {place} {style}{fixed} fill="{css(colour)}">{escape(text)}</text>'


def _formulas(shared: SharedSvg, item: Formulas) -> Iterator[str]:
    """Numbers and words as text; symbols with their arrangement, brackets and lines as outlines."""
    page, share = _fitted(item)
    colours = formula_colours(item.theme, item.step.phase)
    yield f'<g transform="translate({short(item.x)} {short(item.y)})scale({share:g})">'
    shapes = shared.equation(page, 0.0, 0.0, colours, item.step.explanation.focus)
    bands = [shared.pieces[i] for i in shapes if shared.pieces[i].startswith("<rect") and ' rx="' in shared.pieces[i]]
    yield from bands
    for piece in page.pieces:
        ink = piece.box.ink
        if isinstance(ink, TextInk):
            family = MATH_FAMILY if ink.face.startswith("math") else TEXT_FAMILY
            yield _text(ink.text, piece.x, piece.y, ink.size, piece.box.width, family, ink.face, colours[ink.role])
        else:
            yield from _outlined(shared, piece, colours)
    yield "</g>"


def _outlined(shared: SharedSvg, piece: Piece, colours: dict[str, RGB]) -> Iterator[str]:
    """Return one piece that is no text, at its place."""
    box = replace(piece.box, children=())
    alone = LaidOut(box, box.ascent)
    yield from (shared.pieces[i] for i in shared.equation(alone, piece.x, piece.y - box.ascent, colours, ()))


def _fitted(item: Formulas) -> tuple[LaidOut, float]:
    """Return the page and its share of the full size, as the painter chooses them."""
    share = 1.0
    for share in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4):
        page = layout_step(item.step, item.fmt, style_for(item.theme, item.zoom), item.width / share, GlyphMetrics())
        if page.height * share <= item.height and page.width * share <= item.width + 0.5:
            break
    return page, share
