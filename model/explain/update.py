"""Formulas of the update: gradient descent in one line, and the other optimisers with each of their state lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from model.explain.calculation import calculation
from model.explain.gradient import beside_zero
from model.explain.names import ROLES, state_latex, update_mark
from model.explain.parts import Side, Writer, row, symbols
from model.expr.text import latex_to_text
from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Num, Op, Sup, Sym, Text, constant
from model.moment import parameter_of, state_part
from model.optimizers import SLOT_NAMES
from model.parameters import Parameters
from model.stages import Ref, Stage

_STATE_DIGITS = 3  # significant digits at least of a state
Cell = Callable[[Ref], Expr]


def _gradient_of(ref: Ref) -> Ref:
    return ref._replace(quantity="db" if ref.quantity == "b_new" else "dW")


def _old_of(ref: Ref) -> Ref:
    return ref._replace(quantity="b" if ref.quantity == "b_new" else "W")


def keeps_biases(w: Writer) -> bool:
    """Say whether frozen biases stand inside a matrix of weights that is updated."""
    return w.inside and not w.problem.train_biases


def frozen_note(w: Writer) -> str:
    """Say what stands in the place of frozen biases."""
    if not keeps_biases(w):
        return ""
    return "The biases are frozen in this experiment: 0 stands in place of their gradient, and they keep their values."


def frozen_rule(w: Writer, stage: Stage) -> list[Equation]:
    """Return the rule of frozen biases inside a matrix of weights, whose other entries are updated: they stay what they are."""
    if stage.quantity != "W_new" or not keeps_biases(w):
        return []
    new, old = (w.general(name, stage.layer, w.letter(stage.layer, "unit"), "0") for name in ("W_new", "W"))
    k = w.letter(stage.layer - 1, "from")
    return [Equation(tuple(symbols(new, old)), f"The biases are frozen in this experiment: the rule above is for {k} ≥ 1.")]


def _with_frozen(w: Writer, quantity: str, l: int) -> Expr:
    """Return the symbol of the weights of layer l or their gradient, or one with 0 in place of the biases that are frozen in it."""
    symbol = w.whole(quantity, l)
    if not keeps_biases(w):
        return symbol
    others = {key: latex for key, latex in w.notation.symbols.items() if key.partition("@")[0] != "W"}
    alone = replace(w.notation, symbols={**others, "W": w.without_biases("W", l).latex})
    inner = Writer(replace(w.moment, notation=alone), batch=w.batch).whole(quantity, l)
    return symbol if inner == symbol else beside_zero(w, inner)


def matrix_update(w: Writer, stage: Stage) -> list[Equation]:
    """The new weights or biases of a layer."""
    if w.problem.optimizer.name == "sgd":
        return [_descent_matrix(w, stage)]
    lines = _state_lines(w, stage)
    return [_line_matrix(w, stage, line, gradient_note(w, stage) if i == 0 else "") for i, line in enumerate(lines)]


def _descent_matrix(w: Writer, stage: Stage) -> Equation:
    l, is_bias = stage.layer, stage.quantity == "b_new"
    old, gradient = ("b", "db") if is_bias else ("W", "dW")
    if is_bias:
        old_numbers: Expr = w.cells(stage.shape, lambda i: w.num(Ref("b", l, i), bracket=False))
        gradient_numbers: Expr = w.cells(stage.shape, lambda i: w.num(Ref("db", l, i), bracket=False))
    else:
        old_numbers, gradient_numbers = w.matrix("W", l), w.matrix("dW", l, zero_bias=keeps_biases(w))
    rate = w.num(Ref("learning_rate"), bracket=True)
    moved: Expr = w.whole(gradient, l) if is_bias else _with_frozen(w, gradient, l)
    before = replace(w.whole(_old_name(w, old), l), ref=Ref(old, l))
    sides = symbols(w.whole(stage.quantity, l), row(before, Op("−"), w.rate, moved))
    if w.style.get("update") == "gradient":
        sides.append(("rule", row(before, Op("−"), w.rate, gradient_numbers)))
    sides += [("numbers", row(old_numbers, Op("−"), rate, Op("·"), gradient_numbers)), ("result", _result(w, stage))]
    return w.equation(sides, l, frozen_note(w))


def _old_name(w: Writer, name: str) -> str:
    """Return under which name the notation has an old parameter beside its new one: some mark both with the number of the update."""
    return f"{name}_old" if f"{name}_old" in w.notation.symbols and not w.inside else name


def _old_symbol(w: Writer, old: Ref) -> Expr:
    """Return the symbol of one old parameter beside its new one."""
    name = _old_name(w, old.quantity)
    if name == old.quantity:
        return w.sym(old)
    unit, source = (None if index is None else str(index + 1) for index in (old.unit, old.from_))
    return Sym(w.notation.name_of(name, old.layer, w.problem, w.m, unit=unit, source=source), old)


def _result(w: Writer, stage: Stage) -> Mat:
    return w.cells(stage.shape, lambda i: w.num(stage.entry(i), bracket=False))


def general_update(w: Writer, quantity: str, l: int) -> list[Side]:
    """The update rule of one weight or bias, with letters."""
    j, k = w.letter(l, "unit"), w.letter(l - 1, "from")
    is_bias = quantity == "b_new"
    names = ("b_new", "b", "db") if is_bias else ("W_new", "W", "dW")
    new, old, gradient, before = (w.general(name, l, j, None if is_bias else k) for name in (*names, _old_name(w, names[1])))
    if w.problem.optimizer.name == "sgd":
        return symbols(new, row(before, Op("−"), w.rate, gradient))
    return symbols(new, row(*_shrunk(w, old), Op("−"), w.rate, Op("·"), _direction_symbol(w, old.latex)))


def general_states(w: Writer, stage: Stage) -> list[Equation]:
    """Return the rules of an optimiser's state, with letters; none for plain descent."""
    if stage.quantity not in ("W_new", "b_new") or w.problem.optimizer.name == "sgd":
        return []
    j, k = w.letter(stage.layer, "unit"), w.letter(stage.layer - 1, "from")
    of = w.general("b", stage.layer, j) if stage.quantity == "b_new" else w.general("W", stage.layer, j, k)
    return [Equation(tuple(symbols(line.symbol(of.latex), line.rule(of.latex)))) for line in _state_lines(w, stage)[:-1]]


