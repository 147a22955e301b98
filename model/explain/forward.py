"""Formulas of the forward pass: the weighted sums z and the activations a."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from model.activations import LEAKY_SLOPE
from model.explain.calculation import calculation
from model.explain.parts import Side, Writer, row, symbols
from model.explain.slope import function_rule
from model.expr.text import latex_to_text
from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Num, Op, Sup, Sym, constant
from model.stages import Ref, Stage

_LARGEST_EXPONENT = 300.0


def input_symbol(w: Writer, l: int) -> Expr:
    """Return the symbol of the input of weight layer l, with its leading 1 where the notation has one."""
    if w.inside and w.style.get("input") == "stacked":
        stacked: tuple[tuple[Expr, ...], ...] = ((constant(1, Ref("one")),), (w.whole("X", l),))
        return Mat(stacked, "(")
    return w.whole("X", l)


def input_equation(w: Writer, l: int) -> list[Equation]:
    """Return the equation that says what the input of layer l is, with its leading 1, in notations that name it."""
    if not w.inside:
        return _renamed(w, l)
    if w.style.get("input") == "stacked":
        return []
    ones: tuple[tuple[Expr, ...], ...] = ((constant(1, Ref("one")),), (w.whole("a", l - 1),))
    sides: list[Side] = [*symbols(w.whole("X", l), Mat(ones, w.bracket)), ("result", w.numbers("a", l - 1, leading_one=True))]
    return [w.equation(sides)]


def _renamed(w: Writer, l: int) -> list[Equation]:
    """Return X = a where the notation has a name of its own for the input of a layer."""
    X, a = w.whole("X", l), w.whole("a", l - 1)
    return [] if X.latex == a.latex else [w.equation([*symbols(X, a), ("result", w.numbers("a", l - 1))])]


def input_definition(w: Writer, l: int) -> list[Equation]:
    """Return, with letters, what the inputs of layer l are: X₀ = 1 where a sum begins there, and X_k = a_k where they have a name."""
    k = w.letter(l - 1, "from")
    X, a = w.general("X", l, k), w.general("a", l - 1, k)
    found = [Equation(tuple(symbols(w.general("X", l, "0"), constant(1, Ref("one")))))] if w.inside else []
    return found if X.latex == a.latex else [*found, Equation(tuple(symbols(X, a)))]


def input_note(w: Writer, l: int) -> str:
    """Return in words what the input of layer l is, in notations that have a name of its own for it."""
    X, a = w.whole("X", l), w.whole("a", l - 1)
    if X.latex == a.latex:
        return ""
    return f"{latex_to_text(X.latex)} is {latex_to_text(a.latex)}{' with a 1 put before it' if w.inside else ''}."


def numbered_note(w: Writer, stage: Stage) -> str:
    """Return what a symbol is called once numbers take the place of letters, where the letters alone say which layer is meant."""
    first = stage.layer == (1 if stage.phase == "forward" else w.problem.depth)
    if not first or not w.notation.by_layer(w.problem) or f"{stage.quantity}.general" not in w.notation.symbols:
        return ""
    general, one = (w.general(stage.quantity, stage.layer, unit).latex for unit in (w.letter(stage.layer, "unit"), "1"))
    return f"{latex_to_text(general)} with a number is {latex_to_text(one)}: the letter of its weights tells the layers apart."


def matrix_z(w: Writer, stage: Stage) -> list[Equation]:
    """z = W · X, or W · x + b; for a batch one column (or row) per sample."""
    l = stage.layer
    W, X = w.whole("W", l), input_symbol(w, l)
    biased = w.problem.has_biases and not w.inside
    flip = w.transposed != (w.in_rows and w.batch)
    weights: Expr = w.transpose(W) if flip else W
    turned = w.matrix("W", l, transposed=flip)
    inputs: Expr = w.numbers("a", l - 1, leading_one=w.inside)
    rule: list[Expr] = [weights, *w.dot(), X]
    shown: list[Expr] = [turned, *w.dot(), inputs]
    if w.in_rows and w.batch:
        rule, shown = [X, *w.dot(), weights], [inputs, *w.dot(), turned]
    if biased:
        rule += [Op("+"), *_bias_symbol(w, l)]
        shown += [Op("+"), *_bias_numbers(w, l)]
    sides: list[Side] = [*symbols(w.whole("z", l), row(*rule)), ("numbers", row(*shown)), ("result", w.numbers("z", l))]
    before = input_equation(w, l) if l == 1 else []
    return [*before, w.equation(sides, l)]


def _bias_symbol(w: Writer, l: int) -> list[Expr]:
    b = w.whole("b", l)
    if not w.batch:
        return [b]
    ones = Sym(f"\\mathbf{{1}}_{{{w.m}}}")
    return [ones, *w.dot(), w.transpose(b)] if w.in_rows else [b, *w.dot(), Sup(ones, "T")]


def _bias_numbers(w: Writer, l: int) -> list[Expr]:
    n = w.problem.layers[l]
    column = w.grid(n, 1, lambda i, j: w.num(Ref("b", l, i), bracket=False))
    if not w.batch:
        return [column]
    if w.in_rows:
        flat = w.grid(1, n, lambda i, j: w.num(Ref("b", l, j), bracket=False))
        return [w.grid(w.m, 1, lambda i, j: constant(1)), *w.dot(), flat]
    return [column, *w.dot(), w.grid(1, w.m, lambda i, j: constant(1))]


def general_z(w: Writer, stage: Stage) -> list[Side]:
    """z_j = Σ_k W_jk x_k + b_j, with letters."""
    l = stage.layer
    j, k = w.letter(l, "unit"), w.letter(l - 1, "from")
    factors: list[Expr] = [w.general("W", l, j, k), w.general("X", l, k)]
    if w.style.get("sum") == "value_first":
        factors.reverse()
    limits = f"_{{{k}=0}}^{{{w.problem.layers[l - 1]}}}" if w.inside else f"_{{{k}}}"
    rule: list[Expr] = [Sym(f"\\sum{limits}"), w.joined(factors)]
    if w.problem.has_biases and not w.inside:
        rule += [Op("+"), w.general("b", l, j)]
    return symbols(w.general("z", l, j), row(*rule))


def unit_z(w: Writer, ref: Ref, upto: int | None = None) -> list[Side]:
    """One z with its sum written out; `upto`: only its first terms."""
    calc = calculation(w.record, ref, w.sample)
    assert calc is not None
    reverse, last_first = w.style.get("sum") == "value_first", w.problem.has_biases and not w.inside
    rule = w.sum_symbols(calc, reverse=reverse, last_first=last_first)
    numbers = w.sum_numbers(calc, reverse=reverse, last_first=last_first, upto=upto)
    return [*symbols(w.sym(ref), rule), ("numbers", numbers), ("result", w.num(ref, bracket=False))]


def matrix_a(w: Writer, stage: Stage) -> list[Equation]:
    """a = φ(z), and the next layer's input where it has a leading 1."""
    l = stage.layer
    phi = w.phi(l)
    softmax = w.problem.activations[l - 1] == "softmax"
    numbers: list[Expr] = []
    if w.batch or softmax:
        numbers.append(Fn(phi, w.numbers("z", l)))
    if softmax and not w.batch:
        numbers += [_column(w, stage.components, written) for written in _written_out(w, l)]
    if not w.batch and not softmax:
        numbers.append(w.grid(stage.components, 1, lambda i, j: Fn(phi, w.num(Ref("z", l, i, sample=w.sample), bracket=False))))
    sides: list[Side] = [*symbols(w.whole("a", l), Fn(phi, w.whole("z", l))), *(("numbers", side) for side in numbers)]
    sides.append(("result", w.numbers("a", l)))
    after = input_equation(w, l + 1) if l < w.problem.depth else []
    defined = [Equation(tuple(general_a(w, stage)))] if softmax else []
    return [*defined, w.equation(sides, l, _shift_note(w, l) if softmax else function_rule(w, stage)), *after]


