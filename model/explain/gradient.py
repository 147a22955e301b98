"""Formulas of the gradients ∂L/∂W and ∂L/∂b: of one sample, and as the sum or mean over samples, with the penalty."""

from __future__ import annotations

from dataclasses import replace

from model.explain.calculation import Calculation, Term, calculation
from model.explain.forward import input_symbol
from model.explain.parts import Side, Writer, mean_in_delta, row, scaled, symbols
from model.expr.text import latex_to_text
from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Op, Row, Sym, constant
from model.stages import Ref, Stage

LAMBDA = Sym("\\lambda")


def share(w: Writer) -> Frac | None:
    """Return 1/m where gradients are means over more than one sample."""
    return Frac(constant(1), constant(w.m)) if w.m > 1 and w.problem.batch_reduction == "mean" else None


def _outer(w: Writer, l: int) -> tuple[list[Expr], list[Expr]]:
    """Return δ · Xᵀ in symbols and numbers, turned as the notation displays W."""
    delta, X = w.whole("delta", l), input_symbol(w, l)
    flat = w.batch and w.in_rows  # samples as rows: the first factor of the product is the turned one

    def numbers(quantity: str, turned: bool) -> Mat:
        layer = l if quantity == "delta" else l - 1
        return w.numbers(quantity, layer, transposed=turned, leading_one=quantity == "a" and w.inside)

    first, second = ("a", "delta") if w.transposed else ("delta", "a")
    names: dict[str, Expr] = {"a": X, "delta": delta}
    if flat:
        return [w.transpose(names[first]), *w.dot(), names[second]], [numbers(first, True), *w.dot(), numbers(second, False)]
    return [names[first], *w.dot(), w.transpose(names[second])], [numbers(first, False), *w.dot(), numbers(second, True)]


def matrix_dW_sample(w: Writer, stage: Stage) -> list[Equation]:
    """The chosen sample's own ∂L/∂W: δ times the input, each with each."""
    single = Writer(w.moment, batch=False)
    rule, numbers = _outer(single, stage.layer)
    symbol = Sym(w.notation.name_of("dW_sample", stage.layer, w.problem, w.m, sample=w.shown_sample), Ref("dW_sample", stage.layer))
    result = single.matrix("dW_sample", stage.layer)
    if w.inside and w.problem.bias_sharing == "per_layer":
        cells = w.cells(stage.shape, lambda i: w.sum_numbers(_of_one_sample(w, stage.entry(i))))
        sides: list[Side] = [("symbol", symbol), ("numbers", cells), ("result", result)]
        written = single.equation(sides, stage.layer, shared_note(w, stage.layer))
        return [Equation(tuple(general_dW_sample(w, stage.layer))), *shared_rule(w, stage), written]
    return [single.equation([*symbols(symbol, row(*rule)), ("numbers", row(*numbers)), ("result", result)], stage.layer)]


def matrix_dW(w: Writer, stage: Stage) -> list[Equation]:
    """∂L/∂W after reduction and penalty."""
    l = stage.layer
    symbol, result = w.whole("dW", l), w.matrix("dW", l)
    if w.inside and w.problem.bias_sharing == "per_layer":
        cells = w.cells(stage.shape, lambda i: _entry_numbers(w, stage.entry(i)))
        written = w.equation([("symbol", symbol), ("numbers", cells), ("result", result)], l, shared_note(w, l))
        return [Equation(tuple(general_dW(w, l))), *shared_rule(w, stage), written]
    if w.m == 1 or w.batch:
        rule, numbers = _outer(w, l)
        if mean_in_delta(w):
            front = Frac(constant(1), constant(w.m))
            numbers = [front, Op("·"), *numbers]
        elif share(w) is not None:
            rule, numbers = [*_front(w), *rule], [*_front(w), *numbers]
    else:
        rule, numbers = _over_samples(w, l)
    note, penalty = "", list[Expr]()
    if w.problem.l2:
        rule += [Op("+"), LAMBDA, _penalised(w, l)]
        penalty = [Op("+"), constant(w.problem.l2), Op("·"), w.matrix("W", l, zero_bias=True)]
        note = "Biases are not penalised: 0 stands in their place." if w.inside else ""
    sides: list[Side] = [*symbols(symbol, row(*rule)), ("numbers", row(*numbers, *penalty))]
    if w.rounds and w.batch:
        sides.append(("numbers", row(*_over_samples(w, l)[1], *penalty)))
    return [w.equation([*sides, ("result", result)], l, note)]


def _penalised(w: Writer, l: int) -> Expr:
    """Return the symbol of what λ multiplies: the weights, with 0 for biases that stand in the same matrix."""
    weights = w.without_biases("W", l)
    return weights if not w.inside or weights == w.whole("W", l) else beside_zero(w, weights)


