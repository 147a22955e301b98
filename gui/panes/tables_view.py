"""The numbers of one layer side by side: W, b, z, a, δ, gradients, new parameters; and the data. Current cells are marked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QTableView,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from gui import edits
from gui.actions import ask, hover
from gui.formula.plain_symbols import plain_symbol
from gui.formula.symbol_label import SymbolLabel
from gui.panel.fields import Tabs
from gui.panel.number_edit import NumberDelegate
from gui.panes.table_models import Grid, GridModel, data_grids, layer_grids
from gui.state import AppState, same_moment, theme_of
from gui.store import Store
from gui.tips import name_of
from model.moment import Moment
from model.notation.layers import layer_name
from model.record import Record
from model.stages import Ref

MEASURED = 400  # cells whose text decides about the width of a column
MOST_ROWS = 40
LEAST = 2  # rows that are seen in any case; the rest scrolls under the title
BAR, MARGIN = 14, 16
NARROWEST = 80  # pixels of a table with its frame; its cells fill it
MUCH = 16_777_215  # pixels, more than any window has
COUNTED = 4  # rows or columns up to which one sees at a glance which is which; beyond, they are numbered
PREPARED = 8  # pages that are made before they are asked for
LATER = 16  # milliseconds, one frame: picture and formula come first after a key, the tables follow


class GridView(QTableView):
    """A table as large as its numbers, rows and columns numbered where there are many.

    Enter edits, Tab moves on to the next cell and at the end out of it.

    **Signals:** ref_hovered(Ref | None), ref_chosen(Ref).
    """

    ref_hovered = Signal(object)
    ref_chosen = Signal(object)

    def __init__(self, model: GridModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = model
        self._fitted, self._wide, self._room = (0, 0), 0, MUCH
        model.setParent(self)
        self.setModel(model)
        self._delegate = NumberDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        counts = ((self.horizontalHeader(), model.grid.columns), (self.verticalHeader(), model.grid.rows))
        for header, count in counts:
            header.setVisible(count > COUNTED)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(1)  # or cells would stay as large as its letters once were
            header.setHighlightSections(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        self.entered.connect(self._on_entered)
        self.clicked.connect(self._on_clicked)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        self.fit()

    @property
    def quantity(self) -> str:
        """Which quantity the table holds."""
        return self._numbers.grid.quantity

    def fit(self) -> None:
        """Make cells and table as large as the numbers need, revealed or not, so that nothing jumps when they appear."""
        model, metrics = self._numbers, self.fontMetrics()
        grid = model.grid
        rows = min(grid.rows, max(1, MEASURED // max(1, grid.columns)))
        columns = min(grid.columns, MEASURED)
        texts = {model.value_text(grid.ref(row, column)) for row in range(rows) for column in range(columns)}
        width = max(metrics.horizontalAdvance(text) for text in texts) * 1.06 + 22
        height = metrics.height() + 7
        if (round(width), height) == self._fitted:
            return
        self._fitted = (round(width), height)
        self.horizontalHeader().setDefaultSectionSize(max(56, round(width), -(-(NARROWEST - 2) // grid.columns)))
        self.verticalHeader().setDefaultSectionSize(height)
        above = self.horizontalHeader().sizeHint().height() if grid.columns > COUNTED else 0
        self._wide = grid.columns * self.horizontalHeader().defaultSectionSize() + 2
        bar = BAR if self._wide > self._room else 0
        self.setMaximumHeight(min(grid.rows, MOST_ROWS) * height + 2 + bar + above)
        self.setMinimumHeight(min(grid.rows, LEAST) * height + 2 + bar + above)
        self._fit_width()

    def _fit_width(self) -> None:
        """Take the width of the columns, and of a scroll bar where not all rows are seen."""
        rows = self._numbers.grid.rows
        beside = self.verticalHeader().sizeHint().width() if rows > COUNTED else 0
        bar = BAR if rows * self.verticalHeader().defaultSectionSize() > self.maximumViewportSize().height() else 0
        self.setFixedWidth(max(NARROWEST, min(self._wide + beside + bar, self._room)))

    def set_room(self, width: int) -> None:
        """Say how wide the table may be; beyond, it scrolls."""
        if width != self._room:
            self._room, self._fitted = width, (0, 0)
            self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_width()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_fitted"):
            self.fit()

    def show_moment(self, moment: Moment, state: AppState) -> None:
        """Show another moment and keep the current cell in sight."""
        self._delegate.decimals = moment.fmt.decimals
        self._numbers.show_moment(moment, theme_of(state), state.hover, state.selection)
        current = self._numbers.current_index()
        if current.isValid():
            self.scrollTo(current)

    def _on_entered(self, index: QModelIndex) -> None:
        self.ref_hovered.emit(self._numbers.ref_at(index))

    def _on_current_changed(self, index: QModelIndex) -> None:
        if self.hasFocus():
            self.ref_hovered.emit(self._numbers.ref_at(index))
            place = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
            QToolTip.showText(place, str(index.data(Qt.ItemDataRole.ToolTipRole) or ""), self)

    def _on_clicked(self, index: QModelIndex) -> None:
        self.ref_chosen.emit(self._numbers.ref_at(index))

    def leaveEvent(self, event: QEvent) -> None:
        self.ref_hovered.emit(None)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.ref_hovered.emit(self._numbers.ref_at(self.currentIndex()))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.ref_hovered.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.state() != QAbstractItemView.State.EditingState:
            self.edit(self.currentIndex())
            return
        super().keyPressEvent(event)


class _Page(QScrollArea):
    """The tables of one layer, or of the data, side by side."""

    def __init__(self, structure: tuple[object, ...], views: list[GridView], titles: list[SymbolLabel]) -> None:
        super().__init__(widgetResizable=True, frameShape=QFrame.Shape.NoFrame, focusPolicy=Qt.FocusPolicy.NoFocus)
        self.structure, self._views = structure, views
        self._fitted_for: Record | None = None
        self._turn = 0  # whose turn it is to be fitted while a run goes on
        self._sought: GridView | None = None  # which table is to be in sight, until the user scrolls
        bar = self.horizontalScrollBar()
        bar.rangeChanged.connect(self._bring_into_sight)
        bar.actionTriggered.connect(self._on_scrolled_by_hand)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # tables scroll under their titles
        page = QWidget()
        page.setObjectName("panel")
        row = QHBoxLayout(page)
        row.setContentsMargins(4, 2, 4, 2)
        row.setSpacing(22)
        for view, title in zip(views, titles, strict=True):
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(title)
            column.addWidget(view, 1)
            column.addStretch(0)
            row.addLayout(column)
        row.addStretch(1)
        self.setWidget(page)

    def show_moment(self, moment: Moment, state: AppState) -> None:
        """Show a moment, the current table in sight; cells get the room that the numbers of its update need."""
        stage = moment.stage
        if stage is None:
            self.horizontalScrollBar().setValue(0)
        for view in self._views:
            view.show_moment(moment, state)
        self._fit(moment.record, one_by_one=state.training > 0)
        self._sought = next((view for view in self._views if stage is not None and view.quantity == stage.quantity), None)
        self._settle()

    def _settle(self) -> None:
        """Give every table its place now, current one in sight: a page that is hidden would keep the places of narrower ones."""
        layout = self.widget().layout()
        layout.invalidate()
        layout.activate()
        self._bring_into_sight()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._settle()

    def _fit(self, record: Record, one_by_one: bool) -> None:
        """Fit the tables to the numbers of an update; one after the other while every moment brings another one, as it takes time."""
        if one_by_one and self._fitted_for is not None:
            self._views[self._turn % len(self._views)].fit()
            self._turn += 1
        elif record is not self._fitted_for:
            for view in self._views:
                view.fit()
            self._fitted_for = record

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for view in self._views:
            view.set_room(self.viewport().width() - MARGIN)

    def _bring_into_sight(self) -> None:
        """Scroll as far as a table needs to be seen, wherever the page stood; the table shows its current cell itself."""
        if self._sought is not None:
            self.horizontalScrollBar().setValue(self._sought.geometry().right() + 5 - self.viewport().width())

    def _on_scrolled_by_hand(self) -> None:
        self._sought = None


class TablesView(QWidget):
    """Tabs for the layers and the data, each a row of tables. Follows the walk: the tab of the current layer comes up by itself."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._shown = store.state
        self._later = QTimer(self, singleShot=True, interval=LATER)
        self._later.timeout.connect(self.refresh)
        self._tabs = Tabs("layer whose numbers are shown", "Which layer's numbers are shown")
        self._tabs.currentChanged.connect(self._on_tab_changed)
        self._refusal = QLabel(visible=False, wordWrap=True)
        self._refusal.setObjectName("refusal")
        self._pages = QStackedWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 2, 4, 2)
        layout.setSpacing(2)
        for widget in (self._tabs, self._refusal):
            layout.addWidget(widget)
        layout.addWidget(self._pages, 1)
        self.setFocusProxy(self._tabs)
        self._make_tabs(store.state)
        store.changed.connect(self._on_store_changed)

    def _make_tabs(self, state: AppState) -> None:
        kept, depth = self._tabs.currentIndex(), state.problem.depth
        self._tabs.blockSignals(True)
        while self._tabs.count():
            self._tabs.removeTab(0)
        for page in [self._pages.widget(i) for i in range(self._pages.count())]:
            self._pages.removeWidget(page)
            page.deleteLater()
        for layer in range(1, depth + 1):
            self._tabs.addTab(layer_name(state.notation, layer, state.problem))
            self._pages.addWidget(QWidget())
        self._tabs.addTab("data")
        self._pages.addWidget(QWidget())
        self._tabs.setCurrentIndex(max(0, min(kept, depth)))
        self._tabs.blockSignals(False)
        self._show_page()

    def _show_page(self) -> None:
        """Bring up the tables of the chosen tab, made when they are first needed."""
        index = self._tabs.currentIndex()
        page = self._page(index)
        page.show_moment(self._store.moment, self._store.state)
        self._pages.setCurrentIndex(index)
        self._shown = self._store.state

    def prepare(self) -> bool:
        """Make one page that has not been made yet; returns whether there was one. For idle moments."""
        missing = [i for i in range(min(self._pages.count(), PREPARED)) if not isinstance(self._pages.widget(i), _Page)]
        if missing:
            self._page(missing[0])
        return bool(missing)

    def _page(self, index: int) -> _Page:
        old, moment = self._pages.widget(index), self._store.moment
        structure = _structure(moment, index + 1)
        if isinstance(old, _Page) and old.structure == structure:
            return old
        layer = index + 1
        grids = layer_grids(moment, layer) if layer <= moment.record.problem.depth else data_grids(moment)
        page = _Page(structure, [self._make_view(grid) for grid in grids], [_title(grid) for grid in grids])
        current = self._pages.currentIndex()
        self._pages.removeWidget(old)
        old.deleteLater()
        self._pages.insertWidget(index, page)
        self._pages.setCurrentIndex(current)
        return page

    def _make_view(self, grid: Grid) -> GridView:
        model = GridModel(grid, self._store.moment, theme_of(self._store.state))
        view = GridView(model)
        view.setAccessibleName(f"{plain_symbol(grid.title)}, {grid.rows} by {grid.columns}")
        model.edit_requested.connect(self._on_edit_requested)
        model.nudge_requested.connect(self._on_nudge_requested)
        model.refused.connect(self._show_refusal)
        view.ref_hovered.connect(self._on_ref_hovered)
        view.ref_chosen.connect(self._on_ref_chosen)
        return view

    def refresh(self) -> None:
        """Show the store's moment now, and bring up the current layer if the cursor has moved since the last time."""
        self._later.stop()
        before, state = self._shown, self._store.state
        if self._passes_by(before, state):
            return
        if before.notation is not state.notation:
            for layer in range(1, state.problem.depth + 1):
                self._tabs.setTabText(layer - 1, layer_name(state.notation, layer, state.problem))
        stage = self._store.moment.stage
        if stage is not None and (before.tick, before.step) != (state.tick, state.step):
            self._tabs.blockSignals(True)
            self._tabs.setCurrentIndex((stage.layer or state.problem.depth) - 1)
            self._tabs.blockSignals(False)
        self._show_page()

    def _passes_by(self, before: AppState, state: AppState) -> bool:
        """Return whether a run that goes on just has a batch of another size, for which other tables would have to be made."""
        index = self._tabs.currentIndex()
        page = self._pages.widget(index)
        same = before.run is state.run and before.options is state.options and isinstance(page, _Page)
        return state.training > 0 and same and page.structure != _structure(self._store.moment, index + 1)

    def _show_refusal(self, sentence: str) -> None:
        self._refusal.setText(sentence)
        self._refusal.setVisible(bool(sentence))

    def _on_tab_changed(self) -> None:
        self._show_page()

    def _on_ref_hovered(self, ref: Ref | None) -> None:
        self._store.dispatch(hover, ref)

    def _on_ref_chosen(self, ref: Ref) -> None:
        self._store.dispatch(ask, ref)

    def _on_edit_requested(self, ref: Ref, value: float) -> None:
        names = {"W": "change of a weight", "b": "change of a bias", "x": "change of an input", "y": "change of a target"}
        self._show_refusal(self._store.edit(names[ref.quantity], edits.edit_number, ref, value))

    def _on_nudge_requested(self, ref: Ref, value: float) -> None:
        self._show_refusal(self._store.edit(f"nudge of {name_of(self._store.moment, ref)}", edits.edit_number, ref, value))

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if old.problem is not new.problem:
            self._show_refusal("")
        if len(old.problem.layers) != len(new.problem.layers):
            self._make_tabs(new)
            return
        pointed = (old.hover, old.selection) == (new.hover, new.selection)
        ended = old.training > 0 and not new.training  # until then not every table has been fitted
        if same_moment(old, new) and pointed and theme_of(old) is theme_of(new) and not ended:
            return
        if not (pointed and old.run is new.run and old.options is new.options and self.isVisible()):
            self.refresh()
        elif not self._later.isActive():
            self._later.start()


def _title(grid: Grid) -> SymbolLabel:
    title = SymbolLabel(grid.title)
    hint = "; double click or Enter changes a number" if grid.editable else ""
    title.setToolTip(f"{plain_symbol(grid.title)}, {grid.rows} × {grid.columns}{hint}")
    return title


def _structure(moment: Moment, layer: int) -> tuple[object, ...]:
    """Return what decides which tables there are and how large their cells are."""
    problem = moment.record.problem
    return (layer, problem.layers, problem.has_biases, problem.learning_rate is None, moment.record.m, moment.notation, moment.fmt)
