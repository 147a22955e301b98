"""Formulas of the loss, of its terms per output and sample, and of its derivative ∂L/∂a."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from model.explain.calculation import calculation
from model.explain.parts import Side, Writer, before_averaging, row, scaled, scaled_by_mean, symbols
from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Num, Op, Row, Sup, Sym, constant
from model.notation.profile import has_one_hot_targets
from model.stages import Ref, Stage

TRUE_CLASS = "\\ell"
_SQUARED = frozenset({"half_squared_error", "squared_error", "mean_squared_error_over_outputs", "half_mean_squared_error_over_outputs"})


def _factor(loss: str, n: int) -> tuple[int, int]:
    """Return c in L = c Σ(a − y)² as numerator and denominator."""
    return {
        "half_squared_error": (1, 2),
        "squared_error": (1, 1),
        "mean_squared_error_over_outputs": (1, n),
        "half_mean_squared_error_over_outputs": (1, 2 * n),
    }[loss]


def _slope_factor(loss: str, n: int) -> tuple[int, int]:
    """Return 2c in ∂L/∂a = 2c (a − y), in lowest terms."""
    top, bottom = _factor(loss, n)
    return (top, bottom // 2) if bottom % 2 == 0 else (2 * top, bottom)


def _fraction(parts: tuple[int, int]) -> Frac | Num | None:
    top, bottom = parts
    if bottom == 1:
        return None if top == 1 else constant(top)
    return Frac(constant(top), constant(bottom))


def _log(w: Writer) -> str:
    return "\\log" if w.style.get("log") == "log" else "\\ln"


def _times_log(w: Writer, weight: Expr, argument: Expr) -> list[Expr]:
    return [weight, w.times, Fn(_log(w), argument)]


def _term_numbers(w: Writer, j: int, s: int) -> tuple[float, Expr]:
    """Return sign and numbers of one output's share of a sample's loss, without the common factor."""
    a, y = w.num(Ref("a", w.problem.depth, j, sample=s), bracket=False), w.num(Ref("y", 0, j, sample=s), bracket=False)
    if w.problem.loss == "none":
        return 1.0, a
    if w.problem.loss in _SQUARED:
        minuend, less = (y, a) if w.style.get("norm") == "bars" else (a, y)  # as in the norm ‖y − a‖
        return 1.0, Sup(Fn("", row(replace(minuend, bracket=False), Op("−"), replace(less, bracket=True))), "2")
    first: list[Expr] = [Num(0.0, y.ref)] if y.value == 0 else _times_log(w, y, a)
    if w.problem.loss == "cross_entropy":  # there is no −0
        return (1.0 if y.value == 0 else -1.0), row(*first)
    rest = row(constant(1), Op("−"), a)
    second: list[Expr] = [constant(0)] if y.value == 1 else _times_log(w, Fn("", row(constant(1), Op("−"), y)), rest)
    return -1.0, Fn("", row(*first, Op("+"), *second))


def _term_general(w: Writer, a: Expr, y: Expr) -> Expr:
    """Return one output's share of a sample's loss, from the symbols of output and target, without common factor and sign."""
    if w.problem.loss == "none":
        return a
    if w.problem.loss in _SQUARED:
        return Sup(Fn("", row(a, Op("−"), y)), "2")
    if w.problem.loss == "cross_entropy":
        return row(*_times_log(w, y, a))
    second = _times_log(w, Fn("", row(constant(1), Op("−"), y)), row(constant(1), Op("−"), a))
    return Fn("", row(*_times_log(w, y, a), Op("+"), *second))


def _common(w: Writer) -> Frac | Num | None:
    return _fraction(_factor(w.problem.loss, w.problem.layers[-1])) if w.problem.loss in _SQUARED else None


def _negative(w: Writer) -> bool:
    return w.problem.loss in ("cross_entropy", "binary_cross_entropy")


def true_class(w: Writer, s: int | None = None) -> int | None:
    """Return the output that a one-hot target names, where the notation writes cross-entropy as −log ŷ_ℓ; else None."""
    return int(w.record.y[w.sample if s is None else s].argmax()) if names_class(w) else None


def names_class(w: Writer) -> bool:
    """Say whether the loss is written as −log ŷ_ℓ, with ℓ for the class that a target names."""
    return w.style.get("cross_entropy") == "true_class" and w.problem.loss == "cross_entropy" and has_one_hot_targets(w.problem)


def _sample_numbers(w: Writer, s: int, upto: int | None) -> Expr:
    """Return the loss of one sample in numbers, summed over its outputs."""
    n = w.problem.layers[-1]
    body = w.total(n if upto is None else upto, lambda j: _term_numbers(w, j, s))
    factor = _common(w)
    many = isinstance(body, Row) and any(item in (Op("+"), Op("−")) for item in body.items)
    return scaled(factor, Fn("", body) if factor is not None and many else body, Op("·"))


def general_loss(w: Writer) -> Expr:
    """Return the loss of one sample in symbols, with letters for the outputs and for the sample, ℓ for the class that its target names."""
    n = w.letters["sample"] if w.m > 1 else "1"
    if names_class(w):
        return row(Op("−"), Fn(_log(w), _of_sample(w, "a", TRUE_CLASS, n)))
    return _sample_rule(w, n)


def _of_sample(w: Writer, quantity: str, unit: str | None, n: str) -> Sym:
    """Return the symbol of an output or target of the sample that is called n, or of all of them (unit None)."""
    l = w.problem.depth if quantity == "a" else 0
    return Sym(w.notation.name_of(quantity, l, w.problem, w.m, unit=unit, sample=n))


def _sample_rule(w: Writer, sample: str) -> Expr:
    """Return the loss of the sample of this number or letter in symbols, with letters for the outputs."""
    L, n = w.problem.depth, w.problem.layers[-1]
    if w.problem.loss == "none":
        return _of_sample(w, "a", "1", sample)
    if w.problem.loss in _SQUARED and w.style.get("norm") == "bars":
        y, a = (_of_sample(w, name, None, sample).latex for name in ("y", "a"))
        return scaled(_common(w), Sym(f"\\lVert {y} - {a}\\rVert_2^2"), Op("·"))
    j = w.letter(L, "unit")
    body = _term_general(w, _of_sample(w, "a", j, sample), _of_sample(w, "y", j, sample))
    total: Expr = row(Sym(f"\\sum_{{{j}=1}}^{{{n}}}"), body)
    if _negative(w):
        return row(Op("−"), *total.items) if isinstance(total, Row) else total
    return scaled(_common(w), total, Op("·"))


def loss_sample(w: Writer, s: int, symbol: Expr, result: Expr, upto: int | None = None) -> list[Side]:
    """One sample's loss."""
    l = true_class(w, s)
    if l is not None and upto is None:
        a = Ref("a", w.problem.depth, l, sample=s)
        rule = row(Op("−"), Fn(_log(w), w.sym(a)))
        return [*symbols(symbol, rule), ("numbers", row(Op("−"), Fn(_log(w), w.num(a, bracket=False)))), ("result", result)]
    return [*symbols(symbol, _sample_rule(w, str(s + 1))), *_sample_sides(w, s, upto), ("result", result)]


