"""The gradient check: for every weight and bias the numerical derivative beside the computed one, and a verdict in one line."""

from __future__ import annotations

import time
import weakref
from queue import SimpleQueue
from threading import Thread
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QTableView, QWidget

from gui.actions import hover, select
from gui.formula.plain_symbols import plain_symbol
from gui.icons import icon
from gui.layouts import in_column, in_row
from gui.panes.pane import Pane
from gui.revealed import gradient_known, is_walked
from gui.state import AppState, record_of
from gui.store import Store
from gui.theme import Theme, css
from gui.theme_qt import colour
from model.expr.tree import format_number
from model.gradcheck import MOST_PARAMETERS, GradientCheck, check_gradient
from model.moment import Moment
from model.record import Record
from model.stages import Ref

Index = QModelIndex
HEADS = ("parameter", "computed", "numerical", "difference")
TIPS = (
    "The weight or bias by which the loss is differentiated",
    "The gradient that backpropagation gives",
    "The gradient found by moving the parameter a little and looking at the loss",
    "numerical − computed",
)
COLLECT_MS = 20
PATIENCE = 1.5  # seconds that a check may take
FEWEST = 40  # parameters that are checked in any case


def check_within(record: Record, patience: float) -> GradientCheck:
    """Check as many parameters as `patience` seconds allow, at least `FEWEST`; each takes a forward pass, whose time is tried out."""
    start = time.perf_counter()
    trial = check_gradient(record, FEWEST)
    if trial.checked < FEWEST:
        return trial
    each = (time.perf_counter() - start) / FEWEST
    affordable = int(min(patience / each, MOST_PARAMETERS))
    return check_gradient(record, affordable) if affordable > FEWEST else trial


def checked_refs(check: GradientCheck) -> list[Ref]:
    """Return the gradients that were checked, layer by layer, a neuron's bias before its weights."""
    found = []
    for l, dW in enumerate(check.dW, 1):
        for j, line in enumerate(dW):
            if check.db and np.isfinite(check.db[l - 1][j]):
                found.append(Ref("db", l, j))
            found += [Ref("dW", l, j, int(k)) for k in np.flatnonzero(np.isfinite(line))]
    return found


def _known(state: AppState) -> bool:
    """Return whether the walk has shown all gradients of the cursor's update."""
    return all(gradient_known(state, layer) for layer in range(1, state.problem.depth + 1))


class Checker(QObject):
    """Checks records one at a time in a thread of its own; of waiting orders only the newest is done.

    The thread knows nothing of Qt, so that it can outlive the window: what it has found is collected by a timer.

    **Signals:** checked(record, check): a record has been checked.
    """

    checked = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._orders: SimpleQueue[Record | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[Record, GradientCheck]] = SimpleQueue()
        self._wanted: Record | None = None
        self._collecting = QTimer(self)
        self._collecting.setInterval(COLLECT_MS)
        self._collecting.timeout.connect(self._on_collect)
        self._started = False
        weakref.finalize(self, self._orders.put, None)

    def order(self, record: Record) -> None:
        """Have a record checked; returns at once."""
        self._wanted = record
        self._orders.put(record)
        self._collecting.start()
        if not self._started:
            self._started = True
            # A daemon: it holds nothing that would have to be finished when the program ends.
            Thread(target=_work, args=(self._orders, self._results), name="gradient check", daemon=True).start()

    def _on_collect(self) -> None:
        while not self._results.empty():
            record, check = self._results.get()
            if record is self._wanted:
                self._collecting.stop()
            self.checked.emit(record, check)


def _work(orders: SimpleQueue[Record | None], results: SimpleQueue[tuple[Record, GradientCheck]]) -> None:
    while (record := orders.get()) is not None:
        if orders.empty():
            results.put((record, check_within(record, PATIENCE)))


