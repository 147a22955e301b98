"""Readers of single command-line arguments, for argparse: each refusal says what is needed and what was found."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable

PAGES, PAGE_SIDES = ("slide", "column", "square"), (240, 4000)
SLOWEST, FASTEST = 1, 60  # frames per second
LONGEST = 3600  # seconds of a step


def file_name(text: str) -> str:
    """Read the name of a file to write for argparse."""
    if not text:
        raise argparse.ArgumentTypeError("an empty name; allowed: the name of the file to write")
    return text


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `low` to `high` for argparse."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"a whole number from {low:,} to {high:,} is needed, found {text!r}")
        return value

    return read


def number_between(low: float, high: float, needed: str) -> Callable[[str], float]:
    """Return a reader of numbers from `low` to `high` for argparse. needed: what a refusal asks for."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{needed} is needed, found {text!r}")
        return value

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
