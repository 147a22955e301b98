"""What stands where on the blackboard: the current step, and the earlier ones above it, laid out only as far as they are seen. No Qt.

Heights are measured from the top of the current step (y = 0, downwards); earlier steps stand at negative y. So a step that is laid
out late moves nothing that is seen.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from gui.formula.boxes import LaidOut, Metrics
from gui.formula.lines import FormulaStyle
from gui.formula.page import BoardStep, layout_compact, layout_step
from model.expr.tree import Explanation, NumberFormat
from model.stages import Ref

KEPT = 400
GAP = 1.5  # em between steps
_Key = tuple[int, bool, str]  # which explanation, whether compact, what the source prints for it
UNSEEN = 5.0  # em: the height a step is taken to have until it has been laid out


class Slot(NamedTuple):
    """A step at its place: `top` is where its page begins; place among the earlier steps, or None for the current one."""

    top: float
    step: BoardStep
    page: LaidOut
    place: int | None


class BoardPages:
    """The pages of a blackboard `width` pixels wide; an explanation is laid out once as long as nothing but the step changes.

    height: what the current step may take; where it needs more it is set smaller.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._pages: OrderedDict[_Key, tuple[Explanation, LaidOut]] = OrderedDict()
        self.current: BoardStep | None = None
        self.earlier: Sequence[BoardStep] = ()
        self.fmt, self.style, self.width, self.height = NumberFormat(), FormulaStyle(), 400.0, math.inf

    def show(self, current: BoardStep | None, earlier: Sequence[BoardStep], fmt: NumberFormat) -> None:
        """Take new steps; what is laid out already stays."""
        if fmt != self.fmt:
            self._pages.clear()
        self.current, self.earlier, self.fmt = current, earlier, fmt

    def fit(self, width: float, height: float, style: FormulaStyle) -> None:
        """Take new room or new sizes; what they change is laid out again."""
        if (width, style) != (self.width, self.style):
            self._pages.clear()
        elif height != self.height:
            self._drop(lambda key, page: not key[1])
        self.width, self.height, self.style = width, height, style

    def _drop(self, which: Callable[[_Key, LaidOut], bool]) -> None:
        for key in [key for key, (_, page) in self._pages.items() if which(key, page)]:
            del self._pages[key]

    def drop_pending(self) -> None:
        """Forget the pages with stand-ins, because symbols have arrived."""
        self._drop(lambda key, page: bool(page.pending))

    @property
    def gap(self) -> float:
        """Space between two steps."""
        return GAP * self.style.size

    @property
    def current_height(self) -> float:
        """Height of the current step."""
        return self._page(self.current, compact=False).height if self.current else 0.0

    def current_size(self, style: FormulaStyle) -> float:
        """Return the size of type, in pixels per em, that the current step has in its room where `style` is what is wanted."""
        if self.current is None:
            return style.size
        return layout_step(self.current, self.fmt, style, self.width, self._metrics, self.height).size

    @property
    def forms_something(self) -> bool:
        """Whether the current step has a result, which stands at its end."""
        return self.current is not None and bool(self.current.explanation.focus)

    def slots(self, top: float, bottom: float) -> Iterator[Slot]:
        """Return the steps that are seen between two heights, the current one first, then upwards."""
        if self.current and bottom > 0:
            yield Slot(0.0, self.current, self._page(self.current, compact=False), None)
        y = 0.0
        for index in range(len(self.earlier) - 1, -1, -1):
            page = self._page(self.earlier[index], compact=True)
            lower, y = y - self.gap, y - self.gap - page.height
            if lower < top:
                return
            if y < bottom:
                yield Slot(y, self.earlier[index], page, index)

    def height_above(self, top: float) -> float:
        """Return how high the earlier steps are altogether; those beyond `top` are estimated."""
        y, index = 0.0, len(self.earlier)
        while index and y > top:
            index -= 1
            y -= self.gap + self._page(self.earlier[index], compact=True).height
        return -y + index * (UNSEEN * self.style.size + self.gap)

    def at(self, x: float, y: float) -> tuple[Slot, Ref | None] | None:
        """Return the step at a point, and the number there."""
        for slot in self.slots(y - 1, y + 1):
            if slot.top <= y < slot.top + slot.page.height:
                return slot, slot.page.at(x, y - slot.top)
        return None

    def prepare(self, step: BoardStep) -> tuple[LaidOut, LaidOut | None]:
        """Lay out a step that may become the current one, and the current one as it will stand above it; return both."""
        return self._page(step, compact=False), self._page(self.current, compact=True) if self.current else None

    def _page(self, step: BoardStep, *, compact: bool) -> LaidOut:
        key = (id(step.explanation), compact, "" if compact else step.printed)
        found = self._pages.get(key)
        if found is None:
            found = self._pages[key] = (step.explanation, self._laid_out(step, compact=compact))
            if len(self._pages) > KEPT:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(key)
        return found[1]

    def _laid_out(self, step: BoardStep, *, compact: bool) -> LaidOut:
        if compact:
            return layout_compact(step, self.fmt, self.style, self.width, self._metrics)
        return layout_step(step, self.fmt, self.style, self.width, self._metrics, self.height)
