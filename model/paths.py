"""All the ways by which a weight, a bias or an input reaches the loss: each a product, together the gradient of the record.

A path goes from the weight to the neuron it leads to, through one neuron of every layer above, to the loss. Its value is the product
of what it passes (the input the weight carries, slopes, weights, the output's error); the values of all paths add up to the gradient.
There may be astronomically many: they are counted and summed layer by layer, and the strongest are found without visiting the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, reduce
from heapq import heappop, heappush
from itertools import islice
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.losses import FUSED_DELTAS
from model.moment import number
from model.problem import Array, Problem
from model.record import Record
from model.stages import Ref

LISTED = 300  # paths that are listed one by one
SAME = 1e-9  # up to this part of it, the two factors of an output's δ count as giving it

Kind = Literal["error", "delta", "slope", "jacobian", "weight", "input"]


class Factor(NamedTuple):
    """One factor of a path. refs: the number itself; for an entry −a_i a_o of softmax's Jacobian the two outputs a_o, a_i.

    kind: "error" ∂L/∂a of an output, "delta" ∂L/∂z of an output where its two factors are taken together, "slope" ∂a/∂z,
    "jacobian" ∂a_o/∂z_i of softmax, "weight", "input" what the weight carries (1 for a bias).
    """

    kind: Kind
    refs: tuple[Ref, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Path:
    """One way from the weight to the loss.

    units: its neurons in layers l, l+1, …, L. out: the output through which it leaves, other than units[-1] only with softmax.
    factors: from the loss back to the weight. value: their product.
    """

    layer: int
    units: tuple[int, ...]
    out: int
    factors: tuple[Factor, ...]
    value: float
    edges: tuple[tuple[int, int, int], ...] = field(repr=False, default=())


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """The paths of one weight, bias or input for one sample.

    count: all paths; live: those whose value is not 0. listed: the strongest, strongest first. rest: the sum of those not listed.
    total: listed and rest. recorded: the same sample's gradient in the record. note: why the two differ, if they have to.
    together: ∂L/∂a and ∂a/∂z of the outputs stand as one factor.
    """

    target: Ref
    sample: int
    count: int
    live: int
    listed: tuple[Path, ...]
    rest: float
    total: float
    recorded: float
    note: str
    together: bool

    @property
    def unlisted(self) -> int:
        """How many paths the rest is the sum of."""
        return self.count - len(self.listed)

    @property
    def difference(self) -> float:
        """Sum of the paths minus the record's gradient."""
        return self.total - self.recorded

    @property
    def agrees(self) -> bool:
        """Whether they are equal up to rounding errors of double precision."""
        size = math.fsum(abs(path.value) for path in self.listed) + abs(self.rest) + abs(self.recorded)
        return bool(abs(self.difference) <= 1e-9 * size) or (math.isnan(self.total) and math.isnan(self.recorded))


@dataclass(frozen=True, slots=True, eq=False)
class BatchPaths:
    """How the samples' sums of paths make the gradient of the batch.

    samples: (m,) the sum of all paths for each sample. divisor: m where samples are averaged, 1 where they are added up. penalty: λw.
    total = Σ samples / divisor + penalty. recorded: the record's gradient.
    """

    samples: Array
    divisor: int
    penalty: float
    total: float
    recorded: float


def target_of(ref: Ref | None, problem: Problem) -> Ref | None:
    """Return the weight ("W"), bias ("b") or input ("x") that a selected number belongs to, or None."""
    if ref is None or ref.unit is None:
        return None
    if ref.quantity in ("x", "dLdx") or (ref.quantity == "a" and ref.layer == 0):
        return Ref("x", 0, ref.unit)
    if ref.quantity in ("b", "db", "b_new", "step_b", "db_sample"):
        return Ref("b", ref.layer, ref.unit) if problem.has_biases else None
    if ref.quantity in ("W", "dW", "W_new", "step_W", "dW_sample", "path") and ref.from_ is not None:
        return Ref("W", ref.layer, ref.unit, ref.from_)
    return None


