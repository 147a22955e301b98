"""The look of menus, buttons and tables: a palette and a style sheet made from a theme. Colours are named in `gui.theme` only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from gui.theme import TEXT_FAMILY, Theme, css, mix
from gui.theme_qt import colour, font

NUMBERED = ("QTableView", "QHeaderView", "QAbstractSpinBox", "QLineEdit", "ChipRow")  # widgets of numbers and symbols


def dress(application: QApplication, theme: Theme) -> None:
    """Give palette, fonts and style sheet to the application, in this order, which is the one that reaches all widgets."""
    application.setPalette(palette(theme))
    application.setFont(interface_font(theme))
    application.setStyleSheet(style_sheet(theme))
    for name in NUMBERED if theme.family != TEXT_FAMILY else ():
        application.setFont(font("regular", theme.text_size), name)


def interface_font(theme: Theme) -> QFont:
    """Return the font of menus, panels and dialogs."""
    result = QFont(font("regular", theme.text_size))
    result.setFamilies([theme.family, TEXT_FAMILY])  # what one lacks stands in the other
    return result


def polish(widget: QWidget) -> None:
    """Have the style sheet look at a widget again after its object name has changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def system_is_dark() -> bool:
    """Return whether the desktop says that it is dark."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def palette(theme: Theme) -> QPalette:
    """Return what the style draws fields, lists and tables with."""
    roles = QPalette.ColorRole
    field = theme.raised if theme.dark else theme.panel  # the style's own outlines are hard to see on dark
    result = QPalette()
    colours = {
        roles.Window: theme.panel, roles.WindowText: theme.text, roles.Base: field, roles.AlternateBase: theme.raised,
        roles.Text: theme.text, roles.Button: field, roles.ButtonText: theme.text, roles.BrightText: theme.error,
        roles.Highlight: theme.accent, roles.HighlightedText: theme.on_accent, roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text, roles.PlaceholderText: theme.muted, roles.Link: theme.accent, roles.Mid: theme.rule,
        roles.Accent: theme.accent,
    }  # fmt: skip
    for role, value in colours.items():
        result.setColor(role, colour(value))
    faint = colour(mix(theme.muted, theme.panel, 0.4))
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, faint)
    return result


def style_sheet(theme: Theme) -> str:
    """Return the style sheet of the window."""
    size = theme.text_size
    sheet = _SHEET
    for name in ("window", "panel", "raised", "text", "muted", "rule", "accent", "on_accent", "accent_wash", "error"):
        sheet = sheet.replace(f"@{name}@", css(getattr(theme, name)))
    numbers = {"size": size, "small": round(size * 0.85), "pad": round(size * 0.38), "side": round(size * 0.75), "radius": 5}
    for name, number in numbers.items():
        sheet = sheet.replace(f"@{name}@", f"{number}px")
    return sheet


_SHEET = """
QMainWindow, QDialog, QMessageBox { background: @panel@; }
QMenuBar { background: @window@; color: @muted@; border-bottom: 1px solid @rule@; padding: 1px 6px; }
QMenuBar::item { padding: 4px 8px; border-radius: @radius@; background: transparent; }
QMenuBar::item:selected { background: @accent_wash@; color: @text@; }
QMenu { background: @panel@; color: @text@; border: 1px solid @rule@; padding: 4px; }
QMenu::item { padding: 5px 26px 5px 8px; border-radius: 4px; }
QMenu::item:selected { background: @accent_wash@; color: @text@; }
QMenu::item:disabled { color: @muted@; }
QMenu::icon { padding-left: 6px; }
QMenu::separator { height: 1px; background: @rule@; margin: 4px 6px; }
QToolBar { background: @panel@; border: 0; border-bottom: 1px solid @rule@; padding: 6px 10px; spacing: 5px; }
QToolBar#recovery { background: @accent_wash@; padding: 4px 10px 4px 14px; }
QToolBar#recovery QLabel { color: @text@; }
QToolBar::separator { width: 1px; background: @rule@; margin: 5px 7px; }
QToolBar QLabel { color: @muted@; }
QToolBar QToolButton { border: 1px solid @rule@; border-radius: @radius@; padding: @pad@ @side@; background: @panel@; }
QToolBar QToolButton:hover, QPushButton:hover { background: @accent_wash@; }
QToolBar QToolButton:pressed, QToolBar QToolButton:checked { background: @accent_wash@; border-color: @accent@; }
QToolBar QToolButton:disabled { color: @muted@; }
QToolBar QToolButton#primary, QPushButton#primary {
  background: @accent@; color: @on_accent@;
  border: 1px solid @accent@; font-weight: 600; }
