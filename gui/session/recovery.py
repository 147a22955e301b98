"""Offers what was unsaved when a window was killed, in one bar that waits for an answer and stands in nobody's way."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QLabel, QMainWindow, QSizePolicy, QToolBar, QToolButton

from gui.actions import seek, set_granularity, set_stop, start_training
from gui.session.actions import restore
from gui.session.autosave import Autosave, BookmarkFolder, Offer
from gui.session.file import Session, is_content_of
from gui.session.keeping import Bookmark
from gui.state import AppState
from gui.store import Store
from model.examples import path_of
from model.format.file import ProblemError, load
from model.parameters import layer_slices
from model.run import Run

AT_ONCE = 5_000_000  # parameters times updates that are computed again without the training thread
LONGEST_TITLE = 48


class RecoveryBar(QToolBar):
    """One sentence with Restore and Discard; "later" closes it, and the next start asks again."""

    def __init__(self, restored: Callable[[], None], discarded: Callable[[], None], later: Callable[[], None]) -> None:
        super().__init__("Unsaved work")
        self.setObjectName("recovery")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._words.setMinimumWidth(120)  # a longer sentence is cut off before the buttons are
        self.addWidget(self._words)
        self._restore = self._add("Restore", "Take up the work where it was", restored)
        self._discard = self._add("Discard", "Delete it", discarded)
        self._later = self._add("Ask again", "Leave it where it is; the next start asks again", later)

    def _add(self, text: str, tip: str, clicked: Callable[[], None]) -> QToolButton:
        button = QToolButton(text=text, toolTip=tip, focusPolicy=Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(text)
        button.clicked.connect(clicked)
        self.addWidget(button)
        return button

    def say(self, sentence: str, answers: bool = True) -> None:
        """Show a sentence, with the answers or only to be read."""
        self._words.setText(sentence)
        self._words.setToolTip(sentence)
        for action in self.actions()[1:3]:
            action.setVisible(answers)
        self._later.setText("Ask again" if answers else "Close")


class Recovery(QObject):
    """Ties autosave, bookmarks and the bar to one window. may_leave: asks whether the present experiment may be left."""

    def __init__(self, store: Store, window: QMainWindow, may_leave: Callable[[], bool], folder: Path | None = None) -> None:
        super().__init__(window)
        self._store, self._window, self._may_leave = store, window, may_leave
        self.autosave = Autosave(store, folder, self)
        self._marks = BookmarkFolder(folder)
        self._bar: RecoveryBar | None = None
        self._offers: list[Offer] = []

    def start(self) -> None:
        """Begin to write, and offer what was left; after the first picture."""
        self._store.changed.connect(self._on_store_changed)
        self._take_marks(self._store.state)
        self.autosave.start()
        self._offers = self.autosave.offers()
        if self._offers:
            self._show()
        elif self.autosave.error:
            self._say(f"Unsaved work cannot be kept for you: {self.autosave.error}", answers=False)

    def write_now(self) -> None:
        """Write what would be lost, before this returns."""
        self.autosave.write_now()

    def close(self) -> None:
        """The window closes as it should: nothing of it is unsaved any more."""
        self._offers = []
        self.autosave.close()

    def _show(self) -> None:
        if not self._offers:
            self._hide()
            return
        offer, more = self._offers[0], len(self._offers) - 1
        self._say(in_words(offer.session, time.time()) + (f" And {more} more." if more else ""))

    def _say(self, sentence: str, answers: bool = True) -> None:
        if self._bar is None:
            self._bar = RecoveryBar(self._on_restore, self._on_discard, self._hide)
            self._window.addToolBarBreak()
            self._window.addToolBar(self._bar)
        self._bar.say(sentence, answers)

    def _hide(self) -> None:
        if self._bar is not None:
            self._window.removeToolBar(self._bar)
            self._bar.deleteLater()
            self._bar = None

    def _on_discard(self) -> None:
        self._offers.pop(0).discard()
        self._show()

    def _on_restore(self) -> None:
        if not self._may_leave():
            return
        offer = self._offers.pop(0)
        take_up(self._store, offer.session)
        self.autosave.write_now()
        offer.discard()
        self._show()

    def _take_marks(self, state: AppState) -> None:
        marks = self._marks.load(state.saved) if not state.bookmarks else ()
        if marks:
            self._store.dispatch(_with_bookmarks, marks)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if old.saved is not new.saved and new.run is not old.run:
            self._take_marks(new)
        elif (old.bookmarks, old.saved) != (new.bookmarks, new.saved) and not new.dirty:
            self._marks.save(new.saved, new.bookmarks)


def _with_bookmarks(state: AppState, marks: tuple[Bookmark, ...]) -> AppState:
    return replace(state, bookmarks=marks)


def in_words(session: Session, now: float) -> str:
    """Return what is offered: the experiment's name, when it was last written, how far its run had come."""
    name = session.problem.title or (Path(session.path).stem if session.path else "New experiment")
    name = name if len(name) <= LONGEST_TITLE else name[: LONGEST_TITLE - 1] + "…"
    written = time.localtime(session.when)
    day = "" if now - session.when < 12 * 3600 else time.strftime("%d %b, ", written)
    trained = f", {session.length:,} updates" if session.length > 1 else ""
    return f"Unsaved work was found: “{name}” of {day}{time.strftime('%H:%M', written)}{trained}."


def take_up(store: Store, session: Session) -> None:
    """Open a session in a store: the experiment, its run computed again, the cursor and the bookmarks."""
    problem, path = session.problem, session.path
    run = Run(problem, split=session.split, schedule=session.schedule, planned=dict(session.retunes), offset=session.offset)
    store.open(restore, problem, path, run, session.bookmarks)
    if not session.clean or not _is_in_file(session):
        store.dispatch(_unsaved)
    store.dispatch(set_granularity, session.granularity)
    store.dispatch(set_stop, session.stop)
    size = layer_slices(problem.layers, problem.has_biases)[-1].stop
    if problem.learning_rate is None or session.length == 1 or session.length * size <= AT_ONCE:
        run.record(session.length)
        store.dispatch(_as_long_as, session.length)
        store.dispatch(seek, session.step, session.tick)
    else:
        store.dispatch(start_training, session.length - 1)


def _is_in_file(session: Session) -> bool:
    try:
        return session.path is not None and is_content_of(session, load(path_of(session.path)))
    except ProblemError:
        return False


def _unsaved(state: AppState) -> AppState:
    """Return the state with an experiment that is in no file as it is."""
    return replace(state, saved=replace(state.problem))


def _as_long_as(state: AppState, length: int) -> AppState:
    return replace(state, run_length=length)
