"""The search for the slips that give a figure: round after round, the simplest first, each believed only as far as chance allows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from model.diagnosis.altered import Way
from model.diagnosis.case import BACKWARD, Case, Try
from model.diagnosis.chance import chance
from model.diagnosis.digits import (
    MOST_DECIMALS,
    carried,
    carried_coarsely,
    cut_off,
    decimals_words,
    last_digit,
    one_factor,
    raised,
    significant,
)  # fmt: skip
from model.diagnosis.earlier import at_one_parameter, in_every_update, in_one_update, other_updates
from model.diagnosis.formulas import FORMULAS
from model.diagnosis.functions import functions
from model.diagnosis.given import misread
from model.diagnosis.neighbours import left_as_it_is, neighbours
from model.diagnosis.pieces import PIECES
from model.diagnosis.reckoner import Cause, Reckoner, reckoner
from model.diagnosis.slips import SLIPS
from model.diagnosis.terms import TERMS
from model.diagnosis.updates import updates
from model.diagnosis.written import digits, places
from model.problem import Rounding

NOISE = 1e-12
_NEAR = 0.05  # relative: a figure as near as that is rather rounded otherwise than worked out otherwise
_PAIRED_DIGITS = 3  # significant digits from which two slips together are looked for: fewer fit by chance
_CALCULATED = (*SLIPS, *PIECES, *FORMULAS, updates)
_CLOSE = 20  # units of the last decimal by which numbers that are rounded on the way may change a figure
ANY_ROUNDING = ("carried rounding", "one factor rounded")
_ROUNDINGS = (*ANY_ROUNDING, "cut off", "rounded twice", "rounded up")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that has been read. unit: of its last decimal."""

    case: Case
    text: str
    value: float
    unit: float

    @property
    def truth(self) -> float:
        """The right number."""
        return self.case.value()

    @property
    def decimals(self) -> int:
        """The decimals that the figure has."""
        return max(0, -round(math.log10(self.unit)))

    @property
    def is_near(self) -> bool:
        """Whether it is so near that it was rather rounded otherwise than worked out otherwise."""
        miss, size = abs(self.value - self.truth), abs(self.truth)
        return miss <= _NEAR * size or (miss <= 1.5 * self.unit and (size >= self.unit or not self.value))

    def is_given_by(self, value: float) -> bool:
        """Whether a number prints as this figure."""
        return abs(value - self.value) <= 0.5 * self.unit + NOISE


class Fit(NamedTuple):
    """A cause that gives a figure. chance: that it would give any figure hereabouts; limit: the most that may be.

    share: of the limit, where the cause explains no other figure.
    """

    cause: Cause
    chance: float
    limit: float
    share: float

    @property
    def is_local(self) -> bool:
        """Whether it is one of the slips at one number alone."""
        return self.limit == _SELDOM

    def is_believed(self, together: int) -> bool:
        """Whether it is more than chance, where it explains so many figures."""
        return self.limit >= _ALWAYS or self.chance**together <= self.limit * (self.share if together == 1 else 1.0)


class Found(NamedTuple):
    """Every cause that gives a figure, in the order in which they are tried, and the one that comes nearest to it."""

    fits: list[Fit]
    nearest: Cause | None


class _Round(NamedTuple):
    """Causes that are tried together. limit: the most that one of them which fits may owe to chance."""

    causes: Iterator[Cause]
    limit: float


def searched(figure: Figure, *, all_rounds: bool) -> Found:
    """Try every cause, round after round until one is believed. all_rounds: for figures that are explained together."""
    values: list[float] = []
    fits: list[Fit] = []
    nearest: Cause | None = None
    close: list[Try] = []
    for causes, limit in _rounds(figure, close):
        here, cut = [], []
        for cause in causes:
            values.append(cause.value)
            if _may_be_rounded(figure, cause):
                close.append(cause.told)
            if figure.is_given_by(cause.value):
                here.append(cause)
            elif cause.told.kind in ANY_ROUNDING and figure.is_given_by(cut_off(cause.value, figure.decimals)):
                cut.append(_cut(cause, figure.decimals))
            if _may_be_near(cause) and (nearest is None or abs(cause.value - figure.value) < abs(nearest.value - figure.value)):
                nearest = cause
        found = [cause for cause in here + cut if significant(figure.text) or _explains_zero(cause)]
        if found:
            by_chance = chance(values, figure.value, figure.unit, figure.truth)
            share = _FEW_DIGITS.get(significant(figure.text), 1.0)
            fits += [Fit(cause, by_chance, _ALWAYS if _is_rounding(figure, cause) else limit, share) for cause in found]
        if not all_rounds and any(fit.is_believed(1) for fit in fits):
            break
    return Found(fits, nearest)


def _explains_zero(cause: Cause) -> bool:
    """Whether a cause may be behind a figure of zeros alone, which many a small number is printed as."""
    return cause.told.kind in _ROUNDINGS or abs(cause.value) <= NOISE


def _is_rounding(figure: Figure, cause: Cause) -> bool:
    """Whether a cause is some rounding on the way to a figure that differs in its last digit: then it was one or another."""
    return cause.told.kind in _ROUNDINGS and abs(figure.value - figure.truth) <= 1.5 * figure.unit + NOISE


