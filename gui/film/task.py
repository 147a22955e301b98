"""Makes a film beside a window that goes on answering: a little at a time, whenever nothing else is to be done."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from gui.export.idle_task import IdleTask
from gui.film.make import make_film
from model.film import FilmSettings
from model.problem import Problem
from model.run import Run


class FilmTask(IdleTask):
    """One film being made; run: where its updates are taken from."""

    def __init__(self, problem: Problem, path: Path, settings: FilmSettings, parent: QObject | None = None, run: Run | None = None) -> None:
        super().__init__(make_film(problem, path, settings, run), path, parent)
