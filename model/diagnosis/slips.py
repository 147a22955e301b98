"""The usual slips of a hand calculation before its update, each as words and as a way to work the update out with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from model.activations import slope_of
from model.diagnosis.altered import Change, Doing, Way
from model.diagnosis.case import BACKWARD, LOSS, Case, Try
from model.parameters import Parameters, parameters
from model.workspace import Values, Workspace

_SQUARED = {
    "half_squared_error": ("½", 0.5, 0),
    "squared_error": ("1", 1.0, 0),
    "mean_squared_error_over_outputs": ("1/n", 1.0, 1),
    "half_mean_squared_error_over_outputs": ("1/2n", 0.5, 1),
}  # name of the factor; the factor, and whether it is divided by the n outputs
ENTROPIES = ("binary_cross_entropy", "cross_entropy")
_MOST_SAMPLES = 10

Slips = Callable[[Case], Iterator[Try]]


def loss_factor(case: Case) -> Iterator[Try]:
    """The ½, 1 or 1/n before the sum of squares; an entropy divided by the outputs."""
    p, n = case.problem, case.problem.layers[-1]
    if case.part < LOSS or p.loss == "none":
        return
    here = f"here {loss_words(case)}"
    if p.loss in ENTROPIES:
        if n > 1:
            yield Try("loss factor", f"the loss is divided by the {n} outputs", scaled_loss(case, 1.0 / n), here=here)
        return
    factor, divided = _SQUARED[p.loss][1:]
    for name, (_, other, other_divided) in _SQUARED.items():
        if name != p.loss and (n > 1 or divided == other_divided):
            clause = _factor_words(case, factor, divided, other, other_divided)
            yield Try("loss factor", clause, Way({"loss": name}), here=here)
    again = "a second factor ½ is put into the loss" if factor == 0.5 else "the 2 of the square is left out of the derivative, and again ½"
    yield Try("loss factor twice", again, scaled_loss(case, 0.5), here=here)


def _factor_words(case: Case, factor: float, divided: int, other: float, other_divided: int) -> str:
    n = case.problem.layers[-1]
    parts = []
    if factor != other:
        parts.append("the factor ½ of the loss is left out" if factor == 0.5 else "a factor ½ is put into the loss")
    if divided != other_divided:
        parts.append(f"the loss is {'not ' if divided else ''}divided by {'its' if divided else 'the'} {n} outputs")
    return " and ".join(parts)


def loss_words(case: Case) -> str:
    """Return the loss of one sample as text, such as "L = ½ Σ(a⁽³⁾ − y)²"."""
    a, y, L = case.whole("a", case.problem.depth), case.whole("y"), case.whole("loss")
    factor = _SQUARED.get(case.problem.loss, ("",))[0]
    if case.problem.loss == "binary_cross_entropy":
        return f"{L} = −Σ[{y} ln {a} + (1 − {y}) ln(1 − {a})]"
    if case.problem.loss == "cross_entropy":
        return f"{L} = −Σ {y} ln {a}"
    return f"{L} = {'' if factor == '1' else factor + ' '}Σ({a} − {y})²"


def scaled_loss(case: Case, factor: float) -> Way:
    """Return a way in which the loss and its derivatives are multiplied by a number."""
    L = case.problem.depth
    scaled = ["loss_output", "dLda"] + (["delta"] if case.is_fused else [])
    return Way(changes=tuple(Change(name, L, partial(scale, name, factor)) for name in scaled))


def scale(quantity: str, factor: float, ws: Workspace, l: int) -> None:
    """Multiply a quantity of weight layer l + 1 by a number."""
    values: Values = ws.loss_output if quantity == "loss_output" else getattr(ws, quantity)[l]
    values *= factor


def other_activations(case: Case, layers: tuple[int, ...], do: Doing) -> Way:
    """Return a way in which layers have other outputs; an entropy is then formed from these, as by hand, not from the sums."""
    changes = [Change("a", l, do) for l in layers]
    if case.problem.depth in layers and case.problem.loss in ENTROPIES:
        changes.append(Change("loss_output", case.problem.depth, _from_outputs))
    return Way(changes=tuple(changes))


def _from_outputs(ws: Workspace, _l: int) -> None:
    a, y = ws.a[-1], ws.y
    ws.loss_output[...] = np.where(y == 0, 0.0, -y * np.log(a))
    if ws.problem.loss == "binary_cross_entropy":
        ws.loss_output[...] -= np.where(y == 1, 0.0, (1.0 - y) * np.log(1.0 - a))


def reduction(case: Case) -> Iterator[Try]:
    """Sum for mean and the reverse; one sample for the whole batch; another sample than the one asked for."""
    m = case.record.m
    if m == 1 or case.part < LOSS:
        return
    if case.problem.batch_reduction == "mean":
        clause, other, here = f"the {m} samples are added up, not averaged", "sum", "here the mean is taken"
    else:
        clause, other, here = f"the mean of the {m} samples is taken, not their sum", "mean", "here they are added up"
    yield Try("reduction", clause, Way({"batch_reduction": other}), here=here)
    if case.of_batch:
        for s in range(min(m, _MOST_SAMPLES)):
            yield Try("one sample", f"only sample {s + 1} of the {m} is used", Way(sample=s))


def biases(case: Case) -> Iterator[Try]:
    """Biases left out of the sum, in all layers or in one; frozen for trained and the reverse; shared for one's own."""
    p = case.problem
    if not p.has_biases:
        return
    if case.ref.quantity not in ("b", "b_new", "dLdX"):
        yield Try("bias left out", "the biases are left out of the sums", Way(parameters=partial(_without_biases, 0)))
        for l in range(1, p.depth + 1) if p.depth > 1 else ():
            clause = (
                f"the biases {case.whole('b', l)} are left out of the sums"
                if case.notation.presentation.bias == "apart"
                else (f"the bias is left out of {case.whole('z', l)}")
            )
            yield Try("bias left out", clause, Way(parameters=partial(_without_biases, l)))
    frozen = Way({"train_biases": not p.train_biases})
    yield Try("frozen biases", "the biases are left as they are" if p.train_biases else "the biases are trained, too", frozen)
    if p.bias_sharing == "per_layer":
        yield Try("shared bias", "every unit has a bias of its own", Way({"bias_sharing": "per_unit"}), here="here a layer shares one")
    else:
        yield Try("shared bias", "the layer's units share one bias", Way({"bias_sharing": "per_layer"}), here="here each has its own")


