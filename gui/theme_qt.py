"""The theme in Qt's terms: colours and the bundled fonts. QtGui only."""

from __future__ import annotations

from functools import cache, lru_cache

from PySide6.QtGui import QColor, QFont, QFontDatabase

import resources
from gui.diagram.text import FILES
from gui.theme import MATH_FAMILY, RGB, TEXT_FAMILY

SAMPLE = "learning rate, activation: sigmoid, ½ Σ (out − target)², Randomise"  # by which type is measured
_WEIGHTS = {
    "regular": QFont.Weight.Normal,
    "italic": QFont.Weight.Normal,
    "medium": QFont.Weight.Medium,
    "semibold": QFont.Weight.DemiBold,
    "bold": QFont.Weight.Bold,
    "math": QFont.Weight.Normal,
}


@cache
def load_fonts() -> None:
    """Make the bundled fonts known to Qt. Raises OSError with one sentence if one is missing or broken."""
    for name in FILES.values():
        if QFontDatabase.addApplicationFont(str(resources.path(f"fonts/{name}"))) < 0:
            raise OSError(f"the font {resources.path('fonts') / name} cannot be read; reinstall the program's files")


@lru_cache(maxsize=512)
def font(face: str, size: int) -> QFont:
    """Return a face of the bundled fonts in pixels, digits all of one width, outlines unhinted so that every zoom looks the same."""
    load_fonts()
    result = QFont(MATH_FAMILY if face == "math" else TEXT_FAMILY)
    result.setPixelSize(max(1, size))
    result.setWeight(_WEIGHTS[face])
    result.setItalic(face == "italic")
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if face != "math":
        result.setFeature(QFont.Tag("tnum"), 1)
    return result


def searchable(face: QFont) -> QFont:
    """Return a font without the forms of letters that depend on their neighbours or stand in columns.

    Those are glyphs without a character of their own: whatever is written with them cannot be found or copied from a PDF.
    """
    result = QFont(face)
    for feature in ("tnum", "calt"):
        result.setFeature(QFont.Tag(feature), 0)
    return result


@lru_cache(maxsize=1024)
def colour(value: RGB, opacity: int = 255) -> QColor:
    """Return a role's colour for Qt, 0 to 255 opaque. It is shared by all who ask for it, so nobody may change it."""
    return QColor(*value, opacity)
