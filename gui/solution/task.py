"""Worked solutions and exercise sheets of one or many experiments, one file after the other; all of them or none."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from gui.solution.files import document_files
from model.atomic import writing
from model.in_parts import Progress, Work, between, saying
from model.problem import Problem
from model.run import Run
from model.solution.document import SolutionOptions, solving
from model.solution.variants import variants
from model.training.reaching import arrival

SOLVED = 0.2  # share of the work that is done when everything is worked out, and nothing written
SUFFIXES = (".pdf", ".html", ".tex", ".md")


@dataclass(frozen=True, slots=True)
class Sheets:
    """Which files are made. kinds: blank or not, one or both. count: of variants, None for the experiment itself; seed: draws them."""

    kinds: Sequence[bool] = (False,)
    count: int | None = None
    seed: int = 1
    theme: str = "light"


@dataclass(frozen=True, slots=True)
class _Job:
    problem: Problem
    path: Path
    blank: bool
    run: Run | None


def names(path: Path, sheets: Sheets) -> list[Path]:
    """Return the files that will be written, without the figures beside Markdown."""
    numbers = [""] if sheets.count is None else [f"-{i}" for i in range(1, sheets.count + 1)]
    return [_name(path, number, blank, sheets) for number in numbers for blank in sheets.kinds]


def _name(path: Path, number: str, blank: bool, sheets: Sheets) -> Path:
    """Return the name of one file; only where both kinds are made, the blank one says so."""
    mark = "-blank" if blank and len(sheets.kinds) > 1 else ""
    return path.with_name(f"{path.stem}{number}{mark}{path.suffix}")


def _figure_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}-network.svg")


def make_solutions(
    problem: Problem, path: Path, options: SolutionOptions, sheets: Sheets, run: Run | None = None
) -> Generator[Progress, None, None]:
    """Write the files and yield how much is done, in hundredths, and before each of them of the way to a far update. Closing the
    generator cancels: files that were there before stay as they were.

    run: where the updates of the experiment itself are taken from. Needs a QGuiApplication. Raises ValueError with one sentence, OSError.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(f'the suffix "{path.suffix}" names no kind of document; allowed: {", ".join(SUFFIXES)}')
    with ExitStack() as stack:
        # Opened before anything is computed, so that what cannot be written is refused at once.
        outputs = {name: stack.enter_context(writing(name)) for name in _all_names(path, sheets)}
        jobs = list(_jobs(problem, path, sheets, run))
        yield Progress(0, 100)
        for done, job in enumerate(jobs):
            updates = job.run or Run(job.problem)
            yield from arrival(updates, options.first)
            work = between(_made(job, options, sheets, updates), done / len(jobs), (done + 1) / len(jobs))
            files = yield from saying(work, lambda share: Progress(round(100 * share), 100))
            for kind, data in files.items():
                outputs[_figure_of(job.path) if kind else job.path].write(data)
        yield Progress(100, 100)


def _made(job: _Job, options: SolutionOptions, sheets: Sheets, run: Run) -> Work[dict[str, bytes]]:
    document = yield from between(solving(job.problem, replace(options, blank=job.blank), run), 0.0, SOLVED)
    return (yield from between(document_files(document, job.path.suffix.lower(), sheets.theme, _figure_of(job.path).name), SOLVED, 1.0))


def _all_names(path: Path, sheets: Sheets) -> Iterator[Path]:
    for name in names(path, sheets):
        yield name
        if path.suffix.lower() == ".md":
            yield _figure_of(name)


def _jobs(problem: Problem, path: Path, sheets: Sheets, run: Run | None) -> Iterator[_Job]:
    drawn = [problem] if sheets.count is None else variants(problem, sheets.count, sheets.seed)
    for i, variant in enumerate(drawn, 1):
        for blank in sheets.kinds:
            number = "" if sheets.count is None else f"-{i}"
            yield _Job(variant, _name(path, number, blank, sheets), blank, run if sheets.count is None else None)
