"""A step's words and formulas inside a TikZ picture: TeX sets them in the width they have, and shrinks what does not fit."""

from __future__ import annotations

from collections.abc import Callable

from gui.diagram.primitives import Formulas
from gui.formula.page import heading, style_for
from gui.theme import RGB
from model.expr.tex_text import tex_text
from model.solution.lines import broken_latex
from model.solution.parts import scripts

_MARKS = {0: "{}", 1: "\\textsuperscript{{{}}}", -1: "\\textsubscript{{{}}}"}
# Box 2 holds a formula, box 4 all of them; what is too wide or too high is made to fit.
_FITTED = "\\setbox2\\hbox{{$\\displaystyle {}$}}\\ifdim\\wd2>{}\\relax\\resizebox{{{}}}{{!}}{{\\box2}}\\else\\box2\\fi"


def formulas(item: Formulas, point: float, name: Callable[[RGB], str]) -> str:
    """Return the text of a node of the item's size. point: a logical pixel in points; name: of a colour."""
    style, explanation = style_for(item.theme, item.zoom), item.step.explanation
    width, height = f"{item.width * point:.1f}pt", f"{item.height * point:.1f}pt"
    phase = item.theme.muted if item.step.phase is None else item.theme.phase(item.step.phase).text
    parts = []
    title = heading(item.step) or explanation.caption
    if title:
        parts.append(f"{_size(0.74 * style.words * point)}\\bfseries\\color{{{name(phase)}}}{_words(title)}")
    if explanation.words:
        parts.append(f"{_size(style.words * point)}\\color{{{name(item.theme.text)}}}{_words(explanation.words)}")
    for equation in explanation.equations:
        latex = broken_latex(equation, item.fmt, 1.1 * item.width / style.size)
        parts.append(f"{_size(style.size * point * 0.92)}\\color{{{name(item.theme.text)}}}{_FITTED.format(latex, width, width)}")
    body = "\\par\\vskip 0.6em\n".join(f"{{{part}\\par}}" for part in parts)
    page = f"\\setbox4\\hbox{{\\begin{{minipage}}[t]{{{width}}}\\raggedright\n{body}\n\\end{{minipage}}}}"
    # TeX reads on behind a number to see whether it goes on; \relax keeps it from looking at the condition too early.
    measured = "\\dimen0=\\ht4\\advance\\dimen0\\dp4\\relax"
    return f"{page}{measured}\\ifdim\\dimen0>{height}\\relax\\resizebox*{{!}}{{{height}}}{{\\box4}}\\else\\box4\\fi"


def _size(points: float) -> str:
    return f"\\fontsize{{{points:.1f}}}{{{1.25 * points:.1f}}}\\selectfont "


def _words(text: str) -> str:
    return "".join(_MARKS[level].format(tex_text(run)) for run, level in scripts(text))
