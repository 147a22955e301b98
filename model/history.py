"""What a run leaves behind, so that it can be taken up again without computing it."""

from __future__ import annotations

from dataclasses import dataclass

from model.problem import Array
from model.training.loop import Divergence


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What lets a run be taken up again without computing it: see `Run.history`. losses: (length,), read-only.

    interval, checkpoints: parameters and optimiser state before the updates 1 + interval, 1 + 2·interval, … up to length + 1.
    """

    losses: Array
    interval: int
    checkpoints: tuple[bytes, ...]
    divergence: Divergence | None = None

    @property
    def nbytes(self) -> int:
        """Memory in use, about."""
        return self.losses.nbytes + sum(map(len, self.checkpoints))

    def beginning(self) -> History:
        """Return the history of the first update alone."""
        return History(self.losses[:1].copy(), 2, ())
