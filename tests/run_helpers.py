"""Experiments that runs are made of in tests, runs that are trained, and when two records are the same."""

from dataclasses import fields

import numpy as np
from hypothesis import strategies as st
from math_helpers import make_problem

from model.problem import Optimizer, Rounding, replace
from model.record import Record
from model.training.loop import train

OPTIMIZERS = [Optimizer("sgd"), Optimizer("sgd_momentum", nesterov=True), Optimizer("rmsprop"), Optimizer("adam"), Optimizer("adamw")]


@st.composite
def problems(draw):
    """Small experiments of many kinds."""
    layers = tuple(draw(st.lists(st.integers(1, 5), min_size=2, max_size=4)))
    hidden = ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "softplus", "identity"]
    activations = (*(draw(st.sampled_from(hidden)) for _ in layers[2:]), draw(st.sampled_from(["sigmoid", "softmax"])))
    has_biases = draw(st.booleans())
    problem = make_problem(
        layers,
        activations,
        draw(st.sampled_from(["half_squared_error", "cross_entropy", "binary_cross_entropy"])),
        m=draw(st.integers(1, 7)),
        has_biases=has_biases,
        seed=draw(st.integers(0, 1000)),
    )
    return replace(
        problem,
        learning_rate=draw(st.sampled_from([None, 0.01, 0.3])),
        optimizer=draw(st.sampled_from(OPTIMIZERS)),
        batch_size=draw(st.sampled_from([None, 1, 2, 5])),
        shuffle_seed=draw(st.sampled_from([None, 0, 9])),
        batch_reduction=draw(st.sampled_from(["sum", "mean"])),
        l2=draw(st.sampled_from([0.0, 0.01])),
        train_biases=draw(st.booleans()),
        hidden_delta_uses=draw(st.sampled_from(["old", "new"])),
        rounding=draw(st.sampled_from([None, None, Rounding(3)])),
    )


def arrays(record):
    """All arrays of a record, by name."""
    for field in fields(Record):
        value = getattr(record, field.name)
        if isinstance(value, np.ndarray):
            yield field.name, value
        elif isinstance(value, tuple):
            yield from ((f"{field.name}[{i}]", part) for i, part in enumerate(value) if isinstance(part, np.ndarray))
    for params in (record.params, record.new_params):
        if params is not None:
            yield "theta", params.theta
            yield from (("view", part) for part in (*params.W, *params.b))
    for state in (record.state, record.new_state):
        yield from (("slot", slot) for slot in (state.slots if state else ()))


def same(a, b):
    """Whether two records hold the same numbers, bit for bit."""
    pairs = list(zip(arrays(a), arrays(b), strict=True))
    plain = ("step", "learning_rate", "samples")
    return (
        all(x.tobytes() == y.tobytes() and x.shape == y.shape for (_, x), (_, y) in pairs)
        and all(getattr(a, name) == getattr(b, name) for name in plain)
        and np.array([a.loss, a.penalty]).tobytes() == np.array([b.loss, b.penalty]).tobytes()
        and a.state.t == b.state.t
    )


def long_problem(optimizer="adam", layers=(2, 3, 1)):
    """Return a small experiment whose runs can be long."""
    problem = make_problem(layers, ("tanh",) * (len(layers) - 2) + ("sigmoid",), "half_squared_error", m=6)
    return replace(problem, learning_rate=0.01, optimizer=Optimizer(optimizer), batch_size=4)


def trained(run, updates):
    """Go on with a run as the training thread does: with its rates, its samples and its checkpoints. Returns the run."""
    start = run.length + 1
    for chunk in train(
        run.problem, *run.state(start), start, updates=updates, learning_rate=run.new_rate, samples=run.samples, offset=run.offset,
        interval=lambda: run.interval,
    ):  # fmt: skip
        run.append(chunk)
    return run
