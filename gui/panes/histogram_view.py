"""Histograms of a batch, layer by layer: how sums, activations and deltas are spread; silent and saturated units are named."""

from __future__ import annotations

from typing import Any, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.layouts import in_column, in_row
from gui.panel.fields import Line, Segments
from gui.panel.words import activation_name, counted
from gui.panes.exhibit import Choices, Exhibit
from gui.panes.pane import Pane
from gui.state import AppState, record_of, same_moment, theme_of
from gui.store import Store
from gui.theme import RGB, Theme, mix
from gui.theme_qt import colour
from model.expr.tree import format_number, significant
from model.notation.layers import layer_name
from model.stages import Ref
from model.training.trajectories import Spread, spread_of

KINDS = (
    ("z", "Sums", "The weighted sums of each layer"),
    ("a", "Activations", "What each layer puts out"),
    ("delta", "Deltas", "How the loss changes with each sum"),
)


class Shown(NamedTuple):
    """What is drawn of a layer. earlier: whether it is of the update before the cursor's."""

    title: str
    spread: Spread | None
    earlier: bool


NARROWEST = 96  # pixels of a histogram
MOST = 8  # histograms


class Histograms(QWidget):
    """Draws one histogram per layer; paler where it is the update before, words where nothing has been computed yet."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Shown] = []
        self._comma = False
        self._theme: Theme | None = None
        self.setAccessibleName("histograms")

    def show_spreads(self, theme: Theme, spreads: list[Shown], *, comma: bool = False) -> None:
        """Draw the spread of each layer. comma: the decimal sign of the ends."""
        self._theme, self._shown, self._comma = theme, spreads, comma
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._theme is None or not self._shown:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = self._shown[-max(1, min(MOST, self.width() // NARROWEST)) :]
        width = self.width() / len(shown)
        for i, one in enumerate(shown):
            self._paint(painter, self._theme, QRectF(i * width + 6, 0, width - 18, self.height()), one)

    def _paint(self, painter: QPainter, theme: Theme, box: QRectF, shown: Shown) -> None:
        title, spread, earlier = shown
        line = painter.fontMetrics().height()
        fits = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, round(box.width()))
        painter.setPen(colour(theme.muted if earlier else theme.text))
        painter.drawText(QPointF(box.left(), box.top() + line), fits)
        area = box.adjusted(0, 1.5 * line, 0, -1.3 * line)
        painter.setPen(QPen(colour(theme.rule), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        if spread is None:
            painter.setPen(colour(theme.muted))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, "not computed yet")
            return
        self._paint_bars(painter, theme, area, spread, mix(theme.accent, theme.panel, 0.6) if earlier else theme.accent)
        self._paint_ends(painter, theme, area, spread)

    def _paint_bars(self, painter: QPainter, theme: Theme, area: QRectF, spread: Spread, tint: RGB) -> None:
        most = max(1, int(spread.counts.max()))
        wide = area.width() / len(spread.counts)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(tint))
        for k, count in enumerate(spread.counts):
            if count:
                high = max(1.5, area.height() * int(count) / most)
                painter.drawRect(QRectF(area.left() + k * wide + 0.5, area.bottom() - high, max(1.0, wide - 1), high))
        low, high_end = float(spread.edges[0]), float(spread.edges[-1])
        if low < 0.0 < high_end:
            x = area.left() + area.width() * -low / (high_end - low)
            painter.setPen(QPen(colour(theme.muted), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _paint_ends(self, painter: QPainter, theme: Theme, area: QRectF, spread: Spread) -> None:
        below = QRectF(area.left(), area.bottom() + 2, area.width(), painter.fontMetrics().height())
        low, high = (significant(float(edge), 3, comma=self._comma) for edge in (spread.edges[0], spread.edges[-1]))
        painter.setPen(colour(theme.muted))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, high)


class HistogramView(Pane):
    """The values of the whole batch in the update that the cursor is in, as far as it has got; until then, those of the update before."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, 60, parent)
        self._kind = "a"
        self._segments = Segments(KINDS, "what is counted")
        self._segments.show_value(self._kind)
        self._segments.chosen.connect(self._on_kind_chosen)
        self._words = Line("quiet")
        self.histograms = Histograms()
        self.histograms.setContentsMargins(12, 0, 0, 0)
        head = in_row(self._words, self._segments, wide=self._words, margins=(12, 6, 0, 0))
        self.setLayout(in_column(head, self.histograms, wide=self.histograms, margins=(0, 0, 8, 6), spacing=2))

    def touches(self, old: AppState, new: AppState) -> bool:
        return not same_moment(old, new)

    def set_theme(self, theme: Theme) -> None:
        self.invalidate()

    def spreads(self, state: AppState) -> list[Shown]:
        """Return the spread of each layer, None for what no update has computed so far."""
        moment, found = self.store.moment, []
        for layer in range(1, state.problem.depth + 1):
            earlier = not moment.known(Ref(self._kind, layer))
            record = record_of(state) if not earlier else state.run.record(state.step - 1) if state.step > 1 else None
            spread = spread_of(record, self._kind, layer) if record else None
            note = f", {spread.note}" if spread and spread.note else ""
            title = f"{layer_name(state.notation, layer, state.problem)} {activation_name(state.problem.activations[layer - 1])}{note}"
            found.append(Shown(title, spread, earlier and record is not None))
        return found

    def show_state(self, state: AppState) -> None:
        found = self.spreads(state)
        old = all(one.earlier for one in found)
        drawn = [one._replace(earlier=False) for one in found] if old else found
        self.histograms.show_spreads(theme_of(state), drawn, comma=state.options.fmt.comma)
        step = state.step - int(old)
        m = state.run.batch_size(step)
        known = [one.spread for one in found if one.spread is not None and one.earlier == old]
        mean = f", mean of the last {format_number(known[-1].mean, state.options.fmt)}" if known else ""
        pale = f"; paler: update {step - 1:,}" if not old and any(one.earlier for one in found) else ""
        self._words.say(f"update {step:,}, {counted(m, 'sample')}{mean}{pale}")

    def choices(self) -> dict[str, Any]:
        return {"of": self._kind}

    def choose(self, choices: Choices) -> None:
        self._kind = choices.get("of", self._kind)
        self._segments.show_value(self._kind)

    def exhibit(self) -> Exhibit:
        what = {"z": "weighted sums", "a": "activations", "delta": "deltas"}[self._kind]
        rows = [("layer", "from", "to", "count")]
        for layer, one in enumerate(self.spreads(self.store.state), start=1):
            if one.spread is not None:
                edges = one.spread.edges.tolist()
                rows += zip([layer] * len(one.spread.counts), edges, edges[1:], one.spread.counts.tolist(), strict=False)
        return Exhibit(f"Spread of the {what}, layer by layer", self.histograms, self._words.text(), table=rows)

    def _on_kind_chosen(self, kind: str) -> None:
        self._kind = kind
        self.show_state(self.store.state)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 110)
