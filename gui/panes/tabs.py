"""Panes behind tabs, each made when it is looked at for the first time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from gui.panel.fields import Tabs


class Entry(NamedTuple):
    """A tab: its title, what its pane shows, and what makes the pane."""

    title: str
    tip: str
    make: Callable[[], QWidget]


class PaneTabs(QWidget):
    """**Signals:** chosen(int): the user (or `show_tab`) brought up another tab. export_requested(QWidget): save this pane as a file."""

    chosen = Signal(int)
    export_requested = Signal(QWidget)

    def __init__(self, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._entries = tuple(entries)
        self._pages: dict[int, QWidget] = {}
        self._bar = Tabs("plots and checks", "Which plot or check is shown")
        self._stack = QStackedWidget()
        for i, entry in enumerate(self._entries):
            self._bar.addTab(entry.title)
            self._bar.setTabToolTip(i, entry.tip)
        for arrow, tip in zip(self._bar.findChildren(QToolButton), ("Tabs to the left", "Tabs to the right"), strict=True):
            arrow.setToolTip(tip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 2, 0, 0)
        layout.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 8, 0)
        head.addWidget(self._bar, 1)
        head.addWidget(self._make_save())
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)
        self._bar.currentChanged.connect(self._on_tab_changed)
        self._bring_up(self._bar.currentIndex())

    def _make_save(self) -> QToolButton:
        self._save = QToolButton(text="Save…", toolTip="Save this pane as a picture or its points as a table")
        self._save.setAccessibleName("save this pane")
        self._save.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._save.clicked.connect(self._on_save_clicked)
        return self._save

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

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 120)