def _letter(w: Writer, role: str) -> Sym:
    """Return a letter of the optimiser, one that stands for nothing else in the notation."""
    return Sym(w.notation.spare[role])


def _direction_symbol(w: Writer, of: str) -> Expr:
    """Return what the learning rate is multiplied by; of: the LaTeX of the parameter that is moved."""
    o, g = w.problem.optimizer, _letter(w, "gradient")
    if o.name == "sgd_momentum":
        v = _slot_symbol(w, "buffer", of)
        return Fn("", row(g, Op("+"), _letter(w, "momentum"), v)) if o.nesterov else v
    if o.name == "rmsprop":
        top, under = g, _slot_symbol(w, "square_average", of)
    else:
        top, under = _slot_symbol(w, "mean_hat", of), _slot_symbol(w, "square_mean_hat", of)
    return Frac(top, row(Fn("\\surd", under), Op("+"), _letter(w, "small_number")))


# -- optimisers with a state: each line as (symbol, rule, numbers of an entry, value of an entry) ----------------------------------


class _Line:
    """One line of an update rule, for any single parameter."""

    def __init__(self, symbol: Callable[[str], Expr], rule: Callable[[str], Expr], numbers: Cell, value: Cell) -> None:
        self.symbol, self.rule, self.numbers, self.value = symbol, rule, numbers, value


def _state_lines(w: Writer, stage: Stage) -> list[_Line]:
    o = w.problem.optimizer
    lines = _momentum(w) if o.name == "sgd_momentum" else _rmsprop(w) if o.name == "rmsprop" else _adam(w)
    return [*lines, _last_line(w, stage)]