def _cut(cause: Cause, decimals: int) -> Cause:
    """Return a cause whose result was cut off in the end, with the key that it has where it was not."""
    told = cause.told
    clause = f"{told.clause}, and the result is cut off after {decimals_words(decimals)}"
    return Cause(told._replace(clause=clause, shift=(told.clause,)), cut_off(cause.value, decimals))


def _may_be_near(cause: Cause) -> bool:
    """Whether a cause can have given a figure but for its rounding: a sign, a point or another number is that one or it is not."""
    return cause.told.way is not None or cause.told.kind in _ROUNDINGS


def _may_be_rounded(figure: Figure, cause: Cause) -> bool:
    """Whether a slip at one number may have given a figure if every number was rounded on the way."""
    told = cause.told
    return told.way is not None and not told.way.settings and abs(cause.value - figure.value) <= _CLOSE * figure.unit


def _rounds(figure: Figure, close: list[Try]) -> Iterator[_Round]:
    """Yield the rounds: near the right number roundings, then the usual slips, slips at one number alone, and two together.

    close: filled by whoever tries them, with the slips that come near.
    """
    case, decimals, known = figure.case, figure.decimals, reckoner(figure.case)
    old = next(left_as_it_is(case), None)
    if old is not None and figure.is_given_by(old.value):
        yield _Round(known.causes(case, (old, *carried(case, decimals))), 1.0)  # no slip of the update has to be thought up for that
        return
    yield _Round(known.causes(case, _of_writing(figure)), _ALWAYS)
    for tries, limit in ((_usual(case), _OFTEN), (_at_one_number(figure), _SELDOM), (_far_fetched(figure), _RARELY)):
        yield _Round(known.causes(case, tries), limit)
    if significant(figure.text) >= _PAIRED_DIGITS and case.is_small and not case.is_given:
        yield _Round(_pairs(figure, known, close), _SELDOM if significant(figure.text) > _PAIRED_DIGITS else _RARELY)


# The most that may owe to chance what is found in a round: the less usual its slips, the less.
_ALWAYS, _OFTEN, _SELDOM, _RARELY = 1.0, 0.2, 0.08, 0.04
_FEW_DIGITS = {1: 0.25, 2: 0.5}  # of that, for figures of so few digits: what is found for them looks likelier than it is


def _of_writing(figure: Figure) -> Iterator[Try]:
    case, decimals = figure.case, figure.decimals
    yield Try("sign", f"the sign is turned{_as_in_the_error(case)}", value=-figure.truth)
    if figure.is_near:
        yield from last_digit(case, decimals)
        yield from () if case.is_given else carried(case, decimals)


def _as_in_the_error(case: Case) -> str:
    """Return why the whole backward pass may have the other sign, "" where the number is none of it."""
    p = case.problem
    if case.part != BACKWARD or p.loss == "none" or case.ref.quantity == "dadz":
        return ""
    a, y = case.whole("a", p.depth), case.whole("y")
    return f", as it is when {y} − {a} is taken for {a} − {y}"


def _usual(case: Case) -> Iterator[Try]:
    if not case.is_given:
        yield from chain.from_iterable(make(case) for make in _CALCULATED)
    yield from neighbours(case)
    yield from other_updates(case)
    yield from places(case)
    if not case.is_given:
        yield from functions(case)


def _at_one_number(figure: Figure) -> Iterator[Try]:
    case, decimals = figure.case, figure.decimals
    yield from digits(case, figure.text, decimals)
    if case.is_given:
        return
    if not figure.is_near:
        yield from last_digit(case, decimals)
        yield from carried(case, decimals)
    yield from chain.from_iterable(make(case) for make in TERMS)
    yield from in_every_update(case)
    yield from at_one_parameter(case)
    yield from one_factor(case) if case.is_small else ()


def _far_fetched(figure: Figure) -> Iterator[Try]:
    case, decimals = figure.case, figure.decimals
    if figure.is_near:
        yield from raised(case, decimals)
    if not case.is_given:
        yield from in_one_update(case)
        yield from misread(case)
        yield from carried_coarsely(case, decimals) if case.is_small else ()


def _pairs(figure: Figure, known: Reckoner, close: list[Try]) -> Iterator[Cause]:
    """Yield what two slips together give: one of the calculation, and the sign turned, or everything rounded as the figure is.

    close: slips at one number that come near by themselves, of which only these are worth being rounded, too.
    """
    case, decimals = figure.case, figure.decimals
    calculated = [told for make in _CALCULATED for told in make(case) if told.way is not None]
    for told in calculated:
        also = told._replace(clause=f"{told.clause} and the sign is turned")
        yield from (Cause(also, -cause.value) for cause in known.causes(case, (told,)))
    for told in (*calculated, *close) if 0 < decimals <= MOST_DECIMALS else ():
        clause = f"{told.clause} and every number is rounded to {decimals_words(decimals)}"
        way = (told.way or Way()).also({"rounding": Rounding(decimals, "half_up")})
        yield from known.causes(case, (told._replace(clause=clause, way=way),))
