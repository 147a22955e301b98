"""A label that shows a symbol of the notation, set in the math font with its indices. The colour is the palette's."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.diagram.text import Block, symbol
from gui.plain_symbols import plain_symbol
from gui.theme_qt import font


class SymbolLabel(QWidget):
    """One symbol, in the size of the surrounding text."""

    def __init__(self, latex: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._latex = latex
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(plain_symbol(latex))

    def _block(self) -> Block:
        return symbol(self._latex, self.fontMetrics().height() * 0.9)

    def sizeHint(self) -> QSize:
        block = self._block()
        return QSize(round(block.width) + 4, round(self.fontMetrics().height() * 1.7))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_symbol(painter, self._block(), 1.0, self.fontMetrics().height() * 1.2)  # one baseline for labels side by side


def draw_symbol(painter: QPainter, block: Block, x: float, baseline: float) -> None:
    """Draw a symbol with the painter's pen, its left end at x."""
    for run in block.runs:
        painter.setFont(font(run.face, round(run.size)))
        painter.drawText(QPointF(x + run.dx, baseline + run.dy), run.text)