def _n(value: float, bracket: bool = True) -> Num:
    """Return a constant of the update rule, written with all its digits."""
    return Num(value, None, bracket, exact=True)


def _state(w: Writer, name: str, ref: Ref) -> Num:
    """Return a number of the optimiser's state, `name` such as "mean", "mean_old" or "mean_hat", for the new parameter `ref`."""
    return _legible(w, w.num(ref._replace(quantity=name, from_=-1 if ref.quantity == "b_new" else ref.from_)))


def _legible(w: Writer, num: Num) -> Num:
    """Return a number of an optimiser's state with significant digits: squares of small gradients are far below the chosen decimals."""
    return num if num.ref is None else replace(num, places=w.scale(num.ref, max(_STATE_DIGITS, w.moment.fmt.decimals or 0)))


def _unbracketed(num: Num) -> Num:
    return replace(num, bracket=False)


def _t(w: Writer) -> int:
    """Return the number of this update as the optimiser counts."""
    return w.record.state.t + 1


def _slot_symbol(w: Writer, name: str, of: str) -> Sym:
    return Sym(state_latex(w.notation, name, of, _t(w)))


def _gradient_numbers(w: Writer, ref: Ref) -> Expr:
    """Return g: the gradient, with Adam's decay added to it where there is one."""
    o, g = w.problem.optimizer, _legible(w, w.num(_gradient_of(ref)))
    if ref.quantity == "b_new" and not w.problem.train_biases:
        return constant(0)
    if o.name == "adam" and o.weight_decay:
        return Fn("", row(_unbracketed(g), Op("+"), _n(o.weight_decay), Op("·"), w.num(_old_of(ref))))
    return g


def _moving(w: Writer, slot: str, keep: float, role: str, square: bool) -> _Line:
    """state = keep · state + (1 − keep) · g, or g²."""
    g, letter = _letter(w, "gradient"), _letter(w, role)
    take: Sym = Sym(f"{g.latex}^2") if square else g

    def numbers(ref: Ref) -> Expr:
        g = _gradient_numbers(w, ref)
        squared: Expr = Sup(Fn("", _unbracketed(g)) if isinstance(g, Num) else g, "2") if square else g
        front = Fn("", row(_n(1.0), Op("−"), _n(keep)))
        return row(_n(keep), Op("·"), _state(w, slot + "_old", ref), Op("+"), front, Op("·"), squared)

    rest = Fn("", row(constant(1), Op("−"), letter))
    return _Line(
        lambda of: _slot_symbol(w, slot, of),
        lambda of: row(letter, _slot_symbol(w, slot + "_old", of), Op("+"), rest, take),
        numbers,
        lambda ref: _unbracketed(_state(w, slot, ref)),
    )


def _momentum(w: Writer) -> list[_Line]:
    mu = w.problem.optimizer.momentum
    return [
        _Line(
            lambda of: _slot_symbol(w, "buffer", of),
            lambda of: row(_letter(w, "momentum"), _slot_symbol(w, "buffer_old", of), Op("+"), _letter(w, "gradient")),
            lambda ref: row(_n(mu), Op("·"), _state(w, "buffer_old", ref), Op("+"), _gradient_numbers(w, ref)),
            lambda ref: _unbracketed(_state(w, "buffer", ref)),
        )
    ]


def _rmsprop(w: Writer) -> list[_Line]:
    return [_moving(w, "square_average", w.problem.optimizer.alpha, "rms_decay", True)]


def _adam(w: Writer) -> list[_Line]:
    o = w.problem.optimizer
    return [
        _moving(w, "mean", o.beta1, "mean_decay", False),
        _moving(w, "square_mean", o.beta2, "square_decay", True),
        _corrected(w, "mean", o.beta1, "mean_decay"),
        _corrected(w, "square_mean", o.beta2, "square_decay"),
    ]


