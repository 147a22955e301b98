"""Fields for the numbers of units and samples."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QSpinBox

from gui.panel.fields import whole


def number_field(name: str, tip: str) -> QSpinBox:
    """Return a field that counts from 1."""
    return whole(1, 1, name, tip)


def show_number(field: Any, value: int, most: int) -> None:
    """Show one of `most` without announcing a change."""
    with QSignalBlocker(field):
        field.setRange(1, most)
        field.setValue(value)
        field.setEnabled(most > 1)
