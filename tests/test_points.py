"""Samples put in their place by pointing: what targets they get, one undo each, what else changes is said, refusals in the pane."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from math_helpers import make_problem
from pane_helpers import on_screen, store_of
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from gui.actions import Refusal
from gui.data import edits, points
from gui.plots.decision_map import DecisionMap
from gui.state import initial_state, theme_of, walk_of
from gui.store import Store
from model.data.batches import data
from model.evaluation import Split
from model.problem import Problem, frozen, replace


def flat(layers: tuple[int, ...], output: str, loss: str, y: list[list[float]] | None = None) -> Problem:
    problem = make_problem(layers, ("tanh",) * (len(layers) - 2) + (output,), loss, m=len(y) if y else 4, learning_rate=0.1)
    return problem if y is None else replace(problem, y=frozen(np.array(y)))


def test_targets_are_those_of_the_samples_or_the_ends_of_the_output() -> None:
    assert points.targets_of(flat((2, 1), "sigmoid", "binary_cross_entropy", [[0.0], [1.0]])).names == ("0", "1")
    assert points.targets_of(flat((2, 1), "tanh", "squared_error", [[1.0], [1.0]])).choices == ((-1.0,), (1.0,))
    assert points.targets_of(flat((2, 2), "sigmoid", "squared_error", [[0.01, 0.99]])).choices == ((0.99, 0.01), (0.01, 0.99))
    assert points.targets_of(flat((2, 3), "softmax", "cross_entropy", [[1.0, 0.0, 0.0]])).choices[2] == (0.0, 0.0, 1.0)
    assert points.targets_of(flat((2, 1), "identity", "squared_error")).kind == "number"
    assert points.targets_of(flat((1, 1), "identity", "squared_error")).kind == "height"
    assert points.targets_of(flat((1, 2), "softmax", "cross_entropy", [[1.0, 0.0]])).kind == "class"
    assert points.targets_of(replace(flat((2, 1), "sigmoid", "none"), y=None)).kind == "none"


def test_a_height_is_the_target_of_one_output_and_the_nearest_sample_has_the_others() -> None:
    problem = replace(flat((1, 2), "identity", "squared_error", [[1.0, 2.0], [3.0, 4.0]]), x=frozen(np.array([[0.0], [1.0]])))
    assert points.height_target(problem, 0.9, -7.0, 0) == (-7.0, 4.0)
    entropy = flat((1, 1), "sigmoid", "binary_cross_entropy", [[0.0], [1.0]])
    assert [points.height_target(entropy, 0.0, height, 0) for height in (-3.0, 0.4, 0.6)] == [(0.0,), (0.0,), (1.0,)]


@pytest.mark.parametrize(
    ("value", "grain", "said"), [(0.123456, 0.004, 0.123), (123.456, 3.0, 123.0), (-0.0001, 0.01, 0.0), (5.5, 0.0, 5.5)]
)
def test_a_place_is_written_with_the_digits_of_a_pixel(value: float, grain: float, said: float) -> None:
    assert points.rounded(value, grain) == said
    assert str(points.rounded(value, grain)) == str(said)


def test_a_built_in_set_becomes_ones_own_and_it_is_said() -> None:
    old = edits.take_dataset(
        initial_state(store_of("xor").state.problem), {"name": "moons", "samples": 20}, 1, edits.Batches(), Split(0.2, 3)
    )
    new = points.add_point(old, (0.5, 0.25), (1.0,))
    x, y = data(new.problem)
    assert new.problem.dataset is None
    assert (x[-1].tolist(), y[-1].tolist(), len(x)) == ([0.5, 0.25], [1.0], 21)
    assert np.array_equal(x[:-1], data(old.problem)[0])
    said = points.consequences(old, new)
    assert "“moons” are now your own" in said
    assert "So that 20 % are held out, 1 other sample has changed sides." in said
    row = int(new.run.rows[-1])
    assert "changed sides" not in points.consequences(new, points.delete_point(new, row))  # whatever comes after it
    assert points.consequences(new, points.move_point(new, 0, (9.0, 9.0))) == ""


def test_the_last_sample_and_a_missing_target_are_refused() -> None:
    state = initial_state(flat((2, 1), "sigmoid", "squared_error", [[1.0]]))
    with pytest.raises(Refusal, match="last sample cannot be deleted"):
        points.delete_point(state, 0)
    with pytest.raises(Refusal, match="needs a target"):
        points.add_point(state, (0.0, 0.0), None)


# -- with the pointer ------------------------------------------------------------------------------------------------------------


def map_of(problem: Problem | str, qtbot: Any) -> tuple[Store, DecisionMap]:
    store = store_of(problem)
    pane = on_screen(DecisionMap(store), qtbot)
    assert isinstance(pane, DecisionMap)
    pane._tool.switch.setChecked(True)
    return store, pane


def pixel(pane: DecisionMap, x: float, y: float) -> QPoint:
    box = pane._plot.getPlotItem().vb
    return pane._plot.mapFromScene(box.mapViewToScene(QPointF(x, y)))


def click(pane: DecisionMap, x: float, y: float, qtbot: Any) -> None:
    QTest.mouseClick(pane._plot.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, pixel(pane, x, y))
    qtbot.waitUntil(lambda: not (pane._timer.isActive() or pane.store.pauses.busy))


def test_a_click_adds_one_sample_as_one_change(qtbot: Any) -> None:
    store, pane = map_of("xor", qtbot)
    before = store.state.problem
    assert store.state.tick == walk_of(store.state).total
    pane._tool._picker.chosen.emit(1)
    click(pane, 0.5, 0.3, qtbot)
    x, y = data(store.state.problem)
    assert len(x) == 5
    assert x[-1] == pytest.approx([0.5, 0.3], abs=0.02)
    assert y[-1] == [1.0]
    assert store.state.tick == walk_of(store.state).total  # at the end of an update that has one sample more
    assert len(pane._samples.data) == 5
    assert store.undo_stack.count() == 1
    store.undo_stack.undo()
    assert store.state.problem is before


def test_without_the_switch_a_click_does_nothing(qtbot: Any) -> None:
    store, pane = map_of("xor", qtbot)
    pane._tool.switch.setChecked(False)
    click(pane, 0.5, 0.3, qtbot)
    assert store.undo_stack.count() == 0


def test_dragging_moves_and_delete_takes_away(qtbot: Any) -> None:
    store, pane = map_of("xor", qtbot)
    port, start, end = pane._plot.viewport(), pixel(pane, 1.0, 1.0), pixel(pane, 0.6, 0.5)
    x, _ = data(store.state.problem)
    row = int(np.flatnonzero((x == 1.0).all(axis=1))[0])
    QTest.mousePress(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(port, end)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    assert data(store.state.problem)[0][row] == pytest.approx([0.6, 0.5], abs=0.02)
    assert store.undo_stack.undoText() == "move of a sample"
    qtbot.waitUntil(lambda: not (pane._timer.isActive() or pane.store.pauses.busy))
    QTest.mouseMove(port, pixel(pane, 0.6, 0.5))
    QTest.keyClick(pane._plot, Qt.Key.Key_Delete)
    assert len(data(store.state.problem)[0]) == 3
    QTest.mouseMove(port, pixel(pane, 0.5, 0.5))
    qtbot.waitUntil(lambda: not (pane._timer.isActive() or pane.store.pauses.busy))
    QTest.keyClick(pane._plot, Qt.Key.Key_Delete)
    assert "no sample near" in pane._tool.sentence.text()
    assert store.undo_stack.count() == 2
    QTest.keyClick(pane._plot, Qt.Key.Key_Escape)
    assert not pane._tool.on


def test_a_click_on_a_sample_adds_no_second_one(qtbot: Any) -> None:
    store, pane = map_of("xor", qtbot)
    click(pane, 0.0, 0.0, qtbot)
    assert store.undo_stack.count() == 0
    assert "is here already" in pane._tool.sentence.text()


def test_over_one_input_a_click_gives_input_and_target(qtbot: Any) -> None:
    problem = replace(flat((1, 3, 1), "identity", "squared_error", [[0.0], [2.0]]), x=frozen(np.array([[0.0], [1.0]])))
    store, pane = map_of(problem, qtbot)
    click(pane, 0.5, 1.0, qtbot)
    x, y = data(store.state.problem)
    assert [*x[-1], *y[-1]] == pytest.approx([0.5, 1.0], abs=0.05)


def test_marks_of_held_out_samples_are_hollow(qtbot: Any) -> None:
    store, pane = map_of("xor", qtbot)
    assert store.edit("data", edits.take_dataset, {"name": "circles", "samples": 40}, 1, edits.Batches(), Split(0.25, 1)) == ""
    qtbot.waitUntil(lambda: len(pane._samples.data) == 40)
    ground = theme_of(store.state).panel
    hollow = [i for i, spot in enumerate(pane._samples.data) if spot["brush"].color().getRgb()[:3] == ground]
    assert hollow == store.state.run.split.rows(40)[1].tolist()
    assert "○&nbsp;held&nbsp;out" in pane._legend.text()
