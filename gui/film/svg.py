"""Diagrams and formulas as pieces of SVG that share what repeats: a letter is outlined once, a text is set once, however often it stands.

For pages that hold many pictures of the same network; a single picture as SVG is the business of the image export.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import singledispatchmethod

import numpy as np
from PySide6.QtGui import QFont, QGlyphRun, QPainterPath, QTextLayout

from gui.diagram.primitives import Box, Circle, Curve, Diagram, Half, Label, Lines, Picture, Polygon, Primitive, dash_of
from gui.formula.boxes import AtomInk, FenceInk, LaidOut, Piece, TextInk
from gui.formula.fences import fence_path
from gui.formula.glyphs import BOLDER, atom_path, glyph_run
from gui.formula.glyphs import EM as ATOM_EM
from gui.formula.glyphs import font as formula_font
from gui.formula.paint import BAND, Colours
from gui.links import covers
from gui.theme import RGB, css
from gui.theme_qt import font
from model.stages import Ref

EM = 1000  # units per em of all shared outlines, which have whole numbers as coordinates


class SharedSvg:
    """Collects pieces of SVG for many pictures. pieces: each different one once; a picture is a list of indices into them."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._numbers: dict[str, int] = {}
        self._defs: list[str] = []
        self._shared: dict[object, str] = {}

    @property
    def defs(self) -> str:
        """The outlines that pieces refer to."""
        return "".join(self._defs)

    def diagram(self, diagram: Diagram) -> list[int]:
        """Return a diagram, without its ground."""
        return self._indices(text for item in diagram.items for text in self._item(item))

    def equation(self, laid_out: LaidOut, x: float, y: float, colours: Colours, focus: Collection[Ref]) -> list[int]:
        """Return an equation with its top left corner at (x, y), as `paint_equation` draws it."""
        bands = self._bands(laid_out, x, y, css(colours["focus"]), focus)
        return self._indices([*bands, *(self._ink(piece, x, y, css(colours[_role(piece)])) for piece in laid_out.pieces)])

    def _indices(self, texts: Iterable[str]) -> list[int]:
        result = []
        for text in texts:
            if text not in self._numbers:
                self._numbers[text] = len(self.pieces)
                self.pieces.append(text)
            result.append(self._numbers[text])
        return result

    # What diagrams are made of

    @singledispatchmethod
    def _item(self, item: Primitive) -> Iterator[str]:
        raise TypeError(f"nothing writes {type(item).__name__}")

    @_item.register
    def _lines(self, item: Lines) -> Iterator[str]:
        rows = zip(item.xy.tolist(), item.rgb.tolist(), item.width.tolist(), item.dashed.tolist(), strict=True)
        for (x0, y0, x1, y1), rgb, width, dashed in rows:
            yield f'<path d="M{short(x0)} {short(y0)}L{short(x1)} {short(y1)}"{_outline(tuple(rgb), width, dashed=dashed)}/>'

    @_item.register
    def _polygon(self, item: Polygon) -> Iterator[str]:
        yield f'<path d="M{"L".join(f"{short(x)} {short(y)}" for x, y in item.points)}Z" fill="{css(item.fill)}"/>'

    @_item.register
    def _circle(self, item: Circle) -> Iterator[str]:
        line = _outline(item.line, item.line_width, dashed=item.dashed)
        yield f'<circle cx="{short(item.x)}" cy="{short(item.y)}" r="{short(item.r)}" fill="{_fill(item.fill)}"{line}/>'

    @_item.register
    def _half(self, item: Half) -> Iterator[str]:
        if item.fill is not None:
            r, sweep, sign = short(item.r), *((0, -1) if item.side == "left" else (1, 1))
            straight = short(sign * (item.rx - item.r))
            arc = f"M{short(item.x)} {short(item.y - item.r)}h{straight}a{r} {r} 0 0 {sweep} 0 {short(2 * item.r)}H{short(item.x)}Z"
            yield f'<path d="{arc}" fill="{css(item.fill)}"/>'

    @_item.register
    def _box(self, item: Box) -> Iterator[str]:
        place = _place(item.x - item.width / 2, item.y - item.height / 2, item.width, item.height)
        corner = f' rx="{short(item.radius)}"' if item.radius else ""
        line = _outline(item.line, item.line_width, dashed=item.dashed)
        yield f'<rect {place}{corner} fill="{_fill(item.fill)}"{line}/>'

    @_item.register
    def _label(self, item: Label) -> Iterator[str]:
        for run in item.block.runs:
            runs = self._text(("label", run.face), run.text, lambda run=run: _shaped(run.text, font(run.face, EM)))  # type: ignore[misc]
            yield _use(runs, item.left + run.dx, item.baseline + run.dy, int(run.size) / EM, css(item.colour))

    @_item.register
    def _picture(self, item: Picture) -> Iterator[str]:
        """Neighbouring cells of one colour become one area, with a hair of overlap which the next one covers, so that no seams show."""
        rows, columns = item.cells.shape[:2]
        w, h = item.width / columns, item.height / rows
        for row in range(rows):
            starts = np.flatnonzero(np.any(np.diff(item.cells[row].astype(int), axis=0), axis=1)) + 1
            for first, last in zip([0, *starts.tolist()], [*starts.tolist(), columns], strict=True):
                x, right = item.x + first * w, min(item.x + (last + 0.6) * w, item.x + item.width)
                bottom = min(item.y + (row + 1.4) * h, item.y + item.height)
                place = (
                    f'x="{short(x)}" y="{short(item.y + row * h)}" width="{short(right - x)}" height="{short(bottom - item.y - row * h)}"'
                )
                yield f'<rect {place} fill="{css(tuple(item.cells[row, first].tolist()))}"/>'
        if item.line is not None:
            place = _place(item.x, item.y, item.width, item.height)
            yield f'<rect {place} fill="none" stroke="{css(item.line)}"/>'

    @_item.register
    def _curve(self, item: Curve) -> Iterator[str]:
        data = "".join("M{} {}".format(*map(short, first)) + "".join(map(_onwards, others)) for first, *others in item.parts)
        dash = f' stroke-dasharray="{" ".join(map(short, item.dash))}"' if item.dash else ""
        faint = f' opacity="{item.opacity:.3g}"' if item.opacity < 1 else ""
        yield f'<path d="{data}" fill="{_fill(item.fill)}"{_outline(item.line, item.line_width, dashed=False)}{dash}{faint}/>'

    # What formulas are made of

    def _bands(self, laid_out: LaidOut, x: float, y: float, colour: str, focus: Collection[Ref]) -> Iterator[str]:
        for hit in laid_out.hits:
            if hit.is_number and any(covers(ref, hit.ref) for ref in focus):
                grow = BAND * min(hit.height, 24.0)
                place = _place(x + hit.x - grow, y + hit.y, hit.width + 2 * grow, hit.height)
                yield f'<rect {place} rx="{short(grow)}" fill="{colour}"/>'

    def _ink(self, piece: Piece, x: float, y: float, colour: str) -> str:
        box, ink = piece.box, piece.box.ink
        x, y = x + piece.x, y + piece.y
        if isinstance(ink, TextInk):
            return _use(self._formula_text(ink), x, y, ink.size / EM, colour, BOLDER * EM if ink.face == "math-bold" else 0.0)
        if isinstance(ink, AtomInk):
            return _use(self._share(("atom", ink.latex), lambda: _path(atom_path(ink.latex), EM / ATOM_EM)), x, y, ink.size / EM, colour)
        if isinstance(ink, FenceInk):
            key = ("fence", ink.kind, round(box.width, 1), round(box.height, 1), ink.size)
            return _use(self._share(key, lambda: _path(fence_path(ink, box.width, box.height), 10.0)), x, y - box.ascent, 0.1, colour)
        place = f'x="{short(x)}" y="{short(y - box.ascent)}" width="{short(box.width)}" height="{box.height:.2f}"'
        return f'<rect {place} fill="{colour}"/>'

    def _formula_text(self, ink: TextInk) -> str:
        if ink.face.startswith("math"):  # bold is no font of its own, but the same outlines with a line around them
            return self._text(("formula", "math"), ink.text, lambda: [glyph_run(ink.text, "math", EM)])
        return self._text(("formula", ink.face), ink.text, lambda: _shaped(ink.text, formula_font(ink.face, EM)))

    # Sharing

    def _share(self, key: object, make: Callable[[], str]) -> str:
        """Return the id of a shared outline; `make` gives its path data."""
        if key not in self._shared:
            self._shared[key] = name = f"s{len(self._shared)}"
            self._defs.append(f'<path id="{name}" d="{make()}"/>')
        return self._shared[key]

    def _text(self, face: tuple[str, str], text: str, runs: Callable[[], list[QGlyphRun]]) -> str:
        key = (face, text)
        if key not in self._shared:
            uses = []
            for run in runs():
                raw = run.rawFont()
                for index, at in zip(run.glyphIndexes(), run.positions(), strict=True):
                    glyph = ("glyph", raw.familyName(), raw.weight(), raw.style(), index)
                    uses.append((self._share(glyph, lambda raw=raw, index=index: _path(raw.pathForGlyph(index))), at))  # type: ignore[misc]
            self._shared[key] = name = f"s{len(self._shared)}"
            self._defs.append(f'<g id="{name}">{"".join(_letter(glyph, at.x()) for glyph, at in uses)}</g>')
        return self._shared[key]


