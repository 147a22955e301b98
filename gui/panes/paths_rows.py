"""The table of the paths of a weight: as wide as its columns, of which those that tooltips tell, too, are left out where it is narrow."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from gui.panes.paths_table import PRODUCT, SHARE, THROUGH, VALUE, PathTable

MOST, BESIDE = 0.42, 31  # of the pane's width for the table beside the chain; pixels beside its columns
MEASURED = 16  # rows whose texts decide about the width of the columns
LEAST = ((THROUGH, 90), (VALUE, 70), (SHARE, 64), (PRODUCT, 120))  # pixels of the columns


class PathRows(QTableView):
    """Shows a `PathTable`; one row is chosen at most."""

    def __init__(self, model: PathTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widths = [0]
        self.setModel(model)
        self.setAccessibleName("paths to the loss")
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setStyleSheet("QTableView::item { padding: 0 6px; }")
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)

    def measure(self) -> None:
        """Take other texts or another font: note how wide the columns want to be."""
        metrics, model = self.fontMetrics(), self.model()
        self.verticalHeader().setDefaultSectionSize(metrics.height() + 8)
        self._widths = []
        for column, least in LEAST:
            texts = [str(model.index(row, column).data() or "") for row in range(min(MEASURED, model.rowCount()))]
            self._widths.append(max([least, *(metrics.horizontalAdvance(text) + 20 for text in texts)]))

    def show_columns(self, wide: int, beside: bool) -> int:
        """Show the columns that there is room for in a pane `wide` pixels wide, beside the chain or below it; return what they take."""
        shown = len(self._widths)
        while beside and shown > SHARE and sum(self._widths[:shown]) + BESIDE > MOST * wide:
            shown -= 1
        for column, pixels in enumerate(self._widths):
            self.setColumnHidden(column, column >= shown)
            if column < shown:
                self.setColumnWidth(column, pixels)
        return sum(self._widths[:shown]) + BESIDE

    def full_height(self) -> int:
        """Return how high the table is with all its rows and a scroll bar below them."""
        rows = self.model().rowCount() * self.verticalHeader().defaultSectionSize()
        return self.horizontalHeader().sizeHint().height() + rows + self.horizontalScrollBar().sizeHint().height() + 2 * self.frameWidth()
