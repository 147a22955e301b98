"""The steps before the present one, for the blackboard: explained only when somebody looks. No Qt."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, overload

from gui.formula.page import BoardStep
from model.explain.steps import explain
from model.expr.tree import Explanation
from model.moment import Moment

MOST = 120  # steps that can be scrolled back to; farther back there is the timeline
KEPT = 256


class EarlierSteps(Sequence[BoardStep]):
    """The steps of an update before a moment, oldest first, in the moment's granularity."""

    def __init__(self, moment: Moment, cache: ExplanationCache) -> None:
        self._moment, self._cache = moment, cache
        self._ticks: list[int] = []
        tick = moment.walk.previous(moment.tick, moment.granularity)
        while tick and len(self._ticks) < MOST:
            self._ticks.append(tick)
            tick = moment.walk.previous(tick, moment.granularity)
        self._ticks.reverse()

    def __len__(self) -> int:
        return len(self._ticks)

    @overload
    def __getitem__(self, index: int) -> BoardStep: ...
    @overload
    def __getitem__(self, index: slice) -> list[BoardStep]: ...
    def __getitem__(self, index: int | slice) -> BoardStep | list[BoardStep]:
        if isinstance(index, slice):
            return [board_step(self._moment, tick, self._cache) for tick in self._ticks[index]]
        return board_step(self._moment, self._ticks[index], self._cache)


class ExplanationCache:
    """The explanations made last; one that is asked for again is the same object, so that it need not be laid out again."""

    def __init__(self) -> None:
        self.form: Literal["matrix", "index"] | None = None  # None: as the notation prefers
        self._known: OrderedDict[tuple[object, ...], tuple[Moment, Explanation]] = OrderedDict()

    def explanation(self, moment: Moment) -> Explanation:
        """Return what happens at a moment."""
        key = (id(moment.record), moment.tick, moment.granularity, moment.notation, moment.fmt, moment.sample, self.form)
        found = self._known.get(key)
        if found is None or found[0].record is not moment.record:
            found = self._known[key] = (moment, explain(moment, form=self.form))
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return found[1]


def board_step(moment: Moment, tick: int, cache: ExplanationCache) -> BoardStep:
    """Return the step at `tick` of the update that `moment` is in."""
    there = moment if tick == moment.tick else replace(moment, tick=tick)
    stage = there.stage
    return BoardStep(tick, None if stage is None else stage.phase, cache.explanation(there))
