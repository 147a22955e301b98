"""Formulas as LaTeX source for documents (amsmath): the same nodes as on screen, written out."""

from __future__ import annotations

from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Num, NumberFormat, Op, Row, Sym, Text, format_of, raw_number

_OPERATORS = {
    "·": r" \cdot ", "×": r" \times ", "⊙": r" \odot ", "−": " - ", "⋯": r"\cdots", "⋮": r"\vdots", "⋱": r"\ddots", ",": ",\\ ",
}  # fmt: skip
_ENVIRONMENTS = {"[": "bmatrix", "(": "pmatrix", "{": "cases", "": "matrix"}
_ESCAPES = {"&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "$": r"\$", "…": r"\dots{}", "⋮": r"$\vdots$"}
_NAMED = {"\\exp", "\\ln", "\\log", "\\max", "\\tanh"}


def number_latex(num: Num, fmt: NumberFormat) -> str:
    """Return a number as LaTeX: a power of ten where it is written in scientific form, the decimal comma without a space."""
    text = raw_number(num.value, format_of(num, fmt)).replace("−", "-").replace("∞", r"\infty")
    if text == "undefined":
        return r"\text{undefined}"
    mantissa, mark, exponent = text.partition("e")
    mantissa = mantissa.replace(",", "{,}")
    if not mark:
        return mantissa
    power = rf"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \cdot {power}"


def latex_of(expr: Expr, fmt: NumberFormat) -> str:
    """Return the LaTeX of a formula."""
    if isinstance(expr, Sym):
        return expr.latex.replace(r"\mathbb{1}", r"\mathbf{1}")  # the usual fonts have no double-struck digits
    if isinstance(expr, Num):
        text = number_latex(expr, fmt)
        return f"({text})" if expr.bracket and text.startswith("-") else text
    if isinstance(expr, Op):
        return _OPERATORS.get(expr.symbol, f" {expr.symbol} ")
    if isinstance(expr, Text):
        return rf"\text{{{_escaped(expr.text)}}}"
    if isinstance(expr, Row):
        return " ".join(latex_of(item, fmt) for item in expr.items)
    if isinstance(expr, Mat):
        return _matrix(expr, fmt)
    if isinstance(expr, Frac):
        return rf"\frac{{{latex_of(expr.numerator, fmt)}}}{{{latex_of(expr.denominator, fmt)}}}"
    if isinstance(expr, Fn):
        return _function(expr, fmt)
    return f"{{{latex_of(expr.base, fmt)}}}^{{{expr.latex}}}"


def _matrix(mat: Mat, fmt: NumberFormat) -> str:
    body = r" \\ ".join(" & ".join(latex_of(cell, fmt) for cell in line) for line in mat.rows)
    name = _ENVIRONMENTS[mat.bracket]
    return rf"\begin{{{name}}} {body} \end{{{name}}}"


def _function(fn: Fn, fmt: NumberFormat) -> str:
    inner = latex_of(fn.argument, fmt)
    if fn.latex == "\\surd":
        return rf"\sqrt{{{inner}}}"
    name = fn.latex if fn.latex in _NAMED or not fn.latex.isalpha() or len(fn.latex) == 1 else rf"\operatorname{{{fn.latex}}}"
    return rf"{name}\left({inner}\right)"


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(c, c) for c in text)


def equation_latex(equation: Equation, fmt: NumberFormat) -> str:
    """Return an equation's sides joined by "=", with its frame and its number."""
    return labelled(" = ".join(latex_of(expr, fmt) for _, expr in equation.sides), equation)


def labelled(latex: str, equation: Equation) -> str:
    """Return the source of an equation with its frame and its number, where it has them."""
    framed = rf"\boxed{{{latex}}}" if equation.boxed else latex
    return rf"{framed} \qquad {equation.number}" if equation.number else framed
