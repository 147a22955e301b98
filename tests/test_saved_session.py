"""A saved file holds the run too: every moment of it, its losses, bookmarks, earlier runs, the cursor; and what is asked on leaving."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QMessageBox
from run_helpers import trained
from session_helpers import MOONS, rich, train_on
from window_helpers import answer, opened

from gui import actions, edits
from gui.data.edits import set_schedule
from gui.main_window import MainWindow
from gui.session.actions import add_bookmark, open_document
from gui.session.file import session_of, worth_saving
from gui.session.keeping import differences
from gui.session.recovery import RecoveryBar
from gui.settings import Settings
from gui.state import AppState, initial_state
from gui.store import Store
from main import main
from model.examples import open_problem
from model.format.file import ProblemError, dumps, load, loads, loads_document, same
from model.problem import Problem
from model.run import Run
from model.training.schedules import Schedule
from model.training.stopping import StopRule


def text_of(state: AppState) -> str:
    problem = state.experiment
    return dumps(problem, session_of(state, problem))


def again(state: AppState) -> AppState:
    """Save and open in another window."""
    return open_document(initial_state(open_problem("jacob")), *_split(loads_document(text_of(state))))


def _split(document: tuple[Problem, Any]) -> tuple[Problem, str, Any]:
    return document[0], "/home/me/moons.json", document[1]


@pytest.mark.usefixtures("qapp")
def test_every_moment_comes_back_to_the_last_bit() -> None:
    state = rich()
    there = again(state)
    assert same(there.problem, state.problem)
    assert (there.step, there.tick, there.run_length, there.options.granularity, there.stop) == (300, 11, 391, "term", state.stop)
    run, old = there.run, state.run
    assert run.losses.tobytes() == old.losses[:391].tobytes()
    assert run.rates.tobytes() == old.rates[:391].tobytes()
    assert (run.retunes, run.offset, run.scheduled, run.schedule, run.split) == (
        old.retunes, old.offset, old.scheduled, old.schedule, old.split)  # fmt: skip
    for t in (391, 1, 200, 199, 64, 65, 66, 300, 392, 420):  # beyond the end too: the pending learning rate is not forgotten
        mine, theirs = run.record(t), old.record(t)
        assert mine.params.theta.tobytes() == theirs.params.theta.tobytes()
        assert [slot.tobytes() for slot in mine.state.slots] == [slot.tobytes() for slot in theirs.state.slots]
        assert (mine.samples, mine.learning_rate, mine.loss) == (theirs.samples, theirs.learning_rate, theirs.loss)
    assert run.trained
    assert not there.dirty


@pytest.mark.usefixtures("qapp")
def test_training_goes_on_as_it_would_have() -> None:
    state = rich()
    there = train_on(again(state), 60)
    state = train_on(state, 60)
    assert there.run.losses.tobytes() == state.run.losses[: there.run.length].tobytes()
    assert text_of(again(there)) == text_of(there)


@pytest.mark.usefixtures("qapp")
def test_bookmarks_and_earlier_runs_come_back_with_settings_and_losses() -> None:
    state = rich()
    there = again(state)
    assert there.bookmarks == state.bookmarks
    assert len(there.kept) == len(state.kept) == 1
    for mine, theirs in zip(there.kept, state.kept, strict=True):
        assert mine.losses.tobytes() == theirs.losses.tobytes()
        assert mine.steps.tolist() == theirs.steps.tolist()
        assert (mine.offset, mine.length, mine.schedule, mine.split) == (theirs.offset, theirs.length, theirs.schedule, theirs.split)
        assert same(replace(mine.problem, expected=()), replace(theirs.problem, expected=()))
    described = [
        differences([(s.problem, s.run.schedule, s.run.split), *((k.problem, k.schedule, k.split) for k in s.kept)]) for s in (there, state)
    ]
    assert described[0] == described[1]


def test_long_runs_and_earlier_ones_are_thinned_alike() -> None:
    state = train_on(initial_state(open_problem("xor")), 9000)
    old = state.run
    there = again(state)
    assert there.run.losses.tobytes() == old.losses[:9001].tobytes()
    for t in (9001, 17, 4444, 4443, 4500):
        assert there.run.record(t).params.theta.tobytes() == old.record(t).params.theta.tobytes()
    store = Store(there)
    store.edit("rate", edits.set_learning_rate, 0.9)
    assert again(store.state).kept[0].losses.tobytes() == store.state.kept[0].losses.tobytes()


def test_a_run_of_100_000_updates_takes_two_megabytes() -> None:
    run = trained(Run(open_problem("xor")), 3000)
    state = replace(initial_state(run.problem), run=run, run_length=3000)
    per_update = len(text_of(state)) / 3000
    assert per_update < 20


def test_what_holds_nothing_is_saved_as_it_always_was() -> None:
    state = initial_state(open_problem("xor"), "xor")
    assert not worth_saving(state)
    walked = actions.step(state)
    assert worth_saving(walked)
    assert again(walked).tick == walked.tick > 0
    assert worth_saving(add_bookmark(state, "here"))
    assert worth_saving(set_schedule(state, Schedule("cosine")))
    assert worth_saving(actions.set_stop(state, StopRule(patience=3)))
    assert worth_saving(actions.end_of_update(actions.end_of_update(state)))


def test_a_diverged_run_says_so_again() -> None:
    linear = replace(open_problem("xor"), activations=("identity",) * 2, loss="half_squared_error", learning_rate=100.0)
    state = train_on(initial_state(linear), 500)
    assert state.run.divergence is not None
    there = again(state)
    assert there.run.divergence == state.run.divergence
    assert there.run.losses.tobytes() == state.run.losses[: state.run_length].tobytes()


def test_gradients_only_have_bookmarks_too() -> None:
    state = initial_state(replace(MOONS, learning_rate=None))
    state.run.record(9)
    state = add_bookmark(actions.seek(replace(state, run_length=9), 6, 3), "batch 6")
    there = again(state)
    assert there.bookmarks == state.bookmarks
    assert there.run.record(6).samples == state.run.record(6).samples


@pytest.mark.parametrize("change", ["weights", "learning_rate", "batch_size"])
def test_a_session_of_another_experiment_is_left_out_and_that_is_said(change: str) -> None:
    state = train_on(initial_state(open_problem("xor")), 100)
    tree = json.loads(text_of(state))
    tree[change] = {"weights": [[[1, 2]] * 2, [[1, 2]]], "learning_rate": 0.125, "batch_size": 2}[change]
    if change == "weights":
        tree.pop("init")
        tree["weights"] = [np.ones((n, m)).tolist() for m, n in zip(state.problem.layers, state.problem.layers[1:], strict=False)]
        tree["biases"] = [np.zeros(n).tolist() for n in state.problem.layers[1:]]
    there = open_document(state, *_split(loads_document(json.dumps(tree))))
    assert (there.run_length, there.bookmarks) == (1, ())
    assert there.notice.endswith("so it was opened without the run.")
    assert there.notice.count(".") == 1


def test_other_words_do_not_part_a_run_from_its_experiment() -> None:
    state = train_on(initial_state(MOONS), 99)
    tree = json.loads(text_of(state)) | {"title": "Other", "notes": "n", "notation": "theta", "steps": 7}
    assert open_document(state, *_split(loads_document(json.dumps(tree)))).run_length == 100


def damaged(change: Callable[[dict[str, Any]], object]) -> str:
    tree = json.loads(text_of(add_bookmark(train_on(initial_state(MOONS), 129), "m")))
    change(tree["session"])
    return json.dumps(tree)


def _put(*path: Any) -> Callable[[dict[str, Any]], object]:
    *way, key, value = path

    def change(tree: Any) -> None:
        for part in way:
            tree = tree[part]
        if value is KeyError:
            del tree[key]
        else:
            tree[key] = value

    return change


MALFORMED = {
    "unknown key": (_put("more", 1), "session.more: unknown key"),
    "missing key": (_put("run", KeyError), "session.run: this key is missing"),
    "unknown key inside": (_put("run", "colour", 1), "session.run.colour: unknown key"),
    "length": (_put("run", "length", 0), "session.run.length"),
    "no losses": (_put("run", "losses", ""), "session.run.losses: 130 numbers are needed, found 0"),
    "losses as a list": (_put("run", "losses", [1, 2]), "session.run.losses: a string is needed"),
    "not base64": (_put("run", "losses", "ä$"), "session.run.losses: this is not base64"),
    "half a number": (_put("run", "losses", base64.b64encode(b"abc").decode()), "session.run.losses: 3 bytes"),
    "checkpoints": (_put("run", "checkpoints", ""), "session.run.checkpoints: 2 equal parts"),
    "interval": (_put("run", "interval", 0), "session.run.interval"),
    "huge interval": (_put("run", "interval", 2**70), "session.run.interval"),
    "schedule": (_put("run", "schedule", "kind", "linear"), "session.run.schedule: There is no schedule"),
    "schedule every": (_put("run", "schedule", "every", 0), "session.run.schedule: A schedule cannot"),
    "split": (_put("run", "split", "share", 1), "session.run.split: A share"),
    "lots": (_put("run", "split", "lots", [2, 2]), "session.run.split: These are no numbers of lots"),
    "lot": (_put("run", "split", "lots", ["a"]), "session.run.split.lots[0]"),
    "here": (_put("run", "here", {"update": 3}), "session.run.here.state: this key is missing"),
    "rate": (_put("run", "rates", [[1]]), "session.run.rates[0]: a pair"),
    "rate at 0": (_put("run", "rates", [[0, 1]]), "session.run.rates[0][0]"),
    "rate NaN": (_put("run", "rates", [[1, float("nan")]]), "session.run.rates[0][1]"),
    "state": (_put("run", "optimizer_state", {"updates": 1}), "session.run.optimizer_state.vectors: this key is missing"),
    "diverged": (_put("run", "diverged", {"update": 1, "layer": 0, "quantity": "z"}), "session.run.diverged.layer"),
    "stop": (_put("stop", "patience", 0), "session.stop: A patience"),
    "cursor": (_put("cursor", "step", -1), "session.cursor.step"),
    "granularity": (_put("cursor", "granularity", "atom"), "session.cursor.granularity"),
    "bookmarks": (_put("bookmarks", {}), "session.bookmarks: a list"),
    "bookmark": (_put("bookmarks", 0, "note", 3), "session.bookmarks[0].note"),
    "earlier": (_put("earlier_runs", [3]), "session.earlier_runs[0]: an object"),
    "experiment": (_put("experiment", None), "session.experiment"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_session_is_refused_with_its_position(name: str) -> None:
    change, where = MALFORMED[name]
    with pytest.raises(ProblemError) as refused:
        loads(damaged(change))
    assert where in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "change",
    [
        _put("run", "checkpoints", base64.b64encode(bytes(16)).decode()),
        _put("run", "losses", base64.b64encode(bytes(8 * 130)).decode()),
        _put("run", "optimizer_state", {"updates": 1, "vectors": [""]}),
        _put("earlier_runs", [{
            "changes": {"layers": [1]}, "without": [], "split": {"share": 0, "seed": 0}, "offset": 0, "length": 1, "stride": 1,
            "schedule": {"kind": "constant", "every": 1, "factor": 1, "over": 1, "lowest": 0},
            "losses": base64.b64encode(bytes(8)).decode(),
        }]),
    ],
)  # fmt: skip
def test_a_session_whose_sizes_do_not_fit_is_left_out(change: Callable[[dict[str, Any]], object]) -> None:
    state = initial_state(open_problem("jacob"))
    there = open_document(state, *_split(loads_document(damaged(change))))
    assert there.run_length == 1
    assert "does not fit" in there.notice


def test_the_verbs_refuse_a_malformed_session(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    full = tmp_path / "full.json"
    full.write_text(damaged(_put("run", "length", "long")))
    assert main(["verify", str(full)]) == 2
    error = capsys.readouterr().err
    assert "session.run.length" in error
    assert error.count("\n") == 1


@pytest.fixture
def file() -> str:
    return "xor"


def test_the_window_saves_the_run_and_opens_it_again(window: MainWindow, tmp_path: Path) -> None:
    store, file = window.store, tmp_path / "mine.json"
    store.dispatch(train_on, 499)
    store.dispatch(add_bookmark, "the end")
    old = store.state
    assert window.files._write(str(file))
    assert not store.state.unsaved
    window.files.load("jacob")
    window.files.load(str(file))
    there = store.state
    assert (there.run_length, there.step, [mark.note for mark in there.bookmarks]) == (500, old.step, ["the end"])
    assert there.run.losses.tobytes() == old.run.losses[:500].tobytes()
    assert not there.unsaved
    assert not window.isWindowModified()
    assert window.findChildren(RecoveryBar) == []


def test_a_misfit_is_said_in_the_window(window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    file = tmp_path / "edited.json"
    tree = json.loads(text_of(train_on(initial_state(MOONS), 100)))
    file.write_text(json.dumps(tree | {"learning_rate": 0.5}))
    assert window.files.load(str(file))
    assert "opened without the run" in window.findChildren(RecoveryBar)[0].findChildren(QLabel)[0].text()
    window.files.load("jacob")
    qtbot.waitUntil(lambda: window.findChildren(RecoveryBar) == [])
    with opened(qtbot, Settings(str(tmp_path / "other.ini")), str(file)) as other:
        qtbot.waitUntil(lambda: bool(other.findChildren(RecoveryBar)))


def test_nobody_is_asked_about_a_run_in_an_example_before_a_moment_is_marked(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    said = answer(monkeypatch, QMessageBox.StandardButton.Discard)
    store = window.store
    for _ in range(60):
        store.dispatch(actions.step)
    assert window.files.may_discard()
    store.dispatch(add_bookmark, "here")
    assert window.files.may_discard()  # marks in examples are kept by themselves
    store.dispatch(train_on, 50)
    assert said == []
    assert window.files.may_discard()
    assert "what was trained, set and marked in “XOR" in said[0]


def test_a_run_in_a_file_of_ones_own_is_worth_asking_about(window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = answer(monkeypatch, QMessageBox.StandardButton.Discard)
    store, file = window.store, str(tmp_path / "mine.json")
    window.files._write(file)
    for _ in range(60):
        store.dispatch(actions.step)
    assert window.files.may_discard()
    assert said == []  # steps by hand are walked again in no time
    store.dispatch(train_on, 50)
    assert store.state.unsaved
    assert window.isWindowModified()
    window.files.save()
    assert not store.state.unsaved
    store.dispatch(add_bookmark, "here")
    assert store.state.unsaved
    window.files.may_discard()
    assert len(said) == 1
    assert load(file).title == store.state.problem.title
