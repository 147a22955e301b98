"""Histograms of a batch and the trajectories of weights: the model's numbers, nothing before it is computed, lazily."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pane_helpers import on_screen, store_of

from gui import actions
from gui.canvas.actions import choose_box
from gui.panes.confusion_view import ConfusionView
from gui.panes.histogram_view import HistogramView
from gui.plots.loss_plot import LossPlot
from gui.plots.norms_plot import NormsPlot
from gui.plots.trajectory_plot import MOST, TrajectoryPlot, chosen_weights
from model.examples import open_problem
from model.moment import number
from model.problem import frozen
from model.run import Run
from model.stages import Ref
from model.training.trajectories import Trajectories, place, spread_of


@pytest.mark.parametrize("name", ["dyda-sigmoid", "soletskyi", "theta-digits", "biswas-figure-1"])
def test_a_weight_is_found_where_it_lies(name: str) -> None:
    problem = open_problem(name)
    record = Run(problem).record(1)
    for layer in range(1, problem.depth + 1):
        units, inputs = problem.layers[layer], problem.layers[layer - 1]
        refs = [Ref("W", layer, units - 1, inputs - 1), Ref("W", layer, 0, 0)]
        refs += [Ref("b", layer, units - 1)] if problem.has_biases else []
        for ref in refs:
            at = place(problem, ref)
            assert at is not None
            assert record.params.theta[at] == number(record, ref)


def test_what_is_no_single_weight_has_no_place() -> None:
    problem = open_problem("dyda-sigmoid")
    for ref in (Ref("W", 1), Ref("delta", 1, 0), Ref("W", 3, 0, 0), Ref("W", 1, 0, 2), Ref("b", 1, 9)):
        assert place(problem, ref) is None
    assert place(open_problem("soletskyi"), Ref("b", 1, 0)) is None


def test_trajectories_are_the_parameters_before_each_update() -> None:
    run = Run(open_problem("xor"))
    run.record(700)
    refs = (Ref("W", 1, 0, 1), Ref("b", 2, 0))
    paths = Trajectories(run, (*refs, Ref("loss")), most=40)
    assert paths.refs == refs
    seen = list(paths.work(700))
    steps, values = paths.points()
    assert sorted(seen) == steps.tolist()
    assert 10 < len(steps) <= 40
    for t, row in zip(steps, values, strict=True):
        params = run.parameters(int(t))
        assert row.tolist() == [params.W[0][0, 1], params.b[1][0]]
    assert list(paths.work(700)) == []


def test_a_histogram_counts_every_value_once() -> None:
    record = Run(open_problem("xor")).record(1)
    for quantity, values in (("z", record.z[0]), ("a", record.a[1]), ("delta", record.delta[0])):
        spread = spread_of(record, quantity, 1)
        assert spread.counts.sum() == values.size
        assert spread.mean == pytest.approx(values.mean())
        assert spread.edges[0] == values.min()
        assert spread.edges[-1] == values.max()


def test_silent_and_saturated_units_are_named_and_odd_values_do_not_harm() -> None:
    problem = open_problem("biswas-figure-1")
    dead = tuple(frozen(np.zeros_like(b) - 1e3) for b in problem.biases or ())
    record = Run(replace(problem, biases=dead, expected=())).record(1)
    assert spread_of(record, "a", 1).note == f"{problem.layers[1]} of {problem.layers[1]} silent"
    xor = open_problem("xor")
    params = Run(xor).parameters(1)
    steep = replace(xor, weights=tuple(frozen(1e3 * W) for W in params.W), biases=params.b, init=None)
    assert spread_of(Run(steep).record(1), "a", 1).note.endswith("saturated")
    broken = replace(steep, weights=tuple(frozen(np.full_like(W, np.nan)) for W in params.W))
    assert spread_of(Run(broken).record(1), "z", 1).note == "no finite value"


def test_nothing_is_counted_before_it_is_computed(qtbot: Any) -> None:
    store = store_of("xor", tick=0)
    view = HistogramView(store)
    on_screen(view, qtbot)
    assert [one.spread for one in view.spreads(store.state)] == [None, None]
    view.grab()
    store.dispatch(actions.seek_address, "a:1")
    first, second = view.spreads(store.state)
    assert first[1] is not None
    assert second[1] is None
    view._on_kind_chosen("delta")
    assert [one.spread for one in view.spreads(store.state)] == [None, None]
    store.dispatch(actions.end_of_update)
    assert all(one.spread is not None for one in view.spreads(store.state))
    view.grab()


def test_until_a_layer_is_reached_its_histogram_is_that_of_the_update_before(qtbot: Any) -> None:
    store = store_of("xor")
    store.state.run.record(50)
    store.dispatch(actions.extend, 50, 0)
    store.dispatch(actions.seek, 50, 0)
    view = HistogramView(store)
    on_screen(view, qtbot)
    before, here = store.state.run.record(49), store.state.run.record(50)
    wanted = [spread_of(record, "a", layer).mean for record in (before, here) for layer in (1, 2)]
    for address, old, means in ((None, [True, True], wanted[:2]), ("a:1", [False, True], [wanted[2], wanted[1]])):
        if address:
            store.dispatch(actions.seek_address, address)
        found = view.spreads(store.state)
        assert [one.earlier for one in found] == old
        assert [one.spread.mean for one in found if one.spread] == means
        view.refresh()
        assert view._words.text().startswith("update 49, 4 samples" if all(old) else "update 50, 4 samples")
    assert view._words.text().endswith("; paler: update 49")


def test_the_chosen_weights_are_drawn_and_by_default_some_of_the_last_layer(qtbot: Any) -> None:
    store = store_of("xor")
    for _ in range(40):
        store.dispatch(actions.end_of_update)
    plot = TrajectoryPlot(store)
    on_screen(plot, qtbot)
    qtbot.waitUntil(lambda: not plot._working.isActive())
    assert {ref.layer for ref in plot._paths.refs} == {2}
    store.dispatch(choose_box, frozenset({Ref("W", 1, 0, 0), Ref("b", 1, 1), Ref("a", 1, 0)}))
    qtbot.waitUntil(lambda: plot._paths.refs == (Ref("W", 1, 0, 0), Ref("b", 1, 1)) and not plot._working.isActive())
    x, y = plot._curves[0].getOriginalDataset()
    assert len(x) == store.state.run_length + 1
    assert y[7] == store.state.run.parameters(8).W[0][0, 0]
    assert len(plot._curves) == 2


def test_there_are_never_more_curves_than_colours(qtbot: Any) -> None:
    store = store_of("theta-digits")
    many = frozenset(Ref("W", 1, j, k) for j in range(3) for k in range(20))
    assert len(chosen_weights(replace(store.state, box=many))) == MOST


def test_a_hidden_pane_lets_go_of_a_run_that_is_gone(qtbot: Any) -> None:
    store = store_of("xor")
    store.dispatch(actions.end_of_update)
    store.dispatch(actions.end_of_update)  # a run of one update is not left by Reset
    panes = [kind(store) for kind in (LossPlot, NormsPlot, TrajectoryPlot, HistogramView, ConfusionView)]
    for pane in panes:
        qtbot.addWidget(pane)
        pane.resize(600, 240)
        pane.show()
        qtbot.waitExposed(pane)
        pane.grab()
        pane.hide()
    gone = weakref.ref(store.state.run)
    for _ in range(3):
        store.dispatch(actions.reset)
        store.dispatch(actions.end_of_update)
    assert store.moment.tick  # the store, too, remembers the last moment that somebody asked for
    qtbot.waitUntil(lambda: gc.collect() >= 0 and gone() is None, timeout=3000)


@pytest.mark.parametrize("size", [0.0, 5e-324, 1e-310, 1.0, 1e300, 1.7e308])
def test_values_at_the_ends_of_the_range_are_counted_too(size: float) -> None:
    record = Run(open_problem("xor")).record(1)
    values = np.full_like(record.z[0], size)
    values[0, :2] = -size, size / 2
    spread = spread_of(replace(record, z=(values, *record.z[1:])), "z", 1)
    assert spread.counts.sum() == values.size
    assert np.isfinite(spread.edges).all()
    assert spread.edges[0] <= values.min() <= spread.mean <= values.max() <= spread.edges[-1]
