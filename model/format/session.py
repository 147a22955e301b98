"""The key `session` of a problem file: how a run came about and what it left behind, bookmarks, earlier runs, the cursor.

It changes no figure of the experiment: `verify` and the other verbs check it and pass it by. Long rows of numbers are written as
base64 of little-endian float64, which keeps every bit and infinite losses too.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np

from model.evaluation import Split
from model.history import History
from model.optimizers import SLOT_NAMES, OptimizerState
from model.parameters import layer_slices
from model.problem import Array, Problem
from model.run import Run
from model.stages import Granularity
from model.training.schedules import Schedule
from model.training.stopping import StopRule


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A place of the run: update `step`, and `tick` in the walk of the notation it was made in."""

    step: int
    tick: int
    notation: str
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class SavedRun:
    """A run as it can be taken up again; the names are those of `Run`. plan: see `Run.plan`."""

    history: History
    split: Split = field(default_factory=Split)
    schedule: Schedule = field(default_factory=Schedule)
    plan: Mapping[int, float] = field(default_factory=dict)
    offset: int = 0
    scheduled: int = 0
    begun: OptimizerState | None = None

    @property
    def length(self) -> int:
        """Number of updates."""
        return len(self.history.losses)

    def take_up(self, problem: Problem) -> Run:
        """Return the run of an experiment, ready at every update. Raises ValueError where it is not a run of this experiment."""
        n = layer_slices(problem.layers, problem.has_biases)[-1].stop
        slots = self.begun.slots if self.begun else ()
        if self.begun and (len(slots) != len(SLOT_NAMES[problem.optimizer.name]) or any(len(slot) != n for slot in slots)):
            raise ValueError("this optimiser state does not fit the experiment")
        run = Run(
            problem, split=self.split, schedule=self.schedule, planned=self.plan, offset=self.offset, begun=self.begun,
            scheduled=self.scheduled,
        )  # fmt: skip
        run.resume(self.history)
        first, again = self.history.losses[0], run.record(1).loss
        if not np.isclose(first, again, rtol=1e-9, atol=0.0, equal_nan=True):
            raise ValueError("these losses do not fit the experiment")
        return run


def saved_run(run: Run, length: int, at: int = 1) -> SavedRun:
    """Return the first `length` updates of a run as they can be taken up again, most readily at update `at`."""
    return SavedRun(run.history(length, at=at), run.split, run.schedule, run.plan(), run.offset, run.scheduled, run.begun)


@dataclass(frozen=True, slots=True, eq=False)
class EarlierRun:
    """The losses of a run that was left: of the updates 1, 1 + stride, 1 + 2·stride, … up to `length`.

    changes, without: keys of the problem file in which its experiment differs from the file's, and those that it does not have.
    """

    changes: Mapping[str, object]
    without: tuple[str, ...]
    split: Split
    schedule: Schedule
    offset: int
    length: int
    stride: int
    losses: Array


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """What a window keeps beside the experiment. experiment: `fingerprint` of the one it belongs to. earlier: oldest first."""

    experiment: str
    run: SavedRun
    stop: StopRule = field(default_factory=StopRule)
    step: int = 1
    tick: int = 0
    granularity: Granularity = "layer"
    bookmarks: tuple[Bookmark, ...] = ()
    earlier: tuple[EarlierRun, ...] = ()


def session_tree(session: Session) -> dict[str, object]:
    """Return the JSON value of the key `session`."""
    run = session.run
    here = {} if run.history.here is None else {"here": {"update": run.history.here[0], "state": _base64(run.history.here[1])}}
    begun = None if run.begun is None else {"updates": run.begun.t, "vectors": [packed(slot) for slot in run.begun.slots]}
    return {
        "experiment": session.experiment,
        "run": {
            "length": run.length, **_ways(run.split, run.schedule), "rates": [[t, rate] for t, rate in sorted(run.plan.items())],
            "offset": run.offset, "scheduled": run.scheduled, "optimizer_state": begun, "interval": run.history.interval,
            "diverged": None if run.history.divergence is None else asdict(run.history.divergence),
            "losses": packed(run.history.losses), "checkpoints": _base64(b"".join(run.history.checkpoints)),
            **here,
        },
        "stop": asdict(session.stop),
        "cursor": {"step": session.step, "tick": session.tick, "granularity": session.granularity},
        "bookmarks": [asdict(mark) for mark in session.bookmarks],
        "earlier_runs": [_earlier_tree(run) for run in session.earlier],
    }  # fmt: skip


def _ways(split: Split, schedule: Schedule) -> dict[str, object]:
    lots = {} if split.lots is None else {"lots": list(split.lots)}
    return {"split": {"share": split.share, "seed": split.seed, **lots}, "schedule": asdict(schedule)}


def _earlier_tree(run: EarlierRun) -> dict[str, object]:
    return {
        "changes": dict(run.changes), "without": list(run.without), **_ways(run.split, run.schedule), "offset": run.offset,
        "length": run.length, "stride": run.stride, "losses": packed(run.losses),
    }  # fmt: skip


def packed(values: Array) -> str:
    """Return numbers as base64 of little-endian float64."""
    return _base64(values.astype("<f8").tobytes())


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
