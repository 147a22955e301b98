"""The update rules, as PyTorch documents them, on flat vectors.

Each rule reads the parameters and gradients of one slice and writes the new parameters and the optimiser state of that slice,
so that a whole network or a single layer can be updated with the same code. State vectors are as long as the parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model.problem import Array, Optimizer


@dataclass(frozen=True, slots=True, eq=False)
class OptimizerState:
    """t: number of updates made so far. slots: state vectors (P,) by name, read-only (momentum buffer; mean and mean square)."""

    t: int
    slots: tuple[Array, ...]


SLOT_NAMES: dict[str, tuple[str, ...]] = {
    "sgd": (),
    "sgd_momentum": ("buffer",),
    "rmsprop": ("square_average",),
    "adam": ("mean", "square_mean"),
    "adamw": ("mean", "square_mean"),
}


def initial_state(optimizer: Optimizer, n_parameters: int) -> OptimizerState:
    """Return the state before the first update: all zeros."""
    slots = tuple(np.zeros(n_parameters) for _ in SLOT_NAMES[optimizer.name])
    for slot in slots:
        slot.flags.writeable = False
    return OptimizerState(0, slots)


# theta, gradient, state slots (updated in place), out, scratch: all the same slice of the flat vectors; t counts from 1.
Rule = Callable[[Optimizer, float, int, Array, Array, tuple[Array, ...], Array, Array], None]


def _sgd(o: Optimizer, lr: float, t: int, theta: Array, grad: Array, slots: tuple[Array, ...], out: Array, work: Array) -> None:
    np.multiply(grad, lr, out=work)
    np.subtract(theta, work, out=out)


def _momentum(o: Optimizer, lr: float, t: int, theta: Array, grad: Array, slots: tuple[Array, ...], out: Array, work: Array) -> None:
    (buffer,) = slots
    buffer *= o.momentum
    buffer += grad
    if o.nesterov:
        np.multiply(buffer, o.momentum, out=work)
        work += grad
        work *= lr
    else:
        np.multiply(buffer, lr, out=work)
    np.subtract(theta, work, out=out)


def _rmsprop(o: Optimizer, lr: float, t: int, theta: Array, grad: Array, slots: tuple[Array, ...], out: Array, work: Array) -> None:
    (square,) = slots
    square *= o.alpha
    np.multiply(grad, grad, out=work)
    work *= 1.0 - o.alpha
    square += work
    np.sqrt(square, out=work)
    work += o.epsilon
    np.divide(grad, work, out=work)
    work *= lr
    np.subtract(theta, work, out=out)


def _adam_step(o: Optimizer, lr: float, t: int, theta: Array, grad: Array, slots: tuple[Array, ...], out: Array, work: Array) -> None:
    """out = theta − lr · m̂ / (√v̂ + ε), with the moments updated by `grad`."""
    mean, square = slots
    mean *= o.beta1
    np.multiply(grad, 1.0 - o.beta1, out=work)
    mean += work
    square *= o.beta2
    np.multiply(grad, grad, out=work)
    work *= 1.0 - o.beta2
    square += work
    np.sqrt(square, out=work)
    work /= (1.0 - o.beta2**t) ** 0.5
    work += o.epsilon
    np.divide(mean, work, out=work)
    work *= lr / (1.0 - o.beta1**t)
    np.subtract(theta, work, out=out)


def _adam(o: Optimizer, lr: float, t: int, theta: Array, grad: Array, slots: tuple[Array, ...], out: Array, work: Array) -> None:
    if o.weight_decay:
        np.multiply(theta, o.weight_decay, out=work)
        grad = grad + work  # the gradient on display stays the loss's own
    _adam_step(o, lr, t, theta, grad, slots, out, work)


def _adamw(o: Optimizer, lr: float, t: int, theta: Array, grad: Array, slots: tuple[Array, ...], out: Array, work: Array) -> None:
    decayed = theta * (1.0 - lr * o.weight_decay)
    _adam_step(o, lr, t, decayed, grad, slots, out, work)


OPTIMIZERS: dict[str, Rule] = {
    "sgd": _sgd,
    "sgd_momentum": _momentum,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adamw,
}
