"""How training goes: how long, the schedule of the learning rate with its curve, and when it ends by itself."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.actions import set_stop, start_training, stop_training
from gui.data import edits as data_edits
from gui.formula.plain_symbols import rate_letter
from gui.panel.fields import Choice, NumberField, Section, set_quietly, whole
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import Theme
from gui.theme_qt import colour, font
from model.expr.tree import significant
from model.training.schedules import MOST_UPDATES, Schedule
from model.training.stopping import MOST_EPOCHS, StopRule

UNITS = (("updates", "updates"), ("epochs", "epochs"), ("stopped", "until stopped"))
UNITS_TIP = f"Updates; epochs, which are rounds through all samples; or on and on, at most {MOST_UPDATES:,} updates"
KINDS = (("constant", "constant"), ("step", "in steps"), ("cosine", "cosine"))


class TrainOptions(QDialog):
    """Stays open beside the window. What is set here holds at once, also for Run in the panel; the schedule can be undone."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.setWindowTitle("Training")
        self._make_length()
        self._make_schedule()
        self._make_stop()
        self._note = QLabel(wordWrap=True)
        self._note.setObjectName("quiet")
        self._note.setMinimumHeight(2 * self.fontMetrics().height())
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._go = self._buttons.addButton("Run", QDialogButtonBox.ButtonRole.ActionRole)
        self._go.clicked.connect(self._on_go_clicked)
        self._buttons.rejected.connect(self.reject)
        for button in self._buttons.buttons():  # Enter in a field sets the number and no more
            cast(QPushButton, button).setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        for widget in (self._length, self._schedule, self._stop):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self._note)
        layout.addWidget(self._buttons)
        self._fill(store.state)
        self.setMinimumWidth(min(round(27.5 * self.fontMetrics().height()), self.screen().availableSize().width() - 60))
        store.changed.connect(self._on_store_changed)
        self._amount.setFocus()

    def _make_length(self) -> None:
        self._length = Section("Length")
        self._amount = whole(1, MOST_UPDATES, "length of the run", "How long Run trains", 1000)
        self._unit = Choice(UNITS, "unit of the length", UNITS_TIP)
        self._unit.chosen.connect(self._on_unit_chosen)
        self._amount.valueChanged.connect(self._on_amount_changed)
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._amount, 1)
        line.addWidget(self._unit, 1)
        self._length.add_row("run", row)

    def _make_schedule(self) -> None:
        section = self._schedule = Section("Learning rate")
        self._kind = Choice(KINDS, "schedule of the learning rate", "How the learning rate follows the number of the update")
        self._kind.chosen.connect(self._on_kind_chosen)
        section.add_row("schedule", self._kind)
        self._every = whole(1, MOST_UPDATES, "updates between two steps", "After so many updates the rate falls", 1000)
        self._factor = NumberField(1e-6, 1.0, "factor of a step", "What the rate is multiplied by at each step")
        self._over = whole(1, MOST_UPDATES, "updates of the cosine", "After so many updates the lowest rate is reached", 1000)
        self._lowest = NumberField(0.0, 1.0, "lowest share", "Share of the learning rate that is reached at the end")
        self._rows = {}
        for kind, label, field in (
            ("step", "every … updates", self._every), ("step", "times", self._factor), ("cosine", "over … updates", self._over),
            ("cosine", "down to a share of", self._lowest),
        ):  # fmt: skip
            self._rows[field] = (kind, section.add_row(label, field))
            field.valueChanged.connect(self._on_schedule_changed)
        self._rule = QLabel()
        section.add_wide(self._rule)
        self._curve = _Curve()
        section.add_wide(self._curve)

    def _make_stop(self) -> None:
        section = self._stop = Section("End by itself")
        self._has_target = QCheckBox("at a loss of at most")
        self._has_target.setToolTip("End when the loss of an epoch reaches this")
        self._target = NumberField(-1e9, 1e9, "target loss", "The loss of an epoch that ends the run")
        self._has_patience = QCheckBox("after … epochs without a lower loss")
        self._has_patience.setToolTip("End when the loss has not fallen for so long")
        self._patience = whole(1, MOST_EPOCHS, "patience in epochs", "So many epochs may pass without a lower loss", 100)
        self._target.show_value(0.01)
        for box, field in ((self._has_target, self._target), (self._has_patience, self._patience)):
            line = QWidget()
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(box, 1)
            row.addWidget(field)
            field.setFixedWidth(120)
            section.add_wide(line)
            box.clicked.connect(self._on_stop_changed)
            field.valueChanged.connect(self._on_stop_changed)

    def _fill(self, state: AppState) -> None:
        schedule, stop = state.run.schedule, state.stop
        self._kind.show_value(schedule.kind)
        for field, value in ((self._every, schedule.every), (self._over, schedule.over)):
            set_quietly(field, value)
        self._factor.show_value(schedule.factor)
        self._lowest.show_value(schedule.lowest)
        for field, (kind, label) in self._rows.items():
            field.setVisible(kind == schedule.kind)
            label.setVisible(kind == schedule.kind)
        self._has_target.setChecked(stop.target is not None)
        self._has_patience.setChecked(stop.patience is not None)
        self._target.setEnabled(stop.target is not None)
        self._patience.setEnabled(stop.patience is not None)
        if stop.target is not None:
            self._target.show_value(stop.target)
        if stop.patience is not None:
            set_quietly(self._patience, stop.patience)
        rate = state.problem.learning_rate
        symbol = rate_letter(state.notation, state.problem)
        self._rule.setText(schedule.in_words().replace("η", symbol))
        self._curve.show_schedule(schedule, rate or 0.0, self._horizon(state), theme_of(state))
        self._amount.setEnabled(self._unit.currentData() != "stopped")
        training = state.training > 0
        self._go.setText("Stop" if training else "Run")
        self._go.setEnabled(training or rate is not None)
        self._show_note(state)

    def _show_note(self, state: AppState) -> None:
        """Say what an epoch is and which loss decides, or why the last run ended."""
        if state.notice:
            self._note.setText(state.notice)
            return
        held, epoch = len(state.run.held_out[0]), _epoch(state)
        text = "One update is an epoch" if epoch == 1 else f"{epoch:,} updates are an epoch"
        if state.stop.active:
            text += f"; the loss on the {held:,} held-out samples decides" if held else "; the mean of its losses decides"
        if state.problem.learning_rate is None:
            text = "Without a learning rate there is nothing to train; set one in the panel"
        self._note.setText(text + ".")

    def _horizon(self, state: AppState) -> int:
        """Return how many updates the curve spans."""
        amount = self._amount.value() * (_epoch(state) if self._unit.currentData() == "epochs" else 1)
        return int(min(MOST_UPDATES, amount))

    def _on_amount_changed(self) -> None:
        self._fill(self._store.state)

    def _on_unit_chosen(self) -> None:
        self._fill(self._store.state)

    def _on_kind_chosen(self) -> None:
        """A schedule that is chosen fits the length that is set: four steps, or one wave."""
        horizon = self._horizon(self._store.state)
        set_quietly(self._every, max(1, horizon // 4))
        set_quietly(self._over, horizon)
        self._on_schedule_changed()

    def _on_schedule_changed(self) -> None:
        schedule = Schedule(
            self._kind.currentData(), self._every.value(), self._factor.value(), self._over.value(), self._lowest.value()
        )  # fmt: skip
        self._schedule.refuse(self._store.edit("change of schedule", data_edits.set_schedule, schedule))

    def _on_stop_changed(self) -> None:
        target = self._target.value() if self._has_target.isChecked() else None
        patience = self._patience.value() if self._has_patience.isChecked() else None
        self._store.dispatch(set_stop, StopRule(target, patience))

    def _on_go_clicked(self) -> None:
        if self._store.state.training:
            self._store.dispatch(stop_training)
        else:
            wanted = MOST_UPDATES if self._unit.currentData() == "stopped" else self._horizon(self._store.state)
            self._length.refuse(self._store.dispatch(start_training, wanted))

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        shown = ("problem", "run", "stop", "notice")
        changed = any(getattr(old, name) is not getattr(new, name) for name in shown) or old.options.notation != new.options.notation
        if changed or (old.training > 0) != (new.training > 0) or theme_of(old) is not theme_of(new):
            self._fill(new)


def _epoch(state: AppState) -> int:
    """Return the number of updates of an epoch."""
    m = len(state.run.samples[0])
    return -(-m // min(state.problem.batch_size or m, m))


class _Curve(QWidget):
    """The learning rate over the updates of the run that is set."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Schedule, float, int, Theme] | None = None
        self.setMinimumHeight(4 * self.fontMetrics().height())

    def show_schedule(self, schedule: Schedule, rate: float, updates: int, theme: Theme) -> None:
        """Show a schedule of the learning rate `rate` over so many updates."""
        self._shown = (schedule, rate, updates, theme)
        first, last = (significant(schedule.rate(rate, t), 3) for t in (1, updates))
        self.setAccessibleName(f"learning rate from {first} at update 1 to {last} at update {updates:,}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, 6 * self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._shown is None:
            return
        schedule, rate, updates, theme = self._shown
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = self.font().pixelSize()
        area = QRectF(self.rect()).adjusted(4, 6, -4, -1.6 * size)
        painter.setPen(QPen(colour(theme.rule), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        points = [1 + round(i * (updates - 1) / 400) for i in range(401)]
        across, up = area.width() / max(1, updates - 1), area.height()
        path = [QPointF(area.left() + (t - 1) * across, area.bottom() - schedule.share(t) * up) for t in points]
        painter.setPen(QPen(colour(theme.accent), 2))
        painter.drawPolyline(QPolygonF(path))
        painter.setFont(font("regular", round(size * 0.92)))
        painter.setPen(colour(theme.muted))
        below = QRectF(area.left(), area.bottom() + 3, area.width(), 1.5 * size)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"update 1: {significant(rate, 3)}")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"update {updates:,}: {significant(schedule.rate(rate, updates), 3)}")
        painter.end()
