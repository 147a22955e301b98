"""Everything that is taken away from the window or into it as a file: opens the dialogs of pictures, films, solutions, numbers, weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QMimeData, QObject, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from gui.export.parts import folder_of
from gui.open_dialogs import OpenDialogs
from gui.settings import Settings
from gui.store import Store

if TYPE_CHECKING:
    from gui.export.numbers_menu import Numbers
    from gui.panes.exhibit import Exhibitor


class TakeAway(QObject):
    """One dialog of each kind is open at most. canvas: the widget whose size a picture "as on screen" has."""

    def __init__(self, store: Store, settings: Settings, canvas: QWidget, window: QWidget) -> None:
        super().__init__(window)
        self._store, self._settings, self._canvas, self._window = store, settings, canvas, window
        self._dialogs = OpenDialogs(self)

    def handlers(self) -> dict[str, Callable[[], object]]:
        """Return what the commands of this subject do, by their names in `gui.shortcuts`."""
        found: dict[str, Callable[[], object]] = {
            "export": self.picture, "film": self.film, "solution": self.solution, "numbers": self.table, "weights": self.weights,
        }  # fmt: skip
        found |= {"all_tables": lambda: self._numbers().all_tables(), "record": lambda: self._numbers().record()}
        for framework in ("numpy", "pytorch", "jax"):
            found[f"script_{framework}"] = lambda checked=False, name=framework: self._numbers().program(name)()
        return found

    def picture(self) -> None:
        """Open the dialog for a picture."""

        def make() -> QDialog:
            from gui.export.dialog import ExportDialog

            dialog = ExportDialog(self._store, self._settings, self._canvas_size, self._window)
            dialog.copy_button.clicked.connect(lambda: self._copy(dialog))  # type: ignore[attr-defined]
            return dialog

        self._dialogs.show("picture", make)

    def _canvas_size(self) -> QSize:
        return self._canvas.size()

    def _copy(self, dialog: QDialog) -> None:
        """Put the picture of the dialog on the clipboard, for drawing programs and for those that take pixels."""
        from gui.export.image import raster, svg
        from gui.export.picture_form import PictureForm

        assert isinstance(dialog, PictureForm)
        diagram, options, data = dialog.sheet(), dialog.options(), QMimeData()
        try:
            data.setImageData(raster(diagram, options))
        except ValueError as error:
            dialog.tell(f"{error}.", refused=True)
            return
        data.setData("image/svg+xml", svg(diagram, options))
        QGuiApplication.clipboard().setMimeData(data)
        dialog.tell("On the clipboard, as pixels and as SVG.")

    def film(self) -> None:
        """Open the dialog for a film."""

        def make() -> QDialog:
            from gui.film.dialog import FilmDialog

            return FilmDialog(self._store, self._settings, self._window)

        self._dialogs.show("film", make)

    def solution(self) -> None:
        """Open the dialog for a worked solution."""

        def make() -> QDialog:
            from gui.solution.dialog import SolutionDialog

            return SolutionDialog(self._store, self._settings, self._window)

        self._dialogs.show("solution", make)

    def table(self) -> None:
        """Open the dialog for one table of the present update."""

        def make() -> QDialog:
            from gui.export.numbers_menu import TableDialog

            return TableDialog(self._store, self._settings, self._window)

        self._dialogs.close("numbers")  # it belongs to the update that it was opened on
        self._dialogs.show("numbers", make)

    def _numbers(self) -> Numbers:
        from gui.export.numbers_menu import Numbers

        return Numbers(self._store, self._settings, self._window)

    def weights(self) -> None:
        """Let the user choose a file of weights and look at it before it is taken."""
        from model.exchange.weights import SUFFIXES

        kinds = f"Weights ({' '.join(f'*{suffix}' for suffix in SUFFIXES)});;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self._window, "Import weights", str(folder_of(self._settings)), kinds)
        if path:
            self._settings.set("take_away/folder", str(Path(path).parent))
            self.weights_from(path)

    def weights_from(self, path: str) -> None:
        """Look at a file of weights before it is taken."""

        def make() -> QDialog:
            from gui.weights.dialog import WeightsDialog

            return WeightsDialog(self._store, path, self._window)

        self._dialogs.show(f"weights {path}", make)

    def pane(self, pane: QWidget) -> None:
        """Open the dialog for what a pane shows."""

        def make() -> QDialog:
            from gui.export.pane_dialog import PaneDialog

            dialog = PaneDialog(self._store, self._settings, cast("Exhibitor", pane), self._window)
            dialog.copy_button.clicked.connect(lambda: self._copy(dialog))  # type: ignore[attr-defined]
            return dialog

        self._dialogs.show(f"pane {type(pane).__name__}", make)

    def close(self) -> None:
        """Close what is open; a film in the making is given up."""
        self._dialogs.close_all()
