"""Writing a file whole or not at all: the old file stays until the new one is complete on the disk."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

PathName = str | os.PathLike[str]


def write_whole(path: PathName, data: bytes) -> None:
    """Write `data` to `path`. Raises OSError, and then nothing has changed."""
    with writing(path) as file:
        file.write(data)


@contextlib.contextmanager
def writing(path: PathName) -> Iterator[BinaryIO]:
    """Give a file to write to that takes its place at `path` when the block ends, and vanishes if the block raises.

    Entering it shows at once whether `path` can be written. A symbolic link is followed; the permissions of an existing file are
    kept, and one without permission to write is not replaced. What is not a regular file (a pipe, /dev/null) is written directly,
    because it cannot be replaced. Raises OSError that names `path`; what else the block raises, also about other files, passes.
    """
    with _named(path):
        target = _target(os.fspath(path))
    part = target.parent / f".{target.name[:40]}.{os.urandom(8).hex()}.part"
    file: BinaryIO | None = None
    try:  # the name is chosen before it is used, so that being ended at any moment leaves nothing
        with _named(path):
            file = io.BufferedWriter(_NamedFile(_standard(os.fspath(path)) or _open(target, part), path))
            replaces = part.exists()
        yield file
        with _named(path):
            _finish(file, part if replaces else None, target)
    except BaseException:
        with contextlib.suppress(OSError):
            if file is not None:
                file.close()
        with contextlib.suppress(OSError):
            part.unlink()
        raise


@contextlib.contextmanager
def _named(path: PathName) -> Iterator[None]:
    """Let errors name the file that was asked for; the temporary file's name says nothing to a user."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None


class _NamedFile(io.FileIO):
    """An open file whose writing errors name the file that was asked for, wherever several files are being written."""

    def __init__(self, handle: int, path: PathName) -> None:
        super().__init__(handle, "wb")
        self._path = path

    def write(self, data: Any, /) -> int:
        with _named(self._path):
            return super().write(data)


def _target(path: str) -> Path:
    """Return the file that is really written. Raises OSError where a folder is named that is not there."""
    if path.endswith(("/", os.sep)) and not os.path.isdir(path):
        raise FileNotFoundError(errno.ENOENT, "there is no such folder")
    return Path(os.path.realpath(path))


def _standard(path: str) -> int | None:
    """Return another handle of a standard stream that is named as a file; what it leads to goes on being written, not replaced."""
    found = re.fullmatch(r"/dev/std(out|err)|/(?:dev|proc/self)/fd/(\d{1,4})", path)
    if found is None:
        return None
    sys.stdout.flush()
    return os.dup(int(found[2]) if found[2] else 1 + (found[1] == "err"))


def _open(target: Path, part: Path) -> int:
    """Return a handle of a new private file, or of the target itself where that cannot be replaced."""
    if target.exists() and not target.is_file():
        return os.open(target, os.O_WRONLY)
    if target.is_file() and not (target.stat().st_mode & 0o222 and os.access(target, os.W_OK)):
        raise PermissionError(errno.EACCES, "it is write-protected")
    return os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _finish(file: BinaryIO, part: Path | None, target: Path) -> None:
    """Close the file, and put it into its place once it is complete on the disk."""
    file.flush()
    if part is not None:
        os.fsync(file.fileno())
    file.close()
    if part is not None:
        part.chmod(_permissions(target))
        part.replace(target)


def _permissions(target: Path) -> int:
    """Return the permissions of the old file, or those of any new file (temporary files are private)."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
