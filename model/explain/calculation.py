"""From which other numbers a number of a record is calculated: sums of products of named numbers, whatever the notation.

Formulas, tooltips, paths and tests all take the structure of a calculation from here. A calculation names its terms one at a
time, so that a sum over 784 inputs costs nothing until a term is asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

from model.losses import FUSED_DELTAS
from model.moment import is_state, parameter_of, state_part
from model.record import Record
from model.stages import Ref


class Term(NamedTuple):
    """coefficient · product of the factors (no factors: the coefficient itself)."""

    coefficient: float
    factors: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Calculation:
    """ref = Σ of `count` terms; or, if `function` is not empty, that function of the numbers in the terms.

    function: an activation's name (of z), the same with a prime (its slope), a loss's name (one output's loss, or with a prime its
    derivative), "softmax", a fused delta's name such as "softmax·binary_cross_entropy", an optimiser's name, or that of its state.
    """

    ref: Ref
    count: int
    term: Callable[[int], Term]
    function: str = ""

    def terms(self) -> tuple[Term, ...]:
        """Return all terms; as many objects as the sum has summands."""
        return tuple(self.term(i) for i in range(self.count))


def calculation(record: Record, ref: Ref, sample: int = 0) -> Calculation | None:
    """Return how `ref` (one single number) is calculated, or None for something given: an input, a target, an old weight.

    sample: the row of the batch for quantities of one sample where `ref.sample` is None.
    """
    s = sample if ref.sample is None else ref.sample
    maker = _state if is_state(record.problem, ref.quantity) else _MAKERS.get(ref.quantity)
    return None if maker is None or (ref.quantity == "a" and ref.layer == 0) else maker(record, ref, s)


def sources_of(record: Record, ref: Ref, sample: int = 0, limit: int = 1000) -> tuple[Ref, ...]:
    """Return the numbers from which `ref` is calculated, each once, of at most `limit` terms."""
    calc = calculation(record, ref, sample)
    if calc is None:
        return ()
    found = (factor for i in range(min(calc.count, limit)) for factor in calc.term(i).factors)
    return tuple(dict.fromkeys(factor for factor in found if factor.quantity != "one"))


def _listed(ref: Ref, terms: list[Term], function: str = "") -> Calculation:
    return Calculation(ref, len(terms), terms.__getitem__, function)


def _of(ref: Ref, factors: list[Ref], function: str) -> Calculation:
    return _listed(ref, [Term(1.0, (factor,)) for factor in factors], function)


def input_ref(l: int, k: int, s: int | None) -> Ref:
    """Return input k of weight layer l for sample s; -1 is the constant 1."""
    return Ref("one") if k < 0 else Ref("a", l - 1, k, sample=s)


def _z(record: Record, ref: Ref, s: int) -> Calculation:
    l, j, biased = ref.layer, ref.unit or 0, int(record.problem.has_biases)

    def term(i: int) -> Term:
        weight = Ref("b", l, j) if i < biased else Ref("W", l, j, i - biased)
        return Term(1.0, (weight, input_ref(l, i - biased, s)))

    return Calculation(ref, record.problem.layers[l - 1] + biased, term)


def _a(record: Record, ref: Ref, s: int) -> Calculation:
    l, name = ref.layer, record.problem.activations[ref.layer - 1]
    units = range(record.problem.layers[l]) if name == "softmax" else (ref.unit or 0,)
    return _of(ref, [Ref("z", l, j, sample=s) for j in units], name)


def _dadz(record: Record, ref: Ref, s: int) -> Calculation:
    name = record.problem.activations[ref.layer - 1]
    argument = "a" if name in ("sigmoid", "tanh", "softmax") else "z"
    return _of(ref, [Ref(argument, ref.layer, ref.unit, sample=s)], name + "′")


def _a_and_y(record: Record, j: int, s: int) -> list[Ref]:
    return [Ref("a", record.problem.depth, j, sample=s), Ref("y", 0, j, sample=s)]


def _loss_output(record: Record, ref: Ref, s: int) -> Calculation:
    return _of(ref, _a_and_y(record, ref.unit or 0, s), record.problem.loss)


def _loss_sample(record: Record, ref: Ref, s: int) -> Calculation:
    return Calculation(ref, record.problem.layers[-1], lambda i: Term(1.0, (Ref("loss_output", 0, i, sample=s),)))


def _loss(record: Record, ref: Ref, s: int) -> Calculation:
    problem, m = record.problem, record.m
    share = 1.0 / m if problem.batch_reduction == "mean" else 1.0
    count = m if m > 1 else problem.layers[-1]

    def term(i: int) -> Term:
        if i == count:
            return Term(1.0, (Ref("penalty"),))
        return Term(share, (Ref("loss_sample", sample=i),)) if m > 1 else Term(1.0, (Ref("loss_output", 0, i, sample=0),))

    return Calculation(ref, count + (1 if problem.l2 else 0), term)


def _penalty(record: Record, ref: Ref, s: int) -> Calculation | None:
    """Return (λ/2) Σ w² over the weights of all layers, in reading order; nothing where there is no penalty."""
    layers, half = record.problem.layers, record.problem.l2 / 2.0
    sizes = [n * k for k, n in pairwise(layers)]
    starts = [0, *accumulate(sizes)]

    def term(i: int) -> Term:
        l = bisect_right(starts, i)
        j, k = divmod(i - starts[l - 1], layers[l - 1])
        weight = Ref("W", l, j, k)
        return Term(half, (weight, weight))

    return Calculation(ref, starts[-1], term) if half else None


def _dLda(record: Record, ref: Ref, s: int) -> Calculation:
    problem, l, j = record.problem, ref.layer, ref.unit or 0
    if l == problem.depth:
        return _of(ref, _a_and_y(record, j, s), problem.loss + "′")
    return Calculation(ref, problem.layers[l + 1], lambda i: _carried(record, l + 1, i, j, s))


def _carried(record: Record, l: int, i: int, k: int, s: int) -> Term:
    """Return weight times delta: the share of unit i of layer l in the error of its input k; -1 is the constant 1."""
    new = "_new" if record.problem.hidden_delta_uses == "new" and record.new_params is not None else ""
    weight = Ref("b" + new, l, i) if k < 0 else Ref("W" + new, l, i, k)
    return Term(1.0, (weight, Ref("delta", l, i, sample=s)))


def _dLdX(record: Record, ref: Ref, s: int) -> Calculation:
    k = (ref.unit or 0) - 1
    count = record.problem.layers[ref.layer] if k >= 0 or record.problem.has_biases else 0
    return Calculation(ref, count, lambda i: _carried(record, ref.layer, i, k, s))


def _dLdx(record: Record, ref: Ref, s: int) -> Calculation:
    k = (ref.unit if ref.from_ is None else ref.from_) or 0
    return Calculation(ref, record.problem.layers[1], lambda i: _carried(record, 1, i, k, s))


def _delta(record: Record, ref: Ref, s: int) -> Calculation:
    problem, l, j = record.problem, ref.layer, ref.unit or 0
    name = problem.activations[l - 1]
    if l == problem.depth and (name, problem.loss) in FUSED_DELTAS:
        return _fused(record, ref, s)
    if name == "softmax":
        return Calculation(ref, problem.layers[l], lambda k: _jacobian_term(l, j, k, s))
    return _listed(ref, [Term(1.0, (Ref("dLda", l, j, sample=s), Ref("dadz", l, j, sample=s)))])


def _jacobian_term(l: int, j: int, k: int, s: int) -> Term:
    error = Ref("dLda", l, k, sample=s)
    if k == j:
        return Term(1.0, (error, Ref("dadz", l, j, sample=s)))
    return Term(-1.0, (error, Ref("a", l, k, sample=s), Ref("a", l, j, sample=s)))


def _fused(record: Record, ref: Ref, s: int) -> Calculation:
    problem, j = record.problem, ref.unit or 0
    a, y = _a_and_y(record, j, s)
    pair = (problem.activations[-1], problem.loss)
    if pair == ("sigmoid", "binary_cross_entropy"):
        return _listed(ref, [Term(1.0, (a,)), Term(-1.0, (y,))])
    if pair == ("sigmoid", "cross_entropy"):
        return _listed(ref, [Term(1.0, (y, a)), Term(-1.0, (y,))])
    n = problem.layers[-1]
    if pair == ("softmax", "cross_entropy"):
        return Calculation(ref, n + 1, lambda k: Term(1.0, (Ref("y", 0, k, sample=s), a)) if k < n else Term(-1.0, (y,)))
    return _of(ref, [r for k in range(n) for r in _a_and_y(record, k, s)], "·".join(pair))


def _share(record: Record) -> float:
    return 1.0 / record.m if record.problem.batch_reduction == "mean" else 1.0


def _dW(record: Record, ref: Ref, s: int) -> Calculation:
    l, j, k, m, l2 = ref.layer, ref.unit or 0, ref.from_ or 0, record.m, record.problem.l2
    share = _share(record)
    written_down = record.problem.rounding is not None and m > 1  # each sample's own gradient is rounded before they are added

    def term(n: int) -> Term:
        if n == m:
            return Term(l2, (Ref("W", l, j, k),))
        if written_down:
            return Term(share, (Ref("dW_sample", l, j, k, sample=n),))
        return Term(share, (Ref("delta", l, j, sample=n), Ref("a", l - 1, k, sample=n)))

    return Calculation(ref, m + (1 if l2 else 0), term)


def _dW_sample(record: Record, ref: Ref, s: int) -> Calculation:
    factors = (Ref("delta", ref.layer, ref.unit, sample=s), Ref("a", ref.layer - 1, ref.from_, sample=s))
    return _listed(ref, [Term(1.0, factors)])


def _db(record: Record, ref: Ref, s: int) -> Calculation:
    l, j, share = ref.layer, ref.unit or 0, _share(record)
    if record.problem.bias_sharing == "per_unit":
        return Calculation(ref, record.m, lambda n: Term(share, (Ref("delta", l, j, sample=n),)))
    units = record.problem.layers[l]
    return Calculation(ref, record.m * units, lambda i: Term(share, (Ref("delta", l, i % units, sample=i // units),)))


def _db_sample(record: Record, ref: Ref, s: int) -> Calculation:
    l, shared = ref.layer, record.problem.bias_sharing == "per_layer"
    units = range(record.problem.layers[l]) if shared else (ref.unit,)
    return _listed(ref, [Term(1.0, (Ref("delta", l, j, sample=s),)) for j in units])


def _new(record: Record, ref: Ref, s: int) -> Calculation:
    is_bias = ref.quantity == "b_new"
    old = ref._replace(quantity="b" if is_bias else "W")
    gradient = ref._replace(quantity="db" if is_bias else "dW")
    if is_bias and not record.problem.train_biases:
        return _listed(ref, [Term(1.0, (old,))])
    terms = [Term(1.0, (old,)), Term(-1.0, (Ref("learning_rate"), gradient))]
    name = record.problem.optimizer.name
    return _listed(ref, terms, "" if name == "sgd" else name)


def _state(record: Record, ref: Ref, s: int) -> Calculation | None:
    """Return how an entry of the optimiser's state is calculated: from what was there before and the gradient; m̂ and v̂ from m and v."""
    slot, part = state_part(ref.quantity)
    if part == "_old":
        return None
    if part == "_hat":
        return _of(ref, [ref._replace(quantity=slot)], ref.quantity)
    of = parameter_of(ref)
    return _of(ref, [ref._replace(quantity=slot + "_old"), of._replace(quantity="d" + of.quantity)], slot)


def _step(record: Record, ref: Ref, s: int) -> Calculation:
    letter = ref.quantity[-1]
    return _listed(ref, [Term(1.0, (ref._replace(quantity=letter + "_new"),)), Term(-1.0, (ref._replace(quantity=letter),))])


def _path(record: Record, ref: Ref, s: int) -> Calculation:
    return _listed(ref, [_carried(record, ref.layer, ref.unit or 0, ref.from_ or 0, s)])


_MAKERS: dict[str, Callable[[Record, Ref, int], Calculation | None]] = {
    "z": _z, "a": _a, "dadz": _dadz, "loss_output": _loss_output, "loss_sample": _loss_sample, "loss": _loss,
    "penalty": _penalty, "dLda": _dLda,
    "dLdX": _dLdX, "dLdx": _dLdx, "delta": _delta, "dW": _dW, "dW_sample": _dW_sample, "db": _db, "db_sample": _db_sample,
    "W_new": _new, "b_new": _new, "step_W": _step, "step_b": _step, "path": _path,
}  # fmt: skip
