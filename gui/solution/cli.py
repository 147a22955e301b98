"""The verb `solve`: worked solutions and exercise sheets from the command line, without a display."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from gui.export.headless import headless
from model.atomic import writing
from model.examples import open_problem
from model.format.file import ProblemError
from model.problem import Problem
from model.sample import batch_size, sample_of
from model.solution.document import SolutionOptions, solve
from model.solution.variants import variants
from model.training.progress import with_progress

SUFFIXES = (".md", ".html", ".tex", ".pdf")
Files = dict[Path, bytes]


@dataclass(frozen=True, slots=True)
class Job:
    """One document: the experiment, and the file that it goes to."""

    problem: Problem
    path: Path


def run_solve(args: Namespace) -> int:
    """Write the solution, or its variants, and return 0; all files or none.

    Raises ProblemError with one sentence for bad input, OSError for a file that cannot be written.
    """
    path = Path(args.output)
    if path.suffix.lower() not in SUFFIXES:
        raise ProblemError(args.output, "", f'the suffix "{path.suffix}" names no kind of document; allowed: {", ".join(SUFFIXES)}')
    problem, application = open_problem(args.file), headless()
    sample = None if args.sample is None else sample_of(args.sample, batch_size(problem, args.step), args.step, args.file)
    options = SolutionOptions(
        args.notation, args.decimals, first=args.step, updates=args.steps, blank=args.blank, form=args.form, sample=sample
    )
    with ExitStack() as stack:
        # Opened before anything is computed, so that what cannot be written is refused at once.
        jobs = _jobs(problem, path, args)
        outputs = {name: stack.enter_context(writing(name)) for job in jobs for name in _names(job.path)}
        for job in with_progress(jobs, len(jobs), "solve"):
            for name, data in _files(job, options, args.theme).items():
                outputs[name].write(data)
    del application
    return 0


def _jobs(problem: Problem, path: Path, args: Namespace) -> list[Job]:
    if args.variants is None:
        return [Job(problem, path)]
    drawn = variants(problem, args.variants, args.seed)
    return [Job(variant, path.with_name(f"{path.stem}-{i}{path.suffix}")) for i, variant in enumerate(drawn, start=1)]


def _names(path: Path) -> list[Path]:
    """Return the files that a document needs: Markdown has its figure in a file beside it."""
    return [_picture(path), path] if path.suffix.lower() == ".md" else [path]


def _picture(path: Path) -> Path:
    return path.with_name(f"{path.stem}-network.svg")


def _files(job: Job, options: SolutionOptions, theme: str) -> Files:
    document = solve(job.problem, options)
    from gui.solution.files import document_files

    found: Mapping[str, bytes] = document_files(document, job.path.suffix.lower(), theme, _picture(job.path).name)
    names = {"": job.path, "picture": _picture(job.path)}
    return {names[kind]: data for kind, data in found.items()}
