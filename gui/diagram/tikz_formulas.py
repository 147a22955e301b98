"""A step's words and formulas inside a TikZ picture: as large as the painter sets them; TeX shrinks what does not fit even so.

Results are bold and in the colours of their signs, and what is being formed has a band behind it. They stand in commands of the
picture's own, so that a line of LaTeX stays readable and lines are broken as if the numbers were plain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from math import inf

from gui.diagram.primitives import Formulas
from gui.formula.glyphs import GlyphMetrics
from gui.formula.lines import FormulaStyle, layout_equation
from gui.formula.page import heading, layout_step, style_for
from gui.formula.spacing import PRODUCTS
from gui.links import covers
from gui.theme import RGB, Theme
from model.expr.latex import latex_of
from model.expr.tex_text import tex_text
from model.expr.tree import Equation, Expr, Frac, Mat, Num, NumberFormat, Op, Row, Sym
from model.solution.lines import aligned, broken_latex, width_of
from model.solution.parts import scripts
from model.stages import Ref

_GHOST, _NUMBER = re.compile(r"\\phantom\{[^{}]*(?:\{,\})?[^{}]*\}"), re.compile(r"-?[0-9.,{}]+")
_GHOSTS = re.compile(rf"((?:{_GHOST.pattern})*)(.*?)((?:{_GHOST.pattern})*)", re.DOTALL)
_MARKS = {0: "{}", 1: "\\textsuperscript{{{}}}", -1: "\\textsubscript{{{}}}"}
_WHOLE = "{{}}_{{\\scriptscriptstyle {}\\times {}}}"  # how large a matrix is of which some is left out
_RELATION = 1.3  # em: an equals sign with its spaces
_HANG = 2.0  # em: what stands before a side that hangs near the left edge
# Box 6 holds a number; the band behind it takes no room.
_BAND = (
    "\\def\\{0}Band#1{{{{\\setbox6\\hbox{{$\\{0}{{#1}}$}}\\rlap{{\\kern-1.5pt\\color{{{1}}}\\vrule width\\dimexpr\\wd6+3pt\\relax"
    " height\\dimexpr\\ht6+1.5pt\\relax depth\\dimexpr\\dp6+1.5pt\\relax}}\\box6}}}}"
)
# Box 2 holds a formula, box 4 all of them; what is too wide or too high is made to fit.
_FITTED = "\\setbox2\\hbox{{$\\displaystyle {}$}}\\ifdim\\wd2>{}\\relax\\resizebox{{{}}}{{!}}{{\\box2}}\\else\\box2\\fi"


def formulas(item: Formulas, point: float, name: Callable[[RGB], str]) -> str:
    """Return the text of a node of the item's size. point: a logical pixel in points; name: of a colour."""
    style, explanation, share = style_for(item.theme, item.zoom), item.step.explanation, _share(item)
    point *= share
    wide, high = item.width / share, item.height / share
    width, height = f"{wide * point:.1f}pt", f"{high * point:.1f}pt"
    phase = item.theme.muted if item.step.phase is None else item.theme.phase(item.step.phase).text
    parts = []
    title = heading(item.step) or explanation.caption
    if title:
        parts.append(f"{_size(0.74 * style.words * point)}\\bfseries\\color{{{name(phase)}}}{_words(title)}")
    if explanation.words:
        parts.append(f"{_size(style.words * point)}\\color{{{name(item.theme.text)}}}{_words(explanation.words)}")
    for equation in explanation.equations:
        dressed = _dressed(equation, item.fmt, explanation.focus)
        limit = _limit(equation, dressed, item.fmt, style, wide)
        for part in _hung(dressed, item.fmt, limit):
            latex = broken_latex(part, item.fmt, limit)
            latex = latex.replace("\\frac", "\\dfrac") if "\\begin{matrix}" in latex else latex  # a chain, and no matrix of numbers
            parts.append(f"{_size(style.size * point * 0.92)}\\color{{{name(item.theme.text)}}}{_FITTED.format(latex, width, width)}")
        if equation.note:
            parts.append(
                f"{_size(max(style.smallest, 0.74 * style.words) * point)}\\color{{{name(item.theme.muted)}}}{_words(equation.note)}"
            )
    body = "\\par\\vskip 0.6em\n".join(f"{{{part}\\par}}" for part in parts)
    body = _commands(item.theme, name) + body
    page = f"\\setbox4\\hbox{{\\begin{{minipage}}[t]{{{width}}}\\raggedright\n{body}\n\\end{{minipage}}}}"
    # TeX reads on behind a number to see whether it goes on; \relax keeps it from looking at the condition too early.
    measured = "\\dimen0=\\ht4\\advance\\dimen0\\dp4\\relax"
    return f"{page}{measured}\\ifdim\\dimen0>{height}\\relax\\resizebox*{{!}}{{{height}}}{{\\box4}}\\else\\box4\\fi"


