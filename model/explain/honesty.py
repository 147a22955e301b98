"""Remarks that a displayed equation owes its reader: where printed digits give another result, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isclose, isfinite
from typing import TYPE_CHECKING

import numpy as np

from model.activations import ACTIVATIONS
from model.drift import MORE_DECIMALS
from model.expr.tree import Expr, Fn, Frac, Mat, Num, NumberFormat, Row, Sup, format_number, format_of, number_text
from model.expr.value import Functions, evaluate, printed_value
from model.problem import Array, Rounding
from model.rounding import rounded

if TYPE_CHECKING:
    from model.explain.parts import Side, Writer

_NOISE_DECIMALS = 14
ROUNDED_FIRST = "Each number is rounded before the next is formed from it: with the printed digits only the last side gives the result."


def honesty(w: Writer, sides: Sequence[Side], l: int) -> list[str]:
    """Return what has to be said beside an equation of layer l (0: of none) whose last side is its result; mostly nothing."""
    results = [side for kind, side in sides if kind == "result"]
    numbers = [side for kind, side in sides if kind == "numbers"]
    if not results or not numbers:
        return []
    result, share = _shared(results[-1])
    wanted = _flat(result)
    strange = _strange(wanted)
    if strange:
        return [strange]
    functions = functions_of(w, l)
    found = [evaluate(side, w.moment.fmt, functions) for side in numbers]
    comparable = [value / share for value in found if value is not None and value.size == len(wanted)]
    comparable = [_cancelled(values, wanted, w.problem.rounding) for values in comparable]
    if not w.problem.rounding:
        return _printed(w, comparable, wanted)
    hidden = any(_hides(side, w.moment.fmt) for side in numbers)
    return _rounded(w, comparable, wanted, hidden)


def _cancelled(values: Array, wanted: list[Num], rounding: Rounding | None) -> Array:
    """Return values with 0 where terms cancel on paper and leave a trace in doubles, as 0.2 · 0.3 − 0.06 does."""
    carried = 0 if rounding is None else rounding.decimals
    trace = 10.0 ** -max(_NOISE_DECIMALS, 2 * carried)  # a product of two numbers as they are carried is no trace
    zero = np.array([num.value == 0 for num in wanted]).reshape(values.shape)
    return np.where(zero & (np.abs(values) < trace), 0.0, values)


def _shared(result: Expr) -> tuple[Expr, float]:
    """Return what a factor such as 1/3 before a result multiplies, and that factor: the digits to compare are those behind it."""
    if isinstance(result, Row) and isinstance(front := result.items[0], Frac):
        top, bottom = front.numerator, front.denominator
        if isinstance(top, Num) and isinstance(bottom, Num):
            return result.items[-1], top.value / bottom.value
    return result, 1.0


def _printed(w: Writer, found: list[Array], wanted: list[Num]) -> list[str]:
    """Return the remark on the last side whose printed digits print otherwise than the result, which has full precision."""
    for values in reversed(found):
        difference = _difference(values, wanted, w.moment.fmt, w.moment.fmt)
        if difference:
            return ["Computed with full precision; with the printed digits " + difference]
    return []


def _rounded(w: Writer, found: list[Array], wanted: list[Num], hidden: bool) -> list[str]:
    """Return the remark on the last side, which is what was rounded, and another if an earlier side leads elsewhere.

    hidden: whether given numbers, which are not rounded, have more digits than are shown.
    """
    rounding, fmt = w.problem.rounding, w.moment.fmt
    if not found or rounding is None:
        return []
    how = {"half_even": "ties to even", "half_up": "ties away from 0", "truncate": "cut off"}[rounding.mode]
    fewer = fmt.decimals is not None and fmt.decimals < rounding.decimals
    said, before = (
        fmt,
        f"Rounded to {rounding.decimals} decimals ({how}) and carried on so, though fewer are shown; with the printed digits ",
    )
    if hidden and not fewer:
        difference = _difference(found[-1], wanted, fmt, fmt)
        return [f"Given numbers have more digits than are shown; with the printed ones {difference}"] if difference else []
    if not fewer:  # more digits than are carried, or nothing would be said
        said = replace(fmt, decimals=None if fmt.decimals is None else min(max(fmt.decimals, rounding.decimals + MORE_DECIMALS), 15))
        before = f"Rounded to {rounding.decimals} decimals ({how}) and carried on so; with the printed digits and no rounding "
    difference = _difference(found[-1], wanted, fmt, said)
    remarks = [before + difference] if difference else []
    elsewhere = [values for values in found[:-1] if _difference(rounded(values, rounding) if difference else values, wanted, fmt, fmt)]
    return [*remarks, ROUNDED_FIRST] if elsewhere else remarks


def terms_note(w: Writer, terms: Sequence[float], shown: float) -> str:
    """Return what has to be said of a sum whose terms, shown one at a time, have been rounded apart from it; mostly nothing."""
    rounding, fmt = w.problem.rounding, w.moment.fmt
    if rounding is None:
        return ""
    total = np.asarray(rounded(np.array(terms), rounding).sum())
    apart = format_number(float(rounded(total, rounding)), fmt)
    return "" if apart == format_number(shown, fmt) else f"The terms are added up before they are rounded: rounded ones would give {apart}."


def _difference(found: Array, wanted: list[Num], fmt: NumberFormat, said: NumberFormat) -> str:
    """Return which entry prints otherwise (in `fmt`) and what it would be (in `said`); "" if none does."""
    values = [float(v) for v in found.ravel()]
    pairs = list(zip(values, wanted, strict=True))
    different = [i for i, (v, num) in enumerate(pairs) if format_number(v, format_of(num, fmt)) != number_text(num, fmt)]
    if not different:
        return ""
    i = different[0]
    text = format_number(values[i], format_of(wanted[i], said))
    if len(wanted) == 1:
        return f"it would be {text}."
    columns = found.shape[1] if found.ndim == 2 else 1
    where = f"entry {i + 1}" if columns == 1 else f"entry ({i // columns + 1}, {i % columns + 1})"
    more = f", and {len(different) - 1} more would differ" if len(different) > 1 else ""
    return f"{where} would be {text}{more}."


def _hides(expr: Expr, fmt: NumberFormat) -> bool:
    """Say whether a number in a formula has more digits than are shown of it."""
    if isinstance(expr, Num):
        return (
            not expr.exact
            and isfinite(expr.value)
            and not isclose(expr.value, printed_value(expr.value, format_of(expr, fmt)), abs_tol=1e-12)
        )
    if isinstance(expr, Frac):
        return _hides(expr.numerator, fmt) or _hides(expr.denominator, fmt)
    if isinstance(expr, Fn):
        return _hides(expr.argument, fmt)
    if isinstance(expr, Sup):
        return _hides(expr.base, fmt)
    parts = expr.items if isinstance(expr, Row) else [cell for line in expr.rows for cell in line] if isinstance(expr, Mat) else ()
    return any(_hides(part, fmt) for part in parts)


def _strange(result: list[Num]) -> str:
    values = [num.value for num in result]
    if any(np.isnan(v) for v in values):
        return "The value is undefined here: the factors give 0 · ∞ or ∞ − ∞, which is no number."
    if any(np.isinf(v) for v in values):
        return "The value is infinite here: the function has no finite value or slope at this point."
    return ""


def functions_of(w: Writer, l: int) -> Functions:
    """Return the activation of layer l and its slope by their LaTeX, for evaluating what is displayed."""
    if not 0 < l <= w.problem.depth:
        return {}
    activation = ACTIVATIONS[w.problem.activations[l - 1]]

    def value(v: Array) -> Array:
        rows = np.atleast_2d(np.asarray(v, dtype=np.float64))
        by_row = activation.elementwise or (w.in_rows and w.batch)
        z = np.ascontiguousarray(rows if by_row else rows.T)
        out = np.empty_like(z)
        activation.value(z, out)
        return (out if by_row else out.T).reshape(np.shape(v))

    def slope(v: Array) -> Array:
        z = np.atleast_2d(np.asarray(v, dtype=np.float64))
        a, out = np.empty_like(z), np.empty_like(z)
        activation.value(z, a)
        activation.slope(z, a, out)
        return out.reshape(np.shape(v))

    name = w.phi(l)
    return {name: value, name + "'": slope}


def _flat(expr: Expr) -> list[Num]:
    if isinstance(expr, Num):
        return [expr]
    if isinstance(expr, Mat):
        return [cell for line in expr.rows for cell in line if isinstance(cell, Num)]
    return []
