"""How wide a map of the inputs may be, so that one unit is as long upwards as across: circles are circles."""

from __future__ import annotations

from math import ceil
from typing import Any

from gui.plots.ticks import linear_ticks
from model.decision import Window
from model.problem import Array

ALIKE = 4.0  # times as long as the shorter range may the longer one be where both inputs are taken to have one unit
WIDEST = 16_777_215  # of a widget: no limit
APART = 2.0  # widths of a number between the middles of two at an axis, at least
EDGE = 0.05  # of a range at its ends, without numbers
EDGES = 4  # pixels around axes and map
SPACE = 8  # pixels between the numbers of an axis and what is beside them
NUMBERED = 7  # lines of text from which a map has room for the numbers of its axes


def one_unit(window: Window) -> bool:
    """Return whether two inputs have ranges so alike that they are drawn in one unit."""
    if len(window.low) != 2:
        return False
    across, up = (high - low for low, high in zip(window.low, window.high, strict=True))
    return max(across, up) <= ALIKE * min(across, up)


def fit_width(plot: Any, window: Window) -> int:
    """Give a plot its true shape at its present height, and no more width than that takes; returns that width.

    The axes get the room of their numbers beforehand: their own estimate comes with the next painting, which is too late.
    """
    item, locked = plot.getPlotItem(), one_unit(window)
    if bool(item.vb.state["aspectLocked"]) != locked:
        item.vb.setAspectLocked(locked)
    numbered = not locked or plot.height() >= NUMBERED * plot.fontMetrics().height()
    for side in ("left", "bottom"):
        item.showAxis(side, numbered)
    wide = WIDEST
    for side in ("left", "bottom"):
        item.getAxis(side).setTicks(None)
    if locked:
        left, below = _beside_axis(plot, window) if numbered else (0, 0)
        item.getAxis("left").setWidth(left)
        item.getAxis("bottom").setHeight(below)
        share = (window.high[0] - window.low[0]) / (window.high[1] - window.low[1])
        high = max(plot.height() - below - EDGES, 1)
        wide = ceil(high * share + left) + EDGES
        metrics = plot.fontMetrics()
        lengths = (high * share, max(metrics.horizontalAdvance(text) for text in _texts(window, 0))), (high, metrics.height())
        for k, (side, (length, label)) in enumerate(zip(("bottom", "left"), lengths, strict=True)):
            item.getAxis(side).setTicks([few_ticks(window.low[k], window.high[k], int(length / (APART * label)))])
    else:
        item.getAxis("left").setWidth(None)
        item.getAxis("bottom").setHeight(None)
    for side in ("left", "bottom"):
        item.getAxis(side).resizeEvent()  # a name in other letters has another place, also where the axis stays as high as it was
    if plot.isWindow():  # alone on a page: no layout looks at its limits
        plot.resize(min(wide, plot.width()), plot.height())
    else:
        plot.setMaximumWidth(wide)
    return wide


def _beside_axis(plot: Any, window: Window) -> tuple[int, int]:
    """Return width of the left axis and height of the lower one, in pixels."""
    metrics = plot.fontMetrics()
    texts, line = _texts(window, 1), metrics.height()
    left, below = (line if plot.getAxis(side).label.isVisible() else 0 for side in ("left", "bottom"))
    return left + max(metrics.horizontalAdvance(text) for text in texts) + SPACE, below + line + SPACE


def _texts(window: Window, k: int) -> list[str]:
    """Return the longest numbers that an axis may have."""
    low, high = window.low[k], window.high[k]
    return ["−0.5", f"{low:.0f}", f"{high:.0f}", f"{high - low:.1g}"]


def few_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Return at most `most` round numbers from `low` to `high` with their labels, but two of them in any case, far apart."""
    edge = EDGE * (high - low)  # a number there would be cut, and so is not drawn
    low, high = low + edge, high - edge
    found = linear_ticks(low, high, max(2, most))
    if len(found) >= 2:
        return found
    finer = linear_ticks(low, high, 4)
    return [finer[0], finer[-1]] if len(finer) > 2 else finer


def widened(window: Window, share: float) -> Window:
    """Return a window with room for samples beyond the present ones, a share of it at each side."""
    room = [share * (high - low) for low, high in zip(window.low, window.high, strict=True)]
    low = tuple(edge - more for edge, more in zip(window.low, room, strict=True))
    return Window(low, tuple(edge + more for edge, more in zip(window.high, room, strict=True)))


def holds(window: Window, x: Array) -> bool:
    """Return whether a window shows all samples x (m, n_0), so that it can stay while they are changed one by one."""
    return bool((x >= window.low).all() and (x <= window.high).all())
