"""Weight matrices as heat maps in the colours of the edges: zoom, pan, point at a cell; first-layer weights as one image per neuron."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from gui.actions import ask, hover
from gui.canvas.camera import Camera
from gui.diagram.heat_map import HeatMap, heat_map, scale_of
from gui.diagram.layout import is_image
from gui.diagram.values import layer_values
from gui.layouts import in_column, in_row
from gui.panel.fields import Choice, Line, Segments
from gui.panes.cell_labels import CellLabels
from gui.panes.exhibit import Choices, Exhibit, Rows
from gui.panes.pane import Pane
from gui.picture import picture_options
from gui.state import AppState, same_moment, theme_of
from gui.store import Store
from gui.theme import LIGHT, Theme
from gui.theme_qt import colour
from gui.tips import tip
from model.expr.tree import format_number
from model.notation.layers import layer_name
from model.stages import Ref

QUANTITIES = (("weight", "weights"), ("gradient", "gradient"), ("update", "update"), ("contribution", "contribution a·w"))
FORMS = (
    ("matrix", "Matrix", "Rows are neurons, columns what comes in, the biases first"),
    ("images", "Images", "One image of its weights per neuron"),
)
SPARE = 8.0
SMOOTH_BELOW = 1.0  # device pixels per cell
LARGEST_CELL = 4.5  # heights of a line of text, before anybody zooms
LINES_FROM = 9.0  # pixels per cell from which on cells are set apart


class HeatMapView(Pane):
    """A weight layer, chosen by hand or by what is chosen on the canvas."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, 20, parent)
        self._layer = 1
        self._chosen: str | None = None  # the quantity that the user asked for
        self._images = True
        self._choose_layer = Choice((), "weight layer", "Which weight matrix is shown")
        self._choose_layer.setMinimumContentsLength(15)
        self._choose_layer.chosen.connect(self._on_layer_chosen)
        self._choose_quantity = Choice(QUANTITIES, "quantity", "What the colours show")
        self._choose_quantity.setMinimumContentsLength(11)
        self._choose_quantity.chosen.connect(self._on_quantity_chosen)
        self._form = Segments(FORMS, "form")
        self._form.chosen.connect(self._on_form_chosen)
        self._legend = Line()
        self.map = CellMap(store)
        choices = (self._choose_layer, self._choose_quantity, self._form)
        head = in_row(*choices, self._legend, wide=self._legend, margins=(12, 6, 8, 0), spacing=8)
        self.setLayout(in_column(head, self.map, wide=self.map, spacing=2))
        self._shown: tuple[HeatMap, str] | None = None
        store.changed.connect(self._on_store_changed)

    def touches(self, old: AppState, new: AppState) -> bool:
        a, b = old.options, new.options
        shown = (a.edge_scale, a.edge_range, a.edge_limit, a.colour_by) == (b.edge_scale, b.edge_range, b.edge_limit, b.colour_by)
        return not shown or old.selection != new.selection or not same_moment(old, new)

    def set_theme(self, theme: Theme) -> None:
        self.map.theme = theme

    def show_state(self, state: AppState) -> None:
        problem = state.problem
        self._layer = min(self._layer, problem.depth)
        if state.selection is not None and 1 <= state.selection.layer <= problem.depth and state.selection != self.map.selection:
            self._layer = state.selection.layer
        names = [(l, self._title_of(state, l)) for l in range(1, problem.depth + 1)]
        if [self._choose_layer.itemData(i) for i in range(self._choose_layer.count())] != [l for l, _ in names]:
            self._choose_layer.clear()
        for i, (layer, text) in enumerate(names):
            if i >= self._choose_layer.count():
                self._choose_layer.addItem(text, layer)
            self._choose_layer.setItemText(i, text)
        self._choose_layer.show_value(self._layer)
        quantity = self._chosen or self._usual(state)
        self._choose_quantity.show_value(quantity)
        can_be_images = self._layer == 1 and is_image(problem.layers)
        self._form.setVisible(can_be_images)
        self._form.show_value("images" if self._images else "matrix")
        self._show_map(state, quantity, images=can_be_images and self._images)

    def _title_of(self, state: AppState, layer: int) -> str:
        """Return the layer and the rows and columns of its picture; the biases are a column of the matrix and not of the images."""
        problem = state.problem
        images = layer == 1 and self._images and is_image(problem.layers)
        columns = problem.layers[layer - 1] + (1 if problem.has_biases and not images else 0)
        return f"{layer_name(state.notation, layer, problem)}: {problem.layers[layer]} × {columns}"

    def _usual(self, state: AppState) -> str:
        """Return what the edges' colours show, as long as any of it is known, otherwise the weights."""
        wanted, moment = state.options.colour_by, self.store.moment
        layers = range(1, state.problem.depth + 1)
        known = wanted != "none" and any(np.isfinite(layer_values(moment, l, wanted).values).any() for l in layers)
        return wanted if known else "weight"

    def _show_map(self, state: AppState, quantity: str, *, images: bool) -> None:
        moment, options = self.store.moment, picture_options(state, "")
        same = options.colour_by == quantity
        limit = options.limit if same or options.range == "fixed" else None
        scale = scale_of(moment, quantity, theme_of(state), options.scale, limit, grows=options.range == "run")
        cells = heat_map(moment, self._layer, quantity, scale, images=images)
        self.map.show_map(cells, state)
        end = "not known yet" if scale is None else f"±{format_number(scale.limit, moment.fmt)}"
        kind = " · logarithmic" if scale is not None and scale.kind == "symlog" else ""
        self._shown = cells, f"{end}{kind}"
        self._legend.setText(f"{end}{kind}")
        self._legend.setToolTip(f"The ends of the colours: {end}{kind}")

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if old.hover != new.hover and self.isVisible():
            self.map.update()

    def choices(self) -> dict[str, Any]:
        return {"layer": self._layer, "colour_by": self._choose_quantity.currentData(), "images": self._images}

    def choose(self, choices: Choices) -> None:
        self._layer, self._chosen = choices.get("layer", self._layer), choices.get("colour_by", self._chosen)
        self._images = choices.get("images", self._images)
        self.map.selection = self.store.state.selection  # which would choose its own layer

    def exhibit(self) -> Exhibit | None:
        if self._shown is None:
            return None
        (cells, end), state = self._shown, self.store.state
        what = dict(QUANTITIES)[cells.quantity]
        title = f"{what[0].upper()}{what[1:]}, {self._title_of(state, cells.layer)}"
        when = f"{'of' if cells.quantity in ('gradient', 'update') else 'before'} update {state.step:,}"
        return Exhibit(title, self.map, when, scale=cells.scale, end=end, table=self._table(cells))

    def _table(self, cells: HeatMap) -> Rows:
        """Return a matrix as it is shown, or one row of pixels for each image."""
        whole = cells if not self._images else heat_map(self.store.moment, cells.layer, cells.quantity, cells.scale)
        names = ["bias" if sender < 0 else f"from {sender + 1}" for sender in whole.sender[0].tolist()]
        values = ([i + 1, *("" if v != v else v for v in row)] for i, row in enumerate(whole.values.tolist()))
        return [["neuron", *names], *values]

    def _on_layer_chosen(self, layer: int) -> None:
        self._layer = layer
        self.map.fit()
        self.invalidate()

    def _on_quantity_chosen(self, quantity: str) -> None:
        self._chosen = quantity
        self.invalidate()

    def _on_form_chosen(self, form: str) -> None:
        self._images = form == "images"
        self.map.fit()
        self.invalidate()


