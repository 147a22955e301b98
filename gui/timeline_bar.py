"""The walk as a row of chips, one per quantity, coloured by phase with the phase's word; dragging moves the cursor. Below, the updates."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QStyle, QToolTip, QVBoxLayout, QWidget

from gui.actions import seek, set_sample
from gui.canvas.overlay import paint_focus
from gui.chips import EDGE, WORD, Chip, Chips, Group, lay_out
from gui.diagram.text import symbol
from gui.formula.plain_symbols import plain_symbol
from gui.formula.symbol_label import draw_symbol
from gui.panel.fields import CountField
from gui.session.actions import tick_of
from gui.session.keeping import Bookmark
from gui.session.seeking import go_to_update, seeking
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import Theme
from gui.theme_qt import colour

SLIDER = 18
FRAME = 2  # pixels beside a chip that its line may touch
MARK = 3.5  # half the width of a bookmark


class ChipRow(QWidget):
    """The stages of one update. **Signals:** tick_requested(int): the user points at a place of the walk."""

    tick_requested = Signal(int)

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._layout: Chips | None = None
        self._laid_out_for: tuple[object, ...] = ()
        self._middle = -1  # the stage that the chips are scrolled to, where they do not all fit
        self._dragging = False  # while one drags, nothing moves under the pointer
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("steps of this update")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Every quantity of this update in order; drag to move through it (Right, Left)")

    def _symbol_size(self) -> float:
        return self.fontMetrics().height() * 0.86

    def _arranged(self) -> Chips:
        moment = self._store.moment
        key = (moment.walk, moment.notation, self.width(), self._symbol_size(), moment.sample)
        if self._layout is None or self._laid_out_for != key:
            self._layout, self._laid_out_for, self._middle = lay_out(moment, self._symbol_size(), self.width()), key, -1
        stage = moment.place.stage if moment.place else 0
        if self._layout.scrolls and stage != self._middle and not self._dragging:
            self._layout, self._middle = self._layout.around(stage), stage
        return self._layout

    def tick_at(self, x: float) -> int:
        """Return the boundary of the present granularity that a place stands for."""
        moment, chips = self._store.moment, self._arranged().chips
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
            hit = [plain_symbol(chip.latex) for chip in self._arranged().chips if chip.left <= position.x() < chip.left + chip.width]
            state = self._store.state
            near = [mark.note for mark in self._marks() if abs(self.place_of(tick_of(state, mark)) - position.x()) <= MARK + 1]
            QToolTip.showText(event.globalPos(), "\n".join([*hit[:1], *near]) or self.toolTip(), self)  # type: ignore[attr-defined]
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, arranged = theme_of(self._store.state), self._arranged()
        top, height = self.fontMetrics().height() * 1.05, self.fontMetrics().height() * 1.5
        for group in arranged.groups:
            self._paint_word(painter, theme, group, arranged)
        for chip in arranged.chips:
            if chip.left - FRAME > event.rect().right() or chip.left + chip.width + FRAME < event.rect().left():
                continue
            self._paint_chip(painter, theme, chip, QRectF(chip.left + 0.5, top + 0.5, chip.width - 1, height - 1), arranged.size)
        for mark in self._marks():
            paint_mark(painter, theme, self.place_of(tick_of(self._store.state, mark)), top)
        for side, there in enumerate(arranged.more):
            if there:
                self._paint_more(painter, theme, side, QRectF(self.width() - EDGE if side else 0.0, 0.0, EDGE, self.height()))

    def _paint_more(self, painter: QPainter, theme: Theme, side: int, box: QRectF) -> None:
        """Say that chips are hidden at the left (side 0) or at the right (1)."""
        painter.fillRect(box, colour(theme.panel))
        painter.setPen(QPen(colour(theme.text), 1.6))
        middle, way = QPointF(box.center().x(), self.fontMetrics().height() * 1.8), 1 if side else -1
        painter.drawPolyline([middle + QPointF(-2.5 * way, -5), middle + QPointF(2.5 * way, 0), middle + QPointF(-2.5 * way, 5)])

    def show_step(self, old: AppState, new: AppState) -> None:
        """Paint again what a change of the state touches: nothing when something is only pointed at, after a step the chips between."""
        looks = [(s.run, s.step, s.options, s.bookmarks, s.own_notations, s.dark_system) for s in (old, new)]
        if looks[0] == looks[1] and old.tick == new.tick:
            return
        if looks[0] != looks[1] or self._arranged().scrolls or not self._arranged().chips:
            self.update()
            return
        chips, walk = self._arranged().chips, self._store.moment.walk
        first, last = (chips[walk.stage_at(tick)] for tick in sorted((old.tick, new.tick)))
        self.update(QRect(int(first.left) - 2, 0, int(last.left + last.width - first.left) + 5, self.height()))

    def _marks(self) -> list[Bookmark]:
        state = self._store.state
        return [mark for mark in state.bookmarks if mark.step == state.step]

    def place_of(self, tick: int) -> float:
        """Return where the end of a tick is, in pixels from the left."""
        chips, walk = self._arranged().chips, self._store.moment.walk
        if not tick or not chips:
            return MARK
        i = walk.stage_at(tick)
        return chips[i].left + chips[i].width * (tick - walk.starts[i]) / walk.stages[i].ticks

    def _paint_word(self, painter: QPainter, theme: Theme, group: Group, arranged: Chips) -> None:
        """Write the word of a phase above its chips, of those that begin beyond the left end above the first that is seen."""
        font = QFont(self.font())
        font.setPixelSize(max(9, round(arranged.size * WORD)))
        font.setWeight(QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 106)
        painter.setFont(font)
        painter.setPen(colour(theme.phase(group.phase).text))
        left = max(group.left, EDGE if arranged.more[0] else 0.0)
        if painter.fontMetrics().horizontalAdvance(group.phase.upper()) <= group.left + group.width - left + 1:
            painter.drawText(QPointF(left, painter.fontMetrics().ascent()), group.phase.upper())

    def _paint_chip(self, painter: QPainter, theme: Theme, chip: Chip, box: QRectF, size: float) -> None:
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
        block = symbol(chip.latex, size)
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
        self._count.setToolTip("Updates of the run; while some are computed again to get to one of them, how far that is")
        for field in (self._number, self._sample):
            field.refused.connect(self._on_refused)
        self._lay_out()
        self.setObjectName("timeline")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusProxy(self._chips)
        self._framed = False  # the frame is for those who move by keyboard
        self._chips.installEventFilter(self)
        self._seeking = seeking(store)
        self._seeking.moved.connect(self._on_seeking_moved)
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
        step = self._seeking.wanted or state.step  # what is dragged stays where it is until the picture follows
        for widget, value, highest in (
            (self._slider, step, state.run_length),
            (self._number, step, state.run_length),
            (self._sample, min(state.options.sample, m - 1) + 1, m),
        ):
            with QSignalBlocker(widget):
                widget.setMaximum(highest)
                widget.setValue(value)
        self._samples.setText(f"of {m:,}")
        for part in self._sample_parts:
            part.setVisible(m > 1)
        self._say_count(state)
        self._slider.setVisible(state.run_length > 1)
        self._number.setEnabled(state.run_length > 1)

    def _say_count(self, state: AppState) -> None:
        """Say how many updates there are or, in the same room, how much of the way to one of them has been computed again."""
        words = f"of {state.run_length:,}"
        self._count.setMinimumWidth(self._count.fontMetrics().horizontalAdvance(words) + 2)
        self._count.setText(f"… {self._seeking.share * 100:.0f} %" if self._seeking.wanted else words)

    def _on_seeking_moved(self) -> None:
        self._fill(self._store.state)

    def _on_tick_requested(self, tick: int) -> None:
        self._store.dispatch(seek, self._store.state.step, tick)

    def _on_refused(self, sentence: str) -> None:
        field = cast(QWidget, self.sender())
        QToolTip.showText(field.mapToGlobal(QPoint(0, 0)), sentence, field)

    def _on_sample_chosen(self, number: int) -> None:
        self._store.dispatch(set_sample, number - 1)

    def _on_update_chosen(self, step: int) -> None:
        go_to_update(self._store, step)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if (old.step, old.run_length, old.run, old.options.sample) != (new.step, new.run_length, new.run, new.options.sample):
            self._fill(new)
        if old.bookmarks is not new.bookmarks:
            self._slider.update()
        self._chips.show_step(old, new)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent):
            reasons = Qt.FocusReason
            by_key = event.reason() in (reasons.TabFocusReason, reasons.BacktabFocusReason, reasons.ShortcutFocusReason)
            self._framed = event.gotFocus() and by_key
            self.update()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._framed:
            paint_focus(QPainter(self), QRectF(self._chips.geometry()).adjusted(-6, -4, 6, 2), theme_of(self._store.state))
