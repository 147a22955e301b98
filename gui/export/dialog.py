"""The picture of this moment as a file: what goes in, on which page, in which colours, with a live preview."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from gui.diagram.primitives import Diagram
from gui.export.parts import suggested_name
from gui.export.picture_form import FORMATS, PictureForm
from gui.export.sheet import SheetOptions, make_sheet
from gui.picture import taken_away
from gui.settings import Settings
from gui.store import Store

PARTS = (
    ("caption", "caption", "What happens now, above the network", True),
    ("legend", "legend", "What colours and widths mean, below the network", True),
    ("formulas", "formulas of the step", "Words, rule and numbers, as on the blackboard", False),
    ("tables", "tables of the layer", "The numbers of the current layer", False),
)


class ExportDialog(PictureForm):
    """canvas_size: of the picture on screen, in pixels."""

    def __init__(self, store: Store, settings: Settings, canvas_size: Callable[[], QSize], parent: QWidget | None = None) -> None:
        super().__init__("Picture of this moment", store, settings, "picture", PARTS, FORMATS, canvas_size, parent)

    def title(self) -> str:
        return self._store.explanation.caption

    def name(self) -> str:
        return suggested_name(self._store.state)

    def sheet(self) -> Diagram:
        told = self._store.explanation
        drawn = taken_away(self._store.state, told.caption)
        return make_sheet(self._store.moment, self.theme(), drawn, SheetOptions(**self.wanted()), self.page(), told)
