"""What each hidden neuron answers over the inputs, as small multiples: images over two inputs, curves over one."""

from __future__ import annotations

from math import ceil

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from gui.actions import ask, hover
from gui.diagram.text import symbol
from gui.formula.plain_symbols import plain_symbol
from gui.formula.symbol_label import draw_symbol
from gui.links import covers
from gui.state import AppState, record_of, theme_of
from gui.store import Store
from gui.theme import Scale, Theme
from gui.theme_qt import colour
from model.decision import Evaluator, Window, grid, kind_of
from model.expr.tree import significant
from model.notation.layers import layer_name
from model.problem import Array, Problem
from model.stages import Ref

CELLS, ALONG = 48, 96  # cells along a side of an image, points of a curve
MOST = 64  # neurons
GAP = 8.0
SMALLEST = 12.0  # pixels of an image's side
LETTERS, BASELINE = 0.86, 0.86  # size of a name and where it stands below its image, in heights of a line
UNDER = 1.5  # of these below an image, for a name with its indices


def hidden_count(problem: Problem) -> int:
    """Return how many hidden neurons a network has."""
    return sum(problem.layers[1:-1])


def words_for_neurons(state: AppState) -> str:
    """Return what the small maps show."""
    total = hidden_count(state.problem)
    which = f"the first {MOST} of {total:,} hidden neurons" if total > MOST else "hidden neurons"
    names = [plain_symbol(state.notation.symbol(Ref("x", 0, k), state.problem, 1)) for k in range(state.problem.layers[0])]
    over = f"{names[0]} (across) and {names[1]} (up)" if len(names) == 2 else names[0]
    return f"{which} over {over} before update {state.step:,}"


