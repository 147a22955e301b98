"""What the source of an experiment prints for the numbers of a step, in one line: its figures, and whether they agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from model.conventions import with_commas
from model.diagnosis.printed import PrintedFigure, figures_of, reasons
from model.moment import Moment
from model.problem import Expected
from model.quantities import QUANTITIES
from model.stages import Ref

Reasons = Callable[[Moment, Expected], Sequence[str]]
_CARRIED = "in the last digit, as it does when rounded values are carried on"
START, NOTHING_MORE = "From the file:", "agrees"


def explained(moment: Moment, entry: Expected) -> tuple[str, ...]:
    """Return why the figures of an entry disagree, in the moment's notation; takes some hundredths of a second."""
    return reasons(moment.record, entry, moment.notation, comma=moment.fmt.comma)


def unexplained(moment: Moment, entry: Expected) -> tuple[str, ...]:
    """Return no reasons, for when there is no time to look for them."""
    return ("",) * len(figures_of(moment.record, entry))


def note_of_step(moment: Moment, why: Reasons = explained) -> str:
    """Return what the source prints for what this step reveals, "" where it prints nothing; at the start its remarks.

    As in "In the note: 0.13 −0.05 · agrees". why: says why a figure disagrees that the file has no erratum for.
    """
    problem, tick = moment.record.problem, moment.tick
    if tick == 0:
        return f"{START} {' '.join(problem.notes.split())}" if problem.notes and moment.record.step == 1 else ""
    before = moment.walk.previous(tick, moment.granularity) or 0
    here = (entry for entry in problem.expected if entry.step == moment.record.step and _is_near(moment, entry, before))
    found = (figure for entry in here for figure in figures_of(moment.record, entry))
    shown = [figure for figure in found if moment.known(figure.ref) and not moment.walk.known(figure.ref, before)]
    return _line(moment, shown, why) if shown else ""


def _is_near(moment: Moment, entry: Expected, before: int) -> bool:
    """Whether any number of an entry can be revealed between two ticks; most entries of a file belong to other steps."""
    walk = moment.walk
    layer = (entry.layer or 0) if QUANTITIES[entry.quantity].layered else 0
    stage = walk.host.get((entry.quantity, layer))
    return moment.tick >= walk.total if stage is None else walk.starts[stage] < moment.tick and before < walk.ends[stage]


def note_of(moment: Moment, ref: Ref, why: Reasons = explained) -> str:
    """Return what the source prints for one number, and what is to be said of it; "" where it prints nothing."""
    here = [entry for entry in moment.record.problem.expected if entry.step == moment.record.step]
    shown = [figure for entry in here for figure in figures_of(moment.record, entry) if _is_same(figure.ref, ref, moment)]
    return _line(moment, shown, why) if shown and moment.known(ref) else ""


def _is_same(one: Ref, other: Ref, moment: Moment) -> bool:
    samples = [moment.sample if ref.sample is None else ref.sample for ref in (one, other)]
    return one._replace(sample=None) == other._replace(sample=None) and samples[0] == samples[1]


def _line(moment: Moment, figures: Sequence[PrintedFigure], why: Reasons) -> str:
    numbers = " / ".join(" ".join(_dressed(f.printed, moment) for f in group) for _, group in groupby(figures, lambda f: id(f.entry)))
    wrong = [figure for figure in figures if figure.outcome != "agree"]
    if not wrong:
        return f"In the note: {numbers} · {NOTHING_MORE}"
    count = "" if len(figures) == 1 or len(wrong) == len(figures) else f"{len(wrong)} of {len(figures)} differ"
    said = _why(moment, wrong, why)
    return f"In the note: {numbers} · {count or 'differs'}{said}"


def _why(moment: Moment, wrong: Sequence[PrintedFigure], why: Reasons) -> str:
    """Return the erratum of the file, or else the reason that is found, of the first figure that has one."""
    erratum = next((figure.entry.erratum for figure in wrong if figure.entry.erratum), None)
    if erratum:
        return f": {' '.join(erratum.split())}"
    if all(figure.outcome == "last_digit" for figure in wrong):
        return f" {_CARRIED}"
    said = [why(moment, figure.entry)[figure.place] for figure in wrong if figure.outcome == "disagree"]
    return f": {'; '.join(dict.fromkeys(said))}" if all(said) else ""


def _dressed(number: str, moment: Moment) -> str:
    text = number.strip().replace("-", "−").replace(",", ".")
    return with_commas(text) if moment.fmt.comma else text