class CheckTable(QAbstractTableModel):
    """One row per checked parameter."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._refs: list[Ref] = []
        self._check: GradientCheck | None = None
        self._moment: Moment | None = None
        self._theme: Theme | None = None

    def show_check(self, moment: Moment, check: GradientCheck | None, theme: Theme) -> None:
        """Show the check of the moment's record; None shows nothing."""
        self.beginResetModel()
        if check is not self._check:
            self._refs = checked_refs(check) if check is not None else []
        self._moment, self._check, self._theme = moment, check, theme
        self.endResetModel()

    def ref_at(self, row: int) -> Ref | None:
        """Return the gradient of a row."""
        return self._refs[row] if 0 <= row < len(self._refs) else None

    def values(self, ref: Ref) -> tuple[float, float]:
        """Return the computed and the numerical derivative."""
        assert self._check is not None
        assert self._moment is not None
        numerical = self._check.db[ref.layer - 1][ref.unit] if ref.quantity == "db" else self._check.dW[ref.layer - 1][ref.unit, ref.from_]
        return self._moment.value(ref), float(numerical)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by the size of a number; by layer and neuron for the names."""
        self.layoutAboutToBeChanged.emit()
        down = order == Qt.SortOrder.DescendingOrder
        if column == 0:
            self._refs.sort(key=lambda r: (r.layer, r.unit or 0, -1 if r.from_ is None else r.from_), reverse=down)
        else:
            self._refs.sort(key=lambda ref: abs(self._number(ref, column)), reverse=down)
        self.layoutChanged.emit()

    def _number(self, ref: Ref, column: int) -> float:
        computed, numerical = self.values(ref)
        return (0.0, computed, numerical, numerical - computed)[column]

    def rowCount(self, parent: Any = Index()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._refs)

    def columnCount(self, parent: Any = Index()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return {Qt.ItemDataRole.DisplayRole: HEADS[section], Qt.ItemDataRole.ToolTipRole: TIPS[section]}.get(Qt.ItemDataRole(role))

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        ref = self.ref_at(index.row()) if index.isValid() else None
        if ref is None or self._moment is None or self._theme is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(ref, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role == Qt.ItemDataRole.ForegroundRole:
            value = self._number(ref, index.column())
            return QBrush(colour(self._theme.sign(value) if index.column() in (1, 2) else self._theme.text))
        if role == Qt.ItemDataRole.ToolTipRole:
            computed, numerical = self.values(ref)
            return f"computed {computed!r}\nnumerical {numerical!r}".replace("-", "−")
        return None

    def _text(self, ref: Ref, column: int) -> str:
        assert self._moment is not None
        if column == 0:
            record = self._moment.record
            return plain_symbol(self._moment.notation.symbol(ref, record.problem, record.m))
        value = self._number(ref, column)
        return format_number(value, self._moment.fmt) if column < 3 else "0" if value == 0 else f"{value:.1e}".replace("-", "−")


def _alignment(column: int) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft)


class GradientCheckView(Pane):
    """Checks the record at the cursor as soon as it is seen, in the background; not while training runs."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, 60, parent)
        self._record: Record | None = None
        self._check: GradientCheck | None = None
        self._checker = Checker(self)
        self._checker.checked.connect(self._on_checked)
        self._mark = QLabel()
        self._verdict = QLabel(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self._verdict.setAccessibleName("verdict of the gradient check")
        self._model = CheckTable(self)
        self._table = QTableView(sortingEnabled=False, showGrid=False, wordWrap=False, mouseTracking=True)
        self._make_table()
        head = in_row(self._mark, self._verdict, wide=self._verdict, margins=(12, 6, 8, 2), spacing=8)
        head.setAlignment(self._mark, Qt.AlignmentFlag.AlignTop)
        self.setLayout(in_column(head, self._table, wide=self._table, spacing=4))

    def _make_table(self) -> None:
        table = self._table
        table.setModel(self._model)
        table.setAccessibleName("computed and numerical gradient")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setStyleSheet("QTableView { border: 0; } QTableView::item { padding: 0 6px; }")
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        header.sortIndicatorChanged.connect(self._model.sort)
        table.entered.connect(self._on_row_entered)
        table.clicked.connect(self._on_row_clicked)
        table.viewport().installEventFilter(self)

    @property
    def check(self) -> GradientCheck | None:
        """The check that is shown, None while it is on its way."""
        return self._check

    def touches(self, old: AppState, new: AppState) -> bool:
        shown = (old.options.fmt, old.options.notation) == (new.options.fmt, new.options.notation)
        revealed = old.tick == new.tick or not is_walked(new)
        return not (shown and revealed) or old.run is not new.run or old.step != new.step or bool(old.training) != bool(new.training)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._table.verticalHeader().setDefaultSectionSize(self._table.fontMetrics().height() + 8)
        self.invalidate()

    def show_state(self, state: AppState) -> None:
        record = record_of(state)
        if record is not self._record and not state.training:
            self._record, self._check = record, None
            self._checker.order(record)
        self._show_check(state)

    def _show_check(self, state: AppState) -> None:
        check = self._check
        shown = check if check is not None and self._record is record_of(state) and _known(state) else None
        self._model.show_check(self.store.moment, shown, self._theme)
        header = self._table.horizontalHeader()
        if shown is not None and header.sortIndicatorSection():
            self._model.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
        self._verdict.setText(self._sentence(state, shown))
        name = "" if shown is None else "check" if shown.ok else "info" if shown.ok is None else "triangle-alert"
        self._mark.setVisible(bool(name))
        if name:
            ink = css(self._theme.text if name != "triangle-alert" else self._theme.error)
            self._mark.setPixmap(icon(name, ink, ink).pixmap(self.fontMetrics().height()))

    def _sentence(self, state: AppState, check: GradientCheck | None) -> str:
        if not _known(state):
            return "Not computed yet: the check is shown as soon as the walk has reached all gradients of this update."
        if check is None:
            return "The check waits until training rests." if state.training else "Checking …"
        verdict = f"Update {state.step}: {check.verdict}.".replace("e-", "e−")
        total, shown = len(record_of(state).params.theta), self._model.rowCount()
        if check.checked and shown < total:
            verdict += f" Of the {total:,} parameters of this large network, {shown:,} spread evenly are checked."
        return verdict

    def _on_checked(self, record: Record, check: GradientCheck) -> None:
        if record is self._record:
            self._check = check
            self.invalidate()

    def _on_row_entered(self, index: QModelIndex) -> None:
        self.store.dispatch(hover, self._model.ref_at(index.row()))

    def _on_row_clicked(self, index: QModelIndex) -> None:
        self.store.dispatch(select, self._model.ref_at(index.row()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.store.dispatch(hover, None)
        return super().eventFilter(watched, event)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 110)
