"""What plots keep to themselves until a walk by hand has computed it; what classes are called; lines and tabs in little room."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pane_helpers import on_screen
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel
from session_helpers import with_worker

from gui import actions, edits
from gui.data import edits as data_edits
from gui.data.class_names import class_names
from gui.panel.fields import Line
from gui.panes.confusion_view import ConfusionView, _begun
from gui.panes.gradient_check_view import GradientCheckView
from gui.panes.heat_map_view import HeatMapView
from gui.panes.tabs import Entry, PaneTabs
from gui.plots.decision_map import DecisionMap
from gui.plots.loss_plot import LossPlot
from gui.plots.norms_plot import NormsPlot
from gui.plots.rates_plot import RatesPlot
from gui.plots.ticks import log_ticks
from gui.plots.trajectory_plot import TrajectoryPlot
from gui.revealed import answers_known, gradient_known, gradients_known, losses_known, outputs_known
from gui.splitter import make_splitter
from gui.store import Store
from gui.window_layout import _usual_sizes
from model.evaluation import Split
from model.examples import open_problem


@pytest.fixture
def store(qapp: Any) -> Iterator[Store]:
    with with_worker("dyda-sigmoid") as store:
        yield store


def points(curve: Any) -> int:
    x = curve.getData()[0]
    return 0 if x is None else len(x)


def test_a_walk_by_hand_reveals_one_number_after_the_other(store: Store) -> None:
    state = store.state

    def known() -> tuple[object, ...]:
        state = store.state
        return outputs_known(state), losses_known(state), gradient_known(state, 2), gradient_known(state, 1)

    assert known() == (False, 0, False, False)
    for address, now in (("a:1", (False, 0, False, False)), ("a:2", (True, 0, False, False)), ("loss", (True, 1, False, False)),
                         ("dW:2", (True, 1, True, False)), ("dW:1", (True, 1, True, True))):  # fmt: skip
        store.dispatch(actions.seek_address, address)
        assert known() == now, address
    store.dispatch(actions.end_of_update)
    store.dispatch(actions.step)
    assert store.state.step == 2
    assert losses_known(store.state) == 1
    assert losses_known(replace(store.state, step=1)) == 1
    assert losses_known(state) == 0


@pytest.mark.parametrize(("address", "losses", "answers", "gradients"), [("z:1", 1, 1, 1), ("loss", 2, 2, 1), ("dW:2", 2, 2, 2)])
def test_going_back_from_a_half_walked_update_shows_what_was_walked(
    store: Store, address: str, losses: int, answers: int, gradients: int
) -> None:
    store.dispatch(actions.end_of_update)
    store.dispatch(actions.step)
    store.dispatch(actions.seek_address, address)
    for action in (actions.previous_update, actions.previous_update, lambda state: actions.set_notation(state, "theta")):
        store.dispatch(action)
        state = store.state
        assert (state.step, state.run_length) == (1, 2)
        assert (losses_known(state), answers_known(state), gradients_known(state, 2), gradients_known(state, 1)) == (
            losses,
            answers,
            gradients,
            1,
        )
    store.dispatch(actions.seek, 2, 0)
    assert losses_known(store.state) == 1  # in the update itself, its numbers come and go with the walk


@pytest.mark.parametrize("notation", ["dyda", "theta"])
@pytest.mark.parametrize("other", ["rate", "document"])
def test_undo_brings_back_what_was_walked(store: Store, other: str, notation: str) -> None:
    store.dispatch(actions.end_of_update)
    store.dispatch(actions.step)
    store.dispatch(actions.seek_address, "loss")
    store.dispatch(actions.previous_update)
    store.dispatch(actions.first)
    seen = store.state.walked
    assert losses_known(store.state) == 2
    if other == "rate":
        store.edit("rate", edits.set_learning_rate, 0.25)
    else:
        store.exchange("opening", actions.open_problem, open_problem("jacob"), None)
    assert losses_known(store.state) == 0, "of another run nothing has been walked"
    assert store.state.walked == 0
    store.dispatch(actions.set_notation, notation)
    store.undo_stack.undo()
    assert (store.state.step, store.state.run_length) == (1, 2)
    assert losses_known(store.state) == 2
    store.dispatch(actions.set_notation, "dyda")
    assert store.state.walked == seen


def test_plots_keep_back_the_rest_of_a_half_walked_update(store: Store, qtbot: Any) -> None:
    loss, norms = on_screen(LossPlot(store), qtbot), on_screen(NormsPlot(store), qtbot)
    store.dispatch(actions.end_of_update)
    store.dispatch(actions.step)
    store.dispatch(actions.seek_update, 1)
    qtbot.waitUntil(lambda: points(loss._curves.curve) == 1 and len(norms.history.points()[0]) == 2 and not norms._working.isActive())
    assert [int(np.isfinite(curve.getData()[1]).sum()) for pair in norms._curves for curve in pair] == [1, 2, 1, 2]


def test_the_loss_has_no_point_before_it_is_computed(store: Store, qtbot: Any) -> None:
    plot = on_screen(LossPlot(store), qtbot)
    curves = plot._curves
    assert plot._value.text() == "loss of update 1: not computed yet"
    assert len(curves.dot.getData()[0]) == 0
    assert points(curves.curve) == 0
    store.dispatch(actions.seek_address, "loss")
    qtbot.waitUntil(lambda: len(curves.dot.getData()[0]) == 1)
    assert plot._value.text().startswith("loss 0.168")
    qtbot.waitUntil(lambda: points(curves.curve) == 1)


def test_a_trained_run_shows_its_whole_curve(store: Store, qtbot: Any) -> None:
    plot = on_screen(LossPlot(store), qtbot)
    store.dispatch(actions.start_training, 30)
    qtbot.waitUntil(lambda: not store.state.training, timeout=20_000)
    assert store.state.tick == 0
    assert losses_known(store.state) == store.state.run_length
    qtbot.waitUntil(lambda: points(plot._curves.curve) == store.state.run_length)
    assert "not computed" not in plot._value.text()


def test_norms_of_gradients_wait_for_the_gradients(store: Store, qtbot: Any) -> None:
    pane = on_screen(NormsPlot(store), qtbot)
    qtbot.waitUntil(lambda: len(pane.history.points()[0]) == 1 and len(pane._curves) == 2 and not pane._working.isActive())

    def drawn() -> list[bool]:
        return [points(curve) > 0 for pair in pane._curves for curve in pair]

    assert drawn() == [False, True, False, True]  # weights are given
    store.dispatch(actions.seek_address, "dW:2")
    qtbot.waitUntil(lambda: drawn() == [False, True, True, True])
    store.dispatch(actions.end_of_update)
    qtbot.waitUntil(lambda: drawn() == [True, True, True, True])


def test_traces_wait_for_the_new_weights(store: Store, qtbot: Any) -> None:
    pane = on_screen(TrajectoryPlot(store), qtbot)

    def drawn() -> list[int]:
        return [0 if curve.getData()[0] is None else int(np.isfinite(curve.getData()[1]).sum()) for curve in pane._curves]

    qtbot.waitUntil(lambda: len(pane._paths.points()[0]) == 2 and not pane._working.isActive())
    assert drawn() == [1] * 4  # the weights before update 1, which are given
    store.dispatch(actions.seek_address, "W_new:2")
    qtbot.waitUntil(lambda: drawn() == [2] * 4)


def test_scores_and_checks_wait_for_their_numbers(store: Store, qtbot: Any) -> None:
    score, rates = on_screen(DecisionMap(store), qtbot), on_screen(RatesPlot(store), qtbot)
    check = on_screen(GradientCheckView(store), qtbot)
    qtbot.waitUntil(lambda: check.check is not None, timeout=20_000)
    check.refresh()
    assert "sample" not in score._head.text()
    assert "Not computed yet" in check._verdict.text()
    assert check._model.rowCount() == 0
    qtbot.waitUntil(lambda: len(rates._history.points()[0]) == 1 and not rates._working.isActive())
    assert "%" not in rates._legend.text()
    store.dispatch(actions.end_of_update)
    qtbot.waitUntil(lambda: score._head.text().startswith("its sample right"))  # first, as narrow windows cut off what follows
    qtbot.waitUntil(lambda: "100.0 %" in rates._legend.text())
    qtbot.waitUntil(lambda: check._model.rowCount() == 12)


def test_after_an_update_its_counts_stay_until_there_are_new_outputs(store: Store, qtbot: Any) -> None:
    view = on_screen(ConfusionView(store), qtbot)
    store.dispatch(actions.end_of_update)
    qtbot.waitUntil(lambda: "after update 1" in view._head.text())
    store.dispatch(actions.step)
    view.refresh()
    assert "after update 1" in view._head.text()
    store.dispatch(actions.seek_address, "a:2")
    qtbot.waitUntil(lambda: "before update 2" in view._head.text())


# -- classes ---------------------------------------------------------------------------------------------------------------------


def test_classes_are_called_the_same_everywhere(store: Store, qtbot: Any) -> None:
    assert class_names(store.state) == ("y₁", "y₂")
    score, view = on_screen(DecisionMap(store), qtbot), on_screen(ConfusionView(store), qtbot)
    store.dispatch(actions.end_of_update)
    qtbot.waitUntil(lambda: view._matrix._names == ("y₁", "y₂"))
    assert "y₁" in score._legend.text()
    assert score._tool._targets.names == ("y₁", "y₂")
    store.dispatch(actions.set_notation, "theta")
    other = class_names(store.state)
    assert other != ("y₁", "y₂")
    qtbot.waitUntil(lambda: score._tool._targets.names == other and view._matrix._names == other)
    store.dispatch(actions.set_notation, "biswas")  # 𝟙 with the condition ℓ=1 as its index
    assert class_names(store.state) == ("1", "2")


@pytest.mark.parametrize(("name", "outputs", "names"), [("digits", 10, "0123456789"), ("iris", 3, ("setosa", "versicolor", "virginica")),
                                                        ("blobs", 3, ("y₁", "y₂", "y₃")), ("xor", 1, "01")])  # fmt: skip
def test_known_data_sets_have_known_names(store: Store, name: str, outputs: int, names: Any) -> None:
    options = {"digits": {"samples": 40}}.get(name, {})
    store.edit("x", data_edits.take_dataset, {"name": name, **options}, outputs, data_edits.Batches(), Split())
    assert class_names(store.state) == tuple(names)


@pytest.mark.parametrize(("width", "height"), [(340, 130), (450, 545)])
def test_the_legend_of_a_map_is_whole_beside_it_or_above_it(store: Store, qtbot: Any, width: int, height: int) -> None:
    store.dispatch(actions.open_problem, open_problem("xor"))
    store.dispatch(actions.end_of_update)
    pane = on_screen(DecisionMap(store), qtbot)
    pane.resize(width, height)
    legend, plot, above_it = pane._legend, pane._plot, height > width
    qtbot.waitUntil(lambda: "above" in legend.text() and legend.wordWrap() == above_it)
    assert "below" in legend.text()
    assert above_it == ("samples right" in legend.text()), "there the score has room too"
    if above_it:
        qtbot.waitUntil(lambda: legend.geometry().bottom() < plot.y() and legend.height() >= legend.heightForWidth(legend.width()))
    else:
        qtbot.waitUntil(lambda: plot.geometry().right() < legend.x() and legend.sizeHint().width() <= legend.width())
    assert legend.geometry().right() <= pane.width()


@pytest.mark.parametrize("height", [110, 150, 300])
def test_the_matrix_keeps_the_names_of_its_axes(store: Store, qtbot: Any, height: int) -> None:
    store.edit("x", data_edits.take_dataset, {"name": "iris"}, 3, data_edits.Batches(), Split())
    view = on_screen(ConfusionView(store), qtbot)
    store.dispatch(actions.end_of_update)
    view.resize(480, height)
    qtbot.waitUntil(lambda: view._matrix.isVisible())
    left, top, cell = view._matrix._grid()
    assert top > 0
    assert left > view._matrix.fontMetrics().horizontalAdvance("versicolor")
    assert left + 3 * cell <= view._matrix.width()
    assert top + 3 * cell <= view._matrix.height()
    store.dispatch(actions.toggle_comma)
    qtbot.waitUntil(lambda: re.search(r"\d,\d %", re.sub("<[^>]*>", "", view._head.text())) is not None)


# -- little room -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rich", [False, True])
def test_a_line_ends_in_an_ellipsis_where_it_does_not_fit(qtbot: Any, rich: bool) -> None:
    line = Line(rich=rich)
    qtbot.addWidget(line)
    line.setText("<b>loss</b> 0.38848991 before update 1,000" if rich else "loss 0.38848991 before update 1,000")
    whole = "loss 0.38848991 before update 1,000"
    line.resize(600, 30)
    assert line.shown == whole
    for width in (60, 120, 180):
        line.resize(width, 30)
        assert line.shown.endswith("…")
        assert whole.startswith(line.shown[:-1])
        assert line._document().idealWidth() <= width
    line.resize(0, 30)
    assert line.shown == "…"


def test_tabs_without_room_are_in_a_list(qtbot: Any) -> None:
    titles = ["Loss", "Norms", "Decision map", "Confusion", "Weights", "Paths", "Spread"]
    tabs = PaneTabs([Entry(title, f"shows {title}", lambda: QLabel("x")) for title in titles])
    qtbot.addWidget(tabs)
    tabs.resize(900, 200)
    tabs.show()
    qtbot.waitExposed(tabs)
    assert tabs._bar.left_out == []
    assert not tabs._more.isVisible()
    tabs.resize(300, 200)
    assert tabs._more.isVisible()
    out = tabs._bar.left_out
    assert 6 in out
    shown = [i for i in range(7) if i not in out]
    assert all(tabs._bar.tabRect(i).right() <= tabs._bar.width() for i in shown)
    tabs._on_more_about_to_show()
    menu = tabs._more.menu()
    assert [action.text() for action in menu.actions()] == [titles[i] for i in out]
    menu.actions()[-1].trigger()
    assert tabs.current == 6
    assert tabs._bar.isTabVisible(6)
    assert tabs._bar.tabRect(6).right() <= tabs._bar.width()
    tabs.resize(900, 200)
    tabs.show_tab(5)
    tabs.resize(300, 200)
    before = max(i for i in range(5) if i not in tabs._bar.left_out)
    assert tabs._bar.tabRect(5).left() <= tabs._bar.tabRect(before).right() + 1
    tabs.resize(900, 200)
    assert tabs._bar.left_out == []


def test_the_hint_is_whole_inside_the_plot_and_beside_the_point(store: Store, qtbot: Any) -> None:
    plot = on_screen(LossPlot(store), qtbot)
    store.dispatch(actions.end_of_update)
    for width in (220, 320, 640):
        plot.resize(width, 190)
        qtbot.waitUntil(lambda: not (plot._later.isActive() or plot._store.pauses.busy))
        hint, view = plot._hint.geometry(), plot._plot.getPlotItem().vb
        assert hint.right() < plot._plot.width()
        assert hint.left() > view.mapViewToScene(QPointF(1.0, 0.0)).x() + 6
        words = plot._hint.fontMetrics().boundingRect(0, 0, hint.width(), 999, Qt.TextFlag.TextWordWrap, plot._hint.text())
        assert words.width() <= hint.width()
        assert words.height() <= hint.height()


@pytest.mark.parametrize(("low", "high", "most"), [(-0.05, 1.9, 4), (-1.2, 0.4, 4), (0.1, 1.1, 4)])
def test_a_short_logarithmic_axis_has_more_labels_than_its_powers(low: float, high: float, most: int) -> None:
    assert 3 <= len(log_ticks(low, high, most)) <= most


def test_plots_are_given_more_of_a_low_window() -> None:
    high, low = (_usual_sizes("whole", 1000, height) for height in (1000, 700))
    assert high == [770, 230]
    assert low[1] / sum(low) > 0.28
    assert low[1] >= 200


def test_parts_keep_their_shares_until_the_divider_is_moved(qtbot: Any) -> None:
    splitter = make_splitter(Qt.Orientation.Horizontal, (QLabel("network"), QLabel("blackboard")), (3, 2))
    qtbot.addWidget(splitter)
    splitter.resize(700, 100)
    splitter.show()
    splitter.keep(lambda: _usual_sizes("upper", splitter.width(), 1000))
    for width in (1297, 650, 3000, 700):
        splitter.resize(width, 100)
        assert splitter.sizes()[0] == pytest.approx(width * (0.66 if width > 1100 else 0.58), abs=2)
    assert _usual_sizes("upper", 1600, 1000, 21)[1] > _usual_sizes("upper", 1600, 1000)[1], "large type needs more room"
    assert splitter.is_usual
    splitter.widget(1).hide()
    assert splitter.is_usual, "what is hidden for a while is no choice"
    splitter.widget(1).show()
    splitter.moveSplitter(200, 1)
    assert not splitter.is_usual
    splitter.resize(1400, 100)
    assert splitter.sizes()[0] < 0.6 * 1400


def test_marks_at_the_ends_are_not_cut(store: Store, qtbot: Any) -> None:
    plot = on_screen(LossPlot(store), qtbot)
    plot.resize(400, 110)
    for _ in range(3):
        store.dispatch(actions.end_of_update)
    qtbot.waitUntil(lambda: points(plot._curves.curve) == 3)
    box = plot._plot.getPlotItem().vb
    (_, (low, high)), losses = box.viewRange(), store.state.run.losses
    pixel = box.viewPixelSize()[1]
    assert (high - losses.max()) / pixel > 5
    assert (losses.min() - low) / pixel > 5
    assert len(plot._plot.getAxis("left")._tickLevels[0]) >= 2
    assert np.isfinite(losses).all()


# -- weights ---------------------------------------------------------------------------------------------------------------------


def test_the_matrix_of_weights_is_called_by_its_rows_and_columns(store: Store, qtbot: Any) -> None:
    view = on_screen(HeatMapView(store), qtbot)
    assert view._choose_layer.itemText(0) == "layer 1: 2 × 3"
    assert view.map._map.shape == (2, 3)


def test_the_map_of_weights_shows_gradients_only_once_there_are_any(store: Store, qtbot: Any) -> None:
    view = on_screen(HeatMapView(store), qtbot)
    assert view._choose_quantity.currentData() == "weight"
    assert np.isfinite(view.map._map.values).all()
    store.dispatch(actions.end_of_update)
    qtbot.waitUntil(lambda: view._choose_quantity.currentData() == "gradient")
    view._choose_quantity.chosen.emit("update")
    store.dispatch(actions.first)
    view.refresh()
    assert view._choose_quantity.currentData() == "update"  # which the user asked for


def test_the_heads_of_columns_begin_the_names(store: Store, qtbot: Any) -> None:
    metrics = Line().fontMetrics()
    for room in (8, 20, 40, 200):
        head = _begun("versicolor", metrics, room)
        assert "versicolor".startswith(head)
        assert len(head) == 1 or metrics.horizontalAdvance(head) <= room
    assert _begun("versicolor", metrics, 200) == "versicolor"
    assert _begun("", metrics, 20) == ""
