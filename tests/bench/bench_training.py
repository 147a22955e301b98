"""Training speed beside a straightforward NumPy loop, and seeking in a run of 100,000 updates."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from model.problem import Init, Optimizer, Problem, frozen
from model.run import Run
from model.training.loop import train

SAMPLES = 200
RATE = 0.01
ROUNDS = 5
# layers, batch size, updates per round, wanted ratio
TRAINED = (
    ((2, 4, 2, 1), 10, 4000, 2.0),
    ((2, 8, 8, 8, 8, 8, 8, 1), 10, 2000, 2.0),
    ((64, 32, 10), 10, 3000, None),
    ((64, 32, 10), 100, 1500, None),
)
# layers, optimiser, budget. There is none for 784-30-10, because 64 MB hold too few of its states, however they are chosen: 335 with SGD
# (191 kB each) and 111 with Adam (573 kB), one for every 299 and 900 updates. At the 95th percentile 283 and 855 have to be computed
# again; in 5 ms that would be 18 and 6 µs for each, and its two largest products alone take 28 µs. What is bounded there is how long
# the window waits.
SOUGHT = (
    ((2, 2, 2), "sgd", 5.0), ((2, 4, 2, 1), "adam", 5.0), ((2, 8, 8, 8, 8, 8, 8, 1), "adam", 5.0), ((64, 32, 10), "adam", 5.0),
    ((784, 30, 10), "sgd", None), ((784, 30, 10), "adam", None),
)  # fmt: skip
TURN, LONGEST_TURN = 0.012, 33.0  # seconds of computing before the window goes on; milliseconds that may come of it
UPDATES = 100_000


def _problem(layers: tuple[int, ...], batch: int, optimizer: str = "sgd") -> Problem:
    rng = np.random.default_rng(0)
    return Problem(
        layers=layers, activations=("tanh",) * (len(layers) - 1), loss="half_squared_error", batch_reduction="mean", batch_size=batch,
        learning_rate=RATE, optimizer=Optimizer(optimizer), init=Init("xavier_uniform", 1),
        x=frozen(rng.normal(size=(SAMPLES, layers[0]))), y=frozen(rng.uniform(-0.9, 0.9, size=(SAMPLES, layers[-1]))),
    )  # fmt: skip


def _straightforward(problem: Problem, updates: int) -> float:
    """Seconds of the loop one writes first: same updates, same losses, a list of matrices, NumPy expressions."""
    params = Run(problem).parameters(1)
    W, b = [w.copy() for w in params.W], [v.copy() for v in params.b]
    x_all, y_all, size = problem.x, problem.y, problem.batch_size
    assert x_all is not None
    assert y_all is not None
    assert size is not None
    losses, place = [], 0
    began = time.perf_counter()
    for _ in range(updates):
        x, y = x_all[place : place + size], y_all[place : place + size]
        place = (place + size) % len(x_all)
        a = [x]
        for w, v in zip(W, b, strict=True):
            a.append(np.tanh(a[-1] @ w.T + v))
        losses.append(0.5 * np.sum((a[-1] - y) ** 2) / len(x))
        delta = (a[-1] - y) * (1 - a[-1] ** 2)
        gradients = []
        for l in range(len(W) - 1, -1, -1):
            gradients.append((delta.T @ a[l] / len(x), delta.sum(axis=0) / len(x)))
            if l:
                delta = (delta @ W[l]) * (1 - a[l] ** 2)
        for l, (dW, db) in enumerate(reversed(gradients)):
            W[l] -= RATE * dW
            b[l] -= RATE * db
    return time.perf_counter() - began


def _ours(problem: Problem, updates: int) -> float:
    run = Run(problem)
    began = time.perf_counter()
    for chunk in train(problem, *run.state(1), updates=updates, interval=lambda: run.interval):
        run.append(chunk)
    return time.perf_counter() - began


def _speed(layers: tuple[int, ...], batch: int, updates: int, wanted: float | None) -> dict[str, object]:
    """Samples per second, the best of several rounds taken in turns, so that other work on the machine hits both alike."""
    problem = _problem(layers, batch)
    rounds = [(_ours(problem, updates), _straightforward(problem, updates)) for _ in range(ROUNDS)]
    mine, theirs = (min(times) for times in zip(*rounds, strict=True))
    ratio = theirs / mine
    return {
        "name": f"train {'-'.join(map(str, layers))} tanh, batch {batch}", "value": updates * batch / mine, "unit": "samples/s",
        "baseline": "straightforward NumPy loop", "baseline_value": updates * batch / theirs, "ratio": ratio,
        "budget": None if wanted is None else f">= {wanted:g} x baseline", "ok": None if wanted is None else ratio >= wanted,
    }  # fmt: skip


def _plain(name: str, value: float, unit: str, budget: float | None) -> dict[str, object]:
    return {
        "name": name, "value": value, "unit": unit, "baseline": None, "baseline_value": None, "ratio": None,
        "budget": None if budget is None else f"<= {budget:g} {unit}", "ok": None if budget is None else value <= budget,
    }  # fmt: skip


def _seeking(layers: tuple[int, ...], optimizer: str, budget: float | None) -> Iterator[dict[str, object]]:
    run = Run(_problem(layers, 10, optimizer))
    for chunk in train(run.problem, *run.state(1), updates=UPDATES, interval=lambda: run.interval):
        run.append(chunk)
    times, turns = [], []
    for t in np.random.default_rng(1).integers(1, UPDATES + 1, 300).tolist():
        left, took = 1, 0.0
        while left:
            began = time.perf_counter()
            left = run.draw_near(t, TURN)
            if not left:
                run.record(t)
            turns.append(time.perf_counter() - began)
            took += turns[-1]
        times.append(took)
    name = f"{'-'.join(map(str, layers))} {optimizer}, {UPDATES:,} updates"
    yield _plain(f"seek p95, {name}", float(np.percentile(times, 95)) * 1000, "ms", budget)
    yield _plain(f"seek, turn p95, {name}", float(np.percentile(turns, 95)) * 1000, "ms", LONGEST_TURN)
    yield _plain(f"history, {name}", run.nbytes / 1e6, "MB", 64.0)


def _chained() -> dict[str, object]:
    """The last figure of a run of 60,000 chained updates, as `verify` asks for it."""
    problem = _problem((2, 2, 2), SAMPLES)
    began = time.perf_counter()
    Run(problem).record(60_000)
    return _plain("60,000 chained updates of 2-2-2", time.perf_counter() - began, "s", 5.0)


def rows() -> Iterator[dict[str, object]]:
    """Yield one row per measurement."""
    for layers, batch, updates, wanted in TRAINED:
        yield _speed(layers, batch, updates, wanted)
    for layers, optimizer, budget in SOUGHT:
        yield from _seeking(layers, optimizer, budget)
    yield _chained()