def exists(target: Ref, problem: Problem) -> bool:
    """Return whether a network has this weight, bias or input."""
    unit, l = target.unit or 0, target.layer
    if target.quantity == "x":
        return unit < problem.layers[0]
    inside = 1 <= l <= problem.depth and unit < problem.layers[l]
    if target.quantity == "b":
        return inside and problem.has_biases
    return inside and target.from_ is not None and target.from_ < problem.layers[l - 1]


def gradient_ref(target: Ref, *, one_sample: bool) -> Ref:
    """Return the gradient by a target: of one sample, or of the batch. An input has one of its own sample only."""
    if target.quantity == "x":
        return Ref("dLdx", 0, target.unit)
    return target._replace(quantity=("dW" if target.quantity == "W" else "db") + ("_sample" if one_sample else ""))


# -- the graph -------------------------------------------------------------------------------------------------------------------


class _Graph:
    """The neurons above a target as levels, one per layer, with what each connection multiplies by, for one sample.

    first: units of the first level with their starting factors (input of a weight, 1, or the weight of an input). steps[t]: (n_t, n_{t+1})
    from level t to the next: slope · weight; with softmax the last step is the Jacobian. ends: the factor after the last level.
    """

    def __init__(self, record: Record, target: Ref, s: int, together: bool) -> None:
        p = record.problem
        self.record, self.target, self.s, self.together = record, target, s, together
        self.layer = max(target.layer, 1)
        self.softmax = p.activations[-1] == "softmax" and not together
        units, starts = _starts(record, target, s)
        self.first, self.starts = units, starts
        slopes = [record.dadz[l][s] for l in range(p.depth)]
        steps = [slopes[l - 1][:, None] * record.W_delta[l].T for l in range(self.layer, p.depth)]
        if self.softmax:
            a = record.a[-1][s]
            jacobian = -np.outer(a, a)
            np.fill_diagonal(jacobian, slopes[-1])
            steps.append(jacobian)
        error = record.dLda[-1][s]
        self.ends = record.delta[-1][s] if together else error if self.softmax else error * slopes[-1]
        if steps:
            steps[0] = steps[0][units]
        else:
            self.ends = self.ends[units]
        self.steps: list[Array] = steps

    def sums(self) -> float:
        """Return the sum of all paths: Σ over the last level first, then layer by layer down to the weight."""
        return float(self.starts @ reduce(lambda error, step: step @ error, reversed(self.steps), self.ends))

    def counts(self) -> tuple[int, int]:
        """Return how many paths there are, and how many of them have no factor 0; exact, however many."""
        count = len(self.first) * math.prod(step.shape[1] for step in self.steps)
        kind = np.int64 if count < 2**62 else object
        live = (self.ends != 0).astype(kind)
        for step in reversed(self.steps):
            live = (step != 0).astype(kind) @ live
        return count, int((self.starts != 0).astype(kind) @ live)

    def path(self, nodes: tuple[int, ...]) -> Path:
        """Return the path through these nodes, one of each level, with its factors written out."""
        units = [self.first[nodes[0]], *nodes[1:]]
        out = units.pop() if self.softmax else units[-1]
        factors = (*self._output_factors(units[-1], out), *self._hidden_factors(units), self._start_factor(nodes[0]))
        value = math.prod(factor.value for factor in factors)
        return Path(self.layer, tuple(units), out, factors, value, _edges(self.target, self.layer, units))

    def _output_factors(self, unit: int, out: int) -> Iterator[Factor]:
        L, s = self.record.problem.depth, self.s
        if self.together:
            yield self._factor("delta", Ref("delta", L, unit, sample=s))
            return
        yield self._factor("error", Ref("dLda", L, out, sample=s))
        if not self.softmax:
            yield self._factor("slope", Ref("dadz", L, unit, sample=s))
        else:
            diagonal = unit == out
            refs = (Ref("dadz", L, unit, sample=s),) if diagonal else (Ref("a", L, out, sample=s), Ref("a", L, unit, sample=s))
            yield Factor("jacobian", refs, (1.0 if diagonal else -1.0) * math.prod(number(self.record, ref) for ref in refs))

    def _hidden_factors(self, units: Sequence[int]) -> Iterator[Factor]:
        name = "W_new" if self.record.W_delta is not self.record.params.W else "W"
        for t in range(len(units) - 1, 0, -1):
            l = self.layer + t
            yield self._factor("weight", Ref(name, l, units[t], units[t - 1]))
            yield self._factor("slope", Ref("dadz", l - 1, units[t - 1], sample=self.s))

    def _start_factor(self, node: int) -> Factor:
        target, value = self.target, float(self.starts[node])
        if target.quantity == "W":
            return Factor("input", (Ref("a", target.layer - 1, target.from_, sample=self.s),), value)
        if target.quantity == "b":
            return Factor("input", (Ref("one"),), value)
        name = "W_new" if self.record.W_delta is not self.record.params.W else "W"
        return Factor("weight", (Ref(name, 1, self.first[node], target.unit),), value)

    def _factor(self, kind: Kind, ref: Ref) -> Factor:
        return Factor(kind, (ref,), number(self.record, ref))