def _corrected(w: Writer, slot: str, beta: float, role: str) -> _Line:
    """The bias correction m̂ = m / (1 − βᵗ)."""
    power = Sym(f"{w.notation.spare[role]}^{{{_t(w)}}}")
    return _Line(
        lambda of: _slot_symbol(w, slot + "_hat", of),
        lambda of: Frac(_slot_symbol(w, slot, of), row(constant(1), Op("−"), power)),
        lambda ref: Frac(_state(w, slot, ref), row(constant(1), Op("−"), Sup(_n(beta), str(_t(w))))),
        lambda ref: _unbracketed(_state(w, slot + "_hat", ref)),
    )


def _last_line(w: Writer, stage: Stage) -> _Line:
    o, is_bias = w.problem.optimizer, stage.quantity == "b_new"
    old = w.whole("b" if is_bias else "W", stage.layer)

    def numbers(ref: Ref) -> Expr:
        rate, before = w.num(Ref("learning_rate")), w.num(_old_of(ref), bracket=False)
        if ref.quantity == "b_new" and not w.problem.train_biases:
            return before
        start: list[Expr] = [before]
        if o.name == "adamw" and o.weight_decay:
            start += [Op("·"), Fn("", row(constant(1), Op("−"), rate, Op("·"), _n(o.weight_decay)))]
        return row(*start, Op("−"), rate, Op("·"), _direction_numbers(w, ref))

    rule = row(*_shrunk(w, old, 0 if is_bias else stage.layer), Op("−"), w.rate, Op("·"), _direction_symbol(w, old.latex))
    return _Line(lambda of: w.whole(stage.quantity, stage.layer), lambda of: rule, numbers, lambda ref: w.num(ref, bracket=False))


def _shrunk(w: Writer, old: Expr, l: int = 0) -> list[Expr]:
    """Return the old parameter, shrunk by AdamW's weight decay; l: the layer of a whole matrix, where frozen biases do not shrink."""
    o = w.problem.optimizer
    if o.name != "adamw" or not o.weight_decay:
        return [old]
    if l and keeps_biases(w):
        return [old, Op("−"), w.rate, _letter(w, "weight_decay"), _with_frozen(w, "W", l)]
    return [old, Fn("", row(constant(1), Op("−"), w.rate, _letter(w, "weight_decay")))]


def gradient_note(w: Writer, stage: Stage) -> str:
    """Say what the letters in the lines of an optimiser with a state stand for."""
    is_bias, o = stage.quantity == "b_new", w.problem.optimizer
    what = latex_to_text(w.whole("db" if is_bias else "dW", stage.layer).latex)
    text = f"{latex_to_text(w.notation.spare['gradient'])} stands for {what}"
    text += " with 0 for the frozen biases" if not is_bias and keeps_biases(w) else ""
    if o.name == "adam" and o.weight_decay:
        text += f" with the weight decay {o.weight_decay:g} · {latex_to_text(w.whole('b' if is_bias else 'W', stage.layer).latex)} added"
    decay = latex_to_text(w.notation.spare["weight_decay"])
    shrinks = f", {decay} for the weight decay" if o.name == "adamw" and o.weight_decay else ""
    marks = [latex_to_text(update_mark(w.notation, _t(w) - old)) for old in (1, 0)]
    return f"{text}{shrinks}; {marks[0]} and {marks[1]} mark what was there before and after this update.{_lost_note(w, stage.layer)}"


def _direction_numbers(w: Writer, ref: Ref) -> Expr:
    o = w.problem.optimizer
    g = _legible(w, w.num(_gradient_of(ref)))
    if o.name == "sgd_momentum":
        v = _state(w, "buffer", ref)
        return Fn("", row(_unbracketed(g), Op("+"), _n(o.momentum), Op("·"), v)) if o.nesterov else v
    if o.name == "rmsprop":
        top: Expr = _unbracketed(g)
        under: Expr = _state(w, "square_average", ref)
    else:
        top, under = (_unbracketed(_state(w, slot + "_hat", ref)) for slot in ("mean", "square_mean"))
    return Frac(top, row(Fn("\\surd", under), Op("+"), _n(o.epsilon)))


