"""A step that is too long for its place on a page: equations from its middle give way to dots, so that the others stay legible. No Qt."""

from __future__ import annotations

from model.expr.tree import Equation, Text

DOTS = Equation((("symbol", Text("⋮")),))


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
