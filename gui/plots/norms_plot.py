"""How large gradients and weights are, layer by layer, over the updates of the run; a click goes to an update."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gui.panel.fields import Segments
from gui.panes.exhibit import Choices, Exhibit, known_of
from gui.plots.parts import dash_evenly, logarithms, set_range
from gui.plots.plot_pane import UpdatesPane
from gui.revealed import gradients_known, is_walked
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import Theme, css
from model.notation.layers import layer_name
from model.training.history import NormHistory

SHORTEST = 5  # updates that the axis shows at least, so that it counts whole ones
FILLED, HOLLOW = 6, 11  # pixels of the marks of gradients and weights, which may have one place
SPELT, NAMED = 2, 4  # layers that are named in full in the legend, and at all
KINDS = (
    ("both", "Both", "Gradients as solid lines, weights as dashed ones"),
    ("gradients", "Gradients", "How large the gradient of each layer is"),
    ("weights", "Weights", "How large the weights of each layer are"),
)


class NormsPlot(UpdatesPane):
    """Norms on a logarithmic axis, at most a few hundred points, which come in while nothing else is to be done."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, 100, "Norms of gradients and weights over the updates", parent)
        self._history = NormHistory(store.state.run)
        self._counted = store.state.notation  # which the names of the layers are of
        self._kind, self._layers = "both", ""
        segments = self._segments = Segments(KINDS, "what is shown")
        segments.show_value("both")
        segments.chosen.connect(self._on_kind_chosen)
        self._plot.getAxis("left").setLogMode(y=True)
        self._curves: list[tuple[Any, Any]] = []
        self._lay_out(segments)

    @property
    def history(self) -> NormHistory:
        """What has been computed so far."""
        return self._history

    def forget_run(self) -> None:
        self._history, self._work = NormHistory(self.store.state.run), iter(())
        self._clear()

    def touches(self, old: AppState, new: AppState) -> bool:
        if old.run is not new.run or old.notation is not new.notation or (old.run_length, old.step) != (new.run_length, new.step):
            return True
        return old.tick != new.tick and is_walked(new)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._clear()
        self.invalidate()

    def show_state(self, state: AppState) -> None:
        if state.run is not self._history.run:
            self._history = NormHistory(state.run)
            self._clear()
        if state.notation is not self._counted:
            self._counted = state.notation
            self._clear()
        self._make_curves(state)
        self._cursor.setValue(state.step)
        self._plot.setXRange(1, max(SHORTEST, state.run_length), padding=0.02)
        self._start(self._history.work(state.run_length))

    def _clear(self) -> None:
        for pair in self._curves:
            for curve in pair:
                self._plot.removeItem(curve)
        self._curves = []

    def _make_curves(self, state: AppState) -> None:
        if self._curves:
            return
        theme, depth = theme_of(state), state.problem.depth
        names = [layer_name(state.notation, l, state.problem) for l in range(1, depth + 1)]
        for l, name in enumerate(names):
            colour = theme.category(l)
            pens = pg.mkPen(colour, width=1.8 * theme.strokes), pg.mkPen(colour, width=1.4 * theme.strokes, style=Qt.PenStyle.DashLine)
            solid = self._plot.plot([], [], pen=pens[0], symbolSize=FILLED, symbolBrush=colour, name=f"{name}, gradient", antialias=True)
            solid.setSymbolPen(None)
            dashed = self._plot.plot([], [], pen=pens[1], symbolSize=HOLLOW, symbolBrush=None, name=f"{name}, weights", antialias=True)
            dashed.setSymbolPen(pg.mkPen(colour, width=1.6 * theme.strokes))
            dash_evenly(dashed)
            self._curves.append((solid, dashed))
        named = [f"<span style='color:{css(theme.category(l))}'>●</span> {name}" for l, name in enumerate(_short(names)[:NAMED])]
        more = [f"and {depth - NAMED} more"] if depth > NAMED else []
        self._layers = " &nbsp; ".join([*named, *more])
        self._legend.setAccessibleName("one colour for each layer")
        self._say_signs(len(self._history.points()[0]) <= 2)

    def _say_signs(self, few: bool) -> None:
        """Say what stands for gradients and for weights, before the layers, which may be many."""
        signs = "● ∇ &nbsp; ○ W" if few else "━ ∇ &nbsp; ╍ W"
        text = f"<span style='color:{css(theme_of(self.store.state).muted)}'>{signs}</span> &nbsp; {self._layers}"
        if text != self._legend.text():
            self._legend.setText(text)
            self._legend.setToolTip(f"{text}<br>∇ gradients, W weights")

    def _draw(self) -> None:
        steps, gradients, weights = self._history.points()
        lowest, highest = np.inf, -np.inf
        state, few = self.store.state, len(steps) <= 2
        self._say_signs(few)
        for l, pair in enumerate(self._curves):
            for curve, values, kind in zip(pair, (gradients, weights), ("gradients", "weights"), strict=True):
                y = logarithms(values[:, l])
                if kind == "gradients":
                    y[steps > gradients_known(state, l + 1)] = np.nan
                drawn = np.isfinite(y).any()  # marks without a place are no points for the plot
                curve.setVisible(self._kind in ("both", kind))
                curve.setData(steps if drawn else [], y if drawn else [], connect="finite", symbol="o" if few else None)
                if curve.isVisible() and drawn:
                    lowest, highest = min(lowest, float(np.nanmin(y))), max(highest, float(np.nanmax(y)))
        if lowest <= highest:
            set_range(self._plot, lowest, highest, logarithmic=True)

    def choices(self) -> dict[str, Any]:
        return {"of": self._kind, "known": self._history}

    def choose(self, choices: Choices) -> None:
        self._kind = choices.get("of", self._kind)
        self._history = known_of(choices, self._history)
        self._segments.show_value(self._kind)

    def exhibit(self) -> Exhibit:
        what = {"both": "gradients and weights", "gradients": "gradients", "weights": "weights"}[self._kind]
        legend = self._legend.text() if self._kind == "both" else self._layers
        return Exhibit(f"Norms of {what}, layer by layer", self._plot, legend, "update", "norm")

    def _on_kind_chosen(self, kind: str) -> None:
        self._kind = kind
        self._draw()


def _short(names: list[str]) -> list[str]:
    """Return names that are numbered alike with their word at the first one only where there are many: "layer 1", "2", "3"."""
    if len(names) <= SPELT:
        return names
    words = [name.rpartition(" ")[0] for name in names]
    return [name.rpartition(" ")[2] if i and words[i] == words[i - 1] and name[-1].isdigit() else name for i, name in enumerate(names)]
