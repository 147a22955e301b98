"""Takes out of a formula what says nothing: brackets round a lone number, and sides that print like the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from model.expr.tree import Expr, Fn, Frac, Mat, Num, NumberFormat, Op, Row, Sup, is_bare, number_text

Kind = TypeVar("Kind", bound=str)


def tidy(expr: Expr, fmt: NumberFormat) -> Expr:
    """Return a formula without brackets in brackets and without brackets round a number that needs none."""
    if isinstance(expr, Row):
        return _row([tidy(item, fmt) for item in expr.items], fmt)
    if isinstance(expr, Mat):
        return replace(expr, rows=tuple(tuple(_bare(tidy(cell, fmt)) for cell in line) for line in expr.rows))
    if isinstance(expr, Frac):
        return Frac(_bare(_plain(tidy(expr.numerator, fmt), fmt)), _bare(_plain(tidy(expr.denominator, fmt), fmt)))
    if isinstance(expr, Fn):
        return Fn(expr.latex, _bare(tidy(expr.argument, fmt)))
    if isinstance(expr, Sup):
        return Sup(_plain(tidy(expr.base, fmt), fmt), expr.latex)
    return expr


def _row(items: list[Expr], fmt: NumberFormat) -> Expr:
    """Return items side by side; a bracket between operators goes if a lone number or, as a factor, a product is in it."""
    result: list[Expr] = []
    for i, item in enumerate(items):
        after_comma = i > 0 and items[i - 1] == Op(",")
        alone = all(isinstance(neighbour, Op) for neighbour in (*items[max(i - 1, 0) : i], *items[i + 1 : i + 2]))
        result.append(_bare(item) if after_comma else _plain(item, fmt) if alone else item)
    return Row(tuple(result)) if len(result) != 1 else result[0]


def _bare(expr: Expr) -> Expr:
    """Return a number without its own brackets, where something else encloses it already."""
    return replace(expr, bracket=False) if isinstance(expr, Num) else expr


def _plain(expr: Expr, fmt: NumberFormat) -> Expr:
    """Return the number alone that is in a pair of brackets it does not need."""
    inner = expr.argument if isinstance(expr, Fn) and not expr.latex else None
    return inner if isinstance(inner, Num) and is_bare(inner, fmt) else expr


def distinct(sides: Sequence[tuple[Kind, Expr]], fmt: NumberFormat) -> list[tuple[Kind, Expr]]:
    """Return the sides of an equation without those that print like the next one; the symbol stays."""
    plain = replace(fmt, trailing_zeros=False)
    return [side for i, side in enumerate(sides) if i == 0 or i + 1 == len(sides) or not _alike(side[1], sides[i + 1][1], plain)]


def _alike(one: Expr, other: Expr, fmt: NumberFormat) -> bool:
    if isinstance(one, Num) and isinstance(other, Num):
        return number_text(one, fmt) == number_text(other, fmt)
    if isinstance(one, Mat) and isinstance(other, Mat):
        same_shape = [len(line) for line in one.rows] == [len(line) for line in other.rows]
        pairs = zip((c for line in one.rows for c in line), (c for line in other.rows for c in line), strict=False)
        return same_shape and all(_alike(a, b, fmt) for a, b in pairs)
    return one == other
