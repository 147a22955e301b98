"""New, open, save and the question about unsaved changes: the dialogs around `model.format.file`."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QPoint, QRect
from PySide6.QtWidgets import QFileDialog, QMessageBox, QToolTip, QWidget

from gui.actions import mark_saved, open_problem
from gui.export.parts import plain_name
from gui.session.actions import open_document
from gui.session.file import session_of, worth_saving
from gui.settings import Settings
from gui.state import AppState
from gui.store import Store
from model.examples import example_names, path_of
from model.format.file import ProblemError, load_document, save
from model.problem import Init, Problem, frozen

EDGE, ABOVE_EDGE, SAID_MS = 12, 64, 5000  # pixels from the lower left corner, and how long a sentence stands there
NAMED = 2  # documents that a question names
SAVE, DISCARD, CANCEL = (getattr(QMessageBox.StandardButton, name) for name in ("Save", "Discard", "Cancel"))
FILTER = "Problem files (*.json);;All files (*)"


def fresh_problem() -> Problem:
    """Return the small network that File > New starts from."""
    return Problem(
        layers=(2, 2, 1),
        activations=("sigmoid", "sigmoid"),
        loss="half_squared_error",
        init=Init("xavier_uniform", 1),
        x=frozen([[0.5, -1.0]]),
        y=frozen([[1.0]]),
        learning_rate=0.5,
        title="New experiment",
    )


class FileActions(QObject):
    """Everything that opens or writes a file. `ask`-functions can be replaced in tests."""

    def __init__(self, store: Store, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._store, self._settings, self._window = store, settings, window

    def open_path(self, path: str) -> bool:
        """Open a file or a built-in example by name; nobody is asked, for undo brings back what was open. Returns whether it is open."""
        before = self._store.state
        opened = self.load(path)
        if opened:
            self._say_left(before)
        return opened

    def load(self, path: str) -> bool:
        """Open a file or a built-in example; tells in one sentence what is wrong with it."""
        try:
            problem, session = load_document(path_of(path))
        except ProblemError as error:
            self._tell("This file cannot be opened.", str(error))
            return False
        whole = path if path in example_names() else str(Path(path).resolve())
        self._store.exchange(f"opening of {problem.title or Path(path).stem}", open_document, problem, whole, session)
        if path not in example_names():
            self._settings.add_recent(path)
        return True

    def new(self) -> None:
        """Start from a small network."""
        before = self._store.state
        self._store.exchange("new experiment", open_problem, fresh_problem())
        self._say_left(before)

    def _say_left(self, before: AppState) -> None:
        """Say at the lower edge how what was open is found again, if it is in no file as it was."""
        if before.unsaved:
            place = self._window.mapToGlobal(QPoint(EDGE, self._window.height() - ABOVE_EDGE))
            QToolTip.showText(place, f"Undo (Ctrl+Z) brings “{title_of(before)}” back as it was", self._window, QRect(), SAID_MS)

    def open(self) -> None:
        """Let the user choose a file and open it."""
        path, _ = QFileDialog.getOpenFileName(self._window, "Open a problem file", self._folder(), FILTER)
        if path:
            self.open_path(path)

    def save(self) -> bool:
        """Save to the experiment's own file; returns whether it is saved."""
        path = self._store.state.path
        if path is None or path in example_names():
            return self.save_as()
        return self._write(path)

    def save_as(self) -> bool:
        """Let the user choose where to save; returns whether it is saved."""
        state = self._store.state
        renamed = not state.own_file and state.problem.title != state.saved.title
        name = plain_name(state.problem.title, None if renamed else state.path or "experiment")
        suggestion = str(Path(self._folder()) / f"{name}.json")
        path, _ = QFileDialog.getSaveFileName(self._window, "Save the experiment", suggestion, FILTER)
        if not path:
            return False
        return self._write(path if Path(path).suffix else f"{path}.json")

    def _write(self, path: str) -> bool:
        state = self._store.state
        problem = state.experiment
        try:
            save(problem, path, session_of(state, problem) if worth_saving(state) else None)
        except OSError as error:
            self._tell("The file could not be written.", f"{path}: {error.strerror or error}. The old file, if any, is unchanged.")
            return False
        self._store.dispatch(mark_saved, str(Path(path).resolve()))
        self._settings.add_recent(path)
        return True

    def may_discard(self) -> bool:
        """Return whether everything may be left, undo too: saved, unchanged, or given up by the user."""
        return self._may_discard_present() and self._may_discard_left()

    def _may_discard_left(self) -> bool:
        """Ask about documents that were changed and left for others, which only undo would bring back."""
        names = self._store.left_unsaved
        if not names:
            return True
        what = " and ".join(f"“{name}”" for name in names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
        text, why = f"Give up what was changed in {what}?", "It was left without saving; Undo (Ctrl+Z) still brings it back."
        return self._ask(text, why, DISCARD | CANCEL) == DISCARD

    def _may_discard_present(self) -> bool:
        state = self._store.state
        if not state.unsaved:
            return True
        what = "the changes to" if state.dirty else "what was trained, set and marked in"
        answer = self._ask(f"Save {what} “{title_of(state)}”?", "Without saving they are lost.", SAVE | DISCARD | CANCEL)
        return answer == DISCARD or (answer == SAVE and self.save())

    def _ask(self, text: str, why: str, buttons: QMessageBox.StandardButton) -> int:
        """Ask about unsaved changes; returns the button that was chosen. Enter saves where that is among the answers."""
        box = QMessageBox(QMessageBox.Icon.Question, "Unsaved changes", text, buttons, self._window)
        box.setInformativeText(why)
        if buttons & SAVE:
            box.setDefaultButton(SAVE)
        answer = box.exec()
        box.deleteLater()
        return answer

    def _folder(self) -> str:
        recent = self._settings.recent
        return str(Path(recent[0]).parent) if recent else str(Path.home())

    def _tell(self, what: str, why: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, "Deltastep", what, QMessageBox.StandardButton.Ok, self._window)
        box.setInformativeText(why)
        box.exec()
        box.deleteLater()


def title_of(state: AppState) -> str:
    """Return what the experiment is called."""
    return state.problem.title or (Path(state.path).stem if state.path else "New experiment")


def dropped_file(data: QMimeData) -> str | None:
    """Return the one local file that is dragged, if any."""
    urls = [url for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []
    return urls[0].toLocalFile() if len(urls) == 1 else None
