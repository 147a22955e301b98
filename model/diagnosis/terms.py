"""Slips at one number alone, which everything behind it carries on: a term of a sum left out, its sign turned, another weight in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations

from model.diagnosis.altered import Change, Doing, Way
from model.diagnosis.case import BACKWARD, FORWARD, LOSS, Case, Try
from model.diagnosis.slips import Slips, handed_down_with, other_activations
from model.stages import Ref
from model.workspace import Values, Workspace

_MOST_TERMS = 8  # of one sum; more of them are not written out by hand
_MOST_UNITS = 20
_MOST_SWAPPED = 4
_MOST_SAMPLES = 10


def sums(case: Case) -> Iterator[Try]:
    """A term or the bias of one weighted sum: left out, with the other sign, with another weight or input; one unit's φ left out."""
    p = case.problem
    for l, j in _units(case):
        z, n = case.symbol(Ref("z", l, j)), p.layers[l - 1]
        if n > _MOST_TERMS:
            continue
        if p.has_biases:
            b = case.symbol(Ref("b", l, j))
            yield _at_sum("term left out", f"{b} is left out of {z}", l, partial(_bias, j, 1.0))
            yield _at_sum("sign of a term", f"{b} is subtracted in {z}", l, partial(_bias, j, 2.0))
        for k in range(n):
            product = f"{case.symbol(Ref('W', l, j, k))} · {case.symbol(Ref('a', l - 1, k))}"
            yield _at_sum("term left out", f"the term {product} is left out of {z}", l, partial(_product, j, k, 1.0))
            yield _at_sum("sign of a term", f"the term {product} of {z} has the other sign", l, partial(_product, j, k, 2.0))
        yield from _mixed(case, l, j, z)
        if p.activations[l - 1] not in ("identity", "softmax") and not (case.part == FORWARD and l == case.ref.layer):
            clause = f"{z} is used instead of {case.symbol(Ref('a', l, j))}"
            yield Try("no activation", clause, other_activations(case, (l,), partial(_one_unchanged, j)))


def _units(case: Case) -> Iterator[tuple[int, int]]:
    """Yield weight layer and index of every unit whose sum is in the number."""
    p, ref = case.problem, case.ref
    if case.is_given or not case.is_small or sum(p.layers[1:]) > _MOST_UNITS:
        return
    last = ref.layer if case.part == FORWARD else p.depth
    for l in range(1, last + 1):
        own = case.part == FORWARD and l == last and p.activations[l - 1] != "softmax" and ref.unit is not None
        yield from ((l, j) for j in ((ref.unit or 0,) if own else range(p.layers[l])))


def _mixed(case: Case, l: int, j: int, z: str) -> Iterator[Try]:
    """Yield a unit's sum with the weight across the diagonal, with another unit's weights or bias, with two inputs exchanged."""
    p = case.problem
    n, m = p.layers[l - 1], p.layers[l]
    for k in range(min(n, m)):
        if k != j and j < n:
            wrong, right = (case.symbol(Ref("W", l, *at)) for at in ((k, j), (j, k)))
            yield _at_sum("transposed weight", f"{wrong} is taken for {right} in {z}", l, partial(_transposed, j, k))
    if n == m > 2:
        yield _at_sum("transposed weight", f"the column of {case.whole('W', l)} is taken for the row in {z}", l, partial(_column, j))
    for i in range(m) if 1 < m <= _MOST_SWAPPED else ():
        if i != j:
            taken = case.symbol(Ref("z", l, i))
            yield _at_sum("other unit's weights", f"{z} is formed with the weights of {taken}", l, partial(_row, j, i))
            if p.has_biases:
                wrong, right = (case.symbol(Ref("b", l, unit)) for unit in (i, j))
                yield _at_sum("other bias", f"{wrong} is taken for {right} in {z}", l, partial(_other_bias, j, i))
    for k, i in combinations(range(n), 2) if n <= _MOST_SWAPPED else ():
        one, other = (case.symbol(Ref("a", l - 1, unit)) for unit in (k, i))
        yield _at_sum("inputs exchanged", f"{one} and {other} are exchanged in {z}", l, partial(_exchanged, j, k, i))


def _at_sum(kind: str, clause: str, layer: int, do: Doing) -> Try:
    return Try(kind, clause, Way(changes=(Change("z", layer, do),)))


