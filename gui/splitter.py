"""The divided parts of a window: they keep their shares at every size until somebody moves the divider."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget


class Splitter(QSplitter):
    """A splitter that shares out its length anew whenever it gets another one, until somebody moves the divider."""

    def __init__(self, orientation: Qt.Orientation) -> None:
        super().__init__(orientation)
        self._usual: Callable[[], list[int]] | None = None
        self._set: list[int] = []
        self._moved = False
        self.splitterMoved.connect(self._on_splitter_moved)

    @property
    def is_usual(self) -> bool:
        """Whether the parts are as the window has made them; one that is hidden has no size."""
        sizes = self.sizes()
        as_set = len(sizes) == len(self._set) and all(abs(now - then) <= 1 for now, then in zip(sizes, self._set, strict=True))
        return self._usual is not None and not self._moved and (as_set or 0 in sizes)

    def keep(self, usual: Callable[[], list[int]]) -> None:
        """Give the parts the sizes that `usual` returns, now and at every new length."""
        self._usual = usual
        self.setSizes(usual())
        self._set = self.sizes()

    def _on_splitter_moved(self) -> None:
        self._moved = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        kept = self.is_usual and 0 not in self.sizes()
        super().resizeEvent(event)
        if kept and self._usual is not None:
            self.keep(self._usual)


def make_splitter(orientation: Qt.Orientation, parts: tuple[QWidget, ...], stretches: tuple[int, ...]) -> Splitter:
    """Return a splitter whose parts can be resized and not collapsed."""
    splitter = Splitter(orientation)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    for i, (part, stretch) in enumerate(zip(parts, stretches, strict=True)):
        splitter.addWidget(part)
        splitter.setStretchFactor(i, stretch)
    return splitter
