"""What a run leaves behind, so that it can be taken up again without computing it."""

from __future__ import annotations

from dataclasses import dataclass

from model.problem import Array
from model.training.loop import Divergence

SPARSE = 64  # updates at least between the checkpoints of a history
HISTORY = 1_000_000  # bytes of them, unless that is fewer than the next number
LEAST = 4  # checkpoints of a history, however large they are
FAR = 256  # updates from a checkpoint of a history on which the state is worth its room
FINER = 32  # times as close as those of its history are the checkpoints laid down when a run is replayed


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What lets a run be taken up again without computing it: see `Run.history`. losses: (length,), read-only.

    interval, checkpoints: parameters and optimiser state before the updates 1 + interval, 1 + 2·interval, … up to length + 1.
    here: an update far from those, and the same before it, so that whoever left the run there is there at once.
    """

    losses: Array
    interval: int
    checkpoints: tuple[bytes, ...]
    divergence: Divergence | None = None
    here: tuple[int, bytes] | None = None

    @property
    def nbytes(self) -> int:
        """Memory in use, about."""
        return self.losses.nbytes + sum(map(len, self.checkpoints)) + (len(self.here[1]) if self.here else 0)

    def beginning(self) -> History:
        """Return the history of the first update alone."""
        return History(self.losses[:1].copy(), 2, ())
