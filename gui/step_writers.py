"""A step in writing: as plain text (for the clipboard and for screen readers) and as LaTeX. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from model.expr import Explanation, NumberFormat
from model.expr_latex import equation_latex
from model.expr_text import equation_text

Writer = Callable[[Explanation, NumberFormat], str]


def step_text(explanation: Explanation, fmt: NumberFormat) -> str:
    """Return caption, words and equations as text."""
    equations = (equation_text(equation, fmt) for equation in explanation.equations)
    return "\n\n".join(part for part in (explanation.caption, explanation.words, *equations) if part)


def step_latex(explanation: Explanation, fmt: NumberFormat) -> str:
    """Return the equations as displayed formulas for a LaTeX document."""
    return "\n".join(f"\\[ {equation_latex(equation, fmt)} \\]" for equation in explanation.equations)


WRITERS: Mapping[str, Writer] = MappingProxyType({"text": step_text, "LaTeX": step_latex})
