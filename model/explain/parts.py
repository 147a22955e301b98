"""The pieces that every explanation is put together from: symbols in a notation, numbers, sums, matrices, and honest notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Literal

from model.drift import drift_note
from model.explain.calculation import Calculation, Term
from model.explain.honesty import honesty
from model.explain.names import symbol_latex
from model.expr.even import even
from model.expr.tidy import distinct, tidy
from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Num, Op, Row, Sup, Sym, Text, constant, is_bare
from model.moment import Moment
from model.scales import scales
from model.stages import Ref

Side = tuple[Literal["symbol", "rule", "numbers", "result"], Expr]
Bracket = Literal["[", "(", "{", ""]
LONGEST_SIDE = 8  # rows or columns of a matrix shown whole
SUM_SHOWN = 8  # terms of a sum written out
SUM_FIRST = 3  # terms shown before the dots of a longer sum
_MATRICES = ("W", "dW", "W_new", "dW_sample")
_BIAS = {"W": "b", "dW": "db", "W_new": "b_new", "dW_sample": "db_sample"}
_PER_SAMPLE = frozenset({"z", "a", "dadz", "dLda", "delta", "dLdX", "dLdx", "y", "x", "loss_output", "loss_sample", "X"})


def row(*items: Expr) -> Row:
    """Return the items side by side."""
    return Row(tuple(items))


def op(symbol: str) -> Op:
    """Return an operator."""
    return Op(symbol)


def symbols(*sides: Expr) -> list[Side]:
    """Return sides of which the first is the quantity and the others are its rule."""
    return [("symbol", sides[0]), *(("rule", side) for side in sides[1:])]


class Writer:
    """Writes one moment in its notation. Attributes are what every explanation asks for.

    batch: whether whole-batch matrices are shown; shown_sample: the number of the chosen sample as text, None if there is one sample.
    rounds: whether every number is rounded before the next is formed from it, so that each such step has to be a side of its own.
    """

    def __init__(self, moment: Moment, *, batch: bool = True) -> None:
        self.moment = moment
        self.record = moment.record
        self.problem = moment.record.problem
        self.notation = moment.notation
        self.style = moment.notation.style
        self.m = moment.record.m
        self.sample = moment.sample
        self.letters = moment.notation.letters
        self.inside = moment.notation.presentation.bias != "apart" and self.problem.has_biases
        self.transposed = moment.notation.presentation.rows == "from"
        self.in_rows = moment.notation.samples == "rows"
        self.batch = batch and moment.notation.samples != "apart" and self.m > 1
        self.shown_sample = str(self.sample + 1)
        self.letter_sample = self.shown_sample if moment.notation.samples == "apart" else self.letters["sample"]
        self.rounds = self.problem.rounding is not None
        self._scales = scales(moment.record, moment.fmt.decimals)
        self.times = op(self.style.get("product", "·"))
        self.bracket: Bracket = "(" if self.style.get("bracket") == "(" else "["

    # -- symbols ---------------------------------------------------------------------------------------------------------

    def sym(self, ref: Ref) -> Expr:
        """Return the symbol of one number; the constant input is the number 1."""
        if ref.quantity == "one":
            return constant(1, ref)
        if ref.quantity not in _PER_SAMPLE:
            return Sym(symbol_latex(self.moment, ref), ref)
        full = ref if ref.sample is not None else ref._replace(sample=self.sample)
        return Sym(self.notation.symbol(full, self.problem, self.m), ref)

    def whole(self, quantity: str, l: int = 0) -> Sym:
        """Return the symbol of a whole vector or matrix; of the whole batch where that is what is shown."""
        batch = self.batch and (quantity in _PER_SAMPLE or f"{quantity}.batch" in self.notation.symbols)
        latex = self.notation.name_of(quantity, l, self.problem, self.m, sample=self._sample_of(quantity), batch=batch)
        return Sym(latex, Ref("a" if quantity == "X" else quantity, l - 1 if quantity == "X" else l))

    def _sample_of(self, quantity: str) -> str | None:
        """Return the sample mark of a whole vector: none where the notation's vectors without a mark stand for the batch."""
        if quantity not in _PER_SAMPLE and not quantity.endswith("_sample"):
            return None
        return self.shown_sample if self.m > 1 else None

    def without_biases(self, name: str, l: int) -> Sym:
        """Return the symbol of a matrix of weights without its biases; name: "W" or "W_new". Its own if the notation has no other."""
        whole, inner = self.whole(name, l), name + "_inner"
        if not self.inside or inner not in self.notation.symbols:
            return whole
        return Sym(self.notation.name_of(inner, l, self.problem), whole.ref)

    def general(self, quantity: str, l: int, unit: str, source: str | None = None, *, sample: int | None = None) -> Sym:
        """Return the symbol of one number with letters for its indices; of row `sample` of the batch if one is given."""
        n = self.letter_sample if sample is None else str(sample + 1)
        return Sym(self.notation.name_of(quantity, l, self.problem, self.m, unit=unit, source=source, sample=n))

    def general_loss(self) -> Sym:
        """Return the symbol of a sample's loss with a letter for the sample."""
        return Sym(self.notation.name_of("loss_sample", 0, self.problem, self.m, sample=self.letters["sample"]))

    def letter(self, layer: int, role: str) -> str:
        """Return the index letter of a neuron layer; role: "unit", "from" or "next"."""
        return self.notation.letter(layer, role, self.problem)

    def second_letter(self, layer: int) -> str:
        """Return an index letter for a sum over a neuron layer one of whose units has the layer's own letter."""
        return self.notation.second_letter(layer, self.problem)

    def input_sym(self, l: int, k: int, s: int | None = None) -> Expr:
        """Return the symbol of input k of weight layer l; -1 is the constant 1."""
        if k < 0:
            return constant(1, Ref("one"))
        sample = self.sample if s is None else s
        ref = Ref("a", l - 1, k, sample=sample)
        latex = self.notation.name_of("X", l, self.problem, self.m, unit=str(k + 1), sample=str(sample + 1))
        return Sym(latex, ref)

    def phi(self, l: int) -> str:
        """Return the LaTeX of the activation function of layer l."""
        return self.notation.name_of("phi", l, self.problem)

    @property
    def rate(self) -> Sym:
        """The learning rate's symbol."""
        return Sym(self.notation.symbols["learning_rate"], Ref("learning_rate"))

    # -- numbers ---------------------------------------------------------------------------------------------------------

    def num(self, ref: Ref, bracket: bool = True) -> Num:
        """Return the value of one number, in parentheses where it is negative; all of one quantity and layer have one scale."""
        exact = ref.quantity == "one"
        return Num(self.moment.value(ref), ref, bracket, exact, None if exact else self.scale(ref))

    def scale(self, ref: Ref, digits: int = 0) -> int | None:
        """Return the places that show the smallest number of a quantity in its layer (of very many: this one), as `even.scale` says."""
        return self._scales.places(self.record, ref, self.sample, digits)

    def squared(self, ref: Ref) -> Sup:
        """Return the square of one number, in parentheses where it needs them."""
        num = self.num(ref, bracket=False)
        return Sup(num if is_bare(num, self.moment.fmt) else Fn("", num), "2")

    def product(self, term: Term, *, reverse: bool = False, first: bool = False) -> Expr:
        """Return the numbers of one product; a coefficient of ±1 is a sign of the sum and is not written here."""
        factors = self._factors(term, reverse)
        items: list[Expr] = [] if abs(term.coefficient) == 1.0 else [self._coefficient(term)]
        items += [self._factor_number(ref, bool(items) or i > 0 or not first) for i, ref in enumerate(factors)]
        return self.joined(items)

    def _factor_number(self, ref: Ref, bracket: bool) -> Expr:
        """Return the number of a factor; softmax has no slope of its own, so that its entry ∂a_j/∂z_j is written out."""
        of_softmax = self._is_softmax_slope(ref) and not self.rounds  # what is rounded is written as one number
        return softmax_slope(self, self.num(ref._replace(quantity="a"))) if of_softmax else self.num(ref, bracket)

    def _is_softmax_slope(self, ref: Ref) -> bool:
        return ref.quantity == "dadz" and self.problem.activations[ref.layer - 1] == "softmax"

    def product_symbols(self, term: Term, *, reverse: bool = False) -> Expr:
        """Return the symbols of one product."""
        factors = self._factors(term, reverse)
        penalty = term.coefficient == self.problem.l2 and [ref.quantity for ref in term.factors] == ["W"]
        front: Expr = Sym("\\lambda") if penalty else self._coefficient(term)
        items: list[Expr] = [] if abs(term.coefficient) == 1.0 and not penalty else [front]
        return self.joined([*items, *(self.factor_symbol(ref, term) for ref in factors)])

    def _coefficient(self, term: Term) -> Expr:
        """Return a coefficient that is a constant of the experiment: λ, or the share 1/m of one sample in a mean."""
        value = abs(term.coefficient)
        share = value == 1.0 / self.m and [ref.quantity for ref in term.factors] != ["W"]
        return Frac(constant(1), constant(self.m)) if share else constant(value)

    def _factors(self, term: Term, reverse: bool) -> tuple[Ref, ...]:
        """Return the factors in the order of the notation; a bias that is no column is not multiplied by 1."""
        factors = term.factors if self.inside else tuple(ref for ref in term.factors if ref.quantity != "one")
        return factors[::-1] if reverse else factors

    def factor_symbol(self, ref: Ref, term: Term) -> Expr:
        """Return the symbol of a factor; an activation multiplied by a weight or a delta is the input X of the layer above."""
        feeds = ref.quantity == "a" and any(other.quantity in ("W", "delta") and other.layer == ref.layer + 1 for other in term.factors)
        if self._is_softmax_slope(ref):
            return softmax_slope(self, self.sym(ref._replace(quantity="a")))
        return self.input_sym(ref.layer + 1, ref.unit or 0, ref.sample) if feeds else self.sym(ref)

    def joined(self, factors: Sequence[Expr]) -> Expr:
        """Return factors with the notation's product sign between them."""
        items: list[Expr] = []
        for factor in factors:
            parts = factor.items if isinstance(factor, Row) else (factor,)
            items += [self.times, *parts] if items else parts
        return items[0] if len(items) == 1 else Row(tuple(items))

    def total(self, count: int, part: Callable[[int], tuple[float, Expr]], what: str = "terms") -> Expr:
        """Return Σ of signed parts; long sums keep the first few and the last, with the count of all said."""
        shown: Iterable[int] = range(count) if count <= SUM_SHOWN else (*range(SUM_FIRST), -1, count - 1)
        items: list[Expr] = []
        for i in shown:
            sign, body = part(i) if i >= 0 else (part(SUM_FIRST)[0], Text("…"))
            if items or sign < 0:
                items.append(op("−" if sign < 0 else "+"))
            items += body.items if isinstance(body, Row) else (body,)
        if count > SUM_SHOWN:
            items.append(Text(f" ({count:,} {what})"))
        return items[0] if len(items) == 1 else Row(tuple(items))

    def sum_numbers(self, calc: Calculation, *, reverse: bool = False, upto: int | None = None, last_first: bool = False) -> Expr:
        """Return a calculation's sum of products in numbers, or its first `upto` terms."""
        order = _order(calc.count, last_first)

        def part(i: int) -> tuple[float, Expr]:
            term = calc.term(order(i))
            return term.coefficient, self.product(term, reverse=reverse, first=i == 0 and term.coefficient > 0)

        return self.total(calc.count if upto is None else upto, part)

    def sum_symbols(self, calc: Calculation, *, reverse: bool = False, last_first: bool = False) -> Expr:
        """Return the same sum in symbols."""
        order = _order(calc.count, last_first)

        def part(i: int) -> tuple[float, Expr]:
            term = calc.term(order(i))
            return term.coefficient, self.product_symbols(term, reverse=reverse)

        return self.total(calc.count, part)

    # -- matrices --------------------------------------------------------------------------------------------------------

    def grid(self, rows: int, columns: int, cell: Callable[[int, int], Expr], bracket: Bracket | None = None) -> Mat:
        """Return a matrix of cells; beyond about 8 by 8 the middle is left out, marked by dots."""
        i_shown, j_shown = _shown(rows), _shown(columns)
        body = tuple(
            tuple(cell(i, j) if i >= 0 and j >= 0 else op(_dots(i, j)) for j in j_shown) for i in i_shown
        )  # fmt: skip
        elided = (rows, columns) if rows > LONGEST_SIDE or columns > LONGEST_SIDE else None
        return Mat(body, self.bracket if bracket is None else bracket, elided)

    def numbers(self, quantity: str, l: int = 0, *, transposed: bool = False, leading_one: bool = False) -> Mat:
        """Return a per-sample quantity as a column of numbers, or as the matrix of the batch; optionally with a leading 1."""
        n = self._length(quantity, l)
        first = 1 if leading_one else 0

        def at(unit: int, s: int) -> Expr:
            if unit < first:
                return constant(1, Ref("one"))
            return self.num(Ref(quantity, l, unit - first, sample=s), bracket=False)

        samples = range(self.m) if self.batch else (self.sample,)
        if transposed != (self.in_rows and self.batch):
            return self.grid(len(samples), n + first, lambda i, j: at(j, samples[i]))
        return self.grid(n + first, len(samples), lambda i, j: at(i, samples[j]))

    def _length(self, quantity: str, l: int) -> int:
        layers = self.problem.layers
        if quantity in ("y", "loss_output"):
            return layers[-1]
        return 1 + layers[l - 1] if quantity == "dLdX" else layers[l]

    def matrix(self, quantity: str, l: int, *, transposed: bool = False, with_bias: bool = True, zero_bias: bool = False) -> Mat:
        """Return W, dW, W_new (or dW_sample) as the notation displays it; transposed: the other way round.

        with_bias: keep the bias column (or row) where the notation has it inside. zero_bias: put 0 there.
        """
        n, first = self.problem.layers[l], int(self.inside and with_bias)
        columns = self.problem.layers[l - 1] + first

        def at(j: int, k: int) -> Expr:
            if k < first:
                return constant(0) if zero_bias else self.num(Ref(_BIAS[quantity], l, j), bracket=False)
            return self.num(Ref(quantity, l, j, k - first), bracket=False)

        if transposed != self.transposed:
            return self.grid(columns, n, lambda i, j: at(j, i))
        return self.grid(n, columns, at)

    def cells(self, shape: tuple[int, ...], entry: Callable[[int], Expr]) -> Mat:
        """Return a matrix whose cell i (reading order) is entry(i)."""
        columns = shape[1] if len(shape) > 1 else 1
        return self.grid(shape[0], columns, lambda i, j: entry(i * columns + j))

    def transpose(self, base: Expr) -> Expr:
        """Return a symbol with a transposition mark, in parentheses where it is already raised."""
        plain = isinstance(base, Sym) and "^" not in base.latex and not base.latex.startswith("\\frac")
        return Sup(base if plain else Fn("", base), "T")

    def dot(self) -> tuple[Expr, ...]:
        """Return the sign between two matrices; Jacob's notation has none."""
        return () if self.style.get("product") == "×" else (op("·"),)

    # -- equations -------------------------------------------------------------------------------------------------------

    def equation(self, sides: Sequence[Side], l: int = 0, note: str = "") -> Equation:
        """Return the equation with a note where its printed digits give another last digit than its result."""
        sides = distinct([(kind, tidy(even(side, self.moment.fmt), self.moment.fmt)) for kind, side in sides], self.moment.fmt)
        remarks = [note] if note else []
        remarks += honesty(self, sides, l)
        drift = drift_note(self.moment, sides[-1][1]) if sides[-1][0] == "result" else ""
        remarks += [drift] if drift else []
        return Equation(tuple(sides), " ".join(remarks))


