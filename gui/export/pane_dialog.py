"""What a pane shows as a file: a plot, a map, a matrix or a histogram, without its controls, with a live preview."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QTableView, QWidget

from gui.diagram.primitives import Diagram
from gui.export.pane_picture import PaneParts, has_table, pane_picture, pane_table, table_picture, table_rows
from gui.export.parts import suggested_name
from gui.export.picture_form import FORMATS, PictureForm
from gui.panes.exhibit import Exhibitor
from gui.settings import Settings
from gui.store import Store
from model.atomic import write_whole

PARTS = (
    ("title", "title", "What is shown, above the picture", True),
    ("legend", "legend", "What colours and signs stand for", True),
)
CSV = (".csv", "CSV", "The numbers as a table")
NO_TABLE = "What this shows is no table of numbers"
SMALLEST = QSize(640, 400)  # pixels, for a picture as on screen: a pane may be lower than is good for a page


class PaneDialog(PictureForm):
    """pane: what is shown; its choices are looked up whenever it is drawn."""

    def __init__(self, store: Store, settings: Settings, pane: Exhibitor, parent: QWidget | None = None) -> None:
        self._pane = pane
        self._is_table = pane.findChild(QTableView) is not None  # type: ignore[attr-defined]
        super().__init__("Picture of a plot", store, settings, "plot", PARTS, (*FORMATS, CSV), self._size_on_screen, parent)
        self.setWindowTitle(self.title())
        self._offer_numbers()

    def _size_on_screen(self) -> QSize:
        return self._pane.size().expandedTo(SMALLEST)  # type: ignore[attr-defined,no-any-return]

    def title(self) -> str:
        if self._is_table:
            name = self._pane.findChild(QTableView).accessibleName()  # type: ignore[attr-defined]
            return f"{name[:1].upper()}{name[1:]}"
        found = self._pane.exhibit()
        return found.title if found is not None else "Picture of a plot"

    def name(self) -> str:
        state, kind = self._store.state, type(self._pane).__name__
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.removesuffix("Plot").removesuffix("View"))
        return f"{suggested_name(state)} {words.lower()}"

    def refresh(self) -> None:
        self._offer_numbers()
        super().refresh()

    def _offer_numbers(self) -> None:
        """Offer the table where what is shown now has one."""
        suffix, _, tip = CSV
        offered = self._is_table or has_table(self._pane)
        self.offer(suffix, offered, tip if offered else NO_TABLE)

    def sheet(self) -> Diagram:
        parts, state = PaneParts(**self.wanted()), self._store.state
        if self._is_table:
            return table_picture(self._pane, state, self.theme(), parts, self.page())  # type: ignore[arg-type]
        return pane_picture(type(self._pane), state, self.theme(), self._pane.choices(), parts, self.page())  # type: ignore[arg-type]

    def write(self, path: Path) -> None:
        if path.suffix.lower() == ".csv" and self._is_table:
            write_whole(path, table_rows(self._pane, self._store.state.problem))  # type: ignore[arg-type]
        elif path.suffix.lower() == ".csv":
            write_whole(path, pane_table(type(self._pane), self._store.state, self._pane.choices()))  # type: ignore[arg-type]
        else:
            super().write(path)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate:
            self._later.start()  # something else may have been chosen in the pane meanwhile
        return super().event(event)
