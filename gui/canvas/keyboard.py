"""The canvas by keyboard: Shift and an arrow go from number to number, Enter changes the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolTip

from gui.actions import select
from gui.diagram.neighbours import Direction, along, area_of, beside
from model.stages import Ref

if TYPE_CHECKING:
    from gui.canvas.graph_canvas import GraphCanvas

ARROWS: dict[int, Direction] = {
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
}
EDIT = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)
TIP_MS = 4000  # a tip that no pointer takes away again
TIP_BELOW = 16  # pixels by which Qt puts a tip below the place that it is told


def arrow(event: QKeyEvent) -> Direction | None:
    """Return where Shift and an arrow point; plain arrows step."""
    return ARROWS.get(event.key()) if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else None


def press(canvas: GraphCanvas, event: QKeyEvent) -> bool:
    """Do what a key means on the canvas; returns whether it means something."""
    way, chosen = arrow(event), canvas.store.state.selection
    if way is None:
        if event.key() not in EDIT or chosen is None:
            return False
        canvas.edit(chosen)
        return True
    along_edges = event.modifiers() & Qt.KeyboardModifier.ControlModifier
    ref = along(canvas.diagram, chosen, way) if along_edges else beside(canvas.layout_now, chosen, way)
    if ref is not None:
        canvas.store.dispatch(select, ref)
        _show_tip(canvas, ref)
    return True


def _show_tip(canvas: GraphCanvas, ref: Ref) -> None:
    """Say what is chosen below the canvas, where it hides nothing of the network, and not for long."""
    area = area_of(canvas.diagram, frozenset({ref}))
    if area is not None:
        left = round(canvas.camera.offset.x() + canvas.camera.scale * area[0])
        place = QPoint(max(0, min(left, canvas.width())), canvas.height() - TIP_BELOW)
        QToolTip.showText(canvas.mapToGlobal(place), canvas.describe(ref), canvas, QRect(), TIP_MS)
