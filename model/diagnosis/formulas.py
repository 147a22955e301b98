"""Slips in a formula that a whole layer is worked out with: softmax, the sigmoid's exponent, another function's φ′, the loss's square."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from model.diagnosis.altered import Change, Doing, Way
from model.diagnosis.case import BACKWARD, FORWARD, LOSS, Case, Try
from model.diagnosis.slips import ENTROPIES, Slips, each, other_activations
from model.workspace import Values, Workspace


def softmax(case: Case) -> Iterator[Try]:
    """No exponential function in softmax, or no division by the sum."""
    p = case.problem
    if p.activations[-1] != "softmax" or not _is_behind(case, p.depth):
        return
    a, z = case.whole("a", p.depth), case.whole("z", p.depth)
    for clause, do in (
        (f"softmax is formed without exp: {z} itself is divided by its sum", _no_power),
        (f"softmax is not divided by its sum: {a} is exp({z}) alone", _no_sum),
        (f"softmax is formed with exp(−{z})", _other_power),
    ):
        yield Try("softmax formula", clause, other_activations(case, (p.depth,), do))


def _no_power(ws: Workspace, l: int) -> None:
    ws.a[l + 1][...] = ws.z[l] / ws.z[l].sum(axis=1, keepdims=True)


def _no_sum(ws: Workspace, l: int) -> None:
    ws.a[l + 1][...] = np.exp(ws.z[l])


def _other_power(ws: Workspace, l: int) -> None:
    powers = np.exp(-ws.z[l])
    ws.a[l + 1][...] = powers / powers.sum(axis=1, keepdims=True)


def _is_behind(case: Case, layer: int) -> bool:
    """Whether the number is worked out from the outputs of a weight layer, or is one of them."""
    ref = case.ref
    return not case.is_given and (case.part > FORWARD or ref.layer > layer or (ref.layer == layer and ref.quantity == "a"))


def exponent(case: Case) -> Iterator[Try]:
    """The sigmoid with e^z for e^−z."""
    p = case.problem
    for layers in each(range(1, p.depth + 1), lambda l: p.activations[l - 1] == "sigmoid" and _is_behind(case, l)):
        a, z = case.whole("a", layers[0]), case.whole("z", layers[0])
        clause = f"{a} is formed with exp({z}) instead of exp(−{z})"
        if len(layers) > 1:
            names = ", ".join(case.whole("a", l) for l in layers[:-1]) + f" and {case.whole('a', layers[-1])}"
            clause = f"{names} are formed with 1/(1 + eˣ) instead of 1/(1 + e⁻ˣ)"
        yield Try("sign of the exponent", clause, other_activations(case, layers, _rising_power))


def _rising_power(ws: Workspace, l: int) -> None:
    ws.a[l + 1][...] = 1.0 / (1.0 + np.exp(ws.z[l]))


def biases_subtracted(case: Case) -> Iterator[Try]:
    """b taken off the sum instead of being added."""
    p = case.problem
    if not p.has_biases or case.is_given:
        return
    last = case.ref.layer if case.part == FORWARD else p.depth
    for layers in each(range(1, last + 1), lambda l: True):
        sums = " and ".join(case.whole("z", l) for l in layers)
        clause = f"the bias is subtracted in {sums}, not added"
        yield Try("bias subtracted", clause, Way(changes=tuple(Change("z", l, _minus_bias) for l in layers)))


def _minus_bias(ws: Workspace, l: int) -> None:
    ws.z[l][...] -= 2.0 * ws.b[l]


def other_slopes(case: Case) -> Iterator[Try]:
    """φ′ of another activation function, or a(1 − a) worked out from something else than a."""
    p = case.problem
    if case.part < BACKWARD:
        return
    for words, others, do in _OTHER_SLOPES:
        for layers in each(case.sloped, lambda l, others=others: p.activations[l - 1] in others and not case.is_cancelled(l)):  # type: ignore[misc]
            if do is _of_target:
                layers = tuple(l for l in layers if l == p.depth)
            if layers and not (p.activations[-1] == "softmax" and p.depth in layers):
                yield Try("other slope", _told(case, words, layers), Way(changes=tuple(Change("dadz", l, do) for l in layers)))


def _told(case: Case, words: str, layers: tuple[int, ...]) -> str:
    l = layers[-1]
    where = " and ".join(f"{case.phi(k)}′ at {case.whole('z', k)}" for k in layers)
    text = words.format(a=case.whole("a", l), z=case.whole("z", l), y=case.whole("y"))
    return f"{text} is taken for {where}"


def _as_sigmoid(ws: Workspace, l: int) -> None:
    ws.dadz[l][...] = ws.a[l + 1] * (1.0 - ws.a[l + 1])


def _as_tanh(ws: Workspace, l: int) -> None:
    ws.dadz[l][...] = 1.0 - ws.a[l + 1] ** 2


def _no_square(ws: Workspace, l: int) -> None:
    ws.dadz[l][...] = 1.0 - ws.a[l + 1]


def _as_relu(ws: Workspace, l: int) -> None:
    ws.dadz[l][...] = ws.z[l] > 0


def _value(ws: Workspace, l: int) -> None:
    ws.dadz[l][...] = ws.a[l + 1]


def _of_target(ws: Workspace, l: int) -> None:
    ws.dadz[l][...] = ws.y * (1.0 - ws.y)


_OTHER_SLOPES: tuple[tuple[str, tuple[str, ...], Doing], ...] = (
    ("tanh's 1 − ({a})²", ("sigmoid", "relu"), _as_tanh),
    ("the sigmoid's {a}(1 − {a})", ("tanh", "relu"), _as_sigmoid),
    ("ReLU's 1 or 0", ("sigmoid", "tanh"), _as_relu),
    ("1 − {a}, without the square,", ("tanh",), _no_square),
    ("{a} itself", ("tanh", "relu"), _value),
    ("{y}(1 − {y})", ("sigmoid",), _of_target),
)


def losses(case: Case) -> Iterator[Try]:
    """The square or the sum of the loss taken otherwise; ln a where ln(1 − a) belongs."""
    p = case.problem
    if case.part != LOSS or p.loss == "none":
        return
    a, y = case.whole("a", p.depth), case.whole("y")
    if p.loss in ENTROPIES:
        clause = f"ln {a} and ln(1 − {a}) are mixed up"
        yield Try("other logarithm", clause, _loss(case, partial(_exchanged, p.loss)))
        return
    for clause, term in (
        (f"{a} − {y} is not squared", lambda e: e),
        (f"|{a} − {y}| is taken instead of the square", np.abs),
        (f"{a} + {y} is squared instead of {a} − {y}", None),
    ):
        yield Try("square", clause, _loss(case, partial(_other_term, term)))
    clause = f"|{a} − {y}| is taken instead of the square, and no factor before the sum"
    yield Try("square", clause, _loss(case, lambda ws, _l: np.abs(ws.a[-1] - ws.y, out=ws.loss_output)))
    if p.layers[-1] > 1:
        yield Try("square", f"the sum of {a} − {y} is squared, not each of them", _loss(case, _square_of_sum))


def _loss(case: Case, do: Doing) -> Way:
    return Way(changes=(Change("loss_output", case.problem.depth, do),))


def _other_term(term: Callable[[Values], Values] | None, ws: Workspace, _l: int) -> None:
    """Put another function of a − y in the place of its square, with the loss's own factor; None: the square of a + y."""
    a, factor = ws.a[-1], _factor(ws)
    ws.loss_output[...] = factor * ((a + ws.y) ** 2 if term is None else term(a - ws.y))


