"""The list of bookmarks: where each is, and its note. A double click or Enter goes there, a note is edited in place."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QPushButton, QTableView, QWidget

from gui.layouts import in_column, in_row
from gui.panes.pane import Pane
from gui.session.actions import remove_bookmark, set_note, tick_of
from gui.session.keeping import Bookmark
from gui.session.seeking import go_to_mark, go_to_next_mark
from gui.state import AppState, walk_of
from gui.store import Store
from gui.theme import Theme

HEADS = ("update", "place", "note")
CHANGE, EMPTY = "F2 changes the note.", "No bookmark yet. Ctrl+B marks the present moment."
Index = QModelIndex | QPersistentModelIndex


class BookmarkModel(QAbstractTableModel):
    """The bookmarks of a store; the note can be edited."""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(parent)
        self._store = store
        self.marks: tuple[Bookmark, ...] = ()
        self._places: list[str] = []

    def show(self, state: AppState) -> None:
        """Take the bookmarks of a state."""
        self.beginResetModel()
        self.marks = state.bookmarks
        self._places = [_place(state, mark) for mark in self.marks]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.marks)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        return int(Qt.AlignmentFlag.AlignLeft) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.ToolTipRole):
            return None
        mark = self.marks[index.row()]
        return (f"{mark.step:,}", self._places[index.row()], mark.note)[index.column()]

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if index.isValid() and index.column() == HEADS.index("note") else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        self._store.dispatch(set_note, self.marks[index.row()], str(value))
        return True


def _place(state: AppState, mark: Bookmark) -> str:
    if mark.step > state.run_length:
        return "not reached in this run"
    return walk_of(state, mark.step).address(tick_of(state, mark), state.options.granularity)


class BookmarksView(Pane):
    """A table and what can be done with its rows."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, 0, parent)
        self._model = BookmarkModel(store, self)
        self._table = table = QTableView()
        table.setModel(self._model)
        table.setAccessibleName("bookmarks")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setStretchLastSection(True)
        table.doubleClicked.connect(self._on_activated)
        table.selectionModel().selectionChanged.connect(self._on_selected)
        self._hint = QLabel(EMPTY)
        self._hint.setObjectName("quiet")
        self._go, self._remove, self._next = (
            _button("Go there", "Go to the chosen bookmark (double click)", self._on_go_clicked),
            _button("Remove", "Take the chosen bookmark away", self._on_remove_clicked),
            _button("Next", "Go to the next bookmark (Ctrl+Shift+B)", self._on_next_clicked),
        )
        self._lay_out()

    def _lay_out(self) -> None:
        head = in_row(self._hint, self._go, self._remove, self._next, wide=self._hint)
        self.setLayout(in_column(head, self._table, wide=self._table, margins=(12, 8, 8, 6), spacing=6))

    def touches(self, old: AppState, new: AppState) -> bool:
        same = old.bookmarks is new.bookmarks and old.options.granularity == new.options.granularity
        return not same or (bool(new.bookmarks) and (old.notation, old.run) != (new.notation, new.run))

    def set_theme(self, theme: Theme) -> None:
        self._table.verticalHeader().setDefaultSectionSize(round(1.7 * self.fontMetrics().height()))

    def show_state(self, state: AppState) -> None:
        self._model.show(state)
        self._on_selected()

    def _chosen(self) -> Bookmark | None:
        rows = self._table.selectionModel().selectedRows()
        return self._model.marks[rows[0].row()] if rows else None

    def _on_selected(self) -> None:
        marks, mark = self._model.marks, self._chosen()
        self._go.setEnabled(mark is not None)
        self._remove.setEnabled(mark is not None)
        for widget in (self._go, self._remove, self._next, self._table):
            widget.setVisible(bool(marks))
        self._hint.setAlignment(Qt.AlignmentFlag.AlignVCenter if marks else Qt.AlignmentFlag.AlignCenter)
        self._hint.setText(CHANGE if marks else EMPTY)

    def _on_activated(self, index: QModelIndex) -> None:
        self._hint.setText(go_to_mark(self.store, self._model.marks[index.row()]) or CHANGE)

    def _on_go_clicked(self) -> None:
        rows = self._table.selectionModel().selectedRows()
        if rows:
            self._on_activated(rows[0])

    def _on_remove_clicked(self) -> None:
        mark = self._chosen()
        if mark is not None:
            self.store.dispatch(remove_bookmark, mark)

    def _on_next_clicked(self) -> None:
        self._hint.setText(go_to_next_mark(self.store) or CHANGE)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 110)


def _button(text: str, tip: str, clicked: Any) -> QPushButton:
    button = QPushButton(text, toolTip=tip, focusPolicy=Qt.FocusPolicy.TabFocus)
    button.clicked.connect(clicked)
    return button
