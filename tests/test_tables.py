"""Tables with a real store and no window: they show what is revealed, mark what is current, and ask."""

from __future__ import annotations

from typing import Any

import pytest
from pane_helpers import store_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from gui import edits
from gui.actions import end_of_update, extend, hover, seek, set_decimals, set_granularity, set_notation, set_sample, step
from gui.data.edits import Batches, take_dataset
from gui.panes.grid_view import GridView
from gui.panes.table_models import HIDDEN, GridModel, data_grids, is_current, layer_grids, matches
from gui.panes.tables_view import TablesView
from gui.state import initial_state, theme_of
from gui.store import Store
from model.evaluation import Split
from model.examples import open_problem
from model.expr.tree import format_number
from model.stages import Ref

ROLE = Qt.ItemDataRole


@pytest.fixture
def store(qapp: Any) -> Store:
    return store_of("dyda-sigmoid", tick=0)


def models(store: Store, layer: int) -> dict[str, GridModel]:
    theme = theme_of(store.state)
    return {grid.quantity: GridModel(grid, store.moment, theme) for grid in layer_grids(store.moment, layer)}


def texts(model: GridModel) -> list[list[str]]:
    return [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]


@pytest.mark.parametrize("name", ["dyda-sigmoid", "jacob", "biswas-figure-1", "soletskyi", "xor"])
@pytest.mark.parametrize("notation", ["dyda", "biswas", "jacob", "theta"])
def test_tables_show_exactly_what_is_revealed(qapp: Any, name: str, notation: str) -> None:
    store = store_of(name, tick=0)
    store.dispatch(set_notation, notation)
    store.dispatch(set_granularity, "neuron")
    for _ in range(12):
        store.dispatch(step)
        moment = store.moment
        for layer in range(1, store.state.problem.depth + 1):
            for model in models(store, layer).values():
                for row in range(model.rowCount()):
                    for column in range(model.columnCount()):
                        ref = model.grid.ref(row, column)
                        expected = format_number(moment.value(ref), moment.fmt) if moment.known(ref) else HIDDEN
                        assert model.index(row, column).data() == expected


def test_the_bias_stands_where_the_notation_puts_it(store: Store) -> None:
    assert texts(models(store, 1)["W"]) == [["0.1", "−0.2", "0.3"], ["−0.4", "0.5", "−0.6"]]
    store.dispatch(set_notation, "theta")
    assert texts(models(store, 1)["W"]) == [["0.1", "−0.4"], ["−0.2", "0.5"], ["0.3", "−0.6"]]
    store.dispatch(set_notation, "jacob")
    assert texts(models(store, 1)["W"]) == [["−0.2", "0.3"], ["0.5", "−0.6"]]
    assert texts(models(store, 1)["b"]) == [["0.1"], ["−0.4"]]


def test_current_cells_are_marked_and_hovered_cells_lit(store: Store) -> None:
    store.dispatch(set_granularity, "neuron")
    store.dispatch(step)
    model = models(store, 1)["z"]
    assert model.index(0, 0).data(ROLE.BackgroundRole).color().getRgb()[:3] == theme_of(store.state).gold_wash
    assert model.index(1, 0).data(ROLE.BackgroundRole) is None
    assert model.current_index().row() == 0
    model.show_moment(store.moment, theme_of(store.state), Ref("z", 1, 1))
    assert model.index(1, 0).data(ROLE.BackgroundRole).color().getRgb()[:3] == theme_of(store.state).accent_wash


def test_only_given_numbers_of_the_first_update_can_be_edited(store: Store) -> None:
    editable = Qt.ItemFlag.ItemIsEditable
    tables = models(store, 1)
    assert tables["W"].index(0, 0).flags() & editable
    assert not tables["z"].index(0, 0).flags() & editable
    store.dispatch(end_of_update)
    store.dispatch(step)
    tables = models(store, 1)
    assert not tables["W"].index(0, 0).flags() & editable
    data = GridModel(data_grids(store.moment)[0], store.moment, theme_of(store.state))
    assert data.index(0, 0).flags() & editable