def _without_biases(layer: int, old: Parameters) -> Parameters:
    b = tuple(np.zeros_like(b) if layer in (0, l) else b for l, b in enumerate(old.b, 1))
    return parameters(old.layers, old.W, b)


def hidden_delta(case: Case) -> Iterator[Try]:
    """Old and new weights in the hidden delta; the matrix handed down not transposed; a slope left out on the way."""
    p = case.problem
    if case.part < BACKWARD or p.depth < 2:
        return
    if p.learning_rate is not None:
        if p.hidden_delta_uses == "old":
            clause, here = "the error is handed down through the updated weights (layer by layer)", "here the old ones are used"
        else:
            clause, here = "the error is handed down through the old weights (all gradients first)", "here the updated ones are used"
        yield Try("old or new weights", clause, Way({"hidden_delta_uses": "new" if p.hidden_delta_uses == "old" else "old"}), here=here)
    for layers in each(case.handed_down, lambda l: p.layers[l] == p.layers[l - 1] > 1):
        names = ", ".join(case.whole("W", l) for l in layers)
        clause = f"the error is handed down with {names}, not with the transpose"
        yield Try("not transposed", clause, Way(changes=tuple(Change("dLdX", l, _not_transposed) for l in layers)))


def _not_transposed(ws: Workspace, l: int) -> None:
    ws.dLdX[l][:, 1:] = ws.delta[l] @ handed_down_with(ws, l).T


def handed_down_with(ws: Workspace, l: int) -> Values:
    """Return the weights (n_l, n_{l-1}) through which an update hands the error of weight layer l + 1 down."""
    new = ws.problem.hidden_delta_uses == "new" and ws.problem.learning_rate is not None
    return ws.W_new[l] if new else ws.W[l]


def each(among: range, fits: Callable[[int], bool]) -> Iterator[tuple[int, ...]]:
    """Yield all the layers that fit together, then each by itself."""
    layers = tuple(l for l in among if fits(l))
    if len(layers) > 1:
        yield layers
    yield from ((l,) for l in layers)


def slopes(case: Case) -> Iterator[Try]:
    """φ′ left out, taken at a for z and the reverse, taken twice; put in where an entropy has cancelled it."""
    p = case.problem
    if case.part < BACKWARD:
        return
    L = p.depth
    if case.is_fused and p.activations[-1] == "sigmoid":
        clause = f"{case.phi(L)}′ is put into {case.whole('delta', L)}, though the cross-entropy cancels it"
        yield Try("slope put in", clause, Way(changes=(Change("delta", L, _slope_put_in),)))
    if p.activations[-1] == "softmax":
        clause = "softmax is treated as a sigmoid: only the output's own slope a(1 − a) is used"
        yield Try("softmax as sigmoid", clause, Way(changes=(Change("delta", L, partial(_own_slope, case)),)))
    for kind, words, do in _SLOPES:
        for layers in each(case.sloped, lambda l: l < L or not (case.is_cancelled(l) or p.activations[-1] == "softmax")):
            yield Try(kind, _slope_words(case, words, layers), Way(changes=tuple(Change("dadz", l, do) for l in layers)))


def _names(case: Case, quantity: str, layers: tuple[int, ...]) -> str:
    return " and ".join(case.whole(quantity, l) for l in layers)


