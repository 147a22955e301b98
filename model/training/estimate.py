"""How far something is that takes a while, and how long the rest will take."""

from __future__ import annotations

UNKNOWN = 0.5  # seconds before a guess is worth anything


class Estimate:
    """From how long the first part has taken. total: pieces of work. now: seconds of any clock."""

    def __init__(self, total: int, now: float) -> None:
        self.total, self._began = total, now

    def share(self, done: int) -> float:
        """Return how much of the work is done, in [0, 1]."""
        return min(max(done / max(self.total, 1), 0.0), 1.0)

    def left(self, done: int, now: float) -> float | None:
        """Return the seconds that are left, None as long as nobody can know."""
        elapsed = now - self._began
        return max(self.total - done, 0) * elapsed / done if done > 0 and elapsed >= UNKNOWN else None

    def words(self, done: int, now: float) -> str:
        """Return the time that is left in words, "" as long as nobody can know."""
        seconds = self.left(done, now)
        if seconds is None:
            return ""
        size, unit = next(((size, unit) for size, unit in ((3600, "h"), (60, "min")) if seconds >= 1.5 * size), (1, "s"))
        return f"about {max(1, round(seconds / size)):,} {unit} left"