class NeuronMaps(QWidget):
    """A grid of the hidden neurons, layer by layer.

    scales: for each hidden layer the value without a colour, in the middle of its activation, and how far from it the strongest ones are.
    """

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._evaluator: tuple[Problem, Window, Evaluator] | None = None
        self._refs: list[Ref] = []
        self._names: list[str] = []  # LaTeX
        self._values: list[Array] = []
        self._images: list[QImage] = []
        self.scales: list[tuple[float, float]] = []
        self.setMouseTracking(True)
        self.setAccessibleName("what each hidden neuron answers over the inputs")
        store.changed.connect(self._on_store_changed)

    def show_state(self, state: AppState, window: Window) -> None:
        """Show the neurons of the update that the cursor is in, over a part of the input space."""
        problem, theme = state.problem, theme_of(state)
        if self._evaluator is None or self._evaluator[0] is not problem or self._evaluator[1] != window:
            cells = CELLS if kind_of(problem) != "functions" else ALONG
            self._evaluator = problem, window, Evaluator(problem, grid(window, cells))
        answers = self._evaluator[2].activations(record_of(state).params)
        self._refs = [Ref("a", l, j) for l in range(1, problem.depth) for j in range(problem.layers[l])][:MOST]
        self._names = [state.notation.symbol(ref, problem) for ref in self._refs]
        self._values = [answers[ref.layer - 1][:, ref.unit or 0] for ref in self._refs]
        scales = [_scaled(problem.activations[l], answer) for l, answer in enumerate(answers)]
        self.scales = scales[: problem.depth - 1] if kind_of(problem) != "functions" else []
        self._images = []
        if kind_of(problem) != "functions":
            self._images = [_image(v, *scales[ref.layer - 1], theme) for ref, v in zip(self._refs, self._values, strict=True)]
        self.update()

    @property
    def scale(self) -> tuple[float, float] | None:
        """The value without a colour and how far from it the strongest ones are, if that is the same for all layers."""
        return self.scales[0] if len(set(self.scales)) == 1 else None

    def _tiles(self) -> list[QRectF]:
        """Return where the images are: as large as fits, with room for a name below each."""
        n, line = max(1, len(self._refs)), UNDER * self.fontMetrics().height()
        sides = self._sides(self.width(), self.height(), n)
        across = int(np.argmax(sides)) + 1
        side = max(SMALLEST, sides[across - 1])
        left = (self.width() - across * (side + GAP) + GAP) / 2
        return [QRectF(left + i % across * (side + GAP), i // across * (side + GAP + line) + GAP / 2, side, side) for i in range(n)]

    def _sides(self, width: float, height: float, n: int) -> list[float]:
        """Return how large n images can be, in pixels, with 1, 2, … n of them in a row."""
        line = UNDER * self.fontMetrics().height()
        return [min(width / c - GAP, height / ceil(n / c) - GAP - line) for c in range(1, n + 1)]

    def side_in(self, width: float, height: float, count: int) -> float:
        """Return how large the images of `count` neurons are in a room, in pixels."""
        return max(self._sides(width, height, min(count, MOST)))

    def ref_at(self, position: QPointF) -> Ref | None:
        """Return the neuron under a point."""
        return next((ref for ref, tile in zip(self._refs, self._tiles(), strict=False) if tile.contains(position)), None)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, state = QPainter(self), theme_of(self._store.state), self._store.state
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        for i, (ref, tile) in enumerate(zip(self._refs, self._tiles(), strict=False)):
            if self._images:
                painter.drawImage(tile, self._images[i])
            else:
                _paint_curve(painter, tile, self._values[i], theme)
            lit = any(known is not None and covers(known, ref) for known in (state.hover, state.selection))
            painter.setPen(QPen(colour(theme.gold if lit else theme.rule), 3 if lit else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(tile)
            painter.setPen(QPen(colour(theme.text)))
            name = symbol(self._names[i], LETTERS * line, nested=True)
            below = max(BASELINE * line, name.ascent + 0.22 * line)  # raised indices keep off the image
            draw_symbol(painter, name, tile.center().x() - name.width / 2, tile.bottom() + below)
            painter.setFont(self.font())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        ref = self.ref_at(event.position())
        self._store.dispatch(hover, ref)
        text = "" if ref is None else f"{self._place_of(ref)}: {self._range_of(ref)}"
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def _place_of(self, ref: Ref) -> str:
        state = self._store.state
        return f"{layer_name(state.notation, ref.layer, state.problem)}, neuron {(ref.unit or 0) + 1}"

    def _range_of(self, ref: Ref) -> str:
        low, high = (significant(end, 3, comma=self._store.state.options.fmt.comma) for end in _ends(self._values[self._refs.index(ref)]))
        return f"from {low} to {high} over the map; a click says where its value comes from"

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        ref = self.ref_at(event.position())
        if ref is not None:
            self._store.dispatch(ask, ref)

    def leaveEvent(self, event: QEvent) -> None:
        self._store.dispatch(hover, None)
        super().leaveEvent(event)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if old.hover != new.hover or old.selection != new.selection:
            self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 60)


def _scaled(activation: str, answers: Array) -> tuple[float, float]:
    """Return the value that has no colour, and how far from it the strongest colours are."""
    if activation == "sigmoid":
        return 0.5, 0.5
    finite = answers[np.isfinite(answers)]
    return 0.0, 1.0 if activation == "tanh" else float(np.abs(finite).max(initial=0.0)) or 1.0


def _ends(values: Array) -> tuple[float, float]:
    """Return the lowest and the highest of the finite values, 0 and 0 where a run has left the numbers."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)


def _image(values: Array, middle: float, spread: float, theme: Theme) -> QImage:
    """Return (cells²,) answers as an image, the second input upwards."""
    cells = np.flipud(Scale(theme, spread).colour(values - middle).reshape(CELLS, CELLS, 3))
    return QImage(np.ascontiguousarray(cells).tobytes(), CELLS, CELLS, 3 * CELLS, QImage.Format.Format_RGB888).copy()


def _paint_curve(painter: QPainter, tile: QRectF, values: Array, theme: Theme) -> None:
    """Draw (points,) answers from the lowest to the highest, over the one input."""
    low, high = _ends(values)
    shown = np.clip(np.nan_to_num(values), low, high)
    heights = (shown - low) / (high - low) if high > low else np.full(len(values), 0.5)
    across = np.linspace(tile.left(), tile.right(), len(values))
    points = [QPointF(x, tile.bottom() - 3 - h * (tile.height() - 6)) for x, h in zip(across.tolist(), heights.tolist(), strict=True)]
    painter.setPen(QPen(colour(theme.accent), 1.5 * theme.strokes))
    painter.drawPolyline(QPolygonF(points))
