"""Between the state and the `session` of a problem file, and the same file with a few words around it as unsaved work. No Qt.

A run is not written out: its losses and a few checkpoints are enough to have every update of it again, bit by bit.
"""

from __future__ import annotations

import hashlib
import json
import weakref
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gui.session.keeping import Bookmark, KeptRun
from gui.state import AppState
from model.format.checks import RefusedError
from model.format.file import ProblemError, dumps, loads_document, same
from model.format.fitting import changed_problem, changes_of, fingerprint
from model.format.session import EarlierRun, Session, saved_run
from model.format.writer import tree_of, with_session
from model.problem import Problem, frozen

FORMAT = "deltastep-session/2"
LONGEST_HEAD, LONGEST_TITLE = 16_000, 200  # bytes in which the head of a file ends, whatever its path; characters of a title in it


class SessionError(ValueError):
    """Unsaved work that cannot be read, with the reason in one sentence."""


class MisfitError(ValueError):
    """A session that belongs to another experiment."""


def worth_saving(state: AppState) -> bool:
    """Whether there is anything to keep beside the experiment: how far the walk has come, marks, earlier runs, settings of training."""
    run = state.run
    settings = run.split.share or run.schedule.kind != "constant" or state.stop.active or run.offset
    return bool(state.run_length > 1 or state.tick or state.bookmarks or state.kept or settings)


def session_of(state: AppState, saved: Problem) -> Session:
    """Return what is kept of a state beside the experiment `saved`, as it stands in the file."""
    tree = tree_of(saved) if state.kept else {}
    return Session(
        fingerprint(saved),
        saved_run(state.run, state.run_length, state.step),
        state.stop, state.step, state.tick, state.options.granularity, state.bookmarks,
        tuple(_earlier(one, saved, tree) for one in state.kept),
    )  # fmt: skip


def _earlier(one: KeptRun, saved: Problem, tree: dict[str, object]) -> EarlierRun:
    changes, without = changes_of(one.problem, saved, tree)
    stride = int(one.steps[1] - one.steps[0]) if len(one.steps) > 1 else one.length
    return EarlierRun(changes, without, one.split, one.schedule, one.offset, one.length, stride, one.losses)


def with_work(state: AppState, session: Session) -> AppState:
    """Return a freshly opened experiment with its session. Raises MisfitError where they do not belong together."""
    problem = state.problem
    if session.experiment != fingerprint(problem):
        raise MisfitError("The experiment in this file is not the one that the saved run belongs to, so it was opened without the run.")
    try:
        run = session.run.take_up(problem)
        earlier = _kept_runs(session, problem)
    except (ValueError, RefusedError):
        raise MisfitError("The run saved in this file does not fit the experiment, so it was opened without the run.") from None
    length = session.run.length
    options = replace(state.options, granularity=session.granularity)
    return replace(
        state, run=run, run_length=length, step=min(session.step, length), tick=session.tick, options=options, stop=session.stop,
        bookmarks=session.bookmarks, kept=earlier,
    )  # fmt: skip


def _kept_runs(session: Session, problem: Problem) -> tuple[KeptRun, ...]:
    tree = tree_of(replace(problem, expected=())) if session.earlier else {}
    return tuple(
        KeptRun(
            changed_problem(problem, tree, one.changes, one.without), one.schedule, one.split, one.offset, one.length,
            frozen(np.arange(1, one.length + 1, one.stride)), one.losses, _gone,
        )
        for one in session.earlier
    )  # fmt: skip


class _Nothing:
    """What a reference to a run that is in no memory points to."""


_gone: Any = weakref.ref(_Nothing())


@dataclass(frozen=True, slots=True)
class Head:
    """What stands first in a file of unsaved work, to be read without the rest: see `Left`. length: number of updates of its run.

    title: None where the file does not say it there, as those of earlier versions.
    """

    when: float
    title: str | None = None
    path: str | None = None
    length: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Left:
    """What a window had open. session: None where there was nothing but the experiment.

    clean: whether the experiment was as in the file `path`. when: seconds since 1970 at which it was written down.
    """

    problem: Problem
    path: str | None = None
    clean: bool = False
    when: float = 0.0
    session: Session | None = None

    @property
    def head(self) -> Head:
        """What stands first in its file."""
        length = 1 if self.session is None else self.session.run.length
        return Head(self.when, self.problem.title[:LONGEST_TITLE], self.path, length)


def left_of(state: AppState, when: float) -> Left:
    """Return what a window has open, as it would be saved now; nothing of it changes when the run goes on."""
    problem = state.experiment
    return Left(problem, state.path, not state.dirty, when, session_of(state, problem) if worth_saving(state) else None)


class Writer:
    """Turns what is left into text; the experiment is written out only when it is another one."""

    def __init__(self) -> None:
        self._known: tuple[Problem, str] | None = None

    def text(self, left: Left) -> str:
        """Return unsaved work: the problem file as it would be saved, and where it belongs."""
        document = with_session(self._experiment(left.problem), left.session)
        head = {"format": FORMAT, "when": left.when, "title": left.head.title, "length": left.head.length, "path": left.path}
        return json.dumps(head | {"clean": left.clean, "document": document}, ensure_ascii=False)

    def _experiment(self, problem: Problem) -> str:
        if self._known is None or self._known[0] is not problem:
            self._known = (problem, dumps(problem))
        return self._known[1]


def head_of(text: str) -> Head:
    """Return what stands first in unsaved work, of which `text` is the beginning. Raises SessionError."""
    try:
        tree = json.loads(text.partition(', "document": ')[0] + "}")  # within a string the marks would have a backslash
        _check_format(tree)
        title, path = (None if tree.get(name) is None else _text(tree[name]) for name in ("title", "path"))
        return Head(float(tree["when"]), title, path, _whole(tree.get("length", 1)))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise SessionError(f"This unsaved work cannot be read ({error}).") from None


def _check_format(tree: Any) -> None:
    if not isinstance(tree, dict) or tree.get("format") != FORMAT:
        raise SessionError("This is no unsaved work of Deltastep.")


def read(text: str) -> Left:
    """Return the unsaved work that a text holds. Raises SessionError."""
    try:
        tree = json.loads(text)
        _check_format(tree)
        problem, session = loads_document(_text(tree["document"]), "the unsaved experiment")
        path = None if tree["path"] is None else _text(tree["path"])
        return Left(problem, path, bool(tree["clean"]), float(tree["when"]), session)
    except (ProblemError, SessionError) as error:
        raise SessionError(str(error)) from None
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise SessionError(f"This unsaved work cannot be read ({error}).") from None


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
    """Whether something would be lost with the window: a changed experiment, or what was trained, set or marked since it was saved."""
    return state.dirty or state.work != state.saved_work


def print_of(problem: Problem) -> str:
    """Return a short name of an experiment's content: the same for the same file, whatever it is called and written in."""
    return hashlib.sha256(dumps(replace(problem, notation="dyda", notation_profile=None)).encode()).hexdigest()[:32]


def is_content_of(left: Left, problem: Problem) -> bool:
    """Return whether the experiment that was left is the one of a file."""
    return same(left.problem, problem)
