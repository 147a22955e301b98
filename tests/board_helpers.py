"""The room that a step has on the blackboard of real windows, in the letters that are drawn there."""

from __future__ import annotations

from typing import NamedTuple

from gui.formula.glyphs import GlyphMetrics

METRICS = GlyphMetrics()


class Room(NamedTuple):
    """What is left for a step on the blackboard of a window in a theme, in pixels."""

    theme: str
    width: float
    height: float


ROOMS = (Room("light", 302, 370), Room("projector", 446, 557), Room("projector", 530, 857))  # 1024×700 twice, 1600×1000
