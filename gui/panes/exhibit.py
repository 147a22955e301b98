"""What a pane has to show without the controls that choose it: the same widget draws on screen and for every kind of file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from PySide6.QtWidgets import QWidget

from gui.formula.page import BoardStep
from gui.theme import Scale
from model.run import Run

Choices = Mapping[str, Any]
Rows = Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """title: what is shown, in words; body: the widget that draws it; legend: rich text, what its colours and signs stand for.

    across, up: what the axes of a plot count, "" where the plot says so itself; scale, end, middle: of the colours, and the value at
    their ends and between them.
    table: the same as numbers, its first row the names of the columns; None where the plot's curves are the numbers, or nothing is.
    step: formulas that stand beside it.
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
    step: BoardStep | None = None


class _OfRun(Protocol):
    @property
    def run(self) -> Run: ...


T = TypeVar("T", bound=_OfRun)


def known_of(choices: Choices, own: T) -> T:
    """Return what another pane has computed already of the same run, so that its picture need not wait for it again; else `own`."""
    known = choices.get("known")
    return known if isinstance(known, type(own)) and known.run is own.run else own


class Exhibitor(Protocol):
    """A pane that can be shown without its controls."""

    def choices(self) -> dict[str, Any]:
        """Return what is chosen in the pane, by name; "known": what it has computed so far."""

    def choose(self, choices: Choices) -> None:
        """Take choices; names that the pane does not have are ignored."""

    def complete(self) -> None:
        """Show the present state now, with everything that otherwise comes in by and by."""

    def exhibit(self) -> Exhibit | None:
        """Return what there is to show once it is complete; None if there is nothing to show."""
