"""Work that goes on beside a window that goes on answering: a little at a time, whenever nothing else is to be done."""

from __future__ import annotations

import time
from collections.abc import Generator

from PySide6.QtCore import QObject, QTimer, Signal

from model.in_parts import Progress
from model.saying import reason

SLICE = 0.02  # seconds of work between two looks at the events; a single piece of work may take longer


class IdleTask(QObject):
    """A generator that is run to its end. Painting shares fonts with the window, so this is no thread.

    **Signals:** progressed(done, total). ended(sentence): "" when all is complete, else why it is not; never after `cancel`.
    """

    progressed = Signal(int, int)
    ended = Signal(str)

    def __init__(self, work: Generator[Progress, None, None], path: object, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._work: Generator[Progress, None, None] | None = work
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_timeout)

    def start(self) -> None:
        """Begin."""
        self._timer.start()

    @property
    def running(self) -> bool:
        """Whether the work is neither complete nor given up."""
        return self._work is not None

    def cancel(self) -> None:
        """Give up at once; what was at the path before is still there, and nothing else."""
        self._timer.stop()
        if self._work is not None:
            work, self._work = self._work, None
            work.close()

    def _on_timeout(self) -> None:
        if self._work is None:
            return
        began = time.monotonic()
        try:
            progress = next(self._work)
            while time.monotonic() - began < SLICE:
                progress = next(self._work)
        except StopIteration:
            self._end("")
        except (OSError, ValueError, MemoryError) as error:
            self._end(reason(error, self._path))
        else:
            self.progressed.emit(progress.done, progress.total)

    def _end(self, sentence: str) -> None:
        self.cancel()
        self.ended.emit(sentence)
