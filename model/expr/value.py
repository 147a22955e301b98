"""Evaluate a displayed formula from its printed digits alone: what a reader with a calculator would get."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from model.expr.tree import Expr, Fn, Frac, Mat, Num, NumberFormat, Op, Row, Sup, format_of, raw_number
from model.problem import Array

Functions = Mapping[str, Callable[[Array], Array]]
_PRECEDENCE = {"+": 1, "−": 1, "·": 2, "×": 2, "⊙": 2, "/": 2}
_BUILT_IN: dict[str, Callable[[Array], Array]] = {
    "": lambda v: v,
    "\\exp": np.exp,
    "\\ln": np.log,
    "\\log": np.log,
    "\\tanh": np.tanh,
    "\\surd": np.sqrt,
    "\\Phi": lambda v: np.asarray(0.5 * (1.0 + math.erf(float(v) / math.sqrt(2.0)))),
}


class NotNumbers(Exception):
    """The formula has a symbol, words or left-out entries in it."""


def printed_value(value: float, fmt: NumberFormat) -> float:
    """Return what a number is worth once it is printed."""
    text = raw_number(value, fmt).replace(",", ".").replace("−", "-").replace("∞", "inf")
    return float("nan") if text == "undefined" else float(text)


def evaluate(expr: Expr, fmt: NumberFormat, functions: Functions | None = None) -> Array | None:
    """Return the value of `expr`, a number () or matrix (rows, columns), from printed digits; None if it is not all numbers.

    functions: the layer's activation and slope by their LaTeX, such as "\\varphi".
    """
    try:
        with np.errstate(all="ignore"):
            return _value(expr, fmt, {**_BUILT_IN, **(functions or {})})
    except NotNumbers:
        return None


def _value(expr: Expr, fmt: NumberFormat, functions: Functions) -> Array:
    if isinstance(expr, Num):
        return np.asarray(expr.value if expr.exact else printed_value(expr.value, format_of(expr, fmt)))
    if isinstance(expr, Row):
        return _row(list(expr.items), fmt, functions)
    if isinstance(expr, Frac):
        return np.asarray(_value(expr.numerator, fmt, functions) / _value(expr.denominator, fmt, functions))
    if isinstance(expr, Fn):
        return _function(expr, fmt, functions)
    if isinstance(expr, Sup):
        return _superscript(_value(expr.base, fmt, functions), expr.latex)
    if isinstance(expr, Mat) and expr.bracket != "{" and expr.elided is None:
        return np.array([[_scalar(_value(cell, fmt, functions)) for cell in row] for row in expr.rows])
    raise NotNumbers


def _scalar(value: Array) -> float:
    if value.size != 1:
        raise NotNumbers
    return float(value.ravel()[0])


def _function(expr: Fn, fmt: NumberFormat, functions: Functions) -> Array:
    if expr.latex == "\\max" and isinstance(expr.argument, Row):
        numbers = [_value(item, fmt, functions) for item in expr.argument.items if not isinstance(item, Op)]
        return np.asarray(max(float(n) for n in numbers))
    if expr.latex not in functions:
        raise NotNumbers
    return np.asarray(functions[expr.latex](_value(expr.argument, fmt, functions)))


def _superscript(base: Array, latex: str) -> Array:
    if latex == "T":
        return base.T
    if latex.isdecimal():
        return np.asarray(base ** int(latex))
    raise NotNumbers


def _row(items: list[Expr], fmt: NumberFormat, functions: Functions) -> Array:
    value, rest = _sum(items, fmt, functions, 0)
    if rest:
        raise NotNumbers
    return value


def _sum(items: list[Expr], fmt: NumberFormat, functions: Functions, level: int) -> tuple[Array, list[Expr]]:
    """Parse and evaluate operators binding tighter than `level`; neighbours without an operator are multiplied."""
    if not items:
        raise NotNumbers
    head, rest = items[0], items[1:]
    if isinstance(head, Op):
        if head.symbol not in "−+":
            raise NotNumbers
        value, rest = _sum(rest, fmt, functions, 1)
        value = -value if head.symbol == "−" else value
    else:
        value = _value(head, fmt, functions)
    while rest:
        symbol = rest[0].symbol if isinstance(rest[0], Op) else "·"
        binding = _PRECEDENCE.get(symbol)
        if binding is None:
            raise NotNumbers
        if binding <= level:
            break
        right, rest = _sum(rest[1:] if isinstance(rest[0], Op) else rest, fmt, functions, binding)
        value = _combine(symbol, value, right)
    return value, rest


def _combine(symbol: str, left: Array, right: Array) -> Array:
    if symbol == "+":
        return np.asarray(left + right)
    if symbol == "−":
        return np.asarray(left - right)
    if symbol == "/":
        return np.asarray(left / right)
    if symbol != "⊙" and left.ndim == 2 and right.ndim == 2:
        return np.asarray(left @ right)
    return np.asarray(left * right)
