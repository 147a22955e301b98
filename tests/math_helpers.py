"""Problems to compute with, and the comparison of a record with the reference."""

import numpy as np
import reference_autograd as ref

from model.problem import Problem, frozen
from model.record import record_update
from model.workspace import Workspace

TOLERANCE = 1e-10


def make_problem(layers, activations, loss, *, m=4, has_biases=True, seed=0, **settings):
    """A problem with random numbers of moderate size; one-hot-like positive targets within (0, 1)."""
    rng = np.random.default_rng(seed)
    shapes = list(zip(layers[1:], layers[:-1], strict=True))
    return Problem(
        layers=layers,
        activations=activations,
        loss=loss,
        weights=tuple(frozen(rng.normal(size=shape)) for shape in shapes),
        biases=tuple(frozen(rng.normal(size=n)) for n, _ in shapes) if has_biases else None,
        has_biases=has_biases,
        x=frozen(rng.normal(size=(m, layers[0]))),
        y=frozen(rng.uniform(0.1, 0.9, size=(m, layers[-1]))),
        **settings,
    )


def compare(record):
    """Largest difference between a record and the reference, by quantity."""
    p, W, b = record.problem, list(record.params.W), list(record.params.b) or None
    zs, activations = ref.forward(p, W, b, record.x)
    by_a, by_z = ref.errors(p, W, b, record.x, record.y)
    dW, db = ref.gradients(p, W, b, record.x, record.y)
    terms = ref.LOSS_TERMS[p.loss](activations[-1], record.y)
    wanted = {
        "z": zs,
        "a": [record.x, *activations],
        "dadz": [ref.slopes(name, z) for name, z in zip(p.activations, zs, strict=True)],
        "dLda": by_a[1:],
        "delta": by_z,
        "dLdX": [np.column_stack([0 * d.sum(axis=1) if b is None else d @ b[l], by_a[l]]) for l, d in enumerate(by_z)],
        "dW": dW,
        "db": db or [],
        "loss_output": [terms],
        "loss_sample": [terms.sum(axis=1)],
        "loss": [ref.batch_loss(p, W, b, record.x, record.y)],
    }
    return {name: _largest(getattr(record, name), arrays) for name, arrays in wanted.items()}


def _largest(found, wanted):
    found = found if isinstance(found, tuple) else (found,)
    assert [np.shape(f) for f in found] == [np.shape(w) for w in wanted]
    return max((float(np.abs(f - w).max()) for f, w in zip(found, wanted, strict=True)), default=0.0)


def agree(differences):
    """Whether all differences are within rounding error."""
    return all(difference <= TOLERANCE for difference in differences.values())


def one_update(problem, params, state, x, y, *, step, samples):
    """Return the record of one update on the batch x, y in a workspace of its own."""
    workspace = Workspace(problem, len(x))
    workspace.load(params, state)
    workspace.load_batch(x, y)
    return record_update(workspace, params, state, step=step, samples=samples, learning_rate=problem.learning_rate)
