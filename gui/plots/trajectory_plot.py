"""How weights moved over the run: those chosen on the picture (a click, a box), or else those of the last layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gui.formula.plain_symbols import plain_symbol
from gui.panes.exhibit import Choices, Exhibit, known_of
from gui.plots.parts import dash_evenly, placed, set_range
from gui.plots.plot_pane import UpdatesPane
from gui.revealed import is_walked, update_known
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import Theme, css
from model.stages import Ref
from model.training.trajectories import Trajectories, place

MOST = 12  # curves
NAMED = 6  # of them in the legend
STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine)


def chosen_weights(state: AppState) -> tuple[Ref, ...]:
    """Return the weights and biases that are chosen, or the first of the last layer; at most a dozen."""
    problem = state.problem
    refs = sorted({*state.box, *([state.selection] if state.selection else [])}, key=_order)
    chosen = tuple(ref for ref in refs if place(problem, ref) is not None)[:MOST]
    if chosen:
        return chosen
    last, inputs = problem.depth, problem.layers[-2]
    units = [(j, k) for j in range(problem.layers[-1]) for k in range(inputs)]
    return tuple(Ref("W", last, j, k) for j, k in units[:NAMED])


def _order(ref: Ref) -> tuple[int, int, int]:
    return ref.layer, ref.unit or 0, -1 if ref.from_ is None else ref.from_


class TrajectoryPlot(UpdatesPane):
    """One curve per weight, which come in while nothing else is to be done."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, 80, "Chosen weights over the updates", parent)
        self._paths = Trajectories(store.state.run, ())
        self._curves: list[Any] = []
        self._named = ""
        self._lay_out()

    def forget_run(self) -> None:
        self._paths, self._work = Trajectories(self.store.state.run, ()), iter(())
        self._clear()

    def touches(self, old: AppState, new: AppState) -> bool:
        moved = old.run is not new.run or (old.run_length, old.step) != (new.run_length, new.step)
        if moved or (old.tick != new.tick and is_walked(new)):
            return True
        return (old.box, old.selection, old.notation) != (new.box, new.selection, new.notation)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._clear()
        self.invalidate()

    def show_state(self, state: AppState) -> None:
        refs = chosen_weights(state)
        if self._paths.run is not state.run or self._paths.refs != refs:
            self._paths = Trajectories(state.run, refs)
            self._clear()
        self._make_curves(state)
        self._cursor.setValue(state.step)
        self._plot.setXRange(1, max(2, state.run_length), padding=0.02)
        self._start(self._paths.work(state.run_length if state.problem.learning_rate is not None else 0))

    def _clear(self) -> None:
        for curve in self._curves:
            self._plot.removeItem(curve)
        self._curves = []

    def _make_curves(self, state: AppState) -> None:
        theme, names = theme_of(state), []
        for i, ref in enumerate(self._paths.refs):
            tint, style = theme.category(i), STYLES[i // 6 % 2]
            if len(self._curves) <= i:
                curve = self._plot.plot(
                    [], [], pen=pg.mkPen(tint, width=1.7 * theme.strokes, style=style), antialias=True, symbolBrush=tint
                )
                curve.setSymbolPen(None)
                dash_evenly(curve)
                self._curves.append(curve)
            name = self._curves[i].opts["name"] = plain_symbol(state.notation.symbol(ref, state.problem))
            names.append(f"<span style='color:{css(tint)}'>{'●' if i < 6 else '- -'}</span> {name}")
        more = [f"and {len(names) - NAMED} more"] if len(names) > NAMED else []
        free = not state.box and (state.selection is None or place(state.problem, state.selection) is None)
        hint = ["(choose others on the picture)"] if free else []
        self._named = " &nbsp; ".join([*names[:NAMED], *more])
        self._legend.say(" &nbsp; ".join([self._named, *hint]))

    def choices(self) -> dict[str, Any]:
        return {"known": self._paths}

    def choose(self, choices: Choices) -> None:
        self._paths = known_of(choices, self._paths)

    def exhibit(self) -> Exhibit:
        return Exhibit("Chosen weights over the updates", self._plot, self._named, "update", "value")

    def _draw(self) -> None:
        steps, values = self._paths.points()
        values = placed(values)
        for i, (curve, ref) in enumerate(zip(self._curves, self._paths.refs, strict=False)):  # none while they are made anew
            if not update_known(self.store.state, ref):
                values[steps > self.store.state.run_length, i] = np.nan
            drawn = np.isfinite(values[:, i]).any()  # marks without a place are no points for the plot
            y = values[:, i] if drawn else []
            curve.setData(steps if drawn else [], y, connect="finite", symbol="o" if len(steps) < 3 else None)
        finite = values[np.isfinite(values)]
        if len(finite):
            set_range(self._plot, float(finite.min()), float(finite.max()), logarithmic=False)
