"""Cursor, options and edits as pure functions: what stepping, seeking and editing do to the state."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gui import actions, edits
from gui.actions import Refusal
from gui.state import AppState, initial_state, moment_of, theme_of, walk_of
from gui.store import Store
from gui.theme import DARK, LIGHT, PROJECTOR
from model.examples import example_names, open_problem
from model.format.file import dumps, loads, same
from model.problem import Array, replace
from model.stages import GRANULARITIES, Granularity, Ref


def opened(name: str = "dyda-sigmoid") -> AppState:
    return initial_state(open_problem(name), name)


def place(state: AppState) -> tuple[int, int]:
    return state.step, state.tick


def times(state: AppState, action: Callable[[AppState], AppState], n: int) -> AppState:
    for _ in range(n):
        state = action(state)
    return state


def test_a_fresh_experiment_stands_before_its_first_step_in_its_own_notation() -> None:
    state = opened("jacob")
    assert place(state) == (1, 0)
    assert (state.options.notation, state.options.fmt.decimals) == ("jacob", 2)
    assert not state.dirty


@pytest.mark.parametrize("name", example_names())
@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_stepping_back_returns_through_the_same_moments(name: str, granularity: Granularity) -> None:
    state = actions.set_granularity(opened(name), granularity)
    visited = [place(state)]
    for _ in range(40):
        state = actions.step(state)
        visited.append(place(state))
    for expected in reversed(visited[:-1]):
        state = actions.back(state)
        assert place(state) == expected
    assert place(actions.back(state)) == (1, 0)


def test_after_the_last_piece_of_an_update_comes_the_first_of_the_next() -> None:
    state = actions.end_of_update(opened())
    assert state.tick == walk_of(state).total
    after = actions.step(state)
    assert (after.step, after.run_length) == (2, 2)
    assert after.tick == walk_of(after).next(0, "layer")
    assert np.array_equal(after.run.record(2).params.theta, after.run.record(1).new_params.theta)  # type: ignore[union-attr]


def test_without_a_learning_rate_the_walk_ends_with_the_gradients() -> None:
    state = edits.set_learning_rate(opened(), None)
    end = actions.end_of_update(actions.set_playing(state, True))
    assert place(actions.end_of_update(end)) == place(actions.step(end)) == place(end)
    assert not actions.step(end).playing, "the player has nothing left to play"
    with pytest.raises(Refusal, match="learning rate"):
        actions.start_training(end, 10)


def test_home_goes_to_the_start_of_the_update_and_then_of_the_run() -> None:
    state = actions.step(actions.seek(times(opened(), actions.end_of_update, 4), 3, 7))
    assert place(actions.first(state)) == (3, 0)
    assert place(actions.first(actions.first(state))) == (1, 0)


def test_seeking_stays_within_what_there_is() -> None:
    state = times(opened(), actions.end_of_update, 3)
    assert place(actions.seek(state, 99, 10**6)) == (3, walk_of(state).total)
    assert place(actions.seek(state, -1, -5)) == (1, 0)
    assert place(actions.seek_address(state, "delta:2")) == (3, 22)
    with pytest.raises(Refusal, match="allowed"):
        actions.seek_address(state, "delta:9")


@pytest.mark.parametrize("name", ["dyda", "biswas", "jacob", "theta", "soletskyi"])
def test_another_notation_shows_the_same_quantity(name: str) -> None:
    state = times(opened(), actions.step, 7)
    there = actions.set_notation(state, name)
    before, after = moment_of(state).stage, moment_of(there).stage
    assert before is not None
    assert after is not None
    assert ("delta", 2) in after.reveals
    assert there.run is state.run
    assert actions.set_notation(there, "dyda").tick == state.tick
    assert there.dirty == (name != "dyda")


def test_every_moment_has_a_place_in_every_notation() -> None:
    for name in example_names():
        state = opened(name)
        for _ in range(30):
            state = actions.step(state)
            for notation in ("dyda", "biswas", "jacob", "theta", "soletskyi"):
                there = actions.set_notation(state, notation)
                assert 0 < there.tick <= walk_of(there).total


def test_another_granularity_moves_nothing() -> None:
    state = times(opened(), actions.step, 5)
    for granularity in GRANULARITIES:
        assert place(actions.set_granularity(state, granularity)) == place(state)
    with pytest.raises(Refusal, match="allowed"):
        actions.set_granularity(state, "atom")  # type: ignore[arg-type]


def test_an_edited_weight_changes_the_numbers_and_not_the_cursor() -> None:
    state = times(opened(), actions.step, 20)
    changed = edits.edit_number(actions.seek(state, 1, 22), Ref("W", 1, 1, 0), 0.75)
    assert place(changed) == (1, 22)
    assert changed.run.record(1).params.W[0][1, 0] == 0.75
    assert changed.run.record(1).loss != state.run.record(1).loss
    assert state.run.record(1).params.W[0][1, 0] == 0.5, "the old state is as it was"
    assert changed.dirty
    with pytest.raises(Refusal, match="update 1"):
        edits.edit_number(state, Ref("W", 1, 1, 0), 1.0)
    with pytest.raises(Refusal, match="follows from the others"):
        edits.edit_number(state, Ref("z", 1, 1), 1.0)


def test_inputs_and_targets_of_the_shown_sample_are_edited() -> None:
    state = actions.set_sample(opened("xor"), 2)
    changed = edits.edit_number(edits.edit_number(state, Ref("a", 0, 1), 0.25), Ref("y", 0, 0, None, 3), 0.5)
    assert changed.problem.x is not None
    assert changed.problem.y is not None
    assert changed.problem.x[2, 1] == 0.25
    assert changed.problem.y[3, 0] == 0.5


def test_a_later_update_stays_in_view_when_the_learning_rate_changes() -> None:
    state = times(opened(), actions.end_of_update, 5)
    changed = edits.set_learning_rate(state, 0.2)
    assert place(changed) == place(state)
    assert changed.run.losses[1] != state.run.losses[1]


def test_resizing_keeps_what_can_be_kept() -> None:
    state = opened()
    old = state.problem
    grown = edits.resize_layer(state, 1, 4).problem
    assert grown.weights is not None
    assert old.weights is not None
    assert grown.biases is not None
    assert np.array_equal(grown.weights[0][:2], old.weights[0])
    assert np.array_equal(grown.weights[1][:, :2], old.weights[1])
    assert [b.shape for b in grown.biases] == [(4,), (2,)]
    more_inputs = edits.resize_layer(state, 0, 3).problem
    assert more_inputs.x is not None
    assert np.array_equal(more_inputs.x, [[1, 0, 0]])
    deeper = edits.add_layer(state, 3, "tanh")
    assert (deeper.problem.layers, deeper.problem.activations) == ((2, 2, 3, 2), ("sigmoid", "tanh", "sigmoid"))
    assert np.array_equal(deeper.problem.weights[0], old.weights[0])  # type: ignore[index]
    back = edits.remove_layer(deeper, 2).problem
    assert back.layers == old.layers
    same_width = edits.add_layer(state, 2)
    for changed in (same_width.problem, edits.remove_layer(same_width, 2).problem):
        assert np.array_equal(changed.weights[-1], old.weights[-1]), "what still fits above the new layer stays"  # type: ignore[index]
    with pytest.raises(Refusal, match="cannot be removed"):
        edits.remove_layer(state, 2)
    with pytest.raises(Refusal, match="allowed: 1 to"):
        edits.resize_layer(state, 1, 0)


def test_biases_come_back_as_they_were() -> None:
    state = opened()
    old = state.problem.biases
    assert old is not None
    without = edits.set_biases(state, present=False)
    assert_same_biases(edits.set_biases(without, present=True), old)
    wider = edits.set_biases(edits.resize_layer(without, 1, 3), present=True).problem.biases
    assert wider is not None
    assert [list(b) for b in wider] == [[0, 0, 0], list(old[1])], "a layer of another size starts at 0"
    deeper = edits.set_biases(edits.add_layer(without, 3), present=True).problem.biases
    assert deeper is not None
    assert [len(b) for b in deeper] == [2, 3, 2]
    uneven = edits.set_biases(edits.edit_number(state, Ref("b", 1, 0), 0.7), present=False)
    shared = edits.set_biases(edits.set_convention(uneven, bias_sharing="per_layer"), present=True).problem.biases
    assert shared is not None
    assert len(set(shared[0])) == 1


def test_biases_come_back_in_the_window_too() -> None:
    store = Store(opened())
    old = store.state.problem.biases
    assert old is not None
    store.edit("biases", edits.set_biases, False)
    store.edit("biases", edits.set_biases, True)
    assert_same_biases(store.state, old)
    store.undo_stack.undo()
    store.undo_stack.undo()
    assert store.state.spare_biases == ()
    store.undo_stack.redo()
    store.edit("biases", edits.set_biases, True)
    assert_same_biases(store.state, old)


def assert_same_biases(state: AppState, biases: tuple[Array, ...]) -> None:
    found = state.problem.biases
    assert found is not None
    assert all(np.array_equal(one, other) for one, other in zip(found, biases, strict=True))


def test_a_data_set_fixes_inputs_and_outputs() -> None:
    state = opened("theta-digits")
    if state.problem.dataset is not None:
        with pytest.raises(Refusal, match="fixes 64 inputs"):
            edits.resize_layer(state, 0, 5)
    assert edits.resize_layer(state, 1, 7).problem.layers == (64, 7, 10)


REFUSED: list[tuple[str, Callable[[AppState], AppState], str]] = [
    ("dyda-sigmoid", lambda s: edits.set_activation(s, 1, "softmax"), "output layer only"),
    ("dyda-sigmoid", lambda s: edits.set_activation(edits.set_loss(s, "binary_cross_entropy"), 2, "relu"), "logarithm"),
    ("dyda-sigmoid", lambda s: edits.set_loss(s, "none"), "single output"),
    ("dyda-sigmoid", lambda s: edits.set_activation(s, 1, "step"), "allowed"),
    ("dyda-sigmoid", lambda s: edits.set_learning_rate(s, -1.0), "learning rate"),
    ("dyda-sigmoid", lambda s: edits.set_learning_rate(s, float("nan")), "learning rate"),
    ("dyda-sigmoid", lambda s: edits.set_optimizer(s, "adam", beta1=1.0), "Beta1"),
    ("dyda-sigmoid", lambda s: edits.set_optimizer(s, "newton"), "allowed"),
    ("soletskyi", lambda s: edits.edit_number(s, Ref("b", 1, 0), 1.0), "no biases"),
    ("dyda-sigmoid", lambda s: edits.edit_number(s, Ref("W", 1, 0, 0), float("inf")), "weight"),
    ("dyda-sigmoid", lambda s: actions.set_notation(s, "mine"), "allowed"),
]


@pytest.mark.parametrize(("name", "action", "says"), REFUSED, ids=[f"{name}-{says}" for name, _, says in REFUSED])
def test_what_has_no_meaning_is_refused_in_one_sentence(name: str, action: Callable[[AppState], AppState], says: str) -> None:
    with pytest.raises(Refusal, match=says) as refusal:
        action(opened(name))
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).endswith(".")


ACCEPTED: list[Callable[[AppState], AppState]] = [
    lambda s: edits.set_loss(s, "squared_error"),
    lambda s: edits.set_activation(s, 1, "gelu"),
    lambda s: edits.set_activation(s, 2, "softmax"),
    lambda s: edits.set_optimizer(s, "adamw"),
    lambda s: edits.set_optimizer(s, "sgd_momentum", momentum=0.5, nesterov=True),
    lambda s: edits.set_convention(s, batch_reduction="mean"),
    lambda s: edits.set_convention(s, bias_sharing="per_layer"),
    lambda s: edits.set_convention(s, train_biases=False),
    lambda s: edits.set_convention(s, hidden_delta_uses="new"),
    lambda s: edits.set_convention(s, l2=0.5),
    lambda s: edits.set_rounding(s, 3, "half_up"),
    lambda s: edits.randomise(s, 17),
    lambda s: edits.set_biases(s, present=False),
    lambda s: edits.add_layer(s, 2, "relu"),
    lambda s: edits.resize_layer(s, 2, 3),
]


@pytest.mark.parametrize("action", ACCEPTED)
def test_what_is_accepted_can_be_stepped_saved_and_opened_again(action: Callable[[AppState], AppState]) -> None:
    changed = action(opened())
    assert changed.problem is not opened().problem
    end = actions.end_of_update(changed)
    assert np.isfinite(moment_of(end).record.loss)
    assert same(loads(dumps(changed.experiment)), changed.experiment)


def test_adamw_comes_with_its_usual_decay_and_keeps_constants_that_were_set() -> None:
    state = edits.set_optimizer(opened(), "adamw")
    assert state.problem.optimizer.weight_decay == 0.01
    assert edits.set_optimizer(state, "adamw", beta1=0.5).problem.optimizer.beta2 == 0.999


def test_random_weights_are_named_by_their_seed() -> None:
    one, other = edits.randomise(opened(), 4), edits.randomise(opened(), 4)
    assert np.array_equal(one.run.record(1).params.theta, other.run.record(1).params.theta)
    assert one.problem.init is not None
    assert one.problem.init.seed == 4
    written = edits.edit_number(one, Ref("W", 1, 0, 0), 9.0).problem
    assert written.init is None, "weights that were touched are no longer the seed's"


def test_reset_returns_to_the_same_initial_weights() -> None:
    state = times(opened(), actions.end_of_update, 9)
    fresh = actions.reset(state)
    assert place(fresh) == (1, 0)
    assert fresh.run_length == 1
    assert np.array_equal(fresh.run.record(1).params.theta, opened().run.record(1).params.theta)


def test_updates_of_the_thread_carry_a_resting_cursor_along_and_leave_another_alone() -> None:
    state = actions.start_training(opened(), 50)
    state.run.record(10)
    assert place(actions.extend(state, 10, 40)) == (10, 0)
    elsewhere = replace_place(state, 1, 5)
    assert place(actions.extend(elsewhere, 10, 40)) == (1, 5)
    assert actions.extend(elsewhere, 10, 40).run_length == 10


def replace_place(state: AppState, step: int, tick: int) -> AppState:
    return replace(state, step=step, tick=tick)


def test_while_the_thread_computes_nobody_else_extends_the_run() -> None:
    state = actions.start_training(opened(), 50)
    end = actions.end_of_update(state)
    assert place(actions.step(end)) == place(end)
    assert place(actions.next_update(end)) == place(end)


def test_themes_follow_the_system_unless_chosen() -> None:
    state = opened()
    assert theme_of(state) is LIGHT
    assert theme_of(actions.set_dark_system(state, True)) is DARK
    assert theme_of(actions.set_options(actions.set_dark_system(state, True), theme="light")) is LIGHT
    assert theme_of(actions.set_options(state, projector=True)) is PROJECTOR


@pytest.mark.parametrize(("text", "value"), [("0.5", 0.5), ("−0,25", -0.25), (" 3e-4 ", 3e-4)])
def test_numbers_are_read_as_people_write_them(text: str, value: float) -> None:
    assert edits.parse_number(text) == value


@pytest.mark.parametrize(("text", "says"), [
    (" ", "Nothing is typed; allowed: any number such as −0.25 or 3e−4."),
    ("abc", "“abc” is not a number; allowed: any number such as −0.25 or 3e−4."),
    ("nan", "“nan” is not a number; allowed: any number such as −0.25 or 3e−4."),
    ("inf", "“inf” is not a number; allowed: any number such as −0.25 or 3e−4."),
    ("1 2", "“1 2” is not a number; allowed: any number such as −0.25 or 3e−4."),
    ("1e999", "“1e999” is too large; allowed: numbers up to about 1.8e308."),
])  # fmt: skip
def test_what_is_no_number_is_refused(text: str, says: str) -> None:
    with pytest.raises(Refusal) as refused:
        edits.parse_number(text)
    assert str(refused.value) == says


@pytest.mark.parametrize(("notation", "other"), [("soletskyi", "dyda"), ("dyda", "soletskyi")])
def test_the_form_toggled_back_is_the_notations_own_again(notation: str, other: str) -> None:
    state = actions.set_notation(opened(), notation)
    there = actions.toggle_form(state)
    assert there.options.form is not None
    back = actions.set_notation(actions.toggle_form(there), other)
    assert (back.options.form or back.notation.form) == back.notation.form
