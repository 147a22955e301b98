"""The theme in Qt's terms: colours, palette and the bundled fonts. QtGui only."""

from __future__ import annotations

from functools import cache, lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette

import resources
from gui.diagram.text import FILES
from gui.theme import MATH_FAMILY, RGB, TEXT_FAMILY, Theme, mix

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
        result.setFeature(QFont.Tag.fromString("tnum"), 1)
    return result


@lru_cache(maxsize=1024)
def colour(value: RGB) -> QColor:
    """Return a role's colour for Qt."""
    return QColor(*value)


def palette(theme: Theme) -> QPalette:
    """Return the application's palette, for what the style sheet does not reach."""
    result = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.panel,
        QPalette.ColorRole.AlternateBase: theme.raised,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.error,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Mid: theme.rule,
        QPalette.ColorRole.Accent: theme.accent,
    }
    for role, value in roles.items():
        result.setColor(role, colour(value))
    off = mix(theme.text, theme.window, 0.5)
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, colour(off))
    return result


def system_theme() -> str:
    """Return "dark" where the system says so, else "light"."""
    hints = QGuiApplication.styleHints()
    return "dark" if hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark else "light"
