"""Looks for garbage while a run goes on, when there is time for it: where it came by itself, a key or a picture would wait for it."""

from __future__ import annotations

import gc

YOUNG, ALL = 1, 2  # generations
ALL_EVERY = 100  # looks; in between only what is new is looked at


class Garbage:
    """Between `begin` and `end` garbage is looked for by `look` only.

    settled: whether the program has set aside what lives as long as it does; then what is there when a run begins is set aside too.
    """

    settled = False

    def __init__(self) -> None:
        self._interrupted = False
        self._looks = 0

    def begin(self) -> None:
        """Stop looking; what has been made since the program settled need not be looked through while the run goes on."""
        if not gc.isenabled():
            return
        gc.disable()
        self._interrupted = True
        if Garbage.settled:
            gc.collect(YOUNG)
            gc.freeze()

    def look(self) -> None:
        """Let go of what nobody needs any more."""
        self._looks += 1
        gc.collect(YOUNG if self._looks % ALL_EVERY else ALL)

    def end(self) -> None:
        """Go on looking whenever much has been made."""
        if self._interrupted:
            self._interrupted = False
            gc.enable()
