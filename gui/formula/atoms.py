"""Typesets symbols in the background, so that a formula never has to be waited for."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterable
from itertools import count
from queue import PriorityQueue, SimpleQueue
from threading import Event, Thread

from PySide6.QtCore import QObject, QTimer, Signal

from gui.formula import typeset

COLLECT_MS = 8
LOOK_AGAIN = 0.05  # seconds
SEEN, COMING = 0, 1  # what is on screen comes before what is prepared
Wish = tuple[int, int, str | None]
END: Wish = (-1, 0, None)


class AtomLoader(QObject):
    """Sets symbols one after the other in a thread of its own: what is on screen first, of that the latest wish first.

    The thread knows nothing of Qt, so that it can outlive its owner: what it has done is collected by a timer.

    Signals: arrived: a symbol has been set (or refused) and `typeset.known` has it.
    """

    arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted: dict[str, int] = {}
        self._queue: PriorityQueue[Wish] = PriorityQueue()
        self._done: SimpleQueue[str] = SimpleQueue()
        self._wishes, self._asked, self._collected = count(1), 0, 0
        self._collecting = QTimer(self)
        self._collecting.setInterval(COLLECT_MS)
        self._collecting.timeout.connect(self._on_collect)
        self._started = False
        self._free = Event()
        self._free.set()
        weakref.finalize(self, self._queue.put, END)

    def want(self, latex: str, urgency: int = SEEN) -> None:
        """Have a symbol set, if that has not been asked for before; returns at once. urgency: SEEN or COMING."""
        if self._wanted.get(latex, COMING + 1) <= urgency:
            return
        self._wanted[latex] = urgency
        number = next(self._wishes)
        self._queue.put((urgency, number if urgency else -number, latex))  # a second time where it has become urgent: it is set once
        self._asked += 1
        self._collecting.start()
        if not self._started:
            self._started = True
            QTimer.singleShot(0, self, self._on_first_wish)  # not at once: the first picture comes before the typesetter's library

    def warm_up(self, symbols: Iterable[str]) -> None:
        """Have symbols set that will be needed soon, the first of them first, while none on screen is missing."""
        for latex in symbols:
            self.want(latex, COMING)

    def rest(self, resting: bool) -> None:
        """Leave alone what is not on screen, or go on with it: while another thread works, the window would have to wait for both."""
        if resting:
            self._free.clear()
        else:
            self._free.set()

    def stop(self) -> None:
        """End the thread after the symbol it is at."""
        self._collecting.stop()
        self._queue.put(END)
        self._free.set()

    def _on_first_wish(self) -> None:
        # A daemon: it holds nothing that would have to be finished when the program ends.
        Thread(target=_work, args=(self._queue, self._done, self._free), name="typesetter", daemon=True).start()

    def _on_collect(self) -> None:
        while not self._done.empty():
            self._done.get()
            self._collected += 1
            self.arrived.emit()
        if self._collected == self._asked:
            self._collecting.stop()


def _work(queue: PriorityQueue[Wish], done: SimpleQueue[str], free: Event) -> None:
    while (latex := (wish := queue.get())[2]) is not None:
        if wish[0] == COMING and not free.is_set():
            queue.put(wish)  # what is on screen may be wanted meanwhile
            free.wait(LOOK_AGAIN)
            continue
        with contextlib.suppress(typeset.LatexError):  # remembered by the typesetter; whoever draws shows the source instead
            typeset.typeset(latex)
        done.put(latex)
