"""Samples as pure edits: taken, changed, added, deleted, moved, batched, held out; and numbers pasted from a spreadsheet."""

import numpy as np
import pytest

from gui.actions import Refusal, end_of_update, reset
from gui.data import edits as de
from gui.session.keeping import differences
from gui.state import AppState, initial_state
from model.data.batches import data
from model.data.table_import import ImportRefused
from model.data.table_paste import pasted_numbers
from model.evaluation import Split
from model.examples import open_problem
from model.format.file import dumps, loads, same
from model.problem import replace
from model.training.schedules import Schedule


def opened(name: str = "xor") -> AppState:
    return initial_state(open_problem(name), name)


def rows(state: AppState) -> list[list[float]]:
    x, y = data(state.problem)
    return np.column_stack([x, y]).tolist()


def test_other_samples_resize_the_ends_and_keep_the_middle() -> None:
    state = opened("biswas-figure-1")
    old = state.problem
    new = de.set_samples(state, np.ones((5, 4)), np.eye(3)[[0, 1, 2, 0, 1]], "mine")
    assert new.problem.layers == (4, 4, 3, 3)
    assert np.array_equal(new.problem.weights[1], old.weights[1])  # type: ignore[index]
    assert np.array_equal(new.problem.weights[0][:, :3], old.weights[0])  # type: ignore[index]
    assert (new.problem.title, new.problem.expected, new.step, new.tick) == ("mine", (), 1, 0)
    assert same(loads(dumps(new.problem)), new.problem)


def test_samples_of_the_same_shape_keep_every_weight() -> None:
    state = opened("jacob")
    new = de.set_samples(state, np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros((2, 2)))
    assert new.problem.weights is state.problem.weights
    assert new.problem.expected == ()


def test_other_samples_begin_at_the_first_update_under_a_name_of_their_own() -> None:
    state = end_of_update(end_of_update(opened("xor")))
    assert state.step == 2
    run = (state.problem, state.run.schedule, state.run.split)
    new = de.take_dataset(state, {"name": "circles"}, 1, de.Batches(), Split(), "Circles")
    assert new.problem.layers == state.problem.layers
    assert (new.step, new.tick, new.run_length, new.run.length) == (1, 0, 1, 1)
    assert (new.problem.title, new.problem.notes) == ("Circles", "")
    assert differences([(new.problem, *run[1:]), run])[1].endswith("XOR (4 samples)")
    noisy = de.take_dataset(new, {"name": "circles", "noise": 0.3}, 1, de.Batches(), Split(), "Circles again")
    assert noisy.problem.title == "Circles"
    here = end_of_update(end_of_update(noisy))
    assert de.take_dataset(here, noisy.problem.dataset, 1, de.Batches(20), Split(), "Circles").step == 2
    renamed = replace(state.problem, title="mine")
    assert differences([run, (renamed, *run[1:])]) == ["", ""]


def test_samples_without_targets_need_a_loss_without() -> None:
    with pytest.raises(Refusal, match="no targets"):
        de.set_samples(opened(), np.ones((2, 2)), None)
    bare = replace(open_problem("biswas-thin"), loss="none", y=None, layers=(1, 1, 1, 1))
    assert de.set_samples(initial_state(bare), np.ones((3, 1)), None).problem.y is None


def test_a_batch_is_never_larger_than_the_samples() -> None:
    state = de.take_dataset(opened(), {"name": "moons", "samples": 50}, 1, de.Batches(40, 3), Split())
    small = de.set_samples(state, np.ones((7, 2)), np.ones((7, 1)))
    assert small.problem.batch_size == 7
    assert same(loads(dumps(small.problem)), small.problem)
    with pytest.raises(Refusal, match=r"A batch of 51 .* allowed: 1 to 50"):
        de.take_dataset(state, None, 1, de.Batches(51), Split())


def test_a_data_set_brings_its_layers_batches_and_split_in_one_change() -> None:
    state = de.take_dataset(opened(), {"name": "digits", "samples": 100}, 10, de.Batches(10, 5), Split(0.2, 9))
    assert state.problem.layers == (64, 3, 10)
    assert (state.problem.batch_size, state.problem.shuffle_seed) == (10, 5)
    assert len(state.run.samples[0]) == 80
    assert len(state.run.held_out[0]) == 20
    assert reset(state).run.split == Split(0.2, 9)
    assert same(loads(dumps(state.problem)), state.problem)


def test_a_data_set_with_impossible_options_is_refused_in_one_sentence() -> None:
    with pytest.raises(Refusal, match=r"^“?\"digits\" needs|^\"digits\" needs"):
        de.take_dataset(opened(), {"name": "digits"}, 3, de.Batches(), Split())
    with pytest.raises(Refusal, match="samples"):
        de.take_dataset(opened(), {"name": "moons", "samples": 0}, 1, de.Batches(), Split())


def test_nothing_chosen_changes_nothing() -> None:
    state = opened()
    assert de.take_dataset(state, None, 1, de.batches_of(state.problem), Split()) is state
    assert de.set_schedule(state, Schedule()) is state


