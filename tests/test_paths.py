"""The paths of a weight: they add up to the record's gradient, are counted exactly, and the listed ones are the strongest."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from math_helpers import make_problem

from model.examples import example_names, open_problem
from model.moment import number
from model.paths import batch_paths, exists, gradient_ref, paths_of, strongest, target_of
from model.problem import Problem, Rounding
from model.record import Record
from model.run import Run
from model.stages import Ref

HIDDEN = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "softplus", "identity")
OUTPUTS = (("sigmoid", "half_squared_error"), ("sigmoid", "binary_cross_entropy"), ("sigmoid", "cross_entropy"),
           ("softmax", "cross_entropy"), ("softmax", "squared_error"), ("softmax", "binary_cross_entropy"),
           ("tanh", "mean_squared_error_over_outputs"), ("identity", "squared_error"))  # fmt: skip


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    layers = tuple(draw(st.lists(st.integers(1, 4), min_size=2, max_size=5)))
    output, loss = draw(st.sampled_from(OUTPUTS))
    hidden = tuple(draw(st.sampled_from(HIDDEN)) for _ in layers[2:])
    settings = {
        "batch_reduction": draw(st.sampled_from(("sum", "mean"))),
        "l2": draw(st.sampled_from((0.0, 0.3))),
        "bias_sharing": draw(st.sampled_from(("per_unit", "per_layer"))),
        "learning_rate": 0.1,
        "hidden_delta_uses": draw(st.sampled_from(("old", "new"))),
    }
    has_biases = draw(st.booleans())
    if not has_biases:
        settings["bias_sharing"] = "per_unit"
    m, seed = draw(st.integers(1, 4)), draw(st.integers(0, 9))
    return make_problem(layers, (*hidden, output), loss, m=m, has_biases=has_biases, seed=seed, **settings)


def targets(problem: Problem) -> list[Ref]:
    """Every weight, bias and input of a network."""
    found = [Ref("x", 0, k) for k in range(problem.layers[0])]
    for l, (n_in, n) in enumerate(itertools.pairwise(problem.layers), 1):
        found += [Ref("W", l, j, k) for j in range(n) for k in range(n_in)]
        found += [Ref("b", l, j) for j in range(n)] if problem.has_biases else []
    return found


def record_of(problem: Problem) -> Record:
    return Run(problem).record(1)


@given(problem=problems(), data=st.data())
def test_the_paths_add_up_to_the_gradient_of_the_record(problem: Problem, data: st.DataObject) -> None:
    record = record_of(problem)
    target = data.draw(st.sampled_from(targets(problem)))
    sample = data.draw(st.integers(0, record.m - 1))
    for most in (300, 2):
        paths = paths_of(record, target, sample, most)
        assert paths.agrees
        size = abs(paths.recorded) + abs(paths.rest) + sum(abs(path.value) for path in paths.listed)
        assert abs(paths.difference) <= 1e-10 * max(1.0, size)  # saturated outputs lose digits that the record's fused δ keeps
        for path in paths.listed:
            assert path.value == pytest.approx(math.prod(f.value for f in path.factors), rel=1e-14)
            for factor in path.factors:
                named = math.prod(number(record, ref, sample) for ref in factor.refs)
                assert (-named if len(factor.refs) == 2 else named) == factor.value
    batch = batch_paths(record, target)
    assert (batch is None) == (target.quantity == "x")
    if batch is not None:
        assert batch.samples[sample] == pytest.approx(paths.recorded, rel=1e-9, abs=1e-12)
        assert batch.recorded == number(record, gradient_ref(target, one_sample=False))
        assert batch.total == pytest.approx(batch.recorded, rel=1e-9, abs=1e-12)


@given(problem=problems(), data=st.data())
def test_a_missing_factor_changes_the_sum(problem: Problem, data: st.DataObject) -> None:
    """Of factors that are neither 0 nor 1 none can be left out, and none may stand for another."""
    record = record_of(problem)
    paths = paths_of(record, data.draw(st.sampled_from(targets(problem))))
    values = [path.value for path in paths.listed]
    for i, path in enumerate(paths.listed):
        for factor in path.factors:
            without = path.value / factor.value if factor.value else math.inf
            if abs(without - path.value) > 1e-6 * max(1.0, sum(map(abs, values))):
                wrong = replace(paths, total=math.fsum([*values[:i], without, *values[i + 1 :]]))
                assert not wrong.agrees


@given(problem=problems(), data=st.data())
def test_paths_are_counted_and_pass_every_layer_once(problem: Problem, data: st.DataObject) -> None:
    record = record_of(problem)
    target = data.draw(st.sampled_from(targets(problem)))
    paths = paths_of(record, target, most=10_000)
    l = max(target.layer, 1)
    spread = target.quantity == "x" or (target.quantity == "b" and problem.bias_sharing == "per_layer")
    ways = [range(n) for n in problem.layers[l if spread else l + 1 :]]
    softmax = problem.activations[-1] == "softmax" and not paths.together
    assert paths.count == math.prod(map(len, ways)) * (problem.layers[-1] if softmax else 1)
    assert len({(path.units, path.out) for path in paths.listed}) == len(paths.listed) == paths.count
    assert paths.live == sum(path.value != 0 for path in paths.listed)
    assert paths.unlisted == 0
    assert paths.rest == 0.0
    for path in paths.listed:
        assert len(path.units) == problem.depth - l + 1
        assert len(path.edges) == len(path.units)
        assert all(edge[:2] == (l + t, unit) for t, (edge, unit) in enumerate(zip(path.edges, path.units, strict=True)))


arrays = st.lists(st.integers(1, 4), min_size=1, max_size=4).flatmap(lambda sizes: st.tuples(st.just(sizes), st.integers(0, 99)))


@given(sizes_and_seed=arrays, k=st.integers(1, 30), zeros=st.booleans())
def test_the_strongest_are_the_strongest(sizes_and_seed: tuple[list[int], int], k: int, zeros: bool) -> None:
    sizes, seed = sizes_and_seed
    rng = np.random.default_rng(seed)

    def values(*shape: int) -> np.ndarray:
        found = rng.normal(size=shape)
        return np.where(rng.random(shape) < 0.3, 0.0, found) if zeros else found

    starts, steps, ends = values(sizes[0]), [values(a, b) for a, b in itertools.pairwise(sizes)], values(sizes[-1])

    def size(nodes: tuple[int, ...]) -> float:
        inner = math.prod(step[a, b] for step, (a, b) in zip(steps, itertools.pairwise(nodes), strict=True))
        return abs(starts[nodes[0]] * inner * ends[nodes[-1]])

    every = sorted((size(nodes) for nodes in itertools.product(*map(range, sizes))), reverse=True)
    found = list(itertools.islice(strongest(starts, steps, ends), k))
    assert len(set(found)) == len(found) == min(k, len(every))
    assert [size(nodes) for nodes in found] == pytest.approx(every[: len(found)], rel=1e-12)


def test_what_is_not_listed_is_one_exact_sum() -> None:
    problem = make_problem((5, 20, 20, 20, 3), ("tanh", "relu", "sigmoid", "softmax"), "cross_entropy", m=1)
    record = record_of(problem)
    paths = paths_of(record, Ref("W", 1, 3, 2), most=50)
    assert paths.count == 20 * 20 * 3 * 3
    assert (len(paths.listed), paths.unlisted) == (50, 3550)
    every = paths_of(record, Ref("W", 1, 3, 2), most=4000)
    left_out = math.fsum(path.value for path in every.listed[50:])
    assert paths.rest == pytest.approx(left_out, rel=1e-9, abs=1e-15)
    assert paths.listed == every.listed[:50]
    assert paths.agrees


def test_astronomically_many_paths_are_counted_exactly_and_summed() -> None:
    layers = (3, *[30] * 20, 2)
    problem = make_problem(layers, ("tanh",) * 20 + ("sigmoid",), "half_squared_error", m=1)
    paths = paths_of(record_of(problem), Ref("W", 1, 0, 0), most=10)
    assert paths.count == 2 * 30**19
    assert paths.agrees


def test_a_saturated_output_is_taken_as_one_factor() -> None:
    problem = make_problem((2, 2, 1), ("tanh", "sigmoid"), "binary_cross_entropy", m=1, seed=3)
    weights = (np.abs(problem.weights[0]), np.full((1, 2), 20.0))
    saturated = replace(problem, weights=weights, x=np.array([[0.5, 0.5]]), biases=(np.ones(2), np.zeros(1)))
    paths = paths_of(record_of(saturated), Ref("W", 1, 0, 0))
    assert paths.together
    assert "one factor" in paths.note
    assert paths.agrees


def test_carried_rounding_is_said() -> None:
    problem = make_problem((2, 3, 2), ("sigmoid", "sigmoid"), "half_squared_error", m=1, rounding=Rounding(2, "half_even"))
    paths = paths_of(record_of(problem), Ref("W", 1, 0, 0))
    assert "2 decimals are carried" in paths.note
    assert 0 < abs(paths.difference) < 0.02
    assert not paths.agrees


@pytest.mark.parametrize("name", example_names())
def test_every_parameter_of_the_examples(name: str) -> None:
    problem = open_problem(name)
    record = record_of(problem)
    for target in targets(problem)[:: 1 + len(targets(problem)) // 60]:
        assert exists(target, problem)
        assert paths_of(record, target).agrees


def test_any_number_of_a_weight_chooses_it() -> None:
    problem = make_problem((2, 3, 2), ("sigmoid", "sigmoid"), "half_squared_error", m=1)
    assert target_of(Ref("dW", 1, 2, 1), problem) == Ref("W", 1, 2, 1)
    assert target_of(Ref("b_new", 2, 1), problem) == Ref("b", 2, 1)
    assert target_of(Ref("a", 0, 1), problem) == Ref("x", 0, 1)
    assert target_of(Ref("delta", 1, 1), problem) is None
    assert target_of(Ref("W", 1), problem) is None
    assert not exists(Ref("W", 1, 3, 0), problem)
    assert not exists(Ref("W", 3, 0, 0), problem)
    assert not exists(Ref("b", 1, 0), replace(problem, biases=None, has_biases=False))
