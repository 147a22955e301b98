"""A given number misread: its sign lost, its decimal point moved, two of its digits exchanged; and everything behind it right."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from model.diagnosis.altered import Change, Way
from model.diagnosis.case import FORWARD, Case, Try
from model.expr.tree import NumberFormat, format_number
from model.parameters import Parameters, parameters
from model.problem import Array
from model.stages import Ref
from model.workspace import Workspace

_MOST = 64  # given numbers; of more of them one would be found by chance
_MOST_DIGITS = 4  # of a number that is read off a page and not worked out


def misread(case: Case) -> Iterator[Try]:
    """Every given number that is in the asked one, with what may have been read for it."""
    if case.is_given or not case.is_small:
        return
    refs = list(_given(case))
    for ref in refs if len(refs) <= _MOST else ():
        value = case.value_of(ref)
        for wrong in _readings(value):
            clause = f"{_plain(wrong)} is taken for {case.name(ref)} = {_plain(value)}"
            yield Try("misread", clause, _way(case, ref, wrong))
            if ref.quantity in "Wb" and case.part > FORWARD:
                yield Try("misread", f"{clause} in {case.symbol(Ref('z', ref.layer, ref.unit))}", _in_sum(ref, wrong))


def _given(case: Case) -> Iterator[Ref]:
    p, ref = case.problem, case.ref
    s = case.sample if ref.sample is None else ref.sample
    rows = range(case.record.m) if case.of_batch else (s,)
    yield from (Ref("x", 0, k, sample=row) for row in rows for k in range(p.layers[0]))
    if case.part > FORWARD and p.loss != "none":
        yield from (Ref("y", 0, j, sample=row) for row in rows for j in range(p.layers[-1]))
    last = ref.layer if case.part == FORWARD else p.depth
    for l in range(1, last + 1):
        own = case.part == FORWARD and l == last and p.activations[l - 1] != "softmax"
        for j in (ref.unit or 0,) if own else range(p.layers[l]):
            yield from ([Ref("b", l, j)] if p.has_biases else ())
            yield from (Ref("W", l, j, k) for k in range(p.layers[l - 1]))


def _readings(value: float) -> Iterator[float]:
    """Yield what may be read for a number that is written with few digits."""
    text = repr(abs(value))
    digits = text.replace(".", "").strip("0")
    if not value or "e" in text or len(digits) > _MOST_DIGITS:
        return
    yield -value
    if value not in (1.0, -1.0):
        yield float(f"{value * 10:.12g}")
        yield float(f"{value / 10:.12g}")
    for i in range(len(digits) - 1):
        if digits[i] != digits[i + 1]:
            swapped = digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]
            yield float(text.replace(digits, swapped)) * (1 if value > 0 else -1)


def _plain(value: float) -> str:
    text = f"{value:.12g}"
    return format_number(value, NumberFormat(len(text.partition(".")[2]), False))


def _way(case: Case, ref: Ref, wrong: float) -> Way:
    if ref.quantity in "xy":
        return Way(given=partial(_with_number, ref, wrong))
    return Way(parameters=partial(_with_parameter, ref, wrong))


def _in_sum(ref: Ref, wrong: float) -> Way:
    """Return a way in which a parameter is misread in its weighted sum, and nowhere else."""
    return Way(changes=(Change("z", ref.layer, partial(_other_parameter, ref, wrong)),))


def _other_parameter(ref: Ref, wrong: float, ws: Workspace, l: int) -> None:
    j, k = ref.unit or 0, ref.from_ or 0
    ws.z[l][:, j] += (wrong - ws.W[l][j, k]) * ws.a[l][:, k] if ref.quantity == "W" else wrong - ws.b[l][j]


def _with_number(ref: Ref, wrong: float, x: Array, y: Array) -> tuple[Array, Array]:
    x, y = x.copy(), y.copy()
    (x if ref.quantity == "x" else y)[ref.sample or 0, ref.unit or 0] = wrong
    return x, y


def _with_parameter(ref: Ref, wrong: float, old: Parameters) -> Parameters:
    W, b = [w.copy() for w in old.W], [v.copy() for v in old.b]
    if ref.quantity == "W":
        W[ref.layer - 1][ref.unit or 0, ref.from_ or 0] = wrong
    else:
        b[ref.layer - 1][ref.unit or 0] = wrong
    return parameters(old.layers, tuple(W), tuple(b))
