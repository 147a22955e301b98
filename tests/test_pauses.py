"""What follows a step a moment later: one piece in a turn, never before the step's own picture, and nobody is forgotten."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QObject

from gui import pauses as module
from gui.pauses import Pauses
from gui.turns import Turns


@pytest.fixture
def pauses(qtbot: Any) -> Pauses:
    return Pauses(Turns())


def test_those_who_ask_are_served_one_by_one_in_their_order(pauses: Pauses, qtbot: Any) -> None:
    served: list[str] = []
    first, second = (lambda: served.append("first")), (lambda: served.append("second"))
    for work in (first, second, first):
        pauses.ask(work)
    assert served == []
    qtbot.waitUntil(lambda: not pauses.busy)
    assert served == ["first", "second"]


def test_a_step_puts_everybody_off_but_not_for_ever(pauses: Pauses, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "perf_counter", lambda: now[0])
    waits: list[int] = []
    monkeypatch.setattr(pauses._timer, "start", waits.append)
    pauses.note_step()
    assert waits == []  # nobody waits
    pauses.ask(lambda: None)
    for _ in range(12):
        now[0] += 0.010
        pauses.note_step()
    assert waits == [16] * 9 + [10, 0, 0, 0]


def test_what_is_taken_back_or_belongs_to_something_deleted_is_not_done(pauses: Pauses, qtbot: Any) -> None:
    served: list[int] = []

    class View(QObject):
        def show(self) -> None:
            served.append(1)

    gone = View()
    work = lambda: served.append(2)  # noqa: E731
    pauses.ask(work)
    pauses.forget(work)
    pauses.ask(gone.show)
    gone.deleteLater()
    qtbot.wait(60)
    assert served == []
    pauses.ask(work)
    pauses.clear()
    qtbot.wait(40)
    assert served == []


def test_beside_a_run_they_are_served_in_its_turns(pauses: Pauses, qtbot: Any) -> None:
    turns, served = pauses._turns, list[int]()
    turns.follow(False, True)
    pauses.ask(lambda: served.append(1))
    assert not pauses.busy
    assert turns.busy
    pauses.ask(lambda: served.append(2), idle=True)
    qtbot.wait(150)
    assert served == [1]
    turns.follow(True, False)
    qtbot.waitUntil(lambda: served == [1, 2])
