"""A worked solution as PDF pages: vectors and embedded fonts, the same bytes for the same document where SOURCE_DATE_EPOCH is set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, Qt, QUuid
from PySide6.QtGui import QColor, QPageLayout, QPageSize, QPainter, QPdfWriter

from gui.export.image import PDF_DPI, dated
from gui.solution.strips import UNIT, strips
from gui.solution.text import Pages, Strip, text_font
from gui.theme import PRINT, Theme
from model.in_parts import Work, between
from model.solution.document import Document

WIDTH, HEIGHT = 595.0 * UNIT, 842.0 * UNIT
MARGIN, TOP, BOTTOM = 56.0 * UNIT, 48.0 * UNIT, 58.0 * UNIT
FOOT = 8.5 * UNIT
BEGUN = 0.4  # of a page that is filled: from there on a new part begins on the next one
CLOSER = (0.9, 0.8, 0.7)  # shares of the usual spaces, tried one after the other
SET = 0.6  # share of the work that is done when all lines are set


def solution_pdf(document: Document, theme: Theme) -> Work[bytes]:
    """Make the pages, A4. The light theme is printed in the colours for paper."""
    pages = yield from between(page_painters(document, theme), 0.0, SET)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageLayout(QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF()))
    writer.setResolution(PDF_DPI)
    writer.setTitle(document.title)
    writer.setCreator("Deltastep")
    writer.setDocumentId(QUuid(str(uuid5(NAMESPACE_URL, f"deltastep:{document.title}:{document.notation.name}:{document.blank}"))))
    painter = QPainter(writer)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    try:
        for number, paint_page in enumerate(pages, 1):
            if number > 1:
                writer.newPage()
            painter.save()
            painter.scale(writer.width() / WIDTH, writer.width() / WIDTH)
            paint_page(painter)
            painter.restore()
            yield SET + (1.0 - SET) * number / len(pages)
    finally:
        painter.end()
    return dated(bytes(buffer.data().data()))


def page_painters(document: Document, theme: Theme) -> Work[list[Callable[[QPainter], None]]]:
    """Make what paints each page, WIDTH × HEIGHT, without a ground where the theme is light."""
    look = PRINT if theme.name == "light" else theme
    content = yield from strips(document, look, WIDTH - 2 * MARGIN)
    pages = fewest_pages(content, HEIGHT - TOP - BOTTOM)
    return [
        partial(_page, page=page, document=document, theme=look, number=f"{number} / {len(pages)}") for number, page in enumerate(pages, 1)
    ]


def fewest_pages(content: Sequence[Strip], height: float) -> Pages:
    """Put strips on pages as usual, or somewhat closer to each other where a page that has little on it is saved by that."""
    pages = paginated(content, height)
    for share in CLOSER:
        closer = paginated([replace(strip, above=share * strip.above) for strip in content], height)
        if len(closer) < len(pages):
            return closer
    return pages


def paginated(content: Sequence[Strip], height: float) -> Pages:
    """Put strips on pages: those that belong together stay together, unless they are more than a page.

    What asks for a new page begins one, unless hardly anything stands on the present one.
    """
    pages: Pages = [[]]
    y = 0.0
    for group in _groups(content):
        if group[0].new_page and y > BEGUN * height:
            pages.append([])
            y = 0.0
        needed = sum(strip.above + strip.height for strip in group)
        if pages[-1] and y + needed > height and needed - group[0].above <= height:
            pages.append([])
            y = 0.0
        for strip in group:
            above = strip.above if pages[-1] else 0.0
            if pages[-1] and y + above + strip.height > height:
                pages.append([])
                y = above = 0.0
            pages[-1].append((y + above, strip))
            y += above + strip.height
    return pages


def _groups(content: Sequence[Strip]) -> list[list[Strip]]:
    groups: list[list[Strip]] = []
    keep = False
    for strip in content:
        if keep and not strip.new_page:
            groups[-1].append(strip)
        else:
            groups.append([strip])
        keep = strip.keep
    return groups


def _page(painter: QPainter, page: Sequence[tuple[float, Strip]], document: Document, theme: Theme, number: str) -> None:
    if theme.dark:
        painter.fillRect(QRectF(0, 0, WIDTH, HEIGHT), QColor.fromRgb(*theme.canvas))
    for y, strip in page:
        painter.save()
        painter.translate(MARGIN, TOP + y)
        strip.draw(painter)
        painter.restore()
    painter.setPen(QColor.fromRgb(*theme.muted))
    painter.setFont(text_font(FOOT, False))
    line = QRectF(MARGIN, HEIGHT - 40 * UNIT, WIDTH - 2 * MARGIN, 14 * UNIT)
    painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)
    title = painter.fontMetrics().elidedText(document.title, Qt.TextElideMode.ElideRight, round(0.8 * line.width()))
    painter.drawText(QPointF(MARGIN, line.center().y() + 0.36 * FOOT), title)
