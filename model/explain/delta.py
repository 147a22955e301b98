"""Formulas of δ = ∂L/∂z: error times slope, the fused forms of softmax and sigmoid outputs, and softmax's Jacobian."""

from __future__ import annotations

from model.explain.backward import new_mark, unit_carried
from model.explain.calculation import calculation
from model.explain.loss import batch_cells, general_dLda, unit_dLda
from model.explain.parts import Side, Writer, in_front, mean_front, row, scaled_by_mean, softmax_slope, symbols
from model.explain.slope import slope_call, slope_rule, slope_written
from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Num, Op, Row, Sym, Text, constant
from model.losses import FUSED_DELTAS
from model.stages import Ref, Stage


def fused(w: Writer, l: int) -> str:
    """Return which fused formula gives δ of layer l, "jacobian" for softmax without one, or "" for error times slope."""
    pair = (w.problem.activations[l - 1], w.problem.loss)
    if l == w.problem.depth and pair in FUSED_DELTAS:
        return "·".join(pair)
    return "jacobian" if pair[0] == "softmax" else ""


def matrix_delta(w: Writer, stage: Stage) -> list[Equation]:
    """δ of a layer, as vectors."""
    l, kind = stage.layer, fused(w, stage.layer)
    if kind == "jacobian":
        return _jacobian_matrix(w, l)
    if kind:
        return _fused_matrix(w, l, kind)
    n, front = stage.components, mean_front(w)
    error, slope = w.whole("dLda", l), w.whole("dadz", l)
    sides = symbols(w.whole("delta", l), row(error, Op("⊙"), slope))
    if w.style.get("delta") == "hadamard":
        sides.append(("numbers", row(*front, w.numbers("dLda", l), Op("⊙"), w.numbers("dadz", l))))
    else:
        sides.append(("numbers", in_front(front, batch_cells(w, n, lambda j, s: _times_slope(w, l, j, s, call=True)))))
    if not w.batch or (w.rounds and w.style.get("delta") != "hadamard"):
        sides.append(("numbers", in_front(front, batch_cells(w, n, lambda j, s: _times_slope(w, l, j, s, call=False)))))
    sides.append(("result", in_front(front, w.numbers("delta", l))))
    return [w.equation(sides, l, slope_rule(w, stage))]


def _times_slope(w: Writer, l: int, j: int, s: int, *, call: bool) -> Expr:
    error = w.num(Ref("dLda", l, j, sample=s), bracket=False)
    if not call:
        return row(error, w.times, w.num(Ref("dadz", l, j, sample=s)))
    return row(error, w.times, slope_call(w, l, w.num(Ref("z", l, j, sample=s), bracket=False)))


def _fused_matrix(w: Writer, l: int, kind: str) -> list[Equation]:
    delta, a, y, n = w.whole("delta", l), w.whole("a", l), w.whole("y"), w.problem.layers[l]
    A, Y, result = w.numbers("a", l), w.numbers("y"), w.numbers("delta", l)
    if kind == "softmax·cross_entropy":
        return _softmax_matrix(w, l)
    if kind == "sigmoid·binary_cross_entropy":
        sides: list[Side] = [*symbols(delta, row(a, Op("−"), y)), ("numbers", row(A, Op("−"), Y)), ("result", result)]
    elif kind == "sigmoid·cross_entropy":
        rule = row(y, Op("⊙"), Fn("", row(a, Op("−"), constant(1))))
        sides = [*symbols(delta, rule), ("numbers", row(Y, Op("⊙"), Fn("", row(A, Op("−"), constant(1))))), ("result", result)]
    else:
        cells = batch_cells(w, n, lambda j, s: _softmax_binary(w, j, s))
        sides = [("symbol", delta), ("numbers", cells), ("result", result)]
        return [Equation(tuple(general_delta(w, l))), w.equation(scaled_by_mean(w, sides), l)]
    return [w.equation(scaled_by_mean(w, sides), l)]


def _targets_sum(w: Writer, s: int) -> float:
    return float(w.record.y[s].sum())


