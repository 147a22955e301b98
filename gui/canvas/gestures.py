"""What the pointer does on the canvas: move the picture, draw a box, move a column, look elsewhere on the map, ask for a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Qt, QTimer
from PySide6.QtGui import QInputDevice, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from gui.actions import ask, select
from gui.canvas.actions import choose_box, move_column
from gui.canvas.camera import MAP_SHARE
from gui.diagram.neighbours import inside
from gui.diagram.primitives import Diagram
from gui.edits import fixed
from gui.state import AppState
from gui.store import Store
from model.stages import Ref

if TYPE_CHECKING:
    from gui.canvas.graph_canvas import GraphCanvas

CLICK = 4.0  # pixels that a click may move


class Click(QObject):
    """Asks where a number comes from. One that a double click would change is asked for when no second click has followed.

    Until then the question holds as long as the number is chosen and its run is there: else it would lead to what is chosen no longer.
    """

    def __init__(self, store: Store, parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._ref: Ref | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timeout)
        store.changed.connect(self._on_store_changed)

    def on(self, ref: Ref | None) -> None:
        """A number has been clicked, or None: it is chosen at once."""
        self._ref = ref
        self._store.dispatch(select, ref)
        if ref is None or fixed(self._store.state, ref):
            self._on_timeout()
        else:
            self._timer.start(QApplication.doubleClickInterval())

    def cancel(self) -> None:
        """Ask for nothing: it was the first half of a double click, or something else has followed."""
        self._timer.stop()

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if new.selection != self._ref or new.run is not old.run:
            self.cancel()

    def _on_timeout(self) -> None:
        self._timer.stop()
        self._store.dispatch(ask, self._ref)


class Gesture:
    """Moves the picture once the pointer has moved further than a click may."""

    cursor = Qt.CursorShape.ArrowCursor
    moving_cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, canvas: GraphCanvas, start: QPointF) -> None:
        self.canvas, self.start, self.last = canvas, start, start
        self.moving = False

    def move(self, to: QPointF) -> None:
        """The pointer is at `to`."""
        if not self.moving and (to - self.start).manhattanLength() <= CLICK:
            return
        self.moving = True
        self.canvas.setCursor(self.moving_cursor)
        self.last = to - self.drag(to - self.last, to)

    def drag(self, by: QPointF, to: QPointF) -> QPointF:
        """The pointer has moved on by `by`, to `to`; return how much of it is still to be done."""
        return self.canvas.pan(by)

    def end(self, at: QPointF) -> bool:
        """The button is up; return whether this was more than a click."""
        if not self.moving:
            self.canvas.store.dispatch(choose_box, frozenset())
        return self.moving


class BoxGesture(Gesture):
    """Chooses what lies in a box."""

    cursor = moving_cursor = Qt.CursorShape.CrossCursor

    def drag(self, by: QPointF, to: QPointF) -> QPointF:
        self.canvas.box = QRectF(self.start, to).normalized()
        self.canvas.update()
        return QPointF()

    def end(self, at: QPointF) -> bool:
        canvas, box = self.canvas, self.canvas.box
        canvas.box = None
        if box is not None:
            area = canvas.camera.area(box)
            found = inside(canvas.diagram, area.left(), area.top(), area.right(), area.bottom())
            canvas.store.dispatch(choose_box, found)
            canvas.update()
        return super().end(at)


class ColumnGesture(Gesture):
    """Moves a column of the picture by its head."""

    cursor = moving_cursor = Qt.CursorShape.SplitHCursor

    def __init__(self, canvas: GraphCanvas, start: QPointF, column: int) -> None:
        super().__init__(canvas, start)
        self.column = column

    def drag(self, by: QPointF, to: QPointF) -> QPointF:
        share = by.x() / self.canvas.camera.scale / max(self.canvas.width(), 1)
        self.canvas.store.dispatch(move_column, self.column, len(self.canvas.layout_now.columns), share)
        return QPointF()


class MapGesture(Gesture):
    """Looks where the pointer is on the small map."""

    cursor = moving_cursor = Qt.CursorShape.PointingHandCursor

    def drag(self, by: QPointF, to: QPointF) -> QPointF:
        canvas = self.canvas
        rect = canvas.camera.map_rect(QSizeF(canvas.size()))
        if rect is not None:
            canvas.camera.centre_on((to - rect.topLeft()) / MAP_SHARE, QSizeF(canvas.size()))
            canvas.moved()
        return QPointF()

    def end(self, at: QPointF) -> bool:
        self.drag(QPointF(), at)
        return True


def gesture_for(canvas: GraphCanvas, event: QMouseEvent) -> Gesture:
    """Return what a press of the pointer begins."""
    at = event.position()
    rect = canvas.camera.map_rect(QSizeF(canvas.size()))
    if rect is not None and rect.contains(at):
        return MapGesture(canvas, at)
    if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
        return BoxGesture(canvas, at)
    column = _head_at(canvas, canvas.camera.to_picture(at))
    return Gesture(canvas, at) if column is None else ColumnGesture(canvas, at, column)


def _head_at(canvas: GraphCanvas, point: QPointF) -> int | None:
    """Return the column whose head is at a point of the picture; the outermost ones stay where they are."""
    if not _on_head(canvas.diagram, point):
        return None
    columns = canvas.layout_now.columns
    nearest = min(range(len(columns)), key=lambda i: abs(columns[i].x - point.x()))
    return nearest if 0 < nearest < len(columns) - 1 else None


def _on_head(diagram: Diagram, point: QPointF) -> bool:
    for label in diagram.labels:
        left, top, right, bottom = label.bounds
        if label.kind == "head" and left - 6 <= point.x() <= right + 6 and top - 4 <= point.y() <= bottom + 4:
            return True
    return False


def is_touchpad(event: QWheelEvent) -> bool:
    """Return whether two fingers scroll, who expect the picture to move with them."""
    return event.device().type() == QInputDevice.DeviceType.TouchPad or not event.pixelDelta().isNull()
