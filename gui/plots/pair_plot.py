"""The losses of two runs side by side as curves over the updates, and training both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from gui.compare.side_by_side import run_name
from gui.layouts import in_column, in_row
from gui.panel.fields import CountField, Segments
from gui.plots.axis import write_comma
from gui.plots.parts import DOTTED, dress_plot, heights, make_plot, set_range
from gui.revealed import losses_known
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import RGB, Theme, css
from model.explain.divergence import divergence_told
from model.expr.tree import format_number
from model.problem import Array
from model.run import Run
from model.training.loop import Chunk, train

SLICE = 0.012  # seconds of work for each run at a time, between which keys and pictures have their turn
NO_BREAK = "&nbsp;"
RIGHT, SIDE, GAP = 8, 14, 8  # pixels beside the plot, beside the buttons, between them
BELOW = 10  # pixels below the buttons where there is no plot
USUAL, MOST = 200, 10_000  # updates
SHARE, LOW, HIGH = 0.17, 4.5, 9.0  # of the window's height that the plot has, and its least and most heights of a line
AXES = (("linear", "Linear", "The loss itself"), ("log", "Log", "Powers of ten of the loss"))


def _work(run: Run, end: int) -> Iterator[Chunk]:
    """Compute the updates before update `end` that a run does not have yet."""
    missing = end - 1 - run.length
    if missing <= 0:
        return iter(())
    rates: Any = run.new_rate
    return train(
        run.problem, *run.state(run.length + 1), run.length + 1, updates=missing, learning_rate=rates, interval=lambda: run.interval,
        samples=run.samples, offset=run.offset, chunk_seconds=SLICE,
    )  # fmt: skip


class PairPlot(QWidget):
    """end_of: how far the runs go when so many updates are asked for, as it decides (and explains) who knows them.

    **Signals:** reached(update, sentence): both runs have been trained so far; the sentence says why it is not as far as was asked for.
    """

    reached = Signal(int, str)

    def __init__(self, stores: tuple[Store, Store], end_of: Callable[[int], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stores, self._end_of, self._end = stores, end_of, 0
        self._works: list[Iterator[Chunk]] = []
        self._logarithmic, self._room = False, 0
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._later = QTimer(self, singleShot=True, interval=20)
        self._later.timeout.connect(self._show)
        self._run = QPushButton("Run")
        self._run.setToolTip("Train both runs by so many updates")
        self._run.setAutoDefault(False)
        self._run.clicked.connect(self._on_run_clicked)
        self.updates = CountField(1, MOST, "updates to run", "How many updates Run trains on both sides")
        self.updates.setValue(USUAL)
        self._legend = QLabel(wordWrap=True, textFormat=Qt.TextFormat.RichText)  # whole also in large letters: on two lines then
        self._axis = Segments(AXES, "loss axis")
        self._axis.show_value("linear")
        self._axis.chosen.connect(self._on_axis_chosen)
        self._plot = make_plot(self, "Losses of both runs over the updates")
        self._cursor = pg.InfiniteLine(angle=90)
        self._plot.addItem(self._cursor)
        self._curves = [self._plot.plot([], [], antialias=True) for _ in stores]
        self._lay_out()
        for store in stores:
            store.changed.connect(self._on_store_changed)
        self._set_theme(theme_of(stores[0].state))

    def _lay_out(self) -> None:
        self._beside = (self._run, self.updates, QLabel("updates"), self._axis)
        self._head = in_row(*self._beside, wide=self._beside[2], margins=(SIDE, 4, SIDE, 0), spacing=GAP)
        self._column = in_column(self._head, self._legend, self._plot, wide=self._plot, margins=(0, 0, RIGHT, 4), spacing=2)
        self.setLayout(self._column)

    def _colours(self, theme: Theme) -> tuple[RGB, RGB]:
        return theme.accent, theme.category(1)

    def _set_theme(self, theme: Theme) -> None:
        dress_plot(self._plot, theme, self.font())
        self._cursor.setPen(pg.mkPen(theme.gold, width=1.5))
        for curve, tint in zip(self._curves, self._colours(theme), strict=True):
            curve.setPen(pg.mkPen(tint, width=1.8 * theme.strokes))
            curve.setSymbolBrush(pg.mkBrush(tint))
            curve.setSymbolPen(None)
            curve.setSymbolSize(6)
        self.fit(self._room)
        self._later.start()

    def fit(self, room: int) -> None:
        """Take a share of a window `room` pixels high, as much as a curve needs and not much more; one update is no curve."""
        line, self._room = self.fontMetrics().height(), room
        shown = bool(self._works) or self._stores[0].state.run_length > 1
        plot = max(LOW * line, min(SHARE * room, HIGH * line)) if shown else BELOW
        self._plot.setVisible(shown)
        self.setFixedHeight(round(plot) + self._run.sizeHint().height() + self._place_legend())

    def _place_legend(self) -> int:
        """Put the legend beside the buttons where it fits on one line there, else below them; returns the height that it takes then."""
        self._legend.setWordWrap(False)
        needed = sum(part.sizeHint().width() + GAP for part in (self._legend, *self._beside)) + 2 * SIDE
        below = needed > self.width() - RIGHT
        self._legend.setWordWrap(below)
        if below != (self._head.indexOf(self._legend) < 0):
            self._column.insertWidget(1, self._legend) if below else self._head.insertWidget(3, self._legend, 1)
            self._head.setStretch(2, int(below))
        self._legend.setContentsMargins(*((SIDE, 0, SIDE, 0) if below else (0, 0, 0, 0)))
        return self._legend.heightForWidth(self.width() - RIGHT) + self._column.contentsMargins().bottom() if below else 0

    def losses(self) -> list[Array]:
        """Return the losses of both runs that may be shown; while they are trained, those that there are."""
        known = [len(store.state.run.losses) if self._works else losses_known(store.state) for store in self._stores]
        return [store.state.run.losses[:count] for store, count in zip(self._stores, known, strict=True)]

    def _show(self) -> None:
        write_comma(self._plot, self._stores[0].state.options.fmt.comma)
        losses = self.losses()
        shown = []
        for curve, values in zip(self._curves, losses, strict=True):
            y = heights(values, logarithmic=self._logarithmic)
            curve.setData(np.arange(1, len(y) + 1), y, connect="finite", symbol="o" if len(y) <= DOTTED else None)
            shown.append(y[np.isfinite(y)])
        self._cursor.setValue(self._stores[0].state.step)
        self._plot.setXRange(1, max(2, *map(len, losses)), padding=0.02)
        self._plot.getAxis("left").setLogMode(y=self._logarithmic)
        everything = np.concatenate(shown)
        if len(everything):
            set_range(self._plot, float(everything.min()), float(everything.max()), logarithmic=self._logarithmic)
        self._legend.setText(self._words(losses))
        self.fit(self._room)

    def _words(self, losses: list[Array]) -> str:
        """Return which colour is which run, and the loss that each has now."""
        state = self._stores[0].state
        at = min(state.step if not self._works else MOST, *map(len, losses))
        parts = []
        for store, values, tint in zip(self._stores, losses, self._colours(theme_of(state)), strict=True):
            loss = f" {format_number(float(values[at - 1]), state.options.fmt)}" if at else ""
            said = f"{run_name(store.state)}{loss}".replace(" ", NO_BREAK)
            parts.append(f"<span style='color:{css(tint)}'>●</span>{NO_BREAK}{said}")
        when = f"loss before update {at:,}" if at else "the loss has not been computed yet"
        return f" {NO_BREAK} ".join([*parts, when.replace(" ", NO_BREAK)])

    def _on_axis_chosen(self, axis: str) -> None:
        self._logarithmic = axis == "log"
        self._show()

    def stop(self) -> None:
        """Train no longer."""
        self._timer.stop()
        self._works = []
        self._run.setText("Run")

    def _on_run_clicked(self) -> None:
        if self._works:
            self._finish()
            return
        here, self._end = self._stores[0].state.step, self._end_of(self.updates.value())
        if self._end > here:
            self._works = [_work(store.state.run, self._end) for store in self._stores]
            self._run.setText("Stop")
            self.fit(self._room)
            self._timer.start()

    def _on_timer_timeout(self) -> None:
        """Take a slice of both runs."""
        todo = [self._advance(store.state, work) for store, work in zip(self._stores, self._works, strict=True)]
        self._show()
        if not any(todo):
            self._finish()

    def _advance(self, state: AppState, work: Iterator[Chunk]) -> bool:
        chunk = next(work, None)
        if chunk is not None:
            state.run.append(chunk)
        return chunk is not None and chunk.divergence is None

    def _finish(self) -> None:
        """Go where both runs have come."""
        self.stop()
        broken = [store.state for store in self._stores if store.state.run.divergence is not None]
        told = [f"{run_name(state)}: {_told(state)}." for state in broken]
        lengths = [store.state.run.length for store in self._stores]
        ends = [max(1, length) if store.state in broken else length + 1 for store, length in zip(self._stores, lengths, strict=True)]
        self.reached.emit(min(self._end, *ends), " ".join(told))

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if theme_of(old) is not theme_of(new):
            self._set_theme(theme_of(new))
        if (old.run_length > 1) != (new.run_length > 1):
            self.fit(self._room)
        if not self._later.isActive():
            self._later.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():  # the legend may take fewer lines or more
            self.fit(self._room)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_curves"):
            self._set_theme(theme_of(self._stores[0].state))


def _told(state: AppState) -> str:
    assert state.run.divergence is not None
    return divergence_told(state.run.divergence, state.notation, state.problem)
