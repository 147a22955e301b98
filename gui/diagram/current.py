"""What is being worked on at a moment, as masks on the network: which neurons, which edges, and the running sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from model.explain.calculation import calculation
from model.moment import Moment
from model.stages import Place, Ref, Stage

Mask = NDArray[np.bool_]
_MATRICES = ("dW_sample", "dW", "W_new", "db", "b_new", "db_sample")


@dataclass(frozen=True)
class Current:
    """edges: by weight layer an (n_l, 1 + n_{l-1}) mask, column 0 the bias. neurons: (layer, unit) that are being formed.

    sources: (layer, unit) whose numbers go in. outputs: units whose error line to the loss is current. loss: whether the loss is.
    running: the sum so far of the component whose terms are being added, with its Ref.
    """

    quantity: str = ""
    layer: int = 0
    phase: str = ""
    edges: dict[int, Mask] = field(default_factory=dict)
    neurons: frozenset[tuple[int, int]] = frozenset()
    sources: frozenset[tuple[int, int]] = frozenset()
    outputs: frozenset[int] = frozenset()
    loss: bool = False
    running: tuple[Ref, float] | None = None

    def edge_mask(self, layer: int, shape: tuple[int, int]) -> Mask:
        """Return the mask of a weight layer, empty where nothing of it is current."""
        return self.edges.get(layer, np.zeros(shape, dtype=bool))


def current_of(moment: Moment) -> Current:
    """Return what is current at a moment; nothing before the first step."""
    place, stage = moment.place, moment.stage
    if place is None or stage is None:
        return Current()
    layers = moment.record.problem.layers
    q, l = stage.quantity, stage.layer
    units: Sequence[int] = range(stage.components) if place.component is None else (place.component,)
    make = partial(Current, q, l, stage.phase)
    if q in _MATRICES:
        return make(edges={l: _matrix_mask(moment, stage, units)})
    if q in ("loss", "loss_sample"):
        whole = place.term is None or (moment.record.m > 1 and q == "loss") or place.term >= layers[-1]
        return make(
            outputs=frozenset(range(layers[-1]) if whole else (place.term or 0,)), loss=True, running=_running(moment, place, stage)
        )
    if q == "z":
        mask, sources = _incoming(moment, l, units, place.term)
        neurons = frozenset((l, j) for j in units)
        return make(edges={l: mask}, neurons=neurons, sources=sources, running=_running(moment, place, stage))
    if q in ("dLdX", "dLda") and (q == "dLdX" or l < len(layers) - 1):
        return _error_behind(moment, stage, place, units, make)
    outputs: Sequence[int] = units if l == len(layers) - 1 and q == "dLda" else ()
    return make(neurons=frozenset((l, j) for j in units), outputs=frozenset(outputs))


def _matrix_mask(moment: Moment, stage: Stage, components: Sequence[int]) -> Mask:
    mask = _empty(moment, stage.layer)
    if stage.quantity in ("db", "b_new", "db_sample"):
        mask[list(components), 0] = True
        return mask
    if len(components) == stage.components:
        mask[:, 0 if stage.inside else 1 :] = True
        if moment.record.problem.has_biases and ("b_new" if stage.quantity == "W_new" else "db", stage.layer) in stage.reveals:
            mask[:, 0] = True
        return mask
    for component in components:
        ref = stage.entry(component)
        mask[ref.unit or 0, 0 if ref.from_ is None else ref.from_ + 1] = True
    return mask


def _empty(moment: Moment, l: int) -> Mask:
    layers = moment.record.problem.layers
    return np.zeros((layers[l], 1 + layers[l - 1]), dtype=bool)


def _incoming(moment: Moment, l: int, units: Sequence[int], term: int | None) -> tuple[Mask, frozenset[tuple[int, int]]]:
    mask = _empty(moment, l)
    biased = moment.record.problem.has_biases
    columns = np.arange(0 if biased else 1, mask.shape[1])
    if term is not None:
        columns = columns[[_shown_term(moment, "z", term, len(columns))]]
    mask[np.ix_(np.array(units, dtype=np.intp), columns)] = True
    return mask, frozenset((l - 1, int(k) - 1) for k in columns if k)


def _error_behind(moment: Moment, stage: Stage, place: Place, units: Sequence[int], make: partial[Current]) -> Current:
    """Errors that come back along the edges of the layer above."""
    above = stage.layer if stage.quantity == "dLdX" else stage.layer + 1
    shift = 0 if stage.quantity == "dLdX" else 1
    mask = _empty(moment, above)
    rows: Sequence[int] = range(mask.shape[0]) if place.term is None else [place.term]
    mask[np.ix_(list(rows), [u + shift for u in units])] = True
    if not moment.record.problem.has_biases:
        mask[:, 0] = False
    neurons = frozenset((above - 1, u + shift - 1) for u in units if u + shift > 0)
    sources = frozenset((above, i) for i in rows)
    return make(edges={above: mask}, neurons=neurons, sources=sources, running=_running(moment, place, stage))


def _running(moment: Moment, place: Place, stage: Stage) -> tuple[Ref, float] | None:
    """Return the sum of the terms revealed so far of a component that is not complete."""
    if place.component is None or place.term is None:
        return None
    ref = stage.entry(place.component)
    calc = calculation(moment.record, ref, moment.sample)
    if calc is None or calc.function or calc.count != stage.terms:
        return None
    total = 0.0
    for i in range(place.term + 1):
        term = calc.term(_shown_term(moment, stage.quantity, i, calc.count))
        product = term.coefficient
        for factor in term.factors:
            product *= moment.value(factor)
        total += product
    return ref, total


def _shown_term(moment: Moment, quantity: str, place: int, count: int) -> int:
    """Return which term of a sum is added at a place: a bias that stands apart from the weights comes last, as in the formulas."""
    apart = quantity == "z" and moment.record.problem.has_biases and moment.notation.presentation.bias == "apart"
    return (place + 1) % count if apart else place
