"""Makes a film beside a window that goes on answering: a little at a time, whenever nothing else is to be done."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from gui.film import make_film
from model.film import FilmError, FilmSettings, Progress
from model.problem import Problem

SLICE = 0.02  # seconds of work between two looks at the events; a single picture may take longer


class FilmTask(QObject):
    """One film being made.

    **Signals:** progressed(done, total): frames or pages. ended(sentence): "" when the file is complete, else why there is none;
    never after `cancel`.
    """

    progressed = Signal(int, int)
    ended = Signal(str)

    def __init__(self, problem: Problem, path: Path, settings: FilmSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._film: Generator[Progress, None, None] | None = make_film(problem, path, settings)
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_timeout)

    def start(self) -> None:
        """Begin."""
        self._timer.start()

    @property
    def running(self) -> bool:
        """Whether the film is neither complete nor given up."""
        return self._film is not None

    def cancel(self) -> None:
        """Give up at once; what was at the path before is still there, and nothing else."""
        self._timer.stop()
        if self._film is not None:
            film, self._film = self._film, None
            film.close()

    def _on_timeout(self) -> None:
        if self._film is None:
            return
        began = time.monotonic()
        try:
            progress = next(self._film)
            while time.monotonic() - began < SLICE:
                progress = next(self._film)
        except StopIteration:
            self._end("")
        except FilmError as error:
            self._end(str(error))
        except OSError as error:
            self._end(f"{self._path}: this cannot be written ({error.strerror or error})")
        else:
            self.progressed.emit(progress.done, progress.total)

    def _end(self, sentence: str) -> None:
        self.cancel()
        self.ended.emit(sentence)
