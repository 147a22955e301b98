"""Where the updates of films and solutions come from, and how a far one is reached beside a window that goes on answering. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from time import perf_counter

from gui.state import AppState
from model.run import Run
from model.solution.variants import variants

SLICE = 0.02  # seconds of work between two looks at the events


class RunSource:
    """Gives the same run again as long as nothing decides otherwise, so that what has been computed for a preview stays."""

    def __init__(self) -> None:
        self._key: Hashable = None
        self._run: Run | None = None

    def run_for(self, state: AppState, last: int) -> Run:
        """Return the run on screen, or one that goes the same way further, for updates up to `last`."""
        run = state.run
        if last <= run.length or state.problem.learning_rate is None:
            return run
        plan = run.plan()
        return self._kept((run, *sorted(plan.items())), lambda: run.again(planned=plan))

    def run_of_variant(self, state: AppState, seed: int) -> Run:
        """Return a run of the first variant of the experiment on screen."""
        return self._kept((state.problem, seed), lambda: Run(variants(state.problem, 1, seed)[0]))

    def _kept(self, key: Hashable, make: Callable[[], Run]) -> Run:
        if self._run is None or key != self._key:
            self._key, self._run = key, make()
        return self._run


def comes_near(run: Run, step: int) -> bool:
    """Compute for a moment what is missing before an update; return whether nothing is."""
    end = perf_counter() + SLICE
    return all(perf_counter() < end for _ in run.approach(step))


def on_the_way(run: Run, step: int) -> str:
    """Return what is said while an update is not reached."""
    return f"Computing update {run.length:,} of {step:,} …"