def _sample_sides(w: Writer, s: int, upto: int | None) -> list[Side]:
    """Return the loss of one sample in numbers; where each output's share is rounded, the sum of the rounded shares too."""
    sides: list[Side] = [("numbers", _sample_numbers(w, s, upto))]
    n = w.problem.layers[-1] if upto is None else upto
    if w.rounds and n > 1:
        sides.append(("numbers", w.total(n, lambda j: (1.0, w.num(Ref("loss_output", 0, j, sample=s))))))
    return sides


def unit_loss(w: Writer, ref: Ref, upto: int | None = None) -> list[Side]:
    """The loss of the batch: its sample's, or the sum or mean over samples; with the penalty where there is one."""
    result = w.num(Ref("loss"), bracket=False)
    symbol = Sym(w.notation.name_of("loss", 0, w.problem, w.m), Ref("loss"))
    penalised = bool(w.problem.l2)
    n = w.problem.layers[-1] if w.m == 1 else w.m
    shown = None if upto is None else min(upto, n)
    sides = loss_sample(w, 0, symbol, result, shown) if w.m == 1 else _over_samples(w, symbol, result, shown)
    if not penalised:
        return sides
    if upto is not None and upto <= n:
        return sides
    value = next(expr for kind, expr in reversed(sides) if kind == "numbers")
    written = [(kind, _plus(expr, {"rule": _penalty_symbol, "numbers": _penalty_numbers}[kind](w))) for kind, expr in sides[1:-1]]
    return [sides[0], *written, ("numbers", _plus(value, w.num(Ref("penalty")))), sides[-1]]


def _plus(expr: Expr, summand: Expr) -> Row:
    return row(*(expr.items if isinstance(expr, Row) else (expr,)), Op("+"), summand)


def _penalty_symbol(w: Writer) -> Sym:
    return Sym(w.notation.symbols.get("penalty", "\\frac{\\lambda}{2} \\sum W^{2}"), Ref("penalty"))


def _penalty_numbers(w: Writer) -> Expr:
    """Return λ/2 · (w² + …) over all weights in numbers; of many the first few and the last, with their count."""
    squares = calculation(w.record, Ref("penalty"))
    assert squares is not None
    total = w.total(squares.count, lambda i: (1.0, w.squared(squares.term(i).factors[0])), "weights")
    return row(Frac(constant(w.problem.l2), constant(2)), Op("·"), Fn("", total))