def test_an_edit_is_asked_for_and_a_word_is_refused(store: Store, qtbot: Any) -> None:
    model = models(store, 1)["W"]
    with qtbot.waitSignal(model.edit_requested) as asked:
        assert model.setData(model.index(0, 0), "−0,5")
    assert asked.args == [Ref("b", 1, 0), -0.5]
    with qtbot.waitSignal(model.refused) as refused:
        assert not model.setData(model.index(0, 1), "seven")
    assert "not a number" in refused.args[0]
    with qtbot.assertNotEmitted(model.edit_requested):
        model.setData(model.index(0, 1), "-0.2")


def test_models_keep_qts_rules(store: Store) -> None:
    store.dispatch(end_of_update)
    for model in models(store, 2).values():
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
        model.show_moment(store.moment, theme_of(store.state), Ref("W", 2, 0, 0))


def test_a_cell_says_what_it_is_to_a_screen_reader(store: Store) -> None:
    tables = models(store, 2)
    assert tables["delta"].index(0, 0).data(ROLE.AccessibleTextRole).endswith("not computed yet")
    store.dispatch(end_of_update)
    tables = models(store, 2)  # an index must not outlive its model
    said = tables["delta"].index(0, 0).data(ROLE.AccessibleTextRole)
    assert said.startswith("δ")
    assert "= −0.1103" in said


@pytest.mark.parametrize(
    ("pointed", "lit"),
    [
        (Ref("W", 1, 0, 1), True),
        (Ref("W", 1), True),
        (Ref("W", 1, 1, 1), False),
        (Ref("W", 2, 0, 1), False),
        (Ref("dW", 1, 0, 1), False),
        (None, False),
    ],
)
def test_an_open_index_stands_for_all(pointed: Ref | None, lit: bool) -> None:
    assert matches(Ref("W", 1, 0, 1), pointed, 0) is lit


def test_inputs_are_the_activations_of_layer_0() -> None:
    assert matches(Ref("x", 0, 1, None, 2), Ref("a", 0, 1), 2)
    assert not matches(Ref("x", 0, 1, None, 2), Ref("a", 0, 1), 1)


def test_tabs_follow_the_walk_and_edits_go_through_the_store(store: Store, qtbot: Any) -> None:
    view = TablesView(store)
    qtbot.addWidget(view)
    view.show()
    store.dispatch(seek, 1, 22)
    qtbot.waitUntil(lambda: view._tabs.currentIndex() == 1)  # a frame later, so that picture and formula need not wait
    view._tabs.setCurrentIndex(2)
    assert {table.quantity for table in view._pages.currentWidget()._views} == {"x", "y"}
    table = view._pages.currentWidget()._views[0]
    table.model().setData(table.model().index(0, 1), "0.5")
    assert store.moment.record.x[0, 1] == 0.5
    assert store.undo_stack.undoText() == "change of an input"
    table = view._pages.currentWidget()._views[0]
    table.model().setData(table.model().index(0, 1), "x")
    assert "not a number" in view._refusal.text()
    while view.prepare():
        pass
    store.edit("layers", edits.add_layer, 3)
    assert view._tabs.count() == 4


def entered(store: Store, quantity: str, qtbot: Any) -> GridView:
    """A table of layer 1 in whose first row Enter was pressed."""
    view = GridView(models(store, 1)[quantity])
    qtbot.addWidget(view)
    view.show()
    view.setCurrentIndex(view.model().index(0, 0))
    QTest.keyClick(view, Qt.Key.Key_Return)
    return view


def test_enter_edits_a_cell_and_hovering_is_told(store: Store, qtbot: Any) -> None:
    view = entered(store, "W", qtbot)
    assert view.state() == GridView.State.EditingState
    with qtbot.waitSignal(view.ref_hovered) as told:
        view.entered.emit(view.model().index(1, 2))
    assert told.args == [Ref("W", 1, 1, 1)]


