"""How wide a map of the inputs may be, so that one unit is as long upwards as across: circles are circles."""

from __future__ import annotations

from math import ceil
from typing import Any

from model.decision import Window
from model.problem import Array

ALIKE = 4.0  # times as long as the shorter range may the longer one be where both inputs are taken to have one unit
WIDEST = 16_777_215  # of a widget: no limit
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
    if locked:
        left, below = _beside_axis(plot, window) if numbered else (0, 0)
        item.getAxis("left").setWidth(left)
        item.getAxis("bottom").setHeight(below)
        share = (window.high[0] - window.low[0]) / (window.high[1] - window.low[1])
        wide = ceil(max(plot.height() - below - EDGES, 1) * share + left) + EDGES
    else:
        item.getAxis("left").setWidth(None)
        item.getAxis("bottom").setHeight(None)
    if plot.isWindow():  # alone on a page: no layout looks at its limits
        plot.resize(min(wide, plot.width()), plot.height())
    else:
        plot.setMaximumWidth(wide)
    return wide


def _beside_axis(plot: Any, window: Window) -> tuple[int, int]:
    """Return width of the left axis and height of the lower one, in pixels."""
    metrics = plot.fontMetrics()
    texts = ["−0.5", *(f"{end:.0f}" for end in (window.low[1], window.high[1])), f"{window.high[1] - window.low[1]:.1g}"]
    line = metrics.height()
    left, below = (line if plot.getAxis(side).label.isVisible() else 0 for side in ("left", "bottom"))
    return left + max(metrics.horizontalAdvance(text) for text in texts) + SPACE, below + line + SPACE


def widened(window: Window, share: float) -> Window:
    """Return a window with room for samples beyond the present ones, a share of it at each side."""
    room = [share * (high - low) for low, high in zip(window.low, window.high, strict=True)]
    low = tuple(edge - more for edge, more in zip(window.low, room, strict=True))
    return Window(low, tuple(edge + more for edge, more in zip(window.high, room, strict=True)))


def holds(window: Window, x: Array) -> bool:
    """Return whether a window shows all samples x (m, n_0), so that it can stay while they are changed one by one."""
    return bool((x >= window.low).all() and (x <= window.high).all())
