"""What may follow a step a moment later, in the pauses between keys: no key waits for a table, a plot or what is made in advance."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

from gui.turns import Turns, alive

PAUSE = 0.016  # seconds after a step that belong to its picture and formula at most: one frame
PATIENCE = 0.1  # seconds for which steps that follow each other without a pause put everybody off
RAPID = 0.06  # seconds between two steps
AGAIN = 250  # milliseconds after which idle work looks whether a run still goes on


class Pauses(QObject):
    """Serves one after the other, in the order in which they asked, each in a turn of the event loop of its own."""

    def __init__(self, turns: Turns, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turns = turns
        self._waiting: dict[Callable[[], None], QWidget | None] = {}
        self._idle: set[Callable[[], None]] = set()  # those of them that wait for the end of a run
        self._shown, self._rapid = True, False
        self._stepped = self._put_off = -math.inf  # the last step; since when steps have followed each other and nobody has been served
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timeout)

    @property
    def busy(self) -> bool:
        """Whether anybody is still to be served."""
        return bool(self._waiting)

    @property
    def rapid(self) -> bool:
        """Whether the last step came so soon after the one before that nobody looks at a single one, as when a key is held down."""
        return self._rapid

    def note_step(self) -> None:
        """Leave the window alone for a while: its picture comes first."""
        before, self._stepped = self._stepped, time.perf_counter()
        self._shown, self._rapid = False, self._stepped - before < RAPID
        if before + PAUSE < self._stepped or not self._waiting:
            self._put_off = self._stepped
        if self._waiting:
            self._wait()

    def note_frame(self) -> None:
        """Go on: the picture of the step is shown."""
        if not self._shown:
            self._shown = True
            if self._waiting:
                self._wait()

    def ask(self, work: Callable[[], None], view: QWidget | None = None, *, idle: bool = False) -> None:
        """Do some work in a pause, once however often it is asked for until then; beside a run when it is its turn. view: see `Turns`.

        idle: nobody sees it, and it waits for the end of a run.
        """
        if idle:
            self._idle.add(work)
        elif self._turns.busy:
            self._turns.ask(work, view)
            return
        self._waiting.setdefault(work, view)
        if not self._timer.isActive():
            self._wait()

    def forget(self, work: Callable[[], None]) -> None:
        """Take back what was asked for, if it was."""
        self._waiting.pop(work, None)
        self._idle.discard(work)

    def clear(self) -> None:
        """Forget everybody; for the window's closing."""
        self._waiting.clear()
        self._idle.clear()
        self._timer.stop()

    def _wait(self) -> None:
        due = 0.0 if self._shown else min(self._stepped + PAUSE, self._put_off + PATIENCE) - time.perf_counter()
        self._timer.start(max(0, round(1000 * due)))

    def _on_timeout(self) -> None:
        busy = self._turns.busy
        work = next((one for one in self._waiting if not (busy and one in self._idle)), None)
        if work is None:
            if self._waiting:
                self._timer.start(AGAIN)
            return
        self._put_off = time.perf_counter()
        view = self._waiting.pop(work)
        self._idle.discard(work)
        if alive(work, view):
            self._turns.ask(work, view)
        if self._waiting:
            self._timer.start(0)
