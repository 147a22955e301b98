"""A film as a slide deck: a PDF with one page per step, vector-sharp, for people who present PDFs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from uuid import NAMESPACE_URL, uuid5

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QSizeF, QUuid
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from gui.export.image import dated
from gui.film.frames import HEIGHT, WIDTH, Scenes
from gui.film.overlay import Drawing
from gui.film.player import check_pages
from model.film import FilmPlan

DPI = 1200
POINTS = 72 / 96  # per logical pixel


def write_deck(file: BinaryIO, plan: FilmPlan, drawing: Drawing | None = None) -> Iterator[int]:
    """Write the deck and yield how many pages are done. Raises FilmError if there are too many steps."""
    check_pages(plan, "a slide deck")
    scenes = Scenes(plan, drawing=drawing)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = _writer(buffer, plan)
    painter = QPainter(writer)
    try:
        scale = writer.width() / WIDTH
        painter.scale(scale, scale)
        for number, shot in enumerate(plan.shots):
            if number:
                writer.newPage()
            scenes.paint(painter, scenes.scene(shot.stop), number)
            yield number + 1
    finally:
        painter.end()
    file.write(dated(bytes(buffer.data().data())))


def _writer(buffer: QBuffer, plan: FilmPlan) -> QPdfWriter:
    writer = QPdfWriter(buffer)
    page = QPageSize(QSizeF(WIDTH * POINTS, HEIGHT * POINTS), QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
    writer.setResolution(DPI)
    writer.setTitle(plan.problem.title or "Backpropagation step by step")
    writer.setCreator("Deltastep")
    writer.setDocumentId(QUuid(str(uuid5(NAMESPACE_URL, f"deltastep:{plan.problem.title}:{plan.settings}"))))
    return writer
