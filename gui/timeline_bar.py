"""The walk as a row of chips, one per quantity, coloured by phase with the phase's word; dragging moves the cursor. Below, the updates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QStyle, QToolTip, QVBoxLayout, QWidget

from gui.actions import seek, seek_update, set_sample
from gui.diagram.text import symbol, text_width
from gui.formula.plain_symbols import plain_symbol
from gui.formula.symbol_label import draw_symbol
from gui.panel.fields import CountField
from gui.session.actions import tick_of
from gui.session.keeping import Bookmark
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import Theme
from gui.theme_qt import colour
from model.moment import Moment
from model.stages import Ref

GAP, GROUP_GAP, PAD = 4.0, 14.0, 8.0
SMALL = 9.0  # width of a chip without its symbol
SLIDER = 18
MARK = 3.5  # half the width of a bookmark


@dataclass(frozen=True, slots=True)
class Chip:
    """One stage: its place in the walk, its box from the left, and its symbol."""

    stage: int
    left: float
    width: float
    latex: str


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring stages of one phase, with the phase's word above."""

    phase: str
    left: float
    width: float


def lay_out(moment: Moment, size: float, available: float) -> tuple[list[Chip], list[Group], float]:
    """Place the chips from x = 0; where they do not all fit, those farthest from the current one shrink and lose their symbol.

    size: of the symbols in pixels. Returns chips, groups and the full width.
    """
    latex = _symbols(moment)
    widths = [symbol(text, size).width + 2 * PAD for text in latex]
    full = _place(moment, latex, widths, size)
    if full[2] <= available or not widths:
        return full
    current = moment.place.stage if moment.place else 0
    room = available - len(widths) * GAP - len(full[1]) * GROUP_GAP - widths[current]
    small = max(2.0, min(SMALL, room / max(1, len(widths) - 1)))
    fitted = [width if i == current else min(small, width) for i, width in enumerate(widths)]
    spare = room - small * (len(widths) - 1)
    for i in sorted(range(len(widths)), key=lambda i: abs(i - current)):
        if widths[i] - fitted[i] <= spare:
            spare -= widths[i] - fitted[i]
            fitted[i] = widths[i]
        else:
            break
    return _place(moment, latex, fitted, 0.0)


def _symbols(moment: Moment) -> list[str]:
    record, result = moment.record, []
    for stage in moment.walk.stages:
        sample = moment.sample if stage.quantity.endswith("_sample") else None
        result.append(moment.notation.symbol(Ref(stage.quantity, stage.layer, None, None, sample), record.problem, record.m))
    return result


def _place(moment: Moment, latex: list[str], widths: list[float], word_size: float) -> tuple[list[Chip], list[Group], float]:
    stages = moment.walk.stages
    chips: list[Chip] = []
    groups: list[Group] = []
    x = start = 0.0
    for i, stage in enumerate(stages):
        chips.append(Chip(i, x, widths[i], latex[i]))
        x += widths[i] + GAP
        if i + 1 == len(stages) or stages[i + 1].phase != stage.phase:
            word = text_width(stage.phase.upper(), "semibold", word_size * 0.72) * 1.12 if word_size else 0.0
            width = max(x - GAP - start, word)
            groups.append(Group(stage.phase, start, width))
            x = start = start + width + GROUP_GAP
    return chips, groups, x - GROUP_GAP


