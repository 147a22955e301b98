"""Comparing every printed figure of a problem file with the computed one. Pure: no file is read and nothing is printed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from model.figures import cells
from model.format.expected import printed_number
from model.problem import Expected, Printed, Problem
from model.record import Record
from model.run import Run

VERDICTS = ("agree", "last_digit", "disagree", "erratum", "stale_erratum")
# Differences below this are the arithmetic of doubles, not of the person who printed the figure.
_NOISE = 1e-12
# Says of every cell of a printed figure why it disagrees, "" where it does not.
Why = Callable[[Record, Expected], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed number beside the computed one, which has the entry's sign already. Indices from 0, None where there is none.

    cause: why it disagrees, in a sentence, where somebody asked for that and the file gives no erratum.
    """

    quantity: str
    layer: int | None
    unit: int | None
    from_: int | None
    sample: int | None
    step: int
    printed: str
    computed: float
    verdict: str
    erratum: str | None
    cause: str = ""


@dataclass(frozen=True)
class FileResult:
    """All figures of one file, in the order of the file, matrices in reading order."""

    file: str
    title: str
    figures: tuple[Figure, ...]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Number of figures for each verdict."""
        found = Counter(figure.verdict for figure in self.figures)
        return {verdict: found[verdict] for verdict in VERDICTS}

    @property
    def passed(self) -> bool:
        """Whether nothing disagrees and no erratum is stale."""
        return not self.counts["disagree"] and not self.counts["stale_erratum"]


def verdict(printed: str, computed: float, erratum: str | None) -> str:
    """Return one of VERDICTS. With u one unit of the last printed decimal: agree up to u/2, last_digit up to 1.5u, else disagree.

    A figure with an erratum is a documented disagreement, unless it agrees: then the erratum is stale. NaN and infinities disagree.
    """
    value, u = printed_number(printed)
    difference = abs(computed - value)
    if not math.isfinite(difference):
        found = "disagree"
    elif difference <= 0.5 * u + _NOISE:
        found = "agree"
    else:
        found = "last_digit" if difference <= 1.5 * u + _NOISE else "disagree"
    if erratum is None:
        return found
    return "stale_erratum" if found == "agree" else "erratum"


def verify(problem: Problem, file: str = "", report: Callable[[int], None] = lambda _updates: None, why: Why | None = None) -> FileResult:
    """Compare all printed figures of `problem`, which fit it because it was loaded from a file; `file` is the name to report.

    report: told now and then how many updates have been computed. why: asked for the causes of what disagrees without an erratum.
    """
    by_step = sorted(enumerate(problem.expected), key=lambda numbered: numbered[1].step)
    found: dict[int, tuple[Figure, ...]] = {}
    if by_step:
        run = Run(problem)
        for step, entries in groupby(by_step, key=lambda numbered: numbered[1].step):
            for updates in run.approach(step):
                report(updates)
            record = run.record(step)
            found |= {i: tuple(_figures(entry, record, why)) for i, entry in entries}
    return FileResult(file, problem.title, tuple(figure for i in sorted(found) for figure in found[i]))


def _figures(entry: Expected, record: Record, why: Why | None) -> Iterator[Figure]:
    found = cells(entry, record)
    causes = ("",) * len(found) if why is None or entry.erratum is not None else why(record, entry)
    for printed, cell, cause in zip(printed_strings(entry.printed), found, causes, strict=True):
        value = entry.sign * cell.value
        judged = verdict(printed, value, entry.erratum)
        unit, from_, sample = cell.unit, cell.from_, cell.sample
        yield Figure(entry.quantity, entry.layer, unit, from_, sample, entry.step, printed, value, judged, entry.erratum, cause)


def printed_strings(printed: Printed) -> Iterator[str]:
    """Yield the strings of a printed figure in reading order."""
    if isinstance(printed, str):
        yield printed
        return
    for part in printed:
        yield from printed_strings(part)
