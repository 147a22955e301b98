"""Rounding as a person does it: to k decimals, with ties recognised in decimal and not in binary.

0.15 · 0.15 is 0.0225 on paper but 0.02249999… in binary; values within a few units of double precision of a tie (or of an
already rounded value, for truncation) are treated as what they are on paper.
"""

from __future__ import annotations

import numpy as np

from model.problem import Array, Rounding

# Relative width in which a scaled value counts as lying on the decimal grid: about 2,000 units in the last place of a double,
# but never more than a thousandth of the last decimal. A sum can be small although its terms are not: their last places count too.
_GRID = 4e-13
_TERMS = 4e-15
_WIDEST = 1e-3
# Truncation has no such room: what comes close to 1, as tanh does, is cut below 1. 64 units in the last place.
_CUT = 1.4e-14
_LARGEST_EXPONENT = 22  # 10²² is the largest power of ten that a double holds exactly


def round_in_place(values: Array, rounding: Rounding, terms: Array | float = 0.0) -> None:
    """Round `values` in place to `rounding.decimals`; infinities and NaN stay as they are, zero is always +0.

    terms: of each value, the size of the largest number that it is a sum or difference of, where that can be larger than the value.
    Values of 2⁵¹ units of the last decimal and more stay as they are: a double has no such decimals left to round.
    """
    if rounding.decimals > _LARGEST_EXPONENT:
        return
    scale = 10.0**rounding.decimals
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.abs(values) * scale
        usable = scaled < 2.0**51
        whole = _whole(np.where(usable, scaled, 0.0), scale, rounding.mode, terms)
    # Adding +0 turns the −0 of a small negative number into 0, as it is written on paper.
    np.copyto(values, np.copysign(whole / scale, values) + 0.0, where=usable)


def _whole(scaled: Array, scale: float, mode: str, terms: Array | float) -> Array:
    """Return the whole numbers that non-negative `scaled`, values times `scale`, rounds to."""
    grid = _CUT if mode == "truncate" else _GRID
    lost = _TERMS * scale * np.maximum(terms, 1.0)
    tolerance = np.minimum(np.maximum(grid * np.maximum(scaled, 1.0), lost), _WIDEST)
    if mode == "truncate":
        # Scaling alone can take a whole number one place down: what has been truncated must stay what it is.
        return np.asarray(np.floor(scaled + np.maximum(tolerance, np.spacing(scaled))))
    floor = np.floor(scaled + tolerance)
    rest = scaled - floor
    tie = np.abs(rest - 0.5) <= tolerance
    up = np.where(tie, (floor % 2 == 1) if mode == "half_even" else True, rest > 0.5)
    return np.asarray(floor + up)


def rounded(values: Array, rounding: Rounding | None, terms: Array | float = 0.0) -> Array:
    """Return `values` rounded, as a new array; unchanged if `rounding` is None. terms: as in `round_in_place`."""
    if rounding is None:
        return values
    result = np.array(values, dtype=np.float64)
    round_in_place(result, rounding, terms)
    return result
