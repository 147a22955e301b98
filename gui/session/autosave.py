"""Writes unsaved work to the application's data folder: each window has a file of its own there, and a lock beside it."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QStandardPaths, QTimer

from gui.session.file import Left, Writer, bookmarks, left_of, print_of, worth_keeping
from gui.session.keeping import Bookmark
from gui.session.offers import SUFFIX, Offers, lock_of
from gui.state import AppState
from gui.store import Store
from model.atomic import write_whole
from model.problem import Problem

EVERY = 20_000  # milliseconds
SOON = 2_000  # milliseconds until work is written for the first time
SHARE = 20  # times as long as writing took is the least time until it is done again: a run of millions of updates is large


def data_folder() -> Path:
    """Return the folder for what the application keeps by itself."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation))


class Autosave(QObject):
    """Keeps the store's state on disk while there is something to lose. Writing happens in a thread; `error` says what went wrong."""

    def __init__(self, store: Store, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._folder = store, folder
        self._lock: QLockFile | None = None
        self._file = Path()
        self._writer = Writer()
        self._written: AppState | None = None
        self._thread: threading.Thread | None = None
        self._not_before = 0.0
        self._kept = False  # whether there is anything of this window on disk
        self.error = ""
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(self._on_timeout)
        self._soon = QTimer(self, singleShot=True, interval=SOON)
        self._soon.timeout.connect(self._on_timeout)

    def start(self) -> None:
        """Begin to write to a file of the window's own: soon after there is anything to lose and after a run, and every 20 seconds."""
        folder = self._folder = (self._folder or data_folder()) / "unsaved"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.error = f"{folder}: {error.strerror}"
            return
        self._file = folder / f"{os.getpid()}-{os.urandom(4).hex()}{SUFFIX}"
        lock = lock_of(self._file)
        if lock.tryLock(0):
            self._lock = lock
            self._timer.start()
            self._store.changed.connect(self._on_store_changed)
        else:
            self.error = f"{folder}: no file can be locked here"

    def offers(self) -> Offers:
        """Return what windows that are gone have left."""
        return Offers(self._folder, self._file)

    def write_now(self) -> None:
        """Write what would be lost, before this returns."""
        self._begin()
        self._wait()

    def close(self) -> None:
        """Forget everything: the window closes as it should."""
        self._timer.stop()
        self._soon.stop()
        self._wait()
        if self._lock is not None:
            self._file.unlink(missing_ok=True)
            self._lock.unlock()
            self._lock = None

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        ended = old.training > 0 and not new.training  # somebody has waited for this run
        if self._lock is not None and (ended or not self._kept) and not self._soon.isActive():
            self._soon.start()

    def _on_timeout(self) -> None:
        if (self._thread is None or not self._thread.is_alive()) and time.monotonic() >= self._not_before:
            self._begin()

    def _begin(self) -> None:
        state = self._store.state
        if self._lock is None or state is self._written:
            return
        self._wait()
        self._written = state
        self._kept = worth_keeping(state)
        if self._kept:
            left = left_of(state, time.time())
            self._thread = threading.Thread(target=self._write, args=(left,), name="autosave")
            self._thread.start()
        else:
            self._file.unlink(missing_ok=True)

    def _write(self, left: Left) -> None:
        began = time.monotonic()
        try:
            write_whole(self._file, self._writer.text(left).encode("utf-8", "replace"))
            self.error = ""
        except OSError as error:
            self.error, self._written = f"{error.filename}: {error.strerror}", None
        self._not_before = time.monotonic() + SHARE * (time.monotonic() - began)

    def _wait(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None


class BookmarkFolder:
    """The bookmarks of examples, by their content; files of the user's hold theirs themselves."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def load(self, problem: Problem) -> tuple[Bookmark, ...]:
        """Return the bookmarks kept for an experiment; none if they cannot be read."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            return bookmarks(json.loads(self._file(problem).read_text(encoding="utf-8")))
        return ()

    def save(self, problem: Problem, marks: tuple[Bookmark, ...]) -> None:
        """Keep the bookmarks of an experiment. A folder that cannot be written to loses them with the window."""
        file = self._file(problem)
        with contextlib.suppress(OSError):
            if marks:
                file.parent.mkdir(parents=True, exist_ok=True)
                write_whole(file, json.dumps([asdict(mark) for mark in marks], ensure_ascii=False).encode("utf-8", "replace"))
            else:
                file.unlink(missing_ok=True)

    def _file(self, problem: Problem) -> Path:
        return (self._folder or data_folder()) / "bookmarks" / f"{print_of(problem)}.json"