def _slope_words(case: Case, words: str, layers: tuple[int, ...]) -> str:
    """Return what is done with the slopes of some layers, with the verbs that their number asks for."""
    letters = tuple(dict.fromkeys(f"{case.phi(l)}′" for l in layers))
    slopes = " and ".join(f"{case.phi(l)}′ at {case.whole('z', l)}" for l in layers)
    return words.format(
        slopes=slopes + (" are" if len(layers) > 1 else " is"),
        slope=" and ".join(letters) + (" are" if len(letters) > 1 else " is"),
        z=_names(case, "z", layers),
        a=_names(case, "a", layers),
        belong="belong" if len(layers) > 1 else "belongs",
    )


def _left_out(ws: Workspace, l: int) -> None:
    ws.dadz[l][...] = 1.0


def _twice(ws: Workspace, l: int) -> None:
    ws.dadz[l][...] *= ws.dadz[l]


def _slope_at_a(ws: Workspace, l: int) -> None:
    ws.dadz[l][...] = slope_of(ws.problem.activations[l], ws.a[l + 1])


def _z_for_a(ws: Workspace, l: int) -> None:
    ws.dadz[l][...] = slope_of(ws.problem.activations[l], ws.a[l + 1], ws.z[l])


_SLOPES: tuple[tuple[str, str, Doing], ...] = (
    ("slope left out", "{slopes} left out", _left_out),
    ("slope at a", "{slope} taken at {a} instead of {z}", _slope_at_a),
    ("slope of z", "{slope} formed from {z} where {a} {belong}", _z_for_a),
    ("slope twice", "{slopes} multiplied in twice", _twice),
)


def _slope_put_in(ws: Workspace, l: int) -> None:
    ws.delta[l][...] *= slope_of(ws.problem.activations[l], ws.z[l])


def _own_slope(case: Case, ws: Workspace, l: int) -> None:
    """δ = ∂L/∂a · a(1 − a), without the other rows of softmax's Jacobian; ∂L/∂a as the unaltered update has it."""
    ws.delta[l][...] = case.record.dLda[l] * ws.a[l + 1] * (1.0 - ws.a[l + 1])


def inputs(case: Case) -> Iterator[Try]:
    """Another factor than the layer's input beside δ in a gradient: the layer's own output, sums before the activation, none."""
    p = case.problem
    if case.part < BACKWARD:
        return
    for l in range(1, p.depth + 1):
        wrong: list[tuple[str, str, Callable[[Workspace, int], Values]]] = []
        if p.layers[l] == p.layers[l - 1]:
            wrong.append(("output for input", case.whole("a", l), lambda ws, i: ws.A[i + 1]))
        if l > 1:
            wrong.append(("sum for input", case.whole("z", l - 1), lambda ws, i: ws.Z[i - 1]))
        for kind, name, taken in wrong:
            clause = f"{case.whole('dW', l)} is formed with {name} instead of {case.whole('a', l - 1)}"
            yield Try(kind, clause, with_input(l, taken))
        yield Try("no input", f"the factor {case.whole('a', l - 1)} is left out of {case.whole('dW', l)}", with_input(l, _ones))
        if p.loss != "none":
            clause = f"the factor {case.whole('delta', l)} is left out of {case.whole('dW', l)}"
            yield Try("no delta", clause, Way(changes=(Change("gradient", l, _no_delta),)))


def _ones(ws: Workspace, l: int) -> Values:
    return np.ones_like(ws.A[l])


def with_input(layer: int, taken: Callable[[Workspace, int], Values]) -> Way:
    """Return a way in which the gradient of a layer meets other inputs, and everything else the right ones."""
    kept: list[Values] = []

    def put(ws: Workspace, l: int) -> None:
        kept[:] = [ws.A[l].copy()]
        ws.A[l][...] = taken(ws, l)

    def take_back(ws: Workspace, l: int) -> None:
        if kept:
            ws.A[l][...] = kept.pop()

    return Way(changes=(Change("delta", layer, put), Change("dLdX", layer, take_back)))


def _no_delta(ws: Workspace, l: int) -> None:
    ws.dW[l][...] = ws.A[l].sum(axis=1)
    if ws.problem.batch_reduction == "mean":
        ws.dW[l][...] /= ws.m


def penalty(case: Case) -> Iterator[Try]:
    """The L2 penalty forgotten, or halved, or not halved."""
    l2 = case.problem.l2
    if not l2 or case.part < LOSS:
        return
    yield Try("no penalty", f"the L2 penalty is forgotten, λ = {l2:g}", Way({"l2": 0.0}))
    if case.part == LOSS:
        yield Try("penalty factor", "λ is taken instead of λ/2 in the penalty", Way({"l2": 2.0 * l2}))
    else:
        yield Try("penalty factor", "λ/2 is taken instead of λ in the gradient", Way({"l2": 0.5 * l2}))


SLIPS: tuple[Slips, ...] = (loss_factor, reduction, slopes, hidden_delta, inputs, biases, penalty)
