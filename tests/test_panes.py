"""The panes at the lower right: they show the model's numbers, follow the store, and do nothing while nobody sees them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from pane_helpers import on_screen, store_of, table_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QHeaderView,
    QLabel,
    QWidget,
)

from gui import actions
from gui.board.blackboard import Blackboard
from gui.panes import gradient_check_view
from gui.panes.gradient_check_view import GradientCheckView
from gui.panes.pane import Pane
from gui.panes.paths_view import PathsView
from gui.panes.tabs import Entry, PaneTabs
from gui.plots.decision_map import DecisionMap, cells_for
from gui.plots.norms_plot import NormsPlot
from gui.plots.ticks import log_ticks
from gui.state import record_of
from gui.store import Store
from model.decision import grid, window_of
from model.examples import open_problem
from model.expr.tree import format_number
from model.moment import number

MAKERS: dict[str, Callable[[Store], Pane]] = {
    "paths": lambda store: PathsView(store, Blackboard()),
    "check": GradientCheckView,
    "norms": NormsPlot,
    "map": DecisionMap,
}


@pytest.fixture
def shown(qtbot: Any) -> Callable[[Pane], Pane]:
    return partial(on_screen, qtbot=qtbot)


@pytest.mark.parametrize("name", MAKERS)
def test_a_hidden_pane_does_nothing(name: str, shown: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of("xor")
    pane = MAKERS[name](store)
    qtbot.addWidget(pane)
    calls: list[int] = []
    show_state = type(pane).show_state
    monkeypatch.setattr(type(pane), "show_state", lambda self, state: (calls.append(state.step), show_state(self, state)))
    themes: list[str] = []
    set_theme = type(pane).set_theme
    monkeypatch.setattr(type(pane), "set_theme", lambda self, theme: (themes.append(theme.name), set_theme(self, theme)))
    for _ in range(4):
        store.dispatch(actions.next_update)
    store.dispatch(actions.set_options, theme="dark")
    QTest.qWait(150)
    assert (calls, themes) == ([], [])
    shown(pane)
    qtbot.waitUntil(lambda: 5 in calls)
    assert themes == ["dark"]
    pane.hide()
    QTest.qWait(20)
    calls.clear()
    store.dispatch(actions.previous_update)
    QTest.qWait(150)
    assert calls == []


@pytest.mark.parametrize("name", MAKERS)
def test_many_changes_are_one_picture(name: str, shown: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of("xor")
    pane = shown(MAKERS[name](store))
    QTest.qWait(200)
    calls: list[int] = []
    show_state = type(pane).show_state
    monkeypatch.setattr(type(pane), "show_state", lambda self, state: (calls.append(state.step), show_state(self, state)))
    for _ in range(20):
        store.dispatch(actions.next_update)
    qtbot.waitUntil(lambda: bool(calls))
    assert calls[0] == 21


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("example", ["dyda-sigmoid", "biswas-figure-1", "biswas-thin", "theta-digits", "soletskyi"])
def test_every_pane_takes_every_example_and_look(name: str, example: str, shown: Any, qtbot: Any) -> None:
    store = store_of(example)
    pane = shown(MAKERS[name](store))
    for look in ({"theme": "dark"}, {"projector": True}, {"theme": "light", "projector": False}):
        store.dispatch(actions.set_options, **look)
        pane.refresh()
        QApplication.processEvents()
    store.dispatch(actions.open_problem, open_problem("xor"))
    pane.refresh()
    assert pane.minimumSizeHint().width() <= 260


@pytest.mark.parametrize("name", MAKERS)
def test_controls_have_names_and_tips(name: str, shown: Any) -> None:
    pane = shown(MAKERS[name](store_of("xor")))
    controls = QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QGraphicsView
    found = [widget for kind in controls for widget in pane.findChildren(kind) if widget.isVisible()]
    assert found
    for widget in found:
        assert widget.accessibleName() or isinstance(widget, QHeaderView), widget
        if isinstance(widget, QAbstractButton | QAbstractSpinBox | QComboBox):
            assert widget.toolTip(), widget


# -- gradient check --------------------------------------------------------------------------------------------------------------


def test_the_check_shows_both_gradients(shown: Any, qtbot: Any) -> None:
    store = store_of("xor")
    pane = shown(GradientCheckView(store))
    qtbot.waitUntil(lambda: table_of(pane).model().rowCount() == 13)
    record = record_of(store.state)
    model = table_of(pane).model()
    for row in range(13):
        ref = model.ref_at(row)
        assert model.values(ref)[0] == number(record, ref)
        assert abs(model.values(ref)[1] - number(record, ref)) < 1e-12
        assert model.index(row, 1).data() == format_number(number(record, ref), store.state.options.fmt)
    assert "agrees with the numerical derivative" in pane.findChildren(QLabel)[1].text()
    table_of(pane).horizontalHeader().setSortIndicator(1, Qt.SortOrder.DescendingOrder)
    sizes = [abs(model.values(model.ref_at(row))[0]) for row in range(13)]
    assert sizes == sorted(sizes, reverse=True)


def test_a_check_follows_the_cursor_and_waits_for_training(shown: Any, qtbot: Any) -> None:
    store = store_of("xor")
    pane = shown(GradientCheckView(store))
    qtbot.waitUntil(lambda: pane.check is not None)
    store.dispatch(actions.next_update)
    qtbot.waitUntil(lambda: "Update 2:" in pane.findChildren(QLabel)[1].text())
    store.dispatch(actions.start_training, 10)
    store.dispatch(actions.seek, 1, 0)
    qtbot.waitUntil(lambda: "waits" in pane.findChildren(QLabel)[1].text())
    store.dispatch(actions.stop_training)
    qtbot.waitUntil(lambda: "Update 1:" in pane.findChildren(QLabel)[1].text())


def test_a_large_network_is_checked_in_part_and_says_so(shown: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradient_check_view, "PATIENCE", 0.0)
    part = gradient_check_view.FEWEST
    store = store_of("theta-digits")
    pane = shown(GradientCheckView(store))
    qtbot.waitUntil(lambda: pane.check is not None, timeout=20_000)
    pane.refresh()
    assert table_of(pane).model().rowCount() == part
    assert f"Of the 1,210 parameters of this large network, {part} spread evenly are checked." in pane.findChildren(QLabel)[1].text()


# -- norms -----------------------------------------------------------------------------------------------------------------------


def test_norms_come_in_by_and_by(shown: Any, qtbot: Any) -> None:
    store = store_of("xor")
    store.state.run.state(401)
    store.dispatch(actions.extend, 400, 0)
    pane = shown(NormsPlot(store))
    qtbot.waitUntil(lambda: len(pane.history.points()[0]) == 200)
    steps, gradients, weights = pane.history.points()
    assert list(steps) == list(range(1, 401, 2))
    record = store.state.run.record(201)
    at = list(steps).index(201)
    for l in range(2):
        assert gradients[at, l] == pytest.approx(math.hypot(np.linalg.norm(record.dW[l]), np.linalg.norm(record.db[l])))
        assert weights[at, l] == pytest.approx(math.hypot(np.linalg.norm(record.params.W[l]), np.linalg.norm(record.params.b[l])))
    qtbot.waitUntil(lambda: len(pane._curves[0][0].getData()[0]) == 200)
    assert pane._curves[1][0].getData()[1] == pytest.approx(np.log10(gradients[:, 1]))


@pytest.mark.parametrize(("low", "high", "most"), [(-4.3, 1.2, 3), (-0.2, 0.4, 5), (-30.0, 30.0, 4), (0.0, 1.0, 2), (-5.1, -4.2, 5)])
def test_the_axis_has_a_few_true_labels(low: float, high: float, most: int) -> None:
    found = log_ticks(low, high, most)
    assert 1 <= len(found) <= max(most + 1, 6)
    superscripts = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    for at, text in found:
        factor, _, power = text.rpartition("·") if text[-1] in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹" else (text, "", "10⁰")
        value = float(factor or 1) * 10.0 ** float(power[2:].translate(superscripts))
        assert low <= at <= high
        assert at == pytest.approx(math.log10(value))


# -- decision map ----------------------------------------------------------------------------------------------------------------


def test_the_map_holds_the_networks_answers(shown: Any) -> None:
    store = store_of("xor")
    pane = shown(DecisionMap(store))
    cells = cells_for(store.state.problem, coarse=False)
    assert pane._values.shape == (cells, cells, 1)
    window = window_of(store.state.run.samples[0])
    x = np.array([[0.9, 0.1]])  # right, below: the second input decides about the row
    share = (x[0] - window.low) / (np.array(window.high) - window.low)
    column, row = (int(part * cells) for part in share)
    record = record_of(store.state)
    near = grid(window, cells).reshape(cells, cells, 2)[row, column]
    assert near == pytest.approx(x[0], abs=0.02)
    a = np.tanh(record.params.W[0] @ near + record.params.b[0])
    wanted = 1 / (1 + np.exp(-(record.params.W[1] @ a + record.params.b[1])))
    assert pane._values[row, column] == pytest.approx(wanted)


def test_the_map_follows_the_cursor(shown: Any, qtbot: Any) -> None:
    store = store_of("xor")
    pane = shown(DecisionMap(store))
    before = pane._values.copy()
    store.dispatch(actions.next_update)
    qtbot.waitUntil(lambda: not np.array_equal(pane._values, before))
    assert "before update 2" in pane._head.text()


def test_other_networks_get_a_sentence(shown: Any) -> None:
    pane = shown(DecisionMap(store_of("theta-digits")))
    assert [label.text() for label in pane.findChildren(QLabel) if label.isVisible()] == [
        "A decision map exists for networks with two inputs, and a plot of the function for networks with one; this one has 64 inputs."
    ]


def test_one_input_is_a_curve(shown: Any) -> None:
    store = store_of("biswas-thin")
    pane = shown(DecisionMap(store))
    x, y = pane._curves[0].getData()
    assert len(x) == len(y) == 240
    record = record_of(store.state)
    at = np.interp(record.x[0, 0], x, y)
    assert at == pytest.approx(record.a[-1][0, 0], abs=1e-4)


# -- tabs ------------------------------------------------------------------------------------------------------------------------


def test_a_pane_is_made_when_it_is_first_looked_at(qtbot: Any) -> None:
    made: list[str] = []

    def entry(name: str) -> Entry:
        def make() -> QWidget:
            made.append(name)
            return QLabel(name)

        return Entry(name, f"shows {name}", make)

    tabs = PaneTabs([entry("one"), entry("two"), entry("three")])
    qtbot.addWidget(tabs)
    assert made == ["one"]
    tabs.show_tab(2)
    tabs.show_tab(0)
    tabs.show_tab(2)
    tabs.show_tab(7)
    assert made == ["one", "three"]
    assert tabs.current == 2
    assert tabs.pane(1) is None
