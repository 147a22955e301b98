"""Problems, moments, and an evaluator of displayed formulas that shares nothing with the one in the model."""

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from model.examples import example_names, open_problem
from model.explain.steps import explain
from model.expr.latex import latex_of
from model.expr.small_scripts import small_scripts
from model.expr.text import block_of, latex_to_text
from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Num, NumberFormat, Op, Row, Sup, Sym, format_of, raw_number
from model.moment import Moment
from model.notation.profile import load_notation, notation_names
from model.problem import Optimizer, Problem, Rounding, frozen
from model.record import Record
from model.run import Run
from model.stages import Ref, Walk, build_walk


def record_of(problem: Problem, step: int = 1) -> Record:
    return Run(problem).record(step)


def walk_of(record: Record, notation: str) -> Walk:
    return build_walk(record.problem, record.m, load_notation(notation).presentation)


def moment_at(
    record: Record, notation: str, address: str, granularity: str = "layer", decimals: int | None = None, sample: int = 0
) -> Moment:
    profile = load_notation(notation)
    walk = walk_of(record, notation)
    fmt = NumberFormat(profile.decimals if decimals is None else decimals)
    return Moment(record, walk, walk.find(address), granularity, profile, fmt, sample)  # type: ignore[arg-type]


def ticks(walk: Walk, granularity: str) -> Iterator[int]:
    tick: int | None = 0
    while (tick := walk.next(tick, granularity)) is not None:  # type: ignore[arg-type]
        yield tick


def network(layers=(2, 3, 2), seed=0, m=1, **changes) -> Problem:
    """Return a small problem with fixed weights from a seed."""
    rng = np.random.default_rng(seed)
    pairs = list(pairwise(layers))
    given = {
        "layers": tuple(layers),
        "activations": ("sigmoid",) * (len(layers) - 1),
        "loss": "half_squared_error",
        "weights": tuple(frozen(rng.uniform(-1, 1, (n, k)).round(2)) for k, n in pairs),
        "biases": tuple(frozen(rng.uniform(-1, 1, n).round(2)) for _, n in pairs),
        "x": frozen(rng.uniform(-1, 1, (m, layers[0])).round(2)),
        "y": frozen(rng.integers(0, 2, (m, layers[-1])).astype(float)),
        "learning_rate": 0.1,
    }
    given.update(changes)
    if given["biases"] is None:
        given["has_biases"] = False
    return Problem(**given)


