"""Typesets symbols in the background, so that a formula never has to be waited for."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterable
from queue import LifoQueue, SimpleQueue
from threading import Thread

from PySide6.QtCore import QObject, QTimer, Signal

from gui.formula import typeset

COLLECT_MS = 8


class AtomLoader(QObject):
    """Sets symbols one after the other in a thread of its own, the latest wish first.

    The thread knows nothing of Qt, so that it can outlive its owner: what it has done is collected by a timer.

    Signals: arrived: a symbol has been set (or refused) and `typeset.known` has it.
    """

    arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted: set[str] = set()
        self._queue: LifoQueue[str | None] = LifoQueue()
        self._done: SimpleQueue[str] = SimpleQueue()
        self._collected = 0
        self._collecting = QTimer(self)
        self._collecting.setInterval(COLLECT_MS)
        self._collecting.timeout.connect(self._on_collect)
        self._started = False
        weakref.finalize(self, self._queue.put, None)

    def want(self, latex: str) -> None:
        """Have a symbol set, if that has not been asked for before; returns at once."""
        if latex in self._wanted:
            return
        self._wanted.add(latex)
        self._queue.put(latex)
        self._collecting.start()
        if not self._started:
            self._started = True
            QTimer.singleShot(0, self, self._on_first_wish)  # not at once: the first picture comes before the typesetter's library

    def warm_up(self, symbols: Iterable[str]) -> None:
        """Have symbols set that will be needed soon, the first of them first."""
        for latex in reversed(list(symbols)):
            self.want(latex)

    def stop(self) -> None:
        """End the thread after the symbol it is at."""
        self._collecting.stop()
        self._queue.put(None)

    def _on_first_wish(self) -> None:
        # A daemon: it holds nothing that would have to be finished when the program ends.
        Thread(target=_work, args=(self._queue, self._done), name="typesetter", daemon=True).start()

    def _on_collect(self) -> None:
        while not self._done.empty():
            self._done.get()
            self._collected += 1
            self.arrived.emit()
        if self._collected == len(self._wanted):
            self._collecting.stop()


def _work(queue: LifoQueue[str | None], done: SimpleQueue[str]) -> None:
    while (latex := queue.get()) is not None:
        with contextlib.suppress(typeset.LatexError):  # remembered by the typesetter; whoever draws shows the source instead
            typeset.typeset(latex)
        done.put(latex)
