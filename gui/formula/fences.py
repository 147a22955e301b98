"""Brackets, parentheses and braces drawn to fit any height exactly. QtGui only."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainterPath, QTransform

from gui.formula.boxes import FenceInk

UPRIGHT, SERIF, FINE = 0.065, 0.05, 0.02  # thickness of uprights, of a bracket's feet and of tapered ends, in em


@lru_cache(maxsize=512)
def fence_path(ink: FenceInk, width: float, height: float) -> QPainterPath:
    """Return the outline of a fence that fills a rectangle of this size, whose top left corner is (0, 0)."""
    s = ink.size
    if ink.kind in "[]":
        path = _bracket(width, height, UPRIGHT * s, SERIF * s)
    elif ink.kind in "()":
        path = _parenthesis(width, height, (UPRIGHT + 0.015) * s, FINE * s)
    else:
        path = _brace(width, height, (UPRIGHT + 0.015) * s, FINE * s)
    if ink.kind in "])":
        path = QTransform(-1, 0, 0, 1, width, 0).map(path)
    path.setFillRule(Qt.FillRule.WindingFill)
    return path


def _bracket(width: float, height: float, upright: float, foot: float) -> QPainterPath:
    left = 0.25 * width
    path = QPainterPath()
    path.moveTo(left, 0)
    for x, y in (
        (width, 0), (width, foot), (left + upright, foot), (left + upright, height - foot),
        (width, height - foot), (width, height), (left, height),
    ):  # fmt: skip
        path.lineTo(x, y)
    path.closeSubpath()
    return path


def _parenthesis(width: float, height: float, thick: float, fine: float) -> QPainterPath:
    """Two arcs that meet in fine ends; the middle of a tall one is straight, as in fonts that build it from pieces."""
    left, right = 0.12 * width, 0.95 * width
    bend = min(height / 2, 1.6 * (right - left) + 0.22 * height)
    path = QPainterPath()
    path.moveTo(right - fine, 0)
    path.cubicTo(left + 0.3 * (right - left), 0.32 * bend, left, 0.62 * bend, left, bend)
    path.lineTo(left, height - bend)
    path.cubicTo(left, height - 0.62 * bend, left + 0.3 * (right - left), height - 0.32 * bend, right - fine, height)
    path.lineTo(right, height - fine)
    inner = left + thick
    path.cubicTo(inner + 0.32 * (right - inner), height - 0.36 * bend, inner, height - 0.64 * bend, inner, height - bend)
    path.lineTo(inner, bend)
    path.cubicTo(inner, 0.64 * bend, inner + 0.32 * (right - inner), 0.36 * bend, right, fine)
    path.closeSubpath()
    return path


def _brace(width: float, height: float, thick: float, fine: float) -> QPainterPath:
    """Two hooks above and below a point in the middle, with straight uprights between."""
    middle, half = 0.5 * width, height / 2
    bend = min(half / 2, 0.95 * width)
    path = QPainterPath()
    path.moveTo(width, 0)
    path.cubicTo(middle - 0.5 * thick, 0, middle - 0.5 * thick, 0.35 * bend, middle - 0.5 * thick, bend)
    path.lineTo(middle - 0.5 * thick, half - bend)
    path.cubicTo(middle - 0.5 * thick, half - 0.35 * bend, middle - 0.7 * thick, half - 0.1 * bend, 0.06 * width, half)
    path.cubicTo(middle - 0.7 * thick, half + 0.1 * bend, middle - 0.5 * thick, half + 0.35 * bend, middle - 0.5 * thick, half + bend)
    path.lineTo(middle - 0.5 * thick, height - bend)
    path.cubicTo(middle - 0.5 * thick, height - 0.35 * bend, middle - 0.5 * thick, height, width, height)
    path.lineTo(width, height - fine)
    path.cubicTo(middle + thick, height - fine, middle + 0.5 * thick, height - 0.45 * bend, middle + 0.5 * thick, height - bend)
    path.lineTo(middle + 0.5 * thick, half + bend)
    path.cubicTo(middle + 0.5 * thick, half + 0.45 * bend, middle + 0.4 * thick, half + 0.15 * bend, 0.06 * width + 3 * fine, half)
    path.cubicTo(middle + 0.4 * thick, half - 0.15 * bend, middle + 0.5 * thick, half - 0.45 * bend, middle + 0.5 * thick, half - bend)
    path.lineTo(middle + 0.5 * thick, bend)
    path.cubicTo(middle + 0.5 * thick, 0.45 * bend, middle + thick, fine, width, fine)
    path.closeSubpath()
    return path