def _softmax_matrix(w: Writer, l: int) -> list[Equation]:
    """(Σy)a − y; −(e − ŷ) or a − y where the targets sum to 1 and the notation says so."""
    delta, a, y = w.whole("delta", l), w.whole("a", l), w.whole("y")
    A, Y, result = w.numbers("a", l), w.numbers("y"), w.numbers("delta", l)
    samples = range(w.m) if w.batch else (w.sample,)
    plain = all(_targets_sum(w, s) == 1.0 for s in samples)
    if w.style.get("softmax_error") == "negated" and plain and not w.batch:
        rule: Expr = row(Op("−"), Fn("", row(y, Op("−"), a)))
        numbers: Expr = row(Op("−"), Fn("", row(Y, Op("−"), A)))
    elif (w.style.get("softmax_error") == "negated" and plain) or (w.batch and plain):
        rule, numbers = row(a, Op("−"), y), row(A, Op("−"), Y)
    elif w.batch:
        n = w.problem.layers[l]
        cells = batch_cells(w, n, lambda j, s: _softmax_cell(w, l, j, s))
        sides: list[Side] = [("symbol", delta), ("numbers", cells), ("result", result)]
        return [Equation(tuple(general_delta(w, l))), w.equation(scaled_by_mean(w, sides), l)]
    else:
        rule = row(Fn("", _sum_of_targets(w, w.sample)), a, Op("−"), y)
        n = w.problem.layers[l]
        total = w.total(n, lambda k: (1.0, w.num(Ref("y", 0, k, sample=w.sample))), "targets")
        numbers = row(Fn("", total), A, Op("−"), Y)
    return [w.equation(scaled_by_mean(w, [*symbols(delta, rule), ("numbers", numbers), ("result", result)]), l)]


def _sum_of_targets(w: Writer, s: int) -> Expr:
    j = w.letter(w.problem.depth, "unit")
    return row(Sym(f"\\sum_{{{j}=1}}^{{{w.problem.layers[-1]}}}"), w.general("y", 0, j, sample=s))


def _negated(w: Writer) -> bool:
    """Say whether δ of softmax with cross-entropy is written −(y − a): all targets add up to 1 and the notation writes it so."""
    return w.style.get("softmax_error") == "negated" and all(_targets_sum(w, s) == 1.0 for s in range(w.m))


def _softmax_cell(w: Writer, l: int, j: int, s: int) -> Expr:
    a, y = w.num(Ref("a", l, j, sample=s)), w.num(Ref("y", 0, j, sample=s))
    total = w.total(w.problem.layers[l], lambda k: (1.0, w.num(Ref("y", 0, k, sample=s))), "targets")
    return row(Fn("", total), w.times, a, Op("−"), y)


def _softmax_binary(w: Writer, j: int, s: int) -> Expr:
    """−y_j + a_j Σy + (1 − y_j)a_j − Σ_{k≠j} (1 − y_k) a_j a_k / (1 − a_k), with numbers."""
    L, n = w.problem.depth, w.problem.layers[-1]
    a = [w.num(Ref("a", L, k, sample=s), bracket=False) for k in range(n)]
    y = [w.num(Ref("y", 0, k, sample=s)) for k in range(n)]
    one = constant(1)
    others = [k for k in range(n) if k != j]

    def pull(i: int) -> tuple[float, Expr]:
        k = others[i]
        if y[k].value == 1:
            return -1.0, constant(0)
        return -1.0, row(Fn("", row(one, Op("−"), y[k])), w.times, Frac(row(a[j], w.times, a[k]), row(one, Op("−"), a[k])))

    total = w.total(n, lambda k: (1.0, y[k]), "targets")
    head: list[Expr] = [a[j], w.times, Fn("", total), Op("−"), y[j], Op("+"), Fn("", row(one, Op("−"), y[j])), w.times, a[j]]
    tail = w.total(len(others), pull) if others else None
    return row(*head, *(() if tail is None else tail.items if hasattr(tail, "items") else (tail,)))


