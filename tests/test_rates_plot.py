"""Accuracy and learning rate over the updates: the numbers of the run itself, at few points, and a sentence where there are none."""

from __future__ import annotations

from typing import Any

import numpy as np
from pane_helpers import on_screen, store_of

from gui import actions
from gui.data import edits
from gui.plots.rates_plot import RatesPlot
from model.evaluation import Split, accuracy, evaluate
from model.run import Run
from model.training.accuracy import AccuracyHistory
from model.training.schedules import Schedule

MOONS = {"name": "moons", "samples": 40}


def trained(length: int = 30) -> Run:
    state = edits.take_dataset(store_of("xor").state, MOONS, 1, edits.Batches(10, 1), Split(0.25, 1))
    state.run.state(length + 1)
    return state.run


def test_shares_are_those_of_an_evaluation() -> None:
    run = trained()
    history = AccuracyHistory(run, most=10)
    known = list(history.work(30))
    steps, shares = history.points()
    assert known == steps.tolist() == [1, 5, 9, 13, 17, 21, 25, 29]
    assert shares.shape == (8, 2)
    for t, found in zip(known, shares, strict=True):
        for (x, y), share in zip((run.samples, run.held_out), found, strict=True):
            assert share == accuracy(y, evaluate(run.problem, run.parameters(t), x, y).outputs)
    assert list(history.work(30)) == []


def test_without_classes_there_is_a_sentence(qtbot: Any) -> None:
    store = store_of("jacob")  # whose targets are 0.05 and 0.95
    pane = on_screen(RatesPlot(store), qtbot)
    qtbot.waitUntil(lambda: "learning rate" in pane._legend.text())  # which there is
    pane._on_kind_chosen("accuracy")
    qtbot.waitUntil(lambda: "name classes" in pane._legend.text())
    assert not AccuracyHistory(store.state.run).exists


def test_both_kinds_are_drawn(qtbot: Any) -> None:
    store = store_of("xor")
    assert store.edit("data", edits.take_dataset, MOONS, 1, edits.Batches(10, 1), Split(0.25, 1)) == ""
    assert store.edit("schedule", edits.set_schedule, Schedule("step", factor=0.5, every=2)) == ""
    store.dispatch(actions.end_of_update)
    for _ in range(5):
        store.dispatch(actions.next_update)
    pane = on_screen(RatesPlot(store), qtbot)
    qtbot.waitUntil(lambda: len(pane._history.points()[0]) == 6 and not pane._working.isActive())
    assert len(pane._curves[1].getOriginalDataset()[0]) == 6
    assert "held out" in pane._legend.text()
    pane._on_kind_chosen("rate")
    qtbot.waitUntil(lambda: "learning rate" in pane._legend.text())
    x, y = pane._curves[0].getOriginalDataset()
    assert np.array_equal(y, store.state.run.rates[: store.state.run_length])
    assert x.tolist() == [1, 2, 3, 4, 5, 6]
    assert len(set(y.tolist())) == 3
