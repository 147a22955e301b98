"""Formulas as SVG inside a page: laid out as on the blackboard, every letter drawn once and used wherever it stands.

The colours are classes of the page's style sheet, so that one page has the colours of the screen and those of paper.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape

from PySide6.QtGui import QPainterPath

from gui.formula.boxes import AtomInk, Box, FenceInk, LaidOut, RuleInk, TextInk
from gui.formula.fences import fence_path
from gui.formula.glyphs import EM, GlyphMetrics, atom_path, text_path
from gui.formula.layout import Setter
from gui.formula.lines import FormulaStyle, layout_equation
from model.expr.text import block_of, equation_text
from model.expr.tree import Equation, Expr, NumberFormat

SIZE, WIDTH = 17.0, 690.0  # pixels per em, and the width at which equations break


class FormulaSvg:
    """Writes formulas as SVG and collects the shapes they share; `definitions` has to stand in the same page."""

    def __init__(self, fmt: NumberFormat) -> None:
        self._fmt = fmt
        self._metrics = GlyphMetrics()
        self._shapes: dict[str, tuple[str, str]] = {}

    def equation(self, equation: Equation) -> str:
        """Return a displayed equation without its note."""
        bare = replace(equation, note="")
        style = FormulaStyle(SIZE, SIZE, 0.62 * SIZE)
        laid_out = layout_equation(bare, self._fmt, style, WIDTH, self._metrics)
        return self._svg(laid_out, equation_text(bare, self._fmt, 10_000, 0), "")

    def inline(self, expr: Expr) -> str:
        """Return a formula that stands in a line of words."""
        box = Setter(self._metrics, self._fmt, 0.95 * SIZE, 0.62 * SIZE).box(expr)
        lines = block_of(expr, self._fmt).lines
        return self._svg(LaidOut(box, box.ascent), " ".join(lines), f' style="vertical-align:{_n(-box.descent)}px"')

    def definitions(self) -> str:
        """Return the shapes that the formulas use."""
        shapes = "".join(f'<path id="{name}" d="{data}"/>' for name, data in self._shapes.values())
        return f'<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>{shapes}</defs></svg>'

    def _svg(self, laid_out: LaidOut, text: str, style: str) -> str:
        w, h = laid_out.width, laid_out.height
        inner = "".join(self._ink(piece.box, piece.x, piece.y) for piece in laid_out.pieces)
        label = escape(" ".join(text.split()), quote=True)
        return (
            f'<svg class="f" role="img" aria-label="{label}" width="{_n(w)}" height="{_n(h)}" viewBox="0 0 {_n(w)} {_n(h)}"{style}>'
            f"{inner}</svg>"
        )

    def _ink(self, box: Box, x: float, y: float) -> str:
        ink = box.ink
        if isinstance(ink, TextInk):
            return self._text(ink, x, y)
        if isinstance(ink, AtomInk):
            return self._use(f"a {ink.latex}", atom_path(ink.latex), x, y, ink.size / EM, ink.role)
        if isinstance(ink, FenceInk):
            data = _path_data(fence_path(ink, box.width, box.height).translated(x, y - box.ascent))
            return f'<path{_class(ink.role)} d="{data}"/>'
        if isinstance(ink, RuleInk):
            return f'<rect{_class(ink.role)} x="{_n(x)}" y="{_n(y - box.ascent)}" width="{_n(box.width)}" height="{_n(box.height)}"/>'
        return ""

    def _text(self, ink: TextInk, x: float, y: float) -> str:
        """Return a run of characters, placed once; the letters in it count from its start."""
        if ink.face.startswith("words"):
            return self._use(f"{ink.face} {ink.text}", text_path(ink.text, ink.face), x, y, ink.size / EM, ink.role)
        parts, at = [], 0.0
        for character in ink.text:
            if not character.isspace():
                name = self._shape(f"{ink.face} {character}", text_path(character, ink.face))
                parts.append(f'<use href="#{name}"/>' if at == 0 else f'<use href="#{name}" x="{at:.0f}"/>')
            at += self._metrics.advance(character, ink.face) * EM
        return f"<g{_class(ink.role)}{_placed(x, y, ink.size / EM)}>{''.join(parts)}</g>"

    def _use(self, key: str, path: QPainterPath, x: float, y: float, scale: float, role: str) -> str:
        return f'<use{_class(role)} href="#{self._shape(key, path)}"{_placed(x, y, scale)}/>'

    def _shape(self, key: str, path: QPainterPath) -> str:
        if key not in self._shapes:
            self._shapes[key] = (f"g{len(self._shapes)}", _path_data(path))
        return self._shapes[key][0]


def _class(role: str) -> str:
    return "" if role == "text" else f' class="{role}"'


def _placed(x: float, y: float, scale: float) -> str:
    return f' transform="translate({_n(x)} {_n(y)}) scale({scale:.4g})"'


def _n(value: float) -> str:
    """Return a length with two decimals at most."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _path_data(path: QPainterPath) -> str:
    parts: list[str] = []
    i, count = 0, path.elementCount()
    while i < count:
        element = path.elementAt(i)
        if element.isMoveTo():
            parts.append(f"{'Z' if parts else ''}M{_n(element.x)} {_n(element.y)}")
        elif element.isLineTo():
            parts.append(f"L{_n(element.x)} {_n(element.y)}")
        else:
            points = [path.elementAt(i + j) for j in range(3)]
            parts.append("C" + " ".join(f"{_n(p.x)} {_n(p.y)}" for p in points))
            i += 2
        i += 1
    return "".join(parts) + ("Z" if parts else "")
