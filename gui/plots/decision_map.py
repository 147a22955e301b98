"""What the network answers over its inputs: a map for two inputs, functions for one. It follows the cursor, also while training runs."""

from __future__ import annotations

from itertools import count, repeat
from typing import Any

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import renderSymbol
from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QIcon, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from gui.data.points import marks
from gui.formula.plain_symbols import plain_symbol
from gui.layouts import in_column, in_row
from gui.panel.fields import Line, Segments
from gui.panes.exhibit import Choices, Exhibit
from gui.plots.map_legend import BETWEEN, in_rows, kinds_told, mark_colour
from gui.plots.map_shape import WIDEST, fit_width, holds, widened
from gui.plots.neuron_maps import CELLS as NEURON_CELLS
from gui.plots.neuron_maps import NeuronMaps, hidden_count, words_for_neurons
from gui.plots.parts import LARGEST, margin_of, placed
from gui.plots.plot_pane import PlotPane
from gui.plots.point_tool import PointTool
from gui.revealed import is_walked, outputs_known
from gui.state import AppState, record_of, theme_of
from gui.store import Store
from gui.theme import Scale, Theme, css, mix
from model.data.batches import data
from model.decision import Evaluator, Window, classes, grid, kind_of, labels, middle, refusal, window_of
from model.evaluation import Split
from model.expr.tree import format_number, significant
from model.notation.profile import Notation
from model.problem import Array, Problem
from model.stages import Ref

WORK = 8_000_000  # products that one picture may take; decides how fine the map is
CELLS = (32, 128)
ALONG = 240  # points of a function
MOST_SAMPLES = 1500
ROOM = 0.2  # of the map, at each side, for points to be added
SHAPES = ("o", "s", "t", "d", "p", "h")
CLASS_WASH, LEAD_WASH = 0.18, 0.42  # how strong the colour of a region is, at its border and far inside
VALUE_WASH = 0.6
LABELLED = 220  # pixels of height from which the axes have names
SPACE = 12  # pixels between the map and what stands beside it
BESIDE = 24.0  # pixels of a neuron's map from which they stand beside a map that leaves room
FORMS = (
    ("output", "Output", "What the network answers over its inputs"),
    ("neurons", "Neurons", "What each hidden neuron answers over the inputs"),
)
TRAINING_DELAY, USUAL_DELAY = 120, 30


def cells_for(problem: Problem, *, coarse: bool) -> int:
    """Return how many cells a side of the map has: fewer for large networks, and while others wait for the processor."""
    weights = sum(a * b for a, b in zip(problem.layers[1:], problem.layers[:-1], strict=True))
    cells = int(np.sqrt(WORK / weights)) // (2 if coarse else 1)
    return max(CELLS[0], min(CELLS[1], cells))


def pictures(state: AppState, count: int, edge: int) -> list[QIcon]:
    """Return the marks of `count` kinds of samples as they are drawn, `edge` pixels high."""
    theme = theme_of(state)
    pen, colours = pg.mkPen(theme.text, width=1), [mark_colour(state.problem, k, theme) for k in range(count)]
    drawn = [renderSymbol(SHAPES[k % len(SHAPES)], edge, pen, pg.mkBrush(colour)) for k, colour in enumerate(colours)]
    return [QIcon(QPixmap.fromImage(mark)) for mark in drawn]