class CellMap(QWidget):
    """The cells. The camera's picture has one unit of length per cell."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = LIGHT
        self.selection: Ref | None = None
        self._store = store
        self._map: HeatMap | None = None
        self._image = QImage()
        self._camera = Camera()
        self._home = True
        self._pressed: QPointF | None = None
        self._panned = False
        self.setMouseTracking(True)
        self.setAccessibleName("weight matrix as a heat map")
        self.setMinimumSize(160, 80)

    def show_map(self, shown: HeatMap, state: AppState) -> None:
        """Show cells, and in them what is pointed at and what is chosen."""
        if self._map is None or self._map.shape != shown.shape:
            self._home = True
        self._map, self.selection = shown, state.selection
        cells = np.ascontiguousarray(np.pad(shown.colours(self.theme)[:, :, ::-1], ((0, 0), (0, 0), (0, 1)), constant_values=255))
        rows, columns = shown.shape
        self._image = QImage(cells.tobytes(), columns, rows, 4 * columns, QImage.Format.Format_RGB32).copy()
        self.update()

    def fit(self) -> None:
        """Show all cells."""
        self._home = True
        self.update()

    def _place(self) -> Camera:
        """Return the camera, brought to where all cells are seen as long as nobody has zoomed."""
        if self._home and self._map is not None:
            (rows, columns), labels = self._map.shape, self._labels(self._map)
            wide, high = self.width() - labels.left - 2 * SPARE, self.height() - labels.top - SPARE
            scale = max(0.05, min(wide / columns, high / rows, LARGEST_CELL * self.fontMetrics().height()))
            self._camera.scale = scale
            left, top = labels.left + SPARE, labels.top
            self._camera.offset = QPointF(left + (wide - columns * scale) / 2, top + (high - rows * scale) / 2)
        return self._camera

    def _labels(self, shown: HeatMap) -> CellLabels:
        return CellLabels(shown, self.theme, QFontMetricsF(self.font()), QRectF(self.rect()))

    def ref_at(self, position: QPointF) -> Ref | None:
        """Return the number under a point of the widget."""
        if self._map is None:
            return None
        place = self._place().to_picture(position)
        return self._map.ref(int(np.floor(place.y())), int(np.floor(place.x())))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour(self.theme.panel))
        if self._map is None:
            return
        camera = self._place()
        rows, columns = self._map.shape
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, camera.scale * self.devicePixelRatioF() < SMOOTH_BELOW)
        painter.drawImage(camera.on_canvas(QRectF(0, 0, columns, rows)), self._image)
        if camera.scale >= LINES_FROM:
            self._paint_grid(painter, camera)
        for ref, role in ((self._store.state.hover, self.theme.gold), (self.selection, self.theme.select)):
            cell = None if ref is None else self._map.cell_of(ref)
            if cell is not None:
                painter.setPen(QPen(colour(role), 2))
                painter.drawRect(camera.on_canvas(QRectF(cell[1], cell[0], 1, 1)).adjusted(-1, -1, 1, 1))
        painter.setFont(self.font())
        self._labels(self._map).paint(painter, camera)

    def _paint_grid(self, painter: QPainter, camera: Camera) -> None:
        """Set cells apart as far as they are seen."""
        assert self._map is not None
        rows, columns = self._map.shape
        seen = camera.area(QRectF(self.rect()))
        painter.setPen(QPen(colour(self.theme.panel), 1))
        top, bottom = max(0, int(seen.top())), min(rows, int(seen.bottom()) + 1)
        left, right = max(0, int(seen.left())), min(columns, int(seen.right()) + 1)
        for column in range(left, right + 1):
            painter.drawLine(_on(camera, column, top), _on(camera, column, bottom))
        for row in range(top, bottom + 1):
            painter.drawLine(_on(camera, left, row), _on(camera, right, row))

    def wheelEvent(self, event: QWheelEvent) -> None:
        camera = self._place()
        self._home = False
        factor = 1.0015 ** (event.angleDelta().y() or event.angleDelta().x())
        factor = min(max(factor, 0.05 / camera.scale), 80.0 / camera.scale)
        camera.offset = event.position() - (event.position() - camera.offset) * factor
        camera.scale *= factor
        self.update()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._panned = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None:
            moved = event.position() - self._pressed
            if self._panned or moved.manhattanLength() > 4:
                self._panned, self._pressed, self._home = True, event.position(), False
                self._camera.pan(moved)
                self.update()
            return
        ref = self.ref_at(event.position())
        self._store.dispatch(hover, ref)
        QToolTip.showText(event.globalPosition().toPoint(), "" if ref is None else tip(self._store.moment, ref), self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and not self._panned:
            ref = self.ref_at(event.position())
            if ref is not None:
                self.selection = ref  # chosen here: the layer that is shown stays
                self._store.dispatch(ask, ref)
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        self._store.dispatch(hover, None)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.update()
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:
        return QSizeF(360, 200).toSize()


def _on(camera: Camera, x: float, y: float) -> QPointF:
    return QPointF(x, y) * camera.scale + camera.offset