QToolBar QToolButton#primary:hover, QPushButton#primary:hover { border-color: @text@; }
QPushButton { border: 1px solid @rule@; border-radius: @radius@; padding: @pad@ @side@; background: @panel@; color: @text@; }
QPushButton:disabled, QPushButton#primary:disabled, QToolButton[segment]:disabled { color: @muted@; background: @raised@; }
QPushButton#primary:disabled { border-color: @rule@; }
QCheckBox::indicator:unchecked { border: 1px solid @muted@; border-radius: 2px; background: @panel@; }
QPushButton:default { border-color: @accent@; }
QToolButton[segment] {
  border: 1px solid @rule@; border-left-width: 0; border-radius: 0;
  padding: @pad@ @side@; background: @panel@; color: @text@; }
QToolButton[segment="first"] { border-left-width: 1px; border-top-left-radius: @radius@; border-bottom-left-radius: @radius@; }
QToolButton[segment="last"] { border-top-right-radius: @radius@; border-bottom-right-radius: @radius@; }
QToolButton[segment="only"] { border-left-width: 1px; border-radius: @radius@; }
PaneTabs QToolButton[segment] { padding: 2px 7px; }
QToolButton#more { padding: 1px 4px; }
QToolButton#more::menu-indicator { image: none; width: 0; }
QToolButton[segment]:hover { background: @raised@; }
QToolButton[segment]:checked { background: @accent_wash@; color: @accent@; font-weight: 600; }
QToolButton:focus, QPushButton:focus, QToolButton[segment]:focus { border: 1px solid @accent@; }
QToolButton#section {
  border: 1px solid transparent; padding: 2px 0; color: @muted@;
  font-size: @small@; font-weight: 600; background: transparent; }
QToolButton#section:hover { color: @text@; }
QToolButton#section:focus { border: 1px solid @accent@; border-radius: 3px; }
QWidget#panel, QWidget#run, QScrollArea, QScrollArea > QWidget > QWidget { background: @panel@; }
QWidget#run { border-top: 1px solid @rule@; }
QWidget#side { border-right: 1px solid @rule@; }
QWidget#timeline { background: @panel@; border-top: 1px solid @rule@; }
QLabel#quiet, QLabel#heading { color: @muted@; }
QLabel#refusal { color: @error@; }
QTabBar { background: @panel@; }
QTabBar::tab { background: transparent; color: @muted@; padding: 5px 8px; border: 0; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @text@; font-weight: 600; border-bottom: 2px solid @accent@; }
QTabBar::tab:hover { color: @text@; }
QTabBar:focus { border: 1px solid @accent@; }
QTableView {
  background: @panel@; gridline-color: @rule@;
  border: 1px solid @rule@; selection-background-color: @accent_wash@; selection-color: @text@; }
GridView QTableCornerButton::section { background: @panel@; border: 0; }
GridView QHeaderView { background: @panel@; border: 0; }
GridView QHeaderView::section { background: @panel@; color: @muted@; border: 0; padding: 0 5px; font-size: @small@; }
QTableView QLineEdit { padding: 0 4px; border: 1px solid @accent@; background: @panel@; color: @text@; }
QSplitter::handle { background: @rule@; }
QSplitter::handle:hover { background: @accent@; }
QProgressBar { border: 0; background: @raised@; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: @accent@; border-radius: 3px; }
QToolTip { background: @raised@; color: @text@; border: 1px solid @rule@; padding: 4px 6px; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QAbstractScrollArea::corner { background: transparent; border: 0; }
QScrollBar:vertical { background: transparent; width: 11px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 11px; margin: 0; }
QScrollBar::handle { background: @rule@; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @muted@; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""
