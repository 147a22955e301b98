"""Talking to a weight: the chain of partial derivatives from the loss to it, and the story of who is responsible, in steps.

After Biswas 4.1 and 4.2: the chain rule talks to the weight through the output layer and the hidden layers. The first telling is the
whole chain; the others take it apart from the loss down to the weight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, overload

from model.explain import backward as back
from model.explain import delta as deltas
from model.explain import loss as losses
from model.explain.gradient import LAMBDA
from model.explain.parts import Writer, row
from model.explain.steps import formula_of
from model.expr.tree import Equation, Explanation, Expr, Mat, Num, Op, Sym, Text, constant
from model.moment import Moment
from model.notation.layers import the_hidden_layer
from model.paths import Path, Paths, gradient_ref
from model.stages import Ref, Stage

WRITTEN = 4  # paths whose products are written out below the chain
LONGEST = 5  # groups of a chain before its middle is left out


class Telling(NamedTuple):
    """One step of the story. lowest: the weight layer down to which connections have been passed (L + 1: none yet)."""

    explanation: Explanation
    lowest: int


class _Group(NamedTuple):
    """The derivatives by which one layer is talked to, and the words below them, on two lines."""

    latex: str
    words: tuple[str, str]


# -- the chain -------------------------------------------------------------------------------------------------------------------


def chain(moment: Moment, target: Ref, paths: Paths, *, known: bool = True) -> Explanation:
    """Return ∂L/∂w as a chain of derivatives, each group with whom it talks to, and with numbers where there are few paths.

    known: whether the numbers may be shown yet.
    """
    w = Writer(moment, batch=False)
    groups = _shortened(_groups(w, target, paths))
    whom = {"W": "weight", "b": "bias", "x": "input"}[target.quantity]
    columns: list[tuple[Sym, str, str]] = [(_gradient(w, target), "talk to the", f"{whom} directly")]
    for i, group in enumerate(groups):
        sign = "\\cdot" if i else "="
        columns.append((Sym(f"{sign}\\;{group.latex}"), *group.words))
    if _penalised(w, target):
        columns.append((Sym(f"+\\;{LAMBDA.latex}\\,{_latex(w, target)}"), "and add what", "the penalty asks"))
    lines = tuple(tuple(cell if isinstance(cell, Sym) else Text(cell) for cell in line) for line in zip(*columns, strict=True))
    equations = [Equation((("symbol", Mat(lines, "")),))]
    if known:
        equations += _numbers(w, target, paths)
    return Explanation(f"{_ways(paths)} from the {whom} to the loss", "", tuple(equations), (target,))


def _ways(paths: Paths) -> str:
    if paths.count == 1:
        return "One path" if paths.live else "One path (a factor of it is 0)"
    dead = paths.count - paths.live
    silent = "" if not dead else f" ({dead:,} with a factor 0)" if paths.live else " (each with a factor 0)"
    return f"{paths.count:,} paths{silent}"


def _gradient(w: Writer, target: Ref) -> Sym:
    """Return ∂L/∂w as a fraction, whatever the notation calls it."""
    return Sym(_by(_loss(w), _latex(w, target)), gradient_ref(target, one_sample=w.m > 1))


def _loss(w: Writer) -> str:
    if w.m == 1:
        return w.notation.symbol(Ref("loss"), w.problem, w.m)
    return w.notation.name_of("loss_sample", 0, w.problem, w.m, sample=str(w.sample + 1))


def _latex(w: Writer, ref: Ref) -> str:
    return w.notation.symbol(ref._replace(sample=w.sample), w.problem, w.m)


def _by(of: str, by: str) -> str:
    return f"\\frac{{\\partial {of}}}{{\\partial {by}}}"


def _groups(w: Writer, target: Ref, paths: Paths) -> list[_Group]:
    """Return the derivatives from the loss down: output layer, hidden layers, and the weight."""
    L, l = w.problem.depth, max(target.layer, 1)
    narrow = target.quantity == "W" or (target.quantity == "b" and w.problem.bias_sharing == "per_unit")

    def name(quantity: str, layer: int, *, all_units: bool = False) -> str:
        thin = w.problem.layers[layer] == 1
        if (layer == l and narrow and not all_units) or (thin and not all_units):
            return _latex(w, Ref(quantity, layer, (target.unit or 0) if layer == l and narrow else 0))
        return w.whole(quantity, layer).latex

    out = name("a", L, all_units=w.problem.activations[-1] == "softmax" and w.problem.layers[-1] > 1)
    top = _by(_loss(w), name("z", L)) if paths.together else _by(_loss(w), out) + _by(out, name("z", L))
    groups = [_Group(top, ("talk to the", "output layer"))]
    for h in range(L - 1, l - 1, -1):
        pair = _by(name("z", h + 1), name("a", h)) + _by(name("a", h), name("z", h))
        groups.append(_Group(pair, ("talk to", the_hidden_layer(w.notation, h, w.problem))))
    whom = {"W": "to the weight", "b": "to the bias", "x": "to the input"}[target.quantity]
    return [*groups, _Group(_by(name("z", l), _latex(w, target)), ("and now talk", whom))]


def _shortened(groups: list[_Group]) -> list[_Group]:
    if len(groups) <= LONGEST:
        return groups
    return [*groups[:2], _Group("\\cdots", ("and so on", f"({len(groups) - 4} more)")), *groups[-2:]]


def _penalised(w: Writer, target: Ref) -> bool:
    """Say whether the gradient has a share that goes along no path: λw, where the loss is that of the batch and has its penalty."""
    return bool(w.problem.l2) and target.quantity == "W" and w.m == 1


def _numbers(w: Writer, target: Ref, paths: Paths) -> list[Equation]:
    """Return the gradient as the sum of its paths, written out where they are few; and then what the penalty adds."""
    whole = Sym(_gradient(w, target).latex, gradient_ref(target, one_sample=w.m > 1)._replace(sample=w.sample))
    penalised = _penalised(w, target)
    symbol: Expr = row(Sym(whole.latex), Text(" without penalty")) if penalised else whole
    result = Num(paths.total, None if penalised else whole.ref)
    if len(paths.listed) < paths.count or paths.count > WRITTEN:
        count = f"The sum of {paths.count:,} paths, which the table lists."
        sum_of_paths = Equation((("symbol", symbol), ("result", result)), count)
    else:
        total = w.total(paths.count, lambda i: (1.0, _product(w, paths.listed[i], first=i == 0)), "paths")
        sum_of_paths = w.equation([("symbol", symbol), ("numbers", total), ("result", result)])
    return [sum_of_paths, _with_penalty(w, target, whole, paths)] if penalised else [sum_of_paths]


def _with_penalty(w: Writer, target: Ref, whole: Sym, paths: Paths) -> Equation:
    """Return the sum of the paths plus λw, which is the gradient that the update takes."""
    rule = row(Sym(whole.latex), Text(" without penalty"), Op("+"), LAMBDA, w.sym(target))
    numbers = row(Num(paths.total), Op("+"), constant(w.problem.l2), Op("·"), w.num(target))
    gradient = gradient_ref(target, one_sample=False)
    return w.equation([("symbol", whole), ("rule", rule), ("numbers", numbers), ("result", w.num(gradient, bracket=False))])


def _product(w: Writer, path: Path, *, first: bool) -> Expr:
    """Return a path's factors from the loss down, in numbers."""
    nums = [Num(f.value, f.refs[0] if len(f.refs) == 1 else None, bracket=not first or i > 0) for i, f in enumerate(path.factors)]
    return w.joined(nums)


