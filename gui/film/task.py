"""Makes a film beside a window that goes on answering: a little at a time, whenever nothing else is to be done."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from gui.export.idle_task import IdleTask
from gui.film.make import make_film
from gui.film.overlay import Drawing
from model.film import FilmSettings
from model.problem import Problem
from model.run import Run


class FilmTask(IdleTask):
    """One film being made; run: where its updates are taken from; drawing: how the network is drawn."""

    def __init__(
        self,
        problem: Problem,
        path: Path,
        settings: FilmSettings,
        parent: QObject | None = None,
        run: Run | None = None,
        drawing: Drawing | None = None,
    ) -> None:
        super().__init__(make_film(problem, path, settings, run, drawing), path, parent)
