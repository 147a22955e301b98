"""A form whose fields stand in one column or two, whichever suits the width."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget


class Form(QWidget):
    """Fields with labels, two beside each other where there is room for their texts; hidden ones leave no gap."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        for column in (1, 3):
            self._grid.setColumnStretch(column, 1)
        self._rows: list[tuple[QLabel, QWidget]] = []
        self._shown: list[tuple[QLabel, QWidget]] = []
        self._columns = 2

    def add(self, text: str, field: QWidget) -> None:
        """Add a field with its label."""
        label = QLabel(text)
        label.setBuddy(field)
        self._rows.append((label, field))
        self.show_only(None)

    def show_only(self, fields: list[QWidget] | None) -> None:
        """Show these fields, or all."""
        self._shown = [pair for pair in self._rows if fields is None or pair[1] in fields]
        for pair in self._rows:
            for widget in pair:
                self._grid.removeWidget(widget)
                widget.setVisible(pair in self._shown)
        self._place()

    def fit(self) -> None:
        """Take one column or two, whichever suits the width."""
        columns = 2 if self.width() >= self._needed() else 1
        if columns != self._columns:
            self._columns = columns
            self.show_only([field for _, field in self._shown])

    def _place(self) -> None:
        for count, (label, field) in enumerate(self._shown):
            row, side = divmod(count, self._columns)
            self._grid.addWidget(label, row, 2 * side)
            self._grid.addWidget(field, row, 2 * side + 1)
        self._grid.setColumnStretch(3, 1 if self._columns == 2 else 0)

    def _needed(self) -> int:
        """Return the width of two columns in which no text is cut."""
        sides = [self._shown[side::2] for side in (0, 1)]
        widths = [max((pair[i].sizeHint().width() for pair in side), default=0) for side in sides for i in (0, 1)]
        return sum(widths) + 3 * self._grid.horizontalSpacing()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def minimumSizeHint(self) -> QSize:
        wide = max((label.sizeHint().width() + field.minimumSizeHint().width() for label, field in self._shown), default=0)
        return QSize(wide + self._grid.horizontalSpacing(), super().minimumSizeHint().height())
