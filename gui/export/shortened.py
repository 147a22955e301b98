"""A step that is too long for its place on a page: equations from its middle give way to dots, so that the others stay legible. No Qt."""

from __future__ import annotations

from dataclasses import replace

from gui.formula.boxes import Metrics
from gui.formula.lines import FormulaStyle
from gui.formula.page import BoardStep, layout_step
from model.expr.tree import Equation, NumberFormat, Text

LEAST = 0.7  # share of their full size that letters keep at least, as long as something can be left out
DOTS = Equation((("symbol", Text("⋮")),))


def shortened(step: BoardStep, fmt: NumberFormat, style: FormulaStyle, width: float, height: float, metrics: Metrics) -> BoardStep:
    """Return the step with all equations, or without as many from its middle as is needed. The first and the last one stay."""
    told = step.explanation
    equations = told.equations
    while len(equations) > 3 and not _fits(step, fmt, style, width, height, metrics):
        equations = without_middle(equations)
        step = step._replace(explanation=replace(told, equations=equations))
    return step


def _fits(step: BoardStep, fmt: NumberFormat, style: FormulaStyle, width: float, height: float, metrics: Metrics) -> bool:
    return layout_step(step, fmt, style, width / LEAST, metrics).height * LEAST <= height


def without_middle(equations: tuple[Equation, ...]) -> tuple[Equation, ...]:
    """Leave out one equation beside the dots that stand for those left out already, whatever was said about their number."""
    at = next((i for i, equation in enumerate(equations) if _is_dots(equation)), None)
    if at is None:
        middle = len(equations) // 2
        return (*equations[:middle], DOTS, *equations[middle + 1 :])
    before = at - 1 >= len(equations) - 1 - at or at + 2 >= len(equations)
    return (*equations[: at - 1], DOTS, *equations[at + 1 :]) if before else (*equations[:at], DOTS, *equations[at + 2 :])


def _is_dots(equation: Equation) -> bool:
    first = equation.sides[0][1]
    return isinstance(first, Text) and first.text.startswith("⋮")
