"""A step in writing: as plain text (for the clipboard and for screen readers) and as LaTeX. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from model.expr.latex import equation_latex
from model.expr.small_scripts import small_scripts
from model.expr.text import equation_text
from model.expr.tree import Explanation, NumberFormat

Writer = Callable[[Explanation, NumberFormat], str]


def step_text(explanation: Explanation, fmt: NumberFormat) -> str:
    """Return caption, words and equations as text."""
    equations = (equation_text(equation, fmt) for equation in explanation.equations)
    caption, words = small_scripts(explanation.caption), small_scripts(explanation.words)
    return "\n\n".join(part for part in (caption, words, *equations, said_conventions(explanation)) if part)


def step_latex(explanation: Explanation, fmt: NumberFormat) -> str:
    """Return the equations as displayed formulas for a LaTeX document."""
    said = said_conventions(explanation)
    lines = [f"\\[ {equation_latex(equation, fmt)} \\]" for equation in explanation.equations]
    return "\n".join([*([f"% {said}"] if said else []), *lines])


def said_conventions(explanation: Explanation) -> str:
    """Return in one line by which conventions the numbers were made, "" if all are plain."""
    return f"Conventions: {', '.join(explanation.conventions)}." if explanation.conventions else ""


def with_conventions(explanation: Explanation) -> Explanation:
    """Return what is told with its conventions below the last equation, for a picture that is taken away."""
    if not explanation.conventions or not explanation.equations:
        return explanation
    *others, last = explanation.equations
    note = " ".join(part for part in (last.note, said_conventions(explanation)) if part)
    return replace(explanation, equations=(*others, replace(last, note=note)))


WRITERS: Mapping[str, Writer] = MappingProxyType({"text": step_text, "LaTeX": step_latex})
