"""The quantity by which edges are coloured: its values as far as they are known, and their scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.theme import Scale, ScaleKind, Theme
from model.moment import Moment
from model.quantities import quantity

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
    weights = _augmented(moment, layer, "W", "b")
    if colour_by == "contribution":
        known = moment.walk.known_mask("z", layer, (len(weights),), moment.tick)
        inputs = np.concatenate([[1.0], moment.record.a[layer - 1][moment.sample]])
        return LayerValues(layer, weights, np.where(known[:, None], weights * inputs, np.nan))
    pair = _PAIRS.get(colour_by)
    if pair is None or (colour_by == "update" and moment.record.new_params is None):
        return LayerValues(layer, weights, np.full_like(weights, np.nan))
    n, senders = weights.shape
    matrix, bias = ("W_new", "b_new") if colour_by == "update" else pair
    known = np.column_stack(
        [moment.walk.known_mask(bias, layer, (n,), moment.tick), moment.walk.known_mask(matrix, layer, (n, senders - 1), moment.tick)]
    )
    return LayerValues(layer, weights, np.where(known, _augmented(moment, layer, *pair), np.nan))


def _augmented(moment: Moment, layer: int, matrix: str, bias: str) -> Floats:
    w = quantity(moment.record, matrix, layer)
    b = quantity(moment.record, bias, layer) if moment.record.problem.has_biases else np.zeros(len(w))
    return np.column_stack([b, w])


def scale_for(theme: Theme, kind: ScaleKind, values: list[Floats], limit: float | None = None) -> Scale | None:
    """Return the scale of the known values, None where nothing is known; `limit` fixes its ends."""
    known = [v[np.isfinite(v)] for v in values]
    if not any(len(v) for v in known):
        return None
    largest = max(float(np.abs(v).max(initial=0.0)) for v in known)
    return Scale(theme, largest if limit is None else limit, kind)
