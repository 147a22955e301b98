"""Which sample of a batch a user means: they count from 1, rows count from 0."""

from __future__ import annotations

from model.format.file import ProblemError


def sample_row(number: int | None, m: int, step: int) -> int:
    """Return the row of the sample that a user calls `number`, from 1, in the batch of m samples of an update; None is the first.

    Raises ValueError with one sentence if there is no such sample.
    """
    if number is not None and not 1 <= number <= m:
        raise ValueError(f"update {step:,} has no sample {number:,}; allowed: {f'1 to {m:,}' if m > 1 else '1'}")
    return (number or 1) - 1


def sample_of(number: int | None, m: int, step: int, file: str) -> int:
    """Return the row of the sample that `--sample` names in the batch of m samples of an update of a file; None is the first.

    Raises ProblemError with one sentence.
    """
    try:
        return sample_row(number, m, step)
    except ValueError as error:
        raise ProblemError(file, "--sample", str(error)) from None
