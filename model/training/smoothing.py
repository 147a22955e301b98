"""Curves of the loss that can be read: means over an epoch, and where the learning rate changes."""

from __future__ import annotations

import numpy as np

from model.problem import Array
from model.run import Run

MOST_CHANGES = 60


def window(run: Run, length: int) -> int:
    """Return over how many updates a smoothed loss is the mean: an epoch, or a hundredth of the run if every batch is all samples."""
    m = len(run.samples[0])
    batches = -(-m // min(run.problem.batch_size or m, m))
    return batches if batches > 1 else max(1, length // 100)


def trailing_mean(values: Array, k: int) -> Array:
    """Return the mean of each value and the k − 1 before it, as far as there are any, (n,); `values` are finite."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - k, 0)
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts))


def rate_changes(run: Run, length: int) -> list[tuple[int, float]]:
    """Return (update, learning rate) of the first `length` updates where it jumps, the last few dozen; a cosine does not jump."""
    found = {t for t in run.retunes if t <= length}
    if run.schedule.kind == "step":
        every, before = run.schedule.every, run.scheduled
        last = (length + before - 1) // every
        found |= {1 + k * every - before for k in range(max(before // every + 1, last - MOST_CHANGES), last + 1)}
    rates = run.rates
    return [(t, float(rates[t - 1])) for t in sorted(found)[-MOST_CHANGES:] if t <= len(rates)]