def _jacobian_matrix(w: Writer, l: int) -> list[Equation]:
    """δ = Jᵀ ∂L/∂a for softmax with a loss that does not fuse with it: of the chosen sample."""
    n, s = w.problem.layers[l], w.sample
    a = [w.num(Ref("a", l, k, sample=s)) for k in range(n)]
    single = Writer(w.moment, batch=False)

    def written(j: int, k: int) -> Expr:
        return softmax_slope(w, a[j]) if j == k else row(Op("−"), a[j], w.times, a[k])

    def cell(j: int, k: int) -> Expr:
        if j == k:
            return w.num(Ref("dadz", l, j, sample=s), bracket=False)
        return written(j, k) if w.rounds else Num(-a[j].value * a[k].value)  # only what is rounded is written as one number

    j, k = w.letter(l, "unit"), w.second_letter(l)
    z, out = single.general("z", l, j, sample=s), single.general("a", l, k, sample=s)
    jacobian = Mat(((Frac(Sym(f"\\partial {out.latex}"), Sym(f"\\partial {z.latex}")),),), w.bracket)
    sides: list[Side] = symbols(single.whole("delta", l), row(jacobian, Op("·"), single.whole("dLda", l)))
    sides += [("numbers", row(w.grid(n, n, made), Op("·"), single.numbers("dLda", l))) for made in (written, cell)]
    sides.append(("result", single.numbers("delta", l)))
    of_one = [Equation(tuple(general_delta(w, l))), single.equation(sides, l)]
    if not w.batch:
        return of_one
    whole = scaled_by_mean(w, [("symbol", w.whole("delta", l)), ("result", w.numbers("delta", l))])
    return [*of_one, w.equation(whole, l, f"One {'row' if w.in_rows else 'column'} for each sample, each formed in this way.")]


def general_delta(w: Writer, l: int) -> list[Side]:
    """δ_j, with letters; by cases in notations that write both kinds of layer in one formula."""
    j, kind = w.letter(l, "unit"), fused(w, l)
    if w.style.get("delta") == "cases" and not kind:
        return symbols(w.general("delta", l, j), _case_general(w, l))
    a, y, delta = w.general("a", l, j), w.general("y", 0, j), w.general("delta", l, j)
    if not kind:
        return symbols(delta, w.joined([w.general("dLda", l, j), w.general("dadz", l, j)]))
    k = w.second_letter(l)
    if kind == "jacobian":
        slope = Fn("", row(Sym(f"\\mathbb{{1}}_{{{j}={k}}}"), Op("−"), a))
        step = row(w.general("dLda", l, k), w.times, w.general("a", l, k), w.times, slope)
        return symbols(delta, row(Sym(f"\\sum_{{{k}}}"), step))
    if kind == "sigmoid·binary_cross_entropy":
        return symbols(delta, row(a, Op("−"), y))
    if kind == "sigmoid·cross_entropy":
        return symbols(delta, row(y, w.times, Fn("", row(a, Op("−"), constant(1)))))
    total = row(Sym(f"\\sum_{{{k}}}"), w.general("y", 0, k))
    if kind == "softmax·cross_entropy" and _negated(w):
        return symbols(delta, row(Op("−"), Fn("", row(y, Op("−"), a))))
    if kind == "softmax·cross_entropy":
        return symbols(delta, row(Fn("", total), w.times, a, Op("−"), y))
    return symbols(delta, _softmax_binary_rule(w, j))


def _softmax_binary_rule(w: Writer, j: str, s: int | None = None) -> Expr:
    """Return the rule of `_softmax_binary` for output `j`, a letter or a number; of sample `s` if one is given."""
    L, one = w.problem.depth, constant(1)
    k = w.second_letter(L)
    (a, a_k), (y, y_k) = ([w.general(q, l, unit, sample=s) for unit in (j, k)] for q, l in (("a", L), ("y", 0)))
    total = Fn("", row(Sym(f"\\sum_{{{k}}}"), y_k))
    pull = row(Fn("", row(one, Op("−"), y_k)), Frac(row(a, w.times, a_k), row(one, Op("−"), a_k)))
    own = row(Fn("", row(one, Op("−"), y)), w.times, a)
    return row(a, w.times, total, Op("−"), y, Op("+"), *own.items, Op("−"), Sym(f"\\sum_{{{k}\\neq {j}}}"), pull)


