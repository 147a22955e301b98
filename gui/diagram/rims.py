"""Where straight lines leave and reach neurons: at their rims, or at their sides where a rim lies behind a neighbour."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gui.diagram.layout import Column
from gui.diagram.primitives import Floats

SPREAD_UP_TO = 6  # neurons of a layer whose lines always spread from their rims: the numbers on them need the room


def from_rims(starts: Floats, ends: Floats, leaving: Column, reached: Column | None, bias: NDArray[np.bool_]) -> Floats:
    """Return (n, 4) lines from neurons of one column to neurons of the next, or to bare places where there is no `reached`.

    starts, ends: (n, 2) the middles; bias: (n,) which lines come from the bias node. Where a steep line would come out behind another
    neuron of its column, all lines of that column start or end in the middle of the neurons' sides: each is seen to belong to its own.
    """
    way = ends - starts
    slopes = np.abs(way[:, 1]) / np.maximum(way[:, 0], 1e-9)
    from_side = leaving.grid is not None or _hides(leaving, slopes[~bias])
    to_side = reached is not None and _hides(reached, slopes)
    side = leaving.side / 2 if leaving.grid else leaving.rx
    starts = starts + np.column_stack([np.where(bias, 0.0, side), np.zeros(len(bias))]) if from_side else starts
    ends = ends - [reached.rx, 0.0] if reached is not None and to_side else ends
    way = ends - starts
    way = way / np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
    rx, r = np.where(bias, leaving.bias_r, leaving.rx), np.where(bias, leaving.bias_r, leaving.r)
    leave = np.where(~bias & from_side, 0.0, _to_rim(way, rx, r))
    arrive = 0.0 if reached is None or to_side else _to_rim(way, np.full(len(way), reached.rx), np.full(len(way), reached.r))[:, None]
    return np.hstack([starts + way * leave[:, None], ends - way * arrive])


def _to_rim(way: Floats, rx: Floats, r: Floats) -> Floats:
    """Return (n,) how far it is from the middle of neurons to their rims. way: (n, 2) of length 1; rx, r: half the width and height."""
    distance: Floats = 1.0 / np.hypot(way[:, 0] / rx, way[:, 1] / r)
    return distance


def _hides(column: Column, slopes: Floats) -> bool:
    """Return whether a line that leaves a neuron of a column as steeply as one of these runs behind the next neuron."""
    if column.total <= SPREAD_UP_TO or column.grid is not None:
        return False
    closest = min((below - above for above, below in pairwise(column.ys)), default=np.inf)
    return float(slopes.max(initial=0.0)) * column.rx > closest - column.r
