"""The loss over the updates of the run, live, with the cursor marked; a click goes to an update."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolTip, QVBoxLayout, QWidget

from gui.actions import hover, seek_update
from gui.fields import Segments
from gui.links import covers
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import Theme
from gui.tips import loss_tip
from model.expr import format_number
from model.stages import Ref

LATER = 60  # milliseconds


class LossPlot(QWidget):
    """Shows `run.losses[:run_length]`, linear or logarithmic."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._logarithmic = False
        self._scale = Segments((("linear", "Linear", "The loss itself"), ("log", "Log", "Powers of ten of the loss")), "loss axis")
        self._scale.show_value("linear")
        self._scale.chosen.connect(self._on_scale_chosen)
        self._value = QLabel()
        self._value.setObjectName("quiet")
        self._plot = pg.PlotWidget(parent=self, enableMenu=False)
        self._plot.setAccessibleName("Loss over the updates")
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.hideButtons()
        menu = self._plot.getPlotItem().ctrlMenu  # it is made in any case; owned by nobody it would outlive the window
        menu.setParent(self, menu.windowFlags())
        self._plot.setMouseEnabled(x=False, y=False)
        self._curve = self._plot.plot([], [], autoDownsample=True, downsampleMethod="peak", clipToView=True)
        self._cursor = pg.InfiniteLine(angle=90)
        self._dot = pg.ScatterPlotItem(size=11)
        self._plot.addItem(self._cursor)
        self._plot.addItem(self._dot)
        self._plot.scene().sigMouseClicked.connect(self._on_plot_clicked)
        self._plot.scene().sigMouseMoved.connect(self._on_plot_pointed)
        self._hint = QLabel("One point per update: step on, or press Run.", self._plot)
        self._hint.setObjectName("quiet")
        self._lay_out()
        self._set_theme(theme_of(store.state))
        self._show(store.state)
        self._later = QTimer(self, singleShot=True, interval=LATER)  # a curve is slow to draw; no key waits for it
        self._later.timeout.connect(self._on_later_timeout)
        store.changed.connect(self._on_store_changed)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 12, 0)
        row.addWidget(self._value, 1)
        row.addWidget(self._scale)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 6)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self._plot, 1)

    def _set_theme(self, theme: Theme) -> None:
        self._plot.setBackground(theme.panel)
        for name in ("left", "bottom"):
            axis = self._plot.getAxis(name)
            axis.setPen(pg.mkPen(theme.rule))
            axis.setTextPen(theme.muted)
            axis.setStyle(tickFont=self.font(), tickLength=-4)
        self._curve.setPen(pg.mkPen(theme.accent, width=1.6))
        self._cursor.setPen(pg.mkPen(theme.gold, width=1.5))
        self._dot.setBrush(pg.mkBrush(theme.gold))
        self._dot.setPen(pg.mkPen(theme.text, width=1))
        self._plot.showGrid(y=True, alpha=0.15)

    def _show(self, state: AppState) -> None:
        losses = np.asarray(state.run.losses[: state.run_length], dtype=float)
        y = self._transformed(losses)
        steps = np.arange(1, len(losses) + 1)
        self._curve.setData(steps, y, connect="finite")
        self._plot.setXRange(1, max(2, state.run_length), padding=0.02)
        finite = y[np.isfinite(y)]
        if len(finite):
            low, high = float(finite.min()), float(finite.max())
            margin = (high - low) * 0.08 or abs(high) * 0.5 or 1.0
            self._plot.setYRange(low - margin if self._logarithmic else min(low - margin, max(0.0, low - margin)), high + margin, padding=0)
        self._hint.setVisible(state.run_length == 1)
        self._show_cursor(state)

    def _transformed(self, losses: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
        if not self._logarithmic:
            return np.where(np.isfinite(losses), losses, np.nan)
        with np.errstate(all="ignore"):
            return np.where(losses > 0, np.log10(losses), np.nan)

    def _show_cursor(self, state: AppState) -> None:
        loss = float(state.run.losses[state.step - 1])
        y = self._transformed(np.array([loss]))[0]
        self._cursor.setValue(state.step)
        self._dot.setData([state.step], [y]) if math.isfinite(y) else self._dot.setData([], [])
        self._value.setText(f"loss {format_number(loss, state.options.fmt)} before update {state.step}")

    def _on_scale_chosen(self, scale: str) -> None:
        self._logarithmic = scale == "log"
        self._plot.setLogMode(y=False)
        self._plot.getAxis("left").setLogMode(y=self._logarithmic)
        self._show(self._store.state)

    def _on_plot_clicked(self, event: Any) -> None:
        where = self._plot.getPlotItem().vb.mapSceneToView(event.scenePos())
        self._store.dispatch(seek_update, round(where.x()))

    def _on_later_timeout(self) -> None:
        self._show(self._store.state)

    def _on_plot_pointed(self, position: Any) -> None:
        """Point at the loss where the pointer is near a point of the curve; the present update's is the loss of the walk."""
        update = round(self._plot.getPlotItem().vb.mapSceneToView(position).x())
        state = self._store.state
        inside = self._plot.getPlotItem().vb.sceneBoundingRect().contains(position) and 1 <= update <= state.run_length
        text = loss_tip(self._store.moment, update, float(state.run.losses[update - 1])) if inside else ""
        self._store.dispatch(hover, Ref("loss") if inside and update == state.step else None)
        QToolTip.showText(self._plot.mapToGlobal(self._plot.mapFromScene(position)), text, self._plot)

    def _light(self, state: AppState) -> None:
        self._dot.setSize(17 if state.hover is not None and covers(state.hover, Ref("loss")) else 11)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if theme_of(old) is not theme_of(new):
            self._set_theme(theme_of(new))
        if old.hover != new.hover:
            self._light(new)
        if old.run is not new.run or old.run_length != new.run_length:
            if not self._later.isActive():
                self._later.start()
        elif old.step != new.step or old.options.fmt != new.options.fmt:
            self._show_cursor(new)

    def leaveEvent(self, event: QEvent) -> None:
        self._store.dispatch(hover, None)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        hint = self._hint.sizeHint()
        self._hint.move((self._plot.width() - hint.width()) // 2 + 20, self._plot.height() // 2 - hint.height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_plot"):
            self._set_theme(theme_of(self._store.state))