def _line_matrix(w: Writer, stage: Stage, line: _Line, note: str) -> Equation:
    of = w.whole("b" if stage.quantity == "b_new" else "W", stage.layer).latex
    sides: list[Side] = symbols(line.symbol(of), line.rule(of))
    sides.append(("numbers", w.cells(stage.shape, lambda i: line.numbers(stage.entry(i)))))
    sides.append(("result", w.cells(stage.shape, lambda i: line.value(stage.entry(i)))))
    last = line.symbol(of) == w.whole(stage.quantity, stage.layer)
    return w.equation(sides, stage.layer, frozen_note(w) if last else note)


def _lost_note(w: Writer, l: int) -> str:
    """Say where so few decimals are carried that an average of squares is rounded to 0, and what that does to the step."""
    p, record = w.problem, w.record
    if not w.rounds or "second_moment" not in (ROLES[slot] for slot in SLOT_NAMES[p.optimizer.name]) or record.new_state is None:
        return ""
    squares = Parameters(p.layers, p.has_biases, record.new_state.slots[-1])
    pairs = [(squares.W[l - 1], record.dW[l - 1]), *([(squares.b[l - 1], record.db[l - 1])] if p.has_biases and p.train_biases else [])]
    if not any(((square == 0) & (gradient != 0)).any() for square, gradient in pairs):
        return ""
    letter, small = (latex_to_text(w.notation.spare[role]) for role in ("second_moment", "small_number"))
    return f" So few decimals make {letter} 0 in places, where the step is divided by {small} alone: carry more decimals."


def unit_update(w: Writer, ref: Ref, stage: Stage) -> list[list[Side]]:
    """One new weight or bias: one list of sides per line of the update rule."""
    old, gradient = _old_of(ref), _gradient_of(ref)
    frozen = ref.quantity == "b_new" and not w.problem.train_biases
    result: Side = ("result", w.num(ref, bracket=False))
    if frozen:
        return [[*symbols(w.sym(ref), _old_symbol(w, old)), result]]
    if w.problem.optimizer.name == "sgd":
        rule = row(_old_symbol(w, old), Op("−"), w.rate, w.times, w.sym(gradient))
        numbers = row(w.num(old, bracket=False), Op("−"), w.num(Ref("learning_rate")), w.times, w.num(gradient))
        return [[*symbols(w.sym(ref), rule), ("numbers", numbers), result]]
    of = w.sym(old)
    latex = of.latex if isinstance(of, Sym) else ""
    lines = _state_lines(w, stage)
    sides: list[list[Side]] = []
    for line in lines[:-1]:
        sides.append([*symbols(line.symbol(latex), line.rule(latex)), ("numbers", line.numbers(ref)), ("result", line.value(ref))])
    rule = row(*_shrunk(w, of), Op("−"), w.rate, Op("·"), _direction_symbol(w, latex))
    return [*sides, [*symbols(w.sym(ref), rule), ("numbers", lines[-1].numbers(ref)), result]]


def unit_state(w: Writer, ref: Ref) -> list[Side]:
    """One number of the optimiser's state, of the weight or bias with these indices."""
    new = parameter_of(ref, "_new")
    slot, part = state_part(ref.quantity)
    names = (*SLOT_NAMES[w.problem.optimizer.name], "mean_hat", "square_mean_hat")
    line = _state_lines(w, Stage(new.quantity, ref.layer, "update", (1,), 1))[names.index(slot + part)]
    of = w.notation.symbol(_old_of(new), w.problem, w.m)
    return [*symbols(line.symbol(of), line.rule(of)), ("numbers", line.numbers(new)), ("result", line.value(new))]


def unit_step(w: Writer, ref: Ref) -> list[Side]:
    """The change of one parameter, or the share of one edge in the error handed down: a plain sum of products."""
    calc = calculation(w.record, ref, w.sample)
    assert calc is not None
    symbol: Expr = Text("share of this edge") if ref.quantity == "path" else w.sym(ref)
    return [*symbols(symbol, w.sum_symbols(calc)), ("numbers", w.sum_numbers(calc)), ("result", w.num(ref, bracket=False))]
