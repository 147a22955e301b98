"""A session as text: the unsaved experiment, how its run came about, the cursor and the bookmarks. No Qt; nothing here writes a file.

A run is not written out: the same settings give the same numbers, bit by bit, so its length is enough to have it again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from gui.session.keeping import Bookmark
from gui.state import AppState
from model.evaluation import Split
from model.format.file import ProblemError, dumps, loads, same
from model.problem import Problem
from model.stages import GRANULARITIES
from model.training.schedules import Schedule
from model.training.stopping import StopRule

FORMAT = "deltastep-session/1"


class SessionError(ValueError):
    """A session that cannot be read, with the reason in one sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """What a window had open. length: updates of its run. clean: whether the experiment was as in the file `path`.

    retunes: see `Run`. when: seconds since 1970 at which it was written down.
    """

    problem: Problem
    path: str | None = None
    clean: bool = False
    split: Split = field(default_factory=Split)
    schedule: Schedule = field(default_factory=Schedule)
    stop: StopRule = field(default_factory=StopRule)
    retunes: tuple[tuple[int, float], ...] = ()
    offset: int = 0
    length: int = 1
    step: int = 1
    tick: int = 0
    granularity: str = "layer"
    bookmarks: tuple[Bookmark, ...] = ()
    when: float = 0.0


class Writer:
    """Turns states into text; the experiment is written out only when it is another one."""

    def __init__(self) -> None:
        self._known: tuple[Problem, str, str] | None = None

    def text(self, state: AppState, when: float) -> str:
        """Return a state as a session."""
        run = state.run
        tree = {
            "format": FORMAT, "when": when, "path": state.path, "clean": not state.dirty, "experiment": self._experiment(state),
            "split": asdict(run.split), "schedule": asdict(run.schedule), "stop": asdict(state.stop),
            "retunes": sorted((t, rate) for t, rate in run.retunes.items() if t <= state.run_length), "offset": run.offset,
            "length": state.run_length, "step": state.step, "tick": state.tick, "granularity": state.options.granularity,
            "bookmarks": [asdict(mark) for mark in state.bookmarks],
        }  # fmt: skip
        return json.dumps(tree, ensure_ascii=False)

    def _experiment(self, state: AppState) -> str:
        name = state.options.notation
        if self._known is None or self._known[0] is not state.problem or self._known[1] != name:
            self._known = (state.problem, name, dumps(state.experiment))
        return self._known[2]


def read(text: str) -> Session:
    """Return the session that a text holds. Raises SessionError."""
    try:
        tree = json.loads(text)
        if not isinstance(tree, dict) or tree.get("format") != FORMAT:
            raise SessionError("This is not a session of Deltastep.")
        return Session(
            problem=loads(_text(tree["experiment"]), "the unsaved experiment"),
            path=None if tree["path"] is None else _text(tree["path"]),
            clean=bool(tree["clean"]),
            split=Split(**tree["split"]), schedule=Schedule(**tree["schedule"]), stop=StopRule(**tree["stop"]),
            retunes=tuple((_whole(t), float(rate)) for t, rate in tree["retunes"]), offset=_whole(tree["offset"]),
            length=max(1, _whole(tree["length"])), step=max(1, _whole(tree["step"])), tick=_whole(tree["tick"]),
            granularity=tree["granularity"] if tree["granularity"] in GRANULARITIES else "layer",
            bookmarks=bookmarks(tree["bookmarks"]), when=float(tree["when"]),
        )  # fmt: skip
    except (ProblemError, SessionError) as error:
        raise SessionError(str(error)) from None
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise SessionError(f"This session cannot be read ({error}).") from None


def bookmarks(entries: Any) -> tuple[Bookmark, ...]:
    """Return the bookmarks of a list read from JSON. Raises KeyError, TypeError or ValueError for anything else."""
    return tuple(Bookmark(_whole(e["step"]), _whole(e["tick"]), _text(e["notation"]), _text(e["note"])) for e in entries)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text expected, found {type(value).__name__}")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"a whole number expected, found {value!r}")
    return value


def worth_keeping(state: AppState) -> bool:
    """Whether something would be lost with the window: a changed experiment, or a run that was trained."""
    return state.dirty or state.run.trained


def print_of(problem: Problem) -> str:
    """Return a short name of an experiment's content: the same for the same file, whatever it is called and written in."""
    return hashlib.sha256(dumps(replace(problem, notation="dyda")).encode()).hexdigest()[:32]


def is_content_of(session: Session, problem: Problem) -> bool:
    """Return whether a session's experiment is the one of a file."""
    return same(session.problem, problem)
