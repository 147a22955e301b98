"""A plot as a file: pixels, vectors, a page, or its points as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np
import pyqtgraph as pg
from pyqtgraph.exporters import SVGExporter
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPoint, QRect, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPalette, QPdfWriter, QPen
from PySide6.QtWidgets import QWidget

from gui.export.image import dated
from model.atomic import write_whole
from model.conventions import conventions
from model.exchange.numbers import conventions_csv
from model.problem import Problem

KINDS = {".png": "PNG picture", ".svg": "SVG picture", ".pdf": "PDF page", ".csv": "points as a table, CSV"}
DENSITY = 3  # pixels of a picture for one on screen
DOTS = 96  # per inch
NOTE_GAP = 8
NOTE_FLAGS = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop)
TITLE_LETTERS = 95
WIDTH, HEIGHT = 640, 400  # pixels on screen that a plot has at least while it is saved


def plot_of(pane: QWidget) -> Any | None:
    """Return the plot of a pane, None if it has none that is seen."""
    return next((plot for plot in pane.findChildren(pg.PlotWidget) if plot.isVisibleTo(pane)), None)


def kinds_of(pane: QWidget) -> list[tuple[str, str]]:
    """Return what a pane can be saved as."""
    plot = plot_of(pane)
    if plot is None:
        return [(".png", KINDS[".png"]), (".pdf", KINDS[".pdf"])]
    return [(suffix, words) for suffix, words in KINDS.items() if suffix != ".csv" or _curves(plot)]


def save_pane(pane: QWidget, path: Path, problem: Problem | None = None) -> None:
    """Write what a pane shows. problem: the experiment, whose conventions are named unless they are the plain ones.

    Raises OSError, or ValueError with one sentence for a suffix that it cannot be saved as.
    """
    suffix = path.suffix.lower()
    allowed = [kind for kind, _ in kinds_of(pane)]
    if suffix not in allowed:
        raise ValueError(f'the suffix "{path.suffix}" names no kind of file for this; allowed: {", ".join(allowed)}')
    plot, said = plot_of(pane), () if problem is None else conventions(problem)
    if plot is None:
        write_whole(path, {".png": _pixels, ".pdf": _page}[suffix](pane, " · ".join(said)))
        return
    with _prepared(plot, said):
        data = {".png": _png, ".svg": _svg, ".pdf": _page, ".csv": _csv}[suffix](plot)
    write_whole(path, data + (conventions_csv(problem).encode() if problem is not None and suffix == ".csv" else b""))


@contextmanager
def _prepared(plot: Any, said: Sequence[str]) -> Iterator[None]:
    """Give a plot a page's proportions, its axis below a name and itself a title of conventions while it is saved."""
    axis, layout, size = plot.getPlotItem().getAxis("bottom"), plot.getPlotItem().layout, plot.size()
    named = bool(axis.labelText) or not _curves(plot)
    if not named:
        axis.setLabel("update")
    if said:
        lines = wrap(" · ".join(said), TITLE_LETTERS, break_long_words=False)
        plot.getPlotItem().setTitle("<br>".join(map(escape, lines)), size="8pt", color=axis.textPen().color())
    plot.resize(max(size.width(), WIDTH), max(size.height(), HEIGHT))
    layout.activate()
    try:
        yield
    finally:
        if not named:
            axis.setLabel("")
            axis.showLabel(False)
        if said:
            plot.getPlotItem().setTitle(None)
        plot.resize(size)
        layout.activate()


def _png(plot: Any) -> bytes:
    with _widened(plot):
        return _pixels(plot)


