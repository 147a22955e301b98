"""Offers what was unsaved when a window was killed, in one bar that waits for an answer and stands in nobody's way."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QLabel, QMainWindow, QMessageBox, QSizePolicy, QToolBar, QToolButton

from gui.actions import open_problem
from gui.session.actions import open_document
from gui.session.autosave import Autosave, BookmarkFolder
from gui.session.file import Head, Left, SessionError, is_content_of
from gui.session.keeping import Bookmark
from gui.session.offers import Offer, Offers
from gui.state import AppState, as_saved
from gui.store import Store
from model.examples import path_of
from model.format.file import ProblemError, load

LONGEST_TITLE = 48


class RecoveryBar(QToolBar):
    """One sentence with Restore and Discard; "Later" closes it, and the next start asks again.

    **Arguments:** what is called when its buttons are pressed, in their order.
    """

    def __init__(
        self, restored: Callable[[], None], discarded: Callable[[], None], all_discarded: Callable[[], None], later: Callable[[], None]
    ) -> None:
        super().__init__("Unsaved work")
        self.setObjectName("recovery")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._words.setMinimumWidth(120)  # a longer sentence is cut off before the buttons are
        self.addWidget(self._words)
        self._add("Restore", "Take up the work where it was", restored)
        self._add("Discard…", "Delete it", discarded)
        self._all = self._add("Discard all…", "Delete all unsaved work that was found", all_discarded)
        self._later = self._add("Later", "Leave it where it is; the next start asks again", later)

    def _add(self, text: str, tip: str, clicked: Callable[[], None]) -> QToolButton:
        button = QToolButton(text=text, toolTip=tip, focusPolicy=Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(text)
        button.clicked.connect(clicked)
        self.addWidget(button)
        return button

    def say(self, sentence: str, of: int = 0) -> None:
        """Show a sentence; of: how many there are to answer about, 0 if it is only to be read."""
        answers = of > 0
        self._words.setText(sentence)
        self._words.setToolTip(sentence)
        for action, shown in zip(self.actions()[1:4], (answers, answers, of > 1), strict=True):
            action.setVisible(shown)
        self._later.setText("Later" if answers else "Close")


class Recovery(QObject):
    """Ties autosave, bookmarks and the bar to one window. may_leave: asks whether the present experiment may be left."""

    def __init__(self, store: Store, window: QMainWindow, may_leave: Callable[[], bool], folder: Path | None = None) -> None:
        super().__init__(window)
        self._store, self._window, self._may_leave = store, window, may_leave
        self.autosave = Autosave(store, folder, self)
        self._marks = BookmarkFolder(folder)
        self._bar: RecoveryBar | None = None
        self._offers = Offers(None)
        self._asking = False

    def start(self) -> None:
        """Begin to write, and offer what was left; after the first picture."""
        self._store.changed.connect(self._on_store_changed)
        self._take_marks(self._store.state)
        self.autosave.start()
        self._offers = self.autosave.offers()
        if self._offers:
            self._show()
        elif self._store.state.notice:
            self._say(self._store.state.notice)
        elif self.autosave.error:
            self._say(f"Unsaved work cannot be kept for you: {self.autosave.error}")

    def write_now(self) -> None:
        """Write what would be lost, before this returns."""
        self.autosave.write_now()

    def close(self) -> None:
        """The window closes as it should: nothing of it is unsaved any more."""
        self._offers = Offers(None)
        self.autosave.close()

    def _show(self) -> None:
        found = self._offers.first()
        if found is None:
            self._hide()
            return
        count = len(self._offers)
        self._say(in_words(found[1], time.time()) + (f" And {count - 1:,} more." if count > 1 else ""), count)

    def _say(self, sentence: str, of: int = 0) -> None:
        if self._bar is None:
            self._bar = RecoveryBar(self._on_restore, self._on_discard, self._on_discard_all, self._on_later)
            self._window.addToolBarBreak()
            self._window.addToolBar(self._bar)
        self._bar.say(sentence, of)
        self._bar.setVisible(not self._store.state.options.projector)  # it is nothing for an audience
        self._asking = of > 0

    def _hide(self) -> None:
        if self._bar is not None:
            self._window.removeToolBar(self._bar)
            self._bar.deleteLater()
            self._bar = None

    def _on_later(self) -> None:
        if self._asking:
            self._hide()
        else:
            self._show()  # what was to be read may have taken the place of a question

    def _on_discard(self) -> None:
        found = self._offers.first()
        if found is not None and self._may_delete(f"Delete {called(found[1])}?", "It was left by a window that did not close.", "Delete"):
            self._done_with(found[0])

    def _done_with(self, offer: Offer) -> None:
        """Delete what is not needed any more, and offer the next."""
        offer.discard()
        self._offers.pass_over()
        self._show()

    def _on_discard_all(self) -> None:
        question = f"Delete all {len(self._offers):,} pieces of unsaved work?"
        if self._may_delete(question, "They were left by windows that did not close.", "Delete all"):
            self._offers.discard_all()
            self._show()

    def _may_delete(self, question: str, why: str, verb: str) -> bool:
        buttons = QMessageBox.StandardButton
        box = QMessageBox(QMessageBox.Icon.Question, "Unsaved work", question, parent=self._window)
        box.setInformativeText(f"{why} What is deleted cannot be brought back.")
        box.setStandardButtons(buttons.Discard | buttons.Cancel)
        box.button(buttons.Discard).setText(verb)
        answer = box.exec()
        box.deleteLater()
        return bool(answer == buttons.Discard)

    def _on_restore(self) -> None:
        found = self._offers.first()
        if found is None or not self._may_leave():
            return
        try:
            left = found[0].left()
        except SessionError as error:
            self._offers.pass_over()  # it stays where it is
            self._say(str(error))
            return
        take_up(self._store, left)
        self.autosave.write_now()
        self._done_with(found[0])

    def _take_marks(self, state: AppState) -> None:
        marks = self._marks.load(state.saved) if not state.bookmarks and not state.own_file else ()
        if marks:
            self._store.dispatch(_with_bookmarks, marks)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if self._bar is not None and old.options.projector != new.options.projector:
            self._bar.setVisible(not new.options.projector)
        if old.saved is not new.saved and new.run is not old.run:
            self._take_marks(new)
            if new.notice:
                self._say(new.notice)
            elif not self._asking:
                self._show()
        elif (old.bookmarks, old.saved) != (new.bookmarks, new.saved) and not new.dirty and not new.own_file:
            self._marks.save(new.saved, new.bookmarks)


def _with_bookmarks(state: AppState, marks: tuple[Bookmark, ...]) -> AppState:
    return as_saved(replace(state, bookmarks=marks))


def called(head: Head) -> str:
    """Return what an experiment is called, in quotation marks."""
    name = head.title or (Path(head.path).stem if head.path else "New experiment")
    return f"“{name if len(name) <= LONGEST_TITLE else name[: LONGEST_TITLE - 1] + '…'}”"


def in_words(head: Head, now: float) -> str:
    """Return what is offered: the experiment's name, when it was last written, how far its run had come."""
    written = time.localtime(head.when)
    day = "" if now - head.when < 12 * 3600 else time.strftime("%d %b, ", written)
    trained = f", {head.length:,} updates" if head.length > 1 else ""
    return f"Unsaved work was found: {called(head)} of {day}{time.strftime('%H:%M', written)}{trained}."


def take_up(store: Store, left: Left) -> None:
    """Open in a store what was left: the experiment, its run, the cursor and the bookmarks, none of which is saved."""
    store.open(open_document, left.problem, left.path, left.session)
    store.dispatch(_unsaved, changed=not left.clean or not _is_in_file(left))


def _is_in_file(left: Left) -> bool:
    try:
        return left.path is not None and is_content_of(left, load(path_of(left.path)))
    except ProblemError:
        return False


def _unsaved(state: AppState, changed: bool) -> AppState:
    """Return the state with work that is in no file; changed: nor is the experiment as it is."""
    before = as_saved(open_problem(state, state.problem, state.path)).saved_work
    return replace(state, saved=replace(state.problem) if changed else state.saved, saved_work=before)
