"""The way of a user from number to number: which formula is pinned, and what was pinned before and after it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from model.stages import Ref

LONGEST = 60


@dataclass(frozen=True, slots=True)
class Trail:
    """refs: the numbers asked for, oldest first; `at` is the one that is pinned, -1 for none. shown: whether it is on screen."""

    refs: tuple[Ref, ...] = ()
    at: int = -1
    shown: bool = False

    @property
    def current(self) -> Ref | None:
        """The number whose formula is pinned."""
        return self.refs[self.at] if self.refs else None

    @property
    def crumbs(self) -> tuple[Ref, ...]:
        """The way to the pinned number, and the number itself."""
        return self.refs[: self.at + 1]

    @property
    def can_go_back(self) -> bool:
        """Whether there is a number before the pinned one."""
        return self.at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether the way has been gone back."""
        return self.at + 1 < len(self.refs)

    def visit(self, ref: Ref) -> Trail:
        """Pin another number; what came after the present one is forgotten."""
        kept = self.crumbs
        if self.current == ref:
            return replace(self, shown=True)
        refs = (*kept, ref)[-LONGEST:]
        return Trail(refs, len(refs) - 1, shown=True)

    def go(self, at: int) -> Trail:
        """Pin a number of the way again."""
        return replace(self, at=max(0, min(at, len(self.refs) - 1)), shown=True) if self.refs else self