def general_a(w: Writer, stage: Stage) -> list[Side]:
    """a_j = φ(z_j), with letters."""
    l = stage.layer
    j = w.letter(l, "unit")
    if w.problem.activations[l - 1] != "softmax":
        return symbols(w.general("a", l, j), Fn(w.phi(l), w.general("z", l, j)))
    other = w.second_letter(l)
    bottom = row(Sym(f"\\sum_{{{other}}}"), Fn("\\exp", w.general("z", l, other)))
    z = w.notation.name_of("z", l, w.problem, w.m, sample=w.letter_sample)
    entry = Sym(f"{w.phi(l)}({z})_{{{j}}}")
    return symbols(w.general("a", l, j), entry, Frac(Fn("\\exp", w.general("z", l, j)), bottom))


def unit_a(w: Writer, ref: Ref) -> list[Side]:
    """One activation, with the function written out."""
    l, j = ref.layer, ref.unit or 0
    name = w.problem.activations[l - 1]
    result: Side = ("result", w.num(ref, bracket=False))
    z = Ref("z", l, j, sample=ref.sample if ref.sample is not None else w.sample)
    if name == "softmax":
        bottom = w.total(w.problem.layers[l], lambda k: (1.0, Fn("\\exp", w.sym(z._replace(unit=k)))))
        rule = Frac(Fn("\\exp", w.sym(z)), bottom)
        return [*symbols(w.sym(ref), rule), *(("numbers", written(j)) for written in _written_out(w, l)), result]
    phi = w.phi(l)
    sides: list[Side] = [*symbols(w.sym(ref), Fn(phi, w.sym(z))), ("numbers", Fn(phi, w.num(z, bracket=False)))]
    sides += [("numbers", side) for side in _written(name, w.num(z))]
    return [*sides, result]


