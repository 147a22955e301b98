"""What is said of a number wherever it is pointed at: its name, its full value, and the formula it comes from with numbers. No Qt."""

from __future__ import annotations

from dataclasses import replace

from gui.formula.plain_symbols import plain_symbol
from model.explain.names import symbol_latex
from model.explain.steps import formula_of
from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Num, NumberFormat, Op, Row, Sup, Sym, Text, number_text, with_power
from model.moment import Moment
from model.stages import Ref

SINGLE = frozenset({"loss", "loss_sample", "penalty", "learning_rate", "one"})
_TIGHT = frozenset({"′", ",", "⋮", "⋯", "⋱"})
LONGEST = 160  # characters of one side of a formula


def name_of(moment: Moment, ref: Ref) -> str:
    """Return the number's symbol in the notation, in plain characters."""
    return plain_symbol(symbol_latex(moment, ref))


def is_single(ref: Ref) -> bool:
    """Return whether a reference means one number and not a whole vector or matrix."""
    return ref.quantity in SINGLE or ref.unit is not None or ref.from_ is not None


def full(value: float) -> str:
    """Return a number with all the digits that it has, as other programs read it: with an e before a power of ten."""
    return repr(value + 0.0).removesuffix(".0").replace("-", "−")


def written(value: float) -> str:
    """Return a number with all the digits that it has, as it is read: with a power of ten as everywhere."""
    return with_power(full(value))


def tip(moment: Moment, ref: Ref, hint: str = "") -> str:
    """Return what a tooltip says of a number of the moment; "" for a whole vector or matrix.

    The first line is name and full value; then the rule, and the rule with numbers, for what is calculated. hint: a last line.
    """
    if not is_single(ref):
        return ""
    if ref.quantity == "one":
        return "1, the constant input of the biases"
    if not moment.known(ref):
        return f"{name_of(moment, ref)}: not computed yet"
    lines = [f"{name_of(moment, ref)} = {written(moment.value(ref))}"]
    lines += [f"= {text}" for text in formula_lines(formula_of(moment, ref), moment.fmt)]
    gradient = ref._replace(quantity="d" + ref.quantity)
    if ref.quantity in ("W", "b") and moment.known(gradient):  # the edge of a weight may show it in its place
        lines.append(f"{name_of(moment, gradient)} = {written(moment.value(gradient))}")
    return "\n".join([*lines, *([hint] if hint else [])])


def formula_lines(equation: Equation, fmt: NumberFormat) -> list[str]:
    """Return the sides of an equation between its symbol and its result, each on one line and cut where it is very long."""
    sides = [inline(expr, fmt) for kind, expr in equation.sides if kind in ("rule", "numbers")]
    return [text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…" for text in dict.fromkeys(sides)]


def inline(expr: Expr, fmt: NumberFormat) -> str:
    """Return a formula on one line of plain characters."""
    match expr:
        case Sym(latex):
            return plain_symbol(latex)
        case Num():
            text = number_text(expr, fmt)
            return f"({text})" if expr.bracket and text.startswith("−") else text
        case Op(symbol):
            return symbol if symbol in _TIGHT else f" {symbol} "
        case Text(text):
            return text
        case Row(items):
            return " ".join("".join(inline(item, fmt) for item in items).split())
        case Frac(above, below):
            return f"{_grouped(above, fmt)}/{_grouped(below, fmt)}"
        case Fn(latex, argument):
            inner = replace(argument, bracket=False) if isinstance(argument, Num) else argument
            return f"{plain_symbol(latex)}({inline(inner, fmt)})"
        case Sup(base, latex):
            return f"{inline(base, fmt)}{_raised(latex)}"
        case Mat(rows):
            return "[" + "; ".join(", ".join(inline(cell, fmt) for cell in row) for row in rows) + "]"


def _grouped(expr: Expr, fmt: NumberFormat) -> str:
    text = inline(expr, fmt)
    return f"({text})" if " " in text else text


def _raised(latex: str) -> str:
    return plain_symbol(f"^{{{latex}}}")


def loss_tip(moment: Moment, update: int, loss: float) -> str:
    """Return what is said of a point of the loss plot; of the present update, the same as everywhere else."""
    if update == moment.record.step and moment.known(Ref("loss")):
        return tip(moment, Ref("loss"))
    name = name_of(moment, Ref("loss"))
    return f"{name} = {written(loss)}\nbefore update {update}; a click goes there"
