"""What a session keeps beside the experiment: bookmarks, and the losses of earlier runs to compare with. No Qt."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.evaluation import Split
from model.expr.tree import significant
from model.format.fitting import fingerprint
from model.format.session import Bookmark
from model.problem import Array, Problem, frozen
from model.run import Run
from model.training.schedules import Schedule
from model.training.stopping import StopRule

POINTS = 4000  # of the loss of an earlier run that are kept
MOST_RUNS = 6
MOST_NOTE = 200  # characters
MOST_TITLE = 24  # characters of an experiment's name in a legend


@dataclass(frozen=True, slots=True)
class Work:
    """What was done with an experiment beside changing it; equal as long as nothing was done. Steps by hand are not counted.

    trained: how the run that a worker has computed came about, and how far it goes.
    """

    trained: tuple[object, ...]
    settings: tuple[Schedule, Split, StopRule]
    bookmarks: tuple[Bookmark, ...]
    kept: tuple[KeptRun, ...]


@dataclass(frozen=True, slots=True, eq=False)
class KeptRun:
    """The losses of a run that was trained and then left. steps, losses: (k,), at most `POINTS` of them.

    offset: how many updates of an earlier run its update 1 comes after. run: which one it was, as long as it is in memory.
    rates: where its learning rate was changed while it went on; None where that is not known any more.
    """

    problem: Problem
    schedule: Schedule
    split: Split
    offset: int
    length: int
    steps: Array
    losses: Array
    run: weakref.ref[Run]
    rates: tuple[tuple[int, float], ...] | None = None

    def is_of(self, run: Run) -> bool:
        """Whether these are the losses of a run, or of one that was let go of and has been brought back."""
        mine, known = self.run(), (self.schedule, self.split, self.offset)
        return run is mine or (mine is None and run.problem is self.problem and known == (run.schedule, run.split, run.offset))

    def repeats(self, run: Run) -> bool:
        """Whether another run gives the same losses, as far as both go."""
        ways, others = (self.schedule, self.split, self.offset, self.rates), (run.schedule, run.split, run.offset, rates_of(run))
        return ways == others and equal_numbers(self.problem, run.problem)


def rates_of(run: Run) -> tuple[tuple[int, float], ...]:
    """Return (update, learning rate from it on) where that was changed while a run went on."""
    return tuple(sorted(run.retunes.items()))


def equal_numbers(one: Problem, other: Problem) -> bool:
    """Whether two experiments give the same numbers, whatever they are called and written in."""
    return one is other or (one.layers == other.layers and fingerprint(one) == fingerprint(other))


def trained_part(run: Run, length: int) -> tuple[object, ...]:
    """Return what identifies the trained updates among the first `length` of a run; the same settings give the same numbers."""
    if not run.trained:
        return ()
    return run.problem, run.split, run.schedule, run.offset, rates_of(run), min(run.trained_to, length)


def kept(run: Run, length: int) -> KeptRun:
    """Return what is kept of the first `length` updates of a run."""
    stride = max(1, -(-length // POINTS))
    losses = frozen(run.losses[:length:stride])
    steps = frozen(range(1, length + 1, stride))
    return KeptRun(run.problem, run.schedule, run.split, run.offset, length, steps, losses, weakref.ref(run), rates_of(run))


def settings(problem: Problem, schedule: Schedule, split: Split, rate: str = "η") -> dict[str, str]:
    """Return the settings of a run, each by a short name and in a few words, as legends have room for.

    rate: the letter of the learning rate.
    """
    rule = problem.optimizer
    name = "Nesterov" if rule.nesterov and rule.name == "sgd_momentum" else rule.name.replace("_", " + ")
    return {
        "layers": "-".join(map(str, problem.layers)),
        "activations": ", ".join(_merged(problem.activations)),
        "loss": problem.loss.replace("half_", "½ ").replace("_", " "),
        "learning rate": f"{rate} {significant(problem.learning_rate, 6)}" if problem.learning_rate is not None else "no updates",
        "schedule": f"constant {rate}" if schedule.kind == "constant" else schedule.in_words().replace("η", rate),
        "optimiser": f"{name} (μ {rule.momentum:g})" if rule.name == "sgd_momentum" else name,
        "batch": "all samples" if problem.batch_size is None else f"batch {problem.batch_size}",
        "order": "file order" if problem.shuffle_seed is None else f"shuffled by {problem.shuffle_seed}",
        "reduction": problem.batch_reduction,
        "L2": f"L2 {problem.l2:g}",
        "hidden delta": f"{'updated' if problem.hidden_delta_uses == 'new' else 'old'} weights in δ",
        "biases": "no biases" if not problem.has_biases else "biases" if problem.train_biases else "biases frozen",
        "rounding": "exact" if problem.rounding is None else f"rounded to {problem.rounding.decimals}",
        "weights": f"seed {problem.init.seed}" if problem.init else "given weights",
        "data": _data_in_words(problem),
        "held out": f"{split.share * 100:.0f} % held out" if split.share else "none held out",
    }


def _merged(names: Sequence[str]) -> list[str]:
    """Return names without repetitions of neighbours."""
    return [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]


def _beside(one: Problem, first: Problem) -> str:
    """Return which given numbers a run starts with that another of the same layers does not; "" if there are none."""
    if one.init is not None or first.init is not None or one.layers != first.layers:
        return ""  # a seed, or the layers, say it
    pairs = (("weight", "weights", one.weights, first.weights), ("bias", "biases", one.biases, first.biases))
    return ", ".join(filter(None, (_others(*pair) for pair in pairs)))


def _others(singular: str, plural: str, mine: tuple[Array, ...] | None, theirs: tuple[Array, ...] | None) -> str:
    if mine is None or theirs is None:
        return ""
    count = sum(int(np.count_nonzero(a != b)) for a, b in zip(mine, theirs, strict=True))
    return f"{count} other {singular}" if count == 1 else f"other {plural}" if count else ""


def _data_in_words(problem: Problem) -> str:
    """Return the name of a data set, or how many samples there are of which experiment."""
    if problem.dataset is not None:
        return str(problem.dataset["name"])
    count, title = 0 if problem.x is None else len(problem.x), problem.title.partition(":")[0].strip()
    cut = title if len(title) <= MOST_TITLE else f"{title[: MOST_TITLE - 1].rstrip()}…"
    return f"{cut} ({count:,} sample{'' if count == 1 else 's'})" if title else f"{count:,} own samples"


def _same_data(one: Problem, other: Problem) -> bool:
    """Whether two runs have the same samples, whatever their experiments are called."""
    pairs = ((one.x, other.x), (one.y, other.y))
    given = all(a is b or (a is not None and b is not None and np.array_equal(a, b)) for a, b in pairs)
    return given and one.dataset == other.dataset


def differences(runs: Sequence[tuple[Problem, Schedule, Split]], rate: str = "η") -> list[str]:
    """Return, for each run, its settings that are not the same in all of them, and which numbers it starts with that the first does not.

    "" for all if there is no difference. Later runs of which the same would be said are numbered. rate: the letter of the learning rate.
    """
    described = [settings(*run, rate) for run in runs]
    names = [name for name in described[0] if len({one[name] for one in described}) > 1]
    if "data" in names and all(_same_data(runs[0][0], run[0]) for run in runs):
        names.remove("data")
    parts = [[*(one[name] for name in names), _beside(run[0], runs[0][0])] for one, run in zip(described, runs, strict=True)]
    first, *later = [", ".join(filter(None, some)) for some in parts]
    numbered = (f"{words} (run {i})" if words else f"run {i}" for i, words in enumerate(later, 1))
    return [first, *(words if later.count(words) == 1 else name for words, name in zip(later, numbered, strict=True))]


__all__ = [
    "MOST_NOTE", "MOST_RUNS", "POINTS", "Bookmark", "KeptRun", "Work", "differences", "kept", "settings", "trained_part",
]  # fmt: skip
