"""The printed figures of a problem file beside the numbers of a record, and why those that differ do."""

from __future__ import annotations

from dataclasses import dataclass

from model.diagnosis.figures import case_of, ref_of
from model.expr.small_scripts import small_scripts
from model.figures import cells
from model.notation.profile import Notation, notation_of
from model.problem import Expected
from model.record import Record
from model.stages import Ref
from model.verify import printed_strings, verdict

_MOST = 40  # figures of one entry that are explained: each takes some hundredths of a second


def reasons(record: Record, entry: Expected, notation: Notation | None = None, *, comma: bool = False) -> tuple[str, ...]:
    """Return for each cell of a printed figure why it disagrees, "" where it does not. notation: None takes the experiment's own."""
    from model.diagnosis.diagnose import diagnose_all  # most figures agree: nobody need wait for the slips who only starts the program
    from model.diagnosis.sentence import reason

    own = notation or notation_of(None, record.problem)
    figures = list(zip(printed_strings(entry.printed), cells(entry, record), strict=True))
    judged = {i: verdict(text, entry.sign * cell.value, None) for i, (text, cell) in enumerate(figures)}
    wrong = [i for i in judged if judged[i] != "agree"][:_MOST]  # those that differ in the last digit bear witness, too
    if "disagree" not in judged.values():
        return ("",) * len(figures)
    told = diagnose_all([(case_of(record, entry, figures[i][1], own), figures[i][0]) for i in wrong])
    said = {i: small_scripts(reason(one, comma=comma)) for i, one in zip(wrong, told, strict=True) if judged[i] == "disagree"}
    return tuple(said.get(i, "") for i in range(len(figures)))


@dataclass(frozen=True, slots=True)
class PrintedFigure:
    """One printed number beside the computed one. ref: the number it stands for; outcome: as `verify` judges it, errata aside."""

    entry: Expected
    place: int
    ref: Ref
    printed: str
    outcome: str


def figures_of(record: Record, entry: Expected) -> tuple[PrintedFigure, ...]:
    """Return the figures of an entry in reading order."""
    pairs = zip(printed_strings(entry.printed), cells(entry, record), strict=True)
    return tuple(
        PrintedFigure(entry, i, ref_of(record, entry, cell), text, verdict(text, entry.sign * cell.value, None))
        for i, (text, cell) in enumerate(pairs)
    )
