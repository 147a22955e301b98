"""Looks at the weights of a file before they are taken: which layers they make, what becomes of the network, which activations it gets."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.actions import as_sentence
from gui.panel.fields import Choice
from gui.panel.words import activation_name
from gui.store import Store
from gui.weights import edits as weights_edits
from gui.weights.safetensors_file import read_safetensors
from gui.window_style import polish
from model.exchange.weights import Imported, WeightsRefused, layers_of, read_arrays
from model.problem import ACTIVATION_NAMES


class WeightsDialog(QDialog):
    """Opens on a file; Take is possible only if its weights make a network, otherwise it says why not."""

    def __init__(self, store: Store, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._path = store, path
        self._found: Imported | None = None
        self._choices: list[Choice] = []
        self.setWindowTitle(f"Weights from {Path(path).name}")
        self._verdict = QLabel(wordWrap=True)
        self._verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._table = QGridLayout()
        self._table.setHorizontalSpacing(22)
        self._table.setVerticalSpacing(7)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText("&Take these weights")
        self._buttons.accepted.connect(self._on_take)
        self._buttons.rejected.connect(self.reject)
        self._arrange()
        self._read()
        self.resize(min(round(38 * self.fontMetrics().height()), self.screen().availableSize().width() - 60), self.sizeHint().height())

    def _arrange(self) -> None:
        page = QWidget()
        page.setObjectName("panel")
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addLayout(self._table)
        inner.addStretch(1)
        self._area = QScrollArea(widgetResizable=True, frameShape=QScrollArea.Shape.NoFrame, focusPolicy=Qt.FocusPolicy.NoFocus)
        self._area.setWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        for widget in (self._area, self._verdict, self._buttons):
            layout.addWidget(widget)

    def _read(self) -> None:
        try:
            self._found = layers_of(read_arrays(self._path, {".safetensors": read_safetensors}))
        except WeightsRefused as refused:
            self._area.hide()
            self._refuse(as_sentence(str(refused)))
            return
        self._fill(self._found)
        self._verdict.setText(" ".join([_what_changes(self._store.state.problem.layers, self._found.layers), *self._found.remarks]))
        height = self._area.widget().sizeHint().height() + 4
        self._area.setMinimumHeight(min(height, round(0.6 * self.screen().availableSize().height())))

    def _fill(self, found: Imported) -> None:
        """Show one row for each layer: what it is called in the file, its sizes, and the activation that it gets."""
        for column, text in enumerate(("LAYER", "IN THE FILE", "WEIGHTS", "BIASES", "ACTIVATION")):
            head = QLabel(text)
            head.setObjectName("heading")
            self._table.addWidget(head, 0, column)
        kept = weights_edits.kept_activations(self._store.state.problem, len(found.W))
        for l, (W, name, activation) in enumerate(zip(found.W, found.names, kept, strict=True), 1):
            biases = f"{len(W):,}" if found.b is not None else "none"
            for column, text in enumerate((str(l), name, f"{W.shape[0]:,} × {W.shape[1]:,}", biases)):
                self._table.addWidget(QLabel(text), l, column)
            names = [n for n in ACTIVATION_NAMES if n != "softmax" or l == len(found.W)]
            choice = Choice([(n, activation_name(n)) for n in names], f"activation of layer {l}", "The file does not say which it was")
            choice.setMinimumContentsLength(10)
            choice.show_value(activation)
            self._choices.append(choice)
            self._table.addWidget(choice, l, 4)
        self._table.setColumnStretch(1, 1)

    def _refuse(self, sentence: str) -> None:
        self._verdict.setText(sentence)
        self._verdict.setObjectName("refusal")
        polish(self._verdict)
        self._ok.setEnabled(self._found is not None)

    def _on_take(self) -> None:
        assert self._found is not None
        names = tuple(choice.currentData() for choice in self._choices)
        refused = self._store.edit(f"weights from {Path(self._path).name}", weights_edits.take_weights, self._found, names)
        if refused:
            self._refuse(refused)
        else:
            self.accept()


def _what_changes(old: tuple[int, ...], new: tuple[int, ...]) -> str:
    if old == new:
        return "The network keeps its shape and starts from these weights."
    text = f"The network becomes {_sizes(new)} (now {_sizes(old)})."
    if (old[0], old[-1]) != (new[0], new[-1]):
        text += " Inputs and targets of the samples are cut off or filled up with 0."
    return text


def _sizes(layers: tuple[int, ...]) -> str:
    return "-".join(str(n) for n in layers)
