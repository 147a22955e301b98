"""What a plot is to a picture or a table of it: axes with names, marks that are shapes, and the points of its curves."""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from gui.theme import Theme, css
from gui.theme_qt import font


def is_plot(body: QWidget) -> TypeGuard[Any]:
    """Return whether a widget is a plot."""
    return isinstance(body, pg.PlotWidget)


def name_axes(plot: Any, across: str, up: str, theme: Theme, letters: int) -> None:
    """Write names at the axes of a plot, "" for those they have, and all in letters of so many pixels."""
    for side, name in (("bottom", across), ("left", up)):
        axis = plot.getAxis(side)
        axis.setLabel(name or axis.labelText, color=css(theme.muted), **{"font-size": f"{letters}px"})
        axis.showLabel(True)
        axis.setStyle(tickFont=font("regular", letters))


def part_names(plot: Any, letters: int) -> None:
    """Keep the name of the upward axis off its numbers, for which the plot leaves just as much room as they are wide."""
    if plot.getPlotItem().vb.state["aspectLocked"]:
        return  # a map has measured this room, and its shape depends on it
    axis = plot.getAxis("left")
    axis.setWidth()  # as wide as its numbers ask for
    axis.setWidth(axis.minimumWidth() + 0.5 * letters)
    plot.getPlotItem().layout.activate()


def draw_shapes(plot: Any) -> None:
    """Have the marks of a plot be shapes and not pixels from now on."""
    for item in plot.scene().items():
        if hasattr(item, "setExportMode"):
            item.setExportMode(True, {"antialias": True})


def paint_plot(painter: QPainter, plot: Any) -> None:
    """Paint a plot where the painter is, in its own size."""
    scene, area = plot.scene(), QRectF(plot.rect())
    scene.prepareForPaint()
    scene.render(painter, area, area)


def has_curves(body: QWidget) -> bool:
    """Return whether a widget is a plot with curves that are seen and have points."""
    return is_plot(body) and bool(_curves(body))


def _curves(plot: Any) -> list[Any]:
    items = plot.getPlotItem().listDataItems()
    return [item for item in items if isinstance(item, pg.PlotDataItem) and item.isVisible() and item.getOriginalDataset()[0] is not None]


def plot_rows(plot: Any) -> list[list[str]]:
    """Return one row for each place on the axis below, one column for each curve, after a row of names; nothing without points.

    A logarithmic axis gives the numbers themselves.
    """
    curves, logarithmic = _curves(plot), bool(plot.getAxis("left").logMode)
    rows: dict[float, list[str]] = {}
    for k, curve in enumerate(curves):
        for x, y in zip(*curve.getOriginalDataset(), strict=True):
            cells = rows.setdefault(float(x), [""] * len(curves))
            value = float(10**y if logarithmic else y)
            cells[k] = repr(value) if np.isfinite(value) else ""
    if not rows:
        return []
    usual = [plot.accessibleName()] if len(curves) == 1 else [f"curve {k}" for k in range(1, len(curves) + 1)]
    names = [curve.name() or name for curve, name in zip(curves, usual, strict=True)]
    head = [plot.getAxis("bottom").labelText or "update", *names]
    return [head, *([f"{x:.15g}", *cells] for x, cells in sorted(rows.items()))]
