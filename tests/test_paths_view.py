"""The view of a weight's paths: the model's numbers, not before they are computed; the story; the paths on the picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from math_helpers import make_problem
from pane_helpers import on_screen, store_of, table_of, texts
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from gui import actions
from gui.board.blackboard import Blackboard
from gui.canvas.graph_canvas import GraphCanvas
from gui.formula.glyphs import GlyphMetrics
from gui.formula.lines import layout_equation
from gui.formula.page import BoardStep, style_for
from gui.panes.pane import Pane
from gui.panes.paths_chain import chain_in_lines
from gui.panes.paths_table import PRODUCT, SHARE, THROUGH, VALUE, share
from gui.panes.paths_view import PathsView
from gui.state import record_of
from gui.theme import LIGHT
from model.explain.paths import story
from model.expr.tree import Explanation, Mat, NumberFormat, format_number
from model.paths import paths_of
from model.stages import Ref


@pytest.fixture
def shown(qtbot: Any) -> Callable[[Pane], Pane]:
    return partial(on_screen, qtbot=qtbot)


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


@pytest.mark.parametrize(("width", "height", "columns"), [(460, 240, 2), (720, 240, 3), (1500, 300, 4)])
def test_the_chain_has_at_least_half_of_a_low_pane(shown: Any, width: int, height: int, columns: int) -> None:
    pane = shown(PathsView(store_of("dyda-sigmoid"), Blackboard()))
    pane.resize(width, height)
    QApplication.processEvents()
    table = table_of(pane)
    assert [table.isColumnHidden(column) for column in range(4)] == [column >= columns for column in range(4)]
    assert pane._board.width() >= 0.49 * width
    assert not table.horizontalScrollBar().isVisible()


def test_a_low_pane_has_the_whole_chain_with_its_numbers_and_nothing_else(shown: Any, qtbot: Any) -> None:
    store, board = store_of("xor"), Blackboard()
    pane = shown(PathsView(store, board))
    pane.setMinimumSize(pane.minimumSizeHint())  # as in a splitter, where a pane's layout does not decide
    pane.resize(480, 155)
    QApplication.processEvents()
    qtbot.waitUntil(lambda: board._pages.current is not None and not board._pages._page(board._pages.current, compact=False).pending)
    told = board._pages.current.explanation
    assert not table_of(pane).isVisible()
    assert board.width() == pane.width()
    assert (told.caption, len(told.equations)) == ("", 2)  # the chain in one line, and its numbers
    assert board.verticalScrollBar().maximum() == 0
    assert board._pages.current_size(board.sizes()) >= 14
    sums = next(label for label in pane.findChildren(QLabel) if label.accessibleName().startswith("sum of the paths"))
    assert "\n" not in sums.text()
    assert sums.toolTip().count("\n") == 1
    pane.resize(480, 420)
    QApplication.processEvents()
    assert table_of(pane).isVisible()
    assert "\n" in sums.text()
    assert board.height() > 0.5 * pane.height()  # a table of one row leaves the room to the chain
    assert board._pages.current.explanation.caption


def test_share_keeps_the_decimal_comma() -> None:
    assert share(1.0, 3.0, NumberFormat(4, comma=True)) == "33,3 %"
    assert share(1.0, 0.0, NumberFormat(4)) == "–"


@pytest.mark.timeout(60)  # without end is how it fails
def test_boards_of_every_small_height_come_to_rest(qtbot: Any) -> None:
    """A bar below the board must not hide what it is there for, be taken away for that, and come back for ever."""
    store = store_of("xor")
    telling = story(store.moment, Ref("W", 1, 0, 0), paths_of(store.moment.record, Ref("W", 1, 0, 0)))[0]
    step = BoardStep(0, None, telling.explanation)
    board = Blackboard()
    qtbot.addWidget(board)
    board.show()
    earlier = [step._replace(explanation=Explanation("before", "", ()))]
    seen = Resizes()
    board.viewport().installEventFilter(seen)
    for height in range(20, 200, 3):
        board.resize(300, height)
        board.set_content(step, earlier)
        seen.count = 0
        for _ in range(40):
            QApplication.sendPostedEvents()
        QTest.qWait(1)
        assert seen.count < 12, height


class Resizes(QObject):
    """Counts how often a widget is resized."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Resize
        return False


def test_paths_wait_while_training_runs(shown: Any) -> None:
    store = store_of("xor")
    pane = shown(PathsView(store, Blackboard()))
    assert pane.paths is not None
    store.dispatch(actions.start_training, 5)
    pane.refresh()
    assert pane.paths is None
    assert "The paths come back when training rests." in [label.text() for label in pane.findChildren(QLabel) if label.isVisible()]
    store.dispatch(actions.stop_training)
    store.dispatch(actions.end_of_update)
    pane.refresh()
    assert pane.paths is not None


def test_a_chain_in_a_narrow_board_is_broken_after_a_factor() -> None:
    store = store_of("jacob")
    told = story(store.moment, Ref("W", 1, 0, 0), paths_of(store.moment.record, Ref("W", 1, 0, 0)))[0].explanation
    style, metrics = style_for(LIGHT), GlyphMetrics()
    assert chain_in_lines(told, store.moment.fmt, style, 900.0, metrics) is told
    broken = chain_in_lines(told, store.moment.fmt, style, 190.0, metrics).equations
    tables = [one.sides[0][1] for one in broken if isinstance(one.sides[0][1], Mat)]
    assert len(tables) > 1
    assert [cell for table in tables for cell in table.rows[0]] == list(told.equations[0].sides[0][1].rows[0])  # type: ignore[union-attr]
    assert broken[len(tables) :] == told.equations[1:]
    for one in broken[: len(tables)]:
        found = layout_equation(one, store.moment.fmt, style, 190.0, metrics)
        assert found.size >= 0.6 * style.size
        assert found.width <= 190.0


def test_the_chain_of_an_enlarged_pane_needs_no_scrolling_in_a_small_window(shown: Any, qtbot: Any) -> None:
    store, board = store_of("dyda-sigmoid"), Blackboard()
    pane = shown(PathsView(store, board))
    pane.resize(630, 265)
    qtbot.waitUntil(lambda: board._pages.current is not None and not board._pages._page(board._pages.current, compact=False).pending)
    qtbot.wait(30)
    assert board.horizontalScrollBar().maximum() == 0
    assert board.width() > 0.6 * pane.width()
    assert board._pages.current_size(board.sizes()) >= 12
