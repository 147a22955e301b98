"""Fast antialiased strokes for raster screens: each is a small picture of its cross-section, turned and stretched into place.

Qt's rasteriser needs 50 ms for 900 antialiased lines; its image transformation, which this uses, needs a quarter of that and gives
exact coverage, because the picture holds the stroke's coverage by distance from its middle. Colours are rounded to steps of 4
of 255 and widths to quarters of a device pixel, so that few pictures serve many strokes.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

from gui.diagram.primitives import Lines, dash_of

_FINE = 8  # rows of the cross-section per device pixel
_ALONG = 2  # device pixels per column along a dashed stroke
_SOLID = 4  # columns of a picture without dashes; only the middle ones are used


def paint_strokes(painter: QPainter, lines: Lines) -> None:
    """Paint strokes in order. Needs a raster paint engine."""
    device = painter.deviceTransform()
    scale = device.m11()
    inverse, _ = (painter.worldTransform().inverted()[0] * device).inverted()  # of what Qt does behind it, such as for dense screens
    xy = lines.xy.copy()
    xy[:, 0::2] = xy[:, 0::2] * device.m11() + device.dx()
    xy[:, 1::2] = xy[:, 1::2] * device.m22() + device.dy()
    way = xy[:, 2:] - xy[:, :2]
    length = np.hypot(way[:, 0], way[:, 1])
    way /= np.maximum(length, 1e-9)[:, None]
    rgb = np.minimum((lines.rgb.astype(np.int32) + 2) // 4 * 4, 255)
    quarters = np.maximum(np.round(lines.width * scale * 4), 1).astype(int)
    reach = 1 << max(6, ceil(np.log2(max(float(length.max(initial=1.0)), 1.0) / _ALONG)))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    rows = zip(xy.tolist(), way.tolist(), length.tolist(), rgb.tolist(), quarters.tolist(), lines.dashed.tolist(), strict=True)
    simple = inverse.isIdentity()
    for (x0, y0, _, _), (dx, dy), run, (red, green, blue), quarter, dashed in rows:
        image, height, solid = _stroke((red, green, blue), quarter, round(scale * 4) if dashed else 0, reach if dashed else _SOLID)
        turned = QTransform(dx, dy, -dy, dx, x0, y0)
        painter.setWorldTransform(turned if simple else turned * inverse)
        source = QRectF(0, 0, run / _ALONG, height * _FINE) if dashed else solid
        painter.drawImage(QRectF(0, -height / 2, run, height), image, source)
    painter.restore()


@lru_cache(maxsize=2048)
def _stroke(rgb: tuple[int, int, int], quarters: int, dash_scale: int, columns: int) -> tuple[QImage, float, QRectF]:
    """Return the picture of a stroke's cross-section, along its length with dashes where `dash_scale` (quarters) is not 0.

    Also its height in device pixels, and the part of it to stretch.
    """
    coverage = _coverage(quarters)
    alpha = np.repeat(coverage[:, None], columns, axis=1)
    if dash_scale:
        scale = dash_scale / 4
        on, off = dash_of(quarters / 4 / scale)
        place = (np.arange(columns) + 0.5) * _ALONG % ((on + off) * scale)
        alpha = alpha * (place < on * scale)
    pixels = np.empty((*alpha.shape, 4), dtype=np.uint8)
    for channel, value in enumerate((rgb[2], rgb[1], rgb[0], 255)):
        pixels[:, :, channel] = np.round(alpha * value)
    rows = len(pixels)
    image = QImage(pixels.tobytes(), columns, rows, 4 * columns, QImage.Format.Format_ARGB32_Premultiplied).copy()
    return image, rows / _FINE, QRectF(1, 0, 2, rows)


@lru_cache(maxsize=256)
def _coverage(quarters: int) -> NDArray[np.float64]:
    """Return (rows,) how much of a pixel at each distance from the middle a stroke of this width covers."""
    width = quarters / 4
    rows = ceil((width + 1) * _FINE / 2) * 2  # further out nothing is covered
    distance = np.abs((np.arange(rows) + 0.5) / _FINE - rows / (2 * _FINE))
    coverage: NDArray[np.float64] = np.clip((width + 1) / 2 - distance, 0.0, min(width, 1.0))
    return coverage
