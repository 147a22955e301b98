"""The formulas that a pane shows beside its table: on a page above it, as both may be wide."""

from __future__ import annotations

from math import inf

from PySide6.QtCore import QRectF

from gui.diagram.primitives import Formulas
from gui.export.fitted import fitted, letters, zoom_of
from gui.formula.glyphs import GlyphMetrics
from gui.formula.page import BoardStep
from gui.theme import Theme
from model.expr.tree import NumberFormat

HIGH, HIGHEST = 0.46, 0.7  # of the place, for the formulas, where a table needs the rest, and where they could not be read otherwise


def chain_in(place: QRectF, step: BoardStep, fmt: NumberFormat, theme: Theme, height: float | None, below: float) -> Formulas:
    """Return the formulas at the top of a place on a page, as high as they are.

    height: of the page, None if as high as it has to be; below: the height of a whole table.
    """
    sizes = letters(theme, height or 0.0, wide=True)
    for share in (HIGH, HIGHEST):
        most = inf if height is None else max(share * place.height(), place.height() - below)
        found = fitted(step, fmt, theme, place.width(), most, sizes, GlyphMetrics())
        if found.whole:
            break
    return Formulas(place.x(), place.y(), place.width(), found.height + 1.0, found.step, fmt, theme, zoom_of(theme, found.size))
