"""Fields for the numbers of units and samples."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QSpinBox


def number_field(name: str, tip: str) -> QSpinBox:
    """Return a field that counts from 1."""
    field = QSpinBox(minimum=1, keyboardTracking=False)
    field.setAccessibleName(name)
    field.setToolTip(f"{tip} (Up, Down)")
    return field


def show_number(field: Any, value: int, most: int) -> None:
    """Show one of `most` without announcing a change."""
    field.blockSignals(True)
    field.setRange(1, most)
    field.setValue(value)
    field.setEnabled(most > 1)
    field.blockSignals(False)