def _bias(j: int, times: float, ws: Workspace, l: int) -> None:
    ws.z[l][:, j] -= times * ws.b[l][j]


def _product(j: int, k: int, times: float, ws: Workspace, l: int) -> None:
    ws.z[l][:, j] -= times * ws.W[l][j, k] * ws.a[l][:, k]


def _transposed(j: int, k: int, ws: Workspace, l: int) -> None:
    ws.z[l][:, j] += (ws.W[l][k, j] - ws.W[l][j, k]) * ws.a[l][:, k]


def _column(j: int, ws: Workspace, l: int) -> None:
    ws.z[l][:, j] += ws.a[l] @ (ws.W[l][:, j] - ws.W[l][j])


def _row(j: int, i: int, ws: Workspace, l: int) -> None:
    ws.z[l][:, j] += ws.a[l] @ (ws.W[l][i] - ws.W[l][j])


def _other_bias(j: int, i: int, ws: Workspace, l: int) -> None:
    ws.z[l][:, j] += ws.b[l][i] - ws.b[l][j]


def _exchanged(j: int, k: int, i: int, ws: Workspace, l: int) -> None:
    ws.z[l][:, j] += (ws.W[l][j, k] - ws.W[l][j, i]) * (ws.a[l][:, i] - ws.a[l][:, k])


def _one_unchanged(j: int, ws: Workspace, l: int) -> None:
    ws.a[l + 1][:, j] = ws.z[l][:, j]


def paths(case: Case) -> Iterator[Try]:
    """A term of Σ wδ, the error of one hidden unit: left out, with the other sign, with the weight across the diagonal."""
    p = case.problem
    if case.part < BACKWARD or not case.is_small or sum(p.layers[1:]) > _MOST_UNITS:
        return
    for l in case.handed_down:
        n, above = p.layers[l - 1], p.layers[l]
        if above > 2:
            yield from (_path_of_all(case, l, i) for i in range(min(above, _MOST_TERMS)))
        for j in range(n):
            if above <= _MOST_TERMS and not (case.ref.quantity in ("dLda", "delta") and case.ref.layer == l - 1 and case.ref.unit != j):
                yield from _path_terms(case, l, j)


def _path_of_all(case: Case, l: int, i: int) -> Try:
    clause = f"the path through {case.symbol(Ref('a', l, i))} is left out"
    return Try("path left out", clause, Way(changes=(Change("dLdX", l, partial(_without_path, i)),)))


def _path_terms(case: Case, l: int, j: int) -> Iterator[Try]:
    p = case.problem
    error, above = case.symbol(Ref("dLda", l - 1, j)), p.layers[l]
    for i in range(above):
        weight, delta = case.symbol(Ref("W", l, i, j)), case.symbol(Ref("delta", l, i))
        term = f"the term {weight} · {delta}"
        if above > 1:
            yield _at_path("path left out", f"{term} is left out of {error}", l, partial(_path, i, j, lambda W, i, j: 0.0))
            yield _at_path("sign of a term", f"{term} of {error} has the other sign", l, partial(_path, i, j, lambda W, i, j: -W[i, j]))
        if i != j and j < above and i < p.layers[l - 1]:
            clause = f"{case.symbol(Ref('W', l, j, i))} is taken for {weight} in {error}"
            yield _at_path("transposed weight", clause, l, partial(_path, i, j, lambda W, i, j: W[j, i]))


def _at_path(kind: str, clause: str, layer: int, do: Doing) -> Try:
    return Try(kind, clause, Way(changes=(Change("dLdX", layer, do),)))


def _without_path(i: int, ws: Workspace, l: int) -> None:
    ws.dLdX[l][:, 1:] -= ws.delta[l][:, i : i + 1] * handed_down_with(ws, l)[i]


def _path(i: int, j: int, taken: Callable[[Values, int, int], float], ws: Workspace, l: int) -> None:
    W = handed_down_with(ws, l)
    ws.dLdX[l][:, 1 + j] += (taken(W, i, j) - W[i, j]) * ws.delta[l][:, i]