# -- the story -------------------------------------------------------------------------------------------------------------------


class Story(Sequence[Telling]):
    """The chain, and then its parts; each is told when it is asked for."""

    def __init__(self, tellers: Sequence[Callable[[], Telling]]) -> None:
        self._tellers = tellers
        self._told: dict[int, Telling] = {}

    def __len__(self) -> int:
        return len(self._tellers)

    @overload
    def __getitem__(self, index: int) -> Telling: ...
    @overload
    def __getitem__(self, index: slice) -> list[Telling]: ...
    def __getitem__(self, index: int | slice) -> Telling | list[Telling]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        if at not in self._told:
            self._told[at] = self._tellers[at]()
        return self._told[at]


def story(moment: Moment, target: Ref, paths: Paths) -> Story:
    """Return who is responsible for the loss, told from the loss through outputs and hidden layers to the weight."""
    L, l = moment.record.problem.depth, max(target.layer, 1)
    narrow = target.quantity == "W" or (target.quantity == "b" and moment.record.problem.bias_sharing == "per_unit")
    tellers: list[Callable[[], Telling]] = [
        lambda: Telling(chain(moment, target, paths), l),
        partial(_about_loss, moment),
        partial(_about_outputs, moment, paths),
        *(partial(_about_hidden, moment, h) for h in range(L - 1, l if narrow else l - 1, -1)),
    ]
    if narrow and l < L:
        tellers.append(partial(_about_neuron, moment, l, target.unit or 0))
    return Story([*tellers, partial(_about_weight, moment, target)])