class DecisionMap(PlotPane):
    """Regions of classes, the value of a single output, or functions of one input; for other networks a sentence says why not."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, USUAL_DELAY, "Decision map", updates=False, grid=False, parent=parent)
        self._shown: tuple[Problem | None, Split, Notation | str] = (None, Split(), "")
        self._small = False
        self._window = Window((), ())
        self._evaluators: dict[str, tuple[int, Evaluator]] = {}
        self._values: Array = np.empty((0, 0))
        self._head, self._why = Line("quiet", rich=True), QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._legend = QLabel(textFormat=Qt.TextFormat.RichText, alignment=Qt.AlignmentFlag.AlignTop)
        self._legend.setObjectName("quiet")
        self._why.setObjectName("quiet")
        self._why.setContentsMargins(24, 12, 24, 12)
        self._image, self._border = pg.ImageItem(axisOrder="row-major"), pg.IsocurveItem(axisOrder="row-major")
        self._border.setParentItem(self._image)
        self._samples, self._chosen = pg.ScatterPlotItem(pxMode=True), pg.ScatterPlotItem(pxMode=True, symbol="o", size=17)
        self._curves: list[Any] = []
        for item in (self._image, self._samples, self._chosen):
            self._plot.addItem(item)
        self._plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self._plot.installEventFilter(self)
        self._tool = PointTool(store, self._plot, pictures, self)
        self._tool.switched.connect(self._on_tool_switched)
        self._neurons = NeuronMaps(store, self)
        self._form = Segments(FORMS, "map of")
        self._form.show_value("output")
        self._form.chosen.connect(self._on_form_chosen)
        self._lay_out()

    def _lay_out(self) -> None:
        head = in_row(self._head, self._tool, self._form, wide=self._head, margins=(12, 6, 0, 0), spacing=8)
        self._maps = in_row(self._plot, self._legend, self._neurons, spacing=SPACE)
        self._maps.setStretch(0, 100)  # as wide as it may be; the neurons have what that leaves
        self._maps.setStretch(2, 1)
        self._column = in_column(head, self._tool.sentence, margins=(0, 0, 8, 6), spacing=2)
        self._column.addLayout(self._maps, 1)
        self._column.addWidget(self._why, 1)
        self.setLayout(self._column)

    # -- the pane --------------------------------------------------------------------------------------------------------------

    def touches(self, old: AppState, new: AppState) -> bool:
        self._timer.setInterval(TRAINING_DELAY if new.training else USUAL_DELAY)
        options = (old.options.fmt, old.notation, old.options.sample) == (new.options.fmt, new.notation, new.options.sample)
        revealed = old.tick == new.tick or not is_walked(new)
        return not (options and revealed) or old.run is not new.run or old.step != new.step or bool(old.training) != bool(new.training)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._border.setPen(pg.mkPen(theme.text, width=1.5 * theme.strokes))
        self._chosen.setPen(pg.mkPen(theme.gold, width=3))
        self._chosen.setBrush(None)
        self._tool.set_theme(theme)
        self._shown = (None, Split(), "")
        self.invalidate()

    def show_state(self, state: AppState) -> None:
        why, hidden = refusal(state.problem), hidden_count(state.problem)
        small = self._small and hidden > 0
        self._why.setText(why)
        for widget, seen in ((self._why, bool(why)), (self._plot, not why and not small), (self._head, not why)):
            widget.setVisible(seen)
        self._legend.setVisible(not why and not small)
        self._tool.setVisible(not why and not small)
        self._tool.sentence.setVisible(bool(self._tool.sentence.text()) and not why and not small)
        self._neurons.setVisible(not why and (small or self._has_neurons_beside(state.problem)))
        self._form.setVisible(not why and hidden > 0)
        if why:
            self._shown = (None, Split(), "")
            return
        if state.problem is not self._shown[0] or (state.run.split, state.notation) != self._shown[1:]:
            self._take(state)
        if small:
            self._neurons.show_state(state, self._window)
            self._head.setText(words_for_neurons(state))
            return
        if kind_of(state.problem) == "functions":
            self._show_functions(state)
        else:
            self._show_map(state)
        self._fit_shape()
        self._show_chosen(state)
        self._show_head(state)

    def _take(self, state: AppState) -> None:
        """Prepare for another experiment: its window, its samples, its axes."""
        problem, theme = state.problem, theme_of(state)
        x, y = data(problem)
        other = self._shown[0] is None or kind_of(self._shown[0]) != kind_of(problem)
        self._shown, self._evaluators = (problem, state.run.split, state.notation), {}
        if other or not self._tool.on or not holds(self._window, x):
            self._window = widened(window_of(x), ROOM) if self._tool.on else window_of(x)
        self._tool.show_state(state)
        for curve in self._curves:
            self._plot.removeItem(curve)
        self._curves = []
        flat = kind_of(problem) != "functions"
        self._image.setVisible(flat)
        self._border.setVisible(kind_of(problem) == "value")
        if flat:
            (x0, y0), (x1, y1) = self._window.low, self._window.high
            self._plot.setRange(QRectF(x0, y0, x1 - x0, y1 - y0), padding=0)
        else:
            self._curves = [self._plot.plot([], [], pen=pg.mkPen(theme.category(k), width=2)) for k in range(problem.layers[-1])]
            for curve in self._curves:
                curve.setZValue(5)
        self._show_samples(state, x, y)
        names = [plain_symbol(state.notation.symbol(Ref("x", 0, k), problem, 1)) for k in range(problem.layers[0])]
        for axis, name in zip(("bottom", "left"), [*names, "output"][:2], strict=True):
            self._plot.setLabel(axis, name, color=css(theme.muted), **{"font-size": f"{self.fontInfo().pixelSize()}px"})
        self._fit_labels()

    def _fit_labels(self) -> None:
        """Leave the room to the map where there is little of it."""
        for axis in ("bottom", "left"):
            self._plot.getAxis(axis).showLabel(self.height() >= LABELLED)

    def _fit_shape(self) -> None:
        """Draw both inputs in one unit; the width that this leaves is for what the neurons answer."""
        state = self.store.state
        if self._shown[0] is not state.problem or self._small:  # another experiment is shown first, which ends here as well
            return
        fit_width(self._plot, self._window)
        beside = self._has_neurons_beside(state.problem)
        self._neurons.setVisible(beside)
        if beside:
            self._neurons.show_state(state, self._window)

    def _has_neurons_beside(self, problem: Problem) -> bool:
        """Return whether there is room, and time, for the maps of the neurons beside that of the output."""
        wide = self._plot.maximumWidth()
        if wide == WIDEST or not self.isVisible() or not hidden_count(problem) or cells_for(problem, coarse=True) < NEURON_CELLS:
            return False
        beside = self.width() - wide - self._legend.sizeHint().width() - 3 * SPACE
        if beside < self._neurons.minimumSizeHint().width():
            return False
        return self._neurons.side_in(beside, self._plot.height(), hidden_count(problem)) >= BESIDE

    def _rows(self, count: int) -> Array:
        """Return which samples are drawn: all, or some spread evenly."""
        return np.unique(np.linspace(0, count - 1, min(count, MOST_SAMPLES)).astype(int))

    def _show_samples(self, state: AppState, x: Array, y: Array) -> None:
        """Draw a mark for each sample, or for each of its targets over one input; marks of held-out samples are hollow."""
        problem, theme, n = state.problem, theme_of(state), y.shape[1]
        rows = self._rows(len(x))
        places, samples = marks(problem, x[rows], np.clip(y[rows], -LARGEST, LARGEST))
        flat = kind_of(problem) != "functions"
        kinds = labels(problem, y[rows])[samples] if flat else np.repeat(np.arange(n), len(rows))
        out = np.isin(rows, state.run.split.rows(len(x))[1])[samples]
        colours = [mark_colour(problem, k, theme) for k in range(int(kinds.max(initial=0)) + 1)]
        inner, outer = [pg.mkBrush(colour) for colour in colours], [pg.mkPen(mix(c, theme.text, 0.4), width=2) for c in colours]
        ground, edge = pg.mkBrush(theme.panel), pg.mkPen(theme.text, width=1)
        self._samples.setData(
            pos=places, size=(9 if len(rows) <= 60 else 7) * min(theme.strokes, 1.3),
            pen=[outer[k] if hollow else edge for k, hollow in zip(kinds, out, strict=True)],
            brush=[ground if hollow else inner[k] for k, hollow in zip(kinds, out, strict=True)],
            symbol=[SHAPES[k % len(SHAPES)] for k in kinds],
        )  # fmt: skip

    # -- pictures --------------------------------------------------------------------------------------------------------------

    def _outputs(self, state: AppState, name: str, count: int, points: Any) -> Array:
        """Return the outputs at points that are made once per experiment and fineness."""
        known = self._evaluators.get(name)
        if known is None or known[0] != count:
            known = self._evaluators[name] = (count, Evaluator(state.problem, points()))
        return known[1].outputs(record_of(state).params)

    def _show_map(self, state: AppState) -> None:
        problem, theme = state.problem, theme_of(state)
        cells = cells_for(problem, coarse=bool(state.training))
        outputs = self._outputs(state, "map", cells, lambda: grid(self._window, cells))
        self._values = outputs.reshape(cells, cells, -1)
        if kind_of(problem) == "classes":
            number, lead = classes(outputs)
            colours = np.array([theme.category(k) for k in range(problem.layers[-1])], dtype=float)[number]
            share = (CLASS_WASH + LEAD_WASH * lead)[:, None]
            picture = np.array(theme.panel, dtype=float) * (1 - share) + colours * share
        else:
            at, spread = middle(problem, state.run.samples[1])
            at, spread = min(max(at, -LARGEST), LARGEST), min(spread, LARGEST)
            strong = Scale(theme, 1.2 * spread).colour(np.clip(outputs[:, 0], -LARGEST, LARGEST) - at).astype(float)
            picture = np.array(theme.panel, dtype=float) * (1 - VALUE_WASH) + strong * VALUE_WASH
            self._border.setData(np.clip(np.nan_to_num(self._values[:, :, 0]), -LARGEST, LARGEST), at)
        self._image.setImage(np.round(picture).astype(np.uint8).reshape(cells, cells, 3), levels=(0, 255), autoLevels=False)
        (x0, y0), (x1, y1) = self._window.low, self._window.high
        self._image.setRect(QRectF(x0, y0, x1 - x0, y1 - y0))

    def _show_functions(self, state: AppState) -> None:
        outputs = self._outputs(state, "line", ALONG, lambda: grid(self._window, ALONG))
        along = grid(self._window, ALONG)[:, 0]
        self._values = outputs
        for k, curve in enumerate(self._curves):
            curve.setData(along, placed(outputs[:, k]), connect="finite")
        everything = placed(np.concatenate([outputs.ravel(), state.run.samples[1].ravel()]))
        finite = everything[np.isfinite(everything)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        margin = margin_of(low, high, ROOM if self._tool.on else 0.08)
        self._plot.setXRange(self._window.low[0], self._window.high[0], padding=0)
        self._plot.setYRange(low - margin, high + margin, padding=0)

    def _show_chosen(self, state: AppState) -> None:
        """Ring the sample whose calculation is shown."""
        record = record_of(state)
        s = min(state.options.sample, record.m - 1)
        x = record.x[s]
        above = [x[1]] if len(x) == 2 else record.y[s]
        self._chosen.setData(x=[x[0]] * len(above), y=list(above))

    def _show_head(self, state: AppState, pointed: str = "") -> None:
        kind = kind_of(state.problem)
        what = {"classes": "largest output", "value": "output", "functions": "outputs"}[kind]
        score = self._score(state)
        parts = [pointed, f"{what} before update {state.step:,}"]
        total = len(state.run.samples[0]) + len(state.run.held_out[0])
        if total > MOST_SAMPLES:
            parts.append(f"{MOST_SAMPLES:,} of {total:,} samples shown")
        text = " · ".join(part for part in (*parts[:1], score, *parts[1:]) if part)
        self._show_legend(state, score)
        told = parts if self._legend.wordWrap() else [score, *parts]  # the score stands with the legend there
        self._head.setText(text if pointed else " · ".join(part for part in told if part))
        self._head.setToolTip(text)
        self._plot.setAccessibleDescription(text)

    def _show_legend(self, state: AppState, score: str) -> None:
        """Say what stands for what beside the map, above it where that is higher than wide: there the score has room too."""
        kinds, line = kinds_told(state, named=not (self._tool.on and self._tool.chooses)), self._legend.fontMetrics().lineSpacing()
        above = self.height() > self.width()
        if above != self._legend.wordWrap():
            self._legend.setWordWrap(above)
            self._legend.setContentsMargins(SPACE if above else 0, 0, 0, 0)
            self._column.insertWidget(2, self._legend) if above else self._maps.insertWidget(1, self._legend)
        told = BETWEEN.join([*([score] if score else []), *kinds]) if above else in_rows(kinds, self._plot.height() // line)
        self._legend.setText(told)

    def _score(self, state: AppState) -> str:
        """Return how many samples the network sorts right, for networks that sort."""
        problem, (x, y) = state.problem, state.run.samples
        if not outputs_known(state):
            return ""
        if kind_of(problem) == "functions" or problem.loss == "none" or problem.activations[-1] not in ("sigmoid", "softmax", "tanh"):
            return ""
        right = self._right(state, "samples", x, y)
        text = f"{right:,} of {len(x):,} samples right" if len(x) > 1 else "its sample right" if right else "its sample wrong"
        out = state.run.held_out
        return f"{text}, held out {self._right(state, 'held out', *out):,} of {len(out[0]):,}" if len(out[0]) else text

    def _right(self, state: AppState, name: str, x: Array, y: Array) -> int:
        """Return for how many samples the network's class is that of the targets."""
        outputs = self._outputs(state, name, len(x), lambda: x)
        return int((labels(state.problem, outputs) == labels(state.problem, y)).sum())

    def choices(self) -> dict[str, Any]:
        return {"form": "neurons" if self._small else "output"}

    def choose(self, choices: Choices) -> None:
        self._small = choices.get("form") == "neurons"

    def exhibit(self) -> Exhibit | None:
        if self._why.text():
            return None
        small = self._small and hidden_count(self.store.state.problem) > 0
        body = self._neurons if small else self._plot
        if not self.isVisible():
            self._plot.setMaximumWidth(WIDEST)  # the height of the picture decides anew
        what = "What each hidden neuron answers over the inputs" if small else "What the network answers over its inputs"
        middle, spread = (self._neurons.scale if small else None) or (0.0, 0.0)
        scale = Scale(theme_of(self.store.state), spread) if spread else None
        comma = self.store.state.options.fmt.comma
        own = "" if scale or not small else f" · colours: {', '.join(map(_ends, count(1), self._neurons.scales, repeat(comma)))}"
        beside = [] if small else [*kinds_told(self.store.state), *([self._score(self.store.state)] if self._legend.wordWrap() else [])]
        told = BETWEEN.join([*filter(None, beside), self._head.text() + own])
        return Exhibit(what, body, told, scale=scale, end=f"±{significant(spread, 3, comma=comma)}", middle=middle)

    def _on_form_chosen(self, form: str) -> None:
        self._small = form == "neurons"
        self.show_state(self.store.state)

    def _on_tool_switched(self) -> None:
        self._shown = (None, Split(), "")
        self.invalidate()

    def _on_mouse_moved(self, position: Any) -> None:
        if self._shown[0] is None or not self._plot.getPlotItem().vb.sceneBoundingRect().contains(position):
            return
        at = self._plot.getPlotItem().vb.mapSceneToView(position)
        where = (at.x(), at.y())[: self._shown[0].layers[0]]
        cells = self._values.shape[0]
        share = [(v - lo) / (hi - lo) for v, lo, hi in zip(where, self._window.low, self._window.high, strict=True)]
        if not all(0 <= part <= 1 for part in share):  # beside the map
            self._show_head(self.store.state)
            return
        index = tuple(max(0, min(cells - 1, int(part * cells))) for part in reversed(share))
        fmt = self.store.state.options.fmt
        values = ", ".join(format_number(float(v), fmt) for v in np.atleast_1d(self._values[index])[:4])
        place = ", ".join(significant(v, 3, comma=fmt.comma) for v in where)
        self._show_head(self.store.state, f"at ({place}): {values}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_labels()
        if self._shown[0] is self.store.state.problem and not self._small:
            self._show_head(self.store.state)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The height of the plot decides about its width."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._fit_shape()
        return super().eventFilter(watched, event)


def _ends(layer: int, scale: tuple[float, float], comma: bool) -> str:
    """Return what the strongest colours of a layer stand for."""
    middle, spread = scale
    low, high, most = (significant(end, 3, comma=comma) for end in (middle - spread, middle + spread, spread))
    ends = f"{low} to {high}" if middle else f"±{most}"
    return f"layer {layer} {ends}"
