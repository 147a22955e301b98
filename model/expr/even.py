"""Numbers that the chosen digits would show too little of: all entries of a matrix in one form, states with significant digits."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

import numpy as np

from model.expr.tree import MORE, SEEN, Equation, Expr, Fn, Frac, Mat, Num, NumberFormat, Row, Sup, exponent, is_unseen
from model.problem import Array

DIGITS = 15  # after the first one: a number has no more, however large it is


def even(expr: Expr, fmt: NumberFormat) -> Expr:
    """Return a formula whose matrices have one form of number each: more decimals for all where one entry would be lost."""
    if isinstance(expr, Mat):
        return _even_matrix(expr, fmt)
    if isinstance(expr, Row):
        return Row(tuple(even(item, fmt) for item in expr.items))
    if isinstance(expr, Fn):
        return Fn(expr.latex, even(expr.argument, fmt))
    if isinstance(expr, Sup):
        return Sup(even(expr.base, fmt), expr.latex)
    if isinstance(expr, Frac):
        return Frac(even(expr.numerator, fmt), even(expr.denominator, fmt))
    return expr


def evened(equation: Equation, fmt: NumberFormat) -> Equation:
    """Return an equation whose matrices have one form of number each."""
    return replace(equation, sides=tuple((kind, even(side, fmt)) for kind, side in equation.sides))


def _even_matrix(mat: Mat, fmt: NumberFormat) -> Mat:
    entries = [cell for line in mat.rows for cell in line if isinstance(cell, Num)]
    if fmt.decimals is None or len(entries) < 2 or not any(_is_lost(num, fmt) for num in entries):
        return mat
    places = _common(entries, fmt.decimals)
    return replace(
        mat, rows=tuple(tuple(replace(cell, places=places) if isinstance(cell, Num) else cell for cell in line) for line in mat.rows)
    )


def _is_lost(num: Num, fmt: NumberFormat) -> bool:
    return num.places is not None or (not num.exact and (is_unseen(num.value, fmt) or abs(num.value) >= 1e15))


def _common(entries: list[Num], decimals: int) -> int:
    """Return the places by which the smallest entry is seen; scientific, with the digits the largest had, where they are many."""
    exponents = [exponent(num.value) for num in entries if num.value != 0 and isfinite(num.value)] or [0]
    fixed = [num.places for num in entries if num.places is not None and num.places >= 0]
    wanted = max([decimals, SEEN - 1 - min(exponents), *fixed])
    if wanted <= decimals + MORE and max(exponents) < 15 and not any((num.places or 0) < 0 for num in entries):
        return wanted
    return -max([2, min(decimals + max(exponents), DIGITS), *(-num.places for num in entries if num.places is not None)])


def scale(values: Array, decimals: int | None, digits: int = 0) -> int | None:
    """Return the places by which the smallest of the values of one quantity is seen, None where the chosen decimals do.

    digits: significant digits that it has to have in any case; scientific form has them of each.
    """
    seen = np.abs(values[np.isfinite(values) & (values != 0)])
    if decimals is None or decimals < 0 or not seen.size:
        return None
    least, most = float(seen.min()), float(seen.max())
    if not digits and not is_unseen(least, NumberFormat(decimals)):
        return None
    wanted = (digits or SEEN) - 1 - exponent(least)
    if wanted <= decimals:
        return None
    return wanted if wanted <= decimals + MORE and most < 1e15 else -min(max(2, (digits or decimals + exponent(most) + 1) - 1), DIGITS)
