"""A diagnosis in one sentence, for a student, with the words and symbols of the notation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from model.conventions import with_commas
from model.diagnosis.diagnose import Cause, Diagnosis
from model.diagnosis.digits import significant
from model.expr.tree import NumberFormat, format_number

_FEW_DIGITS = 3
_MORE = 2  # decimals beyond those of the figure with which the right number is given


def sentence(found: Diagnosis, *, comma: bool = False) -> str:
    """Return what is to be said of a figure, in one sentence. comma: in its numbers."""
    text = _said(found)
    return with_commas(text) if comma else text


def reason(found: Diagnosis, *, comma: bool = False) -> str:
    """Return the causes alone, without the right number: for a place where that stands already."""
    text = _causes(found) if found.causes else _nothing(found)
    return with_commas(text) if comma else text


def _said(found: Diagnosis) -> str:
    if not math.isfinite(found.value):
        what = "undefined" if math.isnan(found.value) else "infinite"
        return f"There is nothing to compare {_figure(found)} with: the number is {what} here."
    if found.outcome == "agree":
        return f"{_figure(found)} agrees{_digits(found)}; more exactly {_right(found)}."
    return f"{_causes(found) if found.causes else _nothing(found)}; right is {_right(found)}."


def _figure(found: Diagnosis) -> str:
    return found.figure.replace(",", ".").replace("-", "−")


def _digits(found: Diagnosis) -> str:
    return f" to {found.decimals} decimal{'' if found.decimals == 1 else 's'}" if found.decimals else " as a whole number"


def _right(found: Diagnosis) -> str:
    least = 0 if found.value == 0 else max(0, 1 - math.floor(math.log10(abs(found.value))))
    return format_number(found.value, NumberFormat(min(max(found.decimals + _MORE, least), 15), False))


def _causes(found: Diagnosis) -> str:
    figure = _figure(found)
    if len(found.causes) == 1:
        told = found.causes[0].told
        here = f"; {told.here}" if told.here else ""
        return f"{figure} {_clause(found.causes[0])}{here}"
    return f"{figure} could " + ", or ".join(_alternatives(found.causes))


def _alternatives(causes: Sequence[Cause]) -> Iterator[str]:
    """Yield "come out when …", "when …", "be …", "…": the verb only where it is another than before."""
    before = ""
    for cause in causes:
        verb = "be" if cause.told.is_number else "come out when"
        again = "" if cause.told.is_number else "when "
        yield f"{again if verb == before else verb + ' '}{cause.told.clause}"
        before = verb


def _clause(cause: Cause) -> str:
    return f"is {cause.told.clause}" if cause.told.is_number else f"comes out when {cause.told.clause}"


def _nothing(found: Diagnosis) -> str:
    near = found.nearest
    said = f"{_figure(found)} differs{' in the last digit' if found.outcome == 'last_digit' else ''}, and "
    if found.too_few:
        many = significant(found.figure) > _FEW_DIGITS
        return f"{said}{'several slips come so near that its digits do not tell which' if many else 'has too few digits to tell why'}"
    said += "no usual slip gives it"
    if near is None:
        return said
    decimals = NumberFormat(min(found.decimals + _MORE, 15), False)
    what = f"that is {near.told.clause}" if near.told.is_number else f"when {near.told.clause}"
    return f"{said}; the nearest is {format_number(near.value, decimals)}, {what}"
