"""The dialog in which a user makes a notation of their own: symbols as LaTeX on the left, the rules written with them on the right."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol, cast

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gui.formula.page import BoardStep
from gui.notation.form import checked, meaning, preview, roles_of
from gui.panel.fields import Choice, Section
from gui.state import theme_of
from gui.store import Store
from gui.theme import Theme
from model.expr.tree import NumberFormat
from model.notation.checks import LETTER_ROLES
from model.notation.letters import SPARE_LETTERS
from model.notation.own import derived
from model.notation.profile import Notation

HINT = (
    "LaTeX. &lt;l&gt; layer, &lt;j&gt; neuron, &lt;k&gt; sending neuron, &lt;s&gt; sample. "
    "Letters of optimisers may stay empty: what stands there in grey is then used."
)
WAIT_MS = 150  # after the last key, before the preview follows
USUAL = ("learning_rate", "x", "y", "z", "a", "W", "b", "phi", "dadz", "loss", "dLda", "delta", "dW", "db", "W_new", "b_new")
LETTERS = {"unit": "neuron", "from": "sending neuron", "next": "neuron above", "sample": "sample"}


class Board(Protocol):
    """What shows the preview: a blackboard of its own."""

    def set_content(self, current: BoardStep | None, earlier: Sequence[BoardStep] = (), fmt: NumberFormat | None = None) -> None: ...
    def set_theme(self, theme: Theme) -> None: ...
    def set_highlight(self, refs: Collection[Any]) -> None: ...


class NotationEditor(QDialog):
    """base: the JSON it starts from. name: under which it is saved. title: what it is called at first. taken: titles of others."""

    def __init__(
        self,
        store: Store,
        board: Board,
        base: Mapping[str, Any],
        name: str,
        title: str,
        taken: Collection[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._board, self._name, self._taken = store, board, name, set(taken)
        self._data = derived(base, title, name)
        self._changed = ""
        self._used = roles_of(store.state.problem.optimizer)
        self.setWindowTitle("Notation of your own")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self.refresh)
        self._refusal = QLabel(wordWrap=True)
        self._refusal.setObjectName("refusal")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._symbols: dict[str, QLineEdit] = {}
        self._letters: dict[str, QLineEdit] = {}
        self._lay_out(title)
        board.set_theme(theme_of(store.state))
        self.refresh()
        self._title.setFocus()
        self._title.selectAll()

    def _lay_out(self, title: str) -> None:
        left = QWidget()
        left.setObjectName("panel")
        column = QVBoxLayout(left)
        column.setSpacing(14)
        column.addWidget(self._make_head(title))
        column.addWidget(self._make_symbols())
        column.addWidget(self._make_letters())
        column.addStretch(1)
        area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(left)
        area.setMinimumWidth(min(left.sizeHint().width() + 30, 620))
        parts = QHBoxLayout()
        parts.addWidget(area, 3)
        parts.addWidget(cast(QWidget, self._board), 2)
        layout = QVBoxLayout(self)
        layout.addLayout(parts, 1)
        layout.addWidget(self._refusal)
        layout.addWidget(self._buttons)

    def _make_head(self, title: str) -> QWidget:
        section = Section("Notation")
        self._title = _field(title, "name of the notation", "What the notation is called in the menu")
        self._title.textChanged.connect(self._on_edited)
        section.add_row("name", self._title)
        self._decimals = QSpinBox(minimum=0, maximum=15, value=int(self._data["decimals"]))
        self._decimals.setAccessibleName("usual digits")
        self._decimals.setToolTip("Decimals that are usual in this notation (Up, Down)")
        self._decimals.valueChanged.connect(self._on_edited)
        section.add_row("usual digits", self._decimals)
        self._choices: dict[str, Choice] = {}
        for key, label, entries in (
            ("form", "form", (("matrix", "matrices"), ("index", "sums with indices"))),
            ("product", "product", (("·", "a · b"), ("×", "a × b"))),
            ("bracket", "brackets", (("[", "[ ]"), ("(", "( )"))),
        ):
            choice = self._choices[key] = Choice(entries, label, f"The {label} of this notation")
            style = self._data.get("style", {})
            choice.show_value(self._data["form"] if key == "form" else style.get(key, entries[0][0]))
            choice.chosen.connect(self._on_edited)
            section.add_row(label, choice)
        return section

    def _make_symbols(self) -> QWidget:
        section = Section("Symbols")
        hint = QLabel(HINT, wordWrap=True)
        hint.setObjectName("quiet")
        section.add_wide(hint)
        self._all = QCheckBox("all symbols, also the rare ones")
        self._all.setToolTip("Show every symbol that the notation has")
        self._all.toggled.connect(self._show_rows)
        self._rows: list[tuple[bool, QWidget, QWidget]] = []
        grid_place = QWidget()
        grid = QGridLayout(grid_place)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        for row, key in enumerate(sorted({*self._data["symbols"], *SPARE_LETTERS}, key=_place)):
            field = _field(self._data["symbols"].get(key, ""), f"symbol: {meaning(key)}", f"LaTeX for: {meaning(key)}")
            self._symbols[key] = field
            field.setProperty("key", key)
            field.textChanged.connect(self._on_symbol_edited)
            label = QLabel(meaning(key))
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
            self._rows.append((_is_usual(key) or key in self._used, label, field))
        section.add_wide(grid_place)
        section.add_wide(self._all)
        self._show_rows(False)
        return section

    def _make_letters(self) -> QWidget:
        section = Section("Index letters")
        for role in LETTER_ROLES:
            field = self._letters[role] = _field(self._data["letters"][role], f"letter: {LETTERS[role]}", f"Index letter: {LETTERS[role]}")
            field.textChanged.connect(self._on_edited)
            section.add_row(LETTERS[role], field)
        return section

    def _show_rows(self, every: bool) -> None:
        for usual, label, field in self._rows:
            label.setVisible(usual or every)
            field.setVisible(usual or every)

    @property
    def data(self) -> dict[str, Any]:
        """The profile as it is in the fields, checked or not."""
        style = {**self._data.get("style", {}), **{k: c.currentData() for k, c in self._choices.items() if k != "form"}}
        return {
            **self._data,
            "title": self._title.text().strip(),
            "decimals": self._decimals.value(),
            "form": self._choices["form"].currentData(),
            "style": style,
            "letters": {role: field.text() for role, field in self._letters.items()},
            "symbols": {key: field.text() for key, field in self._symbols.items() if field.text() or key not in SPARE_LETTERS},
        }

    def refresh(self) -> None:
        """Check what is typed: show the rules written with it, or say what is wrong with it."""
        self._timer.stop()
        refused, notation = "", None
        try:
            notation = self._checked()
        except ValueError as error:
            refused = str(error)
        self._refusal.setText(refused)
        self._buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(notation is not None)
        if notation is not None:
            self._show_spare(notation)
            moment = self._store.moment
            self._board.set_content(BoardStep(0, None, preview(moment, notation)), (), moment.fmt)

    def _show_spare(self, notation: Notation) -> None:
        """Show in empty fields the letters that are taken where the notation names none: the first that are free."""
        for key, letter in notation.spare.items():
            self._symbols[key].setPlaceholderText(letter)

    def _checked(self) -> Notation:
        data = self.data
        if not data["title"]:
            raise ValueError("The notation needs a name.")
        if data["title"] in self._taken:
            raise ValueError(f"There is a notation “{data['title']}” already; choose another name.")
        return checked(data, self._changed)

    def accept(self) -> None:
        self.refresh()
        if not self._refusal.text():
            super().accept()

    def _on_symbol_edited(self) -> None:
        self._changed = str(self.sender().property("key"))
        self._on_edited()

    def _on_edited(self) -> None:
        self._timer.start()

    def sizeHint(self) -> QSize:
        screen = self.screen().availableSize()
        return QSize(min(1060, screen.width() - 40), min(760, screen.height() - 60))


def _field(text: str, name: str, tip: str) -> QLineEdit:
    field = QLineEdit(text)
    field.setAccessibleName(name)
    field.setToolTip(tip)
    field.setCursorPosition(0)
    return field


def _place(key: str) -> tuple[int, str]:
    base = key.partition("@")[0].partition(".")[0]
    return (USUAL.index(base) if base in USUAL else len(USUAL), key)


def _is_usual(key: str) -> bool:
    name = key.partition("@")[0]
    return name.partition(".")[0] in USUAL and not name.endswith(".batch")
