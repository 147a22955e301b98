"""Which symbols are set first, beside the window: those on screen, and while a run goes on no others."""

from __future__ import annotations

import threading
from itertools import count
from typing import Any

import pytest

from gui.formula import typeset
from gui.formula.atoms import AtomLoader

NUMBERS = count()  # in names that no other test has had set


def test_symbols_on_screen_are_set_before_those_of_steps_to_come(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    go, done = threading.Event(), list[str]()

    def slow(latex: str) -> typeset.Atom:
        assert go.wait(10)
        done.append(latex)
        return typeset.Atom((), 1.0, 1.0, 0.0)

    monkeypatch.setattr(typeset, "_set", slow)
    first, second, coming, urgent = names = [f"\\eta_{{{next(NUMBERS)}7}}" for _ in range(4)]
    loader = AtomLoader()
    loader.want(first)
    loader.want(second)
    loader.warm_up([coming, urgent])
    loader.want(urgent)
    with qtbot.waitSignals([loader.arrived] * 5):
        go.set()
    assert done == [urgent, second, first, coming]
    assert set(done) == set(names)
    loader.stop()


def test_while_a_run_goes_on_only_what_is_on_screen_is_set(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def quick(latex: str) -> typeset.Atom:
        done.append(latex)
        return typeset.Atom((), 1.0, 1.0, 0.0)

    monkeypatch.setattr(typeset, "_set", quick)
    coming, seen = (f"\\theta_{{{next(NUMBERS)}7}}" for _ in range(2))
    loader = AtomLoader()
    loader.rest(True)
    loader.warm_up([coming])
    loader.want(seen)
    with qtbot.waitSignal(loader.arrived):
        pass
    assert done == [seen]
    with qtbot.waitSignal(loader.arrived):
        loader.rest(False)
    assert done == [seen, coming]
    loader.stop()
