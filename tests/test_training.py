"""Training: chunks, stopping, divergence, and the same losses as an independent loop."""

import threading

import numpy as np
import pytest
from math_helpers import make_problem

from model.examples import open_problem
from model.explain.divergence import divergence_told
from model.notation.profile import load_notation
from model.problem import Init, Optimizer, Problem, frozen, replace
from model.run import Run
from model.training.loop import Divergence, train


def _problem(**settings):
    return replace(make_problem((2, 4, 1), ("tanh", "sigmoid"), "half_squared_error", m=10), learning_rate=0.2, **settings)


def _chunks(problem, **options):
    return list(train(problem, *Run(problem).state(1), **options))


def test_against_a_loop_written_from_the_formulas():
    problem = _problem(batch_size=4, batch_reduction="mean", l2=0.01)
    W, b = [w.copy() for w in problem.weights], [v.copy() for v in problem.biases]
    losses = []
    for t in range(300):
        rows = slice(t % 3 * 4, t % 3 * 4 + 4)
        x, y = problem.x[rows], problem.y[rows]
        h = np.tanh(x @ W[0].T + b[0])
        a = 1 / (1 + np.exp(-(h @ W[1].T + b[1])))
        losses.append(((a - y) ** 2).sum() / 2 / len(x) + 0.005 * sum((w**2).sum() for w in W))
        d2 = (a - y) * a * (1 - a)
        d1 = (d2 @ W[1]) * (1 - h**2)
        for l, (d, below) in enumerate(((d1, x), (d2, h))):
            W[l] -= 0.2 * (d.T @ below / len(x) + 0.01 * W[l])
            b[l] -= 0.2 * d.mean(axis=0)
    chunks = _chunks(problem, updates=300)
    np.testing.assert_allclose(np.concatenate([chunk.losses for chunk in chunks]), losses, rtol=0, atol=1e-9)
    np.testing.assert_allclose(chunks[-1].parameters().W[0], W[0], rtol=0, atol=1e-9)


def test_chunks_follow_each_other():
    chunks = _chunks(_problem(), updates=25, chunk_updates=10)
    assert [(chunk.first, chunk.last) for chunk in chunks] == [(1, 10), (11, 20), (21, 25)]
    assert all(chunk.divergence is None and chunk.seconds > 0 for chunk in chunks)


def test_a_chunk_ends_when_its_time_is_up():
    chunks = _chunks(_problem(), updates=3, chunk_seconds=0.0)
    assert [len(chunk.losses) for chunk in chunks] == [1, 1, 1]


def test_goes_on_until_it_is_closed():
    training = train(_problem(), *Run(_problem()).state(1), chunk_updates=5)
    assert [next(training).first for _ in range(4)] == [1, 6, 11, 16]
    training.close()
    with pytest.raises(StopIteration):
        next(training)


def test_runs_in_a_thread_while_another_computes():
    problem, results = _problem(optimizer=Optimizer("adam")), []
    worker = threading.Thread(target=lambda: results.extend(_chunks(problem, updates=400, chunk_updates=50)))
    worker.start()
    run = Run(problem)
    run.record(400)
    worker.join()
    assert np.concatenate([chunk.losses for chunk in results]).tobytes() == run.losses.tobytes()


def test_floating_point_warnings_come_back_between_chunks():
    before = np.geterr()
    for _ in zip(range(3), train(_problem(), *Run(_problem()).state(1), chunk_updates=2), strict=False):
        assert np.geterr() == before


def test_the_learning_rate_may_change_at_any_update():
    rates = iter([0.1, 0.1, 0.4, 0.4, 0.0, 0.0])
    chunks = _chunks(_problem(), updates=6, chunk_updates=4, learning_rate=lambda t: next(rates))
    assert np.concatenate([chunk.rates for chunk in chunks]).tolist() == [0.1, 0.1, 0.4, 0.4, 0.0, 0.0]
    assert chunks[-1].losses[-1] == chunks[-1].losses[-2] or len(chunks[-1].losses) == 1


def test_without_a_learning_rate_nothing_is_learned():
    problem = replace(_problem(), learning_rate=None)
    (chunk,) = _chunks(problem, updates=5, learning_rate=lambda t: 1.0)
    assert chunk.rates is None
    assert len(set(chunk.losses.tolist())) == 1
    assert np.array_equal(chunk.parameters().theta, Run(problem).parameters(1).theta)


def _first_bad_update(problem):
    """Update, layer and quantity where the run leaves the finite numbers, found by stepping."""
    run = Run(problem)
    for t in range(1, 2000):
        record = run.record(t)
        for l in range(problem.depth):
            for name, values in (("z", record.z[l]), ("a", record.a[l + 1])):
                if not np.isfinite(values).all():
                    return t, l + 1, name
        if not np.isfinite(record.loss):
            return t, 1 + max(range(problem.depth), key=lambda l: float(np.abs(record.z[l]).max())), "loss"
        for l in reversed(range(problem.depth)):
            for name, values in (("delta", record.delta[l]), ("dW", record.dW[l]), ("dW", record.db[l])):
                if not np.isfinite(values).all():
                    return t, l + 1, name
        for l in reversed(range(problem.depth)):
            if not np.isfinite(record.new_params.W[l]).all():
                return t, l + 1, "W_new"
    raise AssertionError("this run does not diverge")


