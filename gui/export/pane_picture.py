"""A pane as a picture or as a table of its numbers: the pane itself draws, made anew in the colours and the size of the picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from html import escape
from math import ceil
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QAbstractTextDocumentLayout, QFont, QFontMetricsF, QImage, QPainter, QPalette, QTextDocument
from PySide6.QtWidgets import QWidget

from gui.diagram.primitives import Curve, Diagram, Formulas
from gui.export.chain import chain_in
from gui.export.recording import recorded
from gui.export.sheet import SHALLOW, Page
from gui.export.table_picture import table_exhibit
from gui.panes.exhibit import Choices, Exhibit, Exhibitor, Rows
from gui.plots.plot_picture import draw_shapes, has_curves, is_plot, name_axes, paint_plot, part_names, plot_rows
from gui.state import AppState
from gui.store import Store
from gui.theme import LIGHT, RGB, Theme
from gui.theme_qt import colour, font
from gui.window_style import palette
from model.conventions import conventions
from model.exchange.numbers import conventions_csv
from model.expr.tree import significant
from model.problem import Problem

LINES = {False: 32.0, True: 27.0}  # lines of text on a page, on one that is legible from the last row
LETTERS, TITLE = 13, 16  # pixels, before all is enlarged to the size of the page
PAD, GAP = 14, 6
RAMP = (190, 12)  # width and height of the scale of colours
Maker = Callable[[Store], Exhibitor]


@dataclass(frozen=True, slots=True)
class PaneParts:
    """What stands around the picture of a pane."""

    title: bool = True
    legend: bool = True


class NothingError(ValueError):
    """A pane has nothing to show for an experiment, with the reason in one sentence."""


def themed(state: AppState, theme: Theme) -> AppState:
    """Return a state in the colours of a theme, without anything that is pointed at."""
    return replace(state, hover=None, look=theme)


def pane_picture(make: Maker, state: AppState, theme: Theme, choices: Choices, parts: PaneParts, page: Page) -> Diagram:
    """Return what a pane shows of a state. Raises NothingError if there is nothing to show."""
    with _made(make, state, theme, choices) as (pane, found):
        return _composed(found, theme, parts, page, state, pane.complete)


def table_picture(pane: QWidget, state: AppState, theme: Theme, parts: PaneParts, page: Page) -> Diagram:
    """Return what a pane with a table shows. Raises NothingError if it has no rows."""
    found = table_exhibit(pane)
    if found is None:
        raise NothingError(_why(pane))
    _dress(found.body, theme)
    try:
        return _composed(found, theme, parts, page, state)
    finally:
        found.body.deleteLater()


def _composed(
    found: Exhibit, theme: Theme, parts: PaneParts, page: Page, state: AppState, complete: Callable[[], None] | None = None
) -> Diagram:
    """Return a page with a body and what stands around it. complete: shows everything anew at the size that the body gets."""
    fmt = state.options.fmt
    height = page.height or float(round(SHALLOW * page.width))
    share = max(1.0, round(height / LINES[bool(theme.smallest_share)]) / LETTERS)  # letters are whole pixels high
    wide = round(page.width / share)
    sheet = _Sheet(theme, wide, parts, found, conventions(state.problem, comma=fmt.comma), fmt.comma)
    place = sheet.room(round(height / share))
    formulas: tuple[Formulas, ...] = ()
    if found.step is not None:
        whole = QRectF(share * place.x(), share * place.y(), share * place.width(), share * place.height())
        table = found.body.sizeHint().height() + 2 * GAP
        chain = chain_in(whole, found.step, fmt, theme, page.height, share * table)
        down, formulas = ceil(chain.height / share) + GAP, (chain,)
        if page.height is None:
            height = share * float(round(height / share) - place.height() + table + down)
            place = sheet.room(round(height / share))
        place.adjust(0, down, 0, 0)
    _resize(found.body, place)
    if complete is not None:
        complete()
        _settle(found.body)
    items = recorded(wide, round(height / share), share, lambda painter: sheet.paint(painter, place))
    # What the body fills with the colour of the ground is ground: a picture may be transparent.
    ground = Curve((), theme.panel)
    items = tuple(item for item in items if not isinstance(item, Curve) or replace(item, parts=()) != ground)
    return Diagram(page.width, height, theme.panel, (*items, *formulas))


def pane_table(make: Maker, state: AppState, choices: Choices) -> bytes:
    """Return the numbers that a pane shows as CSV. Raises NothingError if there are none."""
    with _made(make, state, LIGHT, choices) as (_, found):
        plotted = is_plot(found.body) and (bool(found.across) or has_curves(found.body))
        rows = found.table if found.table is not None else plot_rows(found.body) if plotted else ()
    if not rows and plotted:
        raise NothingError("there are no numbers to write yet")
    if not rows:
        raise NothingError("what this shows is no table of numbers; allowed: .png, .svg, .pdf, .tex")
    return _as_csv(rows) + conventions_csv(state.problem).encode()


def table_rows(pane: QWidget, problem: Problem) -> bytes:
    """Return the rows of a pane with a table as CSV. Raises NothingError if it has none."""
    found = table_exhibit(pane)
    if found is None:
        raise NothingError(_why(pane))
    found.body.deleteLater()
    return _as_csv(found.table or ()) + conventions_csv(problem).encode()


def _as_csv(rows: Rows) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def has_table(pane: Exhibitor) -> bool:
    """Return whether what a pane shows can be written as numbers; as long as it shows nothing, nothing speaks against it."""
    found = pane.exhibit()
    return found is None or found.table is not None or bool(found.across) or has_curves(found.body)


@contextmanager
def _made(make: Maker, state: AppState, theme: Theme, choices: Choices) -> Iterator[tuple[Exhibitor, Exhibit]]:
    """Make a pane of its own for a picture, show the state in it and take out what draws; nothing of it is left afterwards."""
    with ExitStack() as made:
        store = Store(themed(state, theme))
        made.callback(store.deleteLater)
        pane: Any = make(store)
        made.callback(pane.deleteLater)
        _dress(pane, theme)
        pane.choose(choices)
        pane.complete()
        found = pane.exhibit()
        if found is None:
            raise NothingError(_why(pane))
        made.callback(found.body.deleteLater)
        found.body.setParent(None)  # the pane's layout shall not decide about its size
        _dress(found.body, theme)
        if is_plot(found.body):
            name_axes(found.body, found.across, found.up, theme, LETTERS)
        yield pane, found


def _dress(widget: QWidget, theme: Theme) -> None:
    """Give a widget the letters and colours of a picture; its own style sheet counts more than that of the application."""
    widget.setFont(font("regular", LETTERS))
    widget.setPalette(palette(theme))
    widget.setStyleSheet(f"* {{ font-size: {LETTERS}px; }}")


def _why(pane: QWidget) -> str:
    """Return why a pane has nothing to show, as it says itself."""
    from PySide6.QtWidgets import QLabel

    labels = (label.text() for label in pane.findChildren(QLabel) if label.wordWrap())
    said = getattr(pane, "refusal", "") or max(labels, key=len, default="")
    return f"{said[:1].lower()}{said[1:].rstrip('.')}" if said else "there is nothing to show yet"


def _resize(body: QWidget, place: QRect) -> None:
    """Give what draws its size. Hidden widgets hear of that only when they are painted."""
    body.resize(place.size())
    body.grab(QRect(0, 0, 1, 1))
    body.resize(min(place.width(), body.maximumWidth()), place.height())
    _settle(body)


def _settle(body: QWidget) -> None:
    """Let a plot find out how much room its numbers take, which it does when it is painted; its marks are shapes and not pixels."""
    body.grab()
    if is_plot(body):
        part_names(body, LETTERS)
        draw_shapes(body)


class _Sheet:
    """Title, legend, scale of colours and conventions around a body, in pixels before they are enlarged."""

    def __init__(self, theme: Theme, wide: int, parts: PaneParts, found: Exhibit, said: tuple[str, ...], comma: bool) -> None:
        self._theme, self._wide, self._found, self._comma = theme, wide, found, comma
        room = wide - 2 * PAD
        self._above: list[tuple[QTextDocument, RGB]] = []
        if parts.title:
            self._above.append((_words(found.title, font("semibold", TITLE), room), theme.text))
        if parts.legend and found.legend:
            self._above.append((_words(found.legend, font("regular", LETTERS), room), theme.muted))
        self._ramp = parts.legend and found.scale is not None
        notes = _words(escape(" · ".join(said)), font("regular", round(LETTERS * 0.92)), room) if said else None
        self._notes = notes

    def room(self, high: int) -> QRect:
        """Return where the body is."""
        top = PAD + sum(round(text.size().height()) + GAP for text, _ in self._above)
        top += RAMP[1] + LETTERS + 2 * GAP if self._ramp else 0
        below = PAD + (round(self._notes.size().height()) + GAP if self._notes is not None else 0)
        return QRect(PAD, top, max(60, self._wide - 2 * PAD), max(60, high - top - below))

    def paint(self, painter: QPainter, place: QRect) -> None:
        """Paint everything."""
        y, found = float(PAD), self._found
        for text, ink in self._above:
            _draw(painter, text, QPointF(PAD, y), ink)
            y += round(text.size().height()) + GAP
        if self._ramp and found.scale is not None:
            _paint_ramp(painter, self._theme, found, QPointF(PAD, y), self._comma)
        left = place.left() + (place.width() - found.body.width()) // 2
        painter.save()
        painter.translate(left, place.top())
        if is_plot(found.body):
            paint_plot(painter, found.body)
        else:
            found.body.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)
        painter.restore()
        if self._notes is not None:
            _draw(painter, self._notes, QPointF(PAD, place.bottom() + GAP), self._theme.muted)


def _words(html: str, face: QFont, room: int) -> QTextDocument:
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.setDefaultFont(face)
    document.setHtml(html)
    document.setTextWidth(room)
    return document


def _draw(painter: QPainter, text: QTextDocument, at: QPointF, ink: RGB) -> None:
    context = QAbstractTextDocumentLayout.PaintContext()
    context.palette.setColor(QPalette.ColorRole.Text, colour(ink))
    painter.save()
    painter.translate(at)
    text.documentLayout().draw(painter, context)
    painter.restore()


def _paint_ramp(painter: QPainter, theme: Theme, found: Exhibit, at: QPointF, comma: bool) -> None:
    """Draw the colours from the lowest to the highest value, with both and the middle below."""
    scale = found.scale
    assert scale is not None
    number, _, kind = found.end.removeprefix("±").partition(" · ")
    low, high_end = f"−{number}", number
    if found.middle:
        low, high_end = (significant(found.middle + side * scale.limit, 3, comma=comma) for side in (-1, 1))
    face = font("regular", round(LETTERS * 0.92))
    wide, high = max(RAMP[0], 2.6 * QFontMetricsF(face).horizontalAdvance(f"−{number}")), RAMP[1]
    colours = np.ascontiguousarray(scale.colour(np.linspace(-scale.limit, scale.limit, 95))[None])
    painter.drawImage(QRectF(at.x(), at.y(), wide, high), QImage(colours.tobytes(), 95, 1, 3 * 95, QImage.Format.Format_RGB888))
    painter.setPen(colour(theme.rule))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(at.x(), at.y(), wide, high))
    painter.setFont(face)
    painter.setPen(colour(theme.muted))
    row = QRectF(at.x(), at.y() + high + 2, wide, LETTERS + GAP)
    flags = Qt.AlignmentFlag
    for side, text in (
        (flags.AlignLeft, low),
        (flags.AlignHCenter, significant(found.middle, 6, comma=comma)),
        (flags.AlignRight, high_end),
    ):
        painter.drawText(row, side | flags.AlignTop, text)
    if kind:
        painter.drawText(row.translated(wide + 3 * GAP, -high), flags.AlignLeft, kind)
