"""What is done with runs and moments from menus: options of training, bookmarks, branches, two runs side by side."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from gui.board.even_board import EvenBoard
from gui.canvas.graph_canvas import GraphCanvas
from gui.open_dialogs import OpenDialogs
from gui.session.actions import branch
from gui.session.seeking import go_to_next_mark
from gui.store import Store


def make_parts(store: Store) -> tuple[GraphCanvas, EvenBoard]:
    """Return a picture of the network of a store, and a blackboard for it whose type keeps to that of another one."""
    canvas = GraphCanvas(store)
    return canvas, EvenBoard(tip_for=canvas.describe)


def make_plot(stores: tuple[Store, Store], end_of: Callable[[int], int]) -> QWidget:
    """Return the plot of the losses of two stores; end_of: how far their runs go when so many updates are asked for."""
    from gui.plots.pair_plot import PairPlot  # whose library takes a while to load

    return PairPlot(stores, end_of)


class RunActions(QObject):
    """Opens the dialogs of this subject; one window of two runs at most."""

    def __init__(self, store: Store, window: QWidget) -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self._dialogs = OpenDialogs(self)
        self._compare: QWidget | None = None

    def handlers(self) -> dict[str, Callable[[], object]]:
        """Return what the commands of this subject do, by their names in `gui.shortcuts`."""
        marks = {"bookmark": self.bookmark, "next_bookmark": self.next_bookmark}
        return marks | {"train_options": self.train_options, "branch": self.branch, "compare": self.compare}

    def train_options(self) -> None:
        """Open the options of training."""
        from gui.training.options import TrainOptions

        self._dialogs.show("train_options", lambda: TrainOptions(self._store, self._window))

    def bookmark(self) -> None:
        """Mark the present moment, or change its mark."""
        from gui.session.bookmark_dialog import BookmarkDialog

        dialog = BookmarkDialog(self._store, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def next_bookmark(self) -> None:
        """Go to the next mark."""
        self._tell("There is nowhere to go.", go_to_next_mark(self._store))

    def branch(self) -> None:
        """Start a new run from the weights of the present moment."""
        self._tell("No run can branch off here.", self._store.edit("branch", branch))

    def compare(self) -> None:
        """Open the window of two runs, or bring it to the front."""
        from gui.compare.window import CompareWindow

        if self._compare is None:
            self._compare = CompareWindow(self._store, make_parts, make_plot, self._window)
            self._compare.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self._compare.destroyed.connect(self._on_compare_destroyed)
        self._compare.show()
        self._compare.raise_()
        self._compare.activateWindow()

    def close(self) -> None:
        """Close what is open; for the window's closing."""
        if self._compare is not None:
            self._compare.close()

    def _on_compare_destroyed(self) -> None:
        self._compare = None

    def _tell(self, what: str, why: str) -> None:
        if not why:
            return
        box = QMessageBox(QMessageBox.Icon.NoIcon, "Deltastep", what, QMessageBox.StandardButton.Ok, self._window)
        box.setInformativeText(why)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
