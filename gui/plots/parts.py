"""What plots have in common: labels of the vertical axis, the look of axes, and a menu that must not outlive the window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QWidget

from gui.plots.axis import NumberAxis, UpdateAxis
from gui.plots.ticks import linear_ticks, log_ticks
from gui.theme import Theme
from model.problem import Array

LARGEST = 1e100  # what is larger has no place in a plot: axes and their margins would leave the range of numbers
BESIDE_MARKS = 10  # pixels above the highest and below the lowest value, so that their marks are not cut
DOTTED = 12  # points up to which a curve of losses is marked at each
LOW = 5  # lines of text from which a plot has room for four labels


def make_plot(parent: QWidget, name: str, *, updates: bool = True) -> Any:
    """Return an empty plot without buttons, menus and dragging; its horizontal axis counts updates if asked for."""
    axes = {"bottom": UpdateAxis() if updates else NumberAxis("bottom"), "left": NumberAxis("left")}
    plot = pg.PlotWidget(parent=parent, enableMenu=False, axisItems=axes)
    plot.setAccessibleName(name)
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    plot.hideButtons()
    for axis in axes.values():
        axis.enableAutoSIPrefix(False)  # now, as this call itself would scale the numbers of an axis that has a name
    menu = plot.getPlotItem().ctrlMenu  # it is made in any case; owned by nobody it would outlive the window
    menu.setParent(parent, menu.windowFlags())
    plot.setMouseEnabled(x=False, y=False)
    return plot


def dress_plot(plot: Any, theme: Theme, font: QFont, *, grid: bool = True) -> None:
    """Give a plot the colours of a theme. grid: whether there are lines to read values from."""
    plot.setBackground(theme.panel)
    for name in ("left", "bottom"):
        axis = plot.getAxis(name)
        axis.setPen(pg.mkPen(theme.rule))
        axis.setTextPen(theme.muted)
        axis.setStyle(tickFont=font, tickLength=-4)
    plot.showGrid(y=grid, alpha=0.15)


def dash_evenly(curve: Any) -> None:
    """Have a dashed curve drawn as one line: segment by segment, as is usual, each would begin with a dash."""
    curve.curve.setSegmentedLineMode("off")


def set_range(plot: Any, low: float, high: float, *, logarithmic: bool) -> None:
    """Show values from `low` to `high` (exponents of ten if logarithmic), with as many labels as there is room for."""
    margin = margin_of(low, high, max(0.08, BESIDE_MARKS / max(40, plot.height() - 2 * BESIDE_MARKS)))
    if logarithmic and high == low:
        margin = 0.15
    low, high = low - margin, high + margin
    plot.setYRange(low, high, padding=0)
    lines = plot.height() / plot.fontMetrics().height()
    most = max(2, round(lines / 2.4)) if lines < LOW or lines > 2 * LOW else 4
    axis, ticks = plot.getAxis("left"), log_ticks(low, high, most) if logarithmic else linear_ticks(low, high, most)
    axis.setTicks([ticks])
    letters = QFontMetrics(axis.style["tickFont"] or plot.font())  # found out while painting, the width would have all painted again
    axis.setWidth(max((letters.horizontalAdvance(text) for _, text in ticks), default=0) + axis.style["tickTextOffset"][0] + 2)


def margin_of(low: float, high: float, share: float) -> float:
    """Return the room beside a range, a share of it; where there is hardly any range, enough that there is one to show."""
    size = max(abs(low), abs(high))
    if high - low > max(1e-12 * size, 1 / LARGEST):
        return share * (high - low)
    return 0.5 * size if size > 1 / LARGEST else 1.0


def heights(values: Array, *, logarithmic: bool) -> Array:
    """Return how high values stand in a plot, as numbers or as exponents of ten, NaN where they have no place."""
    return logarithms(values) if logarithmic else placed(values)


def placed(values: Array) -> Array:
    """Return the values that have a place in a plot, NaN for the others."""
    return np.asarray(np.where(np.abs(values) <= LARGEST, values, np.nan))


def logarithms(values: Array) -> Array:
    """Return log₁₀, NaN where there is none."""
    with np.errstate(all="ignore"):
        return np.asarray(np.where(np.isfinite(values) & (values > 0), np.log10(values), np.nan))
