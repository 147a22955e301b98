"""Usual slips that take half of a formula: of a slope, of the paths to a hidden error, of an update; and W transposed, 1/m too early."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from model.diagnosis.altered import Change, Doing, Way
from model.diagnosis.case import BACKWARD, FORWARD, LOSS, Case, Try
from model.diagnosis.slips import Slips, each, handed_down_with, scaled_loss, with_input
from model.stages import Ref
from model.workspace import Values, Workspace

_MOST_PATHS = 10  # more of them are not followed by hand


def half_slopes(case: Case) -> Iterator[Try]:
    """a or 1 − a alone for the sigmoid's slope a(1 − a)."""
    if case.part < BACKWARD:
        return
    for only_first, do in ((True, _first_half), (False, _second_half)):
        for layers in each(case.sloped, lambda l: case.problem.activations[l - 1] == "sigmoid" and not case.is_cancelled(l)):
            names = [case.whole("a", l) for l in layers]
            taken, whole = ([name if only_first else f"1 − {name}" for name in names], [f"{name}(1 − {name})" for name in names])
            clause = f"only {' and '.join(taken)} {'are' if len(layers) > 1 else 'is'} taken of {' and '.join(whole)}"
            yield Try("half of the slope", clause, _everywhere("dadz", layers, do))


def _first_half(ws: Workspace, l: int) -> None:
    ws.dadz[l][...] = ws.a[l + 1]


def _second_half(ws: Workspace, l: int) -> None:
    ws.dadz[l][...] = 1.0 - ws.a[l + 1]


def _everywhere(quantity: str, layers: tuple[int, ...], do: Doing) -> Way:
    return Way(changes=tuple(Change(quantity, l, do) for l in layers))


def one_path(case: Case) -> Iterator[Try]:
    """A hidden error from one of the units above alone, where it is the sum over all of them."""
    p = case.problem
    if case.part < BACKWARD or not case.is_small:
        return
    for l in case.handed_down:
        n = p.layers[l]
        for j in range(n) if 1 < n <= _MOST_PATHS else ():
            through = f"output {j + 1}" if l == p.depth else f"unit {j + 1} of {case.whole('a', l)}"
            yield Try("one path", f"only the path through {through} is taken", _everywhere("dLdX", (l,), partial(_only_path, j)))


def _only_path(j: int, ws: Workspace, l: int) -> None:
    ws.dLdX[l][:, 1:] = ws.delta[l][:, j : j + 1] * handed_down_with(ws, l)[j]


def transposed_sum(case: Case) -> Iterator[Try]:
    """W transposed in the sums of the forward pass, where it has as many rows as columns."""
    p, ref = case.problem, case.ref
    if case.is_given:
        return
    last = ref.layer if case.part == FORWARD else p.depth
    for layers in each(range(1, last + 1), lambda l: p.layers[l] == p.layers[l - 1] > 1):
        names, sums = (" and ".join(case.whole(quantity, l) for l in layers) for quantity in ("W", "z"))
        transposed = "are transposed" if len(layers) > 1 else "is transposed"
        yield Try("transposed sum", f"{names} {transposed} in {sums}", _everywhere("z", layers, _with_transpose))


def _with_transpose(ws: Workspace, l: int) -> None:
    ws.z[l][...] = ws.a[l] @ ws.W[l]
    if ws.b:
        ws.z[l][...] += ws.b[l]


def early_mean(case: Case) -> Iterator[Try]:
    """1/m, which belongs to the batch's mean, in each sample's own error."""
    m = case.record.m
    if m > 1 and case.part >= LOSS and case.problem.loss != "none":
        what = "loss" if case.part == LOSS else "error"
        yield Try("early mean", f"each sample's own {what} is divided by the {m} samples", scaled_loss(case, 1.0 / m))


def parts_of_the_step(case: Case) -> Iterator[Try]:
    """The step alone for the new parameter; the learning rate in the gradient already."""
    ref, rate = case.ref, case.record.learning_rate
    if rate is None:
        return
    if ref.quantity in ("W_new", "b_new"):
        of = ref.quantity[0]
        step = -case.sign * case.value_of(ref._replace(quantity=f"step_{of}"))
        what, old = ("weight" if of == "W" else "bias"), case.name(ref._replace(quantity=of))
        if step:
            yield Try("only the step", f"only the step is taken for the new {what}, without {old}", value=step)
    if ref.quantity in ("dW", "db") and rate != 1.0:
        clause = f"the gradient is multiplied by the learning rate {case.name(Ref('learning_rate'))} = {rate:g} already"
        yield Try("learning rate in gradient", clause, value=rate * case.value())


def other_outputs(case: Case) -> Iterator[Try]:
    """The outputs of any other layer with as many units beside δ in a gradient."""
    p = case.problem
    if case.part < BACKWARD:
        return
    for l in range(1, p.depth + 1):
        for k in range(p.depth + 1):
            if k not in (l - 1, l) and p.layers[k] == p.layers[l - 1]:
                clause = f"{case.whole('dW', l)} is formed with {case.whole('a', k)} instead of {case.whole('a', l - 1)}"
                yield Try("other layer's output", clause, with_input(l, _outputs_of(k)))


def _outputs_of(k: int) -> Callable[[Workspace, int], Values]:
    return lambda ws, _l: ws.A[k]


PIECES: tuple[Slips, ...] = (one_path, half_slopes, other_outputs, transposed_sum, early_mean, parts_of_the_step)
