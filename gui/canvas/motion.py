"""The short motion after a step: terms travel along their edges, then the new values fade in. No timer runs while nothing moves."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QElapsedTimer, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import QApplication, QStyle

from gui.diagram.changes import Bounds, changed
from gui.diagram.motion import Travel, before_arrival, old_widths, travel_of, widened
from gui.diagram.paint import paint, paint_items
from gui.diagram.primitives import Diagram, Floats
from gui.theme import Theme
from model.moment import Moment

FRAME_MS = 16
TRAVEL_MS, FADE_MS = 320, 140
SHARE_OF_STEP = 0.7  # of the time a step takes while playing
MOST_ITEMS = 3000  # shapes of pictures that move; larger ones change at once


def system_rests() -> bool:
    """Return whether the desktop asks for no animation, as far as Qt can tell."""
    application = QGuiApplication.instance()
    if not isinstance(application, QApplication):
        return False
    return application.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0


class Course(NamedTuple):
    """A motion from one picture, at a tick, to the next. areas: of the picture, which look different while it lasts.

    widths: of edges before they grow thicker or thinner, by the identity of their group in `waiting`.
    """

    before: Diagram
    earlier_tick: int
    waiting: Diagram
    travel: Travel | None
    areas: list[Bounds]
    widths: dict[int, Floats]


def course(before: Diagram, after: Diagram, moment: Moment, earlier_tick: int, theme: Theme) -> Course | None:
    """Return how the picture at `earlier_tick` becomes that of `moment`; None where nothing moves."""
    if max(len(before.items), len(after.items)) > MOST_ITEMS:
        return None
    travel = travel_of(after, moment, theme)
    waiting = before_arrival(before, after, moment, earlier_tick)
    widths = old_widths(before, after) if moment.stage is not None and moment.stage.phase == "update" else {}
    fading = changed(widened(waiting, widths, 0.0), after)
    if travel is None and not fading:
        return None
    return Course(before, earlier_tick, waiting, travel, [*(fading or []), *([travel.bounds()] if travel else [])], widths)


class CanvasMotion(QObject):
    """Runs one motion at a time; the next one ends it.

    **Signals:** moved(areas): these parts of the picture look different now.
    """

    moved = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._clock = QElapsedTimer()
        self._way: Course | None = None
        self._lengths = (0.0, 0.0)

    @property
    def running(self) -> bool:
        """Whether something moves."""
        return self._timer.isActive()

    def start(self, way: Course | None, most_ms: float) -> None:
        """Move along `way`, in at most `most_ms`."""
        self.finish()
        if way is None:
            return
        self._way = way
        share = min(1.0, most_ms / (TRAVEL_MS + FADE_MS))
        self._lengths = (share * TRAVEL_MS if way.travel else 0.0, share * FADE_MS)
        self._clock.start()
        self._timer.start()

    def lead_to(self, after: Diagram, moment: Moment, theme: Theme) -> None:
        """Go on to another picture of the moment that it leads to; all of the canvas has to be painted again."""
        if self._way is not None:
            self._way = course(self._way.before, after, moment, self._way.earlier_tick, theme)
        if self._way is None:
            self._timer.stop()

    def finish(self) -> None:
        """Arrive at once."""
        self._timer.stop()
        way, self._way = self._way, None
        if way is not None:
            self.moved.emit(way.areas)

    def paint(self, painter: QPainter, after: Diagram, area: Bounds | None) -> None:
        """Paint the picture as it is now."""
        elapsed, (travel_ms, fade_ms) = float(self._clock.elapsed()), self._lengths
        if self._way is None:
            paint(painter, after, fast=True, area=area)
            return
        waiting, travel = self._way.waiting, self._way.travel
        faded = min(1.0, max(0.0, (elapsed - travel_ms) / max(fade_ms, 1.0)))
        paint(painter, widened(waiting, self._way.widths, faded), fast=True, area=area)
        if elapsed < travel_ms and travel is not None:
            paint_items(painter, travel.dots(elapsed / travel_ms))
            return
        painter.save()
        painter.setOpacity(faded)
        kept = set(waiting.items)
        paint_items(painter, (item for item in after.items if item not in kept))
        painter.restore()

    def _on_timeout(self) -> None:
        if self._way is None or self._clock.elapsed() >= sum(self._lengths):
            self.finish()
        else:
            self.moved.emit(self._way.areas)


def picture_area(rect: QRectF) -> Bounds:
    """Return a rectangle of Qt as an area of the picture."""
    return rect.left(), rect.top(), rect.right(), rect.bottom()