class ChipRow(QWidget):
    """The stages of one update. **Signals:** tick_requested(int): the user points at a place of the walk."""

    tick_requested = Signal(int)

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._layout: tuple[list[Chip], list[Group], float] = ([], [], 0.0)
        self._laid_out_for: tuple[object, ...] = ()
        self._crowded = self._dragging = False  # while one drags, nothing moves under the pointer
        self.setMouseTracking(True)
        self.setAccessibleName("steps of this update")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Every quantity of this update in order; drag to move through it (Right, Left)")

    def _symbol_size(self) -> float:
        return self.fontMetrics().height() * 0.86

    def _arranged(self) -> tuple[list[Chip], list[Group], float]:
        moment = self._store.moment
        key = (id(moment.walk), moment.notation, self.width(), self._symbol_size(), moment.sample)
        place = moment.place.stage if moment.place and self._crowded else None
        if self._laid_out_for[:-1] != key or (self._laid_out_for[-1] != place and not self._dragging):
            self._layout = lay_out(moment, self._symbol_size(), self.width())
            self._crowded = any(chip.width <= SMALL for chip in self._layout[0])
            self._laid_out_for = (*key, moment.place.stage if moment.place and self._crowded else None)
        return self._layout

    def tick_at(self, x: float) -> int:
        """Return the boundary of the present granularity that a place stands for."""
        moment, (chips, _, _) = self._store.moment, self._arranged()
        walk = moment.walk
        if not chips or x <= chips[0].left:
            return 0
        chip = max((chip for chip in chips if chip.left <= x), key=_left)
        inside = min(1.0, (x - chip.left) / chip.width)
        tick = walk.starts[chip.stage] + max(1, round(inside * walk.stages[chip.stage].ticks))
        return walk.next(tick - 1, moment.granularity) or walk.total

    def sizeHint(self) -> QSize:
        return QSize(300, round(self.fontMetrics().height() * 2.75))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._dragging = True
        self.tick_requested.emit(self.tick_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.tick_requested.emit(self.tick_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragging = False
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            position = event.pos()  # type: ignore[attr-defined]
            hit = [plain_symbol(chip.latex) for chip in self._arranged()[0] if chip.left <= position.x() < chip.left + chip.width]
            state = self._store.state
            near = [mark.note for mark in self._marks() if abs(self.place_of(tick_of(state, mark)) - position.x()) <= MARK + 1]
            QToolTip.showText(event.globalPos(), "\n".join([*hit[:1], *near]) or self.toolTip(), self)  # type: ignore[attr-defined]
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, (chips, groups, _) = theme_of(self._store.state), self._arranged()
        top, height = self.fontMetrics().height() * 1.05, self.fontMetrics().height() * 1.5
        for group in groups:
            self._paint_word(painter, theme, group)
        for chip in chips:
            if chip.left > event.rect().right() or chip.left + chip.width < event.rect().left():
                continue
            self._paint_chip(painter, theme, chip, QRectF(chip.left + 0.5, top + 0.5, chip.width - 1, height - 1))
        for mark in self._marks():
            paint_mark(painter, theme, self.place_of(tick_of(self._store.state, mark)), top)

    def show_step(self, old: AppState, new: AppState) -> None:
        """Paint again what a change of the state touches: after a step, the chips between the two ticks."""
        looks = [(s.run, s.step, s.options, s.bookmarks, s.profiles, s.dark_system) for s in (old, new)]
        if looks[0] != looks[1] or self._crowded or not self._arranged()[0]:
            self.update()
            return
        chips, walk = self._arranged()[0], self._store.moment.walk
        first, last = (chips[walk.stage_at(tick)] for tick in sorted((old.tick, new.tick)))
        self.update(QRect(int(first.left) - 2, 0, int(last.left + last.width - first.left) + 5, self.height()))

    def _marks(self) -> list[Bookmark]:
        state = self._store.state
        return [mark for mark in state.bookmarks if mark.step == state.step]

    def place_of(self, tick: int) -> float:
        """Return where the end of a tick is, in pixels from the left."""
        chips, walk = self._arranged()[0], self._store.moment.walk
        if not tick or not chips:
            return MARK
        i = walk.stage_at(tick)
        return chips[i].left + chips[i].width * (tick - walk.starts[i]) / walk.stages[i].ticks

    def _paint_word(self, painter: QPainter, theme: Theme, group: Group) -> None:
        font = QFont(self.font())
        font.setPixelSize(max(9, round(self._symbol_size() * 0.72)))
        font.setWeight(QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 106)
        painter.setFont(font)
        painter.setPen(colour(theme.phase(group.phase).text))
        if painter.fontMetrics().horizontalAdvance(group.phase.upper()) <= group.width + GROUP_GAP:
            painter.drawText(QPointF(group.left, painter.fontMetrics().ascent()), group.phase.upper())

    def _paint_chip(self, painter: QPainter, theme: Theme, chip: Chip, box: QRectF) -> None:
        moment = self._store.moment
        walk, phase = moment.walk, theme.phase(moment.walk.stages[chip.stage].phase)
        share = (min(moment.tick, walk.ends[chip.stage]) - walk.starts[chip.stage]) / walk.stages[chip.stage].ticks
        current = moment.place is not None and moment.place.stage == chip.stage
        painter.setPen(Qt.PenStyle.NoPen)
        if share > 0:
            painter.setBrush(colour(phase.mark if current else phase.wash))
            part = QRectF(box.left(), box.top(), box.width() * min(1.0, share), box.height())
            painter.drawRoundedRect(part, 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(phase.mark), 1.8 if current else 1.0))
        painter.drawRoundedRect(box, 4, 4)
        block = symbol(chip.latex, self._symbol_size())
        if block.width + 4 <= box.width():
            painter.setPen(colour(phase.on_mark if current and share >= 1 else theme.text if share > 0 else theme.muted))
            draw_symbol(painter, block, box.center().x() - block.width / 2, box.center().y() + block.size * 0.34)


def _left(chip: Chip) -> float:
    return chip.left


def paint_mark(painter: QPainter, theme: Theme, x: float, y: float) -> None:
    """Draw a bookmark that points at (x, y) from above."""
    painter.setPen(QPen(colour(theme.panel), 1.0))
    painter.setBrush(colour(theme.gold))
    painter.drawPolygon(QPolygonF([QPointF(x - MARK, y - 2 * MARK), QPointF(x + MARK, y - 2 * MARK), QPointF(x, y + 1)]))


class UpdateSlider(QSlider):
    """A slider over the updates of the run, with the bookmarks above it."""

    def __init__(self, store: Store) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._store = store
        self.setMinimum(1)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("update")
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the picture must not jump when the second update begins
        self.setSizePolicy(policy)
        self.setFixedHeight(SLIDER)
        self.setToolTip("Drag through the updates of the run (Ctrl+Right, Ctrl+Left)")

    def place_of(self, step: int) -> float:
        """Return where the middle of the handle is at an update."""
        handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self)
        room = self.width() - handle
        return QStyle.sliderPositionFromValue(self.minimum(), self.maximum(), step, room) + handle / 2

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            x = event.pos().x()  # type: ignore[attr-defined]
            near = [m for m in self._store.state.bookmarks if abs(self.place_of(m.step) - x) <= MARK + 1]
            words = [f"update {mark.step:,}: {mark.note}" for mark in near]
            QToolTip.showText(event.globalPos(), "\n".join(words) or self.toolTip(), self)  # type: ignore[attr-defined]
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = self._store.state
        for step in sorted({mark.step for mark in state.bookmarks if mark.step <= state.run_length}):
            paint_mark(painter, theme_of(state), self.place_of(step), self.height() / 2 - 1)


