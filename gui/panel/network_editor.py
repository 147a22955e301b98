"""The layers of the network: size and activation of each, add, remove, biases. A refused choice is explained below and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui import edits
from gui.icons import icon
from gui.panel.fields import Choice, CountField, change_of
from gui.panel.words import activation_name
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import css
from model.problem import ACTIVATION_NAMES


def _row_name(layer: int, depth: int) -> str:
    """Return what a layer is called here, where no notation counts: "inputs", "hidden", "hidden 2", "outputs"."""
    if layer in (0, depth):
        return "outputs" if layer else "inputs"
    return f"hidden {layer}" if depth > 2 else "hidden"


def _in_words(layer: int, depth: int) -> str:
    """Return the same inside a sentence: "the outputs", "the hidden layer", "hidden layer 2"."""
    name = _row_name(layer, depth).replace("hidden", "hidden layer")
    return name if name[-1].isdigit() else f"the {name}"


class NetworkEditor(QWidget):
    """One row per layer of neurons, from the inputs to the outputs.

    **Signals:** refused(str): why a choice was refused; "" when one was accepted.
    """

    refused = Signal(str)

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(2, 1)
        self._add = QPushButton("Add layer")
        self._add.setToolTip("Add a hidden layer of two neurons below the output layer")
        self._add.clicked.connect(self._on_add_clicked)
        self._biases = QCheckBox("biases")
        self._biases.setToolTip("Whether the neurons have biases")
        self._biases.clicked.connect(self._on_biases_clicked)
        self._rows = self._make_rows(store.state)  # after the others, as Tab goes
        row = QHBoxLayout()
        row.addWidget(self._add)
        row.addStretch(1)
        row.addWidget(self._biases)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addLayout(row)  # above the layers, so that it stays where it is while there are more and more of them
        layout.addLayout(self._grid)
        self._fill(store.state)
        store.changed.connect(self._on_store_changed)

    def _rebuild(self, state: AppState) -> None:
        old = [self._grid.takeAt(0).widget() for _ in range(self._grid.count())]
        self._rows = self._make_rows(state)
        self._order_tabs()
        for widget in old:
            widget.hide()
            widget.deleteLater()
        self._fill(state)

    def _order_tabs(self) -> None:
        """Let Tab go through the rows as they are read, after what stands above them."""
        cells = [self._grid.itemAtPosition(row, column) for row in range(len(self._rows)) for column in (1, 2, 3)]
        fields = [cell.widget() for cell in cells if cell is not None]
        for one, next_one in pairwise([self._biases, *fields]):
            QWidget.setTabOrder(one, next_one)

    def _make_rows(self, state: AppState) -> list[tuple[CountField, Choice | None]]:
        return [self._make_row(layer, state) for layer in range(len(state.problem.layers))]

    def _make_row(self, layer: int, state: AppState) -> tuple[CountField, Choice | None]:
        depth = state.problem.depth
        name = _in_words(layer, depth)
        label = QLabel(_row_name(layer, depth))
        what = "inputs" if layer == 0 else "neurons"
        size = CountField(1, edits.MOST_UNITS, "number of inputs" if layer == 0 else f"neurons in {name}", f"Number of {what}")
        size.setProperty("layer", layer)
        size.valueChanged.connect(self._on_size_changed)
        size.refused.connect(self.refused)
        self._grid.addWidget(label, layer, 0)
        self._grid.addWidget(size, layer, 1)
        if layer == 0:
            return size, None
        choice = self._make_choice(layer, name)
        if 0 < layer < depth:
            self._grid.addWidget(self._make_remover(layer, state), layer, 3)
        return size, choice

    def _make_choice(self, layer: int, name: str) -> Choice:
        entries = [(activation, activation_name(activation)) for activation in ACTIVATION_NAMES]
        choice = Choice(entries, f"activation of {name}", f"Activation function of {name}")
        choice.setProperty("layer", layer)
        choice.activated.connect(self._on_activation_chosen)
        self._grid.addWidget(choice, layer, 2)
        return choice

    def _make_remover(self, layer: int, state: AppState) -> QToolButton:
        theme = theme_of(state)
        button = QToolButton(autoRaise=True)
        button.setIcon(icon("x", css(theme.muted), css(theme.rule)))
        name = _in_words(layer, state.problem.depth)
        button.setAccessibleName(f"remove {name}")
        button.setToolTip(f"Remove {name}")
        button.setProperty("layer", layer)
        button.clicked.connect(self._on_remove_clicked)
        return button

    def _fill(self, state: AppState) -> None:
        problem = state.problem
        for layer, (size, choice) in enumerate(self._rows):
            with QSignalBlocker(size):
                size.setMaximum(max(edits.MOST_UNITS, problem.layers[layer]))
                size.setValue(problem.layers[layer])
            if choice is not None:
                choice.setCurrentIndex(choice.findData(problem.activations[layer - 1]))
        self._biases.setChecked(problem.has_biases)

    def _edit(self, text: str, action: Callable[..., AppState], *args: object) -> None:
        refused = self._store.edit(text, action, *args)
        if refused:
            self._fill(self._store.state)
        self.refused.emit(refused)

    def _layer_of_sender(self) -> int:
        return int(self.sender().property("layer"))

    def _on_size_changed(self, units: int) -> None:
        layer = self._layer_of_sender()
        what = f"the size of {_in_words(layer, self._store.state.problem.depth)}"
        self._edit(change_of(self._rows[layer][0], what), edits.resize_layer, layer, units)

    def _on_activation_chosen(self, index: int) -> None:
        layer = self._layer_of_sender()
        choice = self._rows[layer][1]
        assert choice is not None
        self._edit("change of activation", edits.set_activation, layer, choice.itemData(index))

    def _on_add_clicked(self) -> None:
        problem = self._store.state.problem
        hidden = problem.activations[0] if problem.depth > 1 else "sigmoid"
        self._edit("new layer", edits.add_layer, problem.layers[-2] if problem.depth > 1 else 2, hidden)

    def _on_remove_clicked(self) -> None:
        self._edit("removal of a layer", edits.remove_layer, self._layer_of_sender())

    def _on_biases_clicked(self, present: bool) -> None:
        self._edit("biases" if present else "removal of the biases", edits.set_biases, present)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if len(old.problem.layers) != len(new.problem.layers) or theme_of(old) is not theme_of(new):
            self._rebuild(new)
        elif old.problem is not new.problem:
            self._fill(new)

    def first_field(self) -> QWidget:
        """Return where the keyboard enters."""
        return self._rows[0][0]
