"""The numbers of one layer side by side: W, b, z, a, δ, gradients, new parameters; and the data. Current cells are marked."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui import edits
from gui.actions import Refusal, ask, hover
from gui.formula.plain_symbols import plain_symbol
from gui.formula.symbol_label import SymbolLabel
from gui.panel.fields import Tabs
from gui.panel.words import counted
from gui.panes.cells import pasted
from gui.panes.grid_view import GridView
from gui.panes.table_models import Grid, GridModel, data_grids, layer_grids
from gui.state import AppState, same_moment, theme_of
from gui.store import Store
from gui.tips import name_of
from model.moment import Moment
from model.notation.layers import layer_name
from model.notation.profile import naming_of
from model.record import Record
from model.stages import Ref

MARGIN = 16
PREPARED = 8  # pages that are made before they are asked for


class _Page(QScrollArea):
    """The tables of one layer, or of the data, side by side."""

    def __init__(self, structure: tuple[object, ...], views: list[GridView], titles: list[SymbolLabel]) -> None:
        super().__init__(widgetResizable=True, frameShape=QFrame.Shape.NoFrame, focusPolicy=Qt.FocusPolicy.NoFocus)
        self.structure, self._views = structure, views
        self._record: Record | None = None
        self._unfitted = 0  # how many tables have not been fitted to the numbers of this record
        self._turn = 0  # whose turn it is
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

    def show_moment(self, moment: Moment, state: AppState, one_by_one: bool) -> None:
        """Show a moment, the current table in sight; cells get the room that the numbers of its update need.

        one_by_one: whether just one table is fitted to its numbers, which takes time; `is_fitted` says whether there are more.
        """
        stage = moment.stage
        if stage is None:
            self.horizontalScrollBar().setValue(0)
        for view in self._views:
            view.show_moment(moment, state)
        self._fit(moment.record, one_by_one)
        self._sought = next((view for view in self._views if stage is not None and view.quantity == stage.quantity), None)
        self._settle()

    @property
    def is_fitted(self) -> bool:
        """Whether every table has the room that its numbers need."""
        return not self._unfitted

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
        if record is not self._record:
            self._record, self._unfitted = record, len(self._views)
        for _ in range(min(1, self._unfitted) if one_by_one else self._unfitted):
            self._views[self._turn % len(self._views)].fit()
            self._turn += 1
            self._unfitted -= 1

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
        for page in [self._pages.widget(i) for i in range(self._pages.count())]:
            self._pages.removeWidget(page)
            page.deleteLater()
        with QSignalBlocker(self._tabs):
            while self._tabs.count():
                self._tabs.removeTab(0)
            for name in (*(layer_name(state.notation, layer, state.problem) for layer in range(1, depth + 1)), "data"):
                self._tabs.addTab(name)
                self._pages.addWidget(QWidget())
            self._tabs.setCurrentIndex(max(0, min(kept, depth)))
        self._show_page()

    def _show_page(self) -> None:
        """Bring up the tables of the chosen tab, made when they are first needed."""
        index = self._tabs.currentIndex()
        page = self._page(index)
        turns, state = self._store.turns, self._store.state
        page.show_moment(self._store.moment, state, one_by_one=turns.busy)
        self._pages.setCurrentIndex(index)
        self._shown = state
        if turns.busy and not state.training and not page.is_fitted:
            turns.ask(self.refresh, self)

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
        view.typed.connect(self._on_typed)
        view.dismissed.connect(partial(self._show_refusal, ""))
        view.pasted.connect(partial(self._on_pasted, grid))
        return view

    def refresh(self) -> None:
        """Show the store's moment now, and bring up the current layer if the cursor has moved since the last time."""
        self._store.pauses.forget(self.refresh)
        before, state = self._shown, self._store.state
        if self._passes_by(before, state):
            return
        if before.notation is not state.notation:
            for layer in range(1, state.problem.depth + 1):
                self._tabs.setTabText(layer - 1, layer_name(state.notation, layer, state.problem))
        stage = self._store.moment.stage
        if stage is not None and (before.tick, before.step) != (state.tick, state.step):
            with QSignalBlocker(self._tabs):
                self._tabs.setCurrentIndex((stage.layer or state.problem.depth) - 1)
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

    def _on_typed(self, ref: Ref) -> None:
        self._show_refusal(edits.fixed(self._store.state, ref))

    def _on_pasted(self, grid: Grid, row: int, column: int) -> None:
        if not grid.editable:
            self._show_refusal(f"{plain_symbol(grid.title)} is computed; allowed: pasting weights, biases, inputs and targets.")
            return
        try:
            numbers = pasted(grid, row, column, QGuiApplication.clipboard().text())
        except Refusal as refusal:
            self._show_refusal(str(refusal))
            return
        self._show_refusal(self._store.edit(f"pasting of {counted(len(numbers), 'number')}", edits.edit_numbers, numbers))

    def _on_nudge_requested(self, ref: Ref, value: float) -> None:
        self._show_refusal(self._store.edit(f"{edits.NUDGE}{name_of(self._store.moment, ref)}", edits.edit_number, ref, value))

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
        else:
            self._store.pauses.ask(self.refresh, self)


def _title(grid: Grid) -> SymbolLabel:
    title = SymbolLabel(grid.title)
    hint = "; double click, Enter or a digit changes a number, Ctrl+C and Ctrl+V copy and paste" if grid.editable else ""
    title.setToolTip(f"{plain_symbol(grid.title)}, {grid.rows} × {grid.columns}{hint}")
    return title


def _structure(moment: Moment, layer: int) -> tuple[object, ...]:
    """Return what decides which tables there are, what they are called and how large their cells are."""
    problem = moment.record.problem
    named = (moment.notation, naming_of(problem), problem.loss)
    return (layer, problem.layers, *named, problem.learning_rate is None, moment.record.m, moment.fmt)
