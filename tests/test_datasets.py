"""Built-in data sets and batches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from math_helpers import make_problem
from run_helpers import trained

from model.data.batches import batch_indices, data
from model.data.datasets import DATASETS, check_dataset, load_dataset
from model.data.recipes import UPDATES, suited
from model.evaluation import accuracy, evaluate
from model.problem import Problem, replace
from model.run import Run

SHAPES = {"sine": (1, 1), "digits": (64, 10), "iris": (4, 3)}
FITTING = {name: SHAPES.get(name, (2, 1)) for name in DATASETS}


@pytest.mark.parametrize("name", DATASETS)
def test_the_same_samples_every_time(name):
    x, y = load_dataset({"name": name}, FITTING[name])
    assert x.shape == (len(y), FITTING[name][0])
    assert y.shape == (len(x), FITTING[name][1])
    assert x.dtype == y.dtype == np.float64
    assert np.isfinite(x).all()
    again = load_dataset({"name": name}, FITTING[name])
    assert np.array_equal(x, again[0])
    assert np.array_equal(y, again[1])


@pytest.mark.parametrize("name", [name for name in DATASETS if "noise" in DATASETS[name].options])
def test_samples_noise_and_seed(name):
    layers = FITTING[name]
    x, y = load_dataset({"name": name, "samples": 31, "noise": 0.2, "seed": 1}, layers)
    other, same = (load_dataset({"name": name, "samples": 31, "noise": 0.2, "seed": seed}, layers) for seed in (2, 1))
    assert len(x) == len(y) == 31
    assert not np.array_equal(x if name != "sine" else y, other[0] if name != "sine" else other[1])
    assert np.array_equal(x, same[0])
    still, also_still = (load_dataset({"name": name, "samples": 31, "noise": 0, "seed": seed}, layers)[0] for seed in (1, 2))
    assert np.array_equal(still, also_still)
    for tiny in (1, 2, 3):
        assert np.isfinite(load_dataset({"name": name, "samples": tiny}, layers)[0]).all()


def test_gates_are_truth_tables():
    for name, wanted in (("and", [0, 0, 0, 1]), ("or", [0, 1, 1, 1]), ("xor", [0, 1, 1, 0])):
        x, y = load_dataset({"name": name}, (2, 1))
        assert x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
        assert y.ravel().tolist() == wanted
        assert load_dataset({"name": name}, (2, 2))[1].argmax(axis=1).tolist() == wanted


@pytest.mark.parametrize("name", ["circles", "moons", "spirals", "blobs"])
def test_classes_take_turns(name):
    y = load_dataset({"name": name, "samples": 40}, (2, 2))[1]
    assert y.argmax(axis=1).tolist() == [0, 1] * 20
    assert (y.sum(axis=1) == 1).all()
    assert load_dataset({"name": name, "samples": 40}, (2, 1))[1].ravel().tolist() == [0, 1] * 20


def test_blobs_have_as_many_classes_as_outputs():
    assert load_dataset({"name": "blobs", "samples": 70}, (2, 7))[1].sum(axis=0).tolist() == [10] * 7


def test_digits_are_the_real_ones():
    x, y = load_dataset({"name": "digits"}, (64, 10))
    assert x.shape == (1797, 64)
    assert y.argmax(axis=1)[:10].tolist() == list(range(10))
    assert y.sum(axis=0).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (x * 16)[0, :16].tolist() == [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0]
    assert x.min() == 0
    assert x.max() == 1
    part = load_dataset({"name": "digits", "samples": 5, "offset": 1792}, (64, 10))
    assert np.array_equal(part[0], x[1792:])
    assert len(load_dataset({"name": "digits", "offset": 1797 - 3}, (64, 10))[0]) == 3
    drawn = load_dataset({"name": "digits", "seed": 4}, (64, 10))[0]
    assert not np.array_equal(drawn, x)
    assert sorted(drawn.sum(axis=1)) == sorted(x.sum(axis=1))


def test_iris_is_standardised_only_where_it_is_said():
    x, y = load_dataset({"name": "iris"}, (4, 3))
    assert x[0].tolist() == [5.1, 3.5, 1.4, 0.2]
    assert y.sum(axis=0).tolist() == [50, 50, 50]
    np.testing.assert_allclose(x.mean(axis=0), [5.843, 3.057, 3.758, 1.199], atol=1e-3)
    standard = load_dataset({"name": "iris", "standardise": True}, (4, 3))[0]
    np.testing.assert_allclose(standard.mean(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(standard.std(axis=0), 1)


@pytest.mark.parametrize(
    ("spec", "layers", "words"),
    [
        ({"name": "mnist"}, (2, 1), ["mnist", "xor", "digits"]),
        ({}, (2, 1), ["null", "xor"]),
        ({"name": ["xor"]}, (2, 1), ["xor"]),
        ({"name": "xor", "size": 3}, (2, 1), ["dataset.size:", '"samples", "noise", "seed"']),
        ({"name": "xor", "offset": 3}, (2, 1), ["dataset.offset:", '"samples", "noise", "seed"']),
        ({"name": "x" * 10**5}, (2, 1), ["dataset.name:", "xxx", "xor"]),
        ({"name": "xor", "k" * 10**5: 1}, (2, 1), ["kkk", "samples"]),
        ({"name": "xor", "noise": "much" * 10**5}, (2, 1), ["dataset.noise:", "much"]),
        ({"name": "xor", "samples": 0}, (2, 1), ["dataset.samples:", "1 to 100,000", "0"]),
        ({"name": "xor", "samples": 1e3}, (2, 1), ["samples", "whole number"]),
        ({"name": "xor", "samples": True}, (2, 1), ["samples", "true"]),
        ({"name": "xor", "samples": 10**30}, (2, 1), ["samples", "100,000"]),
        ({"name": "xor", "seed": -1}, (2, 1), ["seed", "-1"]),
        ({"name": "xor", "seed": None}, (2, 1), ["seed", "null"]),
        ({"name": "xor", "noise": float("nan")}, (2, 1), ["noise", "0 to 100"]),
        ({"name": "xor", "noise": "much"}, (2, 1), ["noise", "much"]),
        ({"name": "xor", "noise": False}, (2, 1), ["noise", "false"]),
        ({"name": "iris", "standardise": 1}, (4, 3), ["standardise", "true or false"]),
        ({"name": "digits", "samples": 1798}, (64, 10), ["samples", "1,797"]),
        ({"name": "digits", "samples": 10, "offset": 1790}, (64, 10), ["samples", "1 to 7"]),
        ({"name": "digits", "offset": "a"}, (64, 10), ["offset"]),
        ({"name": "xor"}, (3, 1), ["2 inputs", "3 inputs and 1"]),
        ({"name": "xor"}, (2, 3), ["1 or 2 outputs", "3 outputs"]),
        ({"name": "blobs"}, (2, 21), ["2 to 20 classes", "21 outputs"]),
        ({"name": "digits"}, (64, 5, 9), ["10 outputs", "9 outputs"]),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(spec, layers, words):
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (looked at below)
        check_dataset(spec, layers)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 300
    for word in words:
        assert word in message


def test_data_of_a_problem_are_read_only():
    given_ = make_problem((2, 1), ("sigmoid",), "half_squared_error")
    built_in = replace(given_, x=None, y=None, dataset={"name": "xor"})
    without_targets = replace(given_, y=None, loss="none")
    for problem in (given_, built_in, without_targets):
        x, y = data(problem)
        assert not x.flags.writeable
        assert not y.flags.writeable
    assert not data(without_targets)[1].any()
    with pytest.raises(ValueError, match='"x" or "dataset"'):
        data(replace(given_, x=None))


def _batches(m, size, seed=None, epochs=2):
    problem = Problem(layers=(1, 1), activations=("identity",), loss="squared_error", batch_size=size, shuffle_seed=seed)
    per_epoch = -(-m // min(size or m, m))
    return [[batch_indices(problem, e * per_epoch + i + 1, m) for i in range(per_epoch)] for e in range(epochs)]


def test_file_order():
    assert _batches(5, 2) == [[(0, 1), (2, 3), (4,)]] * 2
    assert _batches(3, None) == [[(0, 1, 2)]] * 2
    assert _batches(3, 10) == [[(0, 1, 2)]] * 2
    assert _batches(3, None, seed=5) == [[(0, 1, 2)]] * 2  # a batch of all rows has no order to draw


@given(st.integers(1, 30), st.integers(1, 35), st.integers(0, 2**63 - 1))
def test_a_shuffled_epoch_takes_every_sample_once(m, size, seed):
    epochs = _batches(m, size, seed, epochs=3)
    for epoch in epochs:
        assert sorted(i for batch in epoch for i in batch) == list(range(m))
        assert all(len(batch) == min(size, m) for batch in epoch[:-1])
    assert epochs == _batches(m, size, seed, epochs=3)


def test_every_epoch_has_its_own_order_addressed_by_seed_and_epoch():
    a, b = _batches(20, 5, seed=1)
    assert a != b
    assert a != _batches(20, 5, seed=2)[0]
    problem = Problem(layers=(1, 1), activations=("identity",), loss="squared_error", batch_size=5, shuffle_seed=1)
    assert batch_indices(problem, 6, 20) == b[1]  # no matter what was asked before


def test_the_size_of_a_batch_is_known_without_a_run(monkeypatch):
    problem = replace(make_problem((2, 2), ("sigmoid",), "half_squared_error"), dataset={"name": "moons", "samples": 17}, batch_size=5)
    sizes = [Run(problem).batch_size(step) for step in range(1, 6)]
    monkeypatch.setattr(Run, "__init__", lambda *_: pytest.fail("a run was made"))
    assert sizes == [5, 5, 5, 2, 5]


@pytest.mark.parametrize(
    ("name", "outputs"), [(name, n) for name in DATASETS for n in {*FITTING[name][1:], 2} if n in DATASETS[name].outputs]
)
def test_its_recipe_learns_a_data_set(name, outputs):
    problem = suited({"name": name}, outputs, name, make_problem((2, 2), ("sigmoid",), "half_squared_error"))
    run = trained(Run(problem), UPDATES)
    found = evaluate(problem, run.parameters(UPDATES + 1), *run.samples)
    if name == "sine":
        assert found.loss < 0.005
    else:
        assert accuracy(run.samples[1], found.outputs) >= (0.95 if name == "iris" else 0.98)
