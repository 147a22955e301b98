"""The loss over the updates of the run, live, with the held-out samples and earlier runs; a click goes to an update."""

from __future__ import annotations

import time
from collections.abc import Iterator
from html import escape
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QToolTip, QVBoxLayout, QWidget

from gui.actions import hover
from gui.formula.plain_symbols import rate_letter
from gui.links import covers
from gui.panel.fields import Line, Segments
from gui.panes.exhibit import Choices, Exhibit, known_of
from gui.plots.loss_curves import LossCurves, run_colour
from gui.plots.parts import make_plot
from gui.revealed import NOT_YET, losses_known
from gui.session.actions import forget_kept
from gui.session.keeping import differences
from gui.session.seeking import go_to_update
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import RGB, Theme, css
from gui.tips import loss_tip
from model.conventions import with_commas
from model.explain.divergence import divergence_told
from model.expr.tree import format_number, significant
from model.stages import Ref
from model.training.held_out import HeldOutHistory
from model.training.smoothing import window

LOW = 11  # heights of a line
LATER = 60  # milliseconds
BESIDE_BUTTONS = 28  # pixels of the margins of what stands beside them
BESIDE_POINT = 26  # pixels from the axis to what stands right of the first point
EVEN = 0.54  # of its length is the longer of two even lines
SLICE = 0.006  # seconds of work at a time, between which keys and pictures have their turn
AXES = (("linear", "Linear", "The loss itself"), ("log", "Log", "Powers of ten of the loss"))


