"""Rows and columns of widgets, what takes the room that is left in them and how far apart their parts are; sizes of dialogs."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

Part = QWidget | QLayout
Margins = tuple[int, int, int, int]  # left, above, right, below, in pixels
NONE: Margins = (0, 0, 0, 0)
AS_AROUND = -1  # the space between the parts is that of the layout around
USUAL_LINE, EDGE = 16, 60  # pixels: height of a line at the usual size of type; of the screen that a dialog leaves free
L = TypeVar("L", bound=QBoxLayout)


def in_row(*parts: Part, wide: QWidget | None = None, margins: Margins = NONE, spacing: int = AS_AROUND) -> QHBoxLayout:
    """Return parts side by side. wide: the one that takes the room that is left."""
    return _filled(QHBoxLayout(), parts, wide, margins, spacing)


def in_column(*parts: Part, wide: QWidget | None = None, margins: Margins = NONE, spacing: int = AS_AROUND) -> QVBoxLayout:
    """Return parts below each other. wide: the one that takes the room that is left."""
    return _filled(QVBoxLayout(), parts, wide, margins, spacing)


def _filled(layout: L, parts: tuple[Part, ...], wide: QWidget | None, margins: Margins, spacing: int) -> L:
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    for part in parts:
        if isinstance(part, QLayout):
            layout.addLayout(part)
        else:
            layout.addWidget(part, 1 if part is wide else 0)
    return layout


def resize_on_screen(dialog: QWidget, width: int, height: int) -> None:
    """Give a dialog a size in pixels at the usual size of type, more where letters are larger, but no more than the screen has room for."""
    room, larger = dialog.screen().availableSize(), dialog.fontMetrics().height() / USUAL_LINE
    dialog.resize(round(min(width * larger, room.width() - EDGE)), round(min(height * larger, room.height() - EDGE)))
