"""Pictures as files: PNG, SVG, PDF and TikZ from the same diagram. No dialogs, no widgets; files are written whole or not at all."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSize, QSizeF, Qt, QUuid
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from gui.diagram.paint import has_images, paint
from gui.diagram.primitives import Diagram, Picture
from gui.diagram.tikz import is_image, tikz
from gui.export.headless import source_date
from gui.export.svg_text import svg_text
from model.atomic import write_whole

MOST_PIXELS = 120_000_000
PDF_DPI = 1200


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """width: in pixels, None for the size at `dpi`; dpi: dots per inch, None for 96; transparent: without the ground colour.

    text: keep text as text in SVG, instead of outlines that look the same without the fonts.
    """

    width: int | None = None
    dpi: int | None = None
    transparent: bool = False
    title: str = ""
    text: bool = False


def pixels(diagram: Diagram, options: PictureOptions) -> tuple[int, int]:
    """Return width and height in pixels. Raises ValueError with one sentence if that is too much."""
    width = options.width or max(1, round(diagram.width * diagram.unit * (options.dpi or 96) / 96))
    height = max(1, round(diagram.height * width / diagram.width))
    if width * height > MOST_PIXELS:
        raise ValueError(f"a picture of {width:,} × {height:,} pixels is too large; allowed: {MOST_PIXELS // 1_000_000} million pixels")
    return width, height


def png(diagram: Diagram, options: PictureOptions) -> bytes:
    """Return the picture as PNG."""
    image = raster(diagram, options)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def raster(diagram: Diagram, options: PictureOptions) -> QImage:
    """Return the picture as an image. Raises ValueError with one sentence if it is too large."""
    width, height = pixels(diagram, options)
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    if image.isNull():
        raise ValueError(f"there is not enough memory for a picture of {width:,} × {height:,} pixels")
    dots = round((options.dpi or 96) / 0.0254)
    image.setDotsPerMeterX(dots)
    image.setDotsPerMeterY(dots)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.scale(width / diagram.width, height / diagram.height)
    paint(painter, diagram, background=not options.transparent)
    painter.end()
    return image if options.transparent else image.convertToFormat(QImage.Format.Format_RGB32)


def svg(diagram: Diagram, options: PictureOptions) -> bytes:
    """Return the picture as SVG, its text as outlines, so that it looks the same without the fonts, or as text."""
    width, height = pixels(diagram, replace(options, dpi=None))
    if options.text:
        return svg_text(diagram, width, height, options.title, background=not options.transparent)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()  # Tiny 1.2: with SVG 1.1 Qt lets clips leak from one item to the next
    generator.setOutputDevice(buffer)
    generator.setResolution(96)
    generator.setViewBox(QRectF(0, 0, diagram.width, diagram.height))
    generator.setSize(QSize(ceil(diagram.width), ceil(diagram.height)))
    generator.setTitle(options.title)
    generator.setDescription("made with Deltastep")
    painter = QPainter(generator)
    paint(painter, diagram, background=not options.transparent)
    painter.end()
    text = bytes(buffer.data().data()).decode("utf-8")
    return re.sub(r'<svg width="[^"]*" height="[^"]*"', f'<svg width="{width}px" height="{height}px"', text, count=1).encode("utf-8")


def pdf(diagram: Diagram, options: PictureOptions) -> bytes:
    """Return the picture as a one-page PDF with embedded fonts, its page as large as the picture at its dpi (default 96)."""
    dpi = options.dpi or 96
    inches = (options.width / dpi) if options.width else diagram.width * diagram.unit / 96
    size = QSizeF(inches * 72, inches * 72 * diagram.height / diagram.width)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageLayout(QPageLayout(QPageSize(size, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch),
                                     QPageLayout.Orientation.Portrait, QMarginsF()))  # fmt: skip
    writer.setResolution(PDF_DPI)
    writer.setTitle(options.title)
    writer.setCreator("Deltastep")
    writer.setDocumentId(QUuid(str(uuid5(NAMESPACE_URL, f"deltastep:{options.title}:{diagram.width}:{diagram.height}"))))
    painter = QPainter(writer)
    scale = writer.width() / diagram.width
    painter.scale(scale, scale)
    paint(painter, diagram, background=not options.transparent)
    painter.end()
    return dated(bytes(buffer.data().data()))


def dated(data: bytes) -> bytes:
    """Put the date of SOURCE_DATE_EPOCH, if it is set, in place of the present one; a PDF counts its bytes, so lengths stay.

    Raises ValueError with one sentence if that is no date.
    """
    epoch = source_date()
    if epoch is None:
        return data
    moment = time.gmtime(epoch)
    data = re.sub(rb"(?<=Date \(D:)\d{14}", time.strftime("%Y%m%d%H%M%S", moment).encode(), data)
    return re.sub(rb'(?<=Date=")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d', time.strftime("%Y-%m-%dT%H:%M:%S", moment).encode(), data)


def tex(diagram: Diagram, options: PictureOptions) -> bytes:
    """Return the picture as TikZ, which compiles on its own and can be \\input."""
    return tikz(diagram, options.title, background=not options.transparent).encode("utf-8")


EXPORTERS: dict[str, Callable[[Diagram, PictureOptions], bytes]] = {".png": png, ".svg": svg, ".pdf": pdf, ".tex": tex}


def sharpness(diagram: Diagram, suffix: str, options: PictureOptions) -> str:
    """Return what becomes of a picture that is enlarged, for kinds of files that are vectors: very many cells are images in them."""
    as_images = has_images(diagram) and not (suffix == ".svg" and options.text)
    if suffix == ".tex":
        as_images = any(isinstance(item, Picture) and is_image(item) for item in diagram.items)
    return "sharp at every size, its cells as images" if as_images else "sharp at every size"


def save(diagram: Diagram, path: str, options: PictureOptions | None = None) -> None:
    """Write a picture in the format of the path's suffix. Raises OSError, or ValueError with one sentence."""
    suffix = Path(path).suffix.lower()
    if suffix not in EXPORTERS:
        raise ValueError(f'the suffix "{suffix}" names no kind of picture; allowed: ' + ", ".join(EXPORTERS))
    write_whole(path, EXPORTERS[suffix](diagram, options or PictureOptions()))