@contextmanager
def _widened(plot: Any) -> Iterator[None]:
    """Draw lines as many times as wide as there will be pixels for one on screen; they count in pixels, whatever a pixel is."""
    lines = [item for item in plot.scene().items() if isinstance(item, (pg.PlotCurveItem, pg.InfiniteLine, pg.IsocurveItem))]
    pens = [QPen(item.opts["pen"] if isinstance(item, pg.PlotCurveItem) else item.pen) for item in lines]
    for item, pen in zip(lines, pens, strict=True):
        wide = QPen(pen)
        wide.setWidthF(pen.widthF() * DENSITY)
        item.setPen(wide)
    try:
        yield
    finally:
        for item, pen in zip(lines, pens, strict=True):
            item.setPen(pen)


def _svg(plot: Any) -> bytes:
    return bytes(SVGExporter(plot.getPlotItem()).export(toBytes=True))


def _page(widget: QWidget, note: str = "") -> bytes:
    """Return what a widget shows as a page of its size, in vectors; a dot is a pixel, because lines of plots are as many dots wide.

    note: stands below it.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    size = QSizeF(_with_note(widget, note)) * 72 / DOTS
    page = QPageSize(size, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
    writer.setResolution(DOTS)
    writer.setCreator("Deltastep")
    painter = QPainter(writer)
    QWidget.render(widget, painter, QPoint())  # a view has another function of this name
    _paint_note(painter, widget, note)
    painter.end()
    return dated(bytes(buffer.data().data()))


def _pixels(widget: QWidget, note: str = "") -> bytes:
    """Return what a widget shows, lines and letters as much larger as everything else. note: stands below it."""
    image = QImage(_with_note(widget, note) * DENSITY, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(DENSITY)
    QWidget.render(widget, image)
    painter = QPainter(image)
    _paint_note(painter, widget, note)
    painter.end()
    return _encoded(image)


def _with_note(widget: QWidget, note: str) -> QSize:
    """Return the size of a widget with a note below it."""
    return widget.size() + QSize(0, _note_height(widget, note))


def _note_height(widget: QWidget, note: str) -> int:
    room = widget.rect().adjusted(NOTE_GAP, 0, -NOTE_GAP, 0)
    return widget.fontMetrics().boundingRect(room, NOTE_FLAGS, note).height() + 2 * NOTE_GAP if note else 0


def _paint_note(painter: QPainter, widget: QWidget, note: str) -> None:
    if not note:
        return
    strip = QRect(0, widget.height(), widget.width(), _note_height(widget, note))
    painter.fillRect(strip, widget.palette().color(QPalette.ColorRole.Window))
    painter.setFont(widget.font())
    painter.setPen(widget.palette().color(QPalette.ColorRole.WindowText))
    painter.drawText(strip.adjusted(NOTE_GAP, NOTE_GAP, -NOTE_GAP, -NOTE_GAP), NOTE_FLAGS, note)


def _encoded(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _curves(plot: Any) -> list[Any]:
    """Return the curves that are seen and have points."""
    items = plot.getPlotItem().listDataItems()
    return [item for item in items if isinstance(item, pg.PlotDataItem) and item.isVisible() and item.getOriginalDataset()[0] is not None]


def _csv(plot: Any) -> bytes:
    """Return one row for each place on the axis below, one column for each curve; a logarithmic axis gives the numbers themselves."""
    curves, logarithmic = _curves(plot), bool(plot.getAxis("left").logMode)
    rows: dict[float, list[str]] = {}
    for k, curve in enumerate(curves):
        for x, y in zip(*curve.getOriginalDataset(), strict=True):
            cells = rows.setdefault(float(x), [""] * len(curves))
            value = float(10**y if logarithmic else y)
            cells[k] = repr(value) if np.isfinite(value) else ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    usual = [plot.accessibleName()] if len(curves) == 1 else [f"curve {k}" for k in range(1, len(curves) + 1)]
    names = [curve.name() or name for curve, name in zip(curves, usual, strict=True)]
    writer.writerow([plot.getAxis("bottom").labelText or "x", *names])
    writer.writerows([f"{x:.15g}", *cells] for x, cells in sorted(rows.items()))
    return text.getvalue().encode()
