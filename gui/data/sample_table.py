"""The samples of the experiment as a Qt item model: a row per sample, inputs before targets. It shows; who edits is asked by signals."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QBrush

from gui.data.edits import table_of
from gui.edits import parse_number
from gui.formula.plain_symbols import plain_symbol
from gui.state import AppState, theme_of
from gui.theme_qt import colour


class SampleTable(QAbstractTableModel):
    """**Signals:** edit_requested(row, column, value): a number was typed; refused(str): what was typed is no number."""

    edit_requested = Signal(int, int, float)
    refused = Signal(str)

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._take(state)

    def show_state(self, state: AppState) -> None:
        """Show the samples of a state; the selection stays where the table keeps its size."""
        rows, columns = self._values.shape
        if state.problem.layers == self._state.problem.layers and table_of(state.problem).shape == (rows, columns):
            self._take(state)
            self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, columns - 1))
            return
        self.beginResetModel()
        self._take(state)
        self.endResetModel()

    def _take(self, state: AppState) -> None:
        self._state, self._inputs = state, state.problem.layers[0]
        self._values = table_of(state.problem)
        self._held_out = set(state.run.split.rows(len(self._values))[1].tolist())

    @property
    def inputs(self) -> int:
        """Number of columns that are inputs; the others are targets."""
        return self._inputs

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._values)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else int(self._values.shape[1])

    def name(self, column: int, row: int | None = None) -> str:
        """Return what a column is called in the present notation: of one sample, or of any, with the letter that counts samples."""
        target, notation, problem = column >= self._inputs, self._state.notation, self._state.problem
        unit = column - self._inputs if target else column
        sample = notation.letters["sample"] if row is None else str(row + 1)
        return plain_symbol(notation.name_of("y" if target else "x", 0, problem, unit=str(unit + 1), sample=sample))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        across = orientation == Qt.Orientation.Horizontal
        if role == Qt.ItemDataRole.DisplayRole:
            return self.name(section) if across else f"{section + 1}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return ("target" if section >= self._inputs else "input") if across else self._row_words(section)
        return None

    def _row_words(self, row: int) -> str:
        return f"sample {row + 1}{', held out of training' if row in self._held_out else ''}"

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        theme, target = theme_of(self._state), column >= self._inputs
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return shown(self._values[row, column], "," if self._state.options.fmt.comma else ".")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.BackgroundRole and target:
            return QBrush(colour(theme.raised))
        if role == Qt.ItemDataRole.ForegroundRole and row in self._held_out:
            return QBrush(colour(theme.muted))
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{self.name(column, row)} of {self._row_words(row)}: {shown(self._values[row, column], '.')}"
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole:
            return False
        try:
            number = parse_number(str(value))
        except ValueError as error:
            self.refused.emit(str(error))
            return False
        if number != self._values[index.row(), index.column()]:
            self.edit_requested.emit(index.row(), index.column(), number)
        return True

    def text(self, rows: range, columns: range) -> str:
        """Return cells as spreadsheets paste them: tabs between columns, every digit that counts."""
        mark = "," if self._state.options.fmt.comma else "."
        return "\n".join("\t".join(shown(self._values[i, j], mark).replace("−", "-") for j in columns) for i in rows)


def shown(value: float, mark: str) -> str:
    """Return a number with as many digits as it has, so that what is seen is what is saved."""
    text = f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else repr(float(value))
    return text.replace(".", mark).replace("-", "−")
