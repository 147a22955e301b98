"""Numbers taken away: one table, all tables, the whole update, or the network as a program that computes its gradients."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from gui.export.parts import ask_path, suggested_name
from gui.formula.plain_symbols import plain_symbol
from gui.settings import Settings
from gui.state import record_of
from gui.store import Store
from gui.window_style import polish
from model.atomic import write_whole
from model.exchange.numbers import record_json, record_npz, table_csv, table_npy
from model.exchange.script import Framework, script
from model.moment import Moment
from model.quantities import QUANTITIES, available
from model.record import Record
from model.report import MOST_PATHS
from model.saying import reason
from model.stages import Ref

TABLE_KINDS = ((".csv", "table as text, CSV"), (".npy", "NumPy array"))
RECORD_KINDS = ((".json", "JSON"), (".npz", "NumPy arrays"))
MOST_SHOWN = 20_000  # characters of the preview
Entry = tuple[str, int | None]
# What each table holds, in words; in braces stand quantities, for which the notation has its symbols.
WORDS = {
    "z": "pre-activation", "a": "activation", "dadz": "slope of the activation function",
    "loss_output": "one output's term of one sample's loss", "loss_sample": "one sample's loss, without reduction and penalty",
    "loss": "loss of the batch, with penalty", "mean_abs_error": "mean |{y} − {a}| over samples and outputs",
    "dLda": "derivative of one sample's loss by {a}", "delta": "derivative of one sample's loss by {z}",
    "path": "what comes along one edge to the derivative by {a}", "dLdX": "derivative by the layer's input with its leading 1",
    "dLdx": "derivative of one sample's loss by the inputs", "W": "weights before the update", "b": "biases before the update",
    "dW": "gradient by {W}, of the whole batch, with penalty", "db": "gradient by {b}, of the whole batch",
    "W_new": "weights after the update", "b_new": "biases after the update", "step_W": "new weights minus old",
    "step_b": "new biases minus old", "z_after": "pre-activation with the new parameters",
    "a_after": "activation with the new parameters", "loss_after": "loss of the same batch with the new parameters",
}  # fmt: skip
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the date of everything in an archive, so that the same numbers give the same file


def tables(record: Record) -> list[Entry]:
    """Return every table of an update as (quantity, layer), in order of computation; None for what has no layer."""
    found: list[Entry] = []
    for name in available(record):
        kind = QUANTITIES[name]
        if name == "path" and record.m * sum(W.size for W in record.params.W) > MOST_PATHS:
            continue
        low, high = kind.layer_range(record.problem)
        found += [(name, l) for l in range(low, high + 1)] if kind.layered else [(name, None)]
    return found


def file_name(entry: Entry) -> str:
    """Return what the file of a table is called, without a suffix."""
    name, layer = entry
    return name if layer is None else f"{name}_{layer}"


def tables_zip(record: Record) -> bytes:
    """Return all tables as CSV in one archive."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in tables(record):
            archive.writestr(zipfile.ZipInfo(f"{file_name(entry)}.csv", _EPOCH), table_csv(record, *entry), zipfile.ZIP_DEFLATED)
    return data.getvalue()


