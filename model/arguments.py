"""Readers of single command-line arguments, for argparse: each refusal says what is needed and what was found."""

from __future__ import annotations

import argparse
import contextlib
import math
import re
from collections.abc import Callable
from typing import TypeVar

PAGES, PAGE_SIDES = ("slide", "column", "square"), (240, 4000)
SLOWEST, FASTEST = 1, 60  # frames per second
LONGEST = 3600  # seconds of a step
Number = TypeVar("Number", int, float)


def file_name(text: str) -> str:
    """Read the name of a file to write for argparse."""
    if not text:
        raise argparse.ArgumentTypeError("an empty name; allowed: the name of the file to write")
    return text


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `low` to `high` for argparse."""
    return _reader(int, low, high, f"a whole number from {low:,} to {high:,}")


def number_between(low: float, high: float, needed: str) -> Callable[[str], float]:
    """Return a reader of numbers from `low` to `high` for argparse. needed: what a refusal asks for."""
    return _reader(float, low, high, needed)


def _reader(kind: Callable[[str], Number], low: Number, high: Number, needed: str) -> Callable[[str], Number]:
    def read(text: str) -> Number:
        with contextlib.suppress(ValueError):
            value = kind(text)
            if low <= value <= high:
                return value
        raise argparse.ArgumentTypeError(f"{needed} is needed, found {text!r}")

    return read


seconds = number_between(math.ulp(0.0), LONGEST, f"a number of seconds above 0, at most {LONGEST},")
frame_rate = number_between(SLOWEST, FASTEST, f"a number from {SLOWEST} to {FASTEST}")


def page_size(text: str) -> str:
    """Read the name of a page, or a size such as 960x600, for argparse."""
    if text in PAGES:
        return text
    sides = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    low, high = PAGE_SIDES
    if sides is None or not all(low <= int(side) <= high for side in sides.groups()):
        allowed = f"{', '.join(PAGES)} or WIDTHxHEIGHT from {low} to {high:,} pixels each, such as 960x600"
        raise argparse.ArgumentTypeError(f"{text!r} is no page; allowed: {allowed}")
    return text
