"""The plot of the loss: smoothed, held out, earlier runs with what sets them apart, changes of the rate, and where a run broke."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from run_helpers import trained
from session_helpers import with_worker

from gui import actions, edits
from gui.plots.axis import UpdateAxis
from gui.plots.loss_plot import LossPlot
from gui.plots.map_shape import few_ticks
from gui.plots.parts import DOTTED, LARGEST, margin_of, placed
from gui.plots.ticks import linear_ticks, log_ticks
from gui.session.actions import branch, forget_kept
from gui.session.keeping import POINTS, differences, kept
from gui.state import initial_state
from gui.store import Store
from model.evaluation import Split, evaluate
from model.examples import open_problem
from model.problem import Problem
from model.run import Run
from model.training.held_out import HeldOutHistory
from model.training.schedules import Schedule
from model.training.smoothing import rate_changes, trailing_mean, window


@pytest.fixture
def store(qapp: Any) -> Iterator[Store]:
    with with_worker("xor") as store:
        yield store


def run_to_the_end(store: Store, qtbot: Any, updates: int) -> None:
    store.dispatch(actions.start_training, updates)
    qtbot.waitUntil(lambda: not store.state.training, timeout=20_000)


def shown(store: Store, qtbot: Any, height: int = 320) -> LossPlot:
    plot = LossPlot(store)
    qtbot.addWidget(plot)
    plot.resize(640, height)
    plot.show()
    qtbot.waitExposed(plot)
    return plot


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40), st.integers(1, 50))
def test_the_smoothed_loss_is_a_mean(values: list[float], k: int) -> None:
    smooth = trailing_mean(np.array(values), k)
    for i, mean in enumerate(smooth):
        assert mean == pytest.approx(np.mean(values[max(0, i - k + 1) : i + 1]), abs=1e-9)


def test_a_smoothed_point_stands_for_an_epoch_or_a_hundredth() -> None:
    problem = open_problem("xor")
    assert window(Run(problem), 1000) == 10
    assert window(Run(problem), 50) == 1
    assert window(Run(replace(problem, batch_size=1)), 1000) == 4


def test_held_out_losses_are_those_of_the_parameters_before_the_update() -> None:
    run = trained(Run(open_problem("xor"), split=Split(0.25, 1)), 500)
    history = HeldOutHistory(run, most=50)
    assert list(history.work(500))
    steps, losses = history.points()
    assert 20 < len(steps) <= 50
    for t, loss in zip(steps[::7], losses[::7], strict=True):
        assert loss == evaluate(run.problem, run.parameters(int(t)), *run.held_out).loss
    assert list(history.work(500)) == []
    assert not HeldOutHistory(trained(Run(open_problem("xor")), 5)).exists


def test_changes_of_the_rate_are_where_they_were() -> None:
    problem = replace(open_problem("xor"), learning_rate=0.5)
    run = trained(Run(problem, schedule=Schedule("step", every=10, factor=0.5), planned={5: 0.1}), 30)
    assert rate_changes(run, 30) == [(5, 0.1), (11, 0.05), (21, 0.025)]
    assert rate_changes(run, 20) == [(5, 0.1), (11, 0.05)]
    assert rate_changes(Run(problem), 1) == []


@given(st.floats(-1e6, 1e6), st.floats(1e-9, 1e6), st.integers(2, 9))
def test_labels_are_round_few_and_inside(low: float, span: float, most: int) -> None:
    high = low + span
    if high - low < 1e-6 * max(abs(low), abs(high)):
        return
    ticks = linear_ticks(low, high, most)
    assert len(ticks) <= most
    assert all(low <= at <= high for at, _ in ticks)
    assert len({text for _, text in ticks}) == len(ticks) or abs(low) > 1e5


@pytest.mark.parametrize(
    ("low", "high", "most"), [(-0.25, 1.25, 1), (0.3, 1.7, 2), (0.0, 1.0, 0), (0.5, 1.5, 3), (-5.2, 5.2, 3), (0.05, 0.95, 2)]
)
def test_an_axis_without_room_has_two_labels_far_apart(low: float, high: float, most: int) -> None:
    ticks = few_ticks(low, high, most)
    assert 2 <= len(ticks) <= max(2, most)
    assert ticks[-1][0] - ticks[0][0] >= 0.4 * (high - low)
    assert min(ticks[0][0] - low, high - ticks[-1][0]) >= 0.04 * (high - low), "a number at the very end would not be drawn"


def test_a_logarithmic_axis_has_two_labels_at_least() -> None:
    for low, high in ((-2.9, -0.1), (-3.2, 4.0), (-1.3, -0.9), (-0.32, -0.31), (-300.0, 12.0)):
        assert len(log_ticks(low, high, 2)) >= 2, (low, high)


def test_a_run_that_was_trained_stays_when_the_experiment_is_changed(store: Store, qtbot: Any) -> None:
    run_to_the_end(store, qtbot, 60)
    first = store.state.run
    store.edit("rate", edits.set_learning_rate, 0.125)
    assert [one.run() for one in store.state.kept] == [first]
    assert np.array_equal(store.state.kept[0].losses, first.losses)
    store.edit("rate", edits.set_learning_rate, 0.25)
    assert len(store.state.kept) == 1  # the second one was never trained
    store.undo_stack.undo()
    store.undo_stack.undo()
    assert store.state.run is first
    assert store.state.kept == ()  # it is the present one again
    store.dispatch(actions.open_problem, open_problem("jacob"))
    assert store.state.kept == ()


def test_a_repeated_run_is_no_other_run(store: Store, qtbot: Any) -> None:
    run_to_the_end(store, qtbot, 20)
    store.dispatch(actions.reset)
    assert store.state.kept == ()


def test_the_legend_names_what_sets_the_runs_apart(store: Store, qtbot: Any) -> None:
    run_to_the_end(store, qtbot, 40)
    store.edit("rate", edits.set_learning_rate, 0.125)
    store.edit("activation", edits.set_activation, 1, "relu")
    plot = shown(store, qtbot)
    text = plot._legend.text()
    assert "now: relu, sigmoid, c 0.125" in text
    assert "sigmoid, c" in text
    store.dispatch(actions.set_notation, "jacob")
    qtbot.waitUntil(lambda: "relu, sigmoid, α 0.125" in plot._legend.text())
    store.dispatch(actions.toggle_comma)
    assert "relu, sigmoid, α 0,125" in plot._legend.text()
    store.dispatch(forget_kept)
    qtbot.waitUntil(lambda: plot._legend.text() == "")


def test_long_runs_are_thinned_and_settings_are_compared_not_objects() -> None:
    run = trained(Run(open_problem("xor")), 2 * POINTS + 10)
    one = kept(run, run.length)
    assert len(one.steps) <= POINTS
    assert one.losses[100] == run.losses[int(one.steps[100]) - 1]
    same = [(open_problem("jacob"), Schedule(), Split())] * 2
    assert differences(same) == ["", ""]


def test_runs_that_start_with_other_numbers_are_told_apart_in_words() -> None:
    problem = open_problem("jacob")
    assert problem.weights is not None
    assert problem.biases is not None
    first = np.array(problem.weights[0])
    first[0, 0] += 1
    one, all_ = replace(problem, weights=(first, *problem.weights[1:])), replace(problem, weights=tuple(2 * W for W in problem.weights))
    zero = replace(problem, biases=tuple(0 * b for b in problem.biases))
    without = replace(problem, biases=None, has_biases=False)

    def told(*problems: Problem) -> list[str]:
        return differences([(one, Schedule(), Split()) for one in problems])

    assert told(problem, one, all_, zero) == ["", "1 other weight", "other weights", "other biases"]
    assert told(problem, without, zero) == ["biases", "no biases", "biases, other biases"]
    assert told(problem, all_, one, replace(all_, weights=tuple(3 * W for W in problem.weights))) == [
        "", "other weights (run 1)", "1 other weight", "other weights (run 3)"
    ]  # fmt: skip
    assert told(problem, problem, problem) == ["", "run 1", "run 2"]


def test_a_branch_starts_with_the_weights_of_the_moment_and_keeps_the_old_run(store: Store, qtbot: Any) -> None:
    run_to_the_end(store, qtbot, 60)
    old = store.state.run
    store.dispatch(actions.seek, 21, 0)
    store.edit("branch", branch)
    state = store.state
    assert state.run.parameters(1).theta.tobytes() == old.parameters(21).theta.tobytes()
    assert (state.run.offset, state.step, state.run_length, state.dirty) == (20, 1, 1, True)
    assert state.kept[0].run() is old
    state.run.record(41)  # plain gradient descent on all samples goes on as it did
    assert np.allclose(state.run.losses[:41], old.losses[20:61], rtol=0, atol=0)
    plot = shown(store, qtbot)
    assert plot._curves._kept[0].getOriginalDataset()[0][20] == 1.0
    (first, last), axis = plot._plot.getPlotItem().vb.viewRange()[0], plot._plot.getAxis("bottom")
    assert first < -19, "the old run is seen from its beginning"
    places = [place for _, found in axis.tickValues(first, last, 400) for place in found]
    written = dict(zip(places, axis.tickStrings(places, 1.0, 1.0), strict=True))
    assert written[0.0] == "20", "the branch begins at 21"
    assert "from update 21" in plot._legend.text()
    store.undo_stack.undo()
    assert store.state.run is old


def test_there_is_nothing_to_branch_from_before_the_first_update(store: Store) -> None:
    assert "Nothing has been updated" in store.edit("branch", branch)
    store.dispatch(actions.end_of_update)
    store.edit("branch", branch)
    assert store.state.run.offset == 1


def test_a_run_that_broke_says_where(store: Store, qtbot: Any) -> None:
    store.edit("loss", edits.set_loss, "half_squared_error")
    for layer in (1, 2):
        store.edit("linear", edits.set_activation, layer, "identity")
    store.edit("rate", edits.set_learning_rate, 50.0)
    run_to_the_end(store, qtbot, 100_000)
    plot = shown(store, qtbot)
    broken = store.state.run.divergence
    assert broken is not None
    assert plot._message.text() == store.state.notice
    assert f"update {broken.update:,}" in plot._message.text()
    assert re.search(r"layer \d|\[\d\]", plot._message.text())
    assert plot._curves.end.isVisible()
    assert plot._curves.end.value() == broken.update


def test_the_rate_is_changed_while_the_thread_trains(store: Store, qtbot: Any) -> None:
    plot = shown(store, qtbot)
    store.dispatch(actions.start_training, 1_000_000)
    run = store.state.run
    qtbot.waitUntil(lambda: store.state.run_length > 50)
    store.edit("rate", edits.set_learning_rate, 0.125)
    assert store.state.run is run
    qtbot.waitUntil(lambda: bool(run.rates[-1] == 0.125))
    store.dispatch(actions.stop_training)
    qtbot.waitUntil(lambda: len(plot._curves._marks) == 1)
    first = next(iter(run.retunes))
    assert plot._curves._marks[0].value() == first
    assert run.rates[first - 2] != 0.125 == run.rates[first - 1]


def test_smooth_draws_the_mean_over_the_faint_curve(store: Store, qtbot: Any) -> None:
    run_to_the_end(store, qtbot, 400)
    plot = shown(store, qtbot)
    plot._smooth.click()
    losses = store.state.run.losses
    assert np.allclose(plot._curves.curve.getOriginalDataset()[1], trailing_mean(losses, 4))
    assert np.array_equal(plot._curves.faint.getOriginalDataset()[1], losses)


def test_a_hidden_plot_draws_nothing_until_it_is_seen(store: Store, qtbot: Any) -> None:
    plot = shown(store, qtbot)
    plot.hide()
    run_to_the_end(store, qtbot, 30)
    qtbot.waitUntil(lambda: not (plot._later.isActive() or plot._store.pauses.busy))
    assert plot._curves.curve.getOriginalDataset()[0] is None or len(plot._curves.curve.getOriginalDataset()[0]) == 1
    plot.show()
    assert len(plot._curves.curve.getOriginalDataset()[0]) == 31


@pytest.mark.parametrize(("low", "high"), [(-1e-320, 5e-324), (1e99, 1e99), (-1e100, 1e100), (1.0, 1.0 + 2e-16), (0.0, 0.0)])
def test_any_range_has_room_and_labels(low: float, high: float) -> None:
    margin = margin_of(low, high, 0.08)
    assert linear_ticks(low - margin, high + margin, 6)
    assert np.isnan(placed(np.array([2 * LARGEST, -np.inf, np.nan]))).all()


@pytest.mark.parametrize("power", [308.1, -307.6])
def test_logarithms_near_the_ends_of_the_range_have_labels(power: float) -> None:
    ticks = log_ticks(power, power + 0.15, 5)
    assert ticks
    assert all(power <= at <= power + 0.15 for at, _ in ticks)


def test_what_is_written_beside_a_change_of_the_rate_is_inside_the_plot(qtbot: Any) -> None:
    store = Store(initial_state(open_problem("xor")))
    run = store.state.run
    for length, rate in ((20, 0.3), (38, 0.25), (40, 0.2)):
        run.record(length)
        run.retune(rate)
    run.record(41)
    store.dispatch(actions.extend, 41, 0)
    plot = LossPlot(store)
    qtbot.addWidget(plot)
    plot.resize(480, 240)
    plot.show()
    qtbot.waitExposed(plot)
    qtbot.waitUntil(lambda: len(plot._curves._marks) == 3)
    plot.grab()
    edge = plot._plot.getPlotItem().vb.sceneBoundingRect().right()
    assert all(mark.label.textItem.sceneBoundingRect().right() <= edge for mark in plot._curves._marks)


def test_the_first_losses_are_points_before_there_is_a_line(store: Store, qtbot: Any) -> None:
    plot = shown(store, qtbot)
    store.dispatch(actions.end_of_update)
    for length in range(2, 16):
        store.dispatch(actions.next_update)
        plot._later.stop()
        plot._show_now()
        marks = plot._curves.curve.scatter
        points = len(plot._curves.curve.getOriginalDataset()[0])
        assert points == length
        assert marks.isVisible() == (points <= DOTTED)
        assert not marks.isVisible() or len(marks.getData()[0]) == points
    store.dispatch(actions.reset)
    store.dispatch(actions.end_of_update)
    plot._show_now()
    assert len(plot._curves.curve.scatter.getData()[0]) == 1


def test_the_plot_shows_the_losses_and_the_cursor_and_a_click_goes_there(store: Store, qtbot: Any) -> None:
    plot = shown(store, qtbot)
    assert plot._hint.isVisibleTo(plot)
    for _ in range(30):
        store.dispatch(actions.end_of_update)
    qtbot.waitUntil(lambda: not (plot._later.isActive() or plot._store.pauses.busy))
    curves = plot._curves
    x, y = curves.curve.getOriginalDataset()
    assert np.array_equal(x, np.arange(1, 31))
    assert np.array_equal(y, store.state.run.losses[:30])
    assert curves.cursor.value() == 30
    plot._scale.chosen.emit("log")
    assert np.allclose(curves.curve.getOriginalDataset()[1], np.log10(store.state.run.losses[:30]))
    QApplication.processEvents()
    view = plot._plot.getPlotItem().vb
    spot = plot._plot.mapFromScene(view.mapViewToScene(QPointF(12.0, float(np.log10(y[11])))))
    QTest.mouseClick(plot._plot.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert store.state.step == 12
    assert "update 12" in plot._value.text()


def test_the_axis_counts_whole_updates_only(qapp: Any) -> None:
    axis = UpdateAxis()
    for low, high in ((0.9, 2.1), (0.5, 3.2), (1.0, 100.0)):
        values = [value for _, level in axis.tickValues(low, high, 900) for value in level]
        assert values
        assert all(value >= 1 and value == round(value) for value in values)
    assert axis.tickStrings([1, 20000.0], 1, 0.5) == ["1", "20,000"]
