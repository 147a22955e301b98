"""The update rules, step by step for 100 updates, against plain Python written from PyTorch's documentation, number by number."""

import math

import numpy as np
import pytest
from math_helpers import make_problem

from model.problem import Optimizer, replace
from model.run import Run

RATE = 0.05
RULES = [
    Optimizer("sgd"),
    Optimizer("sgd_momentum", momentum=0.8),
    Optimizer("sgd_momentum", momentum=0.8, nesterov=True),
    Optimizer("rmsprop", alpha=0.9, epsilon=1e-6),
    Optimizer("adam"),
    Optimizer("adam", beta1=0.8, beta2=0.95, epsilon=1e-4, weight_decay=0.03),
    Optimizer("adamw", weight_decay=0.2),
]


class OneNumber:
    """One parameter and its state, updated as torch.optim documents it."""

    def __init__(self, value):
        self.value, self.t = value, 0
        self.buffer = None
        self.square = self.mean = 0.0

    def update(self, o, g, rate):
        self.t += 1
        getattr(self, o.name)(o, g, rate)

    def sgd(self, o, g, rate):
        self.value = self.value - rate * g

    def sgd_momentum(self, o, g, rate):
        self.buffer = g if self.buffer is None else o.momentum * self.buffer + g
        self.value = self.value - rate * (g + o.momentum * self.buffer if o.nesterov else self.buffer)

    def rmsprop(self, o, g, rate):
        self.square = o.alpha * self.square + (1 - o.alpha) * g * g
        self.value = self.value - rate * g / (math.sqrt(self.square) + o.epsilon)

    def adam(self, o, g, rate):
        self._adam(o, g + o.weight_decay * self.value, rate)

    def adamw(self, o, g, rate):
        self.value = self.value - rate * o.weight_decay * self.value
        self._adam(o, g, rate)

    def _adam(self, o, g, rate):
        self.mean = o.beta1 * self.mean + (1 - o.beta1) * g
        self.square = o.beta2 * self.square + (1 - o.beta2) * g * g
        mean = self.mean / (1 - o.beta1**self.t)
        square = self.square / (1 - o.beta2**self.t)
        self.value = self.value - rate * mean / (math.sqrt(square) + o.epsilon)


def _numbers(params):
    return [[OneNumber(float(v)) for v in array.ravel()] for array in (*params.W, *params.b)]


def _problem(optimizer, **settings):
    problem = make_problem((2, 3, 2), ("tanh", "sigmoid"), "half_squared_error", m=6)
    return replace(problem, optimizer=optimizer, learning_rate=RATE, batch_size=4, shuffle_seed=7, **settings)


@pytest.mark.parametrize("rule", RULES, ids=lambda o: o.name + ("-nesterov" if o.nesterov else "") + ("-decay" if o.weight_decay else ""))
@pytest.mark.parametrize("hidden_delta_uses", ["old", "new"])
def test_a_hundred_updates(rule, hidden_delta_uses):
    run = Run(_problem(rule, hidden_delta_uses=hidden_delta_uses))
    numbers = _numbers(run.parameters(1))
    for t in range(1, 101):
        record = run.record(t)
        for array, gradient in zip(numbers, (*record.dW, *record.db), strict=True):
            for number, g in zip(array, gradient.ravel(), strict=True):
                number.update(rule, float(g), RATE)
        for array, found in zip(numbers, (*record.new_params.W, *record.new_params.b), strict=True):
            np.testing.assert_allclose(found.ravel(), [number.value for number in array], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("rule", RULES[1:], ids=lambda o: o.name)
def test_wrong_rules_are_noticed(rule):
    """Plain descent, or a rate that is off by a millionth, is told from every other rule within 100 updates."""
    run = Run(_problem(rule))
    for wrong, rate in ((Optimizer("sgd"), RATE), (rule, RATE * (1 + 1e-6))):
        numbers = _numbers(run.parameters(1))[0]
        for t in range(1, 101):
            for number, g in zip(numbers, run.record(t).dW[0].ravel(), strict=True):
                number.update(wrong, float(g), rate)
        values = [number.value for number in numbers]
        assert not np.allclose(run.parameters(101).W[0].ravel(), values, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("rule", RULES, ids=lambda o: o.name)
@pytest.mark.parametrize("hidden_delta_uses", ["old", "new"])
def test_frozen_biases_never_change_and_have_no_state(rule, hidden_delta_uses):
    run = Run(_problem(rule, train_biases=False, hidden_delta_uses=hidden_delta_uses))
    first, record = run.parameters(1), run.record(20)
    assert all(np.array_equal(b, start) for b, start in zip(record.new_params.b, first.b, strict=True))
    assert all((db != 0).any() for db in record.db)
    trained = Run(_problem(rule, hidden_delta_uses=hidden_delta_uses))
    assert not np.array_equal(trained.parameters(2).b[0], first.b[0])
    from model.parameters import views

    for slot in record.new_state.slots:
        W, b = views(slot, run.problem.layers, True)
        assert all((part == 0).all() for part in b)
        assert all((part != 0).any() for part in W)


@pytest.mark.parametrize("rule", RULES, ids=lambda o: o.name)
def test_a_shared_bias_stays_one_bias(rule):
    problem = _problem(rule, bias_sharing="per_layer")
    run = Run(replace(problem, biases=tuple(np.full_like(b, 0.2) for b in problem.biases)))
    record = run.record(30)
    for db, b, delta in zip(record.db, record.new_params.b, record.delta, strict=True):
        assert (b == b[0]).all()
        np.testing.assert_allclose(db, delta.sum(), rtol=0, atol=1e-14)
        assert b[0] != 0.2


def test_weight_decay_of_adamw_is_not_part_of_the_displayed_gradient():
    plain, decayed = (Run(_problem(Optimizer(name, weight_decay=0.5))).record(1) for name in ("adam", "adamw"))
    assert all(np.array_equal(a, b) for a, b in zip(plain.dW, decayed.dW, strict=True))


def test_updates_are_counted_from_one_and_only_where_there_is_a_rate():
    run = Run(_problem(Optimizer("adam")))
    assert (run.record(1).state.t, run.record(1).new_state.t, run.record(9).state.t) == (0, 1, 8)
    still = Run(replace(_problem(Optimizer("adam")), learning_rate=None))
    assert still.record(5).new_state is None
    assert still.record(5).state.t == 0