def before(moment: Moment, target: Ref, paths: Paths) -> Story:
    """Return the chain without numbers, for a walk that has not come so far."""
    lowest = moment.record.problem.depth + 1
    return Story([lambda: Telling(chain(moment, target, paths, known=False), lowest)])


def _about_loss(moment: Moment) -> Telling:
    record = moment.record
    ref = Ref("loss") if record.m == 1 else Ref("loss_sample", sample=moment.sample)
    words = "We get a certain loss at the output and ask who is responsible for it."
    if record.problem.loss == "none":
        words = "Nothing is compared here: the question is who is responsible for the output itself."
    return Telling(Explanation("The loss", words, (formula_of(moment, ref),), (ref,)), record.problem.depth + 1)


def _about_outputs(moment: Moment, paths: Paths) -> Telling:
    w, L = Writer(moment, batch=False), moment.record.problem.depth
    words = (
        "You are not producing the desired output, better take responsibility! The output layer answers: I take responsibility for my "
        "part, but I am only as good as the layer and the weights below me."
    )
    error = [] if paths.together else losses.matrix_dLda(w, Stage("dLda", L, "loss", (w.problem.layers[L],), 1))
    focus = (Ref("delta", L),) if paths.together else (Ref("dLda", L), Ref("delta", L))
    return Telling(Explanation("Talk to the output layer", words, (*error, *_delta(w, L)), focus), L + 1)


def _delta(w: Writer, l: int) -> list[Equation]:
    return deltas.matrix_delta(w, Stage("delta", l, "backward", (w.problem.layers[l],), 1))


def _about_hidden(moment: Moment, h: int) -> Telling:
    w = Writer(moment, batch=False)
    layer = the_hidden_layer(w.notation, h, w.problem)
    says = "collects the blame along its connections, and says: I am only as good as my sums, and the weights below me."
    words = f"{layer[0].upper()}{layer[1:]} {says}"
    equations = (*back.matrix_carried(w, "dLda", h + 1), *_delta(w, h))
    return Telling(Explanation(f"Talk to {layer}", words, equations, (Ref("dLda", h), Ref("delta", h))), h + 1)


def _about_neuron(moment: Moment, h: int, j: int) -> Telling:
    layer = the_hidden_layer(moment.notation, h, moment.record.problem)
    words = (
        f"Of {layer} only neuron {j + 1} is concerned: the weight leads to no other. It collects its blame from all the neurons "
        "it feeds; its slope says how much of that reaches its sum."
    )
    refs = (Ref("dLda", h, j, sample=moment.sample), Ref("delta", h, j, sample=moment.sample))
    equations = tuple(formula_of(moment, ref) for ref in refs)
    return Telling(Explanation(f"Talk to neuron {j + 1} of {layer}", words, equations, refs), h + 1)


def _about_weight(moment: Moment, target: Ref) -> Telling:
    words = {
        "W": "The weight takes full responsibility: the error signal of the neuron it leads to, times the input it carries.",
        "b": "The bias takes full responsibility: its input is always 1, so its share is the error signal itself.",
        "x": "The input collects the blame along its weights. It cannot be changed by training, but it shows what the network looks at.",
    }[target.quantity]
    one = gradient_ref(target, one_sample=moment.record.m > 1)
    refs = [one]
    if moment.record.m > 1 and target.quantity != "x":
        refs.append(gradient_ref(target, one_sample=False))
        how = "averaged" if moment.record.problem.batch_reduction == "mean" else "added up"
        words += f" The wishes of all {moment.record.m} samples are then {how}."
    if target.quantity == "b" and moment.record.problem.bias_sharing == "per_layer":
        words += " It serves the whole layer, so the error signals of all its neurons are added up."
    whom = {"W": "weight", "b": "bias", "x": "input"}[target.quantity]
    equations = tuple(formula_of(moment, ref) for ref in refs)
    return Telling(Explanation(f"And now talk to the {whom}", words, equations, (target,)), max(target.layer, 1))
