"""How many samples were sorted right over the updates of the run, in training and held out; or the learning rate of each update."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gui.panel.fields import Segments
from gui.panes.exhibit import Choices, Exhibit, known_of
from gui.plots.parts import dash_evenly, set_range
from gui.plots.plot_pane import UpdatesPane
from gui.revealed import answers_known, is_walked
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import Theme, css
from model.expr.tree import NumberFormat, format_number, significant
from model.problem import Array
from model.training.accuracy import AccuracyHistory

KINDS = (
    ("accuracy", "Accuracy", "The share of samples whose class is right"),
    ("rate", "Learning rate", "The learning rate of each update, as the schedule and changes by hand made it"),
)
NO_CLASSES = "Accuracy needs targets that name classes: 0 or 1 for a single output, one 1 among zeros for several."
NO_RATE = "This experiment has no learning rate: gradients are computed, weights stay."
NAMES, SHORT = ("training samples", "held-out samples"), ("training", "held out")  # in tables of the points, and in the legend
FEW, MOST = 3, 20_000  # points: up to FEW they are drawn as dots, beyond MOST only some are drawn
LOW = 8  # lines of text from which there is room for a label every 20 %
SHARES = [(share / 5, f"{share * 20} %") for share in range(6)]


class RatesPlot(UpdatesPane):
    """Accuracies come in while nothing else is to be done; the learning rate is known at once."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, 100, "Accuracy and learning rate over the updates", parent)
        self._history = AccuracyHistory(store.state.run)
        self._wanted = ""  # what the user asked to see
        segments = self._segments = Segments(KINDS, "what is shown")
        segments.show_value(self._kind)
        segments.chosen.connect(self._on_kind_chosen)
        self._curves: list[Any] = []
        self._lay_out(segments)

    @property
    def _kind(self) -> str:
        """What is shown: what the user asked for, otherwise the accuracy where there is one."""
        return self._wanted or ("accuracy" if self._history.exists else "rate")

    def forget_run(self) -> None:
        self._history = AccuracyHistory(self.store.state.run)
        self._work = iter(())

    def touches(self, old: AppState, new: AppState) -> bool:
        if (
            old.run is not new.run
            or old.options.fmt.comma != new.options.fmt.comma
            or (old.run_length, old.step) != (new.run_length, new.step)
        ):
            return True
        return old.tick != new.tick and is_walked(new)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for curve in self._curves:
            self._plot.removeItem(curve)
        self._curves = []
        for name, style in zip(NAMES, (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine), strict=True):
            pen = pg.mkPen(theme.accent, width=1.8 * theme.strokes, style=style)
            self._curves.append(self._plot.plot([], [], pen=pen, symbolBrush=theme.accent, symbolPen=None, symbolSize=6, name=name))
            dash_evenly(self._curves[-1])
        self.invalidate()

    def show_state(self, state: AppState) -> None:
        if state.run is not self._history.run:
            self._history = AccuracyHistory(state.run)
        self._segments.show_value(self._kind)
        self._cursor.setValue(state.step)
        self._plot.setXRange(1, max(2, state.run_length), padding=0.02)
        self._start(self._history.work(state.run_length) if self._kind == "accuracy" else iter(()))

    def _draw(self) -> None:
        state = self.store.state
        if self._kind == "accuracy":
            self._draw_accuracy(state)
        else:
            self._draw_rates(state)

    def _draw_accuracy(self, state: AppState) -> None:
        steps, shares = self._history.points()
        seen = steps <= answers_known(state)
        steps, shares = steps[seen], shares[seen]
        dots = "o" if len(steps) <= FEW else None
        self._plot.setYRange(0.0, 1.0, padding=0.1)
        roomy = self._plot.height() > LOW * self._plot.fontMetrics().height()
        self._plot.getAxis("left").setTicks([SHARES if roomy else [SHARES[0], (0.5, "50 %"), SHARES[-1]]])
        for k, (curve, name) in enumerate(zip(self._curves, NAMES, strict=True)):
            curve.opts["name"] = name
            curve.setData(*((steps, shares[:, k]) if k < shares.shape[1] else ([], [])), connect="finite", symbol=dots, antialias=True)
        self._legend.say(self._legend_of(shares, css(theme_of(state).accent)))

    def _legend_of(self, shares: Array, colour: str) -> str:
        """Return what each line is, with its last value."""
        if not self._history.exists:
            return NO_CLASSES
        fmt = NumberFormat(1, self.store.state.options.fmt.comma, trailing_zeros=True)
        last = [f"{format_number(100 * share, fmt)} %" for share in shares[-1]] if len(shares) else ["", ""]
        parts = [f"<span style='color:{colour}'>{sign}</span> {name} {share}" for sign, name, share in zip("━╍", SHORT, last, strict=False)]
        return " &nbsp; ".join(parts)

    def _draw_rates(self, state: AppState) -> None:
        rates = state.run.rates[: state.run_length]
        steps = np.arange(1, len(rates) + 1, max(1, len(rates) // MOST))
        curve, values = self._curves[0], rates[steps - 1]
        curve.opts["name"] = "learning rate"
        curve.setData(steps, values, connect="finite", symbol="o" if len(steps) <= FEW else None, antialias=False)
        self._curves[1].setData([], [])
        finite = values[np.isfinite(values)]
        if len(finite):
            set_range(self._plot, float(finite.min()), float(finite.max()), logarithmic=False)
        at = float(state.run.rates[state.step - 1])
        written = significant(at, 4, comma=state.options.fmt.comma)
        self._legend.say(f"learning rate {written} of update {state.step:,}" if np.isfinite(at) else NO_RATE)

    def choices(self) -> dict[str, Any]:
        return {"of": self._kind, "known": self._history}

    def choose(self, choices: Choices) -> None:
        self._wanted = choices.get("of", self._kind)
        self._history = known_of(choices, self._history)
        self._segments.show_value(self._kind)

    @property
    def refusal(self) -> str:
        """Why there is nothing to draw, "" where there is."""
        if self._kind == "accuracy":
            return "" if self._history.exists else NO_CLASSES
        return NO_RATE if self.store.state.problem.learning_rate is None else ""

    def exhibit(self) -> Exhibit | None:
        if self.refusal:
            return None
        title, up = {"accuracy": ("Accuracy", "samples sorted right"), "rate": ("Learning rate", "learning rate")}[self._kind]
        return Exhibit(f"{title} over the updates", self._plot, self._legend.text(), "update", up)

    def _on_kind_chosen(self, kind: str) -> None:
        self._wanted = kind
        self.show_state(self.store.state)
