"""The panes at the lower right: they show the model's numbers, follow the store, and do nothing while nobody sees them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from math_helpers import make_problem
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
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
    QPushButton,
    QTableView,
    QWidget,
)

from gui import actions, gradient_check_view
from gui.blackboard import Blackboard
from gui.decision_map import DecisionMap, cells_for
from gui.gradient_check_view import GradientCheckView
from gui.graph_canvas import GraphCanvas
from gui.norms_plot import NormsPlot, ticks
from gui.pane import Pane
from gui.pane_tabs import Entry, PaneTabs
from gui.paths_table import PRODUCT, SHARE, THROUGH, VALUE
from gui.paths_view import PathsView
from gui.state import initial_state, record_of, walk_of
from gui.store import Store
from model.decision import grid, window_of
from model.examples import open_problem
from model.expr import NumberFormat, format_number
from model.moment import number
from model.paths import paths_of
from model.problem import Problem
from model.stages import Ref

pytestmark = pytest.mark.qt_log_ignore(r"This plugin does not support (propagateSizeHints|raise)\(\)")

MAKERS: dict[str, Callable[[Store], Pane]] = {
    "paths": lambda store: PathsView(store, Blackboard()),
    "check": GradientCheckView,
    "norms": NormsPlot,
    "map": DecisionMap,
}


def store_of(problem: Problem | str, *, tick: int | None = None) -> Store:
    """A store at the end of update 1, or at `tick`."""
    state = initial_state(open_problem(problem) if isinstance(problem, str) else problem)
    return Store(replace(state, tick=walk_of(state).total if tick is None else tick))


@pytest.fixture
def shown(qtbot: Any) -> Callable[[Pane], Pane]:
    def show(pane: Pane) -> Pane:
        qtbot.addWidget(pane)
        pane.resize(700, 300)
        pane.show()
        qtbot.waitExposed(pane)
        return pane

    return show


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


# -- paths -----------------------------------------------------------------------------------------------------------------------


def texts(table: QTableView, column: int) -> list[str]:
    model = table.model()
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def table_of(pane: QWidget) -> QTableView:
    return pane.findChildren(QTableView)[0]


def test_paths_are_the_models(shown: Any) -> None:
    store = store_of("biswas-figure-1")
    pane = shown(PathsView(store, Blackboard()))
    store.dispatch(actions.select, Ref("dW", 1, 1, 0))
    pane.refresh()
    paths = paths_of(record_of(store.state), Ref("W", 1, 1, 0))
    assert pane.target == paths.target
    fmt = store.state.options.fmt
    assert texts(table_of(pane), VALUE) == [format_number(path.value, fmt) for path in paths.listed]
    assert texts(table_of(pane), THROUGH)[0] == "h₁₂ → h₂₂ → a₃₂ → ŷ₁ → ℒ(θ)"
    assert sum(float(text.removesuffix(" %").replace("−", "-")) for text in texts(table_of(pane), SHARE)) == pytest.approx(100.0, abs=0.6)
    said = "\n".join(label.text() for label in pane.findChildren(QLabel))
    assert f"All 12 paths together: {format_number(paths.total, fmt)}   record: {format_number(paths.recorded, fmt)}" in said
    assert "Mean over 3 samples" in said


def test_written_products_multiply_to_the_value(shown: Any) -> None:
    store = store_of("soletskyi")
    store.dispatch(actions.set_decimals, None)
    pane = shown(PathsView(store, Blackboard()))
    store.dispatch(actions.select, Ref("W", 1, 2, 1))
    pane.refresh()
    for product, value in zip(texts(table_of(pane), PRODUCT), texts(table_of(pane), VALUE), strict=True):
        factors = [float(part.strip("()").replace("−", "-")) for part in product.split(" · ")]
        assert len(factors) == 7
        assert math.prod(factors) == pytest.approx(float(value.replace("−", "-")), rel=1e-12)


def test_what_is_not_listed_has_a_row(shown: Any) -> None:
    problem = make_problem((2, 20, 20, 2), ("tanh", "tanh", "identity"), "squared_error", m=1)
    store = store_of(replace(problem, learning_rate=0.1))
    pane = shown(PathsView(store, Blackboard()))
    store.dispatch(actions.select, Ref("x", 0, 0))
    pane.refresh()
    assert pane.paths is not None
    assert table_of(pane).model().rowCount() == 301
    assert texts(table_of(pane), THROUGH)[-1] == "500 others"
    assert texts(table_of(pane), VALUE)[-1] == format_number(pane.paths.rest, store.state.options.fmt)


def test_no_number_is_shown_before_it_is_computed(shown: Any, qtbot: Any) -> None:
    store = store_of("dyda-sigmoid", tick=0)
    pane = shown(PathsView(store, Blackboard()))
    assert pane.paths is None
    assert not table_of(pane).isVisible()
    go = next(button for button in pane.findChildren(QPushButton) if button.isVisible())
    go.click()
    pane.refresh()
    assert pane.paths is not None
    assert store.moment.known(Ref("delta", 1, 0))
    store.dispatch(actions.back)
    pane.refresh()
    assert pane.paths is None


def test_the_story_goes_on_and_back_by_keys(shown: Any, qtbot: Any) -> None:
    pane = shown(PathsView(store_of("soletskyi"), Blackboard()))
    told = [pane.told]
    for _ in range(6):
        pane.tell_next()
        told.append(pane.told)
    assert told[:3] == ["6 paths from the weight to the loss", "The loss", "Talk to the output layer"]
    assert told[3:] == ["Talk to hidden layer 2", "Talk to neuron 1 of hidden layer 1", *["And now talk to the weight"] * 2]
    pane.activateWindow()
    qtbot.waitUntil(pane.isActiveWindow)
    QTest.keyClick(pane, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert pane.told == told[4]
    QTest.keyClick(pane, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert pane.told == told[5]


def test_paths_are_drawn_on_the_picture_as_long_as_they_are_looked_at(shown: Any, qtbot: Any) -> None:
    store = store_of("soletskyi")
    canvas = GraphCanvas(store)
    qtbot.addWidget(canvas)
    canvas.resize(900, 600)
    plain = len(canvas.diagram.items)
    pane = shown(PathsView(store, Blackboard()))
    qtbot.waitUntil(lambda: len(store.state.paths) == 6)
    assert len(canvas.diagram.items) > plain
    table = table_of(pane)
    at = QPointF(table.visualRect(table.model().index(1, 0)).center())
    for where in (at + QPointF(1, 0), at):
        QTest.mouseMove(table.viewport(), where.toPoint())
        move = QMouseEvent(QEvent.Type.MouseMove, where, table.viewport().mapToGlobal(where), Qt.MouseButton.NoButton,
                           Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier)  # fmt: skip
        QApplication.sendEvent(table.viewport(), move)
    assert pane.paths is not None
    second = pane.paths.listed[1]
    qtbot.waitUntil(lambda: [overlay.edges for overlay in store.state.paths] == [second.edges])
    assert store.state.paths[0].value == second.value
    QApplication.sendEvent(table.viewport(), QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: len(store.state.paths) == 6)
    pane.hide()
    qtbot.waitUntil(lambda: store.state.paths == ())
    assert len(canvas.diagram.items) == plain


def test_the_chooser_selects(shown: Any) -> None:
    store = store_of("dyda-sigmoid")
    pane = shown(PathsView(store, Blackboard()))
    pane._unit.setValue(2)
    pane.refresh()
    pane._from.setValue(2)
    pane.refresh()
    assert store.state.selection == pane.target == Ref("W", 1, 1, 1)
    pane._kind.chosen.emit(("b", 2))
    pane.refresh()
    assert pane.target == Ref("b", 2, 0)
    assert not pane._from.isVisible()


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


@pytest.mark.parametrize(("low", "high", "most"), [(-4.3, 1.2, 3), (-0.2, 0.4, 5), (-30.0, 30.0, 4), (0.0, 1.0, 2)])
def test_the_axis_has_a_few_true_labels(low: float, high: float, most: int) -> None:
    found = ticks(low, high, most)
    assert 1 <= len(found) <= max(most + 1, 6)
    superscripts = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    for at, text in found:
        value = 10.0 ** float(text[2:].translate(superscripts)) if text[2:] and text[2] in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹" else float(text)
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


def test_share_and_small_numbers_keep_the_decimal_comma() -> None:
    from gui.paths_table import share

    assert share(1.0, 3.0, NumberFormat(4, comma=True)) == "33,3 %"
    assert share(1.0, 0.0, NumberFormat(4)) == "–"
