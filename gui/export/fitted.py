"""How large the words and formulas of a step are set in a place on a page: as large as there is room for, and shortened rather than
too small to read. No Qt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from gui.export.shortened import without_middle
from gui.formula.boxes import Metrics
from gui.formula.elision import elided, largest
from gui.formula.lines import layout_equation
from gui.formula.page import BoardStep, layout_step, style_for
from gui.theme import Theme
from model.expr.tree import Equation, NumberFormat

EVEN = 0.9  # of the size of a page: an equation that is too wide is set so much smaller, but not less
MOST_CELLS = (6, 5, 4, 3)  # rows and columns of large matrices, tried one after the other
SHRINK = 0.9


class Letters(NamedTuple):
    """Sizes of formulas in pixels per em: what can be read, what reads well, and what is more than enough."""

    least: float
    good: float
    most: float


class Fitted(NamedTuple):
    """A step for a place: size in pixels per em, height in pixels; whole: whether it is all there, in letters that can be read."""

    step: BoardStep
    size: float
    height: float
    whole: bool


def letters(theme: Theme, height: float, *, wide: bool) -> Letters:
    """Return the sizes on a page of a height; a projector's smallest digits are as high as those of the network on a whole page.

    wide: whether formulas have a side of the page for themselves; what stands below the network has less room.
    """
    far = theme.smallest_share > 0
    most = float(round(max(18.0, height / (24 if far else 28))))
    least = max(14.0, height / ((36 if far else 45) if wide else (44 if far else 50)))
    return Letters(least, max(least, (0.8 if far else 0.7) * most) if wide else least, most)


def zoom_of(theme: Theme, size: float) -> float:
    """Return how much larger than usual a theme's formulas are at a size."""
    return size / style_for(theme).size


def whole(step: BoardStep, fmt: NumberFormat, theme: Theme, width: float, height: float, sizes: Letters, metrics: Metrics) -> Fitted | None:
    """Return the step as large as it fits into width × height, at most sizes.most; None where it is too long for sizes.least."""
    place = _Place(fmt, theme, width, height, metrics)
    found = place.height_at(step, sizes.least)
    return None if found is None else Fitted(step, *_largest(place, step, sizes, found), True)


def fitted(step: BoardStep, fmt: NumberFormat, theme: Theme, width: float, height: float, sizes: Letters, metrics: Metrics) -> Fitted:
    """Return the step as large as it fits into width × height, at most sizes.most.

    Where it does not fit in letters of sizes.least, first large matrices lose their middle, then the step loses equations from its own.
    """
    place = _Place(fmt, theme, width, height, metrics)
    for shorter in _ever_shorter(step):
        found = whole(shorter, fmt, theme, width, height, sizes, metrics)
        if found is not None:
            return found._replace(whole=shorter is step)
    size, high = sizes.least, None
    while high is None and size > 2.0:
        size *= SHRINK
        high = place.height_at(shorter, size, even=False)
    return Fitted(shorter, size, min(high or height, height), whole=False)


class _Place(NamedTuple):
    fmt: NumberFormat
    theme: Theme
    width: float
    height: float
    metrics: Metrics

    def height_at(self, step: BoardStep, size: float, *, even: bool = True) -> float | None:
        """Return how high a step is at a size, None where it does not fit. even: nor where an equation had to be much smaller."""
        style = style_for(self.theme, zoom_of(self.theme, size))
        equations = step.explanation.equations if even else ()
        if any(layout_equation(one, self.fmt, style, self.width, self.metrics).size < EVEN * size for one in equations):
            return None
        page = layout_step(step, self.fmt, style, self.width, self.metrics)
        return page.height if page.height <= self.height and page.width <= self.width + 0.5 else None


def _largest(place: _Place, step: BoardStep, sizes: Letters, height: float) -> tuple[float, float]:
    """Return the largest size in whole pixels at which a step fits, and its height; it fits at the least."""
    best, known, low, high = sizes.least, height, int(sizes.least), int(sizes.most)
    while low < high:
        middle = (low + high + 1) // 2
        found = place.height_at(step, float(middle))
        if found is None:
            high = middle - 1
        else:
            low, best, known = middle, float(middle), found
    return best, known


def _ever_shorter(step: BoardStep) -> Iterator[BoardStep]:
    yield step
    told, before = step.explanation, max((max(largest(one)) for one in step.explanation.equations), default=0)
    equations: tuple[Equation, ...] = told.equations
    for most in MOST_CELLS:
        if most < before:
            equations = tuple(elided(one, most, most) for one in told.equations)
            yield step._replace(explanation=replace(told, equations=equations))
    while len(equations) > 3:
        equations = without_middle(equations)
        yield step._replace(explanation=replace(told, equations=equations))
