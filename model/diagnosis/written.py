"""Slips of the pen and of the keyboard: the right number, with a digit that is not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from model.diagnosis.case import Case, Try

_FEWEST = 3  # digits that a figure must have for one of them to be called wrong
_MOST_PLACES = 3


def places(case: Case) -> Iterator[Try]:
    """The decimal point some places off, the sign kept or not."""
    truth = case.value()
    for off in range(1, _MOST_PLACES + 1):
        words = "one place" if off == 1 else f"{off} places"
        for factor in (10.0**-off, 10.0**off):
            yield Try("decimal point", f"the decimal point is {words} off", value=truth * factor)
    yield Try("decimal point", "the decimal point is one place off and the sign is turned", value=-0.1 * truth)
    yield Try("decimal point", "the decimal point is one place off and the sign is turned", value=-10.0 * truth)


def digits(case: Case, text: str, decimals: int) -> Iterator[Try]:
    """Two digits of the right figure exchanged, one of them missing or doubled, and then one of them another. text: as it was typed."""
    truth = case.value()
    right = f"{abs(truth):.{decimals}f}" if math.isfinite(truth) and decimals <= 12 else ""
    written = "".join(c for c in text.replace(",", ".").lower().split("e")[0] if c.isdigit() or c == ".")
    if len(right.replace(".", "").strip("0")) < _FEWEST or "e" in text.lower():
        return
    sign = math.copysign(1.0, truth)
    seen = {right}
    for clause, wrong in _variants(right, f"{abs(truth):.{decimals + 1}f}"):
        if wrong not in seen:
            seen.add(wrong)
            yield Try("digits", clause, value=sign * float(wrong))
    place = _only_difference(written, right)
    if place is not None:
        yield Try("one digit", f"{written[place]} is written for the digit {right[place]}", value=sign * float(written))


def _only_difference(written: str, right: str) -> int | None:
    """Return the place of the one digit in which two figures differ, if enough digits follow it that chance does not make them agree."""
    places = [i for i, (a, b) in enumerate(zip(written, right, strict=False)) if a != b]
    if len(written) != len(right) or len(places) != 1:
        return None
    after = right[places[0] + 1 :].replace(".", "").rstrip("0")
    return places[0] if len(after) >= _FEWEST else None


def _variants(right: str, longer: str) -> Iterator[tuple[str, str]]:
    """Yield what may have been written for a figure. longer: with one decimal more, which moves up where a digit is missing."""
    at = [i for i, c in enumerate(right) if c.isdigit()]
    for i, j in pairwise(at):
        if right[i] != right[j]:
            wrong = list(right)
            wrong[i], wrong[j] = right[j], right[i]
            yield f"the digits {right[i]} and {right[j]} are exchanged", "".join(wrong)
    point = right.find(".")
    for i in at:
        if i > point >= 0:
            yield f"a digit {right[i]} is missing", longer[:i] + longer[i + 1 :]
            yield f"a digit {right[i]} is missing", right[:i] + right[i + 1 :]
            yield f"the digit {right[i]} is written twice", right[: i + 1] + right[i:-1]
            yield f"the digit {right[i]} is written twice", right[: i + 1] + right[i:]