class LossPlot(QWidget):
    """Shows `run.losses[:run_length]`, linear or logarithmic, raw or smoothed, and `state.kept`."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._history = HeldOutHistory(store.state.run)
        self._work: Iterator[int] = iter(())
        self._stale = False
        self._scale = _segments(AXES, "loss axis", self._on_scale_chosen)
        self._smooth = QToolButton(text="Smooth", checkable=True, focusPolicy=Qt.FocusPolicy.TabFocus)
        self._smooth.setToolTip("Means over an epoch, or over a hundredth of the run, instead of the loss of every update")
        self._smooth.setProperty("segment", "only")
        self._smooth.toggled.connect(self._on_smooth_toggled)
        self._value, self._legend = Line("quiet"), Line(rich=True)
        self._message = Line("refusal")
        self._clear = QToolButton(text="Clear", toolTip="Take the earlier runs out of the plot", focusPolicy=Qt.FocusPolicy.TabFocus)
        self._clear.clicked.connect(self._on_clear_clicked)
        self._plot = make_plot(self, "Loss over the updates")
        self._curves = LossCurves(self._plot)
        self._plot.scene().sigMouseClicked.connect(self._on_plot_clicked)
        self._plot.scene().sigMouseMoved.connect(self._on_plot_pointed)
        self._hint = QLabel("One point per update: step on, or press Run.", self._plot, wordWrap=True)
        self._hint.setObjectName("quiet")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._plot.getPlotItem().vb.sigResized.connect(self._on_view_resized)  # the axis is as wide as its numbers
        self._lay_out()
        self._later = QTimer(self, singleShot=True, interval=LATER)  # a curve is slow to draw; no key waits for it
        self._later.timeout.connect(self._on_later_timeout)
        self._working = QTimer(self, interval=0)
        self._working.timeout.connect(self._on_working_timeout)
        self._set_theme(theme_of(store.state))
        self._show(store.state)
        store.changed.connect(self._on_store_changed)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._value, 1)
        row.addStretch(0)
        row.addWidget(self._smooth)
        row.addWidget(self._scale)
        names = self._names = QHBoxLayout()
        names.setContentsMargins(12, 0, 0, 0)
        names.addWidget(self._legend, 1)
        names.addWidget(self._clear)
        self._row = row
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 6)
        layout.setSpacing(2)
        self._below = QHBoxLayout()  # for what there is no room beside the buttons
        self._below.setContentsMargins(12, 0, 0, 0)
        layout.addLayout(row)
        layout.addLayout(self._below)
        layout.addLayout(names)
        layout.addWidget(self._message)
        layout.addWidget(self._plot, 1)
        self._message.setContentsMargins(12, 0, 0, 0)

    def _set_theme(self, theme: Theme) -> None:
        self._curves.set_theme(theme)

    def _show(self, state: AppState) -> None:
        if not self.isVisible() and self.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
            self._stale = True
            if self._history.run is not state.run:
                self._history, self._work = HeldOutHistory(state.run), iter(())
            return
        self._stale = False
        if self._history.run is not state.run:
            self._history = HeldOutHistory(state.run)
        self._curves.show(state, self._history.points())
        self._show_words(state)
        if self._history.exists:
            self._work = self._history.work(state.run_length)
            self._working.start()

    def _show_words(self, state: AppState) -> None:
        self._hint.setVisible(state.run_length == 1 and not state.kept)
        self._place_hint()
        broken = state.run.divergence if state.run_length == state.run.length else None
        sentence = "" if broken is None else divergence_told(broken, state.notation, state.problem)
        self._message.setText(sentence[:1].upper() + sentence[1:] + ("." if sentence else ""))
        self._message.setToolTip(self._message.text())
        self._message.setVisible(bool(sentence))
        legend = self._legend_text(state)
        self._legend.setText(legend)
        self._legend.setToolTip(legend)
        self._legend.setVisible(bool(legend))
        low = self._is_low()
        self._value.setVisible(not legend or not low)
        self._clear.setVisible(bool(state.kept) and not low)
        self._show_value(state)

    def _legend_text(self, state: AppState) -> str:
        """Return what each colour stands for, if there is more than one; each run with what sets it apart."""
        theme, run, comma = theme_of(state), state.run, state.options.fmt.comma
        own = (run.problem, run.schedule, run.split)
        words = differences(
            [own, *((one.problem, one.schedule, one.split) for one in state.kept)], rate_letter(state.notation, state.problem)
        )
        words = [with_commas(word) for word in words] if comma else words
        now = f"now, from update {run.offset + 1:,}" if run.offset and state.kept else "now"
        smooth = window(run, state.run_length) if self._curves.smooth else 1
        mean = f" (mean of {smooth:,})" if smooth > 1 else ""
        parts = [_entry(theme.accent, "●", f"{now}{': ' if words[0] else ''}{words[0]}{mean}")]
        if self._history.exists:
            parts.append(_entry(theme.accent, "- -", "held out"))
        parts += [_entry(run_colour(theme, i), "●", word or "the same settings") for i, word in enumerate(words[1:])]
        return " &nbsp; ".join(parts) if len(parts) > 1 or mean else ""

    def _is_low(self) -> bool:
        """Whether there is height for one line above the plot only: then it is the legend, and the loss is in its tooltip."""
        low = self.height() < LOW * self.fontMetrics().height()
        if low != (self._row.indexOf(self._legend) >= 0):
            (self._row if low else self._names).insertWidget(0, self._legend, 1)
        return low

    def _show_value(self, state: AppState) -> None:
        text = f"loss of update {state.step:,}: {NOT_YET}"
        if state.step <= losses_known(state):
            text = f"loss {format_number(float(state.run.losses[state.step - 1]), state.options.fmt)} before update {state.step:,}"
        rate = float(state.run.rates[state.step - 1])
        changes = state.run.retunes or state.run.schedule.kind != "constant"
        if changes and np.isfinite(rate):
            text += f" · {rate_letter(state.notation, state.problem)} {significant(rate, 4, comma=state.options.fmt.comma)}"
        self._value.setText(text)
        self._value.setToolTip(self._value.text())
        self._fit_value()

    def _fit_value(self) -> None:
        """Give the loss a line of its own where the buttons would cut it, if there is height for it."""
        beside = sum(widget.sizeHint().width() + self._row.spacing() for widget in (self._smooth, self._scale)) + BESIDE_BUTTONS
        narrow = self.width() < self._value.fontMetrics().horizontalAdvance(self._value.text()) + beside and not self._is_low()
        if narrow != (self._below.indexOf(self._value) >= 0):
            (self._below if narrow else self._row).insertWidget(0, self._value, 1)

    def _on_scale_chosen(self, scale: str) -> None:
        self._curves.logarithmic = scale == "log"
        self._show(self._store.state)

    def _on_smooth_toggled(self, smooth: bool) -> None:
        self._curves.smooth = smooth
        self._show(self._store.state)

    def _on_clear_clicked(self) -> None:
        self._store.dispatch(forget_kept)

    def choices(self) -> dict[str, Any]:
        """See `gui.panes.exhibit`."""
        axis = "log" if self._curves.logarithmic else "linear"
        return {"axis": axis, "smooth": self._curves.smooth, "known": self._history}

    def choose(self, choices: Choices) -> None:
        """See `gui.panes.exhibit`."""
        self._curves.logarithmic = choices.get("axis", "linear") == "log"
        self._curves.smooth = bool(choices.get("smooth", False))
        self._history = known_of(choices, self._history)

    def complete(self) -> None:
        """See `gui.panes.exhibit`."""
        self._show(self._store.state)
        self._working.stop()
        for _ in self._work:
            pass
        self._curves.show(self._store.state, self._history.points())
        self._hint.hide()

    def exhibit(self) -> Exhibit:
        """See `gui.panes.exhibit`."""
        said = [text for text in (self._legend.text(), escape(self._value.text()), escape(self._message.text())) if text]
        return Exhibit("Loss over the updates", self._plot, " &nbsp; ".join(said), "update", "loss")

    def _on_plot_clicked(self, event: Any) -> None:
        where = self._plot.getPlotItem().vb.mapSceneToView(event.scenePos())
        go_to_update(self._store, round(where.x()))

    def _on_later_timeout(self) -> None:
        self._store.pauses.ask(self._show_now, self)

    def _show_now(self) -> None:
        self._show(self._store.state)

    def _on_working_timeout(self) -> None:
        self._store.turns.work_on(self._working, self._work_on)

    def _work_on(self) -> None:
        end = time.perf_counter() + SLICE
        for _ in self._work:
            if time.perf_counter() > end:
                return
        self._working.stop()
        self._curves.show(self._store.state, self._history.points())

    def _on_plot_pointed(self, position: Any) -> None:
        """Point at the loss where the pointer is near a point of the curve; the present update's is the loss of the walk."""
        update = round(self._plot.getPlotItem().vb.mapSceneToView(position).x())
        state = self._store.state
        inside = self._plot.getPlotItem().vb.sceneBoundingRect().contains(position) and 1 <= update <= losses_known(state)
        text = loss_tip(self._store.moment, update, float(state.run.losses[update - 1])) if inside else ""
        self._store.dispatch(hover, Ref("loss") if inside and update == state.step else None)
        QToolTip.showText(self._plot.mapToGlobal(self._plot.mapFromScene(position)), text, self._plot)

    def _light(self, state: AppState) -> None:
        self._curves.dot.setSize(17 if state.hover is not None and covers(state.hover, Ref("loss")) else 11)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if theme_of(old) is not theme_of(new):
            self._set_theme(theme_of(new))
            self._follow(new)
        if old.hover != new.hover:
            self._light(new)
        known = old.run is new.run and losses_known(old) == losses_known(new) and old.run_length == new.run_length
        same = known and old.kept is new.kept and old.training == new.training and old.notation is new.notation
        if not same:
            self._follow(new)
        elif old.step != new.step or old.options.fmt != new.options.fmt:
            self._curves.show_cursor(new)
            (self._show_value if old.options.fmt == new.options.fmt else self._show_words)(new)

    def _follow(self, state: AppState) -> None:
        if not state.training:
            self._store.pauses.ask(self._show_now, self)
        elif not self._later.isActive():  # not for every chunk
            self._later.start()

    def leaveEvent(self, event: QEvent) -> None:
        self._store.dispatch(hover, None)
        super().leaveEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._show(self._store.state)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._stale = self._stale or self._working.isActive()
        self._working.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_hint()
        self._fit_value()
        self._later.start()  # another height has room for other labels

    def _place_hint(self) -> None:
        """Set the hint right of the only point, whole, on as many lines as that takes."""
        left = round(self._plot.getPlotItem().vb.sceneBoundingRect().left()) + BESIDE_POINT
        room, whole = max(0, self._plot.width() - left - 4), self._hint.fontMetrics().horizontalAdvance(self._hint.text()) + 4
        wide = whole if whole <= room else min(round(EVEN * whole), room)
        high = self._hint.heightForWidth(wide)
        self._hint.setGeometry(left + (room - wide) // 2, max(0, self._plot.height() // 2 - high), wide, high)

    def _on_view_resized(self, view: object) -> None:
        self._place_hint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_curves"):
            self._set_theme(theme_of(self._store.state))
            self._later.start()


def _segments(entries: tuple[tuple[str, str, str], ...], name: str, chosen: Any) -> Segments:
    segments = Segments(entries, name)
    segments.show_value(entries[0][0])
    segments.chosen.connect(chosen)
    return segments


def _entry(colour: RGB, sign: str, text: str) -> str:
    return f"<span style='color:{css(colour)}'>{sign}</span> {text}"