def test_enter_on_a_computed_number_does_nothing_and_warns_of_nothing(store: Store, qtbot: Any) -> None:
    store.dispatch(end_of_update)
    view = entered(store, "z", qtbot)
    assert view.state() == GridView.State.NoState


def test_digits_and_samples_rule_the_tables(qapp: Any) -> None:
    store = store_of("xor", tick=0)
    store.dispatch(end_of_update)
    store.dispatch(set_decimals, 2)
    assert all(len(text) <= 5 for row in texts(models(store, 1)["z"]) for text in row)
    store.dispatch(seek, 1, store.moment.walk.ends[0])
    store.dispatch(set_sample, 2)
    model = models(store, 1)["z"]
    marked = [column for column in range(4) if is_current(store.moment, model.grid.ref(0, column))]
    assert marked == [2]
    store.dispatch(hover, Ref("z", 1, 0))
    assert store.moment.sample == 2


def test_cells_have_room_for_their_numbers_on_every_tab_and_update(qapp: Any, qtbot: Any) -> None:
    store = store_of("dyda-sigmoid", tick=0)
    tables = TablesView(store)
    qtbot.addWidget(tables)
    tables.resize(900, 200)
    tables.show()
    while tables.prepare():
        pass
    for _ in range(3):
        store.dispatch(end_of_update)
    for layer in (1, 2):
        tables._tabs.setCurrentIndex(layer - 1)
        for view in tables._pages.currentWidget().findChildren(GridView):
            metrics, model = view.fontMetrics(), view.model()
            for column in range(model.columnCount()):
                texts = [str(model.index(row, column).data()) for row in range(model.rowCount())]
                assert max(metrics.horizontalAdvance(text) for text in texts) + 8 <= view.columnWidth(column)


def test_cells_fill_their_table_also_with_few_digits(store: Store, qtbot: Any) -> None:
    store.dispatch(set_decimals, 2)
    tables = TablesView(store)
    qtbot.addWidget(tables)
    tables.resize(1400, 260)
    tables.show()
    views = [view for view in tables.findChildren(GridView) if view.isVisible()]
    assert views
    for view in views:
        assert view.horizontalHeader().length() == view.viewport().width() - 2, view.quantity


def test_while_a_run_goes_on_tables_do_little_at_a_time(qapp: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of("xor", tick=0)
    store.edit("data", take_dataset, {"name": "moons", "samples": 30}, 1, Batches(8), Split())
    store.state.run.record(9)
    tables = TablesView(store)
    qtbot.addWidget(tables)
    tables.show()
    page = tables._pages.currentWidget()
    fitted: list[GridView] = []
    monkeypatch.setattr(GridView, "fit", lambda view: fitted.append(view))
    for count, length in enumerate((2, 3, 5, 6), 1):
        store.dispatch(extend, length, 100)
        tables.refresh()
        assert len(fitted) == count
        assert page._views[0]._numbers._moment.record.step == length
    store.dispatch(extend, 8, 100)
    assert store.moment.record.m == 6
    tables.refresh()
    assert tables._pages.currentWidget() is page, "no tables are made for a batch that has gone by at once"
    fitted.clear()
    store.dispatch(extend, 8, 0)
    qtbot.waitUntil(lambda: tables._pages.currentWidget() is not page)
    assert set(tables._pages.currentWidget()._views) <= set(fitted)


def test_the_same_numbers_under_the_same_name_stand_there_once() -> None:
    one = initial_state(open_problem("jacob"))
    names = [grid.quantity for grid in layer_grids(Store(one).moment, 2)]
    assert "delta" in names
    assert "db" not in names
    assert "db" in [grid.quantity for grid in layer_grids(Store(set_notation(one, "biswas")).moment, 2)]
