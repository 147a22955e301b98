"""Training as a generator: many updates with the functions that stepping uses, handed over in chunks of about 33 ms.

It is consumed in a plain loop or in a worker thread, and stopped by closing it. It holds no run: `Run.append` takes the chunks.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from model.data.batches import data
from model.optimizers import OptimizerState
from model.parameters import Parameters
from model.problem import Array, Problem
from model.stepper import Stepper, pack, unpack, usual_interval
from model.workspace import Workspace

CHUNK_SECONDS = 0.033

# (number of an update, loss before it, parameters after it, flat) -> why the run ends with it, or ""
Stop = Callable[[int, float, Array], str]


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a run left the finite numbers. update: its number, from 1.

    quantity: the first one, in order of computation, that is not finite, or "loss" if only the loss went beyond what is possible.
    layer: the weight layer 1..L of the quantity; of the loss, the one with the largest sums, None where nobody looked.
    """

    update: int
    layer: int | None
    quantity: str

    def __str__(self) -> str:
        return self.said(f"{self.quantity} of layer {self.layer}", f"layer {self.layer}")

    def said(self, what: str, layer: str) -> str:
        """Return the sentence with names given to the quantity and to its layer."""
        where = f"the run diverged at update {self.update:,}"
        if self.quantity != "loss":
            return f"{where}: {what} is no longer a finite number"
        sums = f"; the largest sums are in {layer}" if self.layer else ""
        return f"{where}: the loss is infinite, undefined or beyond the bound{sums}"


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Updates first .. first + n − 1. losses: (n,) before each update. rates: (n,) learning rates, or None without updates.

    checkpoints: (update, parameters and optimiser state before it). end: the same after the last update of the chunk.
    seconds: time spent. divergence: why the run ended here; the chunk stops before the update that it began in. stopped: why the run
    was ended after the last update of the chunk, or "".
    """

    problem: Problem
    first: int
    losses: Array
    rates: Array | None
    checkpoints: tuple[tuple[int, bytes], ...]
    end: bytes
    seconds: float
    divergence: Divergence | None = None
    stopped: str = ""

    @property
    def last(self) -> int:
        """Number of the last update, first − 1 if there is none."""
        return self.first + len(self.losses) - 1

    def parameters(self) -> Parameters:
        """Return the parameters after the last update of the chunk."""
        return unpack(self.problem, self.end, self.last)[0]


def train(
    problem: Problem,
    params: Parameters,
    state: OptimizerState,
    first_step: int = 1,
    *,
    updates: int | None = None,
    learning_rate: Callable[[int], float] | None = None,
    interval: Callable[[], int] | None = None,
    chunk_seconds: float = CHUNK_SECONDS,
    chunk_updates: int | None = None,
    loss_bound: float | None = None,
    samples: tuple[Array, Array] | None = None,
    stop: Stop | None = None,
    offset: int = 0,
) -> Iterator[Chunk]:
    """Yield chunks of updates first_step, first_step + 1, …; without `updates` until closed, or until the run diverges.

    params, state: before update `first_step`. learning_rate: rate of an update by its number, asked before each one; otherwise the
    problem's. interval: asked before each chunk (`Run.interval`); a checkpoint lies before the updates 1, 1 + interval, 1 + 2·interval, …
    A chunk ends after `chunk_seconds` or `chunk_updates`. loss_bound: a loss of larger magnitude counts as divergence.
    samples: (x, y), all of them, if they are at hand; otherwise `data(problem)`. stop: asked after each update whether to go on.
    offset: updates before update 1 that the order of the samples goes on from (`Run.offset`).
    """
    stepper = Stepper(problem, *(samples or data(problem)), offset)
    stepper.restore(pack(params, state), state.t)
    rate = learning_rate if learning_rate and problem.learning_rate is not None else lambda step: problem.learning_rate
    bound = sys.float_info.max if loss_bound is None else loss_bound
    first, end = first_step, math.inf if updates is None else first_step + updates
    while first < end:
        most = min(end - first, chunk_updates or math.inf)
        chunk = _chunk(stepper, first, most, rate, interval() if interval else usual_interval(problem), chunk_seconds, bound, stop)
        if len(chunk.losses) or chunk.divergence:
            yield chunk
        if chunk.divergence or chunk.stopped:
            return
        first = chunk.last + 1


def _chunk(
    stepper: Stepper,
    first: int,
    most: float,
    rate: Callable[[int], float | None],
    interval: int,
    seconds: float,
    bound: float,
    stop: Stop | None,
) -> Chunk:
    """Compute updates from `first` until time or `most` is up or a loss is beyond the bound, or `stop` ends the run."""
    start, start_t = stepper.checkpoint(), stepper.buffers.clock.t
    losses: list[float] = []
    rates: list[float | None] = []
    checkpoints: list[tuple[int, bytes]] = []
    began = time.perf_counter()
    deadline, step, broken, stopped = began + seconds, first, False, ""
    with np.errstate(all="ignore"):
        while step - first < most:
            if (step - 1) % interval == 0:
                checkpoints.append((step, stepper.checkpoint()))
            learning_rate = rate(step)
            loss = stepper.step(step, learning_rate)
            if not -bound <= loss <= bound:
                broken = True
                break
            losses.append(loss)
            rates.append(learning_rate)
            step += 1
            if stop is not None:
                stopped = stop(step - 1, loss, stepper.buffers.theta)
                if stopped:
                    break
            if time.perf_counter() >= deadline:
                break
        divergence = None
        if broken or not np.isfinite(stepper.buffers.vector).all():
            stepper.restore(start, start_t)
            divergence = _find_divergence(stepper, first, step, rate, rates)
    kept = len(losses) if divergence is None else divergence.update - first
    return Chunk(
        problem=stepper.problem,
        first=first,
        losses=np.array(losses[:kept]),
        rates=None if stepper.problem.learning_rate is None else np.array(rates[:kept], dtype=np.float64),
        checkpoints=tuple(c for c in checkpoints if c[0] < first + kept),
        end=stepper.checkpoint(),
        seconds=time.perf_counter() - began,
        divergence=divergence,
        stopped=stopped if divergence is None else "",
    )


def _find_divergence(stepper: Stepper, first: int, last: int, rate: Callable[[int], float | None], rates: list[float | None]) -> Divergence:
    """Repeat the updates first..last and return where the first quantity is not finite; the stepper stays before that update."""
    for step in range(first, last + 1):
        before, t = stepper.checkpoint(), stepper.buffers.clock.t
        learning_rate = rates[step - first] if step - first < len(rates) else rate(step)
        ws = stepper.compute(step, learning_rate)
        found = first_not_finite(ws, learning_rate is not None)
        if found or step == last:
            stepper.restore(before, t)
            return Divergence(step, *(found if found and found[0] else (_largest_sums(ws), "loss")))
        if learning_rate is not None:
            ws.accept()
    raise AssertionError("there is at least one update to repeat")


def _largest_sums(ws: Workspace) -> int:
    """Return the weight layer 1..L whose sums z are largest."""
    return 1 + int(np.argmax([np.abs(z).max() for z in ws.z]))


def first_not_finite(ws: Workspace, updated: bool) -> tuple[int | None, str] | None:
    """Return (weight layer or None, quantity) of the first value of an update that is infinite or NaN, in order of computation."""
    depth = ws.problem.depth
    order: list[tuple[int | None, str, Array]] = []
    for l in range(depth):
        order += [(l + 1, "z", ws.z[l]), (l + 1, "a", ws.a[l + 1])]
    order.append((None, "loss", np.asarray(ws.loss)))
    for l in range(depth - 1, -1, -1):
        order += [(l + 1, "delta", ws.delta[l]), (l + 1, "dW", ws.buffers.gradients[l])]
    if updated:
        for l in range(depth - 1, -1, -1):
            order += [(l + 1, "W_new", ws.buffers.new_matrices[l])]
            order += [(l + 1, "optimiser state", slot[ws.buffers.slices[l]]) for slot in ws.slots]
    return next(((layer, name) for layer, name, values in order if not np.isfinite(values).all()), None)
