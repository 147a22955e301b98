"""A weight matrix as coloured cells, as a whole or as one image per neuron: which cell shows which number, and its colour. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isqrt, sqrt

import numpy as np
from numpy.typing import NDArray

from gui.diagram.values import layer_values, scale_for
from gui.theme import Scale, ScaleKind, Theme
from model.moment import Moment
from model.notation.layers import the_layer
from model.stages import Ref

Floats = NDArray[np.float64]
QUANTITIES = {"weight": ("W", "b"), "gradient": ("dW", "db"), "update": ("step_W", "step_b"), "contribution": ("W", "b")}
NO_CELL = -2


@dataclass(frozen=True)
class HeatMap:
    """A picture of (rows, columns) cells. unit, sender: (rows, columns) which connection a cell shows; sender -1 is the bias.

    unit is NO_CELL where there is no cell. values: NaN where not known. source, target: what the layer is fed by and what it is, in words.
    """

    layer: int
    quantity: str
    unit: NDArray[np.int32]
    sender: NDArray[np.int32]
    values: Floats
    scale: Scale | None
    source: str
    target: str

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.values.shape
        return rows, columns

    def ref(self, row: int, column: int) -> Ref | None:
        """Return the number of a cell, None where there is none."""
        rows, columns = self.shape
        if not (0 <= row < rows and 0 <= column < columns) or self.unit[row, column] == NO_CELL:
            return None
        matrix, bias = QUANTITIES[self.quantity]
        unit, sender = int(self.unit[row, column]), int(self.sender[row, column])
        return Ref(bias, self.layer, unit) if sender < 0 else Ref(matrix, self.layer, unit, sender)

    def cell_of(self, ref: Ref) -> tuple[int, int] | None:
        """Return row and column of a connection, whichever quantity of it is meant; None where it is not shown."""
        if ref.layer != self.layer or ref.unit is None:
            return None
        wanted = -1 if ref.from_ is None else ref.from_
        found = np.argwhere((self.unit == ref.unit) & (self.sender == wanted))
        return (int(found[0, 0]), int(found[0, 1])) if len(found) else None

    def colours(self, theme: Theme) -> NDArray[np.uint8]:
        """Return (rows, columns, 3): the scale's colours, a neutral one for what is not known yet, the ground where no cell is."""
        ground, unknown = np.array(theme.panel, dtype=np.uint8), np.array(theme.raised, dtype=np.uint8)
        cells = np.where(np.isnan(self.values)[:, :, None], unknown, ground)
        if self.scale is not None:
            cells = np.where(np.isnan(self.values)[:, :, None], unknown, self.scale.colour(self.values))
        return np.where((self.unit == NO_CELL)[:, :, None], ground, cells).astype(np.uint8)


def heat_map(moment: Moment, layer: int, quantity: str, scale: Scale | None, *, images: bool = False) -> HeatMap:
    """Return the connections of weight layer 1..L: rows are neurons and columns what comes in, the biases first; or one image each."""
    values = layer_values(moment, layer, quantity).values
    ends = _ends(moment, layer)
    if not moment.record.problem.has_biases:
        values = values[:, 1:]
    if images:
        return _images(layer, quantity, values[:, values.shape[1] - moment.record.problem.layers[0] :], scale, ends)
    n, senders = values.shape
    first = -1 if moment.record.problem.has_biases else 0
    unit = np.repeat(np.arange(n, dtype=np.int32)[:, None], senders, axis=1)
    sender = np.repeat(np.arange(first, first + senders, dtype=np.int32)[None, :], n, axis=0)
    return HeatMap(layer, quantity, unit, sender, values, scale, *ends)


def _ends(moment: Moment, layer: int) -> tuple[str, str]:
    source, target = (the_layer(moment.notation, l, moment.record.problem) if l else "the inputs" for l in (layer - 1, layer))
    return source, target


def _images(layer: int, quantity: str, values: Floats, scale: Scale | None, ends: tuple[str, str]) -> HeatMap:
    """Return the incoming weights of each neuron as an image, side by side in a sheet that is wider than high."""
    n, pixels = values.shape
    side = isqrt(pixels)
    across = ceil(sqrt(n * 4.0))
    down = ceil(n / across)
    step = side + 1
    shape = (down * step - 1, across * step - 1)
    unit = np.full(shape, NO_CELL, dtype=np.int32)
    sender = np.full(shape, NO_CELL, dtype=np.int32)
    sheet = np.full(shape, np.nan)
    for j in range(n):
        top, left = j // across * step, j % across * step
        place = np.s_[top : top + side, left : left + side]
        unit[place] = j
        sender[place] = np.arange(pixels, dtype=np.int32).reshape(side, side)
        sheet[place] = values[j].reshape(side, side)
    return HeatMap(layer, quantity, unit, sender, sheet, scale, *ends)


def scale_of(moment: Moment, quantity: str, theme: Theme, kind: ScaleKind, limit: float | None, *, grows: bool) -> Scale | None:
    """Return the scale of a quantity over all layers as far as it is known, the same as the edges of the picture have."""
    layers = range(1, moment.record.problem.depth + 1)
    return scale_for(theme, kind, [layer_values(moment, layer, quantity).values for layer in layers], limit, grows=grows)
