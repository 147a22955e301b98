"""The way to updates of a run that are not computed yet, with a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from model.record import Record
from model.run import Run
from model.training.progress import Progress


def reached(run: Run, steps: Sequence[int], what: str) -> Iterator[Record]:
    """Yield the records of these updates, in order, and show how many updates of a run that is not computed yet have been."""
    with Progress(what, steps[-1]) as progress:
        for step in steps:
            for updates in run.approach(step):
                progress.show(updates)
            if sys.stdout.isatty():
                progress.clear()  # what is written next may go to the same place
            yield run.record(step)
            progress.show(step)
