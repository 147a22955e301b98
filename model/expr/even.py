"""Numbers that the chosen digits would show too little of: all entries of a matrix in one form, states with significant digits."""

from __future__ import annotations

from dataclasses import replace
from math import floor, isfinite, log10

from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Num, NumberFormat, Row, Sup, format_number

_SEEN = 2  # significant digits that the smallest entry of a matrix is shown with
_MORE = 4  # decimals that may be added to the chosen ones before scientific form is easier to read


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
    return num.places is not None or (not num.exact and "e" in format_number(num.value, fmt))


def _common(entries: list[Num], decimals: int) -> int:
    """Return the places by which the smallest entry is seen; scientific, with the digits the largest had, where they are many."""
    exponents = [_exponent(num.value) for num in entries if num.value != 0 and isfinite(num.value)] or [0]
    fixed = [num.places for num in entries if num.places is not None and num.places >= 0]
    wanted = max([decimals, _SEEN - 1 - min(exponents), *fixed])
    if wanted <= decimals + _MORE and max(exponents) < 15 and not any((num.places or 0) < 0 for num in entries):
        return wanted
    return -max([2, decimals + max(exponents), *(-num.places for num in entries if num.places is not None)])


def significant(value: float, digits: int, decimals: int | None) -> int | None:
    """Return the places that show at least so many significant digits of a number, None where the chosen decimals do."""
    if decimals is None or value == 0 or not isfinite(value):
        return None
    wanted = digits - 1 - _exponent(value)
    if wanted <= decimals:
        return None
    return wanted if wanted <= decimals + _MORE else 1 - digits


def _exponent(value: float) -> int:
    return floor(log10(abs(value)))