def _order(count: int, last_first: bool) -> Callable[[int], int]:
    """Return the place of term i; last_first: the first term (a bias) comes last."""
    return (lambda i: (i + 1) % count) if last_first else (lambda i: i)


def _shown(length: int) -> tuple[int, ...]:
    return tuple(range(length)) if length <= LONGEST_SIDE else (*range(5), -1, length - 1)


def _dots(i: int, j: int) -> str:
    if i < 0 and j < 0:
        return "⋱"
    return "⋮" if i < 0 else "⋯"


def softmax_slope(w: Writer, a: Expr) -> Row:
    """Return ∂a_j/∂z_j of softmax, a(1 − a), from the symbol or the number of a_j."""
    inner = replace(a, bracket=False) if isinstance(a, Num) else a
    return row(a, w.times, Fn("", row(constant(1), Op("−"), inner)))


def scaled(factor: Frac | Num | None, body: Expr, times: Op) -> Expr:
    """Return factor · body, or body where there is no factor."""
    return body if factor is None else row(factor, times, body)


def scaled_by_mean(w: Writer, sides: list[Side]) -> list[Side]:
    """Put 1/m before every side of a whole-batch derivative that is made from outputs and targets, where ∇A contains the mean."""
    front = mean_front(w)

    def put(kind: str, expr: Expr) -> Expr:
        simple = isinstance(expr, Mat) or (kind == "rule" and not _has_sum(expr))
        return expr if kind == "symbol" or not front else in_front(front, expr if simple else Fn("", expr))

    return [(kind, put(kind, expr)) for kind, expr in sides]


def mean_front(w: Writer) -> list[Expr]:
    """Return 1/m · to be put before the numbers of single samples where ∇A and ∇H contain the mean; else nothing.

    In symbols it stands only where ∇A is formed from outputs and targets: what is formed from ∇A has it from there.
    """
    return [Frac(constant(1), constant(w.m)), Op("·")] if mean_in_delta(w) else []


def in_front(front: Sequence[Expr], body: Expr) -> Expr:
    """Return the body with factors before it; the body itself if there are none."""
    return row(*front, body) if front else body


def before_averaging(w: Writer) -> str:
    """Return the remark that a batch's matrix belongs to single samples where the mean is only taken in the gradients."""
    if not w.batch or w.problem.batch_reduction != "mean" or mean_in_delta(w):
        return ""
    return f"One {'row' if w.in_rows else 'column'} for each sample, before averaging: the mean is taken in the gradients of the weights."


def mean_in_delta(w: Writer) -> bool:
    """Say whether the shown batch gradients carry the 1/m of the mean from δ on."""
    return w.batch and w.style.get("mean_in") == "delta" and w.problem.batch_reduction == "mean"


def _has_sum(expr: Expr) -> bool:
    return isinstance(expr, Row) and any(isinstance(item, Op) for item in expr.items)
