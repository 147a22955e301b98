"""Panes behind tabs, each made when it is looked at for the first time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPalette, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QStackedWidget, QToolButton, QWidget

from gui.icons import icon
from gui.layouts import in_column, in_row
from gui.panel.fields import Tabs

SPARE = 6  # pixels by which a tab is wider when it is up, because its title is bold then


class Entry(NamedTuple):
    """A tab: its title, what its pane shows, and what makes the pane."""

    title: str
    tip: str
    make: Callable[[], QWidget]


class FittingTabs(Tabs):
    """Shows as many tabs as there is room for, the one that is up always. **Signals:** fitted(): other tabs are shown than before."""

    fitted = Signal()

    def __init__(self, name: str, tip: str) -> None:
        super().__init__(name, tip)
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.currentChanged.connect(self._on_current_changed)

    @property
    def left_out(self) -> list[int]:
        """The numbers of the tabs for which there is no room."""
        return [i for i in range(self.count()) if not self.isTabVisible(i)]

    def _fit(self) -> None:
        before, room = self.left_out, self.width() - SPARE
        current = self.currentIndex()
        widths = [self.tabSizeHint(i).width() for i in range(self.count())]
        used = widths[current] if current >= 0 else 0
        for i, wide in enumerate(widths):
            if i != current:
                used += wide
            seen = i == current or used <= room
            if seen != self.isTabVisible(i):  # telling what is so already makes Qt forget that tabs have to be placed anew
                self.setTabVisible(i, seen)
        if self.left_out != before:
            self.fitted.emit()

    def _on_current_changed(self) -> None:
        self._fit()

    def tabInserted(self, index: int) -> None:
        super().tabInserted(index)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(60, super().minimumSizeHint().height())


class PaneTabs(QWidget):
    """**Signals:** chosen(int): the user (or `show_tab`) brought up another tab. export_requested(QWidget): save this pane as a file."""

    chosen = Signal(int)
    export_requested = Signal(QWidget)

    def __init__(self, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._entries = tuple(entries)
        self._pages: dict[int, QWidget] = {}
        self._bar = FittingTabs("plots and checks", "Which plot or check is shown")
        self._stack = QStackedWidget()
        for i, entry in enumerate(self._entries):
            self._bar.addTab(entry.title)
            self._bar.setTabToolTip(i, entry.tip)
        self._more, self._save = self._make_more(), self._make_save()
        self._show_icons()
        head = in_row(self._bar, self._more, self._save, wide=self._bar, margins=(0, 0, 8, 0), spacing=4)
        self.setLayout(in_column(head, self._stack, wide=self._stack, margins=(8, 2, 0, 0), spacing=0))
        self._on_bar_fitted()
        self._bar.fitted.connect(self._on_bar_fitted)
        self._bar.currentChanged.connect(self._on_tab_changed)
        self._bring_up(self._bar.currentIndex())
        self.setFocusProxy(self._bar)

    def _make_more(self) -> QToolButton:
        button = QToolButton(text="▾", autoRaise=True, popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setObjectName("more")
        button.setToolTip("Plots and checks for which there is no room among the tabs")
        button.setAccessibleName("more plots and checks")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._on_more_about_to_show)
        menu.triggered.connect(self._on_more_triggered)
        button.setMenu(menu)
        return button

    def _make_save(self) -> QToolButton:
        button = QToolButton(autoRaise=True, toolTip="Save this pane as a picture or its points as a table")
        button.setAccessibleName("save this pane")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(self._on_save_clicked)
        return button

    def _show_icons(self) -> None:
        ink, faint = (self.palette().color(role).name() for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Mid))
        self._save.setIcon(icon("save", ink, faint))
        size = round(self.fontMetrics().height() * 0.95)
        self._save.setIconSize(QSize(size, size))

    def _on_bar_fitted(self) -> None:
        self._more.setVisible(bool(self._bar.left_out))

    def _on_more_about_to_show(self) -> None:
        menu = self._more.menu()
        menu.clear()
        for i in self._bar.left_out:
            action = menu.addAction(self._entries[i].title)
            action.setToolTip(self._entries[i].tip)
            action.setData(i)

    def _on_more_triggered(self, action: QAction) -> None:
        self.show_tab(int(action.data()))

    def _on_save_clicked(self) -> None:
        self.export_requested.emit(self._stack.currentWidget())

    @property
    def current(self) -> int:
        """The number of the tab that is up."""
        return self._bar.currentIndex()

    def pane(self, number: int) -> QWidget | None:
        """Return the pane of a tab, None if nobody has looked at it yet."""
        return self._pages.get(number)

    def show_tab(self, number: int) -> None:
        """Bring up a tab; a number without a tab is ignored."""
        if 0 <= number < len(self._entries):
            self._bar.setCurrentIndex(number)

    def show_titled(self, title: str) -> None:
        """Bring up the tab of this title."""
        self.show_tab(next((i for i, entry in enumerate(self._entries) if entry.title == title), -1))

    def _bring_up(self, number: int) -> None:
        if number not in self._pages:
            self._pages[number] = self._entries[number].make()
            self._stack.addWidget(self._pages[number])
        self._stack.setCurrentWidget(self._pages[number])

    def _on_tab_changed(self, number: int) -> None:
        self._bring_up(number)
        self.chosen.emit(number)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_save"):
            self._show_icons()

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 120)
