"""Updates worked out by hand, number by number with loops, in which any single number may be got wrong. Nothing of the program is used.

Lists have layer l at index l; samples come first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from model.problem import Problem
from model.record import Record
from model.stages import Ref

Index = tuple[int, ...]
Wrong = Callable[[str, Index, float, "Sheet"], float]
"""(what is written down, its indices, the right number, what stands on the sheet) → the number that is written down."""


def nothing_wrong(_what: str, _where: Index, value: float, _sheet: Sheet) -> float:
    return value


@dataclass
class Sheet:
    """Everything that is written down in one update. z, a, slope, error (∂L/∂a), delta: per sample and layer; loss terms per sample."""

    W: list[Any]
    b: list[Any]
    x: list[list[float]]
    y: list[list[float]]
    z: list[Any] = field(default_factory=list)
    a: list[Any] = field(default_factory=list)
    slope: list[Any] = field(default_factory=list)
    error: list[Any] = field(default_factory=list)
    delta: list[Any] = field(default_factory=list)
    terms: list[Any] = field(default_factory=list)
    dW: list[Any] = field(default_factory=list)
    db: list[Any] = field(default_factory=list)
    new_W: list[Any] = field(default_factory=list)
    new_b: list[Any] = field(default_factory=list)
    loss: float = 0.0

    def figure(self, ref: Ref, sample: int = 0) -> float:
        """Return the number that stands in the place of a ref."""
        s = sample if ref.sample is None else ref.sample
        if ref.quantity == "loss":
            return self.loss
        if ref.quantity == "loss_sample":
            return float(sum(self.terms[s]))
        per_sample = {"z": self.z, "a": self.a, "dadz": self.slope, "dLda": self.error, "delta": self.delta}.get(ref.quantity)
        of_layer = {"dW": self.dW, "db": self.db, "W_new": self.new_W, "b_new": self.new_b}.get(ref.quantity)
        value = per_sample[s][ref.layer] if per_sample is not None else (of_layer or [])[ref.layer]
        for index in (ref.unit, ref.from_):
            value = value if index is None else value[index]
        return float(value)


def worked(record: Record, wrong: Wrong = nothing_wrong) -> Sheet:
    """Return the sheet of a record's update, from its parameters and samples."""
    W = [[], *(w.tolist() for w in record.params.W)]
    b = [[], *(v.tolist() for v in record.params.b)] if record.params.b else [[0.0] * n for n in record.problem.layers]
    return work(record.problem, W, b, record.x.tolist(), record.y.tolist(), record.learning_rate or 0.0, wrong)


def work(p: Problem, W: list[Any], b: list[Any], x: list[Any], y: list[Any], rate: float, wrong: Wrong = nothing_wrong) -> Sheet:
    """Return the sheet of one update of plain gradient descent."""
    sheet = Sheet(W, b, x, y)
    for s in range(len(x)):
        _forward(p, sheet, s, wrong)
        _loss(p, sheet, s, wrong)
        _backward(p, sheet, s, wrong)
    counted = wrong("count", (), float(len(x) if p.batch_reduction == "mean" else 1), sheet)
    sheet.loss = sum(wrong("loss of sample", (s,), sum(sheet.terms[s]), sheet) for s in range(len(x))) / counted
    _update(p, sheet, rate, counted, wrong)
    return sheet


def _forward(p: Problem, sheet: Sheet, s: int, wrong: Wrong) -> None:
    sheet.z.append([[]])
    sheet.a.append([sheet.x[s]])
    for l in range(1, p.depth + 1):
        sheet.z[s].append([])
        for j in range(p.layers[l]):
            total = wrong("bias", (s, l, j), sheet.b[l][j], sheet)
            for k in range(p.layers[l - 1]):
                total += wrong("product", (s, l, j, k), sheet.W[l][j][k] * sheet.a[s][l - 1][k], sheet)
            sheet.z[s][l].append(wrong("z", (s, l, j), total, sheet))
        sheet.a[s].append([])
        name, z = p.activations[l - 1], sheet.z[s][l]
        powers = [wrong("power", (s, l, j), math.exp(min(z[j], 700.0)), sheet) for j in range(p.layers[l])]
        below = wrong("sum of powers", (s, l), sum(powers), sheet)
        for j in range(p.layers[l]):
            if name == "sigmoid":
                value = 1 / (1 + wrong("e to the −z", (s, l, j), math.exp(-z[j]), sheet))
            else:
                value = {"tanh": math.tanh(z[j]), "relu": max(0.0, z[j]), "softmax": powers[j] / below}[name]
            sheet.a[s][l].append(wrong("a", (s, l, j), value, sheet))


