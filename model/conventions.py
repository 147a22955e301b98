"""In what an experiment's conventions differ from the plain ones, in words, so that no number is shown without saying how it was made."""

from __future__ import annotations

import re

from model.problem import Problem, Rounding

_FACTORS = {
    "squared_error": "loss without ½",
    "mean_squared_error_over_outputs": "loss divided by the n outputs",
    "half_mean_squared_error_over_outputs": "loss divided by 2n, n outputs",
}
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_MODES = {"half_even": "half to even", "half_up": "half up", "truncate": "cut off"}


def conventions(problem: Problem, *, comma: bool = False) -> tuple[str, ...]:
    """Return a phrase for every convention that changes a number and is not the plain one; none for a plain experiment.

    Plain: a squared error with its ½, the sum over samples, a trained bias of its own for each unit, old weights in hidden
    deltas, full precision, no penalty. What has no effect here, such as a mean over one sample, is not named. comma: in its numbers.
    """
    biased = problem.has_biases
    said = (
        _FACTORS.get(problem.loss, ""),
        "mean over the samples" if problem.batch_reduction == "mean" and _samples(problem) != 1 else "",
        "biases frozen" if biased and not problem.train_biases and problem.learning_rate is not None else "",
        "one bias per layer" if biased and problem.bias_sharing == "per_layer" else "",
        "hidden δ with updated weights" if problem.hidden_delta_uses == "new" and _updates_below(problem) else "",
        "" if problem.rounding is None else rounding_words(problem.rounding),
        f"L2 penalty, λ = {problem.l2:g}" if problem.l2 else "",
    )
    return tuple(with_commas(text) if comma else text for text in said if text)


def with_commas(sentence: str) -> str:
    """Return a sentence with decimal commas in its numbers."""
    return _POINT.sub(",", sentence)


def rounding_words(rounding: Rounding) -> str:
    """Return how every number is rounded before it is used."""
    plural = "" if rounding.decimals == 1 else "s"
    return f"every number rounded to {rounding.decimals} decimal{plural}, {_MODES[rounding.mode]}"


def _updates_below(problem: Problem) -> bool:
    return problem.learning_rate is not None and problem.depth > 1


def _samples(problem: Problem) -> int | None:
    """Return how many samples a step takes, None where the data set decides."""
    return problem.batch_size or (None if problem.x is None else len(problem.x))
