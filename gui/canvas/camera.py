"""Which part of the picture the canvas shows, and the small map of it. Plain geometry on QtCore's points."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSizeF

SMALLEST, LARGEST = 0.3, 12.0
MAP_SHARE = 0.2  # of the canvas's width
MAP_FROM = 1.15  # scale from which on the map helps
MAP_MARGIN = 10.0
IN_VIEW = 0.3  # of the canvas's width and height that the picture covers at least, however far it is moved


@dataclass
class Camera:
    """A point of the picture is at `offset + scale · point` on the canvas; scale 1 and offset 0 show the whole of it."""

    scale: float = 1.0
    offset: QPointF = field(default_factory=QPointF)

    @property
    def is_home(self) -> bool:
        """Whether the whole picture is shown as it is."""
        return self.scale == 1.0 and self.offset.isNull()

    def home(self) -> None:
        """Show the whole picture."""
        self.scale, self.offset = 1.0, QPointF()

    def zoom(self, factor: float, around: QPointF) -> None:
        """Zoom by a factor; what is at `around` on the canvas stays there."""
        scale = max(SMALLEST, min(self.scale * factor, LARGEST))
        self.offset = around - (around - self.offset) * (scale / self.scale)
        self.scale = scale

    def within(self, by: QPointF, canvas: QSizeF) -> QPointF:
        """Return how far of a way the picture may be moved, so that a part of it stays in view."""
        size = canvas * self.scale
        low = QPointF(IN_VIEW * canvas.width() - size.width(), IN_VIEW * canvas.height() - size.height())
        high = QPointF((1 - IN_VIEW) * canvas.width(), (1 - IN_VIEW) * canvas.height())
        goal, here = self.offset + by, self.offset
        x = _held(here.x(), goal.x(), low.x(), high.x())
        y = _held(here.y(), goal.y(), low.y(), high.y())
        return QPointF(x, y) - here

    def pan(self, by: QPointF) -> None:
        """Move the picture on the canvas."""
        self.offset = self.offset + by

    def to_picture(self, point: QPointF) -> QPointF:
        """Return the point of the picture that is at a point of the canvas."""
        return (point - self.offset) / self.scale

    def area(self, rect: QRectF) -> QRectF:
        """Return the part of the picture that is in a part of the canvas."""
        return QRectF(self.to_picture(rect.topLeft()), self.to_picture(rect.bottomRight()))

    def on_canvas(self, rect: QRectF) -> QRectF:
        """Return where a part of the picture is on the canvas."""
        return QRectF(rect.topLeft() * self.scale + self.offset, rect.size() * self.scale)

    def fit(self, rect: QRectF, canvas: QSizeF, spare: float = 1.25) -> None:
        """Show a part of the picture as large as it can be, with a margin."""
        wide, high = max(rect.width() * spare, 40.0), max(rect.height() * spare, 40.0)
        self.scale = max(SMALLEST, min(canvas.width() / wide, canvas.height() / high, LARGEST))
        self.offset = QPointF(canvas.width() / 2, canvas.height() / 2) - rect.center() * self.scale

    def centre_on(self, point: QPointF, canvas: QSizeF) -> None:
        """Bring a point of the picture to the middle of the canvas."""
        self.offset = QPointF(canvas.width() / 2, canvas.height() / 2) - point * self.scale

    def map_rect(self, canvas: QSizeF) -> QRectF | None:
        """Return where the small map of the picture is, None where it would be of no help."""
        if self.scale < MAP_FROM or canvas.width() < 300:
            return None
        width = MAP_SHARE * canvas.width()
        height = width * canvas.height() / canvas.width()
        return QRectF(canvas.width() - width - MAP_MARGIN, canvas.height() - height - MAP_MARGIN, width, height)


def _held(here: float, goal: float, low: float, high: float) -> float:
    """Return a place between two ends; from beyond them, where zooming may have led, one may only come back."""
    return max(min(goal, max(high, here)), min(low, here))
