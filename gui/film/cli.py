"""The verb `animate`: the walk as a film, without a display."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gui.export.headless import headless
from model.examples import open_run
from model.film import FilmError, FilmSettings
from model.format.file import ProblemError
from model.run import Run
from model.sample import sample_of
from model.training.progress import run_shown

if TYPE_CHECKING:
    from gui.diagram.context import ColourBy

BAD_INPUT = 2


def run_animate(args: Namespace) -> int:
    """`animate FILE -o OUT`. Exit 0, or 2 with one line on standard error. Raises ProblemError, OSError, KeyboardInterrupt."""
    run = open_run(args.file)
    if args.steps > 1 and run.problem.learning_rate is None:
        raise ProblemError(args.file, "learning_rate", f"without one there are no {args.steps:,} updates to film; allowed: --steps 1")
    try:
        sample = sample_of(args.sample, run.batch_size(args.step), args.step, args.file)
        _make(run, Path(args.output), replace(settings_of(args), sample=sample), args.colour_by)
    except FilmError as error:
        sentence = str(error) if str(error).startswith(args.output) else f"{args.output}: {error}"
        sys.stderr.write(f"deltastep: {' '.join(sentence.split())}\n")
        return BAD_INPUT
    return 0


def _make(run: Run, path: Path, settings: FilmSettings, colour_by: ColourBy) -> None:
    application = headless()
    from gui.diagram.context import DiagramOptions
    from gui.film.make import make_film
    from gui.film.overlay import Drawing

    run_shown(make_film(run.problem, path, settings, run, Drawing(DiagramOptions(colour_by))), "animate")
    del application


def settings_of(args: Namespace) -> FilmSettings:
    """Return what the options ask for. A folder of pictures gets one picture per step unless motion is asked for."""
    folder = not Path(args.output).suffix or Path(args.output).is_dir()
    return FilmSettings(
        first=args.step,
        updates=args.steps,
        granularity=args.granularity,
        fps=args.fps,
        seconds=args.seconds_per_step,
        motion=not folder if args.motion is None else args.motion,
        formulas=args.formulas,
        width=args.width,
        theme=args.theme,
        notation=args.notation,
        decimals=args.decimals,
        form=args.form,
    )
