"""A symbol in characters of the font, drawn until the typesetter has set it: readable at once, a little less beautiful. QtGui only."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from gui.diagram.text import symbol
from gui.formula.boxes import AtomInk, Box
from gui.formula.glyphs import glyph_run
from gui.formula.typeset import fraction_parts

SHIFT, RULE_TOP, RULE = 0.64, 0.292, 0.068  # of a fraction, in em
_BARS = {"\\lVert": "‖", "\\rVert": "‖"}


def paint_stand_in(painter: QPainter, box: Box, x: float, y: float, colour: QColor) -> None:
    """Draw the symbol of a box, narrowed where the box is narrower; (x, y): left end of its baseline."""
    ink = box.ink
    assert isinstance(ink, AtomInk)
    painter.setPen(colour)
    parts = fraction_parts(ink.latex)
    if parts is None:
        _line(painter, ink.latex, QRectF(x, y, box.width, ink.size))
        return
    for part, shift in zip(parts, (-SHIFT, SHIFT), strict=True):
        _line(painter, part, QRectF(x, y + shift * ink.size, box.width, ink.size))
    painter.fillRect(QRectF(x, y - RULE_TOP * ink.size, box.width, RULE * ink.size), colour)


def _line(painter: QPainter, latex: str, room: QRectF) -> None:
    """Draw a symbol in the middle of `room`, whose top is the baseline and whose height is the size of the type."""
    for command, bars in _BARS.items():
        latex = latex.replace(command, bars)
    try:
        block = symbol(latex, room.height())
    except IndexError:  # source that ends too early is shown as it is written as soon as the typesetter has refused it
        return
    if not block.runs:
        return
    scale = room.height() / max(run.size for run in block.runs)
    across = min(scale, room.width() / block.width) if block.width else scale
    painter.save()
    painter.translate(room.x() + (room.width() - across * block.width) / 2, room.y())
    painter.scale(across, scale)
    for run in block.runs:
        painter.drawGlyphRun(QPointF(run.dx, run.dy), glyph_run(run.text, "math", run.size))
    painter.restore()
