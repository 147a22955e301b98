"""Pages of the blackboard that have been painted before, so that showing them again is copying pixels."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from math import ceil

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPixmap

from gui.formula.boxes import LaidOut
from gui.formula.paint import Colours, dimmed, formula_colours, paint_equation
from gui.links import covers
from gui.theme import Theme
from model.stages import Phase, Ref

KEPT = 12  # a few screens full
PAD = 4  # pixels by which bands reach beyond a page
_Key = tuple[int, str, bool, float]


class PagePictures:
    """Paints pages on the ground of the board's theme; those without a lit number from pictures that are kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, tuple[LaidOut, QPixmap]] = OrderedDict()

    def paint(
        self,
        painter: QPainter,
        page: LaidOut,
        at: QPointF,
        theme: Theme,
        phase: Phase | None,
        lit: Collection[Ref],
        focus: Collection[Ref] | None,
    ) -> None:
        """Paint a page with its top left corner at a point, which is rounded to whole pixels. focus: None for an earlier step."""
        x, y = round(at.x()), round(at.y())
        if page.pending or any(covers(ref, hit.ref) for ref in lit for hit in page.hits):
            paint_equation(painter, page, x, y, _colours(theme, phase, focus), lit=lit, focus=focus or ())
        else:
            picture = self.prepare(page, theme, phase, focus, painter.device().devicePixelRatioF())
            painter.drawPixmap(x - PAD, y - PAD, picture)

    def prepare(self, page: LaidOut, theme: Theme, phase: Phase | None, focus: Collection[Ref] | None, ratio: float) -> QPixmap:
        """Return the picture of a page, painted now if it is not kept. ratio: pixels of the device per pixel of the board."""
        key = (id(page), theme.name, focus is None, ratio)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = (page, _picture(page, theme, phase, focus, ratio))
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found[1]


def _colours(theme: Theme, phase: Phase | None, focus: Collection[Ref] | None) -> Colours:
    return dimmed(theme) if focus is None else formula_colours(theme, phase)


def _picture(page: LaidOut, theme: Theme, phase: Phase | None, focus: Collection[Ref] | None, ratio: float) -> QPixmap:
    picture = QPixmap(ceil((page.width + 2 * PAD) * ratio), ceil((page.height + 2 * PAD) * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor.fromRgb(*theme.panel))
    painter = QPainter(picture)
    paint_equation(painter, page, PAD, PAD, _colours(theme, phase, focus), focus=focus or ())
    painter.end()
    return picture
