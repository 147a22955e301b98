"""What is left of unsaved work when the program is killed, and how the next start offers it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QMessageBox, QToolButton
from window_helpers import answer

from gui import actions, edits
from gui.app import Rescue
from gui.main_window import MainWindow
from gui.session.actions import add_bookmark
from gui.session.autosave import Autosave, BookmarkFolder, data_folder
from gui.session.file import SessionError, Writer, head_of, left_of, read
from gui.session.keeping import Bookmark
from gui.session.recovery import Recovery, RecoveryBar, in_words, take_up
from gui.state import initial_state
from gui.store import Store
from model.examples import open_problem
from model.format.file import load, save
from model.training.schedules import Schedule
from model.training.stopping import StopRule

ROOT = Path(__file__).resolve().parents[1]


def store_of(name: str = "xor") -> Store:
    return Store(initial_state(open_problem(name), name))


def edited(rate: float = 0.75) -> Store:
    store = store_of()
    store.edit("rate", edits.set_learning_rate, rate)
    return store


def test_a_session_brings_everything_back_bit_by_bit() -> None:
    store = edited()
    store.dispatch(actions.set_stop, StopRule(target=1e-9))
    state = edits.set_problem(store.state, store.state.problem, schedule=Schedule("step", every=5, factor=0.5))
    state.run.record(40)
    state = actions.seek(replace(state, run_length=40), 17, 5)
    state = add_bookmark(state, "  the  gradient\nvanishes here ")
    session = read(Writer().text(left_of(state, 100.0)))
    other = store_of("dyda-sigmoid")
    take_up(other, session)
    there = other.state
    assert (there.step, there.tick, there.run_length, there.dirty, there.path) == (17, 5, 40, True, "xor")
    assert (there.run.schedule, there.stop) == (state.run.schedule, state.stop)
    assert [mark.note for mark in there.bookmarks] == ["the gradient vanishes here"]
    assert np.array_equal(there.run.losses, state.run.losses)
    assert there.run.parameters(41).theta.tobytes() == state.run.parameters(41).theta.tobytes()


def test_changes_of_the_learning_rate_come_back_too() -> None:
    state = store_of().state
    state.run.record(20)
    state.run.retune(0.01)
    state.run.record(40)
    state = replace(state, run_length=40)
    store = store_of("jacob")
    take_up(store, read(Writer().text(left_of(state, 0.0))))
    assert store.state.run.retunes == {21: 0.01}
    assert np.array_equal(store.state.run.losses, state.run.losses)


@pytest.mark.parametrize("text", ["", "null", "{", '{"format": "deltastep-session/2"}', '{"format": "deltastep-session/3"}', "[" * 100_000])
def test_a_damaged_session_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(SessionError) as refused:
        read(text)
    assert "\n" not in str(refused.value)


def test_only_what_would_be_lost_is_written(tmp_path: Path, qapp: Any) -> None:
    store = store_of()
    autosave = Autosave(store, tmp_path)
    autosave.start()
    autosave.write_now()
    assert files(tmp_path) == []
    store.edit("rate", edits.set_learning_rate, 0.75)
    autosave.write_now()
    assert len(files(tmp_path)) == 1
    store.undo_stack.undo()
    autosave.write_now()
    assert files(tmp_path) == []
    store.undo_stack.redo()
    autosave.write_now()
    autosave.close()
    assert list((tmp_path / "unsaved").iterdir()) == []


def test_work_is_on_disk_soon_after_it_began(tmp_path: Path, qapp: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.session.autosave.SOON", 10)
    store = store_of()
    autosave = Autosave(store, tmp_path)
    autosave.start()
    store.edit("rate", edits.set_learning_rate, 0.75)
    qtbot.waitUntil(lambda: len(files(tmp_path)) == 1)
    store.edit("rate", edits.set_learning_rate, 0.25)
    assert not autosave._soon.isActive()
    for updates in (3, 0):
        store.dispatch(lambda state, updates=updates: replace(state, training=updates))
    assert autosave._soon.isActive(), "the end of a run is worth as much"
    autosave.close()
    store.edit("rate", edits.set_learning_rate, 0.5)
    assert not autosave._soon.isActive()


def files(folder: Path) -> list[Path]:
    return sorted((folder / "unsaved").glob("*.session"))


def test_a_window_that_is_open_offers_nothing_to_another_one(tmp_path: Path, qapp: Any) -> None:
    first, second = Autosave(edited(), tmp_path), Autosave(store_of(), tmp_path)
    first.start()
    first.write_now()
    second.start()
    assert len(second.offers()) == 0
    first.write_now()
    assert len(files(tmp_path)) == 1
    first.close()
    second.close()


def test_a_folder_that_cannot_be_written_to_is_said_once(tmp_path: Path, qapp: Any, qtbot: Any) -> None:
    (tmp_path / "unsaved").write_text("a file where the folder should be")
    window, recovery = started(qtbot, edited(), tmp_path)
    recovery.write_now()
    assert words(window).startswith("Unsaved work cannot be kept for you: ")
    press(window, "Close")
    assert window.findChildren(RecoveryBar) == []
    recovery.close()


def started(qtbot: Any, store: Store, folder: Path, *, may_discard: bool = True) -> tuple[QMainWindow, Recovery]:
    """A window in which what was left in a folder is offered."""
    window = QMainWindow()
    qtbot.addWidget(window)
    recovery = Recovery(store, window, lambda: may_discard, folder)
    recovery.start()
    return window, recovery


def bar_of(window: QMainWindow) -> RecoveryBar:
    return window.findChildren(RecoveryBar)[0]


def words(window: QMainWindow) -> str:
    return bar_of(window).findChildren(QLabel)[0].text()


def press(window: QMainWindow, name: str) -> None:
    next(button for button in bar_of(window).findChildren(QToolButton) if button.text() == name).click()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


# A window in a process of its own: edits, trains, and says how far it is until it is killed.
PROGRAM = """
import sys, pathlib
sys.path.insert(0, {root!r})
import gui.session.autosave
gui.session.autosave.EVERY = 50
from gui.app import make_application, make_window
from gui.settings import Settings
from gui import actions, edits
from model.format.file import save
app = make_application(["deltastep"])
window = make_window("xor", Settings(sys.argv[1]))
window.show()
while not hasattr(window, "plot"):
    app.processEvents()
