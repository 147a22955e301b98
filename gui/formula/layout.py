"""From a formula tree to boxes: numbers, operators, matrices, fractions and parentheses, around symbols set by the typesetter. No Qt.

Only symbols go through the typesetter, once each; everything that changes from step to step is placed here, in microseconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from gui.formula.boxes import AtomInk, Box, Child, Face, FenceInk, Metrics, Role, RuleInk, TextInk, beside, raised, shifted, stacked
from gui.formula.spacing import Term, broken, flat, gaps, kind_of, set_row
from model.expr.tree import Expr, Fn, Frac, Mat, Num, NumberFormat, Op, Row, Sup, Sym, Text, number_text

AXIS = 0.258  # height of the line on which +, = and the lines of fractions stand, in em
DIGITS = (0.70, 0.17)  # above and below the baseline: room for a digit and for a decimal comma
POWER = 0.78  # above the baseline: room for a power of ten
LETTERS = (0.74, 0.24)
STRUT = (0.76, 0.30)  # least height of a row of a matrix
ROW_GAP, TALL_ROW_GAP, COLUMN_GAP, CASES_GAP = 0.16, 0.36, 0.85, 1.1
RULE, FRACTION_GAP, FRACTION_SIDE = 0.055, 0.13, 0.1
SCRIPT, NESTED = 0.7, 0.85
_SYMBOLS = {"-": "−", "*": "∗", "·": "⋅", "...": "…"}


@dataclass(frozen=True)
class Setter:
    """Sets formulas at `size` pixels per em. result: numbers are bold and coloured by sign. cell_width: where cells of a matrix
    break; column_gap: between its columns, in em."""

    metrics: Metrics
    fmt: NumberFormat
    size: float
    smallest: float = 0.0
    result: bool = False
    cell_width: float = math.inf
    column_gap: float = COLUMN_GAP

    @cached_property
    def _inner(self) -> Setter:
        return replace(self, size=min(self.size, max(self.size * NESTED, self.smallest)))

    def box(self, expr: Expr) -> Box:
        """Return a formula on one line."""
        if isinstance(expr, Num):
            return self._number(expr)
        if isinstance(expr, Sym):
            return replace(self.atom(expr.latex), ref=expr.ref)
        if isinstance(expr, Op):
            return self.text(_SYMBOLS.get(expr.symbol, expr.symbol))
        if isinstance(expr, Text):
            return self.text(expr.text)
        if isinstance(expr, Row):
            return set_row(self.terms(expr), self.size)
        if isinstance(expr, Mat):
            return self._matrix(expr)
        if isinstance(expr, Frac):
            return self._fraction(expr)
        return self._function(expr) if isinstance(expr, Fn) else self._superscript(expr)

    def terms(self, expr: Expr) -> list[Term]:
        """Return the parts of a formula, each set, with what the spacing has to know about them."""
        terms: list[Term] = []
        for part in flat(expr):
            terms.append(Term(self.box(part), kind_of(part, terms[-1].kind if terms else None), part))
        return terms

    def opened(self, fn: Fn) -> list[Term]:
        """Return a function of a long argument as parts between which it may break."""
        name = [Term(self.atom(_name(fn.latex)), "ord", fn)] if fn.latex else []
        inside = self.terms(fn.argument)
        left, right = self._parentheses(set_row(inside, self.size))
        return [*name, Term(left, "open", Op("(")), *inside, Term(right, "close", Op(")"))]

    def text(self, text: str, face: Face = "math", role: Role = "text", height: tuple[float, float] = LETTERS) -> Box:
        """Return a run of characters."""
        ink = TextInk(text, face, self.size, role)
        return Box(self.metrics.advance(text, face) * self.size, height[0] * self.size, height[1] * self.size, ink=ink)

    def atom(self, latex: str) -> Box:
        """Return a symbol, or a stand-in of about its size until it has been typeset."""
        known = self.metrics.atom(latex)
        width, ascent, descent = known or _guess(latex)
        s = self.size
        return raised(Box(width * s, ascent * s, descent * s, ink=AtomInk(latex, s, pending=known is None)), 0.45 * s, 0.02 * s)

    def _number(self, num: Num) -> Box:
        text, s = number_text(num, self.fmt), self.size
        face: Face = "math-bold" if self.result else "math"
        whole = text.split("," if self.fmt.comma else ".")[0].split("·")[0]
        width, point = self.metrics.advance(text, face) * s, self.metrics.advance(whole, face) * s
        ink = TextInk(text, face, s, self._sign(num.value))
        above = POWER if "·" in text else DIGITS[0]
        digits = Box(width, above * s, DIGITS[1] * s, ink=ink, ref=num.ref, point=point)
        if not (num.bracket and text.startswith("−")):
            return digits
        left, right = self.text("(", height=DIGITS), self.text(")", height=DIGITS)
        return replace(beside([left, digits, right]), point=left.width + point)

    def _sign(self, value: float) -> Role:
        return "text" if not self.result or not abs(value) > 0 else "positive" if value > 0 else "negative"

    def _matrix(self, mat: Mat) -> Box:
        cases = mat.bracket == "{"
        columns = [self._column([self._cell(cell) for cell in column], column, cases) for column in zip(*mat.rows, strict=True)]
        space = (CASES_GAP if cases else self.column_gap) * self.size
        rows = [
            raised(beside(row, [0.0] + [space] * (len(row) - 1)), STRUT[0] * self.size, STRUT[1] * self.size)
            for row in zip(*columns, strict=True)
        ]
        tall = any(row.height > 1.5 * self.size for row in rows)
        body = self._centred(stacked(rows, (TALL_ROW_GAP if tall else ROW_GAP) * self.size))
        if not mat.bracket:
            return body
        kinds = {"[": ("[", "]"), "(": ("(", ")"), "{": ("{",)}[mat.bracket]
        fences = [self._fence(kind, body) for kind in kinds]
        inner = 0.16 * self.size
        framed = beside([fences[0], body, *fences[1:]], [0.0, inner, inner])
        return self._with_size(framed, mat.elided) if mat.elided else framed

    def _cell(self, cell: Expr) -> Box:
        """Return a cell, on several lines where it would be too wide."""
        if not isinstance(cell, Row):
            return self.box(cell)
        terms = self.terms(cell)
        box = set_row(terms, self.size)
        if box.width <= self.cell_width:
            return box
        indent = 0.9 * self.size
        lines = [set_row(line, self.size) for line in broken(terms, self.size, self.cell_width, self.cell_width - indent)]
        return self._centred(stacked(lines, 0.12 * self.size, [0.0] + [indent] * (len(lines) - 1)))

    def _column(self, boxes: Sequence[Box], cells: Sequence[Expr], left: bool) -> list[Box]:
        """Return the cells of a column, equally wide: numbers aligned on the point, sums of the same build term under term.

        left: they are cases, of which each is a formula of its own and runs free.
        """
        rows = [cell for cell in cells if isinstance(cell, Row)]
        if not left and len(rows) == len(cells) and _same_build(rows) and max(box.width for box in boxes) <= self.cell_width:
            return self._aligned_sums(rows)
        return _aligned(boxes, left)

    def _aligned_sums(self, rows: Sequence[Row]) -> list[Box]:
        terms = [self.terms(row) for row in rows]
        columns: list[Sequence[Box]] = []
        ragged = False  # a bracket around some of the numbers would leave a hole after the others: from there on, lines run free
        for column in zip(*terms, strict=True):
            boxes = [t.box for t in column]
            ragged = ragged or len({len(box.children) for box in boxes}) > 1
            columns.append(boxes if ragged else _aligned(boxes, left=True))
        spaces = [g * self.size for g in gaps([t.kind for t in terms[0]])]
        rows_set = [beside(row, spaces) for row in zip(*columns, strict=True)]
        return _aligned(rows_set, left=True) if ragged else rows_set

    def _centred(self, box: Box) -> Box:
        """Return a box moved so that its middle stands on the axis."""
        above = box.height / 2 + AXIS * self.size
        return Box(box.width, above, box.height - above, (Child(0.0, box.ascent - above, box),))

    def _fence(self, kind: str, body: Box) -> Box:
        """Return a bracket as high as `body`, measured symmetrically around the axis."""
        axis = AXIS * self.size
        half = max(body.ascent - axis, body.descent + axis)
        width = self.size * {"[": 0.24, "]": 0.24, "{": 0.42}.get(kind, min(0.26 + 0.035 * half / self.size, 0.48))
        return Box(width, half + axis, half - axis, ink=FenceInk(kind, self.size))  # type: ignore[arg-type]

    def _with_size(self, framed: Box, size: tuple[int, int]) -> Box:
        """Return a matrix with its real size at its foot, where entries are left out."""
        small = replace(self, size=max(self.size * 0.62, self.smallest), result=False)
        label = small.text(f"{size[0]} × {size[1]}", role="dim", height=DIGITS)
        child = Child(framed.width + 0.12 * self.size, framed.descent - label.descent, label)
        return Box(child.x + label.width, framed.ascent, framed.descent, (Child(0.0, 0.0, framed), child))

    def _fraction(self, frac: Frac) -> Box:
        over, under = self._inner.box(frac.numerator), self._inner.box(frac.denominator)
        s, side = self.size, FRACTION_SIDE * self.size
        width = max(over.width, under.width) + 2 * side
        thick, space = RULE * s, FRACTION_GAP * s
        line = Box(width - side, thick, 0.0, ink=RuleInk())
        y_line = -AXIS * s + thick / 2
        y_over, y_under = y_line - thick - space - over.descent, y_line + space + under.ascent
        children = (
            Child((width - over.width) / 2, y_over, over),
            Child(side / 2, y_line, line),
            Child((width - under.width) / 2, y_under, under),
        )
        return Box(width, over.ascent - y_over, y_under + under.descent, children)

    def _function(self, fn: Fn) -> Box:
        argument = self.box(fn.argument)
        name = [self.atom(_name(fn.latex))] if fn.latex else []
        if name and isinstance(fn.argument, Mat) and fn.argument.bracket == "(":
            return beside([*name, argument], [0.0, 0.06 * self.size])  # the matrix brings the parentheses
        left, right = self._parentheses(argument)
        tall = self.size if isinstance(left.ink, FenceInk) else 0.0
        before = 0.16 * tall if fn.latex.endswith("'") else 0.0  # a prime stands where a tall parenthesis bends
        return beside([*name, left, argument, right], [0.0] * len(name) + [before, 0.08 * tall, 0.08 * tall])

    def _parentheses(self, argument: Box) -> tuple[Box, Box]:
        if argument.ascent <= 0.95 * self.size and argument.descent <= 0.36 * self.size:
            return self.text("("), self.text(")")
        return self._fence("(", argument), self._fence(")", argument)

    def _superscript(self, sup: Sup) -> Box:
        base = self.box(sup.base)
        script = replace(self, size=max(self.size * SCRIPT, self.smallest)).atom(sup.latex)
        up = max(0.4 * self.size, base.ascent - 0.36 * self.size)
        x = base.width + 0.05 * self.size
        ascent, descent = max(base.ascent, up + script.ascent), max(base.descent, script.descent - up)
        return Box(x + script.width, ascent, descent, (Child(0.0, 0.0, base), Child(x, -up, script)))


def _name(latex: str) -> str:
    """Return a function's name upright if it is a word: softmax, not s·o·f·t·m·a·x."""
    return f"\\mathrm{{{latex}}}" if latex.isalpha() and latex.isascii() and len(latex) > 1 else latex


