"""While a run goes on: views in turns of their own, the thread at rest meanwhile, and garbage when there is time for it."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel
from session_helpers import with_worker
from shiboken6 import delete

import gui.training.worker as training
import gui.turns
from gui.actions import start_training, stop_training
from gui.app import settle
from gui.pauses import Pauses
from gui.store import Store
from gui.training.garbage import ALL_EVERY, Garbage, look_where_due
from gui.turns import Turns
from model.training.loop import Chunk, train


@pytest.fixture
def turns(qapp: Any) -> Turns:
    return Turns()


def test_where_no_run_goes_on_nobody_waits(turns: Turns) -> None:
    done: list[int] = []
    turns.ask(lambda: done.append(1))
    assert done == [1]


def test_between_two_views_timers_and_pictures_have_their_turn(turns: Turns, qtbot: Any) -> None:
    seen: list[str] = []
    label = QLabel()
    qtbot.addWidget(label)
    turns.follow(False, True)

    def first() -> None:
        QTimer.singleShot(0, lambda: seen.append("timer"))
        seen.append("first")

    def second() -> None:
        seen.append(f"second, painting {label.updatesEnabled()}")

    def third() -> None:
        seen.append(f"third, painting {label.updatesEnabled()}")

    for _ in range(2):  # asked for again, it is done once
        turns.ask(first)
    turns.ask(second, label)
    turns.ask(third)
    assert seen == []
    turns.serve(lambda: seen.append("go on"))
    qtbot.waitUntil(lambda: "go on" in seen)
    assert seen == ["first", "timer", "second, painting False", "third, painting True", "go on"]
    assert turns.busy


def test_whoever_has_waited_longest_comes_first_after_the_next_chunk(turns: Turns, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gui.turns, "SHARE", 0.02)
    monkeypatch.setattr(gui.turns, "PATIENCE", 100_000)
    turns.follow(False, True)
    seen: list[str] = []

    def slow() -> None:
        time.sleep(0.03)
        seen.append("slow")

    def other() -> None:
        seen.append("other")

    for _ in range(2):
        turns.ask(slow)
        turns.ask(other)
        turns.serve(lambda: seen.append("go on"))
        qtbot.waitUntil(lambda: seen[-1:] == ["go on"])
        seen.append("chunk")
    assert seen == ["slow", "go on", "chunk", "other", "slow", "go on", "chunk"]


def test_at_the_end_of_a_run_everybody_is_still_served_one_by_one(turns: Turns, qtbot: Any) -> None:
    turns.follow(False, True)
    seen: list[int] = []
    turns.ask(lambda: seen.append(1))
    turns.serve(lambda: seen.append(0))
    turns.follow(True, False)
    turns.ask(lambda: seen.append(2))
    assert seen == []
    qtbot.waitUntil(lambda: not turns.busy)
    assert seen == [1, 2], "and no other chunk is begun"


def test_a_view_that_is_closed_meanwhile_is_left_out(turns: Turns, qtbot: Any) -> None:
    turns.follow(False, True)
    gone, seen = QLabel(), list[int]()
    turns.ask(gone.repaint)
    turns.ask(lambda: seen.append(1), gone)
    turns.ask(lambda: seen.append(2))
    delete(gone)
    turns.serve(lambda: seen.append(3))
    qtbot.waitUntil(lambda: seen == [2, 3])


@pytest.fixture
def store(qapp: Any) -> Iterator[Store]:
    with with_worker("xor") as store:
        yield store


def test_while_views_are_served_the_thread_rests(store: Store, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    computing: list[bool] = [False]
    beside: list[bool] = []

    def watched(*arguments: Any, **options: Any) -> Iterator[Chunk]:
        chunks = train(*arguments, **options, chunk_seconds=0.005)
        while True:
            computing[0] = True
            chunk = next(chunks)
            computing[0] = False
            yield chunk

    def view() -> None:
        for _ in range(3):
            time.sleep(0.005)
            beside.append(computing[0])

    monkeypatch.setattr(training, "train", watched)
    store.changed.connect(lambda old, new: store.turns.ask(view))
    store.dispatch(start_training, 10_000_000)
    qtbot.waitUntil(lambda: len(beside) >= 30)
    store.dispatch(stop_training)
    assert not any(beside)


class Knot:
    """An object that only the search for garbage finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def looked_for() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


@pytest.mark.usefixtures("looked_for")
def test_garbage_is_looked_for_in_turns_while_a_run_goes_on(store: Store, qtbot: Any) -> None:
    store.dispatch(start_training, 10_000_000)
    assert not gc.isenabled()
    knot = weakref.ref(Knot())
    qtbot.waitUntil(lambda: knot() is None)
    assert not gc.isenabled()
    store.dispatch(stop_training)
    qtbot.waitUntil(gc.isenabled)


@pytest.mark.usefixtures("looked_for")
def test_old_garbage_is_found_too_but_less_often() -> None:
    garbage, knot = Garbage(), Knot()
    garbage.begin()
    gc.collect(1)
    old = weakref.ref(knot)
    del knot
    garbage.look()
    assert old() is not None
    for _ in range(ALL_EVERY):
        garbage.look()
    assert old() is None
    garbage.end()
    gc.disable()
    garbage.begin()
    garbage.end()
    assert not gc.isenabled(), "where nobody looks for it, nobody begins to"


@pytest.mark.usefixtures("looked_for")
def test_garbage_is_looked_for_where_much_was_made_and_no_run_goes_on() -> None:
    gc.disable()
    garbage = Garbage()
    gc.collect(0)
    knot = weakref.ref(Knot())
    look_where_due()
    assert knot() is not None, "hardly anything was made"
    many = [[] for _ in range(2 * gc.get_threshold()[0])]  # type: ignore[var-annotated]
    garbage.begin()
    look_where_due()
    assert knot() is not None, "a run looks for it in turns"
    garbage.end()
    look_where_due()
    assert knot() is None
    del many


@pytest.mark.usefixtures("looked_for")
def test_python_never_looks_by_itself_in_a_program_that_has_settled(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would do so in any thread, also in one that must not touch what is the window's."""
    monkeypatch.setattr(Garbage, "settled", False)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr("gui.app.RestWatcher", lambda application: None)
    looks: list[int] = []
    monkeypatch.setattr("gui.app.look_where_due", lambda: looks.append(1))
    monkeypatch.setattr("gui.app.LOOK_MS", 5)
    pauses = Pauses(Turns())
    gc.disable()
    settle(pauses)
    assert not gc.isenabled()
    qtbot.waitUntil(lambda: len(looks) > 1)
    pauses.deleteLater()
