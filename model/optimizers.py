"""The update rules, as PyTorch documents them, on flat vectors.

Each rule reads the parameters and gradients of one slice and writes the new parameters and the optimiser state of that slice,
so that a whole network or a single layer can be updated with the same code. State vectors are as long as the parameters.
Where rounded values are carried, the state is rounded before the new parameters are formed from it.
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


class Clock:
    """What changes from update to update: the learning rate, as an array without axes, and the number of updates made so far.

    carry: rounds in place what is written down before it is used; None where nothing is rounded.
    """

    def __init__(self, carry: Callable[[Array], None] | None = None) -> None:
        self.rate, self.t, self.carry = np.zeros(()), 0, carry

    def write_down(self, values: Array) -> None:
        """Round `values` in place, where rounded values are carried."""
        if self.carry is not None:
            self.carry(values)


# theta, gradient, state slots (updated in place), out, scratch: all the same slice of the flat vectors.
Rule = Callable[[Optimizer, Clock, Array, Array, tuple[Array, ...], Array, Array], None]


def _sgd(o: Optimizer, now: Clock, theta: Array, grad: Array, slots: tuple[Array, ...], out: Array, work: Array) -> None:
    np.multiply(grad, now.rate, work)
    np.subtract(theta, work, out)


def _momentum(o: Optimizer, now: Clock, theta: Array, grad: Array, slots: tuple[Array, ...], out: Array, work: Array) -> None:
    (buffer,) = slots
    np.multiply(buffer, o.momentum, buffer)
    np.add(buffer, grad, buffer)
    now.write_down(buffer)
    if o.nesterov:
        np.multiply(buffer, o.momentum, work)
        np.add(work, grad, work)
        np.multiply(work, now.rate, work)
    else:
        np.multiply(buffer, now.rate, work)
    np.subtract(theta, work, out)


def _rmsprop(o: Optimizer, now: Clock, theta: Array, grad: Array, slots: tuple[Array, ...], out: Array, work: Array) -> None:
    (square,) = slots
    _moving_average(square, grad, o.alpha, work)
    now.write_down(square)
    np.sqrt(square, work)
    np.add(work, o.epsilon, work)
    np.divide(grad, work, work)
    np.multiply(work, now.rate, work)
    np.subtract(theta, work, out)


def _moving_average(square: Array, grad: Array, keep: float, work: Array) -> None:
    """square = keep · square + (1 − keep) · grad²."""
    np.multiply(square, keep, square)
    np.multiply(grad, grad, work)
    np.multiply(work, 1.0 - keep, work)
    np.add(square, work, square)


def _adam_step(o: Optimizer, now: Clock, theta: Array, grad: Array, slots: tuple[Array, ...], out: Array, work: Array) -> None:
    """out = theta − rate · m̂ / (√v̂ + ε), with the moments updated by `grad`."""
    mean, square = slots
    t = now.t + 1
    np.multiply(mean, o.beta1, mean)
    np.multiply(grad, 1.0 - o.beta1, work)
    np.add(mean, work, mean)
    _moving_average(square, grad, o.beta2, work)
    if now.carry is not None:
        _corrected_step(o, now, theta, slots, out)
        return
    np.sqrt(square, work)
    np.divide(work, (1.0 - o.beta2**t) ** 0.5, work)
    np.add(work, o.epsilon, work)
    np.divide(mean, work, work)
    np.multiply(work, now.rate / (1.0 - o.beta1**t), work)
    np.subtract(theta, work, out)


def _corrected_step(o: Optimizer, now: Clock, theta: Array, slots: tuple[Array, ...], out: Array) -> None:
    """The end of Adam's step where each of m, v, m̂ and v̂ is written down and rounded before the next is formed from it."""
    hats = []
    for slot, beta in zip(slots, (o.beta1, o.beta2), strict=True):
        now.write_down(slot)
        hats.append(corrected(slot, beta, now.t + 1))
        now.write_down(hats[-1])
    np.subtract(theta, now.rate * (hats[0] / (np.sqrt(hats[1]) + o.epsilon)), out)


def corrected(moment: Array, beta: float, t: int) -> Array:
    """Return Adam's m̂ or v̂, the moment divided by 1 − βᵗ, after t updates."""
    return np.asarray(moment / (1.0 - beta**t))


def _adam(o: Optimizer, now: Clock, theta: Array, grad: Array, slots: tuple[Array, ...], out: Array, work: Array) -> None:
    if o.weight_decay:
        np.multiply(theta, o.weight_decay, work)
        grad = grad + work  # the gradient on display stays the loss's own
    _adam_step(o, now, theta, grad, slots, out, work)


def _adamw(o: Optimizer, now: Clock, theta: Array, grad: Array, slots: tuple[Array, ...], out: Array, work: Array) -> None:
    _adam_step(o, now, theta * (1.0 - now.rate * o.weight_decay), grad, slots, out, work)


OPTIMIZERS: dict[str, Rule] = {
    "sgd": _sgd,
    "sgd_momentum": _momentum,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adamw,
}
