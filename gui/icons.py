"""Icons from `resources/icons`, tinted with the colours of the palette."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

import resources

SIZES = (16, 20, 24, 32)


@lru_cache(maxsize=256)
def icon(name: str, color: str, disabled: str) -> QIcon:
    """Return the icon `name` drawn in the colour `color` (as #rrggbb), and in `disabled` where it cannot be used."""
    result = QIcon()
    source = resources.path(f"icons/{name}.svg").read_text(encoding="utf-8")
    for mode, tint in ((QIcon.Mode.Normal, color), (QIcon.Mode.Disabled, disabled)):
        renderer = QSvgRenderer(QByteArray(source.replace("currentColor", tint).encode()))
        for size in SIZES:
            result.addPixmap(_pixmap(renderer, size), mode)
    return result


def _pixmap(renderer: QSvgRenderer, size: int) -> QPixmap:
    application = QGuiApplication.instance()
    ratio = application.devicePixelRatio() if isinstance(application, QGuiApplication) else 1.0
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, pixmap.width(), pixmap.height()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def application_icon() -> QIcon:
    """Return the program's own icon."""
    return QIcon(str(resources.path("icons/deltastep.svg")))
