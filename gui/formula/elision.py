"""Leaves out the middle of matrices for which there is no room, marked by dots and the real size. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Op, Row, Sup

LEAST = 3  # rows or columns that a matrix keeps: the first, dots, the last
WHOLE = 4  # rows and columns that are never left out


def elided(equation: Equation, rows: int, columns: int) -> Equation:
    """Return an equation whose matrices have at most about this many rows and columns, dots among them; small ones stay whole."""
    sides = tuple((kind, _elided(side, max(rows, LEAST), max(columns, LEAST))) for kind, side in equation.sides)
    return replace(equation, sides=sides)


def largest(equation: Equation) -> tuple[int, int]:
    """Return the most rows and the most columns of the matrices that have more than are always shown; 0 where none has."""
    sizes = [(len(mat.rows), len(mat.rows[0])) for _, side in equation.sides for mat in _matrices(side)]
    return max((n for n, _ in sizes if n > WHOLE), default=0), max((n for _, n in sizes if n > WHOLE), default=0)


def _matrices(expr: Expr) -> list[Mat]:
    if isinstance(expr, Mat):
        return [expr] if _plain(expr) else []
    inner: tuple[Expr, ...] = ()
    if isinstance(expr, Row):
        inner = expr.items
    elif isinstance(expr, Fn | Sup):
        inner = (expr.argument if isinstance(expr, Fn) else expr.base,)
    return [mat for part in inner for mat in _matrices(part)]


def _plain(mat: Mat) -> bool:
    """Whether this is a matrix of numbers rather than cases or a table of words."""
    return mat.bracket in ("[", "(")


def _elided(expr: Expr, rows: int, columns: int) -> Expr:
    if isinstance(expr, Row):
        return Row(tuple(_elided(item, rows, columns) for item in expr.items))
    if isinstance(expr, Fn):
        return replace(expr, argument=_elided(expr.argument, rows, columns))
    if isinstance(expr, Sup):
        return replace(expr, base=_elided(expr.base, rows, columns))
    if isinstance(expr, Frac):
        return Frac(_elided(expr.numerator, rows, columns), _elided(expr.denominator, rows, columns))
    return _matrix(expr, rows, columns) if isinstance(expr, Mat) and _plain(expr) else expr


def _matrix(mat: Mat, rows: int, columns: int) -> Mat:
    size = mat.elided or (len(mat.rows), len(mat.rows[0]))
    down, across = _kept(len(mat.rows), rows), _kept(len(mat.rows[0]), columns)
    if (len(down), len(across)) == (len(mat.rows), len(mat.rows[0])):
        return mat
    body = tuple(tuple(_cell(mat, i, j) for j in across) for i in down)
    return replace(mat, rows=body, elided=size)


def _kept(count: int, most: int) -> Sequence[int]:
    """Return the places that are kept, -1 for the dots."""
    return range(count) if count <= max(most, WHOLE) else (*range(most - 2), -1, count - 1)


def _cell(mat: Mat, i: int, j: int) -> Expr:
    if i >= 0 and j >= 0:
        return mat.rows[i][j]
    crossed = (i < 0 and j < 0) or (i >= 0 and mat.rows[i][0] == Op("⋮")) or (j >= 0 and mat.rows[0][j] == Op("⋯"))
    return Op("⋱" if crossed else "⋮" if i < 0 else "⋯")
