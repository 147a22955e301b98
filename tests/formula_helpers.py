"""Formulas laid out with letters of one width, so that tests know where everything stands."""

from __future__ import annotations

from gui.formula.boxes import AtomSize, Face, LaidOut, TextInk
from gui.formula.lines import FormulaStyle, layout_equation
from model.expr.tree import Equation, Expr, Mat, Num, NumberFormat, Row

FMT = NumberFormat()
STYLE = FormulaStyle()


class FixedMetrics:
    """Every character half an em wide, symbols as long as their source; `missing` has not been typeset."""

    def __init__(self, missing: frozenset[str] = frozenset()) -> None:
        self.missing = missing

    def advance(self, text: str, face: Face) -> float:
        return 0.5 * len(text)

    def atom(self, latex: str) -> AtomSize | None:
        return None if latex in self.missing else AtomSize(0.5 * len(latex), 0.7, 0.2)


METRICS = FixedMetrics()


def lay_out(*sides: Expr, width: float = 1e4) -> LaidOut:
    kinds = ["symbol", *["numbers"] * (len(sides) - 2), "result"][: len(sides)]
    return layout_equation(Equation(tuple(zip(kinds, sides, strict=True))), FMT, STYLE, width, METRICS)  # type: ignore[arg-type]


def row(*items: Expr) -> Row:
    return Row(items)


def matrix(*rows: tuple[float, ...]) -> Mat:
    return Mat(tuple(tuple(Num(v) for v in line) for line in rows))


def texts(laid_out: LaidOut) -> list[str]:
    return [p.box.ink.text for p in laid_out.pieces if isinstance(p.box.ink, TextInk)]


def sizes_of(laid_out: LaidOut) -> list[float]:
    return [p.box.ink.size for p in laid_out.pieces if isinstance(p.box.ink, TextInk)]