def _onwards(to: tuple[float, ...]) -> str:
    return f"{'L' if len(to) == 2 else 'C'}{' '.join(map(short, to))}"


def _letter(glyph: str, x: float) -> str:
    return f'<use href="#{glyph}"/>' if round(x) == 0 else f'<use href="#{glyph}" x="{round(x)}"/>'


def _use(name: str, x: float, y: float, scale: float, colour: str, bolder: float = 0.0) -> str:
    line = f' stroke="{colour}" stroke-width="{short(bolder)}"' if bolder else ""
    return f'<use href="#{name}" transform="translate({short(x)} {short(y)})scale({scale:.4g})" fill="{colour}"{line}/>'


def _place(x: float, y: float, width: float, height: float) -> str:
    return f'x="{short(x)}" y="{short(y)}" width="{short(width)}" height="{short(height)}"'


def _role(piece: Piece) -> str:
    ink = piece.box.ink
    assert ink is not None
    return ink.role


def _fill(colour: RGB | None) -> str:
    return "none" if colour is None else css(colour)


def _outline(colour: RGB | None, width: float, *, dashed: bool) -> str:
    if colour is None or width <= 0:
        return ""
    dash = ' stroke-dasharray="{} {}"'.format(*map(short, dash_of(width))) if dashed else ""
    return f' stroke="{css(colour)}" stroke-width="{short(width)}"{dash}'


