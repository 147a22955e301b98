"""A progress bar on standard error, only where that is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, closing
from itertools import groupby
from types import TracebackType

from model.in_parts import Progress
from model.training.estimate import Estimate

_WIDTH = 30
_PAUSE = 0.1  # seconds before the bar appears and between two pictures of it


class ProgressBar(AbstractContextManager["ProgressBar"]):
    """A bar that appears if there is something to wait for, and is gone at the end of the block."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total = what, total
        self._visible, self._drawn = sys.stderr is not None and sys.stderr.isatty(), False
        self._drawn_at = time.monotonic()
        self._estimate = Estimate(total, self._drawn_at)

    def show(self, done: int, detail: str = "") -> None:
        """Show that `done` of the total are done; detail: what is being done with the next one."""
        if not self._visible or time.monotonic() - self._drawn_at < _PAUSE:
            return
        self._drawn_at, self._drawn = time.monotonic(), True
        filled, left = int(_WIDTH * self._estimate.share(done)), self._estimate.words(done, self._drawn_at)
        bar = "#" * filled + " " * (_WIDTH - filled)
        sys.stderr.write(f"\r{self._what} [{bar}] {done:,} of {self._total:,}{left and f', {left}'}{detail}\x1b[K")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the bar away, so that another line can be written."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.clear()


def run_shown(work: Generator[Progress, None, None], what: str) -> None:
    """Do some work, which yields how much of how much is done, to its end; whenever the whole is another one, a new bar begins."""
    with closing(work):
        for total, part in groupby(work, key=lambda progress: progress.total):
            with ProgressBar(what, total) as bar:
                for done, _ in part:
                    bar.show(done)
