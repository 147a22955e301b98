"""The axes of plots: with a minus sign that is one and the decimal sign of the view, or counting updates, with separators."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtGui import QPainter

from model.expr.tree import with_power


def write_comma(plot: Any, comma: bool) -> None:
    """Have the numbers at the axes of a plot written with a decimal comma, or with a point."""
    for side in ("bottom", "left"):
        axis = plot.getAxis(side)
        if isinstance(axis, NumberAxis):
            axis.write_comma(comma)


class NumberAxis(pg.AxisItem):
    """An axis of any numbers."""

    _comma = False

    def write_comma(self, comma: bool) -> None:
        """Write a decimal comma from now on, or a point."""
        if comma != self._comma:
            self._comma, self.picture = comma, None
            self.update()

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [with_power(text.replace("-", "−")) for text in super().tickStrings(values, scale, spacing)]

    def generateDrawSpecs(self, painter: QPainter) -> Any:
        specs = super().generateDrawSpecs(painter)
        if specs is None or not self._comma:
            return specs
        line, marks, texts = specs  # texts that were chosen beforehand come by here as well
        return line, marks, [(place, side, text.replace(".", ",")) for place, side, text in texts]


class UpdateAxis(pg.AxisItem):
    """A horizontal axis without half updates, from update 1."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self._behind = 0

    def count_from(self, behind: int) -> None:
        """Write as many updates more as another run had `behind` it where this one branched off."""
        if behind != self._behind:
            self._behind, self.picture = behind, None
            self.update()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        levels = super().tickValues(minVal + self._behind, maxVal + self._behind, size)
        whole = [(spacing, [value for value in values if value >= 1 and abs(value - round(value)) < 1e-9]) for spacing, values in levels]
        return [(spacing, [value - self._behind for value in values]) for spacing, values in whole]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{round(value) + self._behind:,}" for value in values]