def short(value: float) -> str:
    """Write a length in pixels, to a tenth."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def _shaped(text: str, face: QFont) -> list[QGlyphRun]:
    """Return a text as glyphs at their places, measured from the start of its baseline."""
    layout = QTextLayout(text, face)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    runs: list[QGlyphRun] = layout.glyphRuns()
    for run in runs:
        run.setPositions([at - line.position() for at in run.positions()])
    return runs


def _path(path: QPainterPath, scale: float = 1.0) -> str:
    """Return an outline with whole numbers, each point relative to the one before."""
    parts: list[str] = []
    here, last, i = (0, 0), "", 0

    def point(k: int) -> tuple[int, int]:
        element = path.elementAt(k)
        return round(element.x * scale), round(element.y * scale)

    while i < path.elementCount():
        kind = path.elementAt(i).type
        if kind == QPainterPath.ElementType.CurveToElement:
            command, points = "c", [point(i), point(i + 1), point(i + 2)]
        elif kind == QPainterPath.ElementType.LineToElement:
            command, points = "l", [point(i)]
        else:
            command, points = "M", [point(i)]
        i += len(points)
        base = (0, 0) if command == "M" else here
        numbers = "".join(_signed(v - w) for p in points for v, w in zip(p, base, strict=True))
        parts.append((command if command != last else "") + (numbers.lstrip() if command != last else numbers))
        here, last = points[-1], "" if command == "M" else command
    return "".join(parts)


def _signed(value: int) -> str:
    return str(value) if value < 0 else f" {value}"
