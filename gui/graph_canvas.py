"""The picture of the network on screen: pan, zoom, hover, choose, and change a number by double click. What is drawn is `gui.diagram`."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QMouseEvent, QNativeGestureEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from gui import edits
from gui.actions import Refusal, ask, hover
from gui.diagram.build import build_diagram
from gui.diagram.hit_test import hit
from gui.diagram.paint import paint
from gui.diagram.primitives import Diagram
from gui.picture import picture_options
from gui.state import AppState, same_moment, theme_of
from gui.store import Store
from gui.theme_qt import colour
from gui.tips import tip
from model.stages import Ref

SMALLEST, LARGEST = 0.3, 12.0
CLICK = 4.0  # pixels that a click may move


class GraphCanvas(QWidget):
    """Paints the diagram of the store's moment. scale 1 and offset 0 show the whole of it.

    **Signals:** painted(): the first picture has been painted.
    """

    painted = Signal()

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._diagram: Diagram | None = None
        self._scale, self._offset = 1.0, QPointF()
        self._pressed: QPointF | None = None
        self._panning = self._was_painted = False
        self._field: QLineEdit | None = None
        self._focus_seen = False  # the ring is for those who move by keyboard
        self.setAccessibleName("network")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(260, 220)
        store.changed.connect(self._on_store_changed)

    @property
    def diagram(self) -> Diagram:
        """The picture of the moment, made once."""
        if self._diagram is None:
            self._diagram = self.make_diagram(self._store.state.hover)
        return self._diagram

    def make_diagram(self, hovered: Ref | None = None) -> Diagram:
        """Return the picture of the moment as large as the canvas; without `hovered`, as it is exported."""
        state, store = self._store.state, self._store
        options = picture_options(state, store.explanation.caption, hovered)
        return build_diagram(store.moment, theme_of(state), options, self.width(), self.height())

    def zoom(self, factor: float, around: QPointF | None = None) -> None:
        """Zoom by a factor; the point `around` (default: the middle) stays where it is."""
        centre = QPointF(self.width() / 2, self.height() / 2) if around is None else around
        scale = max(SMALLEST, min(self._scale * factor, LARGEST))
        self._offset = centre - (centre - self._offset) * (scale / self._scale)
        self._scale = scale
        self._end_field()
        self.update()

    def zoom_in(self) -> None:
        """Enlarge by a quarter."""
        self.zoom(1.25)

    def zoom_out(self) -> None:
        """Make smaller by a fifth."""
        self.zoom(0.8)

    def fit(self) -> None:
        """Show the whole network."""
        self._scale, self._offset = 1.0, QPointF()
        self._end_field()
        self.update()

    def ref_at(self, position: QPointF) -> Ref | None:
        """Return what is drawn at a place of the widget."""
        place = (position - self._offset) / self._scale
        return hit(self.diagram, place.x(), place.y())

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        shown = _edges(old) == _edges(new)
        pointed = (old.hover, old.selection) == (new.hover, new.selection) and old.paths is new.paths
        if shown and pointed and same_moment(old, new) and theme_of(old) is theme_of(new):
            return
        if old.run is not new.run or old.step != new.step:
            self._end_field()
        self._diagram = None
        self.update()

    def describe(self, ref: Ref) -> str:
        """Return what is said of a number: name, full value, and the formula it comes from."""
        editable = edits.can_edit(ref) and (self._store.state.step == 1 or ref.quantity not in "Wb")
        return tip(self._store.moment, ref, "double click changes it" if editable else "")

    def _open_field(self, ref: Ref, at: QPointF) -> None:
        self._end_field()
        field = self._field = QLineEdit(self)
        field.setAccessibleName(self.describe(ref).split("\n")[0])
        field.setToolTip("Enter takes the number, Esc leaves the old one")
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.setText(repr(self._store.moment.value(ref)).replace("-", "−"))
        field.setProperty("ref", ref)
        field.setFixedWidth(max(96, self.fontMetrics().averageCharWidth() * 16))
        x = min(max(4, at.x() - field.width() / 2), self.width() - field.width() - 4)
        field.move(round(x), round(min(max(4, at.y() - 14), self.height() - 40)))
        field.selectAll()
        field.returnPressed.connect(self._on_field_return)
        field.installEventFilter(self)
        field.show()
        field.setFocus()

    def _end_field(self) -> None:
        if self._field is not None:
            field, self._field = self._field, None
            field.removeEventFilter(self)
            field.hide()
            field.deleteLater()
            self.setFocus()

    def _on_field_return(self) -> None:
        assert self._field is not None
        ref, text, place = self._field.property("ref"), self._field.text(), self._field.geometry().bottomLeft()
        try:
            value = edits.parse_number(text)
        except Refusal as error:
            QToolTip.showText(self.mapToGlobal(place), str(error), self._field)
            return
        if value == self._store.moment.value(ref):
            self._end_field()
            return
        refused = self._store.edit("change of a number", edits.edit_number, ref, value)
        if refused and self._field is not None:
            QToolTip.showText(self.mapToGlobal(place), refused, self._field)
        else:
            self._end_field()

    def sizeHint(self) -> QSize:
        return QSize(780, 560)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(1.0 + event.value(), event.position())
            return True
        return super().event(event)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if watched is self._field and (
            event.type() == QEvent.Type.FocusOut or (event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape)  # type: ignore[attr-defined]
        ):
            self._end_field()
            return event.type() == QEvent.Type.KeyPress
        if watched is self._field and event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            event.accept()
            return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._diagram = None
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        diagram = self.diagram
        if self._scale != 1.0 or not self._offset.isNull():
            painter.fillRect(self.rect(), colour(diagram.background))
            painter.translate(self._offset)
            painter.scale(self._scale, self._scale)
        paint(painter, diagram, fast=True)
        painter.resetTransform()
        handle = self.window().windowHandle()
        if not self._was_painted and handle is not None and handle.isExposed():  # and not into a picture of the window
            self._was_painted = True
            self.painted.emit()
        if self._focus_seen:
            painter.setPen(colour(theme_of(self._store.state).accent))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta().y() or event.angleDelta().x()
        self.zoom(1.0015**delta, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed, self._panning = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None:
            moved = event.position() - self._pressed
            if self._panning or moved.manhattanLength() > CLICK:
                self._panning, self._pressed = True, event.position()
                self._offset += moved
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self.update()
            return
        ref = self.ref_at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if ref is not None else Qt.CursorShape.ArrowCursor)
        self._store.dispatch(hover, ref)
        QToolTip.showText(event.globalPosition().toPoint(), self.describe(ref) if ref is not None else "", self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and not self._panning:
            self._store.dispatch(ask, self.ref_at(event.position()))
        self._pressed, self._panning = None, False
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        ref = self.ref_at(event.position())
        self._pressed = None
        if ref is not None and edits.can_edit(ref):
            self._open_field(ref, event.position())
        elif ref is None:
            self.fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        reasons = Qt.FocusReason
        self._focus_seen = event.reason() in (reasons.TabFocusReason, reasons.BacktabFocusReason, reasons.ShortcutFocusReason)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._focus_seen = False
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._store.dispatch(hover, None)
        super().leaveEvent(event)


def _edges(state: AppState) -> tuple[object, ...]:
    """Return what decides how edges are drawn."""
    o = state.options
    length = state.run_length.bit_length() if o.edge_range == "run" else 0
    return (o.colour_by, o.numbers, o.edge_scale, o.edge_range, o.edge_limit, length, state.box)
