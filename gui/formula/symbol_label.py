"""A label that shows a symbol of the notation, set in the math font with its indices. The colour is the palette's."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.diagram.text import Block, symbol
from gui.formula.plain_symbols import plain_symbol
from gui.theme_qt import font

TILDE, HAT, BAR = "\u0303", "\u0302", "\u0304"
_ABOVE = (TILDE, HAT, BAR)


class SymbolLabel(QWidget):
    """One symbol, in the size of the surrounding text."""

    def __init__(self, latex: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._latex = latex
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(plain_symbol(latex))

    def _block(self) -> Block:
        return symbol(self._latex, self.fontMetrics().height() * 0.9, nested=True)

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
        plain = "".join(character for character in run.text if character not in _ABOVE)
        start = QPointF(x + run.dx, baseline + run.dy)
        painter.drawText(start, plain)
        if len(plain) < len(run.text):
            _draw_accents(painter, run.text, start)


def _draw_accents(painter: QPainter, text: str, start: QPointF) -> None:
    """Draw tildes, hats and bars over their letters; the font itself puts them at the height of small letters, through capitals."""
    metrics, before = QFontMetricsF(painter.font()), ""
    for character in text:
        if character not in _ABOVE:
            before += character
            continue
        letter = metrics.tightBoundingRect(before[-1:])
        left = start.x() + metrics.horizontalAdvance(before[:-1]) + letter.left()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(painter.pen().color(), max(1.0, letter.height() * 0.09)))
        painter.drawPath(_accent(character, left, start.y() + letter.top() - 1.0, letter.width(), 0.12 * metrics.ascent()))
        painter.restore()


def _accent(mark: str, left: float, bottom: float, width: float, height: float) -> QPainterPath:
    path = QPainterPath(QPointF(left, bottom))
    if mark == TILDE:
        third = width / 3
        path.cubicTo(left + third, bottom - 2 * height, left + 2 * third, bottom + height, left + width, bottom - height)
    elif mark == HAT:
        path.lineTo(left + width / 2, bottom - height)
        path.lineTo(left + width, bottom)
    else:
        path.lineTo(left + width, bottom)
    return path
