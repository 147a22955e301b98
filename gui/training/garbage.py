"""Looks for garbage in the window's thread alone, and while a run goes on only when there is time for it.

Where Python looks by itself, it does so in whatever thread has just made something, and lets go there of what Qt may be deleting in the
window's thread at the same moment; that ends the program. And a key or a picture may have to wait for it.
"""

from __future__ import annotations

import gc

YOUNG, ALL = 1, 2  # generations
ALL_EVERY = 100  # looks; in between only what is new is looked at


class Garbage:
    """Between `begin` and `end` garbage is looked for by `look` only.

    settled: whether the program has set aside what lives as long as it does; then what is there when a run begins is set aside too.
    in_turns: whether a run goes on anywhere.
    """

    settled = in_turns = False

    def __init__(self) -> None:
        self._interrupted = False
        self._looks = 0

    def begin(self) -> None:
        """Stop looking; what has been made since the program settled need not be looked through while the run goes on."""
        Garbage.in_turns = True
        if gc.isenabled():
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
        Garbage.in_turns = False
        if self._interrupted:
            self._interrupted = False
            gc.enable()


def look_where_due() -> None:
    """Let go of what nobody needs any more where so much has been made that Python would look by itself; unless a run goes on."""
    made, limits = gc.get_count(), gc.get_threshold()
    due = [generation for generation in (2, 1, 0) if made[generation] > limits[generation]]
    if due and not Garbage.in_turns:
        gc.collect(due[0])
