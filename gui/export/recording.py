"""What a painter draws, as shapes and texts of a diagram: so that whatever is painted on screen is exported as every other picture.

Qt's own writer of SVG listens to the painter. What it writes is regular: groups with a pen, a brush and a matrix, and in them shapes
with absolute coordinates; clips are lost, so nothing may be painted outside of what shall be seen.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from math import atan2, cos, degrees, hypot, pi, sin
from xml.etree import ElementTree

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QRectF, QSize
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from gui.diagram.primitives import Curve, Label, Picture, Primitive, Turned
from gui.diagram.text import words
from gui.theme import RGB, rgb
from gui.theme_qt import font
from model.expr.tex_text import tex_text

Matrix = tuple[float, float, float, float, float, float]
Parts = tuple[tuple[tuple[float, ...], ...], ...]
Attributes = Mapping[str, str]
# Signs of legends: corners of a shape, 0 for a disc or a ring, -1 for a line.
SIGNS = {"●": 0, "○": 0, "■": 4, "◆": 4, "▼": 3, "⬟": 5, "⬢": 6, "━": -1, "╍": -1}
FACES = {400: "regular", 500: "medium", 600: "semibold", 700: "bold"}
MIDDLE = 0.36  # how far a label's middle stands above its baseline, in its height
NEXT = 0.08  # of its size: how near the end of the one before it a text goes on
_BLACK = "0" * 6


def recorded(width: int, height: int, scale: float, draw: Callable[[QPainter], None]) -> tuple[Primitive, ...]:
    """Return what `draw` paints in width × height, `scale` times as large; lines that are as wide on every device grow too."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(96)
    generator.setSize(QSize(width, height))
    generator.setViewBox(QRectF(0, 0, width, height))
    painter = QPainter(generator)
    draw(painter)
    painter.end()
    root = ElementTree.fromstring(bytes(buffer.data().data()))
    return tuple(item for group in root.iter() if _tag(group) == "g" for item in _group(group, scale))


