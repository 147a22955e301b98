"""Whether a figure of a hand calculation agrees with the computed number, and if not, which usual slips give exactly its digits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal, NamedTuple

from model.diagnosis.altered import Bench, Way
from model.diagnosis.case import Case, Try
from model.diagnosis.digits import (
    MOST_DECIMALS,
    carried,
    carried_coarsely,
    cut_off,
    decimal_point,
    decimals_words,
    last_digit,
    one_factor,
    raised,
    significant,
)  # fmt: skip
from model.diagnosis.functions import functions
from model.diagnosis.neighbours import left_as_it_is, neighbours
from model.diagnosis.pieces import PIECES
from model.diagnosis.slips import SLIPS
from model.diagnosis.typed import read_figure
from model.diagnosis.updates import updates
from model.problem import Rounding
from model.record import Record
from model.verify import verdict

MOST_CAUSES = 3
_NOISE = 1e-12
_NEAR = 0.05  # relative: a figure as near as that is rather rounded otherwise than worked out otherwise
_PAIRED_DIGITS = 3  # significant digits from which two slips together are looked for: fewer fit by chance
_NEAREST_DIGITS = 2  # from which a slip that only comes near is named
_CALCULATED = (*SLIPS, *PIECES, updates)
_ANY_ROUNDING = ("carried rounding", "one factor rounded")
_ROUNDINGS = (*_ANY_ROUNDING, "cut off", "rounded twice", "rounded up")
_KEPT, _KEPT_SIZE = 500, 500  # updates that are kept for the next figure of the same record, and the most weights they may have

Outcome = Literal["agree", "last_digit", "disagree"]


@dataclass(frozen=True, slots=True)
class Cause:
    """A slip that gives the figure's digits. value: what it gives, at full precision; `Try` has its words."""

    told: Try
    value: float


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is to be said of a figure. value: the computed number with the sign of the source; decimals: that the figure has.

    causes: at most MOST_CAUSES, the most usual first. nearest: where none fits, the one that comes near, if any does.
    too_few: whether none fits and the figure has no digit but zeros, which many a slip would give.
    """

    figure: str
    value: float
    decimals: int
    outcome: Outcome
    causes: tuple[Cause, ...] = ()
    nearest: Cause | None = None
    too_few: bool = False


def diagnose(case: Case, typed: str) -> Diagnosis:
    """Return what is to be said of a figure as it was typed or printed. Raises ValueError with one sentence if it is no number."""
    return diagnose_all([(case, typed)])[0]


def diagnose_all(figures: Sequence[tuple[Case, str]]) -> tuple[Diagnosis, ...]:
    """Return the same for figures that were printed together, all of one record: what explains more of them comes first."""
    read = [_Figure(case, typed.strip(), *read_figure(typed)) for case, typed in figures]
    found = [_searched(figure) if figure.differs else _Found([], None) for figure in read]
    shared = Counter(key for one in found for key in {cause.told.key for cause in one.fits})
    return tuple(_diagnosed(figure, one, shared) for figure, one in zip(read, found, strict=True))


class _Found(NamedTuple):
    """Every cause that gives a figure, in the order in which they are tried, and the one that comes nearest to it."""

    fits: list[Cause]
    nearest: Cause | None


@dataclass(frozen=True, slots=True)
class _Figure:
    """One figure that has been read. unit: of its last decimal."""

    case: Case
    text: str
    figure: float
    unit: float

    @property
    def truth(self) -> float:
        return self.case.value()

    @property
    def outcome(self) -> Outcome:
        return verdict(self.text, self.truth, None)  # type: ignore[return-value]

    @property
    def differs(self) -> bool:
        return self.outcome != "agree" and math.isfinite(self.truth)

    @property
    def decimals(self) -> int:
        return max(0, -round(math.log10(self.unit)))

    @property
    def is_near(self) -> bool:
        """Whether it is so near that it was rather rounded otherwise than worked out otherwise."""
        miss, size = abs(self.figure - self.truth), abs(self.truth)
        return miss <= _NEAR * size or (miss <= 1.5 * self.unit and (size >= self.unit or not self.figure))

    def is_given_by(self, value: float) -> bool:
        """Whether a number prints as this figure."""
        return abs(value - self.figure) <= 0.5 * self.unit + _NOISE


def _searched(figure: _Figure) -> _Found:
    """Try every cause, and two together only where no single one gives the figure."""
    fits, cut, nearest = [], [], None
    for cause in _reckoned(figure.case, _tries(figure)):
        if figure.is_given_by(cause.value):
            fits.append(cause)
        elif cause.told.kind in _ANY_ROUNDING and figure.is_given_by(cut_off(cause.value, figure.decimals)):
            cut.append(_cut(cause, figure.decimals))
        if _may_be_near(cause) and (nearest is None or abs(cause.value - figure.figure) < abs(nearest.value - figure.figure)):
            nearest = cause
    fits += cut
    if not significant(figure.text):
        fits = [cause for cause in fits if cause.told.kind in _ROUNDINGS or abs(cause.value) <= _NOISE]
    if not fits and significant(figure.text) >= _PAIRED_DIGITS and figure.case.is_small and not figure.case.is_given:
        fits = [cause for cause in _pairs(figure) if figure.is_given_by(cause.value)]
    return _Found(fits, nearest)


def _cut(cause: Cause, decimals: int) -> Cause:
    """Return a cause whose result was cut off in the end, with the key that it has where it was not."""
    told = cause.told
    clause = f"{told.clause}, and the result is cut off after {decimals_words(decimals)}"
    return Cause(told._replace(clause=clause, shift=(told.clause,)), cut_off(cause.value, decimals))


def _reckoned(case: Case, tries: Iterable[Try]) -> Iterator[Cause]:
    reckoner = _reckoner(case)
    for told in tries:
        value = reckoner.value(case, told)
        if value is not None:
            yield Cause(told, value)


def _diagnosed(figure: _Figure, found: _Found, shared: Counter[tuple[object, ...]]) -> Diagnosis:
    """Return the diagnosis with the first causes, each once: in other words it would be the same."""
    best = max((shared[cause.told.key] for cause in found.fits), default=0)
    causes: list[Cause] = []
    for cause in found.fits:
        if shared[cause.told.key] == best and not any(_same(cause, other) for other in causes):
            causes.append(cause)
    nearest = found.nearest if not causes and _comes_near(figure, found.nearest) else None
    too_few = figure.differs and not causes and not significant(figure.text)
    return Diagnosis(figure.text, figure.truth, figure.decimals, figure.outcome, tuple(causes[:MOST_CAUSES]), nearest, too_few)


def _same(cause: Cause, other: Cause) -> bool:
    """Whether two causes are one in different words: they give the same number, or are both some rounding on the way."""
    return abs(cause.value - other.value) <= _NOISE or (cause.told.kind == other.told.kind and cause.told.kind in _ANY_ROUNDING)


def _comes_near(figure: _Figure, cause: Cause | None) -> bool:
    """Whether a cause that does not give the figure is worth being named."""
    if cause is None or significant(figure.text) < _NEAREST_DIGITS:
        return False
    miss = abs(cause.value - figure.figure)
    return miss <= min(1.5 * figure.unit, 0.01 * abs(figure.figure)) and miss < abs(figure.truth - figure.figure)


def _may_be_near(cause: Cause) -> bool:
    """Whether a cause can have given a figure but for its rounding: a sign, a point or another number is that one or it is not."""
    return cause.told.way is not None or cause.told.kind in _ROUNDINGS


def _tries(figure: _Figure) -> Iterator[Try]:
    """Yield everything to be tried, the simplest first: near the truth roundings, else slips of the calculation."""
    case, decimals, given = figure.case, figure.decimals, figure.case.is_given
    old = next(left_as_it_is(case), None)
    if old is not None and figure.is_given_by(old.value):
        yield from (old, *carried(case, decimals))  # no slip of the update has to be thought up for that
        return
    yield Try("sign", "the sign is turned", value=-figure.truth)
    roundings = chain(last_digit(case, decimals), () if given else carried(case, decimals))
    if figure.is_near:
        yield from roundings
    if not given:
        yield from chain.from_iterable(make(case) for make in _CALCULATED)
    yield from neighbours(case)
    yield from decimal_point(case)
    if not figure.is_near:
        yield from roundings
    if not given:
        yield from one_factor(case) if case.is_small else ()
        yield from functions(case)
        yield from carried_coarsely(case, decimals) if case.is_small else ()
    if figure.is_near:
        yield from raised(case, decimals)


def _pairs(figure: _Figure) -> Iterator[Cause]:
    """Yield what two slips together give: one of the calculation, and the sign turned, or everything rounded as the figure is."""
    case, decimals = figure.case, figure.decimals
    for told in chain.from_iterable(make(case) for make in _CALCULATED):
        if told.way is None:
            continue
        also = told._replace(clause=f"{told.clause} and the sign is turned")
        yield from (Cause(also, -cause.value) for cause in _reckoned(case, (told,)))
        if 0 < decimals <= MOST_DECIMALS:
            rounded = f"{told.clause} and every number is rounded to {decimals_words(decimals)}"
            pair = told._replace(clause=rounded, way=told.way.also({"rounding": Rounding(decimals, "half_up")}))
            yield from _reckoned(case, (pair,))


class Reckoner:
    """Updates of one record worked out otherwise, each once: a matrix of figures asks for the same ones again and again."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self._kept: dict[tuple[str, str], Record] = {}
        self._bench = Bench()

    def value(self, case: Case, told: Try) -> float | None:
        """Return what a slip gives for the case's number; None where that number does not exist with it."""
        if told.way is None:
            return told.value if math.isfinite(told.value) else None
        try:
            result = case.value(self._record((told.kind, told.clause), told.way))
        except (ArithmeticError, IndexError, KeyError, ValueError):
            return None
        return result if math.isfinite(result) else None

    def _record(self, key: tuple[str, str], way: Way) -> Record:
        known = self._kept.get(key)
        if known is None:
            known = self._bench.recalculated(self.record, way)
            if len(self._kept) < _KEPT and len(self.record.params.theta) * self.record.m <= _KEPT_SIZE:
                self._kept[key] = known
        return known


_last: list[Reckoner] = []


def _reckoner(case: Case) -> Reckoner:
    known = _last[0] if _last else None  # taken once: a worked solution may be written in another thread
    if known is None or known.record is not case.record:
        known = Reckoner(case.record)
        _last[:] = [known]
    return known
