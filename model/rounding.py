"""Rounding as a person does it: to k decimals, with ties recognised in decimal and not in binary.

0.15 · 0.15 is 0.0225 on paper but 0.02249999… in binary; values within a few units of double precision of a tie (or of an
already rounded value, for truncation) are treated as what they are on paper.
"""

from __future__ import annotations

import numpy as np

from model.problem import Array, Rounding

# Relative width in which a scaled value counts as lying on the decimal grid; about 2,000 units in the last place of a double.
_GRID = 4e-13


def round_in_place(values: Array, rounding: Rounding) -> None:
    """Round `values` in place to `rounding.decimals`; infinities and NaN stay as they are."""
    scale = 10.0**rounding.decimals
    scaled = np.abs(values) * scale
    usable = scaled < 2.0**52  # beyond, a double has no decimals left to round
    np.copyto(values, np.copysign(_whole(np.where(usable, scaled, 0.0), rounding.mode) / scale, values), where=usable)


def _whole(scaled: Array, mode: str) -> Array:
    """Return the whole numbers that non-negative `scaled` rounds to."""
    tolerance = _GRID * np.maximum(scaled, 1.0)
    floor = np.floor(scaled + tolerance)
    if mode == "truncate":
        return np.asarray(floor)
    rest = scaled - floor
    tie = np.abs(rest - 0.5) <= tolerance
    up = np.where(tie, (floor % 2 == 1) if mode == "half_even" else True, rest > 0.5)
    return np.asarray(floor + up)


def rounded(values: Array, rounding: Rounding | None) -> Array:
    """Return `values` rounded, as a new array; unchanged if `rounding` is None."""
    if rounding is None:
        return values
    result = np.array(values, dtype=np.float64)
    round_in_place(result, rounding)
    return result
