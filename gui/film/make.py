"""Makes a film of the walk: one generator for command line and window. It can be stopped at any moment and leaves nothing half-written."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import BinaryIO

from gui.film.deck import write_deck
from gui.film.frames import FrameMaker
from gui.film.overlay import Drawing
from gui.film.player import write_player
from gui.film.targets import folder, seekable
from gui.film.video import check_video, write_mp4, write_webm
from gui.film.writers import write_apng, write_gif, write_pngs, write_webp
from model.atomic import writing
from model.film import FilmError, FilmPlan, FilmSettings
from model.in_parts import Progress
from model.problem import Problem
from model.run import Run
from model.training.reaching import arrival

FilmWriter = Callable[[BinaryIO, FrameMaker], Iterator[int]]
PageWriter = Callable[[BinaryIO, FilmPlan, Drawing | None], Iterator[int]]
WRITERS: dict[str, FilmWriter] = {
    ".gif": write_gif,
    ".apng": write_apng,
    ".webp": write_webp,
    ".mp4": write_mp4,
    ".webm": write_webm,
}
PAGES: dict[str, PageWriter] = {".html": write_player, ".pdf": write_deck}
VIDEO = (".mp4", ".webm")
GIF_FASTEST = 50  # its times are hundredths of a second, and viewers slow down anything below two of them


def make_film(
    problem: Problem, path: Path, settings: FilmSettings, run: Run | None = None, drawing: Drawing | None = None
) -> Generator[Progress, None, None]:
    """Write a film to `path` and yield how much is done, after every few frames at the latest; before, of the way to a far update.

    It paints, and fonts and outlines are shared by everything that paints: it belongs into the thread of the window (`FilmTask` runs
    it there bit by bit) or into a process without one. Needs a QGuiApplication.
    run: where the updates are taken from, by default a new run. drawing: how the network is drawn. The suffix chooses the format; no
    suffix, or an existing folder, gives numbered PNGs. Closing the generator cancels: an old file stays as it was. Raises FilmError
    with one sentence, or OSError where the file cannot be written.
    """
    kind = kind_of(path)
    _check(kind, settings)
    run = run or Run(problem)
    if not kind:
        with folder(path) as made:
            yield from arrival(run, settings.first)
            plan = FilmPlan(problem, settings, run)
            yield from _counted(write_pngs(made, FrameMaker(plan, drawing)), plan.total)
        return
    with writing(path) as target, seekable(target) as file:
        yield from arrival(run, settings.first)
        plan = FilmPlan(problem, settings, run)
        if kind in PAGES:
            yield from _counted(PAGES[kind](file, plan, drawing), len(plan.shots))
        else:
            yield from _counted(WRITERS[kind](file, FrameMaker(plan, drawing)), plan.total)


def kind_of(path: Path) -> str:
    """Return the suffix that decides the format, "" for a folder. Raises FilmError for any other suffix."""
    kind = "" if path.is_dir() else path.suffix.lower()
    if kind and kind not in WRITERS and kind not in PAGES:
        allowed = ", ".join((*WRITERS, *PAGES))
        raise FilmError(f'{path}: a film cannot be written as "{path.suffix}"; allowed: {allowed}, or a name without a suffix for a folder')
    return kind


def _check(kind: str, settings: FilmSettings) -> None:
    if kind in VIDEO:
        check_video(kind, settings)
    if kind == ".gif" and settings.fps > GIF_FASTEST:
        raise FilmError(f"a GIF cannot show {settings.fps:g} frames per second; allowed: 1 to {GIF_FASTEST}")


def _counted(done: Iterator[int], total: int) -> Iterator[Progress]:
    yield Progress(0, total)
    for count in done:
        yield Progress(count, total)