def _hung(equation: Equation, fmt: NumberFormat, limit: float) -> tuple[Equation, ...]:
    """Return an equation, or its beginning and its other sides, which begin near the left edge where they would be broken otherwise."""
    widths = [width_of(side, fmt) + _RELATION for _, side in equation.sides]
    longest = max(widths[1:], default=0.0)
    if len(widths) < 2 or equation.boxed or sum(widths) <= limit or widths[0] + longest <= limit or widths[0] < _HANG:
        return (equation,)
    first = 2 if widths[0] + widths[1] <= limit else 1
    begin = replace(equation, sides=equation.sides[:first], number="")
    return (begin, replace(equation, sides=(("symbol", Sym("\\enspace")), *equation.sides[first:]))) if widths[first:] else (equation,)


def _limit(equation: Equation, dressed: Equation, fmt: NumberFormat, style: FormulaStyle, room: float) -> float:
    """Return how long lines may be for the breaker of lines, which estimates widths: as the picture's, which are measured."""
    painted = layout_equation(replace(equation, note=""), fmt, style, inf, GlyphMetrics()).root.width
    estimated = sum(width_of(side, fmt) for _, side in dressed.sides) + _RELATION * (len(dressed.sides) - 1)
    return room * estimated / max(painted, 1.0) + 0.1


def _share(item: Formulas) -> float:
    """Return the share of its full size at which the painter would set the step."""
    share = 1.0
    for share in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4):
        page = layout_step(item.step, item.fmt, style_for(item.theme, item.zoom), item.width / share, GlyphMetrics())
        if page.height * share <= item.height and page.width * share <= item.width + 0.5:
            break
    return share


def _commands(theme: Theme, name: Callable[[RGB], str]) -> str:
    """Return what defines the commands for results of each sign, alone and on a band, and for other numbers on one."""
    signs = {"dsPositive": theme.positive, "dsNegative": theme.negative, "dsZero": theme.text}
    plain = [f"\\def\\{sign}#1{{{{\\color{{{name(tint)}}}\\mathbf{{#1}}}}}}" for sign, tint in signs.items()]
    return "".join([*plain, "\\def\\dsPlain#1{#1}", *(_BAND.format(sign, name(theme.gold_wash)) for sign in (*signs, "dsPlain"))]) + "%\n"


def _dressed(equation: Equation, fmt: NumberFormat, focus: Collection[Ref]) -> Equation:
    """Return an equation with the numbers of its results, and those that are being formed, in their commands."""
    sides = ((kind, _tied(_in_colour(aligned(side, fmt), fmt, focus, result=kind == "result"))) for kind, side in equation.sides)
    return replace(equation, sides=tuple(sides))


def _tied(side: Expr) -> Expr:
    """Return a side with every number tied to the matrix that it multiplies, as the picture does not break lines there either."""
    items = list(side.items) if isinstance(side, Row) else []
    for i in range(len(items) - 3, -1, -1):
        match items[i : i + 3]:
            case [Num() | Sym() | Frac() as factor, Op(symbol) as sign, mat] if symbol in PRODUCTS and isinstance(_first(mat), Mat):
                items[i : i + 3] = [Row((factor, sign, mat))]
    return Row(tuple(items)) if items else side


def _first(expr: Expr) -> Expr:
    return expr.items[0] if isinstance(expr, Row) and expr.items else expr


def _in_colour(expr: Expr, fmt: NumberFormat, focus: Collection[Ref], *, result: bool) -> Expr:
    if isinstance(expr, Row):
        return Row(tuple(_in_colour(item, fmt, focus, result=result) for item in expr.items))
    if isinstance(expr, Mat):
        mat = replace(expr, rows=tuple(tuple(_in_colour(cell, fmt, focus, result=result) for cell in row) for row in expr.rows))
        return mat if mat.elided is None else Row((mat, Sym(_WHOLE.format(*mat.elided))))
    if not isinstance(expr, Num | Sym):
        return expr
    latex = latex_of(expr, fmt)
    parts = _GHOSTS.fullmatch(latex)
    before, ink, after = ("", latex, "") if parts is None else parts.groups()
    if isinstance(expr, Sym) and not _NUMBER.fullmatch(ink):
        return expr
    banded = expr.ref is not None and any(covers(ref, expr.ref) for ref in focus)
    if not (result or banded):
        return expr
    sign = "dsNegative" if ink.lstrip("(").startswith("-") else "dsPositive" if re.search("[1-9]", ink) else "dsZero"
    command = f"{sign if result else 'dsPlain'}{'Band' if banded else ''}"
    return Sym(f"{before}\\{command}{{{ink}}}{after}", expr.ref)


def _size(points: float) -> str:
    return f"\\fontsize{{{points:.1f}}}{{{1.25 * points:.1f}}}\\selectfont "


def _words(text: str) -> str:
    return "".join(_MARKS[level].format(tex_text(run)) for run, level in scripts(text))
