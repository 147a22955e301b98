"""Work that is done a little at a time: generators that yield how much is done, and return what has been made."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")
S = TypeVar("S")
Work = Generator[float, None, T]  # which yields shares of the whole, from 0 to 1


class Progress(NamedTuple):
    """How much of how much is done, counted in whatever is made."""

    done: int
    total: int


def completed(work: Generator[Any, None, T]) -> T:
    """Do all of it at once and return what has been made."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def saying(work: Work[T], say: Callable[[float], S]) -> Generator[S, None, T]:
    """Do the same work, but yield what `say` makes of how much is done. Closing it closes the work."""
    with closing(work):
        while True:
            try:
                share = next(work)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            yield say(share)


def between(work: Work[T], low: float, high: float) -> Work[T]:
    """Do the work as a part of a greater one, from its share `low` to its share `high`."""
    return saying(work, lambda share: low + (high - low) * share)
