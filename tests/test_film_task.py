"""A film made beside a window: it comes to its end, it can be cancelled, and a failure is said in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gui.film.task import FilmTask
from model.examples import open_problem
from model.film import FilmSettings

PROBLEM = open_problem("dyda-sigmoid")
SMALL = FilmSettings(width=320, seconds=0.3, fps=10)


def test_the_film_is_made_while_events_are_answered(qtbot: Any, tmp_path: Path) -> None:
    task = FilmTask(PROBLEM, tmp_path / "a.gif", SMALL)
    told: list[tuple[int, int]] = []
    task.progressed.connect(lambda done, total: told.append((done, total)))
    with qtbot.waitSignal(task.ended, timeout=60_000) as ended:
        task.start()
        assert told == []
    assert ended.args == [""]
    assert (len(told) > 3, told == sorted(told), task.running) == (True, True, False)
    assert (tmp_path / "a.gif").read_bytes()[:3] == b"GIF"


def test_cancelling_is_at_once_and_leaves_nothing(qtbot: Any, tmp_path: Path) -> None:
    task = FilmTask(PROBLEM, tmp_path / "a.webp", SMALL)
    ended: list[str] = []
    task.ended.connect(ended.append)
    with qtbot.waitSignal(task.progressed, timeout=60_000):
        task.start()
    task.cancel()
    task.cancel()
    qtbot.wait(50)
    assert (list(tmp_path.iterdir()), ended, task.running) == ([], [], False)


@pytest.mark.parametrize(("name", "said"), [("a.avi", "allowed: .gif"), ("nowhere/a.gif", "nowhere/a.gif: this cannot be written")])
def test_a_failure_is_one_sentence(qtbot: Any, tmp_path: Path, name: str, said: str) -> None:
    task = FilmTask(PROBLEM, tmp_path / name, SMALL)
    with qtbot.waitSignal(task.ended, timeout=60_000) as ended:
        task.start()
    assert said in ended.args[0]
    assert list(tmp_path.iterdir()) == []
