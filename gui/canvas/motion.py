"""The short motion after a step: terms travel along their edges, then the new values fade in. No timer runs while nothing moves."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter

from gui.diagram.changes import Bounds
from gui.diagram.motion import FADE_MS, TRAVEL_MS, Course, course
from gui.diagram.paint import paint, paint_on_the_way
from gui.diagram.primitives import Diagram
from gui.theme import Theme
from model.moment import Moment

FRAME_MS = 16
SHARE_OF_STEP = 0.7  # of the time a step takes while playing


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
        travelled = elapsed / travel_ms if elapsed < travel_ms else 1.0
        faded = min(1.0, max(0.0, (elapsed - travel_ms) / max(fade_ms, 1.0)))
        paint_on_the_way(painter, self._way, after, travelled, faded, area=area)

    def _on_timeout(self) -> None:
        if self._way is None or self._clock.elapsed() >= sum(self._lengths):
            self.finish()
        else:
            self.moved.emit(self._way.areas)


def picture_area(rect: QRectF) -> Bounds:
    """Return a rectangle of Qt as an area of the picture."""
    return rect.left(), rect.top(), rect.right(), rect.bottom()