def _loss(p: Problem, sheet: Sheet, s: int, wrong: Wrong) -> None:
    out, y = sheet.a[s][p.depth], sheet.y[s]
    sheet.terms.append([])
    for j in range(p.layers[-1]):
        if p.loss == "half_squared_error":
            value = 0.5 * (out[j] - y[j]) ** 2
        else:
            value = -y[j] * _ln(out[j]) if y[j] else 0.0
            if p.loss == "binary_cross_entropy" and y[j] < 1:
                value -= (1 - y[j]) * _ln(1 - out[j])
        sheet.terms[s].append(wrong("loss term", (s, j), value, sheet))


def _ln(value: float) -> float:
    return math.log(value) if value > 0 else math.nan


def _backward(p: Problem, sheet: Sheet, s: int, wrong: Wrong) -> None:
    L = p.depth
    for of in (sheet.error, sheet.delta, sheet.slope):
        of.append([[] for _ in range(L + 1)])
    for l in range(L, 0, -1):
        for j in range(p.layers[l]):
            z, a = sheet.z[s][l][j], sheet.a[s][l][j]
            slope = {"sigmoid": a * (1 - a), "tanh": 1 - a * a, "relu": float(z > 0), "softmax": a * (1 - a)}[p.activations[l - 1]]
            sheet.slope[s][l].append(wrong("slope", (s, l, j), slope, sheet))
            if l < L:
                paths = range(p.layers[l + 1])
                share = sum(wrong("path", (s, l, j, i), sheet.W[l + 1][i][j] * sheet.delta[s][l + 1][i], sheet) for i in paths)
            else:
                share = a - sheet.y[s][j]
            sheet.error[s][l].append(wrong("error", (s, l, j), share, sheet))
            fused = l == L and p.loss != "half_squared_error"
            delta = sheet.error[s][l][j] * (1.0 if fused else sheet.slope[s][l][j])
            sheet.delta[s][l].append(wrong("delta", (s, l, j), delta, sheet))


def _update(p: Problem, sheet: Sheet, rate: float, counted: float, wrong: Wrong) -> None:
    for of in (sheet.dW, sheet.db, sheet.new_W, sheet.new_b):
        of.append([])
    samples = range(len(sheet.x))
    for l in range(1, p.depth + 1):
        rows, biases, new_rows, new_biases = [], [], [], []
        for j in range(p.layers[l]):
            row = []
            for k in range(p.layers[l - 1]):
                shares = [wrong("share", (s, l, j, k), sheet.delta[s][l][j] * sheet.a[s][l - 1][k], sheet) for s in samples]
                row.append(wrong("dW", (l, j, k), sum(shares) / counted, sheet))
            rows.append(row)
            biases.append(
                wrong("db", (l, j), sum(wrong("share b", (s, l, j), sheet.delta[s][l][j], sheet) for s in samples) / counted, sheet)
            )
            new_rows.append([wrong("new W", (l, j, k), sheet.W[l][j][k] - rate * row[k], sheet) for k in range(p.layers[l - 1])])
            new_biases.append(wrong("new b", (l, j), sheet.b[l][j] - (rate * biases[j] if p.train_biases else 0.0), sheet))
        sheet.dW.append(rows)
        sheet.db.append(biases)
        sheet.new_W.append(new_rows)
        sheet.new_b.append(new_biases)


# The slips


def at(what: str, where: Index, change: Callable[[float, Sheet, Index], float]) -> Wrong:
    """Return a slip at one kind of number: at those whose indices begin so (a sample of −1 is every one, other −1 too)."""

    def wrong(here: str, place: Index, value: float, sheet: Sheet) -> float:
        same = here == what and all(want in (-1, have) for want, have in zip(where, place, strict=False))
        return change(value, sheet, place) if same else value

    return wrong


def both(*slips: Wrong) -> Wrong:
    """Return several slips together."""

    def wrong(here: str, place: Index, value: float, sheet: Sheet) -> float:
        for slip in slips:
            value = slip(here, place, value, sheet)
        return value

    return wrong


def left_out(_value: float, _sheet: Sheet, _place: Index) -> float:
    return 0.0


def turned(value: float, _sheet: Sheet, _place: Index) -> float:
    return -value
