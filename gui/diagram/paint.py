"""Paints a diagram with QPainter: exactly, for pictures of any kind, or with the fast strokes of `strokes` for screens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import singledispatch

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPaintEngine, QPainter, QPainterPath, QPen, QPolygonF

from gui.diagram.changes import Bounds, all_bounds, meet, rows_within
from gui.diagram.motion import Course, widened
from gui.diagram.primitives import (
    Box,
    Circle,
    Curve,
    Diagram,
    Formulas,
    Half,
    Label,
    Lines,
    Picture,
    Polygon,
    Primitive,
    Turned,
    dash_of,
)
from gui.diagram.strokes import paint_strokes
from gui.diagram.text import Run, text_width
from gui.formula.page import style_for
from gui.formula.paint import render_explanation
from gui.theme import RGB
from gui.theme_qt import colour, font, searchable

ONE = 122  # per cent of its width that a 1 has in a PDF
MOST_AREAS = 5000  # cells that are areas of their own in a vector picture
PIXELS = 3000  # of an image of more cells, about, if it were as wide as all there is
LEAST_PIXELS = 8  # along the side of each of these cells


def paint(
    painter: QPainter, diagram: Diagram, *, fast: bool = False, background: bool = True, area: Bounds | None = None,
    moving: Iterable[Primitive] = (),
) -> None:  # fmt: skip
    """Paint a diagram at the origin in logical pixels.

    fast: strokes by textures, for raster screens; elsewhere it changes nothing. background: fill the ground first.
    area: left, top, right, bottom outside of which nothing has to be painted. moving: what travels on the edges, below everything else.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    engine = painter.paintEngine().type()
    if background:
        painter.fillRect(QRectF(0, 0, diagram.width, diagram.height), colour(diagram.background))
    quick = fast and engine == QPaintEngine.Type.Raster
    text = {QPaintEngine.Type.SVG: _outlined, QPaintEngine.Type.Pdf: _searchable}.get(engine, _written)
    items = diagram.items
    if area is not None:
        items = tuple(item for item, reach in zip(items, all_bounds(diagram), strict=True) if meet(reach, area))
    images = engine != QPaintEngine.Type.Raster and has_images(diagram)
    edges = next((i for i, item in enumerate(items) if not isinstance(item, Lines)), len(items)) if moving else 0
    for item in (*items[:edges], *moving, *items[edges:]):
        if isinstance(item, Lines) and quick and len(item) > 1:
            paint_strokes(painter, item if area is None else rows_within(item, area))
        elif isinstance(item, Label | Turned):
            _text(painter, item, text)
        elif isinstance(item, Picture) and images:
            _enlarged(painter, item, diagram.width)
        else:
            _paint(item, painter)
    painter.restore()


def has_images(diagram: Diagram) -> bool:
    """Return whether cells are too many to be areas of their own in vector pictures, so that they are images there."""
    return sum(item.cells.shape[0] * item.cells.shape[1] for item in diagram.items if isinstance(item, Picture)) > MOST_AREAS


