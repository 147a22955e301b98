"""What panes with one plot have in common; those with curves over the updates also work in idle moments and follow a click."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QSize, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from gui.layouts import in_column, in_row
from gui.panel.fields import Line
from gui.panes.pane import Pane
from gui.plots.axis import write_comma
from gui.plots.parts import dress_plot, make_plot
from gui.session.seeking import go_to_update
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import Theme

SLICE = 0.006  # seconds of work at a time, between which keys and pictures have their turn
SHOWN_EVERY = 0.1  # seconds between two pictures while points are coming in


class PlotPane(Pane):
    """A pane around one plot. updates: its horizontal axis counts updates. grid: whether the plot has lines to read values from."""

    def __init__(self, store: Store, delay: int, name: str, *, updates: bool, grid: bool, parent: QWidget | None = None) -> None:
        super().__init__(store, delay, parent)
        self._grid = grid
        self._plot = make_plot(self, name, updates=updates)
        write_comma(self._plot, store.state.options.fmt.comma)

    def set_theme(self, theme: Theme) -> None:
        dress_plot(self._plot, theme, self.font(), grid=self._grid)

    def _on_pane_store_changed(self, old: AppState, new: AppState) -> None:
        super()._on_pane_store_changed(old, new)
        write_comma(self._plot, new.options.fmt.comma)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_plot"):
            dress_plot(self._plot, theme_of(self.store.state), self.font(), grid=self._grid)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 110)


class UpdatesPane(PlotPane):
    """Curves over the updates of the run. `_work` finds their points bit by bit, `_draw` shows those that are known."""

    def __init__(self, store: Store, delay: int, name: str, parent: QWidget | None = None) -> None:
        super().__init__(store, delay, name, updates=True, grid=True, parent=parent)
        self._work: Iterator[int] = iter(())
        self._shown_at = 0.0
        self._working = QTimer(self, interval=0)
        self._working.timeout.connect(self._on_working_timeout)
        self._legend = Line(rich=True)
        self._plot.setToolTip("Click: go to an update")
        self._plot.scene().sigMouseClicked.connect(self._on_plot_clicked)
        self._cursor = pg.InfiniteLine(angle=90)
        self._plot.addItem(self._cursor)

    def _lay_out(self, *beside: QWidget) -> None:
        """Put the plot below its legend. beside: what stands at the right of the legend."""
        head = in_row(self._legend, *beside, wide=self._legend, margins=(12, 6, 8, 0), spacing=8)
        self.setLayout(in_column(head, self._plot, wide=self._plot, margins=(0, 0, 8, 6), spacing=2))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._cursor.setPen(pg.mkPen(theme.gold, width=1.5))

    def _start(self, work: Iterator[int]) -> None:
        self._work = work
        self._working.start()

    def _draw(self) -> None:
        """Show the points that are known."""
        raise NotImplementedError

    def complete(self) -> None:
        super().complete()
        self._working.stop()
        for _ in self._work:
            pass
        self._draw()

    def _on_working_timeout(self) -> None:
        self.store.turns.work_on(self._working, self._work_on)

    def _work_on(self) -> None:
        end = time.perf_counter() + SLICE
        for _ in self._work:
            if time.perf_counter() > end:
                break
        else:
            self._working.stop()
        if not self._working.isActive() or time.perf_counter() - self._shown_at > SHOWN_EVERY:
            self._shown_at = time.perf_counter()
            self._draw()

    def _on_plot_clicked(self, event: Any) -> None:
        where = self._plot.getPlotItem().vb.mapSceneToView(event.scenePos())
        go_to_update(self.store, round(where.x()))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._working.isActive():
            self._working.stop()
            self.invalidate()