def _starts(record: Record, target: Ref, s: int) -> tuple[list[int], Array]:
    """Return the neurons that the target leads to, and what it is multiplied with on the way there."""
    p, j = record.problem, target.unit or 0
    if target.quantity == "W":
        return [j], record.a[target.layer - 1][s, [target.from_ or 0]]
    if target.quantity == "x":
        return list(range(p.layers[1])), record.W_delta[0][:, j]
    units = list(range(p.layers[target.layer])) if p.bias_sharing == "per_layer" else [j]
    return units, np.ones(len(units))


def _edges(target: Ref, layer: int, units: Sequence[int]) -> tuple[tuple[int, int, int], ...]:
    """Return the connections of a path as (weight layer, unit, sender), the bias's sender being −1."""
    sender = {"W": target.from_, "b": -1, "x": target.unit}[target.quantity]
    above = ((layer + t, units[t], units[t - 1]) for t in range(1, len(units)))
    return ((layer, units[0], -1 if sender is None else sender), *above)


# -- the strongest ---------------------------------------------------------------------------------------------------------------


def strongest(starts: Array, steps: Sequence[Array], ends: Array) -> Iterator[tuple[int, ...]]:
    """Yield node sequences through levels in order of falling |product|: starts (n_0,), steps (n_t, n_{t+1}), ends (n_last,).

    Best first: the largest product from each node to the end is found by dynamic programming, so that no way is begun before it is due;
    k paths of L levels cost O(k L) operations on the queue, however many paths there are. Undefined products count as infinite.
    """
    ahead = [_size(ends)]
    for step in reversed(steps):
        ahead.append(_product(_size(step), ahead[-1][None, :]).max(axis=1))
    ahead.reverse()
    sizes = [_size(step) for step in steps]

    @cache
    def ranked(level: int, node: int) -> tuple[NDArray[np.intp], Array, Array]:
        """Return the nodes of a level as seen from a node below it: best first, their bounds, and the factors that lead to them."""
        factors = _size(starts) if level == 0 else sizes[level - 1][node]
        bounds = _product(factors, ahead[level])
        order = np.argsort(-bounds, kind="stable")
        return order, bounds[order], factors

    order, bounds, _ = ranked(0, 0)
    queue: list[tuple[float, int, tuple[int, ...], int, float]] = [(-float(bounds[0]), 0, (), 0, 1.0)]
    made = 0  # breaks ties, so that the order is always the same
    while queue:
        _, _, before, rank, so_far = heappop(queue)
        level = len(before)
        order, bounds, factors = ranked(level, before[-1] if before else 0)
        node = int(order[rank])
        if rank + 1 < len(order):
            made += 1
            heappush(queue, (-_times(so_far, float(bounds[rank + 1])), made, before, rank + 1, so_far))
        nodes, reached = (*before, node), _times(so_far, float(factors[node]))
        if len(nodes) > len(steps):
            yield nodes
        else:
            made += 1
            heappush(queue, (-_times(reached, float(ranked(level + 1, node)[1][0])), made, nodes, 0, reached))


def _size(values: Array) -> Array:
    return np.nan_to_num(np.abs(values), nan=np.inf, posinf=np.inf)