def _guess(latex: str) -> tuple[float, float, float]:
    """Return about the size of a symbol that has not been typeset yet, in em."""
    letters = 0
    command = False
    for c in latex:
        letters += c.isalnum() and not command
        letters += c == "\\"
        command = c == "\\" or (command and c.isalpha())
    fraction = "frac" in latex
    return (0.3 * letters if fraction else 0.46 * max(letters, 1)), (1.35 if fraction else 0.8), (0.88 if fraction else 0.2)


def _same_build(rows: Sequence[Row]) -> bool:
    """Whether rows consist of the same operators at the same places, so that they can stand term under term."""
    return len({tuple(_build(item) for item in flat(row)) for row in rows}) == 1


def _build(item: Expr) -> tuple[str, str]:
    return type(item).__name__, item.symbol if isinstance(item, Op) else item.latex if isinstance(item, Fn) else ""


def _aligned(boxes: Sequence[Box], left: bool) -> list[Box]:
    """Return the boxes equally wide: those with a decimal point aligned on it, others centred (or from the left)."""
    before = max((b.point for b in boxes if b.point is not None), default=0.0)
    after = max((b.width - b.point for b in boxes if b.point is not None), default=0.0)
    width = max([before + after, *(b.width for b in boxes)])
    slack = (width - before - after) / 2
    result = []
    for b in boxes:
        x = 0.0 if left and b.point is None else (width - b.width) / 2 if b.point is None else before - b.point + (0 if left else slack)
        result.append(shifted(b, x, width))
    return result


def symbols(expr: Expr) -> Iterator[str]:
    """Return the symbols of a formula that have to be typeset."""
    if isinstance(expr, Sym):
        yield expr.latex
    elif isinstance(expr, Fn):
        yield from (_name(expr.latex),) if expr.latex else ()
        yield from symbols(expr.argument)
    elif isinstance(expr, Sup):
        yield from symbols(expr.base)
        yield expr.latex
    elif isinstance(expr, Frac):
        yield from symbols(expr.numerator)
        yield from symbols(expr.denominator)
    elif isinstance(expr, Mat | Row):
        parts = expr.items if isinstance(expr, Row) else (cell for row in expr.rows for cell in row)
        for part in parts:
            yield from symbols(part)
