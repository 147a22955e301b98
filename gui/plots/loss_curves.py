"""The curves of the loss plot: this run raw or smoothed, the held-out samples, earlier runs, and what happened where."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from gui.formula.plain_symbols import rate_letter
from gui.plots.axis import write_comma
from gui.plots.parts import DOTTED, dash_evenly, dress_plot, heights, set_range
from gui.revealed import losses_known
from gui.session.keeping import differences
from gui.state import AppState, theme_of
from gui.theme import RGB, Theme, mix
from model.expr.tree import significant
from model.problem import Array
from model.training.smoothing import rate_changes, trailing_mean, window

DOT = 6  # pixels of the mark of a point
SMOOTH = 500  # points up to which a curve is drawn antialiased, which takes longer
LATE = 0.7  # of the run: where what is written beside a line has more room at its left
LABELLED = 6  # changes of the learning rate that are written beside their lines
HELD_OUT = Qt.PenStyle.DashLine


def run_colour(theme: Theme, number: int) -> RGB:
    """Return the colour of the kept run `number`; the present one has the accent."""
    return theme.category((1, 2, 3, 5, 0)[number % 5])


class LossCurves:
    """Items on a plot. `logarithmic` and `smooth` say how the curves are shown."""

    def __init__(self, plot: Any) -> None:
        self._plot = plot
        self.logarithmic = self.smooth = False
        self._theme: Theme | None = None
        self._kept: list[Any] = []
        self._marks: list[Any] = []
        self.faint = self._curve()
        self.curve = self._curve()
        self.held_out = plot.plot([], [], antialias=True)
        dash_evenly(self.held_out)
        self.cursor, self.end = pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=90)
        self.dot = pg.ScatterPlotItem(size=11)
        for item in (self.cursor, self.end, self.dot):
            plot.addItem(item)

    def _curve(self) -> Any:
        return self._plot.plot([], [], autoDownsample=True, downsampleMethod="peak", clipToView=True)

    def _pen(self, tint: RGB, points: int) -> Any:
        """Return the pen of a curve: fine where there are many points, because wide lines take Qt twenty times as long."""
        assert self._theme is not None
        return pg.mkPen(tint, width=1.6 * self._theme.strokes if points <= SMOOTH else 1)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme; `show` follows."""
        self._theme = theme
        dress_plot(self._plot, theme, self._plot.font())
        self.faint.setPen(pg.mkPen(mix(theme.accent, theme.panel, 0.72), width=1))
        self.held_out.setPen(pg.mkPen(theme.accent, width=1.8 * theme.strokes, style=HELD_OUT))
        self.cursor.setPen(pg.mkPen(theme.gold, width=1.5))
        self.end.setPen(pg.mkPen(theme.error, width=1.5))
        self.dot.setBrush(pg.mkBrush(theme.gold))
        self.dot.setPen(pg.mkPen(theme.text, width=1))

    def show(self, state: AppState, held_out: tuple[Array, Array]) -> None:
        """Draw everything anew. held_out: updates (k,) and losses (k,)."""
        losses = state.run.losses[: losses_known(state)]
        steps = np.arange(1, len(losses) + 1)
        raw, k = self.transformed(losses), window(state.run, len(losses)) if self.smooth else 1
        main = raw if k < 2 else self.transformed(trailing_mean(losses, k))
        self.curve.setPen(self._pen(theme_of(state).accent, len(steps)))
        self.curve.setData(steps, main, connect="finite", antialias=len(steps) <= SMOOTH)
        self._show_points(state, main)
        self.curve.opts["name"] = "loss" if k < 2 else f"mean loss of {k:,} updates"
        self.faint.opts["name"], self.held_out.opts["name"] = "loss", "loss of the held-out samples"
        self.faint.setData(*((steps, raw) if k > 1 else ([], [])), connect="finite")
        seen = held_out[0] <= len(losses)
        outside = self.transformed(held_out[1][seen])
        self.held_out.setData(held_out[0][seen], outside, connect="finite")
        shown = [raw, outside, *self._show_kept(state)]
        last = max([2, state.run_length, *(one.length + one.offset - state.run.offset for one in state.kept)])
        first = min([1, *(1 + one.offset - state.run.offset for one in state.kept)])  # where a run began that this one branched off from
        self._plot.setXRange(first, last, padding=0.02)
        self._plot.getAxis("bottom").count_from(state.run.offset if state.kept else 0)
        self._fit([values[np.isfinite(values)] for values in shown])
        self._show_marks(state)
        broken = state.run.divergence if state.run_length == state.run.length else None
        self.end.setVisible(broken is not None)
        if broken is not None:
            self.end.setValue(broken.update)
        self.show_cursor(state)

    def _show_points(self, state: AppState, values: Array) -> None:
        """Mark the points of a curve of few, which a line alone does not show: one point has no line."""
        few, accent = int(np.isfinite(values).sum()) <= DOTTED, theme_of(state).accent
        self.curve.setSymbol("o" if few else None)
        if few:
            self.curve.setSymbolSize(DOT)
            self.curve.setSymbolPen(None)
            self.curve.setSymbolBrush(pg.mkBrush(accent))

    def _show_kept(self, state: AppState) -> list[Array]:
        assert self._theme is not None
        for item in self._kept[len(state.kept) :]:
            self._plot.removeItem(item)
        del self._kept[len(state.kept) :]
        while len(self._kept) < len(state.kept):
            self._kept.append(self._curve())
            self._kept[-1].setZValue(-5)
        shown = []
        own = (state.run.problem, state.run.schedule, state.run.split)
        words = differences(
            [own, *((one.problem, one.schedule, one.split) for one in state.kept)], rate_letter(state.notation, state.problem)
        )[1:]
        for number, (item, one) in enumerate(zip(self._kept, state.kept, strict=True)):
            item.opts["name"] = f"earlier run {number + 1}: {words[number] or 'the same settings'}"  # in a table of the points
            k = max(1, len(one.losses) // 100) if self.smooth else 1
            y = self.transformed(trailing_mean(one.losses, k))
            item.setPen(self._pen(run_colour(self._theme, number), len(one.steps)))
            x = one.steps + (one.offset - state.run.offset)
            item.setData(x, y, connect="finite")
            shown.append(y)
        return shown

    def _show_marks(self, state: AppState) -> None:
        assert self._theme is not None
        for item in self._marks:
            self._plot.removeItem(item)
        changes, letter = rate_changes(state.run, state.run_length), rate_letter(state.notation, state.problem)
        pen = pg.mkPen(self._theme.muted, width=1, style=Qt.PenStyle.DotLine)
        self._marks = []
        for t, rate in changes:
            few = len(changes) <= LABELLED
            side = (1 if t > LATE * state.run_length else 0, 0.5)  # at the left of the last lines, or the edge would cut it off
            options = {"position": 0.92, "color": self._theme.muted, "anchors": [side, side]}
            label = f"{letter} {significant(rate, 3, comma=state.options.fmt.comma)}" if few else None
            self._marks.append(pg.InfiniteLine(t, angle=90, pen=pen, label=label, labelOpts=options))
            if few:
                self._marks[-1].label.setFont(self._plot.font())
            self._plot.addItem(self._marks[-1])

    def _fit(self, shown: list[Array]) -> None:
        self._plot.getAxis("left").setLogMode(y=self.logarithmic)
        ends = [(float(values.min()), float(values.max())) for values in shown if len(values)]
        if ends:
            set_range(self._plot, min(low for low, _ in ends), max(high for _, high in ends), logarithmic=self.logarithmic)
        else:
            self._plot.getAxis("left").setTicks([[]])

    def show_cursor(self, state: AppState) -> None:
        """Move the cursor only; the numbers at the axis have the decimal sign of the view."""
        write_comma(self._plot, state.options.fmt.comma)
        y = float(self.transformed(state.run.losses[state.step - 1 : state.step])[0]) if state.step <= losses_known(state) else math.nan
        self.cursor.setValue(state.step)
        self.dot.setData([state.step], [y]) if math.isfinite(y) else self.dot.setData([], [])

    def transformed(self, losses: Array) -> Array:
        """Return losses as they are drawn, NaN where they cannot be."""
        return heights(losses, logarithmic=self.logarithmic)
