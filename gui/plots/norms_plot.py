"""How large gradients and weights are, layer by layer, over the updates of the run; a click goes to an update."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui.actions import seek_update
from gui.panel.fields import Segments
from gui.panes.pane import Pane
from gui.plots.parts import make_plot
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import Theme, css
from model.problem import Array
from model.training.history import NormHistory

SLICE = 0.006  # seconds of work at a time, between which keys and pictures have their turn
SHOWN_EVERY = 0.1  # seconds between two pictures while points are coming in
SHORTEST = 5  # updates that the axis shows at least, so that it counts whole ones
NAMED = 4  # layers that are named in the legend
KINDS = (
    ("both", "Both", "Gradients as solid lines, weights as dashed ones"),
    ("gradients", "Gradients", "How large the gradient of each layer is"),
    ("weights", "Weights", "How large the weights of each layer are"),
)


class NormsPlot(Pane):
    """Norms on a logarithmic axis, at most a few hundred points, which come in while nothing else is to be done."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, 100, parent)
        self._history = NormHistory(store.state.run)
        self._work: Iterator[int] = iter(())
        self._shown_at = 0.0
        self._working = QTimer(self)
        self._working.setInterval(0)
        self._working.timeout.connect(self._on_idle)
        self._kind = "both"
        self._segments = Segments(KINDS, "what is shown")
        self._segments.show_value("both")
        self._segments.chosen.connect(self._on_kind_chosen)
        self._legend = QLabel()
        self._legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._plot = make_plot(self, "Norms of gradients and weights over the updates")
        self._plot.getAxis("left").setLogMode(y=True)
        self._plot.setToolTip("Click: go to an update")
        self._plot.scene().sigMouseClicked.connect(self._on_plot_clicked)
        self._curves: list[tuple[Any, Any]] = []
        self._cursor = pg.InfiniteLine(angle=90)
        self._plot.addItem(self._cursor)
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 8, 0)
        head.setSpacing(8)
        head.addWidget(self._legend, 1)
        head.addWidget(self._segments)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 6)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self._plot, 1)

    @property
    def history(self) -> NormHistory:
        """What has been computed so far."""
        return self._history

    def forget_run(self) -> None:
        self._history, self._work = NormHistory(self.store.state.run), iter(())
        self._clear()

    def touches(self, old: AppState, new: AppState) -> bool:
        return old.run is not new.run or (old.run_length, old.step) != (new.run_length, new.step)

    def set_theme(self, theme: Theme) -> None:
        self._plot.setBackground(theme.panel)
        for name in ("left", "bottom"):
            axis = self._plot.getAxis(name)
            axis.setPen(pg.mkPen(theme.rule))
            axis.setTextPen(theme.muted)
            axis.setStyle(tickFont=self.font(), tickLength=-4)
        self._cursor.setPen(pg.mkPen(theme.gold, width=1.5))
        self._plot.showGrid(y=True, alpha=0.15)
        self._clear()
        self.invalidate()

    def show_state(self, state: AppState) -> None:
        if state.run is not self._history.run:
            self._history = NormHistory(state.run)
            self._clear()
        self._make_curves(state)
        self._work = self._history.work(state.run_length)
        self._cursor.setValue(state.step)
        self._plot.setXRange(1, max(SHORTEST, state.run_length), padding=0.02)
        self._working.start()

    def _clear(self) -> None:
        for pair in self._curves:
            for curve in pair:
                self._plot.removeItem(curve)
        self._curves = []

    def _make_curves(self, state: AppState) -> None:
        if self._curves:
            return
        theme = theme_of(state)
        for l in range(state.problem.depth):
            colour = theme.category(l)
            solid = self._plot.plot(
                [],
                [],
                pen=pg.mkPen(colour, width=1.8),
                symbolBrush=colour,
                symbolPen=None,
                symbolSize=5,
                antialias=True,
                name=f"gradient of layer {l + 1}",
            )
            dashed = self._plot.plot(
                [],
                [],
                pen=pg.mkPen(colour, width=1.4, style=Qt.PenStyle.DashLine),
                symbolBrush=colour,
                symbolSize=4,
                antialias=True,
                name=f"weights of layer {l + 1}",
            )
            dashed.setSymbolPen(None)
            dashed.curve.setSegmentedLineMode("off")  # segment by segment, each would begin with a dash
            self._curves.append((solid, dashed))
        names = [f"<span style='color:{css(theme.category(l))}'>●</span> layer {l + 1}" for l in range(min(state.problem.depth, NAMED))]
        more = [f"and {state.problem.depth - NAMED} more"] if state.problem.depth > NAMED else []
        self._legend.setText(" &nbsp; ".join([*names, *more]))
        self._legend.setAccessibleName("one colour for each layer")

    def _on_idle(self) -> None:
        end = time.perf_counter() + SLICE
        for _ in self._work:
            if time.perf_counter() > end:
                break
        else:
            self._working.stop()
        if not self._working.isActive() or time.perf_counter() - self._shown_at > SHOWN_EVERY:
            self._shown_at = time.perf_counter()
            self._draw()

    def _draw(self) -> None:
        steps, gradients, weights = self._history.points()
        lowest, highest = np.inf, -np.inf
        few = len(steps) <= 2
        for l, pair in enumerate(self._curves):
            for curve, values, kind in zip(pair, (gradients, weights), ("gradients", "weights"), strict=True):
                y = _logarithm(values[:, l])
                curve.setVisible(self._kind in ("both", kind))
                curve.setData(steps, y, connect="finite", symbol="o" if few else None)
                if curve.isVisible() and np.isfinite(y).any():
                    lowest, highest = min(lowest, float(np.nanmin(y))), max(highest, float(np.nanmax(y)))
        if lowest <= highest:
            margin = max(0.08 * (highest - lowest), 0.15)
            self._plot.setYRange(lowest - margin, highest + margin, padding=0)
            most = max(2, self._plot.height() // (3 * self.fontMetrics().height()))
            self._plot.getAxis("left").setTicks([ticks(lowest - margin, highest + margin, most)])

    def _on_kind_chosen(self, kind: str) -> None:
        self._kind = kind
        self._draw()

    def _on_plot_clicked(self, event: Any) -> None:
        where = self._plot.getPlotItem().vb.mapSceneToView(event.scenePos())
        self.store.dispatch(seek_update, round(where.x()))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._working.isActive():
            self._working.stop()
            self.invalidate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_plot"):
            for name in ("left", "bottom"):
                self._plot.getAxis(name).setStyle(tickFont=self.font())

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 110)


def ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Return where a logarithmic axis from 10^low to 10^high has its labels: at powers of ten, or at 1, 2, 5 where there are few."""
    powers = range(math.ceil(low), math.floor(high) + 1)
    if len(powers) >= 2:
        step = -(-len(powers) // most)
        return [(float(n), _power(n)) for n in powers if n % step == 0]
    found = [(n + math.log10(d), n, d) for n in range(math.floor(low), math.ceil(high) + 1) for d in (1, 2, 5)]
    return [(at, f"{d * 10.0**n:g}") for at, n, d in found if low <= at <= high]


def _power(n: int) -> str:
    return f"{10.0**n:g}" if -3 <= n <= 3 else "10" + str(n).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _logarithm(values: Array) -> Array:
    """Return log₁₀, NaN where there is none: a norm of exactly 0 is not drawn."""
    with np.errstate(all="ignore"):
        return np.asarray(np.where(np.isfinite(values) & (values > 0), np.log10(values), np.nan))