def in_local_names(w: Writer, stage: Stage) -> list[Equation]:
    """Return Soletskyi's equations (8) and (9), which have the same names in every layer, where the stage is one of theirs."""
    plain = set(w.problem.activations) == {"sigmoid"} and w.problem.loss == "half_squared_error"
    if w.style.get("delta") != "cases":
        return []
    if stage.quantity == "delta" and plain:
        return [_by_cases(w)]
    of_one = stage.quantity == ("dW" if w.m == 1 and not w.problem.l2 else "dW_sample")
    if w.notation.by_layer(w.problem):
        return [_gradient_written_out(w, stage)] if of_one and w.m == 1 and not fused(w, stage.layer) else []
    return [_gradient_in_local_names()] if of_one else []


def _gradient_written_out(w: Writer, stage: Stage) -> Equation:
    """Soletskyi's equations (5) and (7) with numbers, for the first weight: δ with its factors written out, times the input."""
    first = stage.entry(0)
    case = [side for side in _case_unit(w, Ref("delta", stage.layer, first.unit)) if side[0] in ("rule", "numbers")]
    source = Ref("a", stage.layer - 1, first.from_, sample=w.sample)
    inputs = {"rule": w.input_sym(stage.layer, first.from_ or 0), "numbers": w.num(source)}
    sides: list[Side] = [(kind, row(side, w.times, inputs[kind])) for kind, side in case]
    if w.rounds:
        sides.append(("numbers", row(w.num(Ref("delta", stage.layer, first.unit, sample=w.sample)), w.times, inputs["numbers"])))
    return w.equation([("symbol", w.sym(first)), *sides, ("result", w.num(first, bracket=False))], stage.layer)


def _gradient_in_local_names() -> Equation:
    """Soletskyi's equation (9)."""
    gradient = Frac(Sym("\\partial \\mathcal{L}"), Sym("\\partial w_{ij}"))
    sides: tuple[Side, ...] = (("symbol", gradient), ("rule", row(Sym("\\delta_{j}"), Sym("x_{i}"))))
    return Equation(sides, "Here x means the layer before: x_i are its outputs, and w_ij leads from it to the current layer.", "(9)")


def _by_cases(w: Writer) -> Equation:
    """Soletskyi's equation (8): one formula for an output neuron and one for a hidden neuron, in local names."""
    slope = (Sym("y_{j}"), Fn("", row(constant(1), Op("−"), Sym("y_{j}"))))
    error = Fn("", row(Sym("y_{j}"), Op("−"), Sym("\\hat{y}_{j}")))
    carried = Fn("", row(Sym("\\sum_{k}"), Sym("\\delta_{k}"), Sym("w_{jk}^{t+1}" if new_mark(w) else "w_{jk}")))
    cases: tuple[tuple[Expr, ...], ...] = (
        (row(error, *slope), Text("if j is an output neuron")),
        (row(carried, *slope), Text("if j is a hidden neuron")),
    )
    meant = "Here y means the current layer: y_j are its outputs, ŷ_j their targets, and w_jk leads to the next layer."
    return Equation((("symbol", Sym("\\delta_{j}")), ("rule", Mat(cases, "{"))), meant, "(8)")


def _whole_slope(w: Writer, l: int, a: Expr, z: Expr, slope: Expr) -> tuple[Expr, ...]:
    written = slope_written(w, l, a, z)
    if written is None:
        return (slope,)
    return _as_factor(written)


def _as_factor(expr: Expr) -> tuple[Expr, ...]:
    """Return a formula as one or more factors of a product: in parentheses if it is a sum, a difference or begins with a sign."""
    items = expr.items if isinstance(expr, Row) else (expr,)
    signs = any(isinstance(item, Op) and item.symbol in "+−" for item in items)
    sums = any(isinstance(item, Sym) and item.latex.startswith("\\sum") for item in items)
    return (Fn("", expr),) if signs or sums else items


