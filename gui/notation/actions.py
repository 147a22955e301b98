"""The notations to choose from, built-in and the user's own: menu, toolbar, and making, editing, deleting, importing, exporting one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from gui import actions as act
from gui.panel.fields import Choice
from gui.settings import Settings
from gui.state import AppState
from gui.store import Store
from model.notation.own import OwnNotations, derived, own_name, profile_data, read_profile, write_profile
from model.notation.profile import Notation

FILTER = "Notations (*.json);;All files (*)"

if TYPE_CHECKING:
    from gui.notation.editor import Board


class NotationActions(QObject):
    """built_in: (name, shown text) of the built-in notations. make_board: makes a blackboard for the preview."""

    def __init__(
        self, store: Store, settings: Settings, built_in: tuple[tuple[str, str], ...], make_board: Callable[[], Board], window: QWidget
    ) -> None:
        super().__init__(window)
        self._store, self._window, self._built_in, self._make_board = store, window, built_in, make_board
        self.own = OwnNotations(settings.path.parent / "notations")
        self._group = QActionGroup(self)
        self._group.triggered.connect(self._on_action_triggered)
        self._menu: QMenu | None = None
        self._choice: Choice | None = None
        self._named: dict[str, QAction] = {}
        store.dispatch(act.set_profiles, self.own.profiles())

    def handlers(self) -> dict[str, Callable[[], object]]:
        """Return what the commands of this subject do, by their names in `gui.shortcuts`."""
        names = ("notation_new", "notation_edit", "notation_delete", "notation_import", "notation_export")
        return dict(zip(names, (self.new, self.edit, self.delete, self.import_file, self.export_file), strict=True))

    def attach(self, menu: QMenu, choice: Choice, named: dict[str, QAction]) -> None:
        """Offer the notations in a menu and in a field; some commands exist for own ones only."""
        self._menu, self._choice, self._named = menu, choice, named
        choice.chosen.connect(self._on_chosen)
        self._fill(self._store.state)
        self._store.changed.connect(self._on_store_changed)

    def _fill(self, state: AppState) -> None:
        assert self._menu is not None
        assert self._choice is not None
        for action in self._group.actions():
            self._group.removeAction(action)
            self._menu.removeAction(action)
            action.deleteLater()
        self._choice.clear()
        for name, text, short in (*((name, text, text) for name, text in self._built_in), *_own(state)):
            self._choice.addItem(short, name)
            action = QAction(text.replace("&", "&&"), self._menu, checkable=True)
            action.setData(name)
            self._group.addAction(action)
            self._menu.addAction(action)
        self._show(state)

    def _show(self, state: AppState) -> None:
        assert self._choice is not None
        name = state.notation.name
        self._choice.show_value(name)
        for action in self._group.actions():
            action.setChecked(action.data() == name)
        self._named["notation_edit"].setEnabled(bool(state.notation.based_on))
        self._named["notation_delete"].setEnabled(any(profile.name == name for profile in state.profiles))

    def new(self) -> None:
        """Make a notation of one's own from the present one."""
        present = self._store.state.notation
        title = dict(self._built_in).get(present.name, present.title)
        self._open(self._data(present), own_name(title, self._names()), f"My {title}")

    def edit(self) -> None:
        """Change the present notation, if it is one's own."""
        present = self._store.state.notation
        if present.based_on:
            self._open(self._data(present), present.name, present.title)

    def _data(self, notation: Notation) -> dict[str, Any]:
        """Return the JSON of a notation; one that came with the file is in no folder."""
        return profile_data(notation) if notation == self._store.state.embedded else self.own.data(notation.name)

    def _names(self) -> tuple[str, ...]:
        return tuple(profile.name for profile in self._store.state.profiles)

    def _titles(self, but: str) -> list[str]:
        return [*dict(self._built_in).values(), *(p.title for p in self._store.state.profiles if p.name != but)]

    def _open(self, data: dict[str, Any], name: str, title: str) -> None:
        from gui.notation.editor import NotationEditor

        dialog = NotationEditor(self._store, self._make_board(), data, name, title, self._titles(name), self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(self._on_editor_accepted)
        dialog.open()

    def _on_editor_accepted(self) -> None:
        self.take(self.sender().data)  # type: ignore[attr-defined]

    def take(self, data: dict[str, Any]) -> bool:
        """Save an own notation and write everything in it; returns whether it could be saved."""
        try:
            notation = self.own.save(data)
        except (OSError, ValueError) as error:
            self._tell("The notation could not be saved.", error)
            return False
        self._store.dispatch(act.set_profiles, self.own.profiles())
        self._store.dispatch(act.set_notation, notation.name)
        return True

    def delete(self) -> None:
        """Delete the present notation, if it is one's own, after asking."""
        present, buttons = self._store.state.notation, QMessageBox.StandardButton
        if present.name not in self._names():
            return
        box = QMessageBox(QMessageBox.Icon.Question, "Delete a notation", f"Delete the notation “{present.title}”?", parent=self._window)
        box.setInformativeText("It cannot be brought back. Export it first if you want to keep a copy.")
        box.setStandardButtons(buttons.Discard | buttons.Cancel)
        box.button(buttons.Discard).setText("Delete")
        answer = box.exec()
        box.deleteLater()
        if answer == buttons.Discard:
            try:
                self.own.delete(present.name)
            except OSError as error:
                self._tell("The notation could not be deleted.", error)
            self._store.dispatch(act.set_profiles, self.own.profiles())

    def import_file(self) -> None:
        """Let the user choose a notation that was exported, and take it."""
        path, _ = QFileDialog.getOpenFileName(self._window, "Import a notation", str(Path.home()), FILTER)
        if path:
            self.import_path(path)

    def import_path(self, path: str) -> bool:
        """Take a notation from a file under a name of its own; returns whether that was possible."""
        try:
            data = read_profile(path)
        except (OSError, ValueError) as error:
            self._tell("This notation cannot be taken.", error)
            return False
        titles, title, number = self._titles(""), str(data["title"]), 2
        while title in titles:
            title, number = f"{data['title']} {number}", number + 1
        return self.take(derived(data, title, own_name(title, self._names())))

    def export_file(self) -> None:
        """Let the user choose where the present notation is written to."""
        name = self._store.state.notation.name
        path, _ = QFileDialog.getSaveFileName(self._window, "Export the notation", str(Path.home() / f"{name}.json"), FILTER)
        if path:
            self.export_path(path if Path(path).suffix else f"{path}.json")

    def export_path(self, path: str) -> bool:
        """Write the present notation to a file that can be imported elsewhere; a built-in one as one made from it."""
        present = self._store.state.notation
        data = self._data(present)
        if not present.based_on:
            data = derived(data, dict(self._built_in).get(present.name, present.title), own_name(present.name))
        try:
            write_profile(path, data)
        except (OSError, ValueError) as error:
            self._tell("The notation could not be written.", error)
            return False
        return True

    def _tell(self, what: str, error: Exception) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, "Deltastep", what, QMessageBox.StandardButton.Ok, self._window)
        box.setInformativeText(str(getattr(error, "strerror", None) or error))
        box.exec()
        box.deleteLater()

    def _on_action_triggered(self, action: QAction) -> None:
        self._on_chosen(action.data())

    def _on_chosen(self, name: str) -> None:
        self._store.dispatch(act.set_notation, name)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if (old.profiles, old.embedded) != (new.profiles, new.embedded):
            self._fill(new)
        elif old.options.notation != new.options.notation:
            self._show(new)


def _own(state: AppState) -> list[tuple[str, str, str]]:
    """Return name, text and short text of the notations beside the built-in ones; a title that is there twice is never short."""
    kept = {profile.name for profile in state.profiles}
    titles = [one.title for one in state.own_notations]
    texts = [(one, one.title if one.name in kept else f"{one.title} (from the file)") for one in state.own_notations]
    return [(one.name, text, one.title if titles.count(one.title) == 1 else text) for one, text in texts]
