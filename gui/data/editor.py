"""The table of one's own samples: type, paste from a spreadsheet, add, delete, move, undo. Every change is one undoable edit."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.data import edits as data_edits
from gui.data.sample_table import SampleTable
from gui.icons import icon
from gui.layouts import resize_on_screen
from gui.panel.words import counted
from gui.state import AppState, theme_of
from gui.store import Store
from gui.theme import css
from model.data.table_import import ImportRefused
from model.data.table_paste import pasted_numbers

NARROW, LONGEST = 84, "−0.12345678901234567   "  # pixels of a column among many; what one of a few has room for
# name, text, sentence, key, icon; "" is a gap
TOOLS = (
    ("add", "Add", "Add a sample of zeros below the current one", "Ins", "plus"),
    ("delete", "Delete", "Delete the chosen samples", "Del", "trash-2"),
    ("up", "Up", "Move the chosen samples up", "Alt+Up", ""),
    ("down", "Down", "Move the chosen samples down", "Alt+Down", ""),
    ("", "", "", "", ""),
    ("copy", "Copy", "Copy the chosen cells for a spreadsheet", "Ctrl+C", "copy"),
    ("paste", "Paste", "Write copied cells from the current cell on; rows are added as needed", "Ctrl+V", "clipboard"),
    ("", "", "", "", ""),
    ("undo", "Undo", "Take the last change back", "Ctrl+Z", "undo-2"),
    ("redo", "Redo", "Make the change again", "Ctrl+Shift+Z", "redo-2"),
)


class DataEditor(QDialog):
    """Follows the store, so that it shows every change of the samples, whoever makes it."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.setWindowTitle("Samples")
        self._model = SampleTable(store.state, self)
        self._model.edit_requested.connect(self._on_edit_requested)
        self._model.refused.connect(self._refuse)
        self._summary = QLabel(wordWrap=True)
        self._summary.setObjectName("quiet")
        self._refusal = QLabel(wordWrap=True, visible=False)
        self._refusal.setObjectName("refusal")
        self._make_table()
        self._actions = {name: self._make_action(name, text, tip, key) for name, text, tip, key, _ in TOOLS if name}
        self._lay_out()
        self._show(store.state)
        store.changed.connect(self._on_store_changed)
        for changed in (store.undo_stack.canUndoChanged, store.undo_stack.canRedoChanged, self._table.selectionModel().selectionChanged):
            changed.connect(self._enable)
        self._enable()
        self._table.setCurrentIndex(self._model.index(0, 0))
        self._table.setFocus()

    def _make_table(self) -> None:
        table = self._table = _Cells()
        table.setModel(self._model)
        table.setAccessibleName("samples, a row each; inputs before targets")
        table.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        table.setTabKeyNavigation(False)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        when = QAbstractItemView.EditTrigger
        table.setEditTriggers(when.DoubleClicked | when.EditKeyPressed | when.AnyKeyPressed)
        table.verticalHeader().setMinimumWidth(34)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 11)

    def _make_action(self, name: str, text: str, tip: str, key: str) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key), QKeySequence("Ctrl+Y")] if name == "redo" else [QKeySequence(key)])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setToolTip(f"{tip} ({action.shortcut().toString()})")
        action.triggered.connect(getattr(self, f"_on_{name}"))
        self.addAction(action)
        return action

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(0)
        theme = theme_of(self._store.state)
        for i, (name, text, _, _, picture) in enumerate(TOOLS):
            if not name:
                tools.addSpacing(12)
                continue
            button = QToolButton(focusPolicy=Qt.FocusPolicy.TabFocus)
            starts, ends = i == 0 or not TOOLS[i - 1][0], i + 1 == len(TOOLS) or not TOOLS[i + 1][0]
            button.setProperty("segment", "first" if starts else "last" if ends else "inner")
            button.setDefaultAction(self._actions[name])
            button.setAccessibleName(f"{text.lower()} samples")
            if picture:
                self._actions[name].setIcon(icon(picture, css(theme.text), css(theme.rule)))
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            tools.addWidget(button)
        tools.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addWidget(self._summary)
        layout.addLayout(tools)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._refusal)
        layout.addWidget(buttons)
        resize_on_screen(self, 720, 560)

    def _show(self, state: AppState) -> None:
        problem, m = state.problem, self._model.rowCount()
        inputs, targets = self._model.inputs, self._model.columnCount() - self._model.inputs
        parts = [counted(m, "sample"), counted(inputs, "input"), counted(targets, "target") + (" (shaded)" if targets else "")]
        held = len(state.run.held_out[0])
        text = ", ".join(parts) + (f"; {held} held out of training (grey)" if held else "") + "."
        if problem.dataset is not None:
            text += f" They come from the built-in set “{problem.dataset['name']}”; the first change makes them your own."
        self._summary.setText(text + " Double click, Enter or a digit changes a number; columns follow the layers in the panel.")

    def _enable(self) -> None:
        rows, m = self._rows(), self._model.rowCount()
        self._actions["delete"].setEnabled(bool(rows) and len(rows) < m)
        self._actions["up"].setEnabled(bool(rows) and rows[0] > 0)
        self._actions["down"].setEnabled(bool(rows) and rows[-1] < m - 1)
        self._actions["copy"].setEnabled(bool(rows))
        self._actions["undo"].setEnabled(self._store.undo_stack.canUndo())
        self._actions["redo"].setEnabled(self._store.undo_stack.canRedo())

    def _rows(self) -> list[int]:
        return sorted({row for span in self._table.selectionModel().selection() for row in range(span.top(), span.bottom() + 1)})

    def _edit(self, text: str, action: Callable[..., AppState], *args: object) -> bool:
        refused = self._store.edit(text, action, *args)
        self._refuse(refused)
        return not refused

    def _refuse(self, sentence: str) -> None:
        self._refusal.setText(sentence)
        self._refusal.setVisible(bool(sentence))

    def _choose(self, top: int, left: int, bottom: int, right: int) -> None:
        """Select a block, with the current cell at its upper left."""
        chosen = QItemSelection(self._model.index(top, left), self._model.index(bottom, right))
        self._table.setCurrentIndex(self._model.index(top, left))
        self._table.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._table.scrollTo(self._model.index(bottom, left))

    def _on_edit_requested(self, row: int, column: int, value: float) -> None:
        self._edit("change of a sample", data_edits.put_cells, row, column, [[value]])

    def _on_add(self) -> None:
        at = max(0, self._table.currentIndex().row()) + 1
        if self._edit("new sample", data_edits.insert_row, at):
            self._choose(at, 0, at, 0)

    def _on_delete(self) -> None:
        rows = self._rows()
        if self._edit(f"deletion of {counted(len(rows), 'sample')}", data_edits.delete_rows, rows):
            row = min(rows[0], self._model.rowCount() - 1)
            self._choose(row, 0, row, 0)

    def _on_up(self) -> None:
        self._move(-1)

    def _on_down(self) -> None:
        self._move(1)

    def _move(self, by: int) -> None:
        rows, columns = self._rows(), self._table.selectionModel().selection()
        left, right = columns[0].left(), columns[0].right()
        if self._edit("move of samples", data_edits.move_rows, rows, by):
            self._choose(rows[0] + by, left, rows[-1] + by, right)

    def _on_copy(self) -> None:
        span = self._table.selectionModel().selection()[0]
        text = self._model.text(range(span.top(), span.bottom() + 1), range(span.left(), span.right() + 1))
        QGuiApplication.clipboard().setText(text)

    def _on_paste(self) -> None:
        index = self._table.currentIndex()
        row, column = max(0, index.row()), max(0, index.column())
        try:
            values = pasted_numbers(QGuiApplication.clipboard().text())
        except ImportRefused as refused:
            self._refuse(str(refused))
            return
        if self._edit(f"pasting {counted(len(values), 'row')}", data_edits.put_cells, row, column, values):
            self._choose(row, column, row + len(values) - 1, column + len(values[0]) - 1)

    def _on_undo(self) -> None:
        self._store.undo_stack.undo()
        self._refuse("")

    def _on_redo(self) -> None:
        self._store.undo_stack.redo()
        self._refuse("")

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if old.problem is not new.problem or old.run is not new.run or old.options is not new.options or theme_of(old) is not theme_of(new):
            row, column = max(0, self._table.currentIndex().row()), max(0, self._table.currentIndex().column())
            self._model.show_state(new)
            if not self._table.currentIndex().isValid():
                last = self._model.index(self._model.rowCount() - 1, self._model.columnCount() - 1)
                self._table.setCurrentIndex(self._model.index(min(row, last.row()), min(column, last.column())))
            self._show(new)
            self._enable()


class _Cells(QTableView):
    """A table in which Enter edits the current cell and, while editing, goes on to the cell below; a few columns share its width."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        share = self.viewport().width() // max(1, self.model().columnCount())
        self.horizontalHeader().setDefaultSectionSize(max(NARROW, min(share, self.fontMetrics().horizontalAdvance(LONGEST))))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.state() != QAbstractItemView.State.EditingState:
            self.edit(self.currentIndex())
            return
        super().keyPressEvent(event)
