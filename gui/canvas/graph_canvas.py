"""The picture of the network on screen: pan, zoom, hover, choose, and change a number by double click. What is drawn is `gui.diagram`."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QToolTip, QWidget

from gui import edits
from gui.actions import hover, select
from gui.canvas import keyboard
from gui.canvas.camera import Camera
from gui.canvas.field import CanvasField
from gui.canvas.foresight import Foreseen, Foresight
from gui.canvas.gestures import Click, Gesture, gesture_for, is_touchpad
from gui.canvas.menu import canvas_menu
from gui.canvas.motion import SHARE_OF_STEP, CanvasMotion, picture_area
from gui.canvas.overlay import MapPicture, paint_box, paint_focus
from gui.diagram.build import build_diagram, layout_of
from gui.diagram.changes import Bounds, changed
from gui.diagram.hit_test import hit
from gui.diagram.layout import Layout
from gui.diagram.motion import course
from gui.diagram.neighbours import area_of
from gui.diagram.primitives import Diagram
from gui.picture import picture_options, taken_away
from gui.rest import system_rests
from gui.state import AppState, same_moment, theme_of
from gui.store import Store
from gui.theme_qt import colour
from gui.tips import full, name_of, tip
from model.moment import Moment
from model.stages import Ref

AREAS_AT_MOST, PARTS_AT_MOST = 24, 6  # that have changed, and of what has to be painted; more are put together, which costs Qt less


class GraphCanvas(QWidget):
    """Paints the diagram of the store's moment; `camera` says which part of it.

    **Signals:** painted(): the first picture has been painted. paths_requested(Ref): the ways of a weight to the loss are asked for.
    export_requested().
    """

    painted = Signal()
    paths_requested = Signal(object)
    export_requested = Signal()

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self.camera = Camera()
        self.box: QRectF | None = None  # being drawn, on the canvas
        self._diagram: Diagram | None = None
        self._was_painted = False
        self._gesture: Gesture | None = None
        self._click = Click(store, self)
        self._field = CanvasField(store, self)
        self._map = MapPicture()
        self._foresight = Foresight()
        self._motion = CanvasMotion(self)
        self._motion.moved.connect(self._on_moved)
        self._focus_seen = False  # the ring is for those who move by keyboard
        self.setAccessibleName("network")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.setMinimumSize(260, 220)
        store.changed.connect(self._on_store_changed)

    @property
    def diagram(self) -> Diagram:
        """The picture of the moment, made once."""
        if self._diagram is None:
            state = self.store.state
            found = self._foresight.take(state, self._size)
            self._diagram = self.make_diagram(state.hover) if found is None else found.after
        return self._diagram

    @property
    def _size(self) -> tuple[int, int]:
        return self.width(), self.height()

    @property
    def layout_now(self) -> Layout:
        """Where everything stands."""
        state = self.store.state
        return layout_of(self.store.moment, theme_of(state), picture_options(state, ""), self.width(), self.height())

    def make_diagram(self, hovered: Ref | None = None) -> Diagram:
        """Return the picture of the moment as large as the canvas; without `hovered`, nothing is pointed at."""
        return self._picture_of(self.store.state, self.store.moment, hovered)

    def _picture_of(self, state: AppState, moment: Moment, hovered: Ref | None) -> Diagram:
        title, steady = self.store.explanations.explanation(moment).caption, not self.store.turns.busy
        return build_diagram(moment, theme_of(state), picture_options(state, title, hovered, steady=steady), *self._size)

    def prepare(self, state: AppState, moment: Moment) -> None:
        """Make the picture of a state that may come next while nobody waits."""
        if self.isVisible() and self._diagram is not None:
            self._foresight.prepare(state, self._size, self._diagram, lambda: self._foresee(state, moment))

    def _foresee(self, state: AppState, moment: Moment) -> Foreseen:
        before, after = self.diagram, self._picture_of(state, moment, state.hover)
        moves = self._may_move(self.store.state, state)
        way = course(before, after, moment, self.store.state.tick, theme_of(state)) if moves else None
        return Foreseen(before, after, changed(before, after), way)

    def zoom(self, factor: float, around: QPointF | None = None) -> None:
        """Zoom by a factor; the point `around` (default: the middle) stays where it is."""
        self.camera.zoom(factor, QPointF(self.width() / 2, self.height() / 2) if around is None else around)
        self.moved()

    def zoom_in(self) -> None:
        """Enlarge by a quarter."""
        self.zoom(1.25)

    def zoom_out(self) -> None:
        """Make smaller by a fifth."""
        self.zoom(0.8)

    def fit(self) -> None:
        """Show the whole network."""
        self.camera.home()
        self.moved()

    def fit_selection(self) -> None:
        """Show what is chosen as large as it can be; the whole network where nothing is."""
        state = self.store.state
        area = area_of(self.diagram, state.box or frozenset({state.selection} if state.selection else ()))
        if area is None:
            self.fit()
            return
        self.camera.fit(QRectF(QPointF(*area[:2]), QPointF(*area[2:])), QSizeF(self.size()))
        self.moved()

    def pan(self, by: QPointF) -> QPointF:
        """Move the picture by whole pixels, so that only what comes into view is painted; returns what is left of the way.

        A part of the picture stays in view.
        """
        step = self.camera.within(by, QSizeF(self.size())).toPoint()
        if not step.isNull():
            self.camera.pan(QPointF(step))
            self._field.close()
            self.scroll(step.x(), step.y())
            overlay = self.camera.map_rect(QSizeF(self.size()))
            if overlay is not None:
                for part in (overlay, overlay.translated(QPointF(step))):
                    self.update(part.toAlignedRect().adjusted(-2, -2, 2, 2))
            if self._focus_seen:
                self.update()
        return by - QPointF(step)

    def moved(self) -> None:
        """Paint anew after the camera has moved."""
        self._field.close()
        self.update()

    def ref_at(self, position: QPointF) -> Ref | None:
        """Return what is drawn at a place of the widget."""
        place = self.camera.to_picture(position)
        return hit(self.diagram, place.x(), place.y(), 4.0 / min(self.camera.scale, 2.0))

    def describe(self, ref: Ref) -> str:
        """Return what is said of a number: name, full value, and the formula it comes from."""
        return tip(self.store.moment, ref, "" if edits.fixed(self.store.state, ref) else "Enter or double click changes it")

    def edit(self, ref: Ref, at: QPointF | None = None) -> None:
        """Open the field in which a number is changed, where it is drawn; where it cannot be changed, say so."""
        self._click.cancel()
        area = area_of(self.diagram, frozenset({ref}))
        if at is None and area is not None:
            at = self.camera.on_canvas(QRectF(QPointF(*area[:2]), QPointF(*area[2:]))).center()
        at = at or QPointF(self.width() / 2, self.height() / 2)
        refused = edits.fixed(self.store.state, ref)
        if refused:
            QToolTip.showText(self.mapToGlobal(at.toPoint()), refused, self)
        else:
            self._field.open(ref, self.describe(ref).split("\n")[0], at)

    def copy_picture(self) -> None:
        """Put the picture on the clipboard, for drawing programs and for those that take pixels."""
        from gui.export.image import PictureOptions, raster, svg
        from gui.export.on_paper import on_paper

        options = taken_away(self.store.state, self.store.explanation.caption)
        diagram, data = on_paper(build_diagram(self.store.moment, theme_of(self.store.state), options, *self._size)), QMimeData()
        data.setImageData(raster(diagram, PictureOptions(dpi=192)))
        data.setData("image/svg+xml", svg(diagram, PictureOptions()))
        QGuiApplication.clipboard().setMimeData(data)

    def copy_numbers(self) -> None:
        """Put names and full values of what a box holds on the clipboard, one a line."""
        moment = self.store.moment
        known = sorted((ref for ref in self.store.state.box if ref.quantity != "one" and moment.known(ref)), key=str)
        QGuiApplication.clipboard().setText("\n".join(f"{name_of(moment, ref)}\t{full(moment.value(ref))}" for ref in known))

    def show_paths_of(self, ref: Ref) -> None:
        """Ask for the ways of a weight to the loss."""
        self.store.dispatch(select, ref)
        self.paths_requested.emit(ref)

    def export(self) -> None:
        """Ask for the picture as a file."""
        self.export_requested.emit()

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        shown = _edges(old) == _edges(new)
        pointed = (old.hover, old.selection) == (new.hover, new.selection) and old.paths is new.paths
        if old.training and not new.training:
            self.store.pauses.ask(self._renew, idle=True)  # with the decimals of a walk
        if shown and pointed and same_moment(old, new) and theme_of(old) is theme_of(new):
            return
        if old.run is not new.run or old.step != new.step:
            self._field.close()
        if self.store.turns.busy and self.isVisible() and shown and pointed and theme_of(old) is theme_of(new):
            self.store.turns.ask(self._renew, self)
            return
        before, self._diagram = self._diagram, None
        if before is None or not self.isVisible():
            self.update()
            return
        if not same_moment(old, new):
            self._motion.finish()
        elif self._motion.running:  # what is on the canvas now is neither of the two pictures
            self._motion.lead_to(self.diagram, self.store.moment, theme_of(new))
            self.update()
            return
        step = self._foresight.take(new, self._size)
        if step is None or step.before is not before:
            step = None
        self._update_parts(step.areas if step else changed(before, self.diagram))
        if self._may_move(old, new):
            most = 1000 / new.options.speed * SHARE_OF_STEP if new.playing else 1000.0
            self._motion.start(step.way if step else course(before, self.diagram, self.store.moment, old.tick, theme_of(new)), most)

    def _renew(self) -> None:
        """Make the picture of a run that goes on or has come to its end; it is painted whole."""
        self._motion.finish()
        self._diagram = None
        self._diagram = self.diagram
        self.update()

    def _may_move(self, old: AppState, new: AppState) -> bool:
        """Return whether one step forward has been taken, by someone who wants to see it move."""
        forward = old.run is new.run and old.step == new.step and old.tick < new.tick and old.options is new.options
        return forward and new.options.motion and not new.training and not self.store.pauses.rapid and not system_rests()

    def _on_moved(self, areas: list[Bounds]) -> None:
        self._update_parts(areas)

    def _update_parts(self, areas: list[Bounds] | None) -> None:
        """Have parts of the picture painted again; None for all of it."""
        if areas is None or self.camera.map_rect(QSizeF(self.size())) is not None:
            self.update()
            return
        if len(areas) > AREAS_AT_MOST:
            left, top, right, bottom = zip(*areas, strict=True)
            areas = [(min(left), min(top), max(right), max(bottom))]
        for left, top, right, bottom in areas:
            part = self.camera.on_canvas(QRectF(left, top, right - left, bottom - top))
            self.update(part.toAlignedRect().adjusted(-2, -2, 2, 2))

    def _on_screen(self) -> bool:
        """Whether what is painted is seen, and not put into a picture of the window. Asked no more often than needed: Python's side of
        a native window may outlive it."""
        handle = self.window().windowHandle()
        return handle is not None and handle.isExposed()

    def sizeHint(self) -> QSize:
        return QSize(780, 560)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(1.0 + event.value(), event.position())
            return True
        if isinstance(event, QGestureEvent) and isinstance(pinch := event.gesture(Qt.GestureType.PinchGesture), QPinchGesture):
            self.zoom(pinch.scaleFactor(), QPointF(self.mapFromGlobal(pinch.hotSpot().toPoint())))
            return True
        if event.type() == QEvent.Type.ShortcutOverride and keyboard.arrow(event) is not None:  # type: ignore[arg-type]
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keyboard.press(self, event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._motion.finish()
        self._diagram = None
        super().resizeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._motion.finish()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        diagram, camera = self.diagram, self.camera
        parts = list(event.region()) if event.region().rectCount() <= PARTS_AT_MOST else [event.rect()]
        for part in parts:
            painter.setClipRect(part)
            if not camera.is_home:
                painter.fillRect(part, colour(diagram.background))
                painter.translate(camera.offset)
                painter.scale(camera.scale, camera.scale)
            whole = part == self.rect() and camera.scale <= 1.0
            self._motion.paint(painter, diagram, None if whole else picture_area(camera.area(QRectF(part))))
            painter.resetTransform()
        painter.setClipRegion(event.region())
        theme = theme_of(self.store.state)
        self._map.paint(painter, diagram, camera, QRectF(self.rect()), theme)
        if self.box is not None:
            paint_box(painter, self.box, theme)
        if not self._was_painted and self._on_screen():
            self._was_painted = True
            self.painted.emit()
        if self._focus_seen:
            paint_focus(painter, QRectF(self.rect()), theme)
        self.store.pauses.note_frame()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if is_touchpad(event) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.pan(QPointF(event.pixelDelta()))
        else:
            self.zoom(1.0015 ** (event.angleDelta().y() or event.angleDelta().x()), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._click.cancel()
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._gesture = gesture_for(self, event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None:
            self._gesture.move(event.position())
            return
        ref = self.ref_at(event.position())
        self.setCursor(gesture_for(self, event).cursor if ref is None else Qt.CursorShape.PointingHandCursor)
        self.store.dispatch(hover, ref)
        QToolTip.showText(event.globalPosition().toPoint(), self.describe(ref) if ref is not None else "", self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is not None and not gesture.end(event.position()):
            self._click.on(self.ref_at(event.position()))
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        ref = self.ref_at(event.position())
        self._gesture = None
        self._click.cancel()
        if ref is None:
            self.fit()
        elif ref.quantity != "one":
            self.edit(ref, event.position())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        ref = self.store.state.selection if by_key else self.ref_at(QPointF(event.pos()))
        menu = canvas_menu(self.store, self, self, ref)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        reasons = Qt.FocusReason
        self._focus_seen = event.reason() in (reasons.TabFocusReason, reasons.BacktabFocusReason, reasons.ShortcutFocusReason)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._focus_seen = False
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.store.dispatch(hover, None)
        super().leaveEvent(event)


def _edges(state: AppState) -> tuple[object, ...]:
    """Return what decides how edges are drawn."""
    o = state.options
    length = state.run_length.bit_length() if o.edge_range == "run" else 0
    return (o.colour_by, o.numbers, o.edge_scale, o.edge_range, o.edge_limit, o.spacing, length, state.box)
