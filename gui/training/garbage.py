"""Looks for garbage while a run goes on, when there is time for it: where it came by itself, a key or a picture would wait for it."""

from __future__ import annotations

import gc

YOUNG, ALL = 1, 2  # generations
ALL_EVERY = 100  # looks; in between only what is new is looked at


class Garbage:
    """Between `begin` and `end` garbage is looked for by `look` only."""

    def __init__(self) -> None:
        self._interrupted = False
        self._looks = 0

    def begin(self) -> None:
        """Stop looking.

        Where the program has set aside what it started with, what has come since is set aside too, so that nobody looks through it.
        """
        if not gc.isenabled():
            return
        gc.disable()
        self._interrupted = True
        if gc.get_freeze_count():
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
