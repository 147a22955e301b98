"""Typesets symbols in the background, so that a formula never has to be waited for."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterable
from queue import LifoQueue
from threading import Thread

from PySide6.QtCore import QObject, Signal

from gui import typeset


class AtomLoader(QObject):
    """Sets symbols one after the other in a thread of its own, the latest wish first.

    Signals: arrived: a symbol has been set (or refused) and `typeset.known` has it.
    """

    arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted: set[str] = set()
        self._queue: LifoQueue[str | None] = LifoQueue()
        self._started = False
        weakref.finalize(self, self._queue.put, None)

    def want(self, latex: str) -> None:
        """Have a symbol set, if that has not been asked for before; returns at once."""
        if latex in self._wanted:
            return
        self._wanted.add(latex)
        self._queue.put(latex)
        if not self._started:
            self._started = True
            # A daemon: it holds nothing that would have to be finished when the program ends.
            Thread(target=_work, args=(self._queue, weakref.ref(self)), name="typesetter", daemon=True).start()

    def warm_up(self, symbols: Iterable[str]) -> None:
        """Have symbols set that will be needed soon, the first of them first."""
        for latex in reversed(list(symbols)):
            self.want(latex)

    def stop(self) -> None:
        """End the thread after the symbol it is at."""
        self._queue.put(None)


def _work(queue: LifoQueue[str | None], owner: weakref.ref[AtomLoader]) -> None:
    while (latex := queue.get()) is not None:
        with contextlib.suppress(typeset.LatexError):  # remembered by the typesetter; whoever draws shows the source instead
            typeset.typeset(latex)
        loader = owner()
        if loader is None:
            return
        with contextlib.suppress(RuntimeError):  # its Qt side may be gone already while the window closes
            loader.arrived.emit()
        del loader