def beside_zero(w: Writer, weights: Expr) -> Mat:
    """Return a matrix with 0 where the notation has the biases, before the weights or above them."""
    zero = constant(0)
    return Mat(((zero,), (weights,)) if w.notation.presentation.bias == "row" else ((zero, weights),), w.bracket)


def _front(w: Writer) -> list[Expr]:
    front = share(w)
    return [] if front is None else [front, Op("·")]


def _over_samples(w: Writer, l: int) -> tuple[list[Expr], list[Expr]]:
    """Return Σ of the samples' own gradient matrices, with 1/m before it for a mean."""
    n = w.letters["sample"]
    one = Sym(w.notation.name_of("dW_sample", l, w.problem, w.m, sample=n))
    rule: list[Expr] = [*_front(w), Sym(f"\\sum_{{{n}=1}}^{{{w.m}}}"), one]
    body = w.total(w.m, lambda s: (1.0, _sample_matrix(w, l, s)), "samples")
    inner = body if share(w) is None else Fn("", body)
    return rule, [*_front(w), *(inner.items if isinstance(inner, Row) else (inner,))]


def _sample_matrix(w: Writer, l: int, s: int) -> Mat:
    return Writer(replace(w.moment, sample=s), batch=False).matrix("dW_sample", l)


def general_dW(w: Writer, l: int) -> list[Side]:
    """∂L/∂w_jk = Σ δ_j x_k + λ w_jk, with letters."""
    j, k = w.letter(l, "unit"), w.letter(l - 1, "from")
    n = w.letters["sample"] if w.m > 1 else w.shown_sample
    factors = [_named(w, "delta", l, j, n), _named(w, "X", l, k, n)]
    body: Expr = w.joined(factors)
    if w.m > 1:
        body = row(*_front(w), Sym(f"\\sum_{{{n}=1}}^{{{w.m}}}"), *(body.items if isinstance(body, Row) else (body,)))
    if w.problem.l2:
        body = row(*(body.items if isinstance(body, Row) else (body,)), Op("+"), LAMBDA, w.general("W", l, j, k))
    return symbols(w.general("dW", l, j, k), body)


def general_dW_sample(w: Writer, l: int) -> list[Side]:
    """One sample's ∂L/∂w_jk = δ_j x_k, with letters."""
    j, k, n = w.letter(l, "unit"), w.letter(l - 1, "from"), w.shown_sample
    symbol = Sym(w.notation.name_of("dW_sample", l, w.problem, w.m, unit=j, source=k, sample=n))
    return symbols(symbol, w.joined([_named(w, "delta", l, j, n), _named(w, "X", l, k, n)]))


def _named(w: Writer, quantity: str, l: int, unit: str, sample: str) -> Sym:
    return Sym(w.notation.name_of(quantity, l, w.problem, w.m, unit=unit, sample=sample))


def _without_share(w: Writer, calc: Calculation) -> Calculation:
    """Return the same sum without its 1/m (which is written once, before the sum) and without the penalty."""
    is_bias = calc.ref.quantity == "db"
    count = calc.count - (1 if w.problem.l2 and not is_bias else 0)
    tail = (Ref("one"),) if is_bias and w.inside else ()
    return Calculation(calc.ref, count, lambda i: Term(1.0, (*calc.term(i).factors, *tail)))


def _entry_numbers(w: Writer, ref: Ref, upto: int | None = None) -> Expr:
    """Return one entry of ∂L/∂W or ∂L/∂b in numbers; `upto`: only its first terms."""
    calc = calculation(w.record, ref, w.sample)
    assert calc is not None
    inner = _without_share(w, calc)
    whole = upto is None or upto >= calc.count
    front = share(w)
    body = w.sum_numbers(inner, upto=None if whole or upto is None else min(upto, inner.count))
    body = body if front is None else row(front, Op("·"), Fn("", body))
    if inner.count == calc.count or (upto is not None and upto <= inner.count):
        return body
    items = body.items if isinstance(body, Row) else (body,)
    return row(*items, Op("+"), constant(w.problem.l2), Op("·"), w.num(ref._replace(quantity="W")))


