"""From an equation to lines that fit a width. No Qt.

An equation that fits stands on one line. Otherwise its sides stand below each other, aligned at the first "="; a side that is too
long breaks before + and −, then at products, then inside parentheses; a matrix that is too wide breaks its cells, then
shrinks a little, and only then sticks out, for whoever shows it to scroll.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gui.formula_boxes import Box, Child, Face, LaidOut, Metrics, Role, TextInk, beside, stacked
from gui.formula_layout import Setter
from gui.formula_spacing import THICK, Term, broken, set_row
from model.expr import Equation, Expr, Fn, Mat, NumberFormat, Row

SHRINK = (1.0, 0.9, 0.8)
NARROWEST_CELL = 5.0  # em; a cell is not broken into less
NOTE = 0.74


@dataclass(frozen=True, slots=True)
class FormulaStyle:
    """Sizes in pixels per em. words: for sentences; smallest: below it nothing is shrunk."""

    size: float = 18.0
    words: float = 15.0
    smallest: float = 11.0


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of an equation: what sets it, the formula, its parts and its width on one line."""

    setter: Setter
    kind: str
    expr: Expr
    terms: list[Term]
    width: float


def layout_equation(equation: Equation, fmt: NumberFormat, style: FormulaStyle, width: float, metrics: Metrics) -> LaidOut:
    """Lay out one equation, and its note below it, `width` pixels wide where it can be."""
    for share in SHRINK:
        size = max(style.size * share, min(style.smallest, style.size))
        lines = _equation(equation, Setter(metrics, fmt, size, min(style.smallest, size)), width)
        if lines.width <= width or size <= style.smallest:
            break
    if not equation.note:
        return LaidOut(lines, lines.ascent)
    note = paragraph(equation.note, "words", max(style.words * NOTE, style.smallest), width, metrics, "dim")
    return LaidOut(stacked([lines, note], 0.3 * style.size), lines.ascent)


def paragraph(text: str, face: Face, size: float, width: float, metrics: Metrics, role: Role = "text") -> Box:
    """Set words on lines of at most `width` pixels, broken at spaces."""
    size = round(size)  # fonts for words come in whole pixels
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and metrics.advance(longer, face) * size > width:
            lines.append(line)
            longer = word
        line = longer
    boxes = [Box(metrics.advance(t, face) * size, 0.95 * size, 0.27 * size, ink=TextInk(t, face, size, role)) for t in [*lines, line]]
    return stacked(boxes, 0.2 * size)


def _equation(equation: Equation, setter: Setter, width: float) -> Box:
    sides = [_side(setter, kind, expr) for kind, expr in equation.sides]
    head, rest = sides[0], sides[1:]
    equals, space = setter.text("="), THICK * setter.size
    total = head.width + sum(side.width + equals.width + 2 * space for side in rest)
    if total <= width or not rest:
        return _on_one_line(sides, equals, space) if total <= width else _lines(_broken_side(head, width, width), setter.size)
    return _below_each_other(head, rest, equals, space, width)


def _side(setter: Setter, kind: str, expr: Expr) -> _Side:
    own = replace(setter, result=kind == "result")
    terms = own.terms(expr)
    return _Side(own, kind, expr, terms, set_row(terms, own.size).width)


def _on_one_line(sides: Sequence[_Side], equals: Box, space: float) -> Box:
    boxes, gaps = [], []
    for i, side in enumerate(sides):
        if i:
            boxes.append(equals)
            gaps.append(space)
        boxes.append(set_row(side.terms, side.setter.size))
        gaps.append(space if i else 0.0)
    return beside(boxes, gaps)


def _below_each_other(head: _Side, rest: Sequence[_Side], equals: Box, space: float, width: float) -> Box:
    """Set "head = side", then "= side" below, each at the first "="; nearer to the left edge where that leaves too little room."""
    size = head.setter.size
    lead = equals.width + space
    indent = head.width + space
    roomy = all(_unbroken(side) <= width - indent - lead for side in rest)
    if not roomy or indent > 0.4 * width:
        indent = min(indent, 1.0 * size)
    lines: list[list[Child]] = []
    start = head.width + space
    first_beside = start + lead + min(rest[0].width, _unbroken(rest[0])) <= width
    head_lines = [set_row(head.terms, size)] if head.width <= width else _broken_side(head, width, width)
    lines += [[Child(0.0, 0.0, box)] for box in head_lines]
    x = start if first_beside else indent
    at_head = first_beside
    for i, side in enumerate(rest):
        end = _end(lines[-1]) + space
        if i and side.kind == "result" and end + lead + side.width <= width:
            lines[-1] += [Child(end, 0.0, equals), Child(end + lead, 0.0, set_row(side.terms, size))]
            continue
        boxes = _broken_side(side, width - x - lead, width - indent - lead)
        for j, box in enumerate(boxes):
            if not (at_head and i == 0 and j == 0):
                lines.append([])
            left = (x if j == 0 else indent) + lead
            lines[-1] += [Child(x, 0.0, equals)] * (j == 0) + [Child(left, 0.0, box)]
        x = indent
    return _lines([_line(children) for children in lines], size)


def _end(line: Sequence[Child]) -> float:
    return max(child.x + child.box.width for child in line)


def _line(children: Sequence[Child]) -> Box:
    ascent, descent = max(c.box.ascent for c in children), max(c.box.descent for c in children)
    return Box(_end(children), ascent, descent, tuple(children))


def _lines(lines: Sequence[Box], size: float) -> Box:
    tall = any(line.height > 1.6 * size for line in lines)
    return stacked(lines, (0.5 if tall else 0.36) * size)


def _unbroken(side: _Side) -> float:
    """Return the width of the widest part of a side that cannot be broken (cells of a matrix, down to a few letters, can)."""
    if isinstance(side.expr, Mat):
        return min(side.width, side.setter.size * (NARROWEST_CELL * len(side.expr.rows[0]) + 1) if _has_sums(side.expr) else side.width)
    return max((t.box.width for t in side.terms if not isinstance(t.expr, Fn)), default=0.0)


def _has_sums(mat: Mat) -> bool:
    return any(isinstance(cell, Row) for row in mat.rows for cell in row)


def _broken_side(side: _Side, first: float, rest: float) -> list[Box]:
    """Break a side into lines of at most `first` and then `rest` pixels."""
    setter = side.setter
    terms = list(_narrowed(side, min(first, rest)))
    return [set_row(line, setter.size) for line in broken(terms, setter.size, first, rest)]


def _narrowed(side: _Side, width: float) -> Iterator[Term]:
    """Return the parts of a side, those that are too wide taken apart or with broken cells."""
    for term in side.terms:
        if term.box.width <= width:
            yield term
        elif isinstance(term.expr, Fn):
            yield from side.setter.opened(term.expr)
        elif isinstance(term.expr, Mat):
            yield term._replace(box=_narrow_matrix(side.setter, term.expr, width))
        else:
            yield term


def _narrow_matrix(setter: Setter, mat: Mat, width: float) -> Box:
    columns = len(mat.rows[0])
    cell = max((width - (0.9 + 0.85 * (columns - 1)) * setter.size) / columns, NARROWEST_CELL * setter.size)
    return replace(setter, cell_width=cell).box(mat)
