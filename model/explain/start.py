"""What an update starts from, as equations: input, target, weights and biases with their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from model.explain.parts import Side, Writer, symbols
from model.expr.tree import Equation
from model.stages import Ref

Kind = Literal["numbers", "result"]  # "numbers" is never asked for on a sheet of exercises


def sample(w: Writer, kind: Kind) -> Iterator[Equation]:
    """Yield input and target. A notation that counts the input as a layer of activations says that it is x: a⁽¹⁾ = x = …"""
    a, x = w.whole("a", 0), w.whole("x")
    named: list[Side] = symbols(a) if a.latex == x.latex else symbols(a, x)
    yield Equation((*named, (kind, w.numbers("a", 0))))
    if w.problem.loss != "none":
        yield Equation((("symbol", w.whole("y")), (kind, w.numbers("y"))))


def parameters(w: Writer, weights: str, biases: str, kind: Kind) -> Iterator[Equation]:
    """Yield the weights, and the biases where they stand apart, layer by layer; weights: "W" or "W_new"."""
    for l in range(1, w.problem.depth + 1):
        yield Equation((("symbol", w.whole(weights, l)), (kind, w.matrix(weights, l))))
        if w.problem.has_biases and not w.inside:
            column = w.grid(w.problem.layers[l], 1, lambda i, _, l=l: w.num(Ref(biases, l, i), bracket=False))  # type: ignore[misc]
            yield Equation((("symbol", w.whole(biases, l)), (kind, column)))
