"""Which neurons stand for a layer that is too large to be drawn whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gui.diagram.shape import CHOSEN
from model.record import Record
from model.stages import Ref

ALWAYS = 3  # neurons of a layer that are drawn on any canvas


def units_that_matter(records: Sequence[Record], sample: int) -> tuple[tuple[int, ...], ...]:
    """Return per neuron layer 0..L the units with the largest errors (inputs: values), the first of them first; () for small layers.

    records: of one network, or of several of the same shape that are to show the same neurons: what comes early in one of them comes
    early. All must have the sample.
    """
    layers = records[0].problem.layers
    return tuple(_largest(records, layer, n, sample) if n > ALWAYS else () for layer, n in enumerate(layers))


def _largest(records: Sequence[Record], layer: int, n: int, sample: int) -> tuple[int, ...]:
    place = np.full(n, n)
    for record in records:
        order = _order(record, layer, sample)
        np.minimum.at(place, order, np.arange(n))
    return tuple(int(unit) for unit in np.argsort(place, kind="stable")[:CHOSEN])


def _order(record: Record, layer: int, sample: int) -> NDArray[np.intp]:
    strength = np.abs(record.x[sample] if layer == 0 else record.delta[layer - 1][sample])
    return np.argsort(-np.nan_to_num(strength, nan=-1.0, posinf=np.inf), kind="stable")


def with_selected(units: tuple[tuple[int, ...], ...], layers: tuple[int, ...], selected: Ref | None) -> tuple[tuple[int, ...], ...]:
    """Return the units with the one that a selected number belongs to before all others of its layer."""
    wanted = [_unit_of(selected, layer) for layer in range(len(layers))]
    return tuple(
        found if one is None or not found or one >= n else (one, *(unit for unit in found if unit != one))[:CHOSEN]
        for found, one, n in zip(units, wanted, layers, strict=True)
    )


def _unit_of(ref: Ref | None, layer: int) -> int | None:
    """Return which unit of a neuron layer a selected number belongs to."""
    if ref is None:
        return None
    if ref.quantity == "x":
        return ref.unit if layer == 0 else None
    if ref.layer == layer:
        return ref.unit
    return ref.from_ if ref.layer == layer + 1 else None