def paint_items(painter: QPainter, items: Iterable[Primitive]) -> None:
    """Paint some shapes over what is there already, exactly."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for item in items:
        if isinstance(item, Label | Turned):
            _text(painter, item, _written)
        else:
            _paint(item, painter)
    painter.restore()


def paint_on_the_way(painter: QPainter, way: Course, after: Diagram, travelled: float, faded: float, *, area: Bounds | None = None) -> None:
    """Paint a picture of a motion towards `after` for rasters: terms `travelled` so far, 0..1; then the new values `faded` in so far."""
    dots = tuple(way.travel.dots(travelled)) if way.travel is not None and travelled < 1.0 else None
    paint(painter, widened(way.waiting, way.widths, faded), fast=True, area=area, moving=dots or ())
    if dots is not None:
        return
    painter.save()
    painter.setOpacity(faded)
    kept = set(way.waiting.items)
    paint_items(painter, (item for item in after.items if item not in kept))
    painter.restore()


def _pen(line: RGB | None, width: float, *, dashed: bool = False) -> QPen | Qt.PenStyle:
    if line is None or width <= 0:
        return Qt.PenStyle.NoPen
    pen = QPen(colour(line), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dashed:
        on, off = dash_of(width)
        pen.setDashPattern([on / width, off / width])
    return pen


def _prepare(painter: QPainter, fill: RGB | None, line: RGB | None = None, width: float = 0.0, *, dashed: bool = False) -> None:
    painter.setPen(_pen(line, width, dashed=dashed))
    if fill is None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setBrush(colour(fill))


@singledispatch
def _paint(item: Primitive, painter: QPainter) -> None:
    raise TypeError(f"nothing paints {type(item).__name__}")


@_paint.register
def _lines(item: Lines, painter: QPainter) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    rows = zip(item.xy.tolist(), item.rgb.tolist(), item.width.tolist(), item.dashed.tolist(), strict=True)
    for (x0, y0, x1, y1), rgb, width, dashed in rows:
        painter.setPen(_pen(tuple(rgb), width, dashed=dashed))
        painter.drawLine(QPointF(x0, y0), QPointF(x1, y1))


@_paint.register
def _polygon(item: Polygon, painter: QPainter) -> None:
    _prepare(painter, item.fill)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in item.points]))


@_paint.register
def _circle(item: Circle, painter: QPainter) -> None:
    _prepare(painter, item.fill, item.line, item.line_width, dashed=item.dashed)
    painter.drawEllipse(QPointF(item.x, item.y), item.r, item.r)


@_paint.register
def _half(item: Half, painter: QPainter) -> None:
    if item.fill is None:
        return
    _prepare(painter, item.fill)
    sign = -1 if item.side == "left" else 1
    corner = item.x + sign * (item.rx - item.r)
    path = QPainterPath(QPointF(item.x, item.y + item.r))
    path.lineTo(corner, item.y + item.r)
    path.arcTo(QRectF(corner - item.r, item.y - item.r, 2 * item.r, 2 * item.r), 270, sign * 180)
    path.lineTo(item.x, item.y - item.r)
    path.closeSubpath()
    painter.drawPath(path)


@_paint.register
def _box(item: Box, painter: QPainter) -> None:
    _prepare(painter, item.fill, item.line, item.line_width, dashed=item.dashed)
    box = QRectF(item.x - item.width / 2, item.y - item.height / 2, item.width, item.height)
    if item.line is None and item.radius < 5 and item.fill is not None:
        painter.fillRect(box, colour(item.fill))
    else:
        painter.drawRoundedRect(box, item.radius, item.radius)


@_paint.register
def _picture(item: Picture, painter: QPainter) -> None:
    rows, columns = item.cells.shape[:2]
    box = QRectF(item.x, item.y, item.width, item.height)
    if painter.paintEngine().type() == QPaintEngine.Type.Raster:
        data = np.ascontiguousarray(np.pad(item.cells[:, :, ::-1], ((0, 0), (0, 0), (0, 1)), constant_values=255))
        painter.drawImage(box, QImage(data.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32))
    else:  # cells as areas stay sharp in vector pictures; each reaches below the next ones, so that no seams show
        painter.setPen(Qt.PenStyle.NoPen)
        w, h = item.width / columns, item.height / rows
        for i, cell in enumerate(item.cells.reshape(-1, 3).tolist()):
            row, column = divmod(i, columns)
            right, bottom = min(item.x + (column + 1.5) * w, box.right()), min(item.y + (row + 1.5) * h, box.bottom())
            left, top = item.x + column * w, item.y + row * h
            painter.fillRect(QRectF(left, top, right - left, bottom - top), colour(tuple(cell)))
    if item.line is not None:
        _prepare(painter, None, item.line, 1.0)
        painter.drawRect(box)


def _enlarged(painter: QPainter, item: Picture, width: float) -> None:
    """Draw cells as an image, with several pixels for each, because readers blur the borders between pixels; a PDF keeps each as it is.

    width: of all that is drawn.
    """
    rows, columns = item.cells.shape[:2]
    times = max(LEAST_PIXELS, round(PIXELS * item.width / width / columns))
    data = np.ascontiguousarray(item.cells.repeat(times, axis=0).repeat(times, axis=1))
    box = QRectF(item.x, item.y, item.width, item.height)
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    painter.drawImage(box, QImage(data.data, columns * times, rows * times, 3 * columns * times, QImage.Format.Format_RGB888))
    if item.line is not None:
        _prepare(painter, None, item.line, 1.0)
        painter.drawRect(box)


@_paint.register
def _curve(item: Curve, painter: QPainter) -> None:
    path = QPainterPath()
    for first, *others in item.parts:
        path.moveTo(*first)
        for to in others:
            if len(to) == 2:
                path.lineTo(*to)
            else:
                path.cubicTo(*to)
    _prepare(painter, item.fill, item.line, item.line_width)
    if item.line is not None and item.dash:
        pen = painter.pen()
        pen.setDashPattern([length / item.line_width for length in item.dash])
        painter.setPen(pen)
    painter.setOpacity(item.opacity)
    painter.drawPath(path)
    painter.setOpacity(1.0)


@_paint.register
def _formulas(item: Formulas, painter: QPainter) -> None:
    box = QRectF(item.x, item.y, item.width, item.height)
    render_explanation(painter, item.step, box, item.theme, item.fmt, style_for(item.theme, item.zoom))


def _text(painter: QPainter, item: Label | Turned, text: Callable[[QPainter, QPointF, Run], None]) -> None:
    if isinstance(item, Label):
        _label(painter, item, text)
        return
    painter.save()
    painter.translate(item.label.x, item.label.y)
    painter.rotate(item.angle)
    _label(painter, replace(item.label, x=0.0, y=0.0), text)
    painter.restore()


def _label(painter: QPainter, item: Label, text: Callable[[QPainter, QPointF, Run], None]) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(colour(item.colour))
    left, baseline = item.left, item.baseline
    for run in item.block.runs:
        text(painter, QPointF(left + run.dx, baseline + run.dy), run)


def _written(painter: QPainter, at: QPointF, run: Run) -> None:
    painter.setFont(font(run.face, int(run.size)))
    painter.drawText(at, run.text)


def _outlined(painter: QPainter, at: QPointF, run: Run) -> None:
    path = QPainterPath()
    path.addText(at, font(run.face, int(run.size)), run.text)
    painter.fillPath(path, painter.pen().color())


def _searchable(painter: QPainter, at: QPointF, run: Run) -> None:
    """Draw each digit in the middle of its place: digits of one width are other glyphs, of which a PDF does not know the characters.

    A 1 is widened as the font's own does, or else readers would take the space around it for one between words.
    """
    if run.face == "math":
        _written(painter, at, run)
        return
    face, x = searchable(font(run.face, int(run.size))), at.x()
    for part in re.findall(r"1|[02-9]|[^0-9]+", run.text):
        face.setStretch(ONE if part == "1" else 100)
        width = text_width(part, run.face, run.size)
        spare = width - QFontMetricsF(face).horizontalAdvance(part) if part.isdigit() else 0.0
        painter.setFont(face)
        painter.drawText(QPointF(x + spare / 2, at.y()), part)
        x += width
