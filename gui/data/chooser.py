"""Chooses a built-in data set with its size, noise and seed, forms batches, holds samples out; shows the samples first."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gui.actions import as_sentence
from gui.data import edits as data_edits
from gui.data.edits import LARGEST_SEED, Batches
from gui.data.sample_picture import paint_samples
from gui.layouts import resize_on_screen
from gui.panel.fields import NumberField, set_quietly, whole
from gui.panel.form import Form
from gui.panel.words import counted, in_words
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import Theme
from gui.window_style import polish
from model.data.batches import data
from model.data.datasets import DATASETS, load_dataset
from model.data.recipes import RECIPES, UPDATES
from model.evaluation import Labels, Split
from model.expr.tree import significant
from model.problem import Array

TITLES = {
    "": "the present samples", "and": "AND", "or": "OR", "xor": "XOR", "circles": "circles", "moons": "moons", "spirals": "two spirals",
    "blobs": "blobs", "sine": "sine", "digits": "digits 8×8", "iris": "iris",
}  # fmt: skip
WORDS = {
    "": "The samples of this experiment stay; batches and held-out samples can be changed.",
    "and": "Four corners; the class is 1 only where both inputs are 1. One line separates the classes.",
    "or": "Four corners; the class is 1 where any input is 1. One line separates the classes.",
    "xor": "Four corners; the class is 1 where exactly one input is 1. No line separates the classes, so a hidden layer is needed.",
    "circles": "A circle within a circle.",
    "moons": "Two half moons that grip into each other.",
    "spirals": "Two spirals, one and three quarter turns each; hard for small networks.",
    "blobs": "One heap of points per class, on a circle; as many classes as there are outputs.",
    "sine": "Regression: the sine of numbers from −π to π.",
    "digits": "Written digits, 8×8 grey values from 0 to 1. UCI, E. Alpaydin and C. Kaynak, CC BY 4.0.",
    "iris": "Length and width of sepal and petal in cm, 3 species. R. A. Fisher 1936; UCI, CC BY 4.0.",
}
# What outputs of an activation can reach.
REACH = {"sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, float("inf")), "softplus": (0.0, float("inf"))}


class DatasetChooser(QDialog):
    """A list at the left; picture, options and batches of the chosen set at the right; below, what taking it means."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.setWindowTitle("Data set")
        self._list = QListWidget()
        self._list.setAccessibleName("data sets")
        self._list.setSpacing(2)
        for name, title in TITLES.items():
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, name)
            self._list.addItem(item)
        self._fields: dict[str, QWidget] = {}
        self._picture = _Picture(theme_of(store.state))
        self._words, self._verdict = QLabel(wordWrap=True), QLabel(wordWrap=True)
        self._suited = QCheckBox("with a network that learns them")
        self._suited.setToolTip(
            "Takes a network, its loss and its optimiser as well, so that Run learns these samples; else all of it stays"
        )
        self._suited.toggled.connect(self._on_suited_toggled)
        self._words.setObjectName("quiet")
        self._make_fields()
        self._arrange()
        self._show_batches(store.state)
        self._list.currentRowChanged.connect(self._on_set_chosen)
        spec = store.state.problem.dataset
        self._list.setCurrentRow(list(TITLES).index(str(spec["name"])) if spec is not None else 0)
        if spec is not None:
            self._show_options({**DATASETS[str(spec["name"])].options, **spec})
            self._refresh()
        self._list.setFocus()

    def _make_fields(self) -> None:
        self._options, self._batches = Form(), Form()
        for form, name, label, field in (
            (self._options, "samples", "samples", whole(1, 100_000, "number of samples", "How many samples there are")),
            (self._options, "noise", "noise", NumberField(0.0, 100.0, "noise", "Standard deviation of what is added to each input")),
            (self._options, "seed", "seed", whole(0, LARGEST_SEED, "seed", "Seed that noise, or the choice of samples, is drawn from")),
            (self._options, "offset", "from", whole(0, 1796, "first sample", "How many samples to leave out at the start")),
            (self._options, "outputs", "outputs", whole(1, 20, "number of outputs", "One output for two classes, or one for each class")),
            (self._batches, "batch", "batch size", whole(0, 100_000, "batch size", "Samples in one update; 0: all of them")),
            (self._batches, "shuffle", "shuffling", whole(-1, LARGEST_SEED, "seed of the shuffling", "Seed of the order of each epoch")),
            (self._batches, "held", "held out", whole(0, 90, "held out, per cent", "Share of the samples that training never sees")),
            (self._batches, "held_seed", "drawn by seed", whole(0, LARGEST_SEED, "seed of the held-out samples", "Seed of their choice")),
        ):
            self._fields[name] = field
            form.add(label, field)
            (field.valueChanged if isinstance(field, (QSpinBox, NumberField)) else field.clicked).connect(self._refresh)
        standardise = QCheckBox("standardise")
        standardise.setToolTip("Less the mean of each input, divided by its standard deviation, over all 150; saved with the experiment")
        standardise.clicked.connect(self._refresh)
        self._fields["standardise"] = standardise
        self._options.add("", standardise)
        self._spin("batch").setSpecialValueText("all in one step")
        self._spin("shuffle").setSpecialValueText("file order")
        self._spin("held").setSpecialValueText("none")
        self._spin("held").setSuffix(" %")

    def _arrange(self) -> None:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(10)
        column.addWidget(self._words)
        column.addWidget(self._picture, 1)
        column.addWidget(self._options)
        column.addWidget(self._suited)
        column.addWidget(_heading("Batches and held-out samples"))
        column.addWidget(self._batches)
        area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame, focusPolicy=Qt.FocusPolicy.NoFocus)
        area.setWidget(right)
        row = QHBoxLayout()
        row.setSpacing(16)
        self._list.setFixedWidth(max(170, self._list.sizeHintForColumn(0) + 28))
        row.addWidget(self._list)
        row.addWidget(area, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        buttons.accepted.connect(self._on_take)
        buttons.rejected.connect(self.reject)
        self._verdict.setMinimumHeight(2 * self.fontMetrics().height())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addLayout(row, 1)
        layout.addWidget(self._verdict)
        layout.addWidget(buttons)
        resize_on_screen(self, 860, 680)

    def _spin(self, name: str) -> QSpinBox:
        field = self._fields[name]
        assert isinstance(field, QSpinBox)
        return field

    def _show_batches(self, state: AppState) -> None:
        split = state.run.split
        self._fill(data_edits.batches_of(state.problem), {"held": round(100 * split.share), "held_seed": split.seed})

    def _fill(self, batches: Batches, others: dict[str, int]) -> None:
        values = {"batch": batches.size or 0, "shuffle": -1 if batches.seed is None else batches.seed} | others
        for name, value in values.items():
            set_quietly(self._spin(name), min(value, LARGEST_SEED))

    @property
    def _name(self) -> str:
        return str(self._list.currentItem().data(Qt.ItemDataRole.UserRole))

    def _show_options(self, options: dict[str, object]) -> None:
        """Show the options that the chosen set has, with these values."""
        dataset = DATASETS.get(self._name)
        names = [*options, *(["outputs"] if dataset is not None and len(dataset.outputs) > 1 else [])]
        self._options.show_only([self._fields[name] for name in names if name in self._fields])
        self._options.setVisible(bool(options))
        if dataset is None:
            return
        present = self._store.state.problem.layers[-1]
        self._spin("outputs").setRange(dataset.outputs[0], dataset.outputs[-1])
        set_quietly(self._spin("outputs"), present if present in dataset.outputs else dataset.outputs[0])
        self._spin("samples").setMaximum(dataset.most_samples)
        optional = dataset.options.get("seed", 0) is None
        self._spin("seed").setMinimum(-1 if optional else 0)
        self._spin("seed").setSpecialValueText("file order" if optional else "")
        for name, value in options.items():
            field = self._fields.get(name)
            if isinstance(field, QCheckBox):
                field.setChecked(bool(value))
            elif isinstance(field, NumberField):
                field.show_value(float(str(value)))
            elif isinstance(field, QSpinBox):
                set_quietly(field, -1 if value is None else min(int(str(value)), LARGEST_SEED))
        self._options.fit()

    def _spec(self) -> dict[str, object] | None:
        """Return the chosen set with the options that differ from their defaults; None for the present samples."""
        if not self._name:
            return None
        spec: dict[str, object] = {"name": self._name}
        for key, usual in DATASETS[self._name].options.items():
            value = self._value(key)
            if value != usual:
                spec[key] = value
        return spec

    def _value(self, name: str) -> object:
        field = self._fields[name]
        if isinstance(field, QCheckBox):
            return field.isChecked()
        if isinstance(field, NumberField):
            return field.value()
        value = self._spin(name).value()
        return None if value < 0 else value

    def _choice(self) -> tuple[dict[str, object] | None, int, Batches, Split]:
        seed = self._spin("shuffle").value()
        batches = Batches(self._spin("batch").value() or None, None if seed < 0 else seed)
        spec, split = self._spec(), Split(self._spin("held").value() / 100, self._spin("held_seed").value())
        return spec, self._outputs(), batches, split if spec is not None else data_edits.of_present(self._store.state, split)

    def _outputs(self) -> int:
        if not self._name:
            return self._store.state.problem.layers[-1]
        outputs = DATASETS[self._name].outputs
        return self._spin("outputs").value() if len(outputs) > 1 else outputs[0]

    def _refresh(self) -> None:
        """Show the samples that the fields describe, and what taking them means."""
        self._limit_samples()
        spec, outputs, batches, split = self._choice()
        state, whole_network = self._store.state, self._suited.isChecked()
        ends = state.problem.layers if spec is None else (DATASETS[self._name].n_inputs, *state.problem.layers[1:-1], outputs)
        try:
            x, y = data(state.problem) if spec is None else load_dataset(spec, ends)
        except ValueError as error:
            self._say(as_sentence(str(error)), "refusal")
            return
        self._picture.show_samples(x, None if state.problem.loss == "none" and spec is None else y, split.rows(len(x))[1])
        self._fields["held_seed"].setEnabled(split.share > 0)
        if batches.size is not None and batches.size > len(x):
            self._say(f"A batch of {batches.size:,} is not possible with {len(x):,} samples; allowed: 1 to {len(x):,}.", "refusal")
            return
        self._say(_meaning(state, self._name if whole_network else "", ends, x, y, batches, split), "quiet")
        self._ok.setText("Take with network" if whole_network else "Take" if ends == state.problem.layers else "Take and resize")

    def _limit_samples(self) -> None:
        """No more samples than there are after the ones left out at the start."""
        if self._name and "offset" in DATASETS[self._name].options:
            field = self._spin("samples")
            with QSignalBlocker(field):
                field.setMaximum(DATASETS[self._name].most_samples - self._spin("offset").value())

    def _say(self, text: str, kind: str) -> None:
        self._verdict.setText(text)
        self._verdict.setObjectName(kind)
        polish(self._verdict)
        self._ok.setEnabled(kind == "quiet")

    def _on_set_chosen(self) -> None:
        self._words.setText(WORDS[self._name] + (f" Needs {DATASETS[self._name].fits}." if self._name else ""))
        self._show_options(dict(DATASETS[self._name].options) if self._name else {})
        present = str((self._store.state.problem.dataset or {}).get("name", ""))
        self._suited.setVisible(bool(self._name))
        with QSignalBlocker(self._suited):
            self._suited.setChecked(bool(self._name) and self._name != present)
        self._on_suited_toggled()

    def _on_suited_toggled(self) -> None:
        """The batches that are shown are those of the network that is meant."""
        recipe = RECIPES[self._name] if self._suited.isChecked() else None
        self._fill(Batches(recipe.batch, recipe.shuffle_seed) if recipe else data_edits.batches_of(self._store.state.problem), {})
        self._refresh()

    def _on_take(self) -> None:
        what, (spec, *rest) = f"data set {TITLES[self._name]}", self._choice()
        title = TITLES[self._name][0].upper() + TITLES[self._name][1:]
        if self._suited.isChecked() and spec is not None:
            refused = self._store.edit(what, data_edits.take_suited, spec, *rest, title)
        else:
            refused = self._store.edit(what, data_edits.take_dataset, spec, *rest, title)
        if refused:
            self._say(in_words(refused), "refusal")
        else:
            self.accept()


def _meaning(state: AppState, suited: str, layers: tuple[int, ...], x: Array, y: Array, batches: Batches, split: Split) -> str:
    """Return what taking these samples means, in sentences. suited: the data set if its network is taken as well, otherwise ""."""
    trained, held = (len(rows) for rows in split.rows(len(x)))
    epoch = -(-trained // (min(batches.size or trained, trained)))
    text = f"{counted(trained, 'sample')} to train on" + (f", {held:,} held out" if held else "")
    text += "; one update is an epoch." if epoch == 1 else f"; {epoch:,} updates are an epoch."
    if suited:
        recipe = RECIPES[suited]
        sizes = "-".join(map(str, recipe.layers(suited, layers[-1])))
        text += f" The network becomes {sizes}, {recipe.activation}, trained with Adam at η = {recipe.learning_rate:g}"
        return f"{text}; {UPDATES:,} updates teach it. Ctrl+Z brings the present one back."
    if layers != state.problem.layers:
        new, old = ("-".join(map(str, sizes)) for sizes in (layers, state.problem.layers))
        text += f" The network becomes {new} (now {old}); weights between layers that stay are kept."
    low, high = REACH.get(state.problem.activations[-1], (-float("inf"), float("inf")))
    if state.problem.loss != "none" and (y.min() < low or y.max() > high):
        reach = f"{significant(y.min(), 3)} to {significant(y.max(), 3)}"
        text += f" Targets go from {reach}, which “{state.problem.activations[-1]}” outputs cannot reach; “identity” can."
    return text


class _Picture(QWidget):
    """The samples, painted."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._samples: tuple[Array, Array | None, Labels] | None = None
        self.setMinimumHeight(110)

    def show_samples(self, x: Array, y: Array | None, held: Labels) -> None:
        """Show x: (m, n_0), y: (m, n_L). held: rows of those held out."""
        self._samples = (x, y, held)
        self.setAccessibleName(f"picture of {len(x)} samples")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, 110)  # it takes all the height that the fields leave

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._samples is not None:
            painter = QPainter(self)
            self.setToolTip(paint_samples(painter, QRectF(self.rect()), *self._samples, self._theme))
            painter.end()


def _heading(text: str) -> QLabel:
    label = QLabel(text.upper())
    label.setObjectName("heading")
    return label