def _tag(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


def _group(group: ElementTree.Element, scale: float) -> Iterator[Primitive]:
    a, b, c, d, e, f = _numbers(group.get("transform", "matrix(1,0,0,1,0,0)"))
    place = (scale * a, scale * b, scale * c, scale * d, scale * e, scale * f)
    for node in _whole_texts(group):
        match _tag(node):
            case "text":
                yield from _text(node, place)
            case "image":
                yield _image(node.attrib, place)
            case "rect" | "path" | "polyline" | "polygon" | "circle" | "ellipse" | "line":
                yield from _shape(node, {**group.attrib, **node.attrib}, place, scale)


def _whole_texts(group: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """Yield the nodes of a group; texts that go on where the one before ends are one: Qt begins anew with each script, such as Greek."""
    before: ElementTree.Element | None = None
    for node in group:
        if before is not None and _goes_on(before, node):
            before.text = f"{before.text or ''}{node.text or ''}"
            continue
        if before is not None:
            yield before
        before = node
    if before is not None:
        yield before


def _goes_on(before: ElementTree.Element, node: ElementTree.Element) -> bool:
    if _tag(before) != "text" or _tag(node) != "text":
        return False
    style = [{name: value for name, value in one.attrib.items() if name != "x"} for one in (before, node)]
    size, face = float(node.get("font-size", "12")), FACES.get(int(node.get("font-weight", "400")), "regular")
    end = float(before.get("x", "0")) + _advance(face, before.text or "", size)
    return style[0] == style[1] and abs(float(node.get("x", "0")) - end) < NEXT * size


@lru_cache(maxsize=4096)
def _numbers(text: str) -> tuple[float, ...]:
    return tuple(map(float, re.findall(r"-?\d+\.?\d*(?:e[-+]?\d+)?", text)))


def _on(place: Matrix, points: tuple[float, ...]) -> tuple[float, ...]:
    """Return points x, y, x, y, … where they are in the picture."""
    a, b, c, d, e, f = place
    pairs = zip(points[::2], points[1::2], strict=True)
    return tuple(round(value, 3) for x, y in pairs for value in (a * x + c * y + e, b * x + d * y + f))


# -- shapes --------------------------------------------------------------------------------------------------------------------------


def _shape(node: ElementTree.Element, style: Attributes, place: Matrix, scale: float) -> Iterator[Curve]:
    fill, line = _colour(style.get("fill", "none")), _colour(style.get("stroke", "none"))
    parts = tuple(tuple(_on(place, to) for to in part) for part in _parts(_tag(node), node.attrib))
    if not parts or (fill is None and line is None):
        return
    # A pen of one width on every device is as wide as it says; others are as much wider as everything else.
    grown = scale if "vector-effect" in node.attrib else hypot(place[0], place[1])
    width = float(style.get("stroke-width", "1")) * grown
    dash = tuple(length * grown for length in _numbers(style.get("stroke-dasharray", "")))
    area, edge = (float(style.get(name, "1")) for name in ("fill-opacity", "stroke-opacity"))
    if fill is not None and line is not None and area != edge:
        yield Curve(parts, fill, opacity=area)
        yield Curve(parts, None, line, width, dash, edge)
    else:
        yield Curve(parts, fill, line, width if line else 0.0, dash if line else (), area if fill is not None else edge)


def _colour(text: str) -> RGB | None:
    if text == "none":
        return None
    return rgb(text if text.startswith("#") else _BLACK)


def _parts(tag: str, found: Attributes) -> Parts:
    """Return the outline of a shape: for each part its first point and how it goes on."""
    if tag == "path":
        return tuple(_outline(part) for part in found["d"].split("M")[1:])
    if tag in ("polyline", "polygon"):
        points = _numbers(found["points"])
        pairs = tuple(zip(points[::2], points[1::2], strict=True))
        return (pairs if tag == "polyline" else (*pairs, pairs[0]),) if len(pairs) > 1 else ()
    if tag == "line":
        x1, y1, x2, y2 = (float(found[name]) for name in ("x1", "y1", "x2", "y2"))
        return (((x1, y1), (x2, y2)),)
    if tag == "rect":
        x, y, w, h = (float(found[name]) for name in ("x", "y", "width", "height"))
        return (((x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)),)
    x, y = float(found["cx"]), float(found["cy"])
    rx, ry = (float(found[name]) for name in (("r", "r") if tag == "circle" else ("rx", "ry")))
    return (_round(x, y, rx, ry),)


def _outline(text: str) -> tuple[tuple[float, ...], ...]:
    first, *others = re.split("[LC]", text)
    return (_numbers(first), *map(_numbers, others))


def _round(x: float, y: float, rx: float, ry: float) -> tuple[tuple[float, ...], ...]:
    """Return an ellipse as four curves."""
    k, l = 0.5523 * rx, 0.5523 * ry
    return (
        (x + rx, y),
        (x + rx, y + l, x + k, y + ry, x, y + ry),
        (x - k, y + ry, x - rx, y + l, x - rx, y),
        (x - rx, y - l, x - k, y - ry, x, y - ry),
        (x + k, y - ry, x + rx, y - l, x + rx, y),
    )


# -- texts and images ----------------------------------------------------------------------------------------------------------------


def _text(node: ElementTree.Element, place: Matrix) -> Iterator[Primitive]:
    text, colour = node.text or "", _colour(node.get("fill", "none"))
    if not text.strip() or colour is None:
        return
    a, b = place[:2]
    grown, angle = hypot(a, b), degrees(atan2(b, a))
    size, face = float(node.get("font-size", "12")), FACES.get(int(node.get("font-weight", "400")), "regular")
    x, y = float(node.get("x", "0")), float(node.get("y", "0"))
    for part in re.split(f"([{''.join(SIGNS)}])", text):
        wide = _advance(face, part, size)
        if part in SIGNS:
            yield _sign(part, place, (x + wide / 2, y - MIDDLE * size), size, grown, colour)
        elif part.strip():
            lead = _advance(face, part[: len(part) - len(part.lstrip())], size)
            trail = _advance(face, part[len(part.rstrip()) :], size)
            block = words(part.strip(), size * grown, face)
            block = replace(block, latex=tex_text(part.strip()))
            # From its middle it runs as far to both sides, whatever the letters are; its own point is above its baseline there.
            middle, rise = _on(place, (x + (wide + lead - trail) / 2, y)), MIDDLE * block.size
            label = Label(middle[0] + b / grown * rise, middle[1] - a / grown * rise, block, colour, colour, "centre")
            if abs(angle) >= 1:
                yield Turned(label, angle)
            else:  # what begins a line stays at its beginning, also in letters of another width
                yield replace(label, x=_on(place, (x + lead, y))[0], anchor="left") if abs(x) < 0.5 else label
        x += wide


def _sign(sign: str, place: Matrix, at: tuple[float, float], size: float, grown: float, colour: RGB) -> Curve:
    """Return the mark that a character of a legend stands for: not every font has it."""
    corners, radius = SIGNS[sign], 0.3 * size
    if corners < 0:
        half = 0.42 * size
        ends = tuple(_on(place, (at[0] + side * half, at[1])) for side in (-1, 1))
        dash = (0.34 * size * grown, 0.16 * size * grown) if sign == "╍" else ()
        return Curve((ends,), None, colour, 0.14 * size * grown, dash)
    if corners == 0:
        part = tuple(_on(place, to) for to in _round(*at, radius, radius))
    else:
        turns = [pi * (2 * k / corners + (0.25 if corners == 4 and sign == "■" else 0.5 if corners != 3 else 1.5)) for k in range(corners)]
        points = [_on(place, (at[0] + 1.15 * radius * cos(t), at[1] - 1.15 * radius * sin(t))) for t in turns]
        part = (*points, points[0])
    return Curve((part,), None, colour, 0.1 * size * grown) if sign == "○" else Curve((part,), colour)


def _advance(face: str, text: str, size: float) -> float:
    return QFontMetricsF(_sized(face, size)).horizontalAdvance(text) if text else 0.0


@lru_cache(maxsize=64)
def _sized(face: str, size: float) -> QFont:
    result = QFont(font(face, 16))
    result.setPixelSize(max(1, round(size)))
    return result


def _image(found: Attributes, place: Matrix) -> Picture:
    """Return an image as cells, the right way up."""
    data = next(value for name, value in found.items() if name.endswith("href")).partition(",")[2]
    image = QImage.fromData(base64.b64decode(data)).convertToFormat(QImage.Format.Format_RGB888)
    rows, columns = image.height(), image.width()
    cells = np.frombuffer(bytes(image.constBits()), dtype=np.uint8).reshape(rows, image.bytesPerLine())[:, : 3 * columns]
    cells = cells.reshape(rows, columns, 3)
    x, y, w, h = (float(found[name]) for name in ("x", "y", "width", "height"))
    x0, y0, x1, y1 = _on(place, (x, y, x + w, y + h))
    cells = cells[:: 1 if y1 >= y0 else -1, :: 1 if x1 >= x0 else -1]
    return Picture(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0), np.ascontiguousarray(cells))
