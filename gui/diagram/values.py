"""The quantity by which edges are coloured: its values as far as they are known, and their scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.theme import Scale, ScaleKind, Theme
from model.moment import Moment
from model.quantities import quantity
from model.record import Record

Floats = NDArray[np.float64]
_PAIRS = {"gradient": ("dW", "db"), "weight": ("W", "b"), "update": ("step_W", "step_b")}


@dataclass(frozen=True)
class LayerValues:
    """Weight layer l. weights, values: (n_l, 1 + n_{l-1}), column 0 the biases (0 without any); values NaN where not known."""

    layer: int
    weights: Floats
    values: Floats


def layer_values(moment: Moment, layer: int, colour_by: str) -> LayerValues:
    """Return the weights and the chosen quantity of a weight layer as far as it has been revealed."""
    weights = _augmented(moment.record, layer, "W", "b")
    if colour_by == "contribution":
        known = moment.walk.known_mask("z", layer, (len(weights),), moment.tick)
        return LayerValues(layer, weights, np.where(known[:, None], _contribution(moment.record, layer, moment.sample), np.nan))
    pair = _PAIRS.get(colour_by)
    if pair is None or (colour_by == "update" and moment.record.new_params is None):
        return LayerValues(layer, weights, np.full_like(weights, np.nan))
    n, senders = weights.shape
    matrix, bias = ("W_new", "b_new") if colour_by == "update" else pair
    known = np.column_stack(
        [moment.walk.known_mask(bias, layer, (n,), moment.tick), moment.walk.known_mask(matrix, layer, (n, senders - 1), moment.tick)]
    )
    return LayerValues(layer, weights, np.where(known, _augmented(moment.record, layer, *pair), np.nan))


def weights_now(moment: Moment, layer: int) -> Floats:
    """Return (n_l, 1 + n_{l-1}) the weights of a layer as far as they have been updated, column 0 the biases (0 without any)."""
    weights = _augmented(moment.record, layer, "W", "b")
    if moment.record.new_params is None:
        return weights
    n, senders = weights.shape
    walk, tick = moment.walk, moment.tick
    known = [walk.known_mask("b_new", layer, (n,), tick), walk.known_mask("W_new", layer, (n, senders - 1), tick)]
    if not any(mask.any() for mask in known):
        return weights
    return np.where(np.column_stack(known), _augmented(moment.record, layer, "W_new", "b_new"), weights)


def largest_of(record: Record, colour_by: str, sample: int) -> float:
    """Return the largest size of the chosen quantity in a whole update, 0 where there is none; what is not finite does not count."""
    largest = 0.0
    for layer in range(1, record.problem.depth + 1):
        if colour_by == "contribution":
            values = _contribution(record, layer, sample)
        elif colour_by in _PAIRS and (colour_by != "update" or record.new_params is not None):
            values = _augmented(record, layer, *_PAIRS[colour_by])
        else:
            return 0.0
        largest = max(largest, float(np.abs(values[np.isfinite(values)]).max(initial=0.0)))
    return largest


def _contribution(record: Record, layer: int, sample: int) -> Floats:
    """Return (n_l, 1 + n_{l-1}): what each connection adds to its neuron's sum."""
    inputs = np.concatenate([[1.0], record.a[layer - 1][min(sample, record.m - 1)]])
    with np.errstate(all="ignore"):
        result: Floats = _augmented(record, layer, "W", "b") * inputs
    return result


def _augmented(record: Record, layer: int, matrix: str, bias: str) -> Floats:
    w = quantity(record, matrix, layer)
    b = quantity(record, bias, layer) if record.problem.has_biases else np.zeros(len(w))
    return np.column_stack([b, w])


def scale_for(theme: Theme, kind: ScaleKind, values: list[Floats], limit: float | None = None, *, grows: bool = False) -> Scale | None:
    """Return the scale of the known values, None where nothing is known; `limit` fixes its ends, but for larger values if it grows."""
    known = [v[np.isfinite(v)] for v in values]
    if not any(len(v) for v in known):
        return None
    largest = max(float(np.abs(v).max(initial=0.0)) for v in known)
    return Scale(theme, largest if limit is None else max(limit, largest) if grows else limit, kind)