def test_a_schedule_keeps_the_place_and_changes_the_rates() -> None:
    state = replace(opened(), step=1)
    new = de.set_schedule(state, Schedule("step", every=1, factor=0.5))
    assert new.problem is state.problem
    rate = state.problem.learning_rate or 0.0
    assert [new.run.record(t).learning_rate for t in (1, 2, 3)] == [rate, rate / 2, rate / 4]


def test_rows_are_added_deleted_and_moved() -> None:
    state = opened()
    assert rows(state) == [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert rows(de.insert_row(state, 1)) == [[0, 0, 0], [0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert rows(de.delete_rows(state, [0, 2])) == [[0, 1, 1], [1, 1, 0]]
    assert rows(de.move_rows(state, [1, 2], -1)) == [[0, 1, 1], [1, 0, 1], [0, 0, 0], [1, 1, 0]]
    assert rows(de.move_rows(state, [0, 1], 1)) == [[1, 0, 1], [0, 0, 0], [0, 1, 1], [1, 1, 0]]
    assert de.move_rows(state, [0], -1) is state
    assert de.move_rows(state, [2, 3], 1) is state


def test_samples_stay_held_out_wherever_they_are_moved_and_whatever_others_are_deleted() -> None:
    x = np.arange(40.0).reshape(20, 2)
    state = de.take_dataset(de.set_samples(opened(), x, np.zeros((20, 1))), None, 1, de.Batches(), Split(0.25, 3))

    def held(of: AppState) -> set[float]:
        return set(of.run.held_out[0][:, 0].tolist())

    drawn = held(state)
    first = int(state.run.split.rows(20)[1][0])
    assert held(de.move_rows(state, [first], 1)) == drawn
    moved = de.move_rows(de.move_rows(state, [first], 1), [first + 1], -1)
    assert (held(moved), moved.run.split) == (drawn, state.run.split)
    for row in state.run.rows[:2].tolist():
        assert held(de.delete_rows(state, [row])) == drawn
    grown = de.insert_row(state, 0)
    assert held(grown) - {0.0} <= drawn
    assert len(held(grown) ^ drawn) <= 1
    there = de.take_dataset(grown, None, 1, de.Batches(4), Split(0.25, 3))
    assert held(there) == held(grown)  # the dialog of data sets does not know the lots
    assert de.set_samples(grown, x, np.zeros((20, 1))).run.split == state.run.split
    assert de.take_dataset(grown, None, 1, de.Batches(), Split()).run.split == Split()


def test_the_last_sample_stays() -> None:
    with pytest.raises(Refusal, match="last sample"):
        de.delete_rows(opened("jacob"), [0])


def test_editing_a_built_in_set_makes_it_ones_own() -> None:
    state = de.take_dataset(opened(), {"name": "and"}, 1, de.Batches(), Split())
    assert state.problem.dataset is not None
    own = de.put_cells(state, 0, 2, [[0.5]])
    assert own.problem.dataset is None
    assert rows(own)[0] == [0, 0, 0.5]


def test_a_block_is_written_and_rows_are_added_for_it() -> None:
    grown = de.put_cells(opened(), 3, 1, [[7.0, 8.0], [9.0, 10.0]])
    assert rows(grown)[3:] == [[1, 7, 8], [0, 9, 10]]
    with pytest.raises(Refusal, match=r"2 columns do not fit here: only 1 column is left"):
        de.put_cells(opened(), 0, 2, [[1.0, 2.0]])


def test_printed_figures_stay_only_while_rows_are_the_samples_they_were() -> None:
    state = opened("dyda-sigmoid")
    assert state.problem.expected
    assert de.put_cells(state, 0, 0, [[0.25]]).problem.expected == state.problem.expected
    assert de.insert_row(state, 0).problem.expected == ()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0,5\t1\n−2\t3,25\n", ((0.5, 1.0), (-2.0, 3.25))),
        ("0.5\t1\r\n2\t3\r\n", ((0.5, 1.0), (2.0, 3.0))),
        ("0,5\n1,5\n2\n", ((0.5,), (1.5,), (2.0,))),
        ("0.5, 1\n2, 3", ((0.5, 1.0), (2.0, 3.0))),
        ("1;2,5\n3;4", ((1.0, 2.5), (3.0, 4.0))),
        ("7", ((7.0,),)),
        ("1 2 3", ((1.0, 2.0, 3.0),)),
    ],
)
def test_what_spreadsheets_copy_is_understood(text: str, numbers: tuple[tuple[float, ...], ...]) -> None:
    assert pasted_numbers(text) == numbers


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "nothing to paste"), ("1\tb\n", "row 1, column 2"), ("1\t2\n3\n", "row 2 has 1 cell"), ("1\t\n", "column 2.*is empty")],
)
def test_what_is_no_block_of_numbers_is_refused_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(ImportRefused, match=sentence) as refused:
        pasted_numbers(text)
    assert "allowed:" in str(refused.value)


def test_standardised_inputs_have_no_mean_and_deviation_one() -> None:
    x = np.array([[1.0, 5.0, 7.0], [3.0, 5.0, -1.0], [5.0, 5.0, 0.0]])
    found = de.standardised(x)
    assert found.mean(axis=0) == pytest.approx([0.0, 0.0, 0.0])
    assert found.std(axis=0) == pytest.approx([1.0, 0.0, 1.0])