def unit_penalty(w: Writer, ref: Ref) -> list[Side]:
    """The L2 penalty, with the squares of the weights written out."""
    return [("symbol", _penalty_symbol(w)), ("numbers", _penalty_numbers(w)), ("result", w.num(ref, bracket=False))]


def penalty_note(w: Writer) -> str:
    """Return what has to be said about the penalty's sum where there are biases, which it leaves out."""
    if not w.problem.l2 or not w.problem.has_biases:
        return ""
    where = f" (the first {w.notation.presentation.bias} of each matrix)" if w.inside else ""
    return f"The penalty's sum goes over all weights; the biases{where} are left out."


def _over_samples(w: Writer, symbol: Expr, result: Expr, upto: int | None) -> list[Side]:
    mean = w.problem.batch_reduction == "mean"
    share = Frac(constant(1), constant(w.m)) if mean else None
    n = w.letters["sample"]
    one = Sym(w.notation.name_of("loss_sample", 0, w.problem, w.m, sample=n))
    rule = scaled(share, row(Sym(f"\\sum_{{{n}=1}}^{{{w.m}}}"), one), Op("·"))
    body = w.total(w.m if upto is None else upto, lambda s: (1.0, w.num(Ref("loss_sample", sample=s))), "samples")
    numbers = scaled(share, Fn("", body) if mean else body, Op("·"))
    return [*symbols(symbol, rule), ("numbers", numbers), ("result", result)]


def unit_loss_output(w: Writer, ref: Ref) -> list[Side]:
    """One output's term of one sample's loss."""
    s, j = w.sample if ref.sample is None else ref.sample, ref.unit or 0
    sign, body = _term_numbers(w, j, s)
    negative: tuple[Expr, ...] = (Op("−"),) if _negative(w) else ()
    a, y = w.sym(Ref("a", w.problem.depth, j, sample=s)), w.sym(Ref("y", 0, j, sample=s))
    rule = _term_general(w, a, y)
    minus = (Op("−"),) if sign < 0 else ()
    numbers = scaled(_common(w), row(*minus, body), Op("·"))
    written = scaled(_common(w), row(*negative, rule), Op("·"))
    return [*symbols(w.sym(ref._replace(sample=s)), written), ("numbers", numbers), ("result", w.num(ref, bracket=False))]


# -- ∂L/∂a of the outputs ----------------------------------------------------------------------------------------------------


def _quotient(w: Writer, a: Expr, y: Expr) -> Expr:
    """Return −(y − a)/(a(1 − a)), the derivative of binary cross-entropy as one fraction."""
    return row(Op("−"), Frac(row(y, Op("−"), a), row(a, w.times, Fn("", row(constant(1), Op("−"), a)))))


def _as_quotient(w: Writer) -> bool:
    return w.problem.loss == "binary_cross_entropy" and w.style.get("error") == "quotient"


def _error(w: Writer, a: Expr, y: Expr) -> Expr:
    """Return ∂L/∂a for one output, from its a and y (symbols or numbers); with numbers what a target of 0 or 1 leaves of it."""
    loss, zero = w.problem.loss, isinstance(y, Num) and y.value == 0
    if loss == "none":
        return constant(1)
    if loss in _SQUARED:
        factor = _fraction(_slope_factor(loss, w.problem.layers[-1]))
        difference = row(a, Op("−"), y)
        return difference if factor is None else row(factor, w.times, Fn("", difference))
    if loss == "cross_entropy":
        return constant(0) if zero else row(Op("−"), Frac(y, a))
    one = isinstance(y, Num) and y.value == 1
    if _as_quotient(w) and not zero and not one:
        return _quotient(w, a, y)
    left = None if one else Frac(row(constant(1), Op("−"), y), row(constant(1), Op("−"), a))
    right = None if zero else Frac(y, a)
    if left is None or right is None:
        return left if left is not None else row(Op("−"), right if right is not None else constant(0))
    return row(left, Op("−"), right)


def _error_numbers(w: Writer, j: int, s: int) -> list[Expr]:
    """Return ∂L/∂a of one output in numbers: as its rule says, and then what is left of it where a target of 0 or 1 cancels a factor."""
    a, y = w.num(Ref("a", w.problem.depth, j, sample=s), bracket=False), w.num(Ref("y", 0, j, sample=s))
    short = _error(w, a, y)
    if not _as_quotient(w) or y.value not in (0.0, 1.0) or a.value in (0.0, 1.0):  # 0 · ∞ where an output is saturated
        return [short]
    return [_quotient(w, a, replace(y, bracket=False)), short]