def slope_of_one(case: Case) -> Iterator[Try]:
    """φ′ left out at one unit, and only there; a − y with the other sign at one output."""
    p = case.problem
    if case.part < BACKWARD or not case.is_small or sum(p.layers[1:]) > _MOST_UNITS:
        return
    for l in case.sloped:
        if p.activations[l - 1] == "softmax" or case.is_cancelled(l):
            continue
        for j in range(p.layers[l]):
            clause = f"{case.phi(l)}′ is left out of {case.symbol(Ref('delta', l, j))}"
            yield Try("slope left out", clause, Way(changes=(Change("dadz", l, partial(_no_slope, j)),)))
    quantity = "delta" if case.is_fused else "dLda"
    for j in range(p.layers[-1]) if p.loss != "none" else ():
        out, target = case.symbol(Ref("a", p.depth, j)), case.symbol(Ref("y", 0, j))
        clause = f"{target} − {out} is taken for {out} − {target}"
        yield Try("sign of an error", clause, Way(changes=(Change(quantity, p.depth, partial(_turned, quantity, j)),)))


def _no_slope(j: int, ws: Workspace, l: int) -> None:
    ws.dadz[l][:, j] = 1.0


def _turned(quantity: str, j: int, ws: Workspace, l: int) -> None:
    getattr(ws, quantity)[l][:, j] *= -1.0


def terms_of_the_loss(case: Case) -> Iterator[Try]:
    """An output left out of the loss, or only one of them in it; a sample left out of the batch."""
    p, m = case.problem, case.record.m
    outputs = p.layers[-1] if case.part == LOSS else 1
    for j in range(outputs) if 1 < outputs <= _MOST_TERMS else ():
        clause = f"the term of output {j + 1} is left out of the loss"
        yield Try("term left out", clause, Way(changes=(Change("loss_output", p.depth, partial(_no_output, j)),)))
    if case.of_batch:
        for s in range(min(m, _MOST_SAMPLES)):
            others = [i for i in range(m) if i != s]
            clause, way = f"sample {s + 1} is left out", Way(given=lambda x, y, kept=others: (x[kept], y[kept]))  # type: ignore[misc]
            mean = p.batch_reduction == "mean" and m > 2
            yield Try("sample left out", f"{clause}{f' and the mean is taken of the other {m - 1}' if mean else ''}", way)
            if mean:
                yield _still_divided(case, clause, way)


def _still_divided(case: Case, clause: str, way: Way) -> Try:
    """Return the slip of a sample that is left out of a mean over as many samples as before."""
    m, L = case.record.m, case.problem.depth
    factor = (m - 1) / m
    changes = (Change("gradient", 0, partial(_scaled_gradient, factor)), Change("loss_output", L, partial(_scaled_loss, factor)))
    return Try("sample left out", f"{clause}, though the sum is divided by {m}", Way(given=way.given, changes=changes))


def _scaled_gradient(factor: float, ws: Workspace, l: int) -> None:
    ws.dW[l][...] *= factor
    if ws.db:
        ws.db[l][...] *= factor


def _scaled_loss(factor: float, ws: Workspace, _l: int) -> None:
    ws.loss_output[...] *= factor


def _no_output(j: int, ws: Workspace, _l: int) -> None:
    ws.loss_output[:, j] = 0.0


def other_gradients(case: Case) -> Iterator[Try]:
    """A new parameter formed with the gradient, or from the old value, of another one of its layer."""
    ref, p, rate = case.ref, case.problem, case.record.learning_rate
    if rate is None or p.optimizer.name != "sgd" or ref.unit is None or ref.quantity not in ("W_new", "b_new"):
        return
    of, l = ref.quantity[0], ref.layer
    own = ref._replace(quantity=of)
    old, moved = case.value_of(own), case.value_of(ref._replace(quantity=f"step_{of}"))
    units = range(p.layers[l])
    if p.layers[l] * (p.layers[l - 1] if of == "W" else 1) > _MOST_UNITS:
        return
    alike = [Ref(of, l, j, k) for j in units for k in range(p.layers[l - 1])] if of == "W" else [Ref(of, l, j) for j in units]
    for other in alike:
        if other != own:
            gradients = [case.name(r._replace(quantity=f"d{of}")) for r in (other, own)]
            step = case.value_of(other._replace(quantity=f"step_{of}"))
            yield Try("other gradient", f"{gradients[0]} is taken for {gradients[1]}", value=case.sign * (old + step))
            start = case.value_of(other) + moved
            yield Try("other old value", f"{case.name(other)} is taken for {case.name(own)}", value=case.sign * start)


TERMS: tuple[Slips, ...] = (terms_of_the_loss, sums, paths, slope_of_one, other_gradients)
