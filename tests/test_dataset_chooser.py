"""The chooser of data sets, the options of training and the confusion matrix, with a real store and no window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pane_helpers import on_screen
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QFileDialog, QScrollArea

from gui import actions
from gui.actions import end_of_update, set_options, step
from gui.data import edits as data_edits
from gui.data.chooser import TITLES, WORDS, DatasetChooser
from gui.data.sample_picture import image_side
from gui.file_actions import FileActions
from gui.panes.confusion_view import ConfusionView
from gui.settings import Settings
from gui.state import initial_state
from gui.store import Store
from gui.training.options import TrainOptions
from gui.training.worker import TrainingWorker
from model.data.batches import data
from model.data.datasets import DATASETS
from model.data.recipes import RECIPES
from model.evaluation import Split, confusion, evaluate
from model.examples import open_problem
from model.format.file import dumps, loads, same
from model.training.schedules import MOST_UPDATES, Schedule
from model.training.stopping import StopRule


@pytest.fixture
def store(qapp: Any) -> Store:
    return Store(initial_state(open_problem("xor"), "xor"))


@pytest.fixture
def chooser(qtbot: Any, store: Store) -> DatasetChooser:
    dialog = DatasetChooser(store)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def take(chooser: DatasetChooser, name: str, **values: int) -> None:
    """Choose a set for the present network."""
    chooser._list.setCurrentRow(list(TITLES).index(name))
    chooser._suited.setChecked(False)
    for field, value in values.items():
        chooser._spin(field).setValue(value)


def test_every_data_set_has_a_title_and_words() -> None:
    assert set(TITLES) == set(WORDS) == {"", *DATASETS}


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_can_be_taken_and_saved(store: Store, chooser: DatasetChooser, name: str) -> None:
    take(chooser, name)
    assert chooser._ok.isEnabled(), chooser._verdict.text()
    resized = store.state.problem.layers[0] != DATASETS[name].n_inputs or store.state.problem.layers[-1] not in DATASETS[name].outputs
    assert chooser._ok.text() == ("Take and resize" if resized else "Take")
    chooser._ok.click()
    problem = store.state.problem
    assert problem.dataset == {"name": name}
    assert problem.layers[0] == DATASETS[name].n_inputs
    assert same(loads(dumps(problem)), problem)
    store.undo_stack.undo()
    assert store.state.problem.layers == (2, 3, 1)


@pytest.mark.parametrize("name", ["spirals", "sine", "digits"])
def test_another_set_comes_with_a_network_that_learns_it(store: Store, chooser: DatasetChooser, name: str) -> None:
    assert not chooser._suited.isChecked(), "the set that is there keeps its network"
    chooser._list.setCurrentRow(list(TITLES).index(name))
    recipe = RECIPES[name]
    assert chooser._suited.isChecked()
    assert chooser._spin("batch").value() == recipe.batch
    assert "-".join(map(str, recipe.layers(name, DATASETS[name].outputs[0]))) in chooser._verdict.text()
    chooser._spin("held").setValue(20)
    chooser._spin("batch").setValue(10)
    chooser._ok.click()
    problem = store.state.problem
    assert problem.layers == recipe.layers(name, DATASETS[name].outputs[0])
    assert (problem.learning_rate, problem.optimizer.name, problem.batch_size) == (recipe.learning_rate, "adam", 10)
    assert store.state.run.split == Split(0.2)
    assert problem.title.lower() == TITLES[name]
    assert same(loads(dumps(problem)), problem)
    assert store.undo_stack.count() == 1
    store.undo_stack.undo()
    assert store.state.problem.layers == (2, 3, 1)


def test_options_batches_and_split_are_taken_together(store: Store, chooser: DatasetChooser) -> None:
    take(chooser, "blobs", samples=60, seed=4, outputs=3, batch=10, shuffle=2, held=50, held_seed=8)
    assert "30 samples to train on, 30 held out; 3 updates are an epoch." in chooser._verdict.text()
    chooser._ok.click()
    problem = store.state.problem
    assert problem.dataset == {"name": "blobs", "samples": 60, "seed": 4}
    assert (problem.layers, problem.batch_size, problem.shuffle_seed, store.state.run.split) == ((2, 3, 3), 10, 2, Split(0.5, 8))
    assert store.undo_stack.count() == 1
    store.undo_stack.undo()
    assert store.state.run.split == Split()


def test_held_out_samples_are_hollow_in_the_picture(chooser: DatasetChooser) -> None:
    take(chooser, "moons")
    full = chooser._picture.grab().toImage()
    assert "hollow" not in chooser._picture.toolTip()
    take(chooser, "moons", held=50)
    assert chooser._picture.grab().toImage() != full
    assert chooser._picture.toolTip().endswith("hollow where held out")


def test_standardising_is_visible_and_recorded(store: Store, chooser: DatasetChooser) -> None:
    take(chooser, "iris")
    chooser._fields["standardise"].click()  # type: ignore[attr-defined]
    chooser._ok.click()
    assert store.state.problem.dataset == {"name": "iris", "standardise": True}


def test_a_choice_that_is_impossible_is_refused_in_place(store: Store, chooser: DatasetChooser) -> None:
    take(chooser, "moons", samples=20, batch=21)
    assert "A batch of 21 is not possible with 20 samples; allowed: 1 to 20." in chooser._verdict.text()
    assert not chooser._ok.isEnabled()
    take(chooser, "digits", batch=0, offset=1700)
    assert chooser._spin("samples").value() == 97, "no more than there are after the first 1,700"
    assert chooser._ok.isEnabled()


def test_targets_that_outputs_cannot_reach_are_pointed_out(chooser: DatasetChooser) -> None:
    take(chooser, "sine")
    assert "“sigmoid” outputs cannot reach" in chooser._verdict.text()


def test_the_dialog_opens_on_what_is_there(qtbot: Any, store: Store) -> None:
    store.edit("x", data_edits.take_dataset, {"name": "spirals", "noise": 0.5, "seed": 9}, 2, data_edits.Batches(7, 3), Split(0.1, 5))
    dialog = DatasetChooser(store)
    qtbot.addWidget(dialog)
    assert dialog._choice() == ({"name": "spirals", "noise": 0.5, "seed": 9}, 2, data_edits.Batches(7, 3), Split(0.1, 5))
    dialog._ok.click()
    assert store.state.problem.dataset == {"name": "spirals", "noise": 0.5, "seed": 9}


def test_every_control_has_a_name_and_a_tooltip(chooser: DatasetChooser) -> None:
    for field in [*chooser.findChildren(QAbstractSpinBox), *chooser.findChildren(QComboBox)]:
        assert field.accessibleName()
        assert field.toolTip()


def test_squares_are_images() -> None:
    assert [image_side(n) for n in (2, 4, 9, 16, 64, 65, 784)] == [0, 0, 0, 4, 8, 0, 28]


# -- training ----------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def options(qtbot: Any, store: Store) -> TrainOptions:
    dialog = TrainOptions(store)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def choose_kind(options: TrainOptions, kind: str) -> None:
    options._kind.show_value(kind)
    options._kind.chosen.emit(kind)


def test_a_schedule_fits_the_length_and_can_be_undone(store: Store, options: TrainOptions) -> None:
    options._amount.setValue(400)
    choose_kind(options, "step")
    assert store.state.run.schedule == Schedule("step", every=100, factor=0.5, over=400)
    assert options._every.isVisible()
    assert not options._over.isVisible()
    store.undo_stack.undo()
    assert store.state.run.schedule == Schedule()
    assert options._kind.currentData() == "constant"


def test_epochs_are_counted_in_updates(store: Store, options: TrainOptions) -> None:
    store.edit("x", data_edits.take_dataset, {"name": "moons", "samples": 100}, 1, data_edits.Batches(30), Split())
    options._amount.setValue(5)
    options._unit.show_value("epochs")
    options._unit.chosen.emit("epochs")
    options._go.click()
    assert store.state.training == 20
    options._go.click()
    assert store.state.training == 0


def test_a_run_may_go_on_until_it_is_stopped(store: Store, options: TrainOptions) -> None:
    options._unit.show_value("stopped")
    options._unit.chosen.emit("stopped")
    assert not options._amount.isEnabled()
    options._go.click()
    assert store.state.training == MOST_UPDATES
    options._go.click()
    assert store.state.training == 0


def test_a_run_follows_the_schedule_and_ends_by_itself(qtbot: Any, store: Store, options: TrainOptions) -> None:
    worker = TrainingWorker(store)
    choose_kind(options, "cosine")
    options._has_target.click()
    target = float(store.state.run.record(60).loss)
    options._target.setValue(target)
    store.dispatch(actions.reset)
    options._amount.setValue(10_000)
    options._go.click()
    qtbot.waitUntil(lambda: store.state.training == 0, timeout=20_000)
    worker.stop()
    run = store.state.run
    assert (run.losses[:-1] > target).all()
    assert run.losses[-1] <= target
    rate = store.state.problem.learning_rate or 0.0
    assert run.rates.tolist() == [run.schedule.rate(rate, t) for t in range(1, run.length + 1)]
    assert options._note.text().startswith(f"Stopped at update {run.length}")


def test_stop_rules_are_of_the_state_and_not_of_the_file(store: Store, options: TrainOptions) -> None:
    options._has_patience.click()
    options._patience.setValue(7)
    assert store.state.stop == StopRule(None, 7)
    assert not store.state.dirty
    options._has_patience.click()
    assert store.state.stop == StopRule()


def test_enter_in_a_field_starts_nothing(store: Store, options: TrainOptions) -> None:
    QTest.keyClick(options._amount, Qt.Key.Key_Return)
    assert store.state.training == 0
    assert all(not button.isDefault() for button in options.findChildren(QAbstractButton) if hasattr(button, "isDefault"))


# -- confusion ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def view(qtbot: Any, store: Store) -> ConfusionView:
    store.edit("x", data_edits.take_dataset, {"name": "digits", "samples": 120}, 10, data_edits.Batches(), Split(0.25, 1))
    store.dispatch(set_options, granularity="phase")
    return on_screen(ConfusionView(store), qtbot, 700, 260)


def test_the_counts_are_those_of_the_weights_at_the_cursor(store: Store, view: ConfusionView, qtbot: Any) -> None:
    run = store.state.run
    x, y = run.samples
    before, after = (confusion(y, evaluate(run.problem, run.parameters(t), x, y).outputs) for t in (1, 2))
    assert "Nothing has been computed yet" in view._why.text()
    assert not view._matrix.isVisible()
    store.dispatch(step)
    qtbot.waitUntil(lambda: view._matrix.isVisible())
    assert np.array_equal(view._matrix._counts, before)
    assert "before update 1" in view._head.text()
    store.dispatch(end_of_update)
    qtbot.waitUntil(lambda: "after update 1" in view._head.text())
    assert np.array_equal(view._matrix._counts, after)


def test_held_out_samples_are_judged_apart(store: Store, view: ConfusionView) -> None:
    store.dispatch(step)
    view._which.show_value("held-out")
    view._which.chosen.emit("held-out")
    view.refresh()
    assert view._matrix._counts.sum() == 30
    x, _ = data(store.state.problem)
    assert np.array_equal(view._gallery._x, x[view._gallery._rows])


def test_a_cell_shows_its_images_and_enter_shows_the_wrong_ones(store: Store, view: ConfusionView) -> None:
    store.dispatch(step)
    view.refresh()
    matrix, gallery = view._matrix, view._gallery
    counts = matrix._counts
    i, j = (int(k) for k in np.argwhere(counts)[0])
    matrix._choose((i, j))
    assert len(gallery._shown) == counts[i, j]
    assert f"of {i} taken for {j}" in gallery.accessibleName()
    QTest.keyClick(matrix, Qt.Key.Key_Return)
    assert len(gallery._shown) == counts.sum() - np.trace(counts)
    QTest.keyClick(matrix, Qt.Key.Key_Down)
    QTest.keyClick(matrix, Qt.Key.Key_Down)
    assert matrix.chosen == (0, 1)


def test_without_classes_it_says_so(store: Store, view: ConfusionView) -> None:
    store.edit("x", data_edits.take_dataset, {"name": "sine"}, 1, data_edits.Batches(), Split())
    view.refresh()
    assert "name no classes" in view._why.text()
    assert not view._matrix.isVisible()


def test_while_hidden_nothing_is_computed(store: Store, view: ConfusionView) -> None:
    view.hide()
    before = view._matrix._counts
    store.dispatch(end_of_update)
    assert view._matrix._counts is before
    view.show()
    assert view._matrix._counts is not before


# -- little room -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wide", [700, 740, 1220])
def test_no_field_is_cut_in_large_type(store: Store, qtbot: Any, wide: int) -> None:
    dialog = DatasetChooser(store)
    qtbot.addWidget(dialog)
    large = dialog.font()
    large.setPixelSize(21)
    dialog.setFont(large)
    dialog.show()
    for row in range(len(TITLES)):
        dialog._list.setCurrentRow(row)
        dialog.resize(wide, 740)
        qtbot.wait(1)
        area = dialog.findChildren(QScrollArea)[0]
        assert area.horizontalScrollBar().maximum() == 0, row
        for field in dialog._fields.values():
            assert not field.isVisible() or field.width() >= field.minimumSizeHint().width(), (row, field.accessibleName())


def test_one_sample_is_written_out(qtbot: Any) -> None:
    store = Store(initial_state(open_problem("dyda-sigmoid")))
    dialog = DatasetChooser(store)
    qtbot.addWidget(dialog)
    assert dialog._verdict.text().startswith("1 sample to train on")
    dialog.show()
    dialog._picture.grab()
    assert dialog._picture.toolTip() == "one sample: (1, 0) → (1, 0)"


def test_with_other_samples_an_example_is_saved_under_their_name(
    store: Store, chooser: DatasetChooser, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposed: list[str] = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *arguments: proposed.append(Path(arguments[2]).name) or ("", ""))
    files = FileActions(store, settings, chooser)
    files.save()
    take(chooser, "circles")
    chooser._ok.click()
    files.save()
    assert proposed == ["xor.json", "Circles.json"]
