"""What the desktop tells about how programs should look: its accent, its type, and whether it wants things to move."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import QStyleFactory, QWidget

from gui.actions import set_options
from gui.store import Store
from gui.theme import RGB, TEXT_FAMILY, TEXT_SIZE
from gui.theme_qt import SAMPLE, font

COLOURLESS = 16  # of 255: between the channels of a colour that accentuates nothing
GENERIC = ("", "sans", "sans serif", "sans-serif")  # families that leave the choice to the program
UNTOLD = (("sans serif", 9.0), ("sans", 10.0))  # what Qt says where no desktop has said anything
ACROSS = 70  # heights of the program's own letters that a window must be wide, so that nothing in it is cut


def system_accent(told: QPalette) -> RGB | None:
    """Return the accent of the desktop from the palette that it gives an application, None where that is only Qt's own or grey.

    Some desktops, such as KDE's, tell it by the colour of what is selected alone.
    """
    usual = QStyleFactory.create("Fusion").standardPalette()
    for colour, known in ((told.accent().color(), usual.accent().color()), (told.highlight().color(), usual.highlight().color())):
        channels = (colour.red(), colour.green(), colour.blue())
        if colour != known and max(channels) - min(channels) >= COLOURLESS:
            return channels
    return None


def system_type(told: QFont) -> tuple[str, int] | None:
    """Return family ("" where any will do) and height in pixels of the font that the desktop gives an application.

    None where that is only Qt's own.
    """
    family = told.family().strip()
    if (family.lower(), told.pointSizeF()) in UNTOLD:
        return None
    return ("" if family.lower() in GENERIC or family.startswith(".") else family), QFontInfo(told).pixelSize()


def fitting_type(told: tuple[str, int], width: int) -> tuple[str, int]:
    """Return the desktop's type no larger than a window of some width can bear, of wide letters less."""
    family, size = told
    usual = font("regular", TEXT_SIZE)
    own = QFont(usual)
    own.setFamilies([family or TEXT_FAMILY])
    wide = max(QFontMetricsF(own).horizontalAdvance(SAMPLE) / QFontMetricsF(usual).horizontalAdvance(SAMPLE), 1.0)
    return family, min(size, max(round(width / (wide * ACROSS)), TEXT_SIZE))


class TypeFollower(QObject):
    """Keeps the type of a window as large as the desktop's, but never so large that something in the window would be cut."""

    def __init__(self, window: QWidget, store: Store, told: tuple[str, int]) -> None:
        super().__init__(window)
        self._window, self._store, self._told = window, store, told
        window.installEventFilter(self)
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._follow()
        return False

    def _follow(self) -> None:
        wanted = fitting_type(self._told, self._window.width())
        if self._store.state.options.desktop_type != wanted:
            self._store.dispatch(set_options, desktop_type=wanted)
