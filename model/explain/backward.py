"""Formulas of the backward pass: the slope φ′, and the error handed to the layer below."""

from __future__ import annotations

from model.explain.calculation import calculation
from model.explain.loss import batch_cells
from model.explain.parts import Side, Writer, before_averaging, in_front, mean_front, row, symbols
from model.explain.slope import slope_call, slope_of_sum, slope_rule, slope_whole, slope_written
from model.expr.tree import Equation, Expr, Fn, Op, Sym, constant, format_number
from model.stages import Ref, Stage

# -- the slope -----------------------------------------------------------------------------------------------------------------


def matrix_dadz(w: Writer, stage: Stage) -> list[Equation]:
    """φ′(z) entry by entry."""
    l, n = stage.layer, stage.components

    def cell(j: int, s: int) -> Expr:
        z, a = w.num(Ref("z", l, j, sample=s), bracket=False), w.num(Ref("a", l, j, sample=s), bracket=False)
        written = slope_written(w, l, a, z)
        return written if written is not None else slope_call(w, l, z)

    rule = slope_whole(w, l)
    sides: list[Side] = symbols(w.whole("dadz", l), *([rule] if rule is not None else []))
    sides += [("numbers", slope_call(w, l, w.numbers("z", l)))] if w.style.get("slope") == "formula" else []
    sides.append(("numbers", batch_cells(w, n, cell)))
    if _slope_of_rounded(w, l):
        sides.append(("numbers", batch_cells(w, n, lambda j, s: _from_output(w, Ref("a", l, j, sample=s)))))
    sides.append(("result", w.numbers("dadz", l)))
    return [w.equation(sides, l, slope_rule(w, stage))]


def _slope_of_rounded(w: Writer, l: int) -> bool:
    """Say whether the slope is written with σ(z) but formed from the rounded value that the forward pass wrote down."""
    return w.rounds and w.style.get("slope") == "formula" and w.problem.activations[l - 1] == "sigmoid"


def _from_output(w: Writer, a: Ref) -> Expr:
    value = w.num(a, bracket=False)
    return row(value, w.times, Fn("", row(constant(1), Op("−"), value)))


def general_dadz(w: Writer, l: int) -> list[Side]:
    """φ′(z_j), with letters."""
    j = w.letter(l, "unit")
    z = w.general("z", l, j)
    written = slope_written(w, l, w.general("a", l, j), z) or slope_of_sum(w, l, z)
    return symbols(w.general("dadz", l, j), *([written] if written is not None else []))


def unit_dadz(w: Writer, ref: Ref) -> list[Side]:
    """The slope of one neuron."""
    l, s = ref.layer, w.sample if ref.sample is None else ref.sample
    z, a = Ref("z", l, ref.unit, sample=s), Ref("a", l, ref.unit, sample=s)
    rule = slope_written(w, l, w.sym(a), w.sym(z))
    number = slope_written(w, l, w.num(a, bracket=False), w.num(z, bracket=False))
    sides = symbols(w.sym(ref._replace(sample=s)), *([rule] if rule is not None else []))
    sides.append(("numbers", number if number is not None else slope_call(w, l, w.num(z, bracket=False))))
    sides += [("numbers", _from_output(w, a))] if _slope_of_rounded(w, l) else []
    return [*sides, ("result", w.num(ref, bracket=False))]


# -- the error handed down -----------------------------------------------------------------------------------------------------


def new_mark(w: Writer) -> str:
    """Return what a weight's name ends with where the error is handed down through weights that have been updated already."""
    return "_new" if w.problem.hidden_delta_uses == "new" and w.record.new_params is not None else ""


def _new_note(w: Writer) -> str:
    return "This experiment hands the error down through the already updated weights." if new_mark(w) else ""


def carried_note(w: Writer, stage: Stage) -> str:
    """Return what has to be said of a stage below the output whose rule has the weights in it that the error comes through."""
    through = stage.quantity in ("dLda", "dLdX") or (stage.quantity == "delta" and w.style.get("delta") == "cases")
    below = stage.layer + (stage.quantity != "dLdX") <= w.problem.depth
    return _new_note(w) if through and below else ""


def matrix_carried(w: Writer, quantity: str, l: int) -> list[Equation]:
    """∂L/∂X of weight layer l (with its first coordinate), or ∂L/∂a of the neurons below it: Wᵀ · δ."""
    name = "W" + new_mark(w)
    with_bias = quantity == "dLdX"
    W = w.whole(name, l) if with_bias else w.without_biases(name, l)  # the row that belongs to the constant 1 takes no error
    flip = w.transposed != (w.in_rows and w.batch)
    weights: Expr = W if flip else w.transpose(W)
    numbers = w.matrix(name, l, transposed=not flip, with_bias=with_bias)
    target = l if with_bias else l - 1
    rule: list[Expr] = [weights, *w.dot(), w.whole("delta", l)]
    shown: list[Expr] = [numbers, *w.dot(), *mean_front(w), w.numbers("delta", l)]
    if w.in_rows and w.batch:
        rule, shown = rule[::-1], [*mean_front(w), w.numbers("delta", l), *w.dot(), numbers]
    result = in_front(mean_front(w), w.numbers(quantity, target))
    sides: list[Side] = [*symbols(w.whole(quantity, target), row(*rule)), ("numbers", row(*shown)), ("result", result)]
    return [w.equation(sides, l, " ".join(filter(None, (before_averaging(w), _new_note(w)))))]


def dropped(w: Writer, stage: Stage) -> list[Equation]:
    """∂L/∂a of a hidden layer where ∂L/∂X has just been formed: the same numbers without the first."""
    l = stage.layer
    sides: list[Side] = [("symbol", w.whole("dLda", l)), ("result", w.numbers("dLda", l))]
    first = Ref("dLdX", l + 1, 0, sample=w.sample)
    return [w.equation(sides, l, f"The first coordinate, {format_number(w.moment.value(first), w.moment.fmt)}, is left out.")]


def general_carried(w: Writer, quantity: str, l: int) -> list[Side]:
    """∂L/∂a_j = Σ_k w_kj δ_k over the units of weight layer l, with letters."""
    j, k = w.letter(l - 1, "unit"), w.letter(l, "next")
    factors: list[Expr] = [w.general("W" + new_mark(w), l, k, j), w.general("delta", l, k)]
    if w.style.get("back_sum") == "error_first":
        factors.reverse()
    symbol = w.general("dLdX", l, j) if quantity == "dLdX" else w.general("dLda", l - 1, j)
    return symbols(symbol, row(Sym(f"\\sum_{{{k}}}"), w.joined(factors)))


def unit_carried(w: Writer, ref: Ref, upto: int | None = None) -> list[Side]:
    """One coordinate of ∂L/∂X, or ∂L/∂a of one hidden neuron: every path by which it reaches the loss, added up."""
    calc = calculation(w.record, ref, w.sample)
    assert calc is not None
    reverse = w.style.get("back_sum") == "error_first"
    s = w.sample if ref.sample is None else ref.sample
    return [
        *symbols(w.sym(ref._replace(sample=s)), w.sum_symbols(calc, reverse=reverse)),
        ("numbers", w.sum_numbers(calc, reverse=reverse, upto=upto)),
        ("result", w.num(ref, bracket=False)),
    ]
