"""What a pane has to show without the controls that choose it: the same widget draws on screen and for every kind of file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from gui.theme import Scale

Choices = Mapping[str, Any]
Rows = Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """title: what is shown, in words; body: the widget that draws it; legend: rich text, what its colours and signs stand for.

    across, up: what the axes of a plot count, "" where the plot says so itself; scale, end, middle: of the colours, and the value at
    their ends and between them.
    table: the same as numbers, its first row the names of the columns; None where the plot's curves are the numbers, or nothing is.
    """

    title: str
    body: QWidget
    legend: str = ""
    across: str = ""
    up: str = ""
    scale: Scale | None = None
    end: str = ""
    middle: float = 0.0
    table: Rows | None = None


class Exhibitor(Protocol):
    """A pane that can be shown without its controls."""

    def choices(self) -> dict[str, Any]:
        """Return what is chosen in the pane, by name."""

    def choose(self, choices: Choices) -> None:
        """Take choices; names that the pane does not have are ignored."""

    def complete(self) -> None:
        """Show the present state now, with everything that otherwise comes in by and by."""

    def exhibit(self) -> Exhibit | None:
        """Return what there is to show once it is complete; None if there is nothing to show."""
