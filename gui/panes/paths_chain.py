"""The chain from the loss to a weight in the width that there is: broken after a factor where its letters would be too small. No Qt."""

from __future__ import annotations

from dataclasses import replace

from gui.formula.boxes import Metrics
from gui.formula.lines import FormulaStyle, layout_equation
from model.expr.tree import Equation, Explanation, Mat, NumberFormat, Text

EVEN = 0.78  # of their usual size: letters may be so much smaller before the chain is broken


def chain_in_lines(told: Explanation, fmt: NumberFormat, style: FormulaStyle, width: float, metrics: Metrics) -> Explanation:
    """Return an explanation with every bare table of factors on as many lines as it needs, `width` pixels wide."""
    equations = [part for one in told.equations for part in _lines(one, fmt, style, width, metrics)]
    return told if len(equations) == len(told.equations) else replace(told, equations=tuple(equations))


def bare_chain(told: Explanation) -> Explanation:
    """Return a chain without what is said above and below its factors, and with its left side once, as a low pane has room for it."""
    return replace(told, caption="", equations=tuple(_bare(one) for one in told.equations))


def _bare(equation: Equation) -> Equation:
    table = equation.sides[0][1]
    first = Mat(table.rows[:1], "") if isinstance(table, Mat) and not table.bracket else Text("")
    return replace(equation, sides=((equation.sides[0][0], first), *equation.sides[1:]))


def _lines(equation: Equation, fmt: NumberFormat, style: FormulaStyle, width: float, metrics: Metrics) -> list[Equation]:
    table = equation.sides[0][1]
    if len(equation.sides) > 1 or not isinstance(table, Mat) or table.bracket:
        return [equation]
    parts, begin, count = [], 0, len(table.rows[0])
    while begin < count:
        tried = ((end, _columns(equation, table, begin, end)) for end in range(count, begin, -1))
        begin, part = next((end, part) for end, part in tried if end == begin + 1 or _fits(part, fmt, style, width, metrics))
        parts.append(part)
    return parts


def _columns(equation: Equation, table: Mat, begin: int, end: int) -> Equation:
    return replace(equation, sides=((equation.sides[0][0], Mat(tuple(line[begin:end] for line in table.rows), "")),))


def _fits(equation: Equation, fmt: NumberFormat, style: FormulaStyle, width: float, metrics: Metrics) -> bool:
    found = layout_equation(equation, fmt, style, width, metrics)
    return found.size >= EVEN * style.size and found.width <= width