def _written(name: str, z: Num) -> list[Expr]:
    """Return the function written out at z, where that says more than its name."""
    v = z.value
    if name == "sigmoid":
        return [Frac(constant(1), row(constant(1), Op("+"), Fn("\\exp", Num(-v, z.ref))))]
    if name == "relu":
        return [Fn("\\max", row(constant(0), Op(","), z))]
    if name == "leaky_relu" and v <= 0:
        return [row(constant(LEAKY_SLOPE), Op("·"), z)]
    if name == "elu" and v <= 0:
        return [row(Fn("\\exp", z), Op("−"), constant(1))]
    if name == "gelu":
        return [row(Num(v, z.ref), Op("·"), Fn("\\Phi", Num(v, z.ref)))]
    if name == "softplus" and v < _LARGEST_EXPONENT:
        return [Fn("\\ln", row(constant(1), Op("+"), Fn("\\exp", Num(v, z.ref))))]
    if name == "tanh" and abs(v) < _LARGEST_EXPONENT:
        up, down = Fn("\\exp", Num(v, z.ref)), Fn("\\exp", Num(-v, z.ref))
        return [Frac(row(up, Op("−"), down), row(up, Op("+"), down))]
    return []


def _column(w: Writer, n: int, cell: Callable[[int], Expr]) -> Mat:
    return w.grid(n, 1, lambda i, j: cell(i))


def _written_out(w: Writer, l: int) -> list[Callable[[int], Frac]]:
    """Return the ways softmax of a unit is written in numbers; who rounds writes only the quotient down, not the exponentials."""
    return [_exponentials(w, l)] if w.rounds else [_exponentials(w, l), _fraction(w, l)]


def _exponentials(w: Writer, l: int) -> Callable[[int], Frac]:
    """Return softmax of unit j with its exponentials, from the numbers that stand on the board."""
    top = Num(float(w.record.z[l - 1][w.sample].max()), bracket=True)

    def power(j: int) -> Expr:
        z = w.num(Ref("z", l, j, sample=w.sample), bracket=False)
        return Fn("\\exp", row(z, Op("−"), top) if _too_large(w, l) else z)

    bottom = w.total(w.problem.layers[l], lambda k: (1.0, power(k)))
    return lambda j: Frac(power(j), bottom)


def _fraction(w: Writer, l: int) -> Callable[[int], Frac]:
    """Return softmax of unit j as a fraction of two numbers, as Dyda prints it."""
    z = w.record.z[l - 1][w.sample]
    top = float(z.max()) if _too_large(w, l) else 0.0
    with np.errstate(all="ignore"):
        exps = np.exp(z - top)
    return lambda j: Frac(Num(float(exps[j])), Num(float(exps.sum())))


def _too_large(w: Writer, l: int) -> bool:
    return float(abs(w.record.z[l - 1][w.sample]).max()) > _LARGEST_EXPONENT


def _shift_note(w: Writer, l: int) -> str:
    if not _too_large(w, l):
        return ""
    return "The largest pre-activation is subtracted from each before exponentiating; that cancels in every fraction and avoids overflow."
