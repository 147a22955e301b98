"""The verbs that need no window: `verify`, `trace`, `examples`, `notations`. Each writes to `out` and returns the exit code."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from functools import partial
from typing import TextIO

import resources
from model.diagnosis.printed import reasons
from model.examples import DEFAULT, example_names, open_problem, open_run
from model.format.file import ProblemError
from model.format.schema import notation_names
from model.problem import Problem
from model.report import PATHS_LEFT_OUT, has_paths, one_line, trace_json, verify_json, verify_text
from model.run import Run
from model.training.progress import ProgressBar
from model.training.reaching import reached
from model.verify import FileResult, verify


def wants_colour(out: TextIO) -> bool:
    """Whether to write in colour: on a terminal that knows it, unless NO_COLOR is set."""
    return out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def open_or_default(name: str | None) -> Problem:
    """Read the named file or example, or the example that the program opens on. Raises ProblemError."""
    return open_problem(DEFAULT if name is None else name)


def run_verify(args: Namespace, out: TextIO, err: TextIO) -> int:
    """`verify [FILE…] [--json]`. Exit 0: nothing disagrees and no erratum is stale; 1: something; 2: a file could not be read."""
    results: list[FileResult] = []
    unreadable = False
    files = args.files or example_names()
    why = None if args.json else reasons
    with ProgressBar("verify", len(files)) as progress:
        for done, name in enumerate(files):
            progress.show(done)
            try:
                problem = open_problem(name)
                results.append(verify(problem, name, partial(_show_updates, progress, done, problem.steps), why))
            except ProblemError as error:
                progress.clear()
                err.write(f"deltastep: {one_line(str(error))}\n")
                unreadable = True
                continue
            if not args.json:
                progress.clear()
                out.write(verify_text(results[-1], wants_colour(out)))
    if args.json:
        out.write(json.dumps(verify_json(results), allow_nan=False) + "\n")
    if unreadable:
        return 2
    return 0 if all(result.passed for result in results) else 1


def _show_updates(progress: ProgressBar, files: int, steps: int, updates: int) -> None:
    progress.show(files, f", update {updates:,} of {steps:,}")


def run_trace(args: Namespace, out: TextIO) -> int:
    """`trace FILE [--step N] [--json | --micro]`: every quantity of one update, or of the file's `steps` updates.

    Where the window has recorded a run in the file, the updates are those of that run: its learning rates, samples and order.
    """
    run = open_run(args.file)
    if args.micro:
        from model.walkthrough import print_micro

        print_micro(run, args.step or 1, out)
        return 0
    steps = range(1, run.problem.steps + 1) if args.step is None else range(args.step, args.step + 1)
    if args.json:
        _write_trace_json(run, steps, out)
        return 0
    from model.walkthrough import print_trace

    print_trace(run, steps, out)
    return 0


def _write_trace_json(run: Run, steps: range, out: TextIO) -> None:
    """Write update by update, so that a long run needs no memory."""
    out.write(f'{{"title": {json.dumps(run.problem.title)}, "steps": [')
    for i, record in enumerate(reached(run, steps, "trace", alone=True)):
        out.write(", " if i else "")
        out.write(json.dumps(trace_json(record), allow_nan=False))  # ten times as fast as `dump`, which does not use the C encoder
    out.write("]}\n")
    if not has_paths(record):
        sys.stderr.write(f"deltastep: {PATHS_LEFT_OUT}\n")


def run_examples(out: TextIO) -> int:
    """`examples`: name and title of each built-in example, one per line."""
    names = example_names()
    width = max(map(len, names), default=0)
    for name in names:
        out.write(f"{name:<{width}}  {one_line(open_problem(name).title)}\n")
    return 0


def run_notations(out: TextIO) -> int:
    """`notations`: name and title of each notation profile, one per line."""
    names = notation_names()
    width = max(map(len, names), default=0)
    for name in names:
        out.write(f"{name:<{width}}  {_notation_title(name)}".rstrip() + "\n")
    return 0


def _notation_title(name: str) -> str:
    profile = json.loads(resources.path(f"notations/{name}.json").read_text(encoding="utf-8"))
    return one_line(str(profile.get("title", "")))
