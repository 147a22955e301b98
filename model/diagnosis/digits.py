"""Slips of rounding: of the last digit, of everything that is carried on, of one factor, and a decimal point out of place."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from model.conventions import rounding_words
from model.diagnosis.altered import Change, Way
from model.diagnosis.case import BACKWARD, Case, Try
from model.problem import Rounding
from model.rounding import round_in_place, rounded
from model.workspace import Workspace

MOST_DECIMALS = 8
_MOST_PRINTED = 15
_MODES: tuple[tuple[str, str], ...] = (("half_up", ""), ("half_even", ", ties to even"), ("truncate", ", further digits cut off"))


def last_digit(case: Case, decimals: int) -> Iterator[Try]:
    """What becomes of the right number when its further digits are cut off, or when it is rounded twice. decimals: that are printed."""
    truth = case.value()
    if math.isfinite(truth) and decimals <= _MOST_PRINTED:
        yield Try("cut off", "the further digits are cut off, not rounded", value=cut_off(truth, decimals))
        twice = _rounded(_rounded(truth, decimals + 1, "half_up"), decimals, "half_up")
        yield Try("rounded twice", f"it is rounded to {decimals + 1} decimals and then once more", value=twice)


def raised(case: Case, decimals: int) -> Iterator[Try]:
    """What becomes of the right number when it is always rounded away from 0."""
    truth = case.value()
    unit = 10.0**-decimals
    if math.isfinite(truth) and decimals <= _MOST_PRINTED and abs(truth) >= unit:
        value = cut_off(truth, decimals) + math.copysign(unit, truth)
        yield Try("rounded up", "the last digit is raised although the rest is less than half", value=value)


def cut_off(value: float, decimals: int) -> float:
    """Return a number without the decimals that follow."""
    return _rounded(value, decimals, "truncate")


def _rounded(value: float, decimals: int, mode: str) -> float:
    return float(rounded(np.asarray(value), Rounding(decimals, mode)))  # type: ignore[arg-type]


def by_nearness(decimals: int) -> list[int]:
    """Return numbers of decimals, those first that a figure with `decimals` of them was probably worked out with."""
    return sorted(range(1, MOST_DECIMALS + 1), key=lambda k: (abs(k - decimals), k < decimals))


def carried(case: Case, decimals: int) -> Iterator[Try]:
    """Every number rounded before the next is formed from it: to about as many decimals as the figure has."""
    own = case.problem.rounding
    if own is not None:
        here = "here " + rounding_words(own)
        yield Try("carried rounding", "nothing is rounded on the way", Way({"rounding": None}), here=here)
    places = [k for k in by_nearness(decimals) if k >= decimals - 1]
    yield from _carried(case, places if case.is_small else places[:2])


def carried_coarsely(case: Case, decimals: int) -> Iterator[Try]:
    """The same with fewer decimals than the figure has."""
    yield from _carried(case, [k for k in by_nearness(decimals) if k < decimals - 1])


def _carried(case: Case, places: list[int]) -> Iterator[Try]:
    own = case.problem.rounding
    for k in places:
        for mode, words in _MODES:
            rounding = Rounding(k, mode)  # type: ignore[arg-type]
            if rounding != own:
                clause = f"every number is rounded to {decimals_words(k)} and carried on so{words}"
                yield Try("carried rounding", clause, Way({"rounding": rounding}))


def one_factor(case: Case) -> Iterator[Try]:
    """One quantity of one layer rounded first, and all others exact."""
    depth = case.problem.depth
    for k in range(1, MOST_DECIMALS + 1):  # the coarser, the less likely by chance
        for quantity in _ROUNDED_FIRST if case.part >= BACKWARD else _ROUNDED_FIRST[:2]:
            for l in range(1, depth + 1):
                if (quantity == "dLda" and l < depth) or (quantity == "dLdX" and l == 1):
                    continue
                clause = f"{_name(case, quantity, l)} is rounded to {decimals_words(k)} first"
                yield Try("one factor rounded", clause, Way(changes=(Change(quantity, l, partial(_round, quantity, k)),)))


_ROUNDED_FIRST = ("a", "z", "dadz", "dLda", "dLdX", "delta")


def _name(case: Case, quantity: str, l: int) -> str:
    if quantity == "dadz":
        return f"{case.phi(l)}′ at {case.whole('z', l)}"
    return case.whole("dLda", l - 1) if quantity == "dLdX" else case.whole(quantity, l)


def _round(quantity: str, decimals: int, ws: Workspace, l: int) -> None:
    arrays = ws.a[1:] if quantity == "a" else getattr(ws, quantity)
    round_in_place(arrays[l], Rounding(decimals, "half_up"))


def significant(text: str) -> int:
    """Return how many digits a figure has from its first one that is not 0."""
    mantissa = text.replace(",", ".").lower().split("e")[0]
    return len("".join(c for c in mantissa if c.isdigit()).lstrip("0"))


def decimals_words(k: int) -> str:
    """Return a number of decimals in words."""
    return f"{k} decimal{'' if k == 1 else 's'}"
