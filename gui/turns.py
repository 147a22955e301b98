"""While a run goes on, the window's work in small turns, between which keys and pointer are served and the training thread rests."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

SHARE = 0.033  # seconds that views may take after a chunk, which is what the thread takes to compute one; who is left waits for the next
PATIENCE = 100  # milliseconds that a view waits for a chunk; after that it is served beside the thread
BESIDE_RUN = 30  # milliseconds between two slices of longer work while a run goes on


def alive(work: Callable[[], None], view: QWidget | None) -> bool:
    """Return whether some work that has waited can still be done: whoever asked for it may have been closed meanwhile."""
    owner = getattr(work, "__self__", None)
    return all(isValid(one) for one in (view, owner) if isinstance(one, QObject))


class Turns(QObject):
    """Serves one view in each turn of the event loop, in the order in which they asked, and paints it in the next.

    All of them at once would take as long as several pictures; and beside a thread that computes, any call into Qt may have to wait
    for the interpreter. So a chunk is taken, views are served for a while, and only then the thread goes on.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._going_on = self._serving = False
        self._waiting: dict[Callable[[], None], QWidget | None] = {}
        self._unpainted: QWidget | None = None
        self._then: Callable[[], None] | None = None
        self._end = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timeout)

    @property
    def busy(self) -> bool:
        """Whether a run goes on, or views still follow the end of one."""
        return self._going_on or self._serving or bool(self._waiting) or self._timer.isActive()

    def follow(self, before: bool, now: bool) -> None:
        """Note whether a run went on before and goes on now; who waits when it has come to its end is still served in turn."""
        self._going_on = now
        if before and not now:
            self._then = None
            self._timer.start(0)

    def serve(self, then: Callable[[], None]) -> None:
        """Serve views for a while after a chunk, then call `then`, which begins the next one."""
        self._then, self._end = then, time.perf_counter() + SHARE
        self._timer.start(0)

    def clear(self) -> None:
        """Forget everybody; for the window's closing."""
        self._waiting.clear()
        self._unpainted = self._then = None
        self._timer.stop()

    def ask(self, work: Callable[[], None], view: QWidget | None = None) -> None:
        """Do some work in a turn of its own, once however often it is asked for until then; at once where no run goes on.

        view: shows what the work is for; it is painted in yet another turn.
        """
        if not self.busy:
            work()
            return
        self._waiting.setdefault(work, view)
        if not self._timer.isActive():
            self._timer.start(PATIENCE)

    def work_on(self, timer: QTimer, work: Callable[[], None]) -> None:
        """Do the next slice of longer work, whenever `timer` asks for it: one after the other, beside a run with a pause between them."""
        pause = BESIDE_RUN if self.busy else 0
        if timer.interval() != pause:
            timer.setInterval(pause)
        self.ask(work)

    def _on_timeout(self) -> None:
        if self._unpainted is not None:
            view, self._unpainted = self._unpainted, None
            if isValid(view):
                view.setUpdatesEnabled(True)
            self._timer.start(0)
        elif self._waiting and (self._then is None or time.perf_counter() < self._end):
            self._serving = True
            try:
                self._serve_first()
            finally:
                self._serving = False
                self._timer.start(0)  # not before: timers of others that have fallen due since come first
        else:
            self._go_on()

    def _serve_first(self) -> None:
        work = next(iter(self._waiting))
        view = self._waiting.pop(work)
        if not alive(work, view):
            return
        if view is not None:
            view.setUpdatesEnabled(False)
        self._unpainted = view
        work()

    def _go_on(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()
        if self._waiting:
            self._timer.start(PATIENCE)
