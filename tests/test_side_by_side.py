"""Two runs side by side: matched stages, one cursor, the same start, and no more than the one difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import pytest
from diagram_cases import network
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton

from gui import actions, edits
from gui.actions import Refusal
from gui.compare.side_by_side import BY_TITLE, DIFFERENCES, Together, side
from gui.compare.window import CompareWindow
from gui.diagram.chosen import units_that_matter
from gui.state import initial_state, record_of, walk_of
from gui.store import Store
from gui.training.run_actions import make_parts, make_plot
from model.examples import open_problem
from model.notation.profile import load_notation, notation_names
from model.problem import Problem
from model.run import Run
from model.stages import GRANULARITIES, Ref, build_walk

CHANGED = {
    "output and loss": {"activations", "loss"}, "hidden activation": {"activations"}, "hidden δ": {"hidden_delta_uses"},
    "learning rate": {"learning_rate"}, "optimiser": {"optimizer"}, "samples": {"batch_reduction"}, "biases": {"train_biases"},
}  # fmt: skip


def walk(problem: Problem, notation: str = "dyda") -> Any:
    return build_walk(problem, len(Run(problem).record(1).samples), load_notation(notation).presentation)


def together(title: str, values: tuple[str, str], name: str = "dyda-sigmoid", notation: str = "dyda") -> Together:
    problem = open_problem(name)
    left, right = (walk(side(problem, BY_TITLE[title], value), notation) for value in values)
    return Together(left, right)


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda d: d.title)
def test_the_sides_differ_in_nothing_else(difference: Any) -> None:
    problem = open_problem("dyda-sigmoid")
    for value in difference.values:
        try:
            changed = side(problem, difference, value)
        except Refusal:
            continue
        differing = {f.name for f in fields(Problem) if getattr(changed, f.name) is not getattr(problem, f.name)}
        differing = {name for name in differing if getattr(changed, name) != getattr(problem, name)}
        assert differing - {"expected", "title"} <= CHANGED[difference.title]


def test_what_does_not_suit_the_experiment_is_refused() -> None:
    with pytest.raises(Refusal, match="hidden"):
        side(Problem((1, 1), ("sigmoid",), "squared_error", learning_rate=1.0), BY_TITLE["hidden activation"], "ReLU")
    with pytest.raises(Refusal):
        side(open_problem("xor"), BY_TITLE["output and loss"], "softmax + cross-entropy")


@pytest.mark.parametrize("notation", notation_names())
@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_every_place_goes_on_and_the_last_is_the_end_of_both(notation: str, granularity: Any) -> None:
    both = together("output and loss", ("sigmoid + ½ squared error", "softmax + cross-entropy"), notation=notation)
    places = both.places(granularity)
    assert places[0] == (0, 0)
    assert places[-1] == (both.left.total, both.right.total)
    for (l, r), (l2, r2) in pairwise(places):
        assert l2 >= l
        assert r2 >= r
        assert (l, r) != (l2, r2)


def test_stages_of_the_same_quantity_come_together_and_the_others_alone() -> None:
    both = together("output and loss", ("sigmoid + ½ squared error", "softmax + cross-entropy"), notation="biswas")
    for i, j in both.rows:
        if i is not None and j is not None:
            assert both.left.stages[i].address == both.right.stages[j].address
    alone = {both.left.stages[i].address for i, j in both.rows if i is not None and j is None}
    assert alone == {s.address for s in both.left.stages} - {s.address for s in both.right.stages}
    for k, place in enumerate(both.places("layer")[1:]):
        assert both.row_at(place) == both.rows[k]
        assert both.alone(place) == ("left" if both.rows[k][1] is None else "right" if both.rows[k][0] is None else "")


@given(data=st.data())
def test_a_finer_step_leads_to_the_same_places(data: Any) -> None:
    both = together("hidden activation", ("ReLU", "tanh"), "biswas-figure-1")
    finer = data.draw(st.sampled_from(["neuron", "term"]))
    k = data.draw(st.integers(0, len(both.places("layer")) - 1))
    place = both.places("layer")[k]
    assert place in both.places(finer)
    assert both.places(finer)[both.nearest(place, finer)] == place


@pytest.fixture
def window(qtbot: Any) -> Iterator[CompareWindow]:
    store = Store(initial_state(open_problem("dyda-sigmoid"), "dyda-sigmoid"))
    window = CompareWindow(store, make_parts, make_plot)
    window.resize(1100, 700)
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_escape_closes_the_window(window: CompareWindow) -> None:
    window._granularity.findChildren(QToolButton)[0].setFocus()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_the_differences_can_be_read_in_a_narrow_window(window: CompareWindow) -> None:
    window.resize(700, 600)
    QApplication.processEvents()
    assert window._kind.width() >= window._kind.sizeHint().width()


def test_letters_for_a_projector_do_not_make_the_window_wider_than_a_small_screen(window: CompareWindow) -> None:
    window.setFont(QFont(window.font().family(), 2 * window.font().pointSize()))
    window.resize(1024, 700)
    window.show()
    QApplication.processEvents()
    assert window.minimumSizeHint().width() <= window.width() == 1024
    anew = next(button for button in window.findChildren(QPushButton) if button.text() == "Compare anew")
    assert anew.mapTo(window, anew.rect().bottomRight()).x() < 1024
    legend = window.strip._legend
    window.strip._show()
    QApplication.processEvents()
    assert legend.height() >= legend.heightForWidth(legend.width()) > legend.fontMetrics().height(), "whole, on more than one line"
    assert "the&nbsp;loss&nbsp;has" in legend.text()
    assert legend.geometry().top() > window.strip._run.geometry().bottom()
    assert anew.y() + anew.parentWidget().y() > window._play.parentWidget().y() + window._play.y(), "on a line of its own"


def test_both_sides_follow_one_key(window: CompareWindow) -> None:
    both = [view.store for view in (window.left, window.right)]
    seen = []
    for _ in range(len(window.together.places("layer")) - 1):
        QTest.keyClick(window, Qt.Key.Key_Right)
        stages = [store.moment.stage for store in both]
        seen.append(tuple(stage.address for stage in stages if stage))
    assert seen[-1][0] == walk_of(both[0].state).stages[-1].address
    assert ("delta:2", "delta:2") in seen
    assert [store.state.tick for store in both] == [walk_of(store.state).total for store in both]
    QTest.keyClick(window, Qt.Key.Key_Right)
    assert [store.state.step for store in both] == [2, 2]
    QTest.keyClick(window, Qt.Key.Key_Left)
    QTest.keyClick(window, Qt.Key.Key_Left)
    assert [store.state.step for store in both] == [1, 1]
    assert all(store.state.tick == walk_of(store.state).total for store in both)


def test_the_start_is_the_same_and_the_numbers_are_those_of_each_run(window: CompareWindow) -> None:
    window._take("hidden activation")
    left, right = (record_of(view.store.state) for view in (window.left, window.right))
    assert (left.params.theta == right.params.theta).all()
    assert (left.a[1] != right.a[1]).any()
    window._number.setValue(30)
    for view in (window.left, window.right):
        assert view.store.state.step == 30
        assert record_of(view.store.state).loss == Run(view.store.state.problem).record(30).loss


def test_both_are_trained_with_one_button_and_their_losses_are_curves_to_where_they_are(window: CompareWindow, qtbot: Any) -> None:
    window._take("hidden activation")
    window.strip.updates.setValue(25)
    window.strip._run.click()
    qtbot.waitUntil(lambda: not window.strip._works)
    assert [view.store.state.step for view in (window.left, window.right)] == [26, 26]
    window.strip._show()
    for view, curve in zip((window.left, window.right), window.strip._curves, strict=True):
        steps, losses = curve.getOriginalDataset()
        alone = Run(view.store.state.problem)
        assert steps.tolist() == list(range(1, 26))
        assert losses.tolist() == [alone.record(t).loss for t in range(1, 26)]
    assert "ReLU" in window.strip._legend.text()


def test_a_run_that_breaks_ends_both_and_says_where(window: CompareWindow, qtbot: Any) -> None:
    window._problem = replace(window._problem, activations=("relu", "identity"), learning_rate=1e4)
    window._take("learning rate")
    window.strip._run.click()
    qtbot.waitUntil(lambda: not window.strip._works)
    assert "diverged at update" in window._refusal.text()
    assert window.left.store.state.step == window.right.store.state.step < 200
    window._number.setValue(window._number.maximum())
    window.strip._run.click()
    assert "up to update" in window._refusal.text()


def test_after_a_number_the_keys_belong_to_the_walk(window: CompareWindow) -> None:
    window._number.setFocus()
    window._number.selectAll()
    QTest.keyClicks(window._number, "7")
    QTest.keyClick(window._number, Qt.Key.Key_Return)
    for _ in range(4):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Right)
    assert (window.left.store.state.step, window._place) == (7, 4)


def test_learning_rates_have_the_letter_of_the_notation(window: CompareWindow) -> None:
    window._take("learning rate")
    assert [window._values[0].itemText(i) for i in (0, 1)] == ["c", "c / 10"]
    window._main.dispatch(actions.set_notation, "jacob")
    assert window._values[1].currentText() == "2 α"
    assert "2 α" in window.right._head.text()


def test_a_choice_that_does_not_go_is_explained_and_the_old_one_stays(window: CompareWindow) -> None:
    before = window.left.store.state.problem
    window._main.dispatch(actions.open_problem, open_problem("xor"))
    window.compare_anew()
    assert window._refusal.isVisible()
    assert window.left.store.state.problem is before
    window._take("output and loss")
    assert not window._refusal.isVisible()
    assert window.right.store.state.problem.loss == "binary_cross_entropy"


def test_comparing_anew_is_offered_only_where_the_main_window_has_another_experiment(window: CompareWindow) -> None:
    assert not window._anew.isEnabled()
    window._number.setValue(3)
    window._main.edit("rate", edits.set_learning_rate, 0.25)
    assert window._anew.isEnabled()
    assert "begin" in window._anew.toolTip().lower()
    assert window.left.store.state.step == 3, "nothing happens by itself"
    window._main.undo_stack.undo()
    assert not window._anew.isEnabled()
    window._main.edit("rate", edits.set_learning_rate, 0.25)
    window._anew.click()
    assert window.left.store.state.problem.learning_rate == 0.25
    assert window.left.store.state.step == 1
    assert not window._anew.isEnabled()


def test_pointing_on_one_side_lights_the_other_and_nothing_can_be_changed_here(window: CompareWindow) -> None:
    window.left.store.dispatch(actions.hover, Ref("W", 1, 0, 0))
    assert window.right.store.state.hover == Ref("W", 1, 0, 0)
    before = window.left.store.state.problem
    QTest.mouseDClick(window.left.canvas, Qt.MouseButton.LeftButton)
    QTest.keyClick(window, Qt.Key.Key_Return)
    assert window.left.store.state.problem is before


def test_notation_and_digits_follow_the_main_window(window: CompareWindow) -> None:
    window.step()
    window._main.dispatch(actions.set_notation, "jacob")
    window._main.dispatch(actions.set_decimals, 3)
    for view in (window.left, window.right):
        assert view.store.state.options.notation == "jacob"
        assert view.store.state.options.fmt.decimals == 3
    assert window.together.places("layer")[-1] == tuple(walk_of(v.store.state).total for v in (window.left, window.right))


@pytest.mark.parametrize(("width", "height"), [(1024, 700), (1500, 900)])
def test_both_blackboards_have_type_of_one_size(window: CompareWindow, qtbot: Any, width: int, height: int) -> None:
    window.resize(width, height)
    boards = window.left.board, window.right.board
    wanted = []
    for place in (5, 6, 7):
        window._go(place)
        qtbot.wait(60)
        pages = [board._pages._page(board._pages.current, compact=False).size for board in boards]
        assert pages[0] == pytest.approx(pages[1], rel=0.06), place
        wanted += [abs(boards[0].own_size - boards[1].own_size)]
    assert width > 1100 or max(wanted) > 2, "alone they would differ"


def test_both_pictures_show_the_same_neurons_of_large_layers(window: CompareWindow) -> None:
    views, drawn = (window.left, window.right), []
    window._main.dispatch(actions.open_problem, network("30-30-30"))
    window.compare_anew()
    for step in (1, 2):
        window._go_to_update(step, 0)
        left, right = ([column.units for column in view.canvas.layout_now.columns] for view in views)
        assert left == right
        drawn.append(left)
        alone = [units_that_matter([record_of(view.store.state)], 0)[2] for view in views]
        assert alone[0] != alone[1], "each by itself would show others"
        for units, shown in zip(alone, (left[2], right[2]), strict=True):
            assert units[0] in shown, "what matters most on either side is among them"
    selected = Ref("a", 2, next(unit for unit in range(30) if unit not in drawn[-1][2]))
    window.left.store.dispatch(actions.select, selected)
    left, right = ([column.units for column in view.canvas.layout_now.columns] for view in views)
    assert left == right
    assert selected.unit in right[2]


def test_it_plays_by_itself_and_goes_to_either_end(window: CompareWindow, qtbot: Any) -> None:
    last = len(window.together.places("layer")) - 1
    window._main.dispatch(actions.set_options, speed=32.0)
    QTest.keyClick(window, Qt.Key.Key_P)
    assert window._play.text() == "Pause"
    qtbot.waitUntil(lambda: window._place >= 2)
    window._play.click()
    assert window._play.text() == "Play"
    assert not window._player.isActive()
    named = {button.text(): button for button in window.findChildren(QPushButton)}
    named["End"].click()
    assert window._place == last
    named["Start"].click()
    assert window._place == 0


def test_it_follows_into_the_projector_and_back(window: CompareWindow, qtbot: Any) -> None:
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert window._main.state.options.projector
    assert window.isFullScreen()
    assert window.right.store.state.options.projector
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert not window._main.state.options.projector
    assert not window.isFullScreen()
    assert window.isVisible()
