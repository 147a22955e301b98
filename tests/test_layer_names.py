"""The window counts layers as the notation shown does: tabs, choices, legends, and the words beside pictures."""

import re
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QToolButton

from gui import actions
from gui.panel.network_editor import NetworkEditor
from gui.panes.heat_map_view import HeatMapView
from gui.panes.histogram_view import HistogramView
from gui.panes.tables_view import TablesView
from gui.plots.norms_plot import NormsPlot
from gui.state import initial_state
from gui.store import Store
from model.examples import open_problem


@pytest.fixture
def store() -> Store:
    return Store(initial_state(open_problem("jacob"), "jacob"))


def set_notation(store: Store, name: str) -> None:
    store.dispatch(actions.set_notation, name)


def test_tabs_of_the_tables_follow_the_notation(qtbot: Any, store: Store) -> None:
    tables = TablesView(store)
    qtbot.addWidget(tables)

    def names() -> list[str]:
        tables.refresh()
        return [tables._tabs.tabText(i) for i in range(tables._tabs.count())]

    assert names() == ["layer 2", "layer 3", "data"]
    set_notation(store, "theta")
    assert names() == ["hidden layer", "output layer", "data"]


def test_choices_and_legends_follow_the_notation(qtbot: Any, store: Store) -> None:
    heat_map, histograms, norms = HeatMapView(store), HistogramView(store), NormsPlot(store)
    for pane in (heat_map, histograms, norms):
        qtbot.addWidget(pane)
        pane.show_state(store.state)
    assert heat_map._choose_layer.itemText(1) == "layer 3: 2 × 3"
    assert heat_map._shown is not None
    assert (heat_map._shown[0].source, heat_map._shown[0].target) == ("the inputs", "layer 2")
    assert histograms.spreads(store.state)[1].title.startswith("layer 3 ")
    assert "layer 3" in norms._legend.text()
    set_notation(store, "dyda")
    norms.show_state(store.state)
    assert "layer 3" not in norms._legend.text()
    assert "layer 2" in norms._legend.text()


def test_the_editor_of_the_network_does_not_count_against_the_notation(qtbot: Any, store: Store) -> None:
    editor = NetworkEditor(store)
    qtbot.addWidget(editor)
    assert [label.text() for label in editor.findChildren(QLabel)] == ["inputs", "hidden", "outputs"]
    assert [b.accessibleName() for b in editor.findChildren(QToolButton) if b.accessibleName()] == ["remove the hidden layer"]


def test_norms_in_one_place_are_told_apart_and_many_layers_are_named_shortly(qtbot: Any) -> None:
    store = Store(initial_state(open_problem("biswas-figure-1")))
    store.dispatch(actions.end_of_update)
    norms = NormsPlot(store)
    qtbot.addWidget(norms)
    norms.complete()
    for solid, dashed in norms._curves:
        marks = [curve.opts for curve in (solid, dashed)]
        assert [options["symbol"] for options in marks] == ["o", "o"]
        assert marks[0]["symbolSize"] < marks[1]["symbolSize"], "or the one would cover the other"
        assert marks[1]["symbolBrush"] is None, "hollow"
    words = re.sub(r"<[^>]*>|&nbsp;", " ", norms._legend.text()).split()
    assert words == ["●", "∇", "○", "W", "●", "layer", "1", "●", "2", "●", "3"]