def _case_general(w: Writer, l: int) -> Expr:
    j = w.letter(l, "unit")
    slope = _whole_slope(w, l, w.general("a", l, j), w.general("z", l, j), w.general("dadz", l, j))
    if l == w.problem.depth:
        return row(*_as_factor(general_dLda(w, l)[-1][1]), w.times, *slope)
    k = w.letter(l + 1, "next")
    above = w.joined([w.general("delta", l + 1, k), w.general("W" + new_mark(w), l + 1, k, j)])
    return row(Fn("", row(Sym(f"\\sum_{{{k}}}"), above)), w.times, *slope)


def _case_unit(w: Writer, ref: Ref) -> list[Side]:
    """δ of one neuron with both of its factors written out, as Soletskyi does."""
    l, j, s = ref.layer, ref.unit or 0, w.sample if ref.sample is None else ref.sample
    z, a, slope = (Ref(q, l, j, sample=s) for q in ("z", "a", "dadz"))
    steep = _whole_slope(w, l, w.sym(a), w.sym(z), w.sym(slope))
    steep_numbers = _whole_slope(w, l, w.num(a), w.num(z, bracket=False), w.num(slope))
    error = Ref("dLda", l, j, sample=s)
    sides = unit_dLda(w, error) if l == w.problem.depth else unit_carried(w, error)
    rule, numbers = next(side for kind, side in reversed(sides) if kind == "rule"), next(side for kind, side in sides if kind == "numbers")
    in_rounded: list[Side] = [("numbers", _times_slope(w, l, j, s, call=False))] if w.rounds else []
    return [
        *symbols(w.sym(ref._replace(sample=s)), row(*_as_factor(rule), w.times, *steep)),
        ("numbers", row(*_as_factor(numbers), w.times, *steep_numbers)),
        *in_rounded,
        ("result", w.num(ref, bracket=False)),
    ]


def unit_delta(w: Writer, ref: Ref, upto: int | None = None) -> list[Side]:
    """δ of one neuron, with numbers; `upto`: only the first terms of softmax's Jacobian sum."""
    l, j, s = ref.layer, ref.unit or 0, w.sample if ref.sample is None else ref.sample
    kind, result = fused(w, l), w.num(ref, bracket=False)
    calc = calculation(w.record, ref, s)
    assert calc is not None
    symbol = w.sym(ref._replace(sample=s))
    if kind == "softmax·binary_cross_entropy":
        return [*symbols(symbol, _softmax_binary_rule(w, str(j + 1), s)), ("numbers", _softmax_binary(w, j, s)), ("result", result)]
    if kind == "softmax·cross_entropy":
        return _softmax_unit(w, ref, symbol, s)
    if kind:
        return [*symbols(symbol, w.sum_symbols(calc)), ("numbers", w.sum_numbers(calc, upto=upto)), ("result", result)]
    if w.style.get("delta") == "cases":
        return _case_unit(w, ref)
    error, slope = Ref("dLda", l, j, sample=s), Ref("dadz", l, j, sample=s)
    rule = w.joined([w.sym(error), w.sym(slope)])
    sides = symbols(symbol, rule)
    sides += [("numbers", _times_slope(w, l, j, s, call=True)), ("numbers", _times_slope(w, l, j, s, call=False))]
    return [*sides, ("result", result)]


def _softmax_unit(w: Writer, ref: Ref, symbol: Expr, s: int) -> list[Side]:
    l, j = ref.layer, ref.unit or 0
    a, y = Ref("a", l, j, sample=s), Ref("y", 0, j, sample=s)
    result: Side = ("result", w.num(ref, bracket=False))
    if _negated(w):
        numbers = row(Op("−"), Fn("", row(w.num(y, bracket=False), Op("−"), w.num(a))))
        return [*symbols(symbol, row(Op("−"), Fn("", row(w.sym(y), Op("−"), w.sym(a))))), ("numbers", numbers), result]
    rule = row(Fn("", _sum_of_targets(w, s)), w.times, w.sym(a), Op("−"), w.sym(y))
    return [*symbols(symbol, rule), ("numbers", _softmax_cell(w, l, j, s)), result]
