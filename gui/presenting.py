"""What keys mean while the window is shown to an audience: a presenter's buttons must not train or rewrite anything."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QEvent, QObject, QRect, Qt
from PySide6.QtGui import QAction, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QToolTip, QWidget

from gui.shortcuts import BY_NAME
from gui.splitter import Splitter
from gui.theme import PROJECTOR
from gui.theme_qt import colour
from gui.window_layout import layout_of

PRESENTERS = {"run": ("F5",), "train_options": ("Shift+F5",)}  # what its buttons would do that are no keys of the walk; Esc does no harm
LEAVING = "F11 leaves the full screen"
SENTENCE_MS = 3000
PLOTS = 0.45  # of the width for the plots in front of an audience


class Cover(QWidget):
    """A dark sheet over the whole window; the next key or click takes it away and does nothing else."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName("dark screen, any key brings the window back")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._before = window.focusWidget()
        self.setGeometry(window.rect())
        window.installEventFilter(self)
        self.show()
        self.raise_()
        self.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), colour(PROJECTOR.window))

    def event(self, event: QEvent) -> bool:
        kinds = QEvent.Type
        if event.type() == kinds.ShortcutOverride:
            event.accept()  # the key is this sheet's, not the window's
            return True
        if event.type() in (kinds.KeyPress, kinds.MouseButtonPress):
            self.hide()
            self.deleteLater()
            if self._before is not None:
                self._before.setFocus()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False


class Presentation:
    """Shows the window to an audience, and back: the walk alone on the full screen, with tables and plots where they are asked for.

    named: the window's actions. splitters: all of the window; "whole" has tables and plots as its lower part, whose size is as before
    afterwards; "upper" is the network beside the blackboard, "lower" tables and plots. layout: that of the window before it was shown,
    for whoever remembers it.
    """

    def __init__(self, window: QMainWindow, named: Mapping[str, QAction], splitters: Mapping[str, Splitter]) -> None:
        self._window, self._named, self._splitters = window, named, splitters
        self._usual: tuple[bool, list[int]] = (True, [])  # whether tables and plots were shown, and the sizes of the parts
        self._plots = splitters["lower"].widget(1)
        self._places: dict[str, list[int]] = {}  # the sizes of "upper" and "lower" while the plots stand in the former
        self.on = False
        self.layout: dict[str, QByteArray] = {}

    def show(self, on: bool) -> None:
        """Begin or end; whoever shows and hides panes asks the actions "panel" and "data" anew after this."""
        named, self.on = self._named, on
        named["projector"].setChecked(on)
        for name in ("panel", "enlarged"):
            named[name].setEnabled(not on)  # which would show nothing here, and change what is shown afterwards
        self._set_keys()
        named["enlarged"].setChecked(False)  # before the plots leave their place
        if on:
            self._usual = (named["data"].isChecked(), self._splitters["whole"].sizes())
            self.layout = layout_of(self._window, self._splitters)
        named["data"].setChecked(self._usual[0] and not on)

    @property
    def plots_only(self) -> bool:
        """Whether tables and plots were asked for in front of an audience: then the plots are shown alone, in place of the blackboard."""
        return self.on and self._named["data"].isChecked()

    def place_plots(self) -> None:
        """Put the plots where they are seen: beside the network, which keeps its height and so its letters, or below with the tables."""
        upper, lower = self._splitters["upper"], self._splitters["lower"]
        if self.plots_only == (self._plots.parentWidget() is upper):
            return
        if self.plots_only:
            self._places = {"upper": upper.sizes(), "lower": lower.sizes()}
            upper.addWidget(self._plots)
            whole = sum(self._places["upper"])
            upper.setSizes([round(whole * (1 - PLOTS)), round(whole * PLOTS), round(whole * PLOTS)])
        else:
            lower.addWidget(self._plots)
            for splitter, name in ((upper, "upper"), (lower, "lower")):
                splitter.setSizes(self._places[name])

    def end(self) -> None:
        """Show the full screen, or the window as it was, after the panes are shown or hidden."""
        if not self.on:
            self._splitters["whole"].setSizes(self._usual[1])
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _set_keys(self) -> None:
        """Take the keys of a presenter's buttons away, or give them back."""
        for name in PRESENTERS:
            keys = BY_NAME[name].keys
            self._named[name].setShortcuts([QKeySequence(key) for key in keys if not (self.on and key in PRESENTERS[name])])


def say(view: QWidget, sentence: str) -> None:
    """Show a sentence for a while where no panel is there to show it."""
    QToolTip.showText(view.mapToGlobal(view.rect().center()), sentence, view, QRect(), SENTENCE_MS)
