"""The built-in data sets trained a second time, by gradients of HIPS autograd and rules from PyTorch's documentation, step by step."""

import numpy as np
import pytest
import reference_autograd as reference
from lots import in_turn
from run_helpers import trained

from model.data.recipes import suited
from model.initializers import initial_parameters
from model.problem import Optimizer, Problem, replace
from model.run import Run

UPDATES = 100
RULES = {
    "sgd": (Optimizer("sgd"), 0.2),
    "momentum": (Optimizer("sgd_momentum", momentum=0.9), 0.05),
    "nesterov": (Optimizer("sgd_momentum", momentum=0.9, nesterov=True), 0.05),
    "rmsprop": (Optimizer("rmsprop"), 0.005),
    "adam": (Optimizer("adam"), 0.01),
    "adamw": (Optimizer("adamw", weight_decay=0.01), 0.01),
}
SETS = {"xor": 1, "circles": 1, "moons": 2, "spirals": 1, "digits": 10}


class Rule:
    """One array and its state, updated as torch.optim documents it."""

    def __init__(self, o, rate):
        self.o, self.rate, self.t, self.first, self.second = o, rate, 0, 0.0, 0.0

    def __call__(self, value, g):
        self.t, o = self.t + 1, self.o
        if o.name == "sgd_momentum":
            self.first = g if self.t == 1 else o.momentum * self.first + g
            return value - self.rate * (g + o.momentum * self.first if o.nesterov else self.first)
        if o.name == "rmsprop":
            self.second = o.alpha * self.second + (1 - o.alpha) * g**2
            return value - self.rate * g / (np.sqrt(self.second) + o.epsilon)
        if o.name in ("adam", "adamw"):
            value = value - (self.rate * o.weight_decay * value if o.name == "adamw" else 0.0)
            self.first = o.beta1 * self.first + (1 - o.beta1) * g
            self.second = o.beta2 * self.second + (1 - o.beta2) * g**2
            corrected = np.sqrt(self.second / (1 - o.beta2**self.t)) + o.epsilon
            return value - self.rate * self.first / (1 - o.beta1**self.t) / corrected
        return value - self.rate * g


def order(problem, m, epochs):
    """The rows of batch after batch, as the problem file documents them."""
    size = problem.batch_size or m
    for epoch in range(epochs):
        rows = np.arange(m) if problem.shuffle_seed is None else np.random.default_rng((problem.shuffle_seed, epoch)).permutation(m)
        yield from (rows[start : start + size] for start in range(0, m, size))


@pytest.mark.parametrize(("name", "rule"), in_turn(SETS, RULES, 2))
def test_a_hundred_updates_are_those_of_another_implementation(name, rule):
    optimizer, rate = RULES[rule]
    problem = suited({"name": name}, SETS[name], name, Problem(layers=(1, 1), activations=("tanh",), loss="none"))
    problem = replace(problem, optimizer=optimizer, learning_rate=rate)
    run = trained(Run(problem), UPDATES)
    start, (x, y) = initial_parameters(problem), run.samples
    W, b = list(start.W), list(start.b)
    rules = [[Rule(optimizer, rate) for _ in W] for _ in range(2)]
    batches = order(problem, len(x), UPDATES)
    for t in range(1, UPDATES + 1):
        rows = next(batches)
        loss = reference.batch_loss(problem, W, b, x[rows], y[rows])
        dW, db = reference.gradients(problem, W, b, x[rows], y[rows])
        W, b = ([step(v, g) for step, v, g in zip(*parts, strict=True)] for parts in ((rules[0], W, dW), (rules[1], b, db)))
        assert run.losses[t - 1] == pytest.approx(float(loss), rel=1e-9, abs=1e-9)
        found = run.parameters(t + 1)
        for ours, theirs in zip((*found.W, *found.b), (*W, *b), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)
    assert run.losses[-10:].mean() < run.losses[:10].mean()
