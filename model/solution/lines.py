"""Equations in LaTeX, broken into aligned lines that fit a page: widths are estimated, because only TeX knows them exactly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from model.expr.latex import labelled, latex_of, number_latex
from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Num, NumberFormat, Op, Row, Sym, Text

_DIGIT, _LETTER, _SCRIPT = 0.5, 0.62, 0.7
_RELATION, _COLUMN_GAP, _FENCE = 1.3, 1.0, 0.5
_NUMBER, _FRAME = 3.5, 0.8
_WIDE = {"+", "−", "⊙", "×"}
_BREAKS = ("+", "−", "·", "×", "⊙")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_PADDED = re.compile(r"[-0-9.,{}]+")
_SCRIPTED = re.compile(r"[_^]\{([^{}]*)\}")


class Piece(NamedTuple):
    """A part of a side: its source, its width in em, and whether a line may break before it."""

    latex: str
    width: float
    breaks: bool = False


class _Line(NamedTuple):
    """relation: it begins with "=", otherwise it goes on with the side above."""

    relation: bool
    pieces: tuple[Piece, ...]


def width_of(expr: Expr, fmt: NumberFormat) -> float:
    """Return about how wide a formula is set, in em; rather too much than too little."""
    if isinstance(expr, Num):
        text = number_latex(expr, fmt)
        digits = _DIGIT * len(re.sub(r"\\[a-z]+|[{}^ ]", "", text)) + (0.8 if "cdot" in text else 0.0)
        return digits + (0.28 + 2 * 0.39 * expr.bracket if expr.value < 0 else 0.0)
    if isinstance(expr, Sym):
        return _symbol_width(expr.latex)
    if isinstance(expr, Op):
        return {",": 0.8, "/": 0.5, "·": 0.75}.get(expr.symbol, 1.25 if expr.symbol in _WIDE else 1.2)
    if isinstance(expr, Text):
        return 0.5 * len(expr.text)
    if isinstance(expr, Row):
        return sum(width_of(item, fmt) for item in expr.items)
    if isinstance(expr, Mat):
        columns = [max(width_of(cell, fmt) for cell in column) for column in zip(*expr.rows, strict=True)]
        return sum(columns) + _COLUMN_GAP * (len(columns) - 1) + 2 * _FENCE * bool(expr.bracket)
    if isinstance(expr, Frac):
        return max(width_of(expr.numerator, fmt), width_of(expr.denominator, fmt)) + 0.3
    if isinstance(expr, Fn):
        return _symbol_width(expr.latex) + width_of(expr.argument, fmt) + 2 * _FENCE
    return width_of(expr.base, fmt) + 0.6


def _symbol_width(latex: str) -> float:
    latex = latex.replace(r"\phantom", "")
    if _PADDED.fullmatch(latex):
        return _DIGIT * len(re.sub("[{}]", "", latex))
    fraction = re.fullmatch(r"\\frac\{(.*)\}\{(.*)\}", latex)
    if fraction:
        return max(_symbol_width(fraction[1]), _symbol_width(fraction[2])) + 0.3
    scripts = _SCRIPTED.findall(latex)
    base = _COMMAND.sub("x", _SCRIPTED.sub("", latex))
    letters = sum(c.isalnum() for c in base)
    marks = sum(c in "()[]|+-=" for c in base) * 0.45
    return _LETTER * letters + marks + max((_SCRIPT * 0.62 * len(_COMMAND.sub("x", s)) for s in scripts), default=0.0)


def broken_latex(equation: Equation, fmt: NumberFormat, limit: float) -> str:
    """Return an equation as the inside of a display: on one line, or as `aligned` lines of at most about `limit` em."""
    limit -= (_NUMBER if equation.number else 0.0) + (_FRAME if equation.boxed else 0.0)
    return labelled(_broken(equation, fmt, limit), equation)


def _broken(equation: Equation, fmt: NumberFormat, limit: float) -> str:
    sides = [aligned(expr, fmt) for _, expr in equation.sides]
    widths = [width_of(expr, fmt) for expr in sides]
    if sum(widths) + _RELATION * (len(sides) - 1) <= limit:
        return " = ".join(latex_of(expr, fmt) for expr in sides)
    head = latex_of(sides[0], fmt)
    lines = list(_lines(sides[1:] or sides[:1], fmt, limit - (widths[0] if len(sides) > 1 else 0.0)))
    first = f"{head} &" if len(sides) > 1 else "&"
    rows = [first + _written(lines[0], len(sides) > 1), *("&" + _written(line, True) for line in lines[1:])]
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _written(line: _Line, has_relation: bool) -> str:
    body = " ".join(piece.latex for piece in line.pieces)
    return f"= {body}" if line.relation and has_relation else rf"\quad {{}} {body}" if not line.relation else body


def _lines(sides: Sequence[Expr], fmt: NumberFormat, room: float) -> Iterator[_Line]:
    """Yield one line per side, several for a side that is too long."""
    for side in sides:
        pieces = _pieces(side, fmt, room)
        for i, part in enumerate(_filled(pieces, room - _RELATION)):
            yield _Line(i == 0, tuple(part))


def _filled(pieces: Sequence[Piece], room: float) -> Iterator[list[Piece]]:
    """Put pieces on lines of at most `room` em, broken only where a piece allows it."""
    groups: list[list[Piece]] = []
    for piece in pieces:
        if piece.breaks or not groups:
            groups.append([])
        groups[-1].append(piece)
    line: list[Piece] = []
    for group in groups:
        used = sum(piece.width for piece in line)
        if line and used + sum(piece.width for piece in group) > room:
            yield line
            line = []
        line = [*line, *group]
    yield line


def _pieces(expr: Expr, fmt: NumberFormat, room: float) -> list[Piece]:
    """Return the parts of a side; what is longer than a line is taken apart further."""
    items = expr.items if isinstance(expr, Row) else (expr,)
    whole = sum(width_of(item, fmt) for item in items)
    if whole <= room:
        return [Piece(latex_of(expr, fmt), whole)]
    pieces: list[Piece] = []
    for item in items:
        pieces += _parts_of(item, fmt, room, bool(pieces))
    return pieces


def _parts_of(item: Expr, fmt: NumberFormat, room: float, inside: bool) -> list[Piece]:
    width = width_of(item, fmt)
    if isinstance(item, Op):
        return [Piece(latex_of(item, fmt).strip(), width, inside and item.symbol in _BREAKS)]
    if isinstance(item, Row) and width > room:
        return _pieces(item, fmt, room)
    if isinstance(item, Fn) and isinstance(item.argument, Row) and width > room:
        return [Piece(rf"{item.latex}\bigl(", 0.9), *_pieces(item.argument, fmt, room), Piece(r"\bigr)", 0.5)]
    return [Piece(latex_of(item, fmt), width)]


def aligned(expr: Expr, fmt: NumberFormat) -> Expr:
    """Return the formula with the numbers of each matrix column padded invisibly, so that their points stand below each other."""
    if isinstance(expr, Row):
        return Row(tuple(aligned(item, fmt) for item in expr.items))
    if isinstance(expr, Fn):
        return Fn(expr.latex, aligned(expr.argument, fmt))
    if not isinstance(expr, Mat):
        return expr
    columns = [_column(column, fmt) for column in zip(*expr.rows, strict=True)]
    return Mat(tuple(zip(*columns, strict=True)), expr.bracket, expr.elided)


def _column(cells: tuple[Expr, ...], fmt: NumberFormat) -> tuple[Expr, ...]:
    texts = [number_latex(cell, fmt) if isinstance(cell, Num) else "" for cell in cells]
    if len(cells) < 2 or any("\\" in text for text in texts) or not all(isinstance(cell, Num | Op) for cell in cells):
        return cells
    point = "{,}" if fmt.comma else "."
    parts = [text.partition(point) for text in texts]
    before, after = max(len(head) for head, _, _ in parts), max(len(tail) for _, _, tail in parts)
    return tuple(
        Sym(_padded(head, tail, before, after, point), cell.ref) if isinstance(cell, Num) else cell
        for cell, (head, _, tail) in zip(cells, parts, strict=True)
    )


def _padded(head: str, tail: str, before: int, after: int, point: str) -> str:
    """Return a number as wide as `before` digits, the point and `after` digits; a minus counts as one digit, which it nearly is."""
    left = "" if len(head) == before else rf"\phantom{{{_ghost(before - len(head))}}}"
    missing = ("" if tail or not after else point) + "0" * (after - len(tail))
    return f"{left}{head}{point + tail if tail else ''}" + (rf"\phantom{{{missing}}}" if missing else "")


def _ghost(count: int) -> str:
    return "-" + "0" * (count - 1)