@pytest.mark.parametrize("chunk_updates", [1, 3, 1000])
@pytest.mark.parametrize(
    ("layers", "activations", "rate"),
    [
        ((1, 2, 1), ("identity", "identity"), 5.0),
        ((2, 3, 3, 1), ("relu", "identity", "identity"), 2.0),
        ((1, 1), ("identity",), 1e308),
        ((2, 3, 1), ("tanh", "identity"), 1e154),
    ],
)
def test_divergence_is_found_where_it_began(layers, activations, rate, chunk_updates):
    problem = replace(make_problem(layers, activations, "squared_error", seed=2), learning_rate=rate)
    chunks = _chunks(problem, updates=2000, chunk_updates=chunk_updates)
    found = chunks[-1].divergence
    assert (found.update, found.layer, found.quantity) == _first_bad_update(problem)
    assert chunks[-1].last == found.update - 1
    assert all(chunk.divergence is None for chunk in chunks[:-1])
    run = Run(problem)
    for chunk in chunks:
        run.append(chunk)
    assert run.length == found.update - 1
    assert np.isfinite(run.losses).all()
    assert np.isfinite(run.parameters(run.length + 1).theta).all()
    run.record(found.update)  # the update itself can be looked at


def test_a_loss_beyond_the_bound_stops_the_run():
    problem = replace(make_problem((1, 1), ("identity",), "squared_error"), learning_rate=1.0)
    chunks = _chunks(problem, updates=500, loss_bound=1e6)
    run = Run(problem)
    run.record(len(np.concatenate([chunk.losses for chunk in chunks])) + 1)
    assert chunks[-1].divergence == Divergence(run.length, 1, "loss")
    assert (run.losses[:-1] <= 1e6).all()
    assert run.losses[-1] > 1e6


def test_divergence_is_said_in_one_sentence():
    assert str(Divergence(1234, 2, "z")) == "the run diverged at update 1,234: z of layer 2 is no longer a finite number"
    said = divergence_told(Divergence(1234, 2, "z"), load_notation("jacob"), open_problem("jacob"))
    assert said == "the run diverged at update 1,234: z⁽³⁾ is no longer a finite number"
    assert divergence_told(Divergence(3, 2, "loss"), load_notation("theta"), open_problem("jacob")).endswith("sums are in the output layer")
    assert "anything of layer 2" in divergence_told(Divergence(3, 2, "anything"), load_notation("theta"), open_problem("jacob"))
    assert str(Divergence(3, None, "loss")) == "the run diverged at update 3: the loss is infinite, undefined or beyond the bound"
    assert str(Divergence(3, 2, "loss")).endswith("beyond the bound; the largest sums are in layer 2")


@pytest.mark.parametrize(
    ("spec", "layers", "optimizer", "rate", "updates", "accuracy"),
    [
        ({"name": "xor"}, (2, 4, 1), Optimizer("adam"), 0.05, 400, 1.0),
        ({"name": "circles"}, (2, 8, 1), Optimizer("adam"), 0.05, 400, 0.99),
        ({"name": "moons"}, (2, 8, 8, 2), Optimizer("sgd_momentum"), 0.1, 600, 0.97),
        ({"name": "spirals", "noise": 0.0}, (2, 24, 24, 1), Optimizer("adam"), 0.03, 5000, 0.97),
        ({"name": "blobs"}, (2, 6, 4), Optimizer("rmsprop"), 0.01, 400, 0.97),
        ({"name": "iris", "standardise": True}, (4, 8, 3), Optimizer("adamw", weight_decay=0.01), 0.02, 400, 0.96),
        ({"name": "digits", "samples": 600}, (64, 24, 10), Optimizer("adam"), 0.01, 300, 0.98),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else None,
)
def test_the_built_in_data_sets_are_learned(spec, layers, optimizer, rate, updates, accuracy):
    one = layers[-1] == 1
    problem = Problem(
        layers=layers, activations=("tanh",) * (len(layers) - 2) + ("sigmoid" if one else "softmax",),
        loss="binary_cross_entropy" if one else "cross_entropy", dataset=spec, init=Init("xavier_uniform", 4), batch_size=50,
        shuffle_seed=1, batch_reduction="mean", learning_rate=rate, optimizer=optimizer,
    )  # fmt: skip
    params = _chunks(problem, updates=updates)[-1].parameters()
    x, y = Run(problem).samples
    all_rows = replace(problem, dataset=None, init=None, weights=params.W, biases=params.b, x=x, y=y, batch_size=None, shuffle_seed=None)
    a = Run(all_rows).record(1).a[-1]
    right = (a > 0.5) == (y > 0.5) if one else a.argmax(axis=1) == y.argmax(axis=1)
    assert right.mean() >= accuracy


def test_a_single_sample_of_a_shape_that_is_not_contiguous():
    """Batches of one sample and layers of one unit take NumPy's vector paths; they have to give the same as the formulas."""
    x = frozen(np.asfortranarray(np.arange(6.0).reshape(3, 2)))
    problem = replace(_problem(batch_size=1), x=x, y=frozen([[0.1], [0.2], [0.3]]))
    record = Run(problem).record(3)
    assert record.x.tolist() == [[4.0, 5.0]]
    np.testing.assert_allclose(record.z[0], record.x @ record.params.W[0].T + record.params.b[0], rtol=1e-15)