def matrix_dLda(w: Writer, stage: Stage) -> list[Equation]:
    """∂L/∂a of the output layer, as vectors."""
    L, n = stage.layer, stage.components
    result, a, y = w.numbers("dLda", L), w.whole("a", L), w.whole("y")
    named = _named(w, w.whole("dLda", L), a)
    if w.problem.loss in _SQUARED and not (w.style.get("error") == "components" and not w.batch):
        factor = _fraction(_slope_factor(w.problem.loss, n))
        rule: Expr = row(a, Op("−"), y)
        numbers: Expr = row(w.numbers("a", L), Op("−"), w.numbers("y"))
        if factor is not None:
            rule, numbers = row(factor, Fn("", rule)), row(factor, w.times, Fn("", numbers))
        sides: list[Side] = [*named, ("rule", rule), ("numbers", numbers), ("result", result)]
        return [w.equation(scaled_by_mean(w, sides), L, before_averaging(w))]
    l = true_class(w)
    if l is not None and not w.batch:
        return [w.equation([*named, ("rule", _true_class_rule(w, l)), ("numbers", _true_class_numbers(w, l)), ("result", result)], L)]
    sides = [*named, *_entrywise(w, n), ("result", result)]
    return [*_general_first(w, L), w.equation(scaled_by_mean(w, sides), L, before_averaging(w))]


def _named(w: Writer, symbol: Sym, a: Sym, sample: str = "") -> list[Side]:
    """Return the symbol of ∂L/∂a, and what it stands for where it is a name of its own: δ⁽³⁾ = ∂L/∂a⁽³⁾."""
    if w.batch or "\\partial" in symbol.latex or "\\nabla" in symbol.latex:
        return symbols(symbol)
    loss = w.notation.name_of("loss" if w.m == 1 else "loss_sample", 0, w.problem, w.m, sample=sample or w.shown_sample)
    return symbols(symbol, Sym(f"\\frac{{\\partial {loss}}}{{\\partial {a.latex}}}"))


def _entrywise(w: Writer, n: int) -> list[Side]:
    """Return the sides of ∂L/∂a with one formula per entry: in symbols (of one sample) and in numbers."""
    cells = batch_cells(w, n, lambda j, s: _error_numbers(w, j, s)[0])
    if w.batch:
        return [("numbers", cells)]
    return [("rule", w.grid(n, 1, lambda i, k: _error_symbols(w, i))), ("numbers", cells)]


def _error_symbols(w: Writer, j: int) -> Expr:
    return _error(w, w.sym(Ref("a", w.problem.depth, j, sample=w.sample)), w.sym(Ref("y", 0, j, sample=w.sample)))


def batch_cells(w: Writer, n: int, cell: Callable[[int, int], Expr]) -> Mat:
    """Return a matrix of cell(unit, sample): one column for the chosen sample, or one per sample (or row)."""
    samples = range(w.m) if w.batch else (w.sample,)
    if w.batch and w.in_rows:
        return w.grid(len(samples), n, lambda i, j: cell(j, samples[i]))
    return w.grid(n, len(samples), lambda i, j: cell(i, samples[j]))


def _general_first(w: Writer, L: int) -> list[Equation]:
    return [Equation(tuple(general_dLda(w, L)))] if w.batch else []


def _true_class_rule(w: Writer, l: int) -> Expr:
    return row(Op("−"), Frac(constant(1), w.sym(Ref("a", w.problem.depth, l, sample=w.sample))), w.whole("y"))


def _true_class_numbers(w: Writer, l: int) -> Expr:
    top = Frac(constant(1), w.num(Ref("a", w.problem.depth, l, sample=w.sample), bracket=False))
    return row(Op("−"), top, Op("·"), w.numbers("y"))


def general_dLda(w: Writer, L: int) -> list[Side]:
    """∂L/∂a_j of an output, with letters; of the true class's output where the notation has one, as its target alone is not 0."""
    j = w.letter(L, "unit")
    a = w.general("a", L, j)
    below = w.general("a", L, TRUE_CLASS) if names_class(w) else a
    return [*_named(w, w.general("dLda", L, j), a, w.letter_sample), ("rule", _error(w, below, w.general("y", 0, j)))]


def unit_dLda(w: Writer, ref: Ref) -> list[Side]:
    """∂L/∂a of one output, with numbers."""
    s, j = w.sample if ref.sample is None else ref.sample, ref.unit or 0
    a, y = Ref("a", ref.layer, j, sample=s), Ref("y", 0, j, sample=s)
    of_class = true_class(w, s)
    rule = _error(w, w.sym(a if of_class is None else a._replace(unit=of_class)), w.sym(y))
    numbers: list[Side] = [("numbers", side) for side in _error_numbers(w, j, s)]
    symbol, of = (Sym(w.notation.symbol(r, w.problem, w.m), r) for r in (ref._replace(sample=s), a))
    return [*_named(w, symbol, of, str(s + 1)), ("rule", rule), *numbers, ("result", w.num(ref, bracket=False))]
