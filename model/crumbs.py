"""States on the way to a moment far from a checkpoint, so that neither the way back nor a rest on the way costs the way again."""

from __future__ import annotations

ROOM = 3_400_000  # bytes


class Crumbs:
    """States before some updates, all between one checkpoint and the next. size: bytes of one."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.states: dict[int, bytes] = {}
        self._rest = 0

    @property
    def nbytes(self) -> int:
        """Memory that they take."""
        return self._size * len(self.states)

    def nearest(self, t: int) -> int:
        """Return the last update up to t before which there is a state; 0 if there is none."""
        return max((step for step in self.states if step <= t), default=0)

    def places(self, start: int, at: int, t: int) -> tuple[int, ...]:
        """Return before which updates a state is wanted on the way from `at` to t, 1, 2, 4, … before t; make room for them.

        start: where the last checkpoint before t is. What is there already stays as long as it shortens the way back from t.
        """
        self.states = {step: state for step, state in self.states.items() if start < step <= at}
        room = ROOM // self._size - len(self.states)
        return tuple(t - 2**k for k in range(min(room, (t - at - 1).bit_length())))

    def rest(self, at: int, state: bytes) -> None:
        """Keep the state where a long way is left for a while, instead of where it was left last."""
        self.states.pop(self._rest, None)
        self._rest = at
        self.states[at] = state