def _product(one: Array, other: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(np.where((one == 0) | (other == 0), 0.0, one * other))


def _times(one: float, other: float) -> float:
    return one * other if one and other else 0.0


# -- what is shown ---------------------------------------------------------------------------------------------------------------


def paths_of(record: Record, target: Ref, sample: int = 0, most: int = LISTED) -> Paths:
    """Return the paths of `target` (W, b or x of the network) for row `sample` of the batch, at most `most` of them one by one."""
    together = bool(_together(record)[sample])
    with np.errstate(all="ignore"):
        graph = _Graph(record, target, sample, together)
        count, live = graph.counts()
        listed = tuple(graph.path(nodes) for nodes in islice(strongest(graph.starts, graph.steps, graph.ends), min(most, count)))
        recorded = _recorded(record, target, sample)
        shown = math.fsum(path.value for path in listed) if all(math.isfinite(path.value) for path in listed) else math.nan
        rest = graph.sums() - shown if live > len(listed) else 0.0
    return Paths(target, sample, count, live, listed, rest, shown + rest, recorded, _note(record, graph), together)


def _together(record: Record) -> NDArray[np.bool_]:
    """Return (m,): where δ of the outputs cannot be had as ∂L/∂a times ∂a/∂z, because an output is saturated or values are rounded."""
    p = record.problem
    a, error, slope, delta = record.a[-1], record.dLda[-1], record.dadz[-1], record.delta[-1]
    if p.rounding is not None and (p.activations[-1], p.loss) not in FUSED_DELTAS:
        return np.asarray(~np.isfinite(error * slope).all(axis=1))
    with np.errstate(all="ignore"):
        made = a * (error - (error * a).sum(axis=1, keepdims=True)) if p.activations[-1] == "softmax" else error * slope
        return np.asarray(~(np.abs(made - delta) <= SAME * np.maximum(np.abs(delta), 1e-3)).all(axis=1))


def _recorded(record: Record, target: Ref, s: int) -> float:
    """Return the gradient of one sample as the record has it."""
    if target.quantity == "x":
        return float(record.dLdX[0][s, 1 + (target.unit or 0)])
    return number(record, gradient_ref(target, one_sample=True), s)


def _note(record: Record, graph: _Graph) -> str:
    notes = []
    if graph.together:
        notes.append("∂L/∂a and ∂a/∂z of the outputs stand as one factor δ, as the record computes it.")
    if record.W_delta is not record.params.W and (graph.target.quantity == "x" or graph.layer < record.problem.depth):
        notes.append("The error goes back through the updated weights, as in the record: this is not the true derivative.")
    if record.problem.l2 and graph.target.quantity == "W":
        notes.append("The penalty's share of the gradient, λ times the weight, goes along no path and is added to their sum.")
    if record.problem.rounding is not None:
        decimals = record.problem.rounding.decimals
        notes.append(f"Values rounded to {decimals} decimals are carried on, so the products need not add up exactly.")
    return " ".join(notes)


def batch_paths(record: Record, target: Ref) -> BatchPaths | None:
    """Return how the samples make the gradient by a weight or a bias; None for an input, which belongs to its own sample."""
    if target.quantity == "x":
        return None
    p = record.problem
    with np.errstate(all="ignore"):
        samples = _sample_sums(record, target)
        divisor = record.m if p.batch_reduction == "mean" else 1
        penalty = p.l2 * number(record, target) if target.quantity == "W" else 0.0
        total = float(samples.sum()) / divisor + penalty
    samples.flags.writeable = False
    return BatchPaths(samples, divisor, penalty, total, number(record, gradient_ref(target, one_sample=False)))


def _sample_sums(record: Record, target: Ref) -> Array:
    """Return (m,): the sum of all paths of each sample, for the whole batch at once."""
    p, l, j = record.problem, target.layer, target.unit or 0
    a, error = record.a[-1], record.dLda[-1]
    errors = a * (error - (error * a).sum(axis=1, keepdims=True)) if p.activations[-1] == "softmax" else error * record.dadz[-1]
    errors = np.where(_together(record)[:, None], record.delta[-1], errors)
    for layer in range(p.depth - 1, l - 1, -1):
        errors = (errors @ record.W_delta[layer]) * record.dadz[layer - 1]
    if target.quantity == "W":
        return np.asarray(errors[:, j] * record.a[l - 1][:, target.from_ or 0])
    return errors.sum(axis=1) if p.bias_sharing == "per_layer" else errors[:, j].copy()
