"""Stores with runs: trained by a thread or without it, and one as people make them, with rates, a branch, an earlier run, marks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from run_helpers import trained

from gui import actions, edits
from gui.session.actions import add_bookmark, branch
from gui.state import AppState, initial_state
from gui.store import Store
from gui.training.worker import TrainingWorker
from model.evaluation import Split
from model.examples import open_problem
from model.problem import Init, Optimizer, Problem
from model.training.schedules import Schedule
from model.training.stopping import StopRule

MOONS = Problem(
    (2, 3, 1), ("tanh", "sigmoid"), "binary_cross_entropy", init=Init("xavier_uniform", 2), learning_rate=0.05, title="Moons",
    dataset={"name": "moons", "samples": 40, "noise": 0.2}, batch_size=7, shuffle_seed=3, optimizer=Optimizer("adam"),
)  # fmt: skip


@contextmanager
def with_worker(example: str) -> Iterator[Store]:
    """A store whose runs a thread computes, as in the window."""
    store = Store(initial_state(open_problem(example), example))
    worker = TrainingWorker(store)
    try:
        yield store
    finally:
        worker.stop()


def train_on(state: AppState, updates: int) -> AppState:
    """What the thread does, without the thread."""
    run = trained(state.run, updates)
    return actions.extend(actions.start_training(state, 1), run.length, 0)


def rich() -> AppState:
    """A run with held-out samples, a schedule, two learning rates by hand, a branch, an earlier run, marks and a stop rule."""
    split, schedule = Split(0.25, 4, (*range(20, 40), *range(20))), Schedule("step", every=30, factor=0.5)
    store = Store(edits.set_problem(initial_state(MOONS), MOONS, split=split, schedule=schedule))
    store.dispatch(train_on, 50)
    store.state.run.retune(0.2)
    store.dispatch(train_on, 150)
    store.dispatch(actions.seek, 120, 0)
    store.edit("branch", branch)
    store.edit("l2", edits.set_convention, l2=0.01)
    store.dispatch(train_on, 90)
    store.state.run.retune(0.1)
    store.dispatch(train_on, 300)
    store.state.run.retune(0.07)
    store.dispatch(actions.seek, 33, 7)
    store.dispatch(add_bookmark, "slope")
    store.dispatch(actions.set_granularity, "term")
    store.dispatch(actions.set_stop, StopRule(target=1e-6, patience=12))
    store.dispatch(actions.seek, 300, 11)
    return store.state
