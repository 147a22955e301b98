"""Two groups of fields and buttons: beside each other where there is room, else on two lines."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

GAP = 8  # pixels


class ToolRows(QWidget):
    """stretched: the widget that takes the room left over on its line."""

    def __init__(self, first: Sequence[QWidget], second: Sequence[QWidget], stretched: QWidget) -> None:
        super().__init__()
        self._groups = [self._group(first, stretched), self._group(second, stretched)]
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(14, 8, 14, 0)
        self._box.setSpacing(GAP)
        for group, widgets in zip(self._groups, (first, second), strict=True):
            self._box.addWidget(group, int(stretched in widgets))

    def _group(self, widgets: Sequence[QWidget], stretched: QWidget) -> QWidget:
        group = QWidget()
        row = QHBoxLayout(group)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        for widget in widgets:
            row.addWidget(widget, int(widget is stretched))
        if stretched not in widgets:
            row.addStretch(1)
        return group

    def minimumSizeHint(self) -> QSize:
        """As narrow as the wider group: where that is all there is, they stand on two lines."""
        margins = self._box.contentsMargins()
        widest = max(group.minimumSizeHint().width() for group in self._groups)
        return QSize(widest + margins.left() + margins.right(), self._box.minimumSize().height())

    def _arrange(self) -> None:
        margins = self._box.contentsMargins()
        needed = sum(group.minimumSizeHint().width() for group in self._groups) + GAP + margins.left() + margins.right()
        way = QBoxLayout.Direction.TopToBottom if needed > self.width() else QBoxLayout.Direction.LeftToRight
        if way != self._box.direction():
            self._box.setDirection(way)
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """Larger letters need more room."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return done
