"""What the window remembers of its layout, and the sizes that it starts with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QWidget

from gui.settings import Settings
from gui.splitter import Splitter
from gui.theme import TEXT_SIZE

PANES = ("panel", "blackboard", "data")
LARGEST, TITLE_BAR = (1600, 1000), 30
SMALLEST_BOARD = 300  # pixels: the formulas of a lecture's network fit into it in readable type
BOARD = (0.34, 0.42, 28)  # of the width for the blackboard, at least and at most, and how wide it should be in heights of its type
LEAST_BOARD = 18  # of these below which formulas of a lecture's network do not fit
LARGE_WIDTH, SMALLEST_TABLES = 0.62, 280  # of the width for enlarged plots; pixels that the tables beside them keep
LARGE_SHARE, SMALLEST_WALK = 0.7, 350  # of the height for enlarged tables and plots; pixels that network and timeline keep


def to_next_part(parts: Mapping[QWidget, QWidget]) -> None:
    """Move the keyboard to the next of the parts of a window, in their order, that is shown. The value: where it enters the part."""
    order, focused = list(parts), QApplication.focusWidget()
    here = next((i for i, part in enumerate(order) if focused is not None and (part is focused or part.isAncestorOf(focused))), -1)
    for part in [*order[here + 1 :], *order]:
        if part.isVisible():
            parts[part].setFocus(Qt.FocusReason.ShortcutFocusReason)
            return


class Enlarged:
    """Lets the lower part of a splitter take most of the room while an action is checked; it is shown for that.

    lower: that part, whose right half then gets more of the width; a user who has given it more already keeps that.
    """

    def __init__(self, splitter: QSplitter, lower: QSplitter, action: QAction, shown: QAction) -> None:
        self._splitter, self._lower, self._action, self._shown = splitter, lower, action, shown
        self._usual: list[int] = []
        self._usual_widths: list[int] = []
        action.toggled.connect(self._on_toggled)
        shown.toggled.connect(self._on_shown_toggled)

    def _on_toggled(self, on: bool) -> None:
        if not on:
            self._splitter.setSizes(self._usual)
            self._lower.setSizes(self._usual_widths)
            return
        if not self._shown.isChecked():
            self._shown.trigger()
        self._usual = self._splitter.sizes()
        whole = sum(self._usual)
        walk = max(round(whole * (1 - LARGE_SHARE)), min(SMALLEST_WALK, whole // 2))
        self._splitter.setSizes([walk, whole - walk])
        self._usual_widths = self._lower.sizes()
        across = sum(self._usual_widths)
        right = max(self._usual_widths[1], min(round(across * LARGE_WIDTH), max(across - SMALLEST_TABLES, 0)))
        self._lower.setSizes([across - right, right])

    def _on_shown_toggled(self, on: bool) -> None:
        if not on:
            self._action.setChecked(False)


def restore(
    window: QMainWindow, splitters: Mapping[str, Splitter], actions: Mapping[str, QAction], settings: Settings, panel: QWidget
) -> None:
    """Bring back size, splitters ("upper", "lower", "whole", "desk") and which panes are shown; the usual ones where nothing is remembered.

    panel: the control panel, beside which the "upper" one stands.
    """
    if not window.restoreGeometry(settings.get("geometry", QByteArray())):
        available = window.screen().availableSize()
        window.resize(min(LARGEST[0], available.width()), min(LARGEST[1], available.height() - TITLE_BAR))
    splitters["desk"].setMinimumWidth(SMALLEST_BOARD)  # also where a wider window is remembered than there is now
    for name, splitter in splitters.items():
        if not splitter.restoreState(settings.get(name, QByteArray())):
            splitter.keep(partial(_usual_now, window, panel, name))
    for name in PANES:
        actions[name].setChecked(settings.get(f"show_{name}", True))


def _usual_now(window: QMainWindow, panel: QWidget, name: str) -> list[int]:
    shown = panel.isVisible() or not window.isVisible()
    return _usual_sizes(name, window.width() - (panel.width() if shown else 0), window.height(), QApplication.font().pixelSize())


def _usual_sizes(name: str, width: int, height: int, text: int = TEXT_SIZE) -> list[int]:
    """Return the sizes of the two parts of a splitter. text: height of the interface's type, all in pixels."""
    letters = width / text
    share = 1.0 - max(BOARD[0], min(BOARD[1], BOARD[2] / letters), min(0.5, LEAST_BOARD / letters))  # a narrow one would break its formulas
    low = min(max((850 - height) / 150, 0.0), 1.0)  # from 0 in a window of the usual height to 1 in one of 700 pixels
    shares = {"upper": (width, share), "lower": (width, 0.6 - 0.08 * low), "whole": (height, 0.77 - 0.07 * low), "desk": (height, 0.6)}
    whole, first = shares[name]
    return [round(whole * first), round(whole * (1 - first))]


def layout_of(window: QMainWindow, splitters: Mapping[str, Splitter]) -> dict[str, QByteArray]:
    """Return size and place of the window and the sizes of its parts, by the names under which they are remembered: usual ones empty."""
    states = {name: QByteArray() if splitter.is_usual else splitter.saveState() for name, splitter in splitters.items()}
    return {"geometry": window.saveGeometry()} | states


def remember(
    window: QMainWindow,
    splitters: Mapping[str, Splitter],
    actions: Mapping[str, QAction],
    settings: Settings,
    usual: Mapping[str, QByteArray] | None = None,
) -> None:
    """Write down what `restore` brings back; what is enlarged for a while is not.

    usual: the layout that the window had before it was shown to an audience, whose sizes are no choice for it; None for the present one.
    """
    actions["enlarged"].setChecked(False)
    if usual is None and not window.isFullScreen():
        usual = layout_of(window, splitters)
    for name, state in (usual or {}).items():
        settings.set(name, state)
    for name in PANES:
        settings.set(f"show_{name}", actions[name].isChecked())
