"""Turning a worked step into a question: the symbol and its rule stay, what is to be found becomes room to write."""

from __future__ import annotations

import re

from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Num, Op, Row, Sup, Text

GAP = Mat(((Text(" "),), (Text("…………"),)), "")  # an empty line above the dots, high enough for handwriting
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_DECIMAL = re.compile(r"\d[.,]\d")


def blanked(equation: Equation) -> Equation:
    """Return the equation as a question: symbol, symbolic rule, and an empty result of the same shape; no remark about digits.

    Numbers that stand inside a rule, such as the gradient in W − c·(…), are results as well and are emptied.
    """
    given, asked = ("symbol", "rule"), [("numbers", _emptied(side)) for kind, side in equation.sides if kind == "result"]
    rules = [(kind, side if kind == "symbol" else _emptied(side)) for kind, side in equation.sides if kind in given]
    return Equation((*rules, *asked))  # type: ignore[arg-type]


def _emptied(expr: Expr) -> Expr:
    """Return the formula with every computed number replaced by room to write; constants of the rule, such as 1 or ½, stay."""
    if isinstance(expr, Num):
        return expr if expr.ref is None or expr.ref.quantity in ("one", "x") else GAP
    if isinstance(expr, Row):
        return Row(tuple(_emptied(item) for item in expr.items))
    if isinstance(expr, Mat):
        return Mat(tuple(tuple(_cell(cell) for cell in row) for row in expr.rows), expr.bracket, expr.elided)
    if isinstance(expr, Frac):
        return Frac(_emptied(expr.numerator), _emptied(expr.denominator))
    if isinstance(expr, Fn):
        return Fn(expr.latex, _emptied(expr.argument))
    if isinstance(expr, Sup):
        return Sup(_emptied(expr.base), expr.latex)
    return expr


def _cell(cell: Expr) -> Expr:
    return cell if isinstance(cell, Op) else _emptied(cell)


def blanked_words(text: str) -> str:
    """Return the sentences that give no number away."""
    return " ".join(sentence for sentence in _SENTENCE.split(text) if not _DECIMAL.search(sentence))
