"""From an equation to lines that fit a width. No Qt.

An equation that fits stands on one line. Otherwise its sides stand below each other, aligned at the first "="; a side that is too
long breaks before + and −, then at products, then inside parentheses, unless slightly smaller letters save the line; a number is not
taken from the matrix that it multiplies. A matrix that is too wide breaks its cells, then shrinks down to the smallest type, then
leaves out its middle columns, and only then sticks out, for whoever shows it to scroll.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gui.formula.boxes import Box, Child, LaidOut, Metrics, beside, framed, stacked
from gui.formula.elision import LEAST, elided, largest
from gui.formula.layout import COLUMN_GAP, Setter
from gui.formula.spacing import PRODUCTS, THICK, Term, broken, flat, set_row
from gui.formula.words import paragraph
from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Num, NumberFormat, Op, Row, Sym

SPARED, TIGHT = 0.86, 0.7  # of the size: the least for a line less; of the gap between columns where room is short
HANG = 0.5  # em from the left edge to the "=" of sides that hang
SHRINK, SLACK = 0.93, 1.06  # the least step down in size; what tighter gaps save beyond the size
NARROWEST_CELL = 5.0  # em; a cell is not broken into less
NOTE = 0.74
NUMBER_GAP, NUMBER_CLOSE, FRAME, LINE = 1.6, 0.7, 0.34, 0.06  # em: before an equation's number, from a frame to what is in it, its lines
LAST = 0.83  # of the smallest type: still better than a formula of which a part is not seen
NEARLY = (0.97, 0.94, 0.9)  # of the smallest type: better than a matrix without some of its numbers
MANY = 1000  # rows: none is left out for the width


@dataclass(frozen=True, slots=True)
class FormulaStyle:
    """Sizes in pixels per em. words: for sentences; smallest: below it nothing is shrunk; gap: between equations, in em."""

    size: float = 18.0
    words: float = 15.0
    smallest: float = 11.0
    gap: float = 0.62


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
    lines, size = _labelled(equation, fmt, style, width, metrics)
    if not equation.note:
        return LaidOut(lines, lines.ascent, size)
    note = paragraph(equation.note, "words", max(style.words * NOTE, style.smallest), width, metrics, "dim")
    return LaidOut(stacked([lines, note], 0.3 * style.size), lines.ascent, size)


def _labelled(equation: Equation, fmt: NumberFormat, style: FormulaStyle, width: float, metrics: Metrics) -> tuple[Box, float]:
    """Lay out the lines of an equation, in a frame and with its number to the right where it has them.

    The number is as small as the equation and close to it where there is little room, and below it where there is none.
    """
    size, gap = style.size, NUMBER_GAP
    while True:
        label = Setter(metrics, fmt, size).text(equation.number, role="dim") if equation.number else None
        space, inner = gap * size, FRAME * style.size if equation.boxed else 0.0
        room = width - 2 * inner - (label.width + space if label else 0.0)
        lines, found = min(_fitting(equation, fmt, style, room, metrics), key=lambda one: max(one[0].width, room))
        if label is None or gap == NUMBER_CLOSE or found >= style.size:
            break
        size, gap = max(found, style.smallest), NUMBER_CLOSE
    shown = framed(lines, inner, LINE * found) if equation.boxed else lines
    if label is None:
        return shown, found
    if shown.width + space + label.width <= width:
        return beside([shown, label], [0.0, space]), found
    return stacked([shown, beside([label], [max(0.0, width - label.width)])], 0.2 * size), found


def _fitting(equation: Equation, fmt: NumberFormat, style: FormulaStyle, width: float, metrics: Metrics) -> Iterator[tuple[Box, float]]:
    """Try ever tighter layouts up to the first that fits: smaller, then without the middle columns of large matrices."""
    smallest, share, narrowest = min(style.smallest, style.size), 1.0, math.inf
    most = largest(equation)[1]
    while True:
        size = max(style.size * share, smallest)
        for box in _hung_or_not(equation, fmt, size, smallest, width, metrics, tight=share < 1.0):
            if box.width <= width:
                yield from _in_fewer_lines(equation, fmt, box, size, smallest, width, metrics)
                yield box, size
                return
            yield box, size
            narrowest = min(narrowest, box.width)
        hopeless = most and narrowest * smallest > SLACK * width * size
        if size <= smallest or hopeless:
            narrowest *= smallest / size
            break
        share *= min(SHRINK, SLACK * width / narrowest)
        narrowest = math.inf
    if not hopeless:
        for box in _hung_or_not(equation, fmt, smallest, smallest, width, metrics, tight=True, tied=False):
            yield box, smallest
            if box.width <= width:
                return
    for size in (share * smallest for share in NEARLY if share * narrowest <= SLACK * width):
        for box in _hung_or_not(equation, fmt, size, size, width, metrics, tight=True):
            yield box, size
            if box.width <= width:
                return
    for columns in range(min(most - 1, max(int(most * width / narrowest), LEAST)), LEAST - 1, -1):
        equation = elided(equation, MANY, columns)
        for box in _hung_or_not(equation, fmt, smallest, smallest, width, metrics, tight=True):
            yield box, smallest
            if box.width <= width:
                return
    last = smallest * LAST
    yield from ((box, last) for box in _hung_or_not(equation, fmt, last, last, width, metrics, tight=True))


def _in_fewer_lines(
    equation: Equation, fmt: NumberFormat, box: Box, size: float, smallest: float, width: float, metrics: Metrics
) -> Iterator[tuple[Box, float]]:
    """Set a side with matrices on one line, where letters only a little smaller than those of `box` make room for it."""
    setter = Setter(metrics, fmt, size, smallest, column_gap=COLUMN_GAP * TIGHT)
    room = width - HANG * size - setter.text("=").width - THICK * size
    sums = [(kind, expr) for kind, expr in equation.sides[1:] if {Mat, Op} <= {type(part) for part in flat(expr)}]
    sides = [_side(setter, kind, expr) for kind, expr in sums]
    aligned = room - _side(setter, *equation.sides[0]).width - size  # about: gaps may be wider than here
    shares = [min(room / side.width, 1.0) for side in sides if SPARED * side.width <= room and side.width > aligned]
    if not shares:
        return
    share = max(min(shares), smallest / size)
    setter = replace(setter, size=share * size)
    sides = [_side(setter, kind, expr) for kind, expr in equation.sides]
    for smaller in (_equation(sides, setter, width, hung) for hung in (False, True)):
        if smaller.width <= width and smaller.height / share < box.height - size:
            yield smaller, share * size


def _hung_or_not(
    equation: Equation, fmt: NumberFormat, size: float, smallest: float, width: float, metrics: Metrics, *, tight: bool, tied: bool = True
) -> Iterator[Box]:
    """Lay out at one size: aligned at the first "=", and if that is too wide, hung near the left edge."""
    setter = Setter(metrics, fmt, size, smallest, column_gap=COLUMN_GAP * (TIGHT if tight else 1.0))
    sides = [_side(setter, kind, expr, tied=tied) for kind, expr in equation.sides]
    for hung in (False, True):
        box = _equation(sides, setter, width, hung)
        yield box
        if box.width <= width:
            return


def _equation(sides: Sequence[_Side], setter: Setter, width: float, hung: bool) -> Box:
    equals, space = setter.text("="), THICK * setter.size
    total = sides[0].width + sum(side.width + equals.width + 2 * space for side in sides[1:])
    if total <= width:
        return _on_one_line(sides, equals, space)
    if len(sides) == 1:
        return _lines(_broken_side(sides[0], width, width), setter.size)
    return _below_each_other(sides[0], sides[1:], equals, width, hung)


def _side(setter: Setter, kind: str, expr: Expr, *, tied: bool = True) -> _Side:
    own = replace(setter, result=kind == "result")
    terms = own.terms(expr)
    terms = list(_tied(terms, own.size)) if tied else terms
    return _Side(own, kind, expr, terms, set_row(terms, own.size).width)


def _tied(terms: Sequence[Term], size: float) -> Iterator[Term]:
    """Return the parts with every number tied to the matrix that it multiplies: "− 0.1" alone on a line would say nothing."""
    i = 0
    while i < len(terms):
        three = terms[i : i + 3]
        if len(three) == 3 and _multiplies(*three):
            yield Term(set_row(three, size), "inner", Row(tuple(term.expr for term in three)))
        else:
            three = three[:1]
            yield from three
        i += len(three)


def _multiplies(factor: Term, sign: Term, mat: Term) -> bool:
    scalar = isinstance(factor.expr, Num | Sym | Frac)
    product = isinstance(sign.expr, Op) and sign.kind == "bin" and sign.expr.symbol in PRODUCTS
    return scalar and product and isinstance(mat.expr, Mat) and not _has_sums(mat.expr)


def _on_one_line(sides: Sequence[_Side], equals: Box, space: float) -> Box:
    boxes, gaps = [], []
    for i, side in enumerate(sides):
        if i:
            boxes.append(equals)
            gaps.append(space)
        boxes.append(set_row(side.terms, side.setter.size))
        gaps.append(space if i else 0.0)
    return beside(boxes, gaps)


def _below_each_other(head: _Side, rest: Sequence[_Side], equals: Box, width: float, hung: bool) -> Box:
    """Set "head = side", then "= side" below, each at the first "=", or hung near the left edge; a short result stays on its line."""
    size = head.setter.size
    space = THICK * size
    lead = equals.width + space
    indent = min(head.width + space, HANG * size) if hung else head.width + space
    inside = indent + (0.6 * size if hung else lead)  # where a side goes on below itself
    lines = [[Child(0.0, 0.0, box)] for box in (_broken_side(head, width, width) if hung else [set_row(head.terms, size)])]
    for i, side in enumerate(rest):
        end = _end(lines[-1]) + space
        whole = end + lead + side.width <= width
        beside_head = i == 0 and (not hung or end + lead + min(side.width, _widest_part(side)) <= width)
        if beside_head or (whole and side.kind == "result"):
            x, line = end, lines.pop()
        else:
            x, line = indent, []
        boxes = _broken_side(side, width - x - lead, width - inside)
        lines.append([*line, Child(x, 0.0, equals), Child(x + lead, 0.0, boxes[0])])
        lines += [[Child(inside, 0.0, box)] for box in boxes[1:]]
    return _lines([_line(children) for children in lines], size)


def _end(line: Sequence[Child]) -> float:
    return max(child.x + child.box.width for child in line)


def _line(children: Sequence[Child]) -> Box:
    ascent, descent = max(c.box.ascent for c in children), max(c.box.descent for c in children)
    return Box(_end(children), ascent, descent, tuple(children))


def _lines(lines: Sequence[Box], size: float) -> Box:
    tall = any(line.height > 1.6 * size for line in lines)
    return stacked(lines, (0.5 if tall else 0.36) * size)


def _widest_part(side: _Side) -> float:
    """Return the width of the widest part that cannot be taken apart."""
    return max((_least(term, side.setter.size) for term in side.terms), default=0.0)


def _least(term: Term, size: float) -> float:
    if isinstance(term.expr, Fn):
        return 0.0
    if isinstance(term.expr, Mat) and _has_sums(term.expr):
        return min(term.box.width, (NARROWEST_CELL + 1) * size * len(term.expr.rows[0]))
    return term.box.width


def _has_sums(mat: Mat) -> bool:
    """Whether there are cells that can be broken."""
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
        elif isinstance(term.expr, Mat) and _has_sums(term.expr):
            yield term._replace(box=_narrow_matrix(side.setter, term.expr, width))
        else:
            yield term


def _narrow_matrix(setter: Setter, mat: Mat, width: float) -> Box:
    columns = len(mat.rows[0])
    cell = max((width - (0.9 + 0.85 * (columns - 1)) * setter.size) / columns, NARROWEST_CELL * setter.size)
    return replace(setter, cell_width=cell).box(mat)
