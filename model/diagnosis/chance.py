"""How probably a figure is explained by chance: how densely the results of the slips that were tried lie about it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_WIDTHS = (20, 100, 1000, 10_000)  # units of the last decimal about the figure that are looked at
_SHARE = 0.5  # of the figure: the widest look


def chance(values: Sequence[float], figure: float, unit: float, truth: float) -> float:
    """Return the share of the figures round about this one that some slip gives; this one and the right one are not counted.

    values: what the slips give. The densest neighbourhood counts, so that figures near the right one, where many a slip leads,
    are judged by their own.
    """
    cells = np.unique(np.rint(np.asarray(values, dtype=float) / unit))
    own, right = round(figure / unit), round(truth / unit)
    away = np.abs(cells[(cells != own) & (cells != right)] - own)
    widest = max(_WIDTHS[0], _SHARE * abs(own))
    widths = [width for width in (*_WIDTHS, widest) if width <= widest]
    return max(float(np.count_nonzero(away <= width)) / (2 * int(width)) for width in widths)
