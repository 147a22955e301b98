"""What windows that were killed have left unsaved, newest first. Only what is offered next is read, however many there are. No Qt window.

A lock of a process that is gone can be taken: its file is an offer. Whoever has the lock is the only one that asks about it.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import QLockFile

from gui.session.file import LONGEST_HEAD, Head, Left, SessionError, head_of, read

AT_A_TIME = 25  # locks that are tried at once; with hundreds of files left behind, that takes as long as one picture
SUFFIX = ".session"


class Offer:
    """Unsaved work of a window that is gone. Nobody else is offered it as long as this object has the lock."""

    def __init__(self, file: Path, lock: QLockFile) -> None:
        self._file, self._lock = file, lock

    def head(self) -> Head:
        """Return what it is called and when it was written. Raises SessionError where the file cannot be read."""
        head = head_in(self._file)
        return self.left().head if head.title is None else head

    def left(self) -> Left:
        """Return the work itself. Raises SessionError where the file cannot be read."""
        try:
            return read(self._file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise SessionError(f"{self._file}: {error}") from None

    def discard(self) -> None:
        """Delete it."""
        self._file.unlink(missing_ok=True)
        self._lock.unlock()


class Offers:
    """Unsaved work in a folder, without that of window `own`; files that cannot be read are left alone."""

    def __init__(self, folder: Path | None, own: Path | None = None) -> None:
        files = [] if folder is None else [file for file in folder.glob(f"*{SUFFIX}") if file != own]
        self._files = [file for _, file in sorted(_dated(files), reverse=True)]
        self._locked: list[Offer] = []
        self._lock_some()

    def __len__(self) -> int:
        """How many there are; where there are more than `AT_A_TIME`, work that other windows keep may still be among them."""
        return len(self._locked) + len(self._files) if self._locked else 0

    def first(self) -> tuple[Offer, Head] | None:
        """Return the newest one, and what it is called; what turns out not to be readable is passed over."""
        while self._locked:
            with contextlib.suppress(SessionError):
                return self._locked[0], self._locked[0].head()
            self.pass_over()
        return None

    def pass_over(self) -> None:
        """Go on to the next one; the first is left to whoever starts later, unless it was discarded."""
        del self._locked[:1]
        while self._files and not self._locked:
            self._lock_some()

    def discard_all(self) -> None:
        """Delete all of them, but what other windows have."""
        while self._locked:
            self._locked[0].discard()
            self.pass_over()

    def _lock_some(self) -> None:
        tried, self._files = self._files[:AT_A_TIME], self._files[AT_A_TIME:]
        pairs = ((file, lock_of(file)) for file in tried)
        self._locked = [Offer(file, lock) for file, lock in pairs if lock.tryLock(0)]


def lock_of(file: Path) -> QLockFile:
    """Return the lock beside a file, not taken yet."""
    lock = QLockFile(str(file.with_suffix(".lock")))
    lock.setStaleLockTime(0)  # a lock is stale when its process is gone, however long that took
    return lock


def head_in(file: Path) -> Head:
    """Return what stands first in a file of unsaved work. Raises SessionError."""
    try:
        with file.open("rb") as source:
            return head_of(source.read(LONGEST_HEAD).decode("utf-8", "replace"))
    except OSError as error:
        raise SessionError(f"{file}: {error.strerror}") from None


def _dated(files: list[Path]) -> list[tuple[float, Path]]:
    found = []
    for file in files:
        with contextlib.suppress(SessionError):
            found.append((head_in(file).when, file))
    return found
