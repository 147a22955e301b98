"""The axes of plots: with a minus sign that is one, or counting updates in whole numbers only, with separators."""

from __future__ import annotations

import pyqtgraph as pg

from model.expr.tree import with_power


class NumberAxis(pg.AxisItem):
    """An axis of any numbers."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [with_power(text.replace("-", "−")) for text in super().tickStrings(values, scale, spacing)]


class UpdateAxis(pg.AxisItem):
    """A horizontal axis without half updates, from update 1."""

    def __init__(self) -> None:
        super().__init__("bottom")

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        levels = super().tickValues(minVal, maxVal, size)
        return [(spacing, [value for value in values if value >= 1 and abs(value - round(value)) < 1e-9]) for spacing, values in levels]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{round(value):,}" for value in values]