class TimelineBar(QWidget):
    """The chips of the update, and where the run has more than one update, a slider over all of them."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._chips = ChipRow(store)
        self._chips.tick_requested.connect(self._on_tick_requested)
        self._slider = UpdateSlider(store)
        self._slider.valueChanged.connect(self._on_update_chosen)
        self._number = CountField(1, 1, "number of the update", "Go to an update by its number")
        self._number.valueChanged.connect(self._on_update_chosen)
        self._sample = CountField(1, 1, "sample", "The sample of the batch whose calculation is shown")
        self._sample.valueChanged.connect(self._on_sample_chosen)
        self._samples = QLabel()
        self._sample_parts = (QLabel("sample"), self._sample, self._samples)
        self._samples.setObjectName("quiet")
        self._count = QLabel()
        self._count.setObjectName("quiet")
        for field in (self._number, self._sample):
            field.refused.connect(self._on_refused)
        self._lay_out()
        self.setObjectName("timeline")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._fill(store.state)
        store.changed.connect(self._on_store_changed)

    def _lay_out(self) -> None:
        """Put the whole width at the disposal of the chips; below, the updates and the samples."""
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(QLabel("update"))
        row.addWidget(self._number)
        row.addWidget(self._count)
        row.addSpacing(8)
        row.addWidget(self._slider, 1)
        row.addSpacing(8)
        for part in self._sample_parts:
            row.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 7, 14, 5)
        layout.setSpacing(4)
        layout.addWidget(self._chips)
        layout.addLayout(row)

    def _fill(self, state: AppState) -> None:
        m = state.run.record(state.step).m
        for widget, value, highest in (
            (self._slider, state.step, state.run_length),
            (self._number, state.step, state.run_length),
            (self._sample, min(state.options.sample, m - 1) + 1, m),
        ):
            widget.blockSignals(True)
            widget.setMaximum(highest)
            widget.setValue(value)
            widget.blockSignals(False)
        self._samples.setText(f"of {m:,}")
        for part in self._sample_parts:
            part.setVisible(m > 1)
        self._count.setText(f"of {state.run_length:,}")
        self._slider.setVisible(state.run_length > 1)
        self._number.setEnabled(state.run_length > 1)

    def _on_tick_requested(self, tick: int) -> None:
        self._store.dispatch(seek, self._store.state.step, tick)

    def _on_refused(self, sentence: str) -> None:
        field = cast(QWidget, self.sender())
        QToolTip.showText(field.mapToGlobal(QPoint(0, 0)), sentence, field)

    def _on_sample_chosen(self, number: int) -> None:
        self._store.dispatch(set_sample, number - 1)

    def _on_update_chosen(self, step: int) -> None:
        self._store.dispatch(seek_update, step)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if (old.step, old.run_length, old.run, old.options.sample) != (new.step, new.run_length, new.run, new.options.sample):
            self._fill(new)
        if old.bookmarks is not new.bookmarks:
            self._slider.update()
        if old.hover == new.hover and old.selection == new.selection:
            self._chips.show_step(old, new)