class TableDialog(QDialog):
    """Chooses one table and shows how it will be written."""

    def __init__(self, store: Store, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._settings = store, settings
        self._record = record_of(store.state)
        self.setWindowTitle(f"Numbers of update {self._record.step}")
        self._list = QListWidget()
        self._list.setAccessibleName("tables of this update")
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for entry in tables(self._record):
            item = QListWidgetItem(_title(store.moment, entry))
            item.setData(Qt.ItemDataRole.UserRole, entry)
            item.setToolTip(item.text())  # which may be longer than the list is wide
            self._list.addItem(item)
        self._text = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
        self._text.setAccessibleName("the table as text")
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._note = QLabel(wordWrap=True)
        self._note.setObjectName("quiet")
        self._list.currentItemChanged.connect(self._show_table)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        save = buttons.addButton("&Save as…", QDialogButtonBox.ButtonRole.ActionRole)
        save.setObjectName("primary")
        save.clicked.connect(self._on_save_clicked)
        buttons.rejected.connect(self.reject)
        self._arrange(buttons)
        self._list.setCurrentRow(self._row_of_moment())

    def _arrange(self, buttons: QDialogButtonBox) -> None:
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self._list, 5)
        row.addWidget(self._text, 4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(row, 1)
        layout.addWidget(self._note)
        layout.addWidget(buttons)
        em, room = self.fontMetrics().height(), self.screen().availableSize()
        self.resize(min(60 * em, room.width() - 40), min(32 * em, room.height() - 60))

    def _row_of_moment(self) -> int:
        """Return where the quantity of the present step is in the list."""
        stage = self._store.moment.stage
        wanted = None if stage is None else (stage.quantity, stage.layer)
        entries = tables(self._record)
        return next((i for i, (name, layer) in enumerate(entries) if (name, layer or 0) == wanted), 0)

    def _entry(self) -> Entry:
        name, layer = self._list.currentItem().data(Qt.ItemDataRole.UserRole)
        return name, layer

    def _show_table(self) -> None:
        text = table_csv(self._record, *self._entry())
        self._text.setPlainText(text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}\n…")
        self._tell(f"Every digit is written, so that the number reads back exactly{_counting(self._store.moment, self._entry())}.")

    def _tell(self, sentence: str, *, refused: bool = False) -> None:
        self._note.setText(sentence)
        self._note.setObjectName("refusal" if refused else "quiet")
        polish(self._note)

    def _on_save_clicked(self) -> None:
        entry = self._entry()
        path = ask_path(self, self._settings, "Save the table", f"{file_name(entry)}.csv", TABLE_KINDS)
        if path is not None:
            self.save(path)

    def save(self, path: Path) -> bool:
        """Write the chosen table; returns whether it is written."""
        entry = self._entry()
        data = table_npy(self._record, *entry) if path.suffix.lower() == ".npy" else table_csv(self._record, *entry).encode()
        try:
            write_whole(path, data)
        except OSError as error:
            self._tell(f"{reason(error, path)}.", refused=True)
            return False
        self._tell(f"Saved as {path}.")
        return True


def _symbol(moment: Moment, ref: Ref) -> str:
    """Return the symbol of a quantity in the notation; of what comes along an edge, that of the product it is."""
    if ref.quantity == "path":
        return " · ".join(_symbol(moment, ref._replace(quantity=part)) for part in ("delta", "W"))
    written = plain_symbol(moment.notation.symbol(ref, moment.record.problem, moment.record.m))
    return written.replace("⁽⁾", "")  # the number of no sample


def _title(moment: Moment, entry: Entry) -> str:
    """Return the symbol and the meaning of a table, both in the notation's letters."""
    name, layer = entry
    l = moment.record.problem.depth if layer is None else layer
    letters = {part: _symbol(moment, Ref(part, max(l, 1))) for part in ("y", "z", "a", "W", "b") if "{" + part + "}" in WORDS[name]}
    if name == "path":
        letters["a"] = _symbol(moment, Ref("a", l - 1))
    words = WORDS[name].format(**letters)
    return words if name == "mean_abs_error" else f"{_symbol(moment, Ref(name, layer or 0))} · {words}"


def _counting(moment: Moment, entry: Entry) -> str:
    """Return how the indices of a table, which count from 0, are those of the notation; "" where there are none."""
    name, layer = entry
    axes = QUANTITIES[name].axes
    if "unit" not in axes or name == "path":
        return "; indices count from 0" if axes else ""
    first = Ref(name, layer or 0, 0, 0 if "from" in axes else None)
    where = "unit 0, from 0" if "from" in axes else "unit 0"
    return f"; indices count from 0: {where} is {_symbol(moment, first)}"


class Numbers(QObject):
    """The commands of the menu."""

    def __init__(self, store: Store, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._store, self._settings, self._window = store, settings, window

    def all_tables(self) -> None:
        """Save every table as CSV in one archive."""
        self._save("all tables", [(".zip", "archive of CSV tables")], lambda _: tables_zip(record_of(self._store.state)))

    def record(self) -> None:
        """Save the whole update."""
        made = {".json": lambda record: record_json(record).encode(), ".npz": record_npz}
        self._save("update", RECORD_KINDS, lambda suffix: made[suffix](record_of(self._store.state)))

    def program(self, framework: Framework) -> Callable[[], None]:
        """Return what saves the network as a program."""

        def save() -> None:
            try:
                text = script(record_of(self._store.state), framework)
            except ValueError as refused:
                self._refuse("There is no such program for this experiment.", f"{str(refused)[0].upper()}{str(refused)[1:]}.")
                return
            self._save(framework, [(".py", "Python program")], lambda _: text.encode())

        return save

    def _save(self, what: str, kinds: tuple[tuple[str, str], ...] | list[tuple[str, str]], make: Callable[[str], bytes]) -> None:
        state = self._store.state
        name = f"{suggested_name(state)} {what}{kinds[0][0]}"
        path = ask_path(self._window, self._settings, "Save the numbers", name, kinds)
        if path is None:
            return
        try:
            write_whole(path, make(path.suffix.lower()))
        except (OSError, ValueError, MemoryError) as error:
            self._refuse("The numbers could not be written.", f"{reason(error, path)}.")

    def _refuse(self, what: str, why: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, "Deltastep", what, QMessageBox.StandardButton.Ok, self._window)
        box.setInformativeText(why)
        box.exec()
        box.deleteLater()
