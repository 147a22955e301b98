"""A table of the numbers of one quantity: as large as they need, current cells marked, edited in place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QFrame, QHeaderView, QMenu, QTableView, QToolTip, QWidget

from gui.panel.number_edit import NumberDelegate
from gui.panes.cells import Block, copied
from gui.panes.table_models import GridModel
from gui.state import AppState, theme_of
from model.moment import Moment

MEASURED = 400  # cells whose text decides about the width of a column
MOST_ROWS = 40
LEAST = 2  # rows that are seen in any case; the rest scrolls under the title
BAR = 14
NARROWEST = 80  # pixels of a table with its frame; its cells fill it
MUCH = 16_777_215  # pixels, more than any window has
TIP_MS = 3000  # a tip that no pointer takes away again
TIP_BELOW, TIP_FRAME = 16, 10  # pixels by which Qt puts a tip below the place that it is told, and those around its words
TITLE = 2.0  # lines: the height of the name above a table, which stays in sight as well
STARTERS = "0123456789-−.,"  # what a typed number begins with
COUNTED = 4  # rows or columns up to which one sees at a glance which is which; beyond, they are numbered


class GridView(QTableView):
    """A table as large as its numbers, rows and columns numbered where there are many.

    Enter or a digit edits; then Enter goes on to the cell below, Tab to the next one. Cells are copied and pasted as in a spreadsheet.

    **Signals:** ref_hovered(Ref | None), ref_chosen(Ref), typed(Ref): a digit in a cell that is a given number but cannot be changed
    here; pasted(row, column): Paste in a cell; dismissed(): Esc, in a cell or while one is typed into.
    """

    ref_hovered = Signal(object)
    ref_chosen = Signal(object)
    typed = Signal(object)
    pasted = Signal(int, int)
    dismissed = Signal()

    def __init__(self, model: GridModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = model
        self._fitted, self._wide, self._room = (0, 0), 0, MUCH
        model.setParent(self)
        self.setModel(model)
        self._delegate = NumberDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        when = QAbstractItemView.EditTrigger
        self.setEditTriggers(when.DoubleClicked | when.EditKeyPressed | when.AnyKeyPressed)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self._refused = self._typing = self._tipped = False
        model.refused.connect(self._on_refused)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        counts = ((self.horizontalHeader(), model.grid.columns), (self.verticalHeader(), model.grid.rows))
        for header, count in counts:
            header.setVisible(count > COUNTED)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(1)  # or cells would stay as large as its letters once were
            header.setHighlightSections(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        self.entered.connect(self._on_entered)
        self.clicked.connect(self._on_clicked)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        self.fit()

    @property
    def quantity(self) -> str:
        """Which quantity the table holds."""
        return self._numbers.grid.quantity

    def fit(self) -> None:
        """Make cells and table as large as the numbers need, revealed or not, so that nothing jumps when they appear."""
        model, metrics = self._numbers, self.fontMetrics()
        grid = model.grid
        rows = min(grid.rows, max(1, MEASURED // max(1, grid.columns)))
        columns = min(grid.columns, MEASURED)
        texts = {model.value_text(grid.ref(row, column)) for row in range(rows) for column in range(columns)}
        width = max(metrics.horizontalAdvance(text) for text in texts) * 1.06 + 22
        height = metrics.height() + 7
        if (round(width), height) == self._fitted:
            return
        self._fitted = (round(width), height)
        self.horizontalHeader().setDefaultSectionSize(max(56, round(width), -(-(NARROWEST - 2) // grid.columns)))
        self.verticalHeader().setDefaultSectionSize(height)
        above = self.horizontalHeader().sizeHint().height() if grid.columns > COUNTED else 0
        self._wide = grid.columns * self.horizontalHeader().defaultSectionSize() + 2
        bar = BAR if self._wide > self._room else 0
        self.setMaximumHeight(min(grid.rows, MOST_ROWS) * height + 2 + bar + above)
        self.setMinimumHeight(min(grid.rows, LEAST) * height + 2 + bar + above)
        self._fit_width()

    def _fit_width(self) -> None:
        """Take the width of the columns, and of a scroll bar where not all rows are seen."""
        rows = self._numbers.grid.rows
        beside = self.verticalHeader().sizeHint().width() if rows > COUNTED else 0
        bar = BAR if rows * self.verticalHeader().defaultSectionSize() > self.maximumViewportSize().height() else 0
        self.setFixedWidth(max(NARROWEST, min(self._wide + beside + bar, self._room)))

    def set_room(self, width: int) -> None:
        """Say how wide the table may be; beyond, it scrolls."""
        if width != self._room:
            self._room, self._fitted = width, (0, 0)
            self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_width()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_fitted"):
            self.fit()

    def show_moment(self, moment: Moment, state: AppState) -> None:
        """Show another moment and keep the current cell in sight."""
        before = self._numbers.moment
        if self._tipped and (before.record is not moment.record or before.tick != moment.tick):
            self._tipped = False
            QToolTip.hideText()  # its numbers are no longer those of the table
        self._delegate.decimals = moment.fmt.decimals
        self._numbers.show_moment(moment, theme_of(state), state.hover, state.selection)
        current = self._numbers.current_index()
        if current.isValid():
            self.scrollTo(current)

    def _on_entered(self, index: QModelIndex) -> None:
        self.ref_hovered.emit(self._numbers.ref_at(index))

    def _on_current_changed(self, index: QModelIndex) -> None:
        if self.hasFocus():
            self.ref_hovered.emit(self._numbers.ref_at(index))
            choosing = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
            if not (choosing or self._typing or QGuiApplication.mouseButtons()):  # those who type a column look at it, not at a tip
                self._show_tip(index)

    def _show_tip(self, index: QModelIndex) -> None:
        """Say above the table, where it covers no number, what the current cell holds."""
        text = str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
        metrics = QFontMetrics(QToolTip.font())
        high = metrics.lineSpacing() * (text.count("\n") + 1) + TIP_FRAME + round(TITLE * metrics.lineSpacing()) + TIP_BELOW
        top, left = self.visibleRegion().boundingRect().top(), self.viewport().x() + self.visualRect(index).left()
        QToolTip.showText(self.mapToGlobal(QPoint(left, top - high)), text, self, QRect(), TIP_MS)
        self._tipped = True

    def _on_clicked(self, index: QModelIndex) -> None:
        self.ref_chosen.emit(self._numbers.ref_at(index))

    def _on_refused(self) -> None:
        self._refused = True  # and Enter does not go on

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Go down after Enter."""
        super().closeEditor(editor, hint)
        if hint == QAbstractItemDelegate.EndEditHint.RevertModelCache:
            self.dismissed.emit()
        refused, self._refused = self._refused, False
        below = self.currentIndex().siblingAtRow(self.currentIndex().row() + 1)
        if hint == QAbstractItemDelegate.EndEditHint.SubmitModelCache and below.isValid() and not refused:
            self._typing = True
            self.setCurrentIndex(below)
            self._typing = False

    @property
    def _block(self) -> Block:
        """The chosen cells."""
        chosen, current = self.selectionModel().selection(), self.currentIndex()
        if chosen.isEmpty():
            return (current.row(), current.column()) * 2
        return chosen.first().top(), chosen.first().left(), chosen.first().bottom(), chosen.first().right()

    def copy(self) -> None:
        """Put the chosen cells on the clipboard, for a spreadsheet."""
        if self.currentIndex().isValid():
            QGuiApplication.clipboard().setText(copied(self._numbers.moment, self._numbers.grid, self._block))

    def paste(self) -> None:
        """Ask for what is on the clipboard to be written from the chosen cell on."""
        top, left, _, _ = self._block
        self.pasted.emit(max(0, top), max(0, left))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        copy = menu.addAction("&Copy", self.copy)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        paste = menu.addAction("&Paste", self.paste)
        paste.setShortcut(QKeySequence(QKeySequence.StandardKey.Paste))
        paste.setEnabled(self._numbers.grid.editable)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

    def _starts_number(self, event: QEvent) -> bool:
        """Return whether a key begins a number in a cell that holds a given one."""
        plain = Qt.KeyboardModifier.KeypadModifier
        return (
            isinstance(event, QKeyEvent)
            and self._numbers.grid.editable
            and self.currentIndex().isValid()
            and event.modifiers() in (Qt.KeyboardModifier.NoModifier, plain)
            and event.text() != ""
            and event.text() in STARTERS
        )

    def event(self, event: QEvent) -> bool:
        """Keep the keys of a spreadsheet from being commands of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            if event.key() == Qt.Key.Key_Escape:
                self.dismissed.emit()  # and the window hears it as well
            if self._starts_number(event) or event.matches(keys.Copy) or event.matches(keys.Paste):
                event.accept()
                return True
        return super().event(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.ref_hovered.emit(None)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.ref_hovered.emit(self._numbers.ref_at(self.currentIndex()))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() in (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectionModel().select(self.currentIndex(), QItemSelectionModel.SelectionFlag.ClearAndSelect)  # one block at a time
        self.ref_hovered.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.state() != QAbstractItemView.State.EditingState:
            if self.currentIndex().flags() & Qt.ItemFlag.ItemIsEditable:
                self.edit(self.currentIndex())
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif self._starts_number(event) and not self.currentIndex().flags() & Qt.ItemFlag.ItemIsEditable:
            self.typed.emit(self._numbers.ref_at(self.currentIndex()))
        elif self._starts_number(event) or not event.text().isprintable() or not event.text():
            super().keyPressEvent(event)
        else:
            event.ignore()  # no letter begins a number
