"""The store under anything a user may do, in any order: what stands at the cursor is always what a fresh computation gives."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PySide6.QtGui import QUndoStack
from session_helpers import train_on

from gui import actions, edits
from gui.session.actions import branch
from gui.state import AppState, initial_state, moment_of
from gui.store import Store
from model.examples import open_problem
from model.format.file import load, same, save
from model.stages import GRANULARITIES, Ref
from model.training.loop import train

EXAMPLES = ("dyda-sigmoid", "jacob", "biswas-figure-1", "soletskyi", "xor")
NUMBERS = st.floats(-2, 2, allow_nan=False)


class AnyUse(RuleBasedStateMachine):
    """Steps, seeks, edits, undo, training, other granularities and notations, save and load."""

    @initialize(name=st.sampled_from(EXAMPLES))
    def open(self, name: str) -> None:
        self.store = Store(initial_state(open_problem(name), name))
        self.seen: list[tuple[AppState, AppState]] = []
        self.store.changed.connect(lambda old, new: self.seen.append((old, new)))

    @property
    def state(self) -> AppState:
        return self.store.state

    @rule(forwards=st.booleans(), times=st.integers(1, 9))
    def step(self, forwards: bool, times: int) -> None:
        for _ in range(times):
            self.store.dispatch(actions.step if forwards else actions.back)

    @rule(step=st.integers(0, 40), tick=st.integers(-5, 300))
    def seek(self, step: int, tick: int) -> None:
        self.store.dispatch(actions.seek, step, tick)

    @rule(action=st.sampled_from([actions.first, actions.end_of_update, actions.next_update, actions.previous_update]))
    def jump(self, action: object) -> None:
        self.store.dispatch(action)  # type: ignore[arg-type]

    @rule()
    def reset(self) -> None:
        self.store.edit("reset", actions.reset)

    @rule(name=st.sampled_from(GRANULARITIES))
    def choose_granularity(self, name: str) -> None:
        self.store.dispatch(actions.set_granularity, name)

    @rule(name=st.sampled_from(["dyda", "biswas", "jacob", "theta", "soletskyi"]))
    def choose_notation(self, name: str) -> None:
        before = self.store.moment.record
        self.store.dispatch(actions.set_notation, name)
        assert self.store.moment.record is before

    @rule(layer=st.integers(1, 3), value=NUMBERS)
    def edit_weight(self, layer: int, value: float) -> None:
        ref = Ref("W", min(layer, self.state.problem.depth), 0, 0)
        refused = self.store.edit("weight", edits.edit_number, ref, value)
        assert bool(refused) == (self.state.step > 1)

    @rule(value=NUMBERS)
    def edit_input(self, value: float) -> None:
        place = (self.state.step, self.state.tick)
        assert not self.store.edit("input", edits.edit_number, Ref("x", 0, 0), value)
        assert (self.state.step, self.state.tick) == place

    @rule(rate=st.sampled_from([0.0, 0.1, 1.0, None]))
    def set_rate(self, rate: float | None) -> None:
        self.store.edit("rate", edits.set_learning_rate, rate)

    @rule(name=st.sampled_from(["sgd", "sgd_momentum", "adam"]), reduction=st.sampled_from(["sum", "mean"]))
    def set_conventions(self, name: str, reduction: str) -> None:
        self.store.edit("rule", edits.set_optimizer, name)
        self.store.edit("reduction", edits.set_convention, batch_reduction=reduction)

    @rule(layer=st.integers(0, 3), units=st.integers(1, 4))
    def resize(self, layer: int, units: int) -> None:
        self.store.edit("size", edits.resize_layer, min(layer, self.state.problem.depth), units)

    @rule()
    def branch(self) -> None:
        self.store.edit("branch", branch)

    @rule(undo=st.booleans())
    def undo_or_redo(self, undo: bool) -> None:
        stack: QUndoStack = self.store.undo_stack
        (stack.undo if undo else stack.redo)()

    @rule(updates=st.integers(1, 30))
    @precondition(lambda self: self.state.problem.learning_rate is not None)
    def train(self, updates: int) -> None:
        """What the thread does, without the thread."""
        assert not self.store.dispatch(actions.start_training, updates)
        run = self.state.run
        start = run.length + 1
        for chunk in train(run.problem, *run.state(start), start, updates=updates, samples=run.samples, offset=run.offset):
            run.append(chunk)
            self.store.dispatch(actions.extend, run.length, 1)
        self.store.dispatch(actions.stop_training)

    @rule()
    def save_and_open(self) -> None:
        with TemporaryDirectory() as folder:
            path = str(Path(folder) / "experiment.json")
            save(self.state.experiment, path)
            self.store.dispatch(actions.mark_saved, path)
            assert not self.state.dirty
            opened = load(path)
        assert same(opened, self.state.experiment)
        self.store.exchange("opening", actions.open_problem, opened, path)
        assert (self.state.step, self.state.tick) == (1, 0)

    @invariant()
    def cursor_is_somewhere(self) -> None:
        state = self.state
        assert 1 <= state.step <= state.run_length <= state.run.length
        assert 0 <= state.tick <= moment_of(state).walk.total

    @invariant()
    def numbers_are_those_of_a_fresh_computation(self) -> None:
        record, fresh = self.store.moment.record, self.state.run.again().record(self.state.step)
        assert record.problem is self.state.problem
        for mine, again in ((record.params.theta, fresh.params.theta), (record.a[-1], fresh.a[-1]), (record.dW[0], fresh.dW[0])):
            assert np.array_equal(mine, again, equal_nan=True)
        assert np.array_equal(record.loss, fresh.loss, equal_nan=True)

    @invariant()
    def every_change_was_announced_once(self) -> None:
        for (_, new), (old, _) in zip(self.seen, self.seen[1:], strict=False):
            assert new is old
        assert not self.seen or self.seen[-1][1] is self.state


AnyUse.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)


@pytest.mark.usefixtures("qapp")
class TestAnyUse(AnyUse.TestCase):  # type: ignore[name-defined,misc]
    """Runs the machine with an application at hand."""


@pytest.mark.usefixtures("qapp")
def test_undo_brings_experiment_and_run_back_and_moves_no_cursor() -> None:
    store = Store(initial_state(open_problem("dyda-sigmoid"), "dyda-sigmoid"))
    for _ in range(5):
        store.dispatch(actions.step)
    old = store.state
    assert store.edit("weight", edits.edit_number, Ref("W", 1, 0, 0), 2.0) == ""
    assert store.state.dirty
    for _ in range(3):
        store.dispatch(actions.step)
    store.dispatch(actions.ask, Ref("net", 1, 0))
    here = place_and_choice(store)
    store.undo_stack.undo()
    assert store.state.problem is old.problem
    assert store.state.run is old.run
    assert place_and_choice(store) == here
    assert not store.state.dirty
    store.undo_stack.redo()
    assert place_and_choice(store) == here
    assert store.moment.record.params.W[0][0, 0] == 2.0


def place_and_choice(store: Store) -> tuple[object, ...]:
    return store.state.step, store.state.tick, store.state.selection, store.state.trail


@pytest.mark.usefixtures("qapp")
def test_a_walk_that_has_gone_on_by_hand_stays_where_it_is_in_the_experiment_before() -> None:
    store = Store(initial_state(open_problem("dyda-sigmoid"), "dyda-sigmoid"))
    store.edit("weight", edits.edit_number, Ref("W", 1, 0, 0), 2.0)
    for _ in range(3):
        store.dispatch(actions.end_of_update)
    store.undo_stack.undo()
    assert (store.state.step, store.state.tick) == (3, store.moment.walk.total)


@pytest.mark.usefixtures("qapp")
def test_undo_of_what_moved_the_cursor_takes_it_back() -> None:
    store = Store(initial_state(open_problem("dyda-sigmoid"), "dyda-sigmoid"))
    for _ in range(5):
        store.dispatch(actions.step)
    old = store.state
    store.edit("layer", edits.add_layer, 2)
    store.undo_stack.undo()
    assert (store.state.step, store.state.tick) == (old.step, old.tick)


@pytest.mark.usefixtures("qapp")
def test_a_run_that_was_reset_comes_back_with_undo_and_a_later_one_with_redo() -> None:
    store = Store(initial_state(open_problem("xor"), "xor"))
    store.dispatch(train_on, 200)
    store.dispatch(actions.seek, 120, 3)
    old = store.state
    store.edit("reset", actions.reset)
    assert (store.state.run_length, store.state.step) == (1, 1)
    store.dispatch(train_on, 50)
    again = store.state
    store.undo_stack.undo()
    assert (store.state.run, store.state.run_length) == (old.run, 201)
    assert (store.state.step, store.state.tick) == (120, 3)
    store.undo_stack.redo()
    assert (store.state.run, store.state.run_length) == (again.run, 51)


@pytest.mark.usefixtures("qapp")
def test_there_is_nothing_to_undo_where_nothing_was_trained() -> None:
    store = Store(initial_state(open_problem("xor"), "xor"))
    store.dispatch(actions.step)
    store.edit("reset", actions.reset)
    assert store.state.tick == 0
    assert not store.undo_stack.canUndo()


@pytest.mark.usefixtures("qapp")
def test_opening_is_undone_and_what_was_open_is_found_as_it_was_left() -> None:
    store = Store(initial_state(open_problem("xor"), "xor"))
    store.edit("rate", edits.set_learning_rate, 0.3)
    store.dispatch(train_on, 60)
    store.dispatch(actions.set_decimals, 3)
    store.dispatch(actions.seek, 40, 5)
    left = store.state
    assert store.exchange("opening of Jacob", actions.open_problem, open_problem("jacob"), "jacob") == ""
    assert not store.state.unsaved
    assert store.left_unsaved == (left.problem.title,)
    store.edit("weight", edits.edit_number, Ref("W", 1, 0, 0), 2.0)
    store.dispatch(actions.step)
    changed = store.state
    store.undo_stack.undo()
    assert not store.state.unsaved
    assert store.undo_stack.undoText() == "opening of Jacob"
    store.undo_stack.undo()
    there = store.state
    assert store.left_unsaved == ()  # it is the present one, whose own changes are asked about
    for field in ("problem", "run", "run_length", "step", "tick", "path", "saved", "dirty", "work", "notation", "kept"):
        assert getattr(there, field) == getattr(left, field), field
    assert there.options == left.options
    for _ in range(2):
        store.undo_stack.redo()
    assert (store.state.problem, store.state.run, store.state.path) == (changed.problem, changed.run, "jacob")
    store.undo_stack.setIndex(0)
    assert (store.state.dirty, store.state.problem) == (False, store.state.saved)


@pytest.mark.usefixtures("qapp")
def test_a_document_that_was_saved_stays_saved_when_it_is_opened_again_by_redo(tmp_path: Path) -> None:
    store = Store(initial_state(open_problem("xor"), "xor"))
    store.exchange("opening of Jacob", actions.open_problem, open_problem("jacob"), "jacob")
    store.dispatch(actions.mark_saved, str(tmp_path / "mine.json"))
    store.undo_stack.undo()
    assert store.state.path == "xor"
    store.undo_stack.redo()
    assert store.state.path == str(tmp_path / "mine.json")


@pytest.mark.usefixtures("qapp")
def test_a_refusal_changes_nothing_and_says_why() -> None:
    store = Store(initial_state(open_problem("dyda-sigmoid"), "dyda-sigmoid"))
    old = store.state
    assert "output layer" in store.edit("activation", edits.set_activation, 1, "softmax")
    assert store.state is old
    assert not store.undo_stack.canUndo()


@pytest.mark.usefixtures("qapp")
def test_what_is_derived_is_made_once_for_a_moment() -> None:
    store = Store(initial_state(open_problem("dyda-sigmoid"), "dyda-sigmoid"))
    moment, explanation = store.moment, store.explanation
    store.dispatch(actions.hover, Ref("W", 1, 0, 0))
    assert store.moment is moment
    assert store.explanation is explanation
    store.dispatch(actions.step)
    assert store.moment is not moment
