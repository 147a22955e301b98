"""Where the chips of the timeline stand: as wide as their symbols, closer and smaller where room is short, then scrolled. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gui.diagram.text import symbol, text_width
from model.moment import Moment
from model.stages import Ref, Walk

GAP, GROUP_GAP, PAD = 4.0, 14.0, 8.0
CLOSE = 0.6  # of these where room is short
SHORT = 0.85  # of the symbols' size there
WORD = 0.72  # size of a phase's word, of the symbols'
EDGE = 16.0  # pixels at an end behind which there are more chips, for the sign that says so


@dataclass(frozen=True, slots=True)
class Chip:
    """One stage: its place in the walk, its box from the left, and its symbol."""

    stage: int
    left: float
    width: float
    latex: str


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring stages of one phase, with the phase's word above."""

    phase: str
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Chips:
    """All chips of an update. size: of their symbols in pixels. width: from the first to the last. available: how much of it is seen."""

    chips: tuple[Chip, ...]
    groups: tuple[Group, ...]
    size: float
    width: float
    available: float

    @property
    def scrolls(self) -> bool:
        """Whether a part only is seen."""
        return self.width > self.available

    @property
    def more(self) -> tuple[bool, bool]:
        """Whether there are chips that are not seen before and behind those that are."""
        if not self.chips or not self.scrolls:
            return False, False
        last = self.chips[-1]
        return self.chips[0].left < 0, last.left + last.width > self.available + 0.5

    def around(self, stage: int) -> Chips:
        """Return the chips moved so that the one of `stage` is in the middle, as far as there are chips to fill the ends."""
        if not self.scrolls:
            return self
        here, start = self.chips[stage], self.chips[0].left
        left = min(0.0, max(self.available - self.width, self.available / 2 - (here.left - start) - here.width / 2))
        by = left - start
        chips = tuple(replace(chip, left=chip.left + by) for chip in self.chips)
        return replace(self, chips=chips, groups=tuple(replace(group, left=group.left + by) for group in self.groups))


def lay_out(moment: Moment, size: float, available: float) -> Chips:
    """Place the chips from x = 0, with symbols of `size` pixels, where they do not fit closer, then smaller."""
    latex = symbols(moment)
    for scale, spread in ((1.0, 1.0), (1.0, CLOSE), (SHORT, CLOSE)):
        placed = _place(moment.walk, latex, size * scale, available, spread)
        if not placed.scrolls:
            break
    return placed


def symbols(moment: Moment) -> list[str]:
    """Return the symbol of each stage."""
    record, result = moment.record, []
    for stage in moment.walk.stages:
        sample = moment.sample if stage.quantity.endswith("_sample") else None
        result.append(moment.notation.symbol(Ref(stage.quantity, stage.layer, None, None, sample), record.problem, record.m))
    return result


def _place(walk: Walk, latex: list[str], size: float, available: float, spread: float) -> Chips:
    stages = walk.stages
    chips: list[Chip] = []
    groups: list[Group] = []
    x = start = 0.0
    for i, stage in enumerate(stages):
        chips.append(Chip(i, x, symbol(latex[i], size).width + 2 * PAD * spread, latex[i]))
        x += chips[-1].width + GAP * spread
        if i + 1 == len(stages) or stages[i + 1].phase != stage.phase:
            word = text_width(stage.phase.upper(), "semibold", size * WORD) * 1.12
            width = max(x - GAP * spread - start, word)
            groups.append(Group(stage.phase, start, width))
            x = start = start + width + GROUP_GAP * spread
    return Chips(tuple(chips), tuple(groups), size, x - GROUP_GAP * spread, available)