window.store.edit("rate", edits.set_learning_rate, 0.75)
window.store.dispatch(actions.start_training, 10_000_000)
print("ready", flush=True)
file = pathlib.Path(sys.argv[2])
while True:
    app.processEvents()
    if sys.argv[3] == "saving":
        save(window.store.state.experiment, file)
"""


def killed(tmp_path: Path, what: str, seconds: float) -> Path:
    """Start a window, let it train (and save without end), and kill it; returns its data folder."""
    data = tmp_path / "data"
    env = os.environ | {"XDG_DATA_HOME": str(data), "QT_QPA_PLATFORM": "offscreen"}
    code = PROGRAM.format(root=str(ROOT))
    arguments = [sys.executable, "-c", code, str(tmp_path / "settings.ini"), str(tmp_path / "file.json"), what]
    process = subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    folder = data / "deltastep"
    end = time.monotonic() + 60
    while not files(folder):
        assert time.monotonic() < end, "nothing was written"
        time.sleep(0.02)
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize(("what", "seconds"), [("training", 0.6), ("saving", 0.43)])
def test_after_a_kill_the_next_start_offers_what_was_unsaved(tmp_path: Path, qtbot: Any, what: str, seconds: float) -> None:
    if what == "saving":
        save(open_problem("jacob"), tmp_path / "file.json")
    folder = killed(tmp_path, what, seconds)
    if what == "saving":
        load(tmp_path / "file.json")  # the old file or the new one, never half of one
    store = store_of("dyda-sigmoid")
    window, recovery = started(qtbot, store, folder)
    assert words(window).startswith("Unsaved work was found: “XOR")
    second = Autosave(store_of(), folder)
    second.start()
    assert len(second.offers()) == 0  # one window asks, not two
    second.close()
    press(window, "Restore")
    assert store.state.problem.learning_rate == 0.75
    assert store.state.dirty
    assert store.state.run_length > 1
    assert store.state.run.trained
    assert window.findChildren(RecoveryBar) == []
    recovery.close()
    assert files(folder) == []


@pytest.fixture
def left(tmp_path: Path, qapp: Any) -> Path:
    """A folder with two sessions of processes that are gone."""
    folder = tmp_path / "unsaved"
    folder.mkdir()
    for number, rate in ((1, 0.75), (2, 0.25)):
        (folder / f"{number}-gone.session").write_text(Writer().text(left_of(edited(rate).state, float(number))), encoding="utf-8")
    return tmp_path


def test_the_newest_is_offered_first_and_later_means_later(left: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        window, recovery = started(qtbot, store_of(), left)
        assert words(window).endswith(" And 1 more.")
        press(window, "Later")
        recovery.close()
        assert len(files(left)) == 2
    store = store_of()
    window, recovery = started(qtbot, store, left)
    answer(monkeypatch, QMessageBox.StandardButton.Cancel)
    press(window, "Discard…")
    assert len(files(left)) == 2
    said = answer(monkeypatch, QMessageBox.StandardButton.Discard)
    press(window, "Discard…")
    assert said == [
        "Delete “XOR: a first network that learns”? It was left by a window that did not close. What is deleted cannot be brought back."
    ]
    assert [file.name for file in files(left)] == ["1-gone.session"]
    store.dispatch(actions.toggle_projector)
    assert not bar_of(window).isVisibleTo(window)
    store.dispatch(actions.toggle_projector)
    assert bar_of(window).isVisibleTo(window)
    press(window, "Restore")
    assert store.state.problem.learning_rate == 0.75
    recovery.close()


def test_of_hundreds_only_what_is_offered_is_read(left: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text, old = (left / "unsaved" / "1-gone.session").read_text(encoding="utf-8"), left / "unsaved" / "0-old.session"
    for number in range(60):
        (left / "unsaved" / f"{number}-more.session").write_text(text, encoding="utf-8")
    bare = json.dumps({name: value for name, value in json.loads(text).items() if name not in ("title", "length")})
    old.write_text(bare.replace('"when": 1.0', '"when": 1.5'), encoding="utf-8")  # as earlier versions wrote it
    strange = left / "unsaved" / "of-a-later-version.session"
    strange.write_text(text.replace("session/2", "session/99"), encoding="utf-8")
    opened: list[str] = []
    monkeypatch.setattr("gui.session.offers.read", lambda text: opened.append(text) or read(text))
    window, recovery = started(qtbot, store_of(), left)
    assert words(window).endswith(" And 62 more.")
    assert opened == []
    assert len(list((left / "unsaved").glob("*-gone.lock"))) + len(list((left / "unsaved").glob("*-more.lock"))) < 30
    answer(monkeypatch, QMessageBox.StandardButton.Discard)
    press(window, "Discard…")
    assert words(window).startswith("Unsaved work was found: “XOR")
    assert len(opened) == 1  # the one whose head does not say what it is
    press(window, "Discard…")
    assert not old.exists()
    answer(monkeypatch, QMessageBox.StandardButton.Cancel)
    press(window, "Discard all…")
    assert words(window).endswith(" And 60 more.")
    said = answer(monkeypatch, QMessageBox.StandardButton.Discard)
    press(window, "Discard all…")
    assert said[0].startswith("Delete all 61 pieces of unsaved work?")
    assert files(left) == [strange]
    assert window.findChildren(RecoveryBar) == []
    recovery.close()


def test_what_cannot_be_restored_is_said_and_stays(left: Path, qtbot: Any) -> None:
    newest = left / "unsaved" / "2-gone.session"
    newest.write_text(newest.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    store = store_of()
    window, recovery = started(qtbot, store, left)
    press(window, "Restore")
    assert words(window).startswith("This unsaved work cannot be read (")
    press(window, "Close")
    press(window, "Restore")
    assert store.state.problem.learning_rate == 0.75
    recovery.close()
    assert files(left) == [newest]


def test_restoring_asks_before_it_takes_away_what_is_open(left: Path, qtbot: Any) -> None:
    store = edited(0.1)
    window, recovery = started(qtbot, store, left, may_discard=False)
    press(window, "Restore")
    assert store.state.problem.learning_rate == 0.1
    assert len(files(left)) == 2
    recovery.close()


def test_bookmarks_belong_to_the_content_of_a_file(tmp_path: Path) -> None:
    folder, problem = BookmarkFolder(tmp_path), open_problem("xor")
    marks = (Bookmark(3, 4, "dyda", "here"),)
    folder.save(problem, marks)
    assert folder.load(open_problem("xor")) == marks
    assert folder.load(open_problem("jacob")) == ()
    next((tmp_path / "bookmarks").iterdir()).write_text("[1]")
    assert folder.load(problem) == ()
    folder.save(problem, ())
    assert list((tmp_path / "bookmarks").iterdir()) == []


@pytest.fixture
def file() -> str:
    return "xor"


def test_bookmarks_come_back_with_the_file(window: MainWindow, tmp_path: Path) -> None:
    window.store.dispatch(add_bookmark, "start")
    window.files.load("jacob")
    assert window.store.state.bookmarks == ()
    window.files.load("xor")
    assert [mark.note for mark in window.store.state.bookmarks] == ["start"]


def test_the_sentence_says_what_and_when() -> None:
    state = store_of().state
    state.run.record(12_345)
    session = left_of(replace(state, run_length=12_345), 1_000_000.0)
    assert "12,345 updates" in in_words(session.head, 1_000_100.0)
    long = replace(session, problem=replace(session.problem, title="x" * 300))
    assert len(in_words(long.head, 2_000_000.0)) < 150


def test_a_head_says_what_a_file_holds_without_the_rest() -> None:
    state = store_of().state
    hard = replace(left_of(state, 5.0), path='a ", "document": {"\\ß.json', problem=replace(state.problem, title='"}, "document": "é'))
    text = Writer().text(hard)
    assert head_of(text[: text.index('"clean"') + 30]) == hard.head == read(text).head
    with pytest.raises(SessionError):
        head_of(text[:60])


def test_an_error_writes_first(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, str]] = []
    folder = data_folder() / "unsaved"
    monkeypatch.setattr("gui.app.show_exception", lambda *args: seen.append((len(list(folder.glob("*.session"))), str(args[1]))))
    window.store.edit("rate", edits.set_learning_rate, 0.75)
    Rescue(window)(ValueError, ValueError("oh"), None)
    assert seen == [(1, "oh")]
