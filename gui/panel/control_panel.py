"""Everything that can be set about the experiment, in sections: network, learning, conventions, what edges show, run."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui import edits
from gui.formula.plain_symbols import rate_letter
from gui.panel.convention_fields import ConventionFields
from gui.panel.edge_options import EdgeFields
from gui.panel.fields import Choice, CountField, Line, NumberField, Section, change_of
from gui.panel.lit import LitField
from gui.panel.words import LOSSES, OPTIMIZERS, in_words
from gui.state import AppState, same_moment
from gui.store import Store
from gui.theme import TEXT_SIZE
from gui.theme_qt import SAMPLE, font
from gui.window_style import polish
from model.format.schema import OPTIMIZER_KEYS
from model.problem import Init, Optimizer
from model.stages import Ref
from model.training.estimate import Estimate
from model.training.schedules import MOST_UPDATES
from model.training.stopping import ended_by_rule

LARGEST = 1e9
WIDTH = 304
BESIDE = 34  # pixels of a field beside its number
PARTS = 1000  # of the bar that says how far a run is


class ControlPanel(QWidget):
    """The panel at the left.

    **Signals:** example_requested(str), run_requested(int), stop_requested(), reset_requested(), randomise_requested(int).
    """

    example_requested = Signal(object)
    run_requested = Signal(int)
    stop_requested = Signal()
    reset_requested = Signal()
    randomise_requested = Signal(int)

    def __init__(self, store: Store, examples: list[tuple[str, str]], network: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._sections = QWidget()
        self._sections.setObjectName("panel")
        self._column = QVBoxLayout(self._sections)
        self._column.setContentsMargins(14, 8, 10, 8)
        self._column.setSpacing(10)
        self._add_experiment(examples, network)
        self._add_learning()
        self._add_conventions()
        self._add_edges()
        self._column.addStretch(1)
        area = self._area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self._sections)
        self.setObjectName("side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 1, 0)
        layout.setSpacing(0)
        layout.addWidget(area, 1)
        layout.addWidget(self._make_run())
        self._set_width()
        self._fill(store.state)
        store.changed.connect(self._on_store_changed)

    def _section(self, title: str) -> Section:
        section = Section(title)
        section.explained.connect(self._on_explained)
        self._column.addWidget(section)
        return section

    def _on_explained(self, label: QWidget) -> None:
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # the label gets its place only now
        self._area.ensureWidgetVisible(label, 0, 8)

    def _add_experiment(self, examples: list[tuple[str, str]], network: QWidget) -> None:
        section = self._experiment = self._section("Experiment")
        self._example = Choice(examples, "example", "One of the built-in examples")
        self._example.setPlaceholderText("own experiment")
        self._example.chosen.connect(self.example_requested)
        section.add_wide(self._example)
        section.add_wide(network)

    def refuse_network(self, sentence: str) -> None:
        """Show below the layers why a choice was refused."""
        self._experiment.refuse(sentence)

    def _add_learning(self) -> None:
        section = self._learning = self._section("Learning")
        self._loss = Choice(LOSSES, "loss", "What is made small")
        self._loss.chosen.connect(self._on_loss_chosen)
        section.add_row("loss", self._loss)
        self._rule = Choice(OPTIMIZERS, "optimiser", "The rule of the update")
        self._rule.chosen.connect(self._on_rule_chosen)
        section.add_row("optimiser", self._rule)
        self._constants: dict[str, tuple[QLabel, NumberField]] = {}
        for key, high in edits.CONSTANTS.items():
            name = key.replace("1", " 1").replace("2", " 2").replace("_", " ")
            field = NumberField(0.0, min(high, LARGEST), name, f"The constant {name} of the update rule")
            field.setProperty("constant", key)
            field.valueChanged.connect(self._on_constant_changed)
            field.refused.connect(section.refuse)
            self._constants[key] = (section.add_row(name, field), field)
        self._nesterov = QCheckBox("Nesterov")
        self._nesterov.setToolTip("Look ahead along the momentum")
        self._nesterov.clicked.connect(self._on_nesterov_clicked)
        section.add_wide(self._nesterov)

    def _add_conventions(self) -> None:
        self.conventions = ConventionFields(self._store, self._section("Conventions"))

    def _add_edges(self) -> None:
        section = self._section("Show on edges")
        self._edges = EdgeFields(self._store, section)

    def _make_run(self) -> QWidget:
        box = QWidget()
        box.setObjectName("run")
        self._updates = CountField(1, MOST_UPDATES, "updates to run", "How many updates Run trains")
        self._updates.setValue(1000)
        self._rate = NumberField(0.0, LARGEST, "learning rate", "Learning rate: size of a step down the gradient; 0 changes nothing")
        self._rate.valueChanged.connect(self._on_rate_changed)
        self._rate.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._rate_label = QLabel()
        self._rate_label.setBuddy(self._rate)
        LitField(self._store, Ref("learning_rate"), self._rate_label, self._rate)
        self._run = _button("Run", "Train this many updates (F5)", self._on_run_clicked)
        self._run.setObjectName("primary")
        self._reset = _button(
            "Reset", "Back to the same initial weights (Ctrl+Backspace); Undo brings the run back", self.reset_requested.emit
        )
        self._seed = CountField(0, 2**31 - 1, "seed", "Seed from which initial weights are drawn")
        self._seed.setGroupSeparatorShown(False)
        self._seed_before: int | None = None  # while the weights are drawn: what was here when they were given
        for field in (self._updates, self._rate, self._seed):
            field.refused.connect(self.refuse_run)
        self._randomise = _button("Randomise", "Draw initial weights from this seed (Ctrl+R draws the next)", self._on_randomise_clicked)
        self._notice = QLabel(wordWrap=True, visible=False)
        self._notice.setObjectName("refusal")
        self._estimate: Estimate | None = None
        self._progress = QProgressBar(textVisible=False, maximum=PARTS)
        self._progress.setAccessibleName("training progress")
        self._left = Line("quiet")
        self._left.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        rows = QVBoxLayout(box)
        rows.setContentsMargins(14, 8, 12, 8)
        rows.setSpacing(6)
        rows.addLayout(_row(self._updates, QLabel("updates"), self._rate_label, self._rate))
        rows.addLayout(_row(self._run, self._reset))
        self._lowest = QStackedWidget()  # in one place, or Stop would not be where Run was
        for row in (_row(QLabel("seed"), self._seed, self._randomise), _row(self._progress, self._left)):
            row.setContentsMargins(0, 0, 0, 0)
            self._lowest.addWidget(QWidget())
            self._lowest.widget(self._lowest.count() - 1).setLayout(row)
        rows.addWidget(self._lowest)
        rows.addWidget(self._notice)
        return box

    def refuse_run(self, sentence: str) -> None:
        """Show why training could not start or ended, in the colour of errors unless it ended as was asked for; "" takes it away."""
        self._notice.setObjectName("quiet" if ended_by_rule(sentence) else "refusal")
        polish(self._notice)
        self._notice.setText(in_words(sentence))
        self._notice.setVisible(bool(sentence))

    @property
    def updates(self) -> int:
        """How many updates Run trains."""
        return self._updates.value()

    def _fill(self, state: AppState) -> None:
        p = state.problem
        self._loss.show_value(p.loss)
        self._rate.show_value(state.run.learning_rate or 0.0)  # may have been changed while training
        symbol = rate_letter(state.notation, p)
        self._rate_label.setText(f"rate {symbol}")
        self._rule.show_value(p.optimizer.name)
        self._fill_constants(p.optimizer)
        self._example.show_value(state.path if state.problem is state.saved else None)
        self._fill_seed(p.init)

    def _fill_seed(self, init: Init | None) -> None:
        """Show the seed of the weights; back from drawn to given ones, the seed that stood here before."""
        if init is not None and self._seed_before is None:
            self._seed_before = self._seed.value()
        if init is not None:
            self._seed.setValue(init.seed % 2**31)
        elif self._seed_before is not None:
            self._seed.setValue(self._seed_before)
            self._seed_before = None

    def _fill_constants(self, optimizer: Optimizer) -> None:
        for key, (label, field) in self._constants.items():
            used = key in OPTIMIZER_KEYS[optimizer.name]
            label.setVisible(used)
            field.setVisible(used)
            field.show_value(float(getattr(optimizer, key)))
        self._nesterov.setVisible(optimizer.name == "sgd_momentum")
        self._nesterov.setChecked(optimizer.nesterov)

    def _fill_run(self, state: AppState) -> None:
        training = state.training > 0
        self._run.setText("Stop" if training else "Run")
        self._run.setToolTip("Stop training where it is (Esc)" if training else "Train this many updates (F5)")
        self._lowest.setCurrentIndex(1 if training else 0)
        now = time.monotonic()
        if not training:
            self._estimate = None
            return
        if self._estimate is None or state.training > self._estimate.total:
            self._estimate = Estimate(state.training, now)
        done = self._estimate.total - state.training
        self._progress.setValue(round(PARTS * self._estimate.share(done)))
        endless = self._estimate.total >= MOST_UPDATES  # nobody waits for so many
        self._left.setText("until stopped" if endless else self._estimate.words(done, now))

    def _edit(self, section: Section, text: str, action: Callable[..., AppState], *args: object, **kwargs: object) -> None:
        refused = self._store.edit(text, action, *args, **kwargs)
        if refused:
            self._fill(self._store.state)
        section.refuse(refused)

    def _on_loss_chosen(self, loss: str) -> None:
        self._edit(self._learning, "change of loss", edits.set_loss, loss)

    def _on_rate_changed(self, value: float) -> None:
        refused = self._store.edit(change_of(self._rate, "learning rate"), edits.set_learning_rate, value)
        if refused:
            self._fill(self._store.state)
        self.refuse_run(refused)

    def _on_rule_chosen(self, name: str) -> None:
        self._edit(self._learning, "change of optimiser", edits.set_optimizer, name)

    def _on_constant_changed(self, value: float) -> None:
        key = str(self.sender().property("constant"))
        text = change_of(self._constants[key][1], key.replace("_", " "))
        self._edit(self._learning, text, edits.set_optimizer, self._store.state.problem.optimizer.name, **{key: value})

    def _on_nesterov_clicked(self, checked: bool) -> None:
        self._edit(self._learning, "Nesterov", edits.set_optimizer, "sgd_momentum", nesterov=checked)

    def _on_run_clicked(self) -> None:
        if self._store.state.training:
            self.stop_requested.emit()
        else:
            self.run_requested.emit(self._updates.value())

    def _on_randomise_clicked(self) -> None:
        self.randomise_requested.emit(self._seed.value())

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        changed = old.problem is not new.problem or old.path != new.path or old.saved is not new.saved or old.options is not new.options
        if changed:
            self._fill(new)
        if changed or not same_moment(old, new) or old.training != new.training:
            for section in (self._experiment, self._learning):
                section.refuse("")
            self.refuse_run(new.notice)
        if old.training != new.training:
            self._fill_run(new)
        if old.notice != new.notice:
            self.refuse_run(new.notice)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._set_width()

    def _set_width(self) -> None:
        usual = QFontMetrics(font("regular", TEXT_SIZE)).horizontalAdvance(SAMPLE)
        self._updates.setMaximumWidth(self.fontMetrics().horizontalAdvance("1,000,000") + BESIDE)
        self.setFixedWidth(max(WIDTH, round(WIDTH * self.fontMetrics().horizontalAdvance(SAMPLE) / usual)))


def _button(text: str, tip: str, clicked: Callable[..., object]) -> QPushButton:
    button = QPushButton(text, toolTip=tip, focusPolicy=Qt.FocusPolicy.TabFocus)
    button.clicked.connect(clicked)
    return button


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
        if isinstance(widget, QPushButton):
            widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return row
