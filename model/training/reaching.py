"""The way to updates of a run that are not computed yet, a little at a time or with a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from model.in_parts import Progress
from model.record import Record
from model.run import Run
from model.training.progress import ProgressBar


def arrival(run: Run, step: int) -> Iterator[Progress]:
    """Compute what is missing before an update a little at a time, and yield how many of the updates before it there are."""
    for updates in run.approach(step):
        yield Progress(updates, step)


def reached(run: Run, steps: Sequence[int], what: str, alone: bool = False) -> Iterator[Record]:
    """Yield the records of these updates, in order, and show how many updates of a run that is not computed yet have been.

    alone: nothing else of the run is wanted, so that updates which have no effect on these need not be computed.
    """
    with ProgressBar(what, steps[-1]) as bar:
        for step in steps:
            if alone and run.problem.learning_rate is None and step > run.length + 1:
                yield _alone(run, step)
                continue
            for updates in run.approach(step):
                bar.show(updates)
            if sys.stdout.isatty():
                bar.clear()  # what is written next may go to the same place
            yield run.record(step)
            bar.show(step)


def _alone(run: Run, step: int) -> Record:
    """Return the record of an update of a run without a learning rate: but for their samples, all its updates are alike."""
    record = Run(run.problem, split=run.split, offset=run.offset + step - 1, begun=run.begun).record(1)
    return replace(record, step=step)
