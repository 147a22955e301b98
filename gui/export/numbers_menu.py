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

from gui.export.parts import ask_path, plain_name, polish
from gui.formula.plain_symbols import plain_symbol
from gui.settings import Settings
from gui.state import record_of
from gui.store import Store
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
            item.setToolTip(QUANTITIES[entry[0]].meaning)
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
        row.addWidget(self._list, 2)
        row.addWidget(self._text, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(row, 1)
        layout.addWidget(self._note)
        layout.addWidget(buttons)
        em, room = self.fontMetrics().height(), self.screen().availableSize()
        self.resize(min(52 * em, room.width() - 40), min(32 * em, room.height() - 60))

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
        self._tell("Every digit is written, so that the number reads back exactly; indices count from 0.")

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


def _title(moment: Moment, entry: Entry) -> str:
    """Return the symbol and the meaning of a table."""
    name, layer = entry
    meaning = QUANTITIES[name].meaning
    try:
        written = plain_symbol(moment.notation.symbol(Ref(name, layer or 0), moment.record.problem, moment.record.m))
    except (KeyError, ValueError):
        written = file_name(entry)
    return f"{written} · {meaning}"


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
        name = f"{plain_name(state.problem.title, state.path)} {what}{kinds[0][0]}"
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
