"""How fast formulas are: a new step from numbers to pixels, against typesetting the whole formula each time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count

import numpy as np
from PySide6.QtGui import QGuiApplication, QImage, QPainter

from gui.formula import typeset
from gui.formula.atoms import AtomLoader
from gui.formula.glyphs import GlyphMetrics
from gui.formula.lines import FormulaStyle, layout_equation
from gui.formula.paint import formula_colours, paint_equation
from gui.theme import LIGHT
from model.expr.tree import Equation, Expr, Fn, Mat, Num, NumberFormat, Op, Row, Sym, Text
from model.stages import Ref

BUDGET_MS = 16.0
REPEATS = 30
_fresh = count()


def rows() -> Iterator[dict[str, object]]:
    """Yield one dictionary per measured case: name, value, unit, baseline, baseline_value, ratio, budget, ok."""
    app = QGuiApplication.instance() or QGuiApplication([])
    rng = np.random.default_rng(1)
    for name, make, latex in (
        ("δ of two neurons", _delta, _delta_latex),
        ("matrix 10×10", _matrix, _matrix_latex),
        ("sum of 784", _sum, _sum_latex),
    ):
        _frame(make(rng), GlyphMetrics())
        value = _p95([_frame(make(rng), GlyphMetrics()) for _ in range(REPEATS)])
        yield _row(f"formula, new step, warm: {name}", value, "typesetting the whole formula", _typeset_ms(latex(rng)))
    yield _cold(rng)
    del app


def _row(name: str, value: float, baseline: str, baseline_value: float) -> dict[str, object]:
    return {
        "name": name, "value": round(value, 3), "unit": "ms", "baseline": baseline, "baseline_value": round(baseline_value, 3),
        "ratio": round(baseline_value / value, 1), "budget": BUDGET_MS, "ok": value <= BUDGET_MS,
    }  # fmt: skip


def _p95(values: list[float]) -> float:
    return float(np.percentile(values, 95))


def _frame(equation: Equation, metrics: GlyphMetrics) -> float:
    """Return the milliseconds from the formula as data to the painted picture."""
    image = QImage(450, 400, QImage.Format.Format_ARGB32_Premultiplied)
    start = time.perf_counter()
    laid_out = layout_equation(equation, NumberFormat(), FormulaStyle(), 430, metrics)
    painter = QPainter(image)
    paint_equation(painter, laid_out, 10, 10, formula_colours(LIGHT), focus=(Ref("delta", 2),))
    painter.end()
    return (time.perf_counter() - start) * 1e3


def _typeset_ms(latex: str) -> float:
    start = time.perf_counter()
    typeset.typeset(latex)
    return (time.perf_counter() - start) * 1e3


def _cold(rng: np.random.Generator) -> dict[str, object]:
    """Measure steps full of symbols that are not typeset yet: the background is at work all the while."""
    loader = AtomLoader()
    frames = [_frame(_unknown(rng), GlyphMetrics(loader.want)) for _ in range(REPEATS)]
    loader.stop()
    foreground = sum(_typeset_ms(side.latex) for _, side in _unknown(rng).sides if isinstance(side, Sym))
    return _row("formula, new step, cold: wait", _p95(frames), "typesetting its symbols first", foreground)


def _unknown(rng: np.random.Generator) -> Equation:
    names = [Sym(f"\\frac{{\\partial L}}{{\\partial w_{{{next(_fresh)}}}}}") for _ in range(4)]
    return Equation((*(("rule", name) for name in names), ("result", Num(rng.normal()))))


def _column(cells: list[Expr]) -> Mat:
    return Mat(tuple((cell,) for cell in cells))


def _delta(rng: np.random.Generator) -> Equation:
    products = [Row((Num(rng.normal()), Op("·"), Fn("\\varphi'", Num(rng.normal())))) for _ in range(2)]
    values = _column([Num(rng.normal(), Ref("delta", 2, i)) for i in range(2)])
    rule = Row((Sym("\\frac{\\partial L}{\\partial a^{[2]}}"), Op("⊙"), Fn("\\varphi'", Sym("net^{[2]}"))))
    return Equation((("symbol", Sym("\\delta^{[2]}")), ("rule", rule), ("numbers", _column([*products])), ("result", values)))


def _matrix(rng: np.random.Generator) -> Equation:
    cells = tuple(tuple(Num(rng.normal(), Ref("W", 2, j, k)) for k in range(10)) for j in range(10))
    return Equation((("symbol", Sym("W^{[2]}")), ("result", Mat(cells))))


def _sum(rng: np.random.Generator) -> Equation:
    parts: list[Expr] = []
    for k in range(6):
        parts += [Op("+"), Num(rng.normal(), Ref("W", 1, 0, k), bracket=k > 0), Op("·"), Num(rng.random())]
    middle = [Op("+"), Op("⋯")]
    numbers = Row((*parts[1:13], *middle, *parts[12:], Text("(784 terms)")))
    return Equation((("symbol", Sym("z_{1}^{(1)}")), ("numbers", numbers), ("result", Num(rng.normal()))))


def _delta_latex(rng: np.random.Generator) -> str:
    a, b, c, d = (f"{v:.8f}" for v in rng.normal(size=4))
    rule = "\\frac{\\partial L}{\\partial a^{[2]}}\\odot\\varphi'(net^{[2]})"
    products = f"\\begin{{bmatrix}}{a}\\cdot\\varphi'({c})\\\\{b}\\cdot\\varphi'({d})\\end{{bmatrix}}"
    return f"\\delta^{{[2]}}={rule}={products}=\\begin{{bmatrix}}{a}\\\\{b}\\end{{bmatrix}}"


def _matrix_latex(rng: np.random.Generator) -> str:
    body = "\\\\".join("&".join(f"{v:.8f}" for v in line) for line in rng.normal(size=(10, 10)))
    return f"W^{{[2]}}=\\begin{{bmatrix}}{body}\\end{{bmatrix}}"


def _sum_latex(rng: np.random.Generator) -> str:
    terms = "+".join(f"{v:.8f}\\cdot {x:.8f}" for v, x in rng.random(size=(6, 2)))
    return f"z_1^{{(1)}}={terms}+\\dots={rng.random():.8f}"


if __name__ == "__main__":
    for row in rows():
        print(row)
