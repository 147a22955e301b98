"""What the note says of each step, remembered: looking for the reason of a figure that differs takes longer than a step may. No Qt."""

from __future__ import annotations

from collections import OrderedDict

from gui.state import AppState
from model.diagnosis.note import explained, note_of_step, unexplained
from model.moment import Moment
from model.problem import Expected
from model.record import Record

_KEPT = 200


class Notes:
    """is_waiting: whether the line that was returned last is still without its reason."""

    def __init__(self) -> None:
        self.is_waiting = False
        self._known: OrderedDict[tuple[object, ...], tuple[Record, str]] = OrderedDict()

    def line(self, state: AppState, moment: Moment, *, now: bool = False) -> str:
        """Return what stands below a step. now: look for reasons, which may take a tenth of a second; else only for what is known."""
        self.is_waiting = False
        if not state.options.printed or not belongs(state, moment.record):
            return ""
        key = (id(moment.record), moment.tick, moment.granularity, moment.notation, moment.fmt.comma, moment.sample)
        found = self._known.get(key)
        if found is not None and found[0] is moment.record:
            return found[1]
        asked: list[Expected] = []

        def ask(there: Moment, entry: Expected) -> tuple[str, ...]:
            asked.append(entry)
            return unexplained(there, entry)

        line = note_of_step(moment, ask)
        if asked and not now:
            self.is_waiting = True
            return line
        line = note_of_step(moment, explained) if asked else line
        self._known[key] = (moment.record, line)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return line


def belongs(state: AppState, record: Record) -> bool:
    """Whether the note's figures are about this record: nothing was changed, trained otherwise or held out since the file was opened."""
    run, problem = state.run, state.problem
    unchanged = problem is state.saved and record.learning_rate == problem.learning_rate
    return unchanged and not run.offset and not len(run.held_out[0])
