"""When a run ends by itself: at a target loss, or when the loss has not fallen for a while."""

from __future__ import annotations

import math
from dataclasses import dataclass

from model.evaluation import Evaluator
from model.problem import Array
from model.training.loop import Stop

MOST_EPOCHS = 1_000_000
STOPPED = "Stopped at update"


@dataclass(frozen=True, slots=True)
class StopRule:
    """target: end when the loss of an epoch is at most this. patience: end after so many epochs without a lower loss than before.

    The loss of an epoch is the mean of its batches' losses, as each was before its update; where samples are held out, it is the
    loss on them after the epoch.
    """

    target: float | None = None
    patience: int | None = None

    def __post_init__(self) -> None:
        if self.target is not None and not math.isfinite(self.target):
            raise ValueError(f"The target loss cannot be {self.target:g}; allowed: any finite number.")
        if self.patience is not None and not 1 <= self.patience <= MOST_EPOCHS:
            raise ValueError(f"A patience of {self.patience:,} epochs is not possible; allowed: 1 to {MOST_EPOCHS:,}.")

    @property
    def active(self) -> bool:
        """Whether anything can end the run."""
        return self.target is not None or self.patience is not None


def ended_by_rule(sentence: str) -> bool:
    """Return whether a sentence on the end of a run says that a stop rule was met, which is what the user asked for."""
    return sentence.startswith(STOPPED)


def watch(rule: StopRule, batches: int, held_out: Evaluator | None, offset: int = 0) -> Stop | None:
    """Return what `model.training.loop.train` asks after each update, or None if nothing ends the run.

    batches: per epoch. held_out: evaluates the held-out samples, if there are any. offset: updates before update 1, as epochs count them.
    """
    return _Watch(rule, batches, held_out, offset) if rule.active else None


class _Watch:
    """Collects the losses of an epoch; knows the lowest loss so far and when it was."""

    def __init__(self, rule: StopRule, batches: int, held_out: Evaluator | None, offset: int) -> None:
        self._rule, self._batches, self._held_out, self._offset = rule, batches, held_out, offset
        self._sum, self._count = 0.0, 0
        self._lowest, self._waited = math.inf, 0

    def __call__(self, step: int, loss: float, theta: Array) -> str:
        """Take update `step`, the loss before it and the parameters after it; return why the run ends, or ""."""
        self._sum, self._count = self._sum + loss, self._count + 1
        if (step + self._offset) % self._batches:
            return ""
        of_epoch = self._sum / self._count if self._held_out is None else self._held_out.loss(theta)
        self._sum, self._count = 0.0, 0
        return self._judge(step, of_epoch)

    def _judge(self, step: int, loss: float) -> str:
        what = "the loss" if self._held_out is None else "the loss on the held-out samples"
        rule = self._rule
        if rule.target is not None and loss <= rule.target:
            return f"{STOPPED} {step:,}: {what} is {loss:.4g}, not above the target {rule.target:g}."
        lower = loss < self._lowest
        self._lowest, self._waited = min(loss, self._lowest), 0 if lower else self._waited + 1
        if rule.patience is not None and self._waited >= rule.patience:
            epochs = "epoch" if rule.patience == 1 else "epochs"
            return f"{STOPPED} {step:,}: for {rule.patience:,} {epochs} {what} has not fallen below {self._lowest:.4g}."
        return ""
