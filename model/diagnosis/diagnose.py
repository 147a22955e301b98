"""Whether a figure of a hand calculation agrees with the computed number, and if not, which usual slips give exactly its digits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from model.diagnosis.case import Case
from model.diagnosis.digits import significant
from model.diagnosis.reckoner import Cause
from model.diagnosis.search import ANY_ROUNDING, NOISE, Figure, Fit, Found, searched
from model.diagnosis.typed import read_figure
from model.verify import verdict

__all__ = ["MOST_CAUSES", "Cause", "Diagnosis", "Outcome", "diagnose", "diagnose_all"]

MOST_CAUSES = 3
_NEAREST_DIGITS = 2  # from which a slip that only comes near is named

Outcome = Literal["agree", "last_digit", "disagree"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is to be said of a figure. value: the computed number with the sign of the source; decimals: that the figure has.

    causes: at most MOST_CAUSES, the most usual first. nearest: where none fits, the one that comes near, if any does.
    too_few: whether the figure has so few digits that slips which fit would do so by chance, or that none is looked for.
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
    read = [Figure(case, typed.strip(), *read_figure(typed)) for case, typed in figures]
    wrong = sum(map(_differs, read))
    found = [searched(figure, all_rounds=wrong > 1) if _differs(figure) else Found([], None) for figure in read]
    shared = Counter(key for one in found for key in {fit.cause.told.key for fit in one.fits})
    return tuple(_diagnosed(figure, one, shared) for figure, one in zip(read, found, strict=True))


def _outcome(figure: Figure) -> Outcome:
    return verdict(figure.text, figure.truth, None)  # type: ignore[return-value]


def _differs(figure: Figure) -> bool:
    return _outcome(figure) != "agree" and math.isfinite(figure.truth)


def _diagnosed(figure: Figure, found: Found, shared: Counter[tuple[object, ...]]) -> Diagnosis:
    """Return the diagnosis with the first causes, each once: in other words it would be the same."""
    believed = [fit for fit in found.fits if fit.is_believed(shared[fit.cause.told.key])]
    best = max((shared[fit.cause.told.key] for fit in believed), default=0)
    causes: list[Fit] = []
    for fit in believed:
        if shared[fit.cause.told.key] == best and not any(_same(fit, other) for other in causes):
            causes.append(fit)
    too_few = _differs(figure) and not causes and (bool(found.fits) or not significant(figure.text))
    nearest = found.nearest if not causes and not too_few and _comes_near(figure, found.nearest) else None
    return Diagnosis(
        figure.text, figure.truth, figure.decimals, _outcome(figure), tuple(fit.cause for fit in causes[:MOST_CAUSES]), nearest, too_few
    )


def _same(fit: Fit, known: Fit) -> bool:
    """Whether two causes are one: they give the same number, are told in the same words, or are both some rounding on the way.

    Slips at one number alone are told apart though they give the same: with weights of few digits, different ones do.
    """
    one, other = fit.cause.told, known.cause.told
    if one.kind == other.kind and one.kind in ANY_ROUNDING:
        return True
    alike = abs(fit.cause.value - known.cause.value) <= NOISE and not (fit.is_local and known.is_local and one.kind != other.kind)
    return alike or one.clause == other.clause or one.clause.startswith(f"{other.clause} and ")


def _comes_near(figure: Figure, cause: Cause | None) -> bool:
    """Whether a cause that does not give the figure is worth being named."""
    if cause is None or significant(figure.text) < _NEAREST_DIGITS:
        return False
    miss = abs(cause.value - figure.value)
    return miss <= min(1.5 * figure.unit, 0.01 * abs(figure.value)) and miss < abs(figure.truth - figure.value)