def special_problems() -> dict[str, Problem]:
    """Return one problem per convention, loss, activation and optimiser that changes a formula."""
    one_hot = frozen([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    pairs = ("sigmoid", "softmax")
    return {
        "no biases": network(biases=None),
        "batch sum": network(m=3),
        "batch mean": network(m=3, batch_reduction="mean", l2=0.1),
        "shared bias": network(m=2, bias_sharing="per_layer"),
        "shared bias, one sample": network(bias_sharing="per_layer"),
        "frozen biases": network(train_biases=False),
        "new weights": network(hidden_delta_uses="new"),
        "rounded": network(rounding=Rounding(2)),
        "truncated": network(m=2, rounding=Rounding(3, "truncate")),
        "no update": network(learning_rate=None),
        "deep": network((2, 2, 2, 2, 2)),
        "wide": network((12, 10, 3)),
        "thin": network((1, 1, 1)),
        "softmax, targets that add up to 2": network(activations=pairs, loss="cross_entropy", y=frozen([[0.5, 1.5]])),
        "softmax, batch": network(m=3, activations=pairs, loss="cross_entropy", y=one_hot, batch_reduction="mean"),
        "softmax, squared error": network(activations=pairs),
        "softmax, squared error, batch": network(m=2, activations=pairs, loss="squared_error"),
        "softmax, yes or no": network(activations=pairs, loss="binary_cross_entropy"),
        "sigmoid, yes or no": network(m=2, loss="binary_cross_entropy", l2=0.2),
        "sigmoid, cross-entropy": network(loss="cross_entropy"),
        "means over outputs": network(loss="half_mean_squared_error_over_outputs"),
        "means over outputs, full": network(loss="mean_squared_error_over_outputs"),
        "the output itself": network((2, 3, 1), loss="none", y=None),
        **{name: network(activations=(name, "identity"), loss="squared_error") for name in _OTHERS},
        **{rule: network(m=2, optimizer=Optimizer(rule, weight_decay=0.1)) for rule in ("sgd_momentum", "rmsprop", "adam", "adamw")},
        "nesterov": network(optimizer=Optimizer("sgd_momentum", nesterov=True)),
        "adam, frozen biases": network(optimizer=Optimizer("adam"), train_biases=False),
    }


_OTHERS = ("tanh", "relu", "leaky_relu", "elu", "gelu", "softplus", "identity")


def all_problems() -> dict[str, Problem]:
    examples = {name: replace(open_problem(name), steps=1) for name in example_names()}
    return {**examples, **special_problems()}


NOTATIONS = notation_names()


def shown(problem, notation, address, *, decimals=8, granularity="layer", form=None, sample=0):
    """Return the equations of a step as lists of one-line or multi-line texts, one per side."""
    moment = moment_at(record_of(problem), notation, address, granularity, decimals, sample)
    return [[side_text(expr, moment.fmt) for _, expr in equation.sides] for equation in explain(moment, form=form).equations]


def side_text(expr, fmt):
    """Return a side as text on one line, matrices as [a b; c d]."""
    if isinstance(expr, Mat):
        return "[" + "; ".join(" ".join(side_text(cell, fmt) for cell in line) for line in expr.rows) + "]"
    if isinstance(expr, Row):
        return " ".join(side_text(item, fmt) for item in expr.items)
    if isinstance(expr, Sym):
        return small_scripts(latex_to_text(expr.latex))
    block = block_of(expr, fmt)
    return block.lines[0].strip() if len(block.lines) == 1 else " ".join(line.strip() for line in block.lines)


def numbers_in(expr: Expr) -> Iterator[Ref]:
    """Yield what the numbers of a formula are references to."""
    if isinstance(expr, Num):
        yield from () if expr.ref is None else (expr.ref,)
    parts = [getattr(expr, name) for name in ("argument", "base", "numerator", "denominator") if hasattr(expr, name)]
    parts += expr.items if isinstance(expr, Row) else [cell for row in expr.rows for cell in row] if isinstance(expr, Mat) else ()
    for part in parts:
        yield from numbers_in(part)


# -- an evaluator of its own: the formula is written as Python source from its printed digits, and Python works it out ---------------


class M:
    """A number or matrix: * is the product of matrices where both are, @ goes entry by entry."""

    def __init__(self, value):
        self.v = np.asarray(value, dtype=float)

    def __mul__(self, other):
        both = self.v.ndim == 2 and other.v.ndim == 2
        return M(self.v.dot(other.v) if both else self.v * other.v)

    def __matmul__(self, other):
        return M(self.v * other.v)

    def __truediv__(self, other):
        return M(self.v / other.v)

    def __add__(self, other):
        return M(self.v + other.v)

    def __sub__(self, other):
        return M(self.v - other.v)

    def __neg__(self):
        return M(-self.v)


class NotEvaluable(Exception):
    pass


_PY = {"·": "*", "×": "*", "⊙": "@", "+": "+", "−": "-", "/": "/"}


def source(expr: Expr, fmt: NumberFormat) -> str:
    """Return Python source for a displayed formula, its numbers read back from what is printed."""
    if isinstance(expr, Num):
        return f"M({expr.value if expr.exact else printed(expr.value, format_of(expr, fmt))!r})".replace("inf", "INF").replace("nan", "NAN")
    if isinstance(expr, Row):
        return "(" + _row(expr, fmt) + ")"
    if isinstance(expr, Frac):
        return f"({source(expr.numerator, fmt)} / {source(expr.denominator, fmt)})"
    if isinstance(expr, Fn):
        if expr.latex == "\\max":
            return f"F['max']({', '.join(source(i, fmt) for i in expr.argument.items if not isinstance(i, Op))})"
        return f"F[{expr.latex!r}]({source(expr.argument, fmt)})"
    if isinstance(expr, Sup):
        inner = source(expr.base, fmt)
        return f"M({inner}.v.T)" if expr.latex == "T" else f"M({inner}.v ** {int(expr.latex)})"
    if isinstance(expr, Mat) and expr.elided is None and expr.bracket != "{":
        cells = ", ".join("[" + ", ".join(f"float({source(c, fmt)}.v.ravel()[0])" for c in line) + "]" for line in expr.rows)
        return f"M([{cells}])"
    raise NotEvaluable


def _row(expr: Row, fmt: NumberFormat) -> str:
    parts: list[str] = []
    for item in expr.items:
        is_op = isinstance(item, Op)
        if is_op and item.symbol not in _PY:
            raise NotEvaluable
        if not is_op and parts and parts[-1] not in _PY.values():
            parts.append("*")
        parts.append(_PY[item.symbol] if is_op else source(item, fmt))
    return " ".join(parts)


def printed(value: float, fmt: NumberFormat) -> float:
    text = raw_number(value, fmt).replace("−", "-").replace(",", ".")
    return {"∞": math.inf, "-∞": -math.inf, "undefined": math.nan}.get(text) or float(text.replace("undefined", "nan").replace("∞", "inf"))


def _cell(function):
    return lambda m: M(np.vectorize(function)(m.v))


def _safe(function):
    def value(v: float) -> float:
        try:
            return function(v)
        except (OverflowError, ValueError):
            return {math.exp: math.inf, math.log: -math.inf}.get(function, math.nan)

    return value


FORMULAS = {
    "sigmoid": lambda v: 1 / (1 + math.exp(-v)),
    "tanh": math.tanh,
    "relu": lambda v: max(v, 0.0),
    "leaky_relu": lambda v: v if v > 0 else 0.01 * v,
    "elu": lambda v: v if v > 0 else math.exp(v) - 1,
    "gelu": lambda v: 0.5 * v * (1 + math.erf(v / math.sqrt(2))),
    "softplus": lambda v: math.log(1 + math.exp(v)),
    "identity": lambda v: v,
}


def slope(name: str, v: float) -> float:
    if name in ("relu", "leaky_relu"):  # the slope at 0 is a matter of definition
        return 1.0 if v > 0 else 0.01 * (name == "leaky_relu")
    f, h = FORMULAS[name], 1e-6
    return (f(v + h) - f(v - h)) / (2 * h)


def _softmax(m: M) -> M:
    e = np.exp(m.v - m.v.max(axis=0, keepdims=True))
    return M(e / e.sum(axis=0, keepdims=True))


def functions(problem: Problem, notation: str, layer: int) -> dict:
    known = {
        "": lambda m: m,
        "max": lambda *ms: M(max(float(m.v) for m in ms)),
        "\\exp": _cell(_safe(math.exp)),
        "\\ln": _cell(_safe(math.log)),
        "\\log": _cell(_safe(math.log)),
        "\\tanh": _cell(math.tanh),
        "\\surd": _cell(math.sqrt),
        "\\Phi": _cell(lambda v: 0.5 * (1 + math.erf(v / math.sqrt(2)))),
    }
    if 0 < layer <= problem.depth:
        name = problem.activations[layer - 1]
        phi = load_notation(notation).name_of("phi", layer, problem)
        known[phi] = _softmax if name == "softmax" else _cell(FORMULAS[name])
        if name != "softmax":
            known[phi + "'"] = _cell(lambda v: slope(name, v))
    return known


def worked_out(expr: Expr, fmt: NumberFormat, F: dict) -> np.ndarray | None:
    """Return what a reader gets from the printed digits, or None where something is left out or not a number."""
    try:
        code = source(expr, fmt)
    except NotEvaluable:
        return None
    with np.errstate(all="ignore"):
        return eval(code, {"M": M, "F": F, "INF": math.inf, "NAN": math.nan}).v  # only source made above


def results_of(equation: Equation) -> list[Num]:
    side = next((expr for kind, expr in reversed(equation.sides) if kind == "result"), None)
    return _numbers(side) if side is not None else []


def _numbers(expr: Expr) -> list[Num]:
    if isinstance(expr, Num):
        return [expr]
    if isinstance(expr, Mat):
        return [n for line in expr.rows for cell in line for n in _numbers(cell)]
    if isinstance(expr, Row) and len(expr.items) == 3:  # a factor 1/m before the matrix
        return _numbers(expr.items[2])
    return []


def is_complete(equation: Equation) -> bool:
    """Return whether nothing is left out of the result."""
    return not any(isinstance(expr, Mat) and expr.elided for kind, expr in equation.sides if kind == "result")


def cell_text(cell: tuple[str | Expr, ...]) -> str:
    """Return a cell of a solution on one line, its formulas as their LaTeX reads in plain text."""
    return "".join(part if isinstance(part, str) else " ".join(latex_to_text(latex_of(part, NumberFormat())).split()) for part in cell)