def unit_gradient(w: Writer, ref: Ref, upto: int | None = None) -> list[Side]:
    """One entry of ∂L/∂W or ∂L/∂b (or of one sample's own), with its sum over samples written out."""
    calc = calculation(w.record, ref, w.sample)
    assert calc is not None
    if ref.quantity in ("dW_sample", "db_sample"):
        sample = w.sample if ref.sample is None else ref.sample
        named = ref._replace(sample=sample)
        inner = _of_one_sample(w, ref)
        symbol = Sym(w.notation.symbol(named, w.problem, w.m), ref)
        sides = symbols(symbol, w.sum_symbols(inner))
        return [*sides, ("numbers", w.sum_numbers(inner)), ("result", w.num(ref, bracket=False))]
    inner = _without_share(w, calc)
    rule = w.sum_symbols(inner)
    front = share(w)
    rule = rule if front is None else row(front, Op("·"), Fn("", rule))
    if inner.count < calc.count:
        items = rule.items if isinstance(rule, Row) else (rule,)
        rule = row(*items, Op("+"), LAMBDA, w.sym(ref._replace(quantity="W")))
    return [*symbols(w.sym(ref), rule), ("numbers", _entry_numbers(w, ref, upto)), ("result", w.num(ref, bracket=False))]


def _of_one_sample(w: Writer, ref: Ref) -> Calculation:
    """Return how an entry of one sample's gradient is calculated; a bias inside the matrix takes the constant input 1."""
    calc = calculation(w.record, ref, w.sample)
    assert calc is not None
    one = (Ref("one"),) if ref.quantity == "db_sample" and w.inside else ()
    return Calculation(ref, calc.count, lambda i: Term(1.0, (*calc.term(i).factors, *one)))


def matrix_db(w: Writer, stage: Stage) -> list[Equation]:
    """∂L/∂b: δ itself, its sum or mean over samples, or the same sum over the whole layer for a shared bias."""
    l, n = stage.layer, stage.components
    symbol, delta = w.whole("db", l), w.whole("delta", l)
    result = w.grid(n, 1, lambda i, j: w.num(Ref("db", l, i), bracket=False))
    shared = w.problem.bias_sharing == "per_layer"
    if shared or (w.m > 1 and not w.batch):
        cells = w.cells(stage.shape, lambda i: _entry_numbers(w, stage.entry(i)))
        note = shared_note(w, l) if shared else ""
        return [Equation(tuple(general_db(w, l))), w.equation([("symbol", symbol), ("numbers", cells), ("result", result)], l, note)]
    if w.m == 1:
        return [w.equation([*symbols(symbol, delta), ("result", result)], l)]
    ones = Sym(f"\\mathbf{{1}}_{{{w.m}}}")
    column = w.grid(w.m, 1, lambda i, j: constant(1))
    rule: list[Expr] = [w.transpose(delta) if w.in_rows else delta, *w.dot(), ones]
    numbers: list[Expr] = [w.numbers("delta", l, transposed=w.in_rows), *w.dot(), column]
    front = Frac(constant(1), constant(w.m)) if mean_in_delta(w) or share(w) is not None else None
    shown = scaled(front, row(*numbers), Op("·"))
    rule_side = row(*rule) if mean_in_delta(w) or front is None else row(front, Op("·"), *rule)
    return [w.equation([*symbols(symbol, rule_side), ("numbers", shown), ("result", result)], l)]


def general_db(w: Writer, l: int) -> list[Side]:
    """∂L/∂b_j = δ_j, summed over samples, and over the layer's units for a shared bias; with letters."""
    j = w.letter(l, "unit")
    return symbols(w.general("db", l, j), _bias_rule(w, l, j))


def _bias_rule(w: Writer, l: int, j: str, sample: str = "") -> Expr:
    """Return the sum of δ that is the gradient of a bias: over the samples (not if one is named) and over the units it serves."""
    n = sample or (w.letters["sample"] if w.m > 1 else w.shown_sample)
    sums: list[Expr] = [*_front(w), Sym(f"\\sum_{{{n}=1}}^{{{w.m}}}")] if w.m > 1 and not sample else []
    unit = j
    if w.problem.bias_sharing == "per_layer":
        unit = w.second_letter(l)
        sums.append(Sym(f"\\sum_{{{unit}}}"))
    return row(*sums, _named(w, "delta", l, unit, n))


def shared_rule(w: Writer, stage: Stage) -> list[Equation]:
    """Return the rule of a shared bias inside the gradient's matrix, whose entries are not δ times input like the others."""
    if not w.inside or w.problem.bias_sharing != "per_layer" or stage.quantity not in ("dW", "dW_sample"):
        return []
    l, n = stage.layer, w.shown_sample if stage.quantity == "dW_sample" else ""
    j = w.letter(l, "unit")
    symbol = Sym(w.notation.name_of(stage.quantity, l, w.problem, w.m, unit=j, source="0", sample=n or None))
    return [Equation(tuple(symbols(symbol, _bias_rule(w, l, j, n))))]


def shared_note(w: Writer, l: int) -> str:
    """Return what has to be said where one bias serves a whole layer, with the notation's own name of ∂L/∂z."""
    name = latex_to_text(w.notation.name_of("delta", l, w.problem))
    return f"One bias serves the whole layer: its gradient is the sum of all entries of {name}, the same for every neuron."
