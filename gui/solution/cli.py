"""The verb `solve`: worked solutions and exercise sheets from the command line, without a display."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from gui.export.headless import headless
from model.examples import open_run
from model.format.file import ProblemError
from model.sample import sample_of
from model.solution.document import SolutionOptions
from model.training.progress import run_shown

SUFFIXES = (".md", ".html", ".tex", ".pdf")


def run_solve(args: Namespace) -> int:
    """Write the solution, or its variants, and return 0; all files or none.

    Raises ProblemError with one sentence for bad input, OSError for a file that cannot be written.
    """
    path = Path(args.output)
    if path.suffix.lower() not in SUFFIXES:
        raise ProblemError(args.output, "", f'the suffix "{path.suffix}" names no kind of document; allowed: {", ".join(SUFFIXES)}')
    run, application = open_run(args.file), headless()
    from gui.solution.task import Sheets, make_solutions

    if args.steps > 1 and run.problem.learning_rate is None:
        raise ProblemError(args.file, "learning_rate", f"without one there are no {args.steps:,} updates to work out; allowed: --steps 1")
    sample = None if args.sample is None else sample_of(args.sample, run.batch_size(args.step), args.step, args.file)
    options = SolutionOptions(
        args.notation, args.decimals, first=args.step, updates=args.steps, blank=args.blank, form=args.form, sample=sample
    )
    run_shown(make_solutions(run.problem, path, options, Sheets((args.blank,), args.variants, args.seed, args.theme), run), "solve")
    del application
    return 0