def _square_of_sum(ws: Workspace, _l: int) -> None:
    whole = _factor(ws) * (ws.a[-1] - ws.y).sum(axis=1, keepdims=True) ** 2
    ws.loss_output[...] = whole / ws.a[-1].shape[1]


def _factor(ws: Workspace) -> float:
    """Return what stands before the sum of squares."""
    return {"half_squared_error": 0.5, "squared_error": 1.0}.get(
        ws.problem.loss, (0.5 if ws.problem.loss.startswith("half") else 1.0) / ws.problem.layers[-1]
    )


def _exchanged(loss: str, ws: Workspace, _l: int) -> None:
    a, y = ws.a[-1], ws.y
    ws.loss_output[...] = np.where(y == 0, 0.0, -y * np.log(1.0 - a))
    if loss == "binary_cross_entropy":
        ws.loss_output[...] -= np.where(y == 1, 0.0, (1.0 - y) * np.log(a))


def errors(case: Case) -> Iterator[Try]:
    """a + y for the error a − y, and a alone."""
    p = case.problem
    if case.part < BACKWARD or p.loss == "none":
        return
    a, y = case.whole("a", p.depth), case.whole("y")
    for clause, factor in ((f"{a} + {y} is taken for {a} − {y}", 2.0), (f"{y} is not subtracted from {a}", 1.0)):
        yield Try("error formula", clause, _error(case, factor))


def _error(case: Case, factor: float) -> Way:
    """Return a way in which a multiple of y is added to a − y; where δ is a − y itself, to that."""
    quantity = "delta" if case.is_fused else "dLda"

    def do(ws: Workspace, l: int) -> None:
        values = getattr(ws, quantity)[l]
        scale = 1.0 if quantity == "delta" else 2.0 * _factor(ws)
        values += factor * scale * ws.y

    return Way(changes=(Change(quantity, case.problem.depth, do),))


FORMULAS: tuple[Slips, ...] = (losses, softmax, biases_subtracted, exponent, other_slopes, errors)
