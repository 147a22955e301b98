"""A progress bar on standard error, only where that is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
_WIDTH = 30
_PAUSE = 0.1  # seconds between two pictures of the bar


def with_progress(items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
    """Yield the items and show how many of `total` have passed; the bar appears only if there is something to wait for."""
    if not sys.stderr.isatty():
        yield from items
        return
    shown_at, drawn = time.monotonic(), False
    try:
        for count, item in enumerate(items, 1):
            yield item
            if time.monotonic() - shown_at >= _PAUSE:
                _draw(what, count, total)
                shown_at, drawn = time.monotonic(), True
    finally:
        if drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _draw(what: str, count: int, total: int) -> None:
    filled = _WIDTH * count // max(total, 1)
    sys.stderr.write(f"\r{what} [{'#' * filled}{' ' * (_WIDTH - filled)}] {count:,} of {total:,}\x1b[K")
    sys.stderr.flush()
