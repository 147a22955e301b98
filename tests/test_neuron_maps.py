"""Small multiples of the hidden neurons: each is the neuron's answer over the inputs, can be pointed at and asked for its origin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from math_helpers import make_problem
from pane_helpers import on_screen, store_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui import actions
from gui.plots.decision_map import DecisionMap
from gui.plots.neuron_maps import CELLS, hidden_count
from gui.state import record_of
from model.decision import grid
from model.examples import open_problem
from model.problem import replace
from model.stages import Ref


def neurons_of(problem: Any, qtbot: Any) -> DecisionMap:
    pane = on_screen(DecisionMap(store_of(problem)), qtbot)
    assert isinstance(pane, DecisionMap)
    pane._form.chosen.emit("neurons")
    return pane


def test_every_image_is_what_its_neuron_answers(qtbot: Any) -> None:
    pane = neurons_of("xor", qtbot)
    state = pane.store.state
    params, points = record_of(state).params, grid(pane._window, CELLS)
    answers = np.tanh(points @ params.W[0].T + params.b[0])
    assert hidden_count(state.problem) == len(pane._neurons._values) == answers.shape[1]
    for j, values in enumerate(pane._neurons._values):
        assert values == pytest.approx(answers[:, j])
    top = answers.reshape(CELLS, CELLS, -1)[-1, 0, 0]  # the second input is largest at the top
    image = pane._neurons._images[0].pixelColor(0, 0)
    assert (image.red() > image.blue()) == (top > 0)
    assert not pane._plot.isVisible()
    found = pane.exhibit()
    assert found is not None
    assert found.body is pane._neurons


def test_they_follow_the_cursor_and_are_links(qtbot: Any) -> None:
    pane = neurons_of("xor", qtbot)
    before = pane._neurons._values[0].copy()
    pane.store.dispatch(actions.next_update)
    qtbot.waitUntil(lambda: not np.array_equal(pane._neurons._values[0], before))
    middle = pane._neurons._tiles()[1].center().toPoint()
    QTest.mouseMove(pane._neurons, middle)
    assert pane.store.state.hover == Ref("a", 1, 1)
    QTest.mouseClick(pane._neurons, Qt.MouseButton.LeftButton, pos=middle)
    assert pane.store.state.selection == Ref("a", 1, 1)
    assert pane.store.state.trail.current == Ref("a", 1, 1)


def test_over_one_input_they_are_curves(qtbot: Any) -> None:
    pane = neurons_of("biswas-thin", qtbot)
    assert pane._neurons._images == []
    assert pane._neurons.grab().width() > 0


@pytest.mark.parametrize("name", ["xor", "biswas-thin"])
def test_a_run_that_has_left_the_numbers_is_shown_too(name: str, qtbot: Any) -> None:
    problem = open_problem(name)
    pane = neurons_of(replace(problem, activations=("identity",) * problem.depth, learning_rate=1e200, loss="squared_error"), qtbot)
    for _ in range(3):
        pane.store.dispatch(actions.next_update)
    qtbot.waitUntil(lambda: not np.isfinite(pane._neurons._values[0]).all())
    assert pane._neurons.grab().width() > 0
    assert pane._neurons._range_of(Ref("a", 1, 0)).startswith("from")


def test_without_hidden_neurons_there_is_nothing_to_choose(qtbot: Any) -> None:
    pane = on_screen(DecisionMap(store_of(make_problem((2, 2), ("softmax",), "cross_entropy"))), qtbot)
    assert isinstance(pane, DecisionMap)
    assert not pane._form.isVisible()
    pane.store.dispatch(actions.open_problem, open_problem("xor"))
    qtbot.waitUntil(pane._form.isVisible)


def test_circles_are_circles_and_the_width_left_shows_the_neurons(qtbot: Any) -> None:
    data = {"dataset": {"name": "circles"}, "x": None, "y": None}
    pane = on_screen(DecisionMap(store_of(replace(open_problem("xor"), **data))), qtbot)
    assert isinstance(pane, DecisionMap)
    box, wanted = pane._plot.getPlotItem().vb, [pane._window.low[1], pane._window.high[1]]
    for width, height in ((640, 160), (330, 110), (640, 420)):
        pane.resize(width, height)
        qtbot.waitUntil(lambda: box.viewRange()[1] == pytest.approx(wanted, rel=0.1))  # with no bare strips beside the map
        across, up = box.viewPixelSize()
        assert across == pytest.approx(up, rel=0.02)
        assert pane._neurons.isVisible()
        assert len(pane._neurons._values) == 3
    pane._form.chosen.emit("neurons")
    assert not pane._plot.isVisible()


def test_inputs_of_different_units_fill_the_pane(qtbot: Any) -> None:
    x = np.array([[0.0, 0.0], [0.0, 900.0], [1.0, 0.0], [1.0, 900.0]])
    pane = on_screen(DecisionMap(store_of(replace(open_problem("xor"), x=x))), qtbot)
    assert isinstance(pane, DecisionMap)
    qtbot.waitUntil(lambda: pane._plot.width() > 600)
    assert not pane._neurons.isVisible()
