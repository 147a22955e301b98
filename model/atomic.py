"""Writing a file whole or not at all: the old file stays until the new one is complete on the disk."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PathName = str | os.PathLike[str]


def write_whole(path: PathName, data: bytes) -> None:
    """Write `data` to `path`. Raises OSError, and then nothing has changed."""
    with writing(path) as file:
        file.write(data)


@contextlib.contextmanager
def writing(path: PathName) -> Iterator[BinaryIO]:
    """Give a file to write to that takes its place at `path` when the block ends, and vanishes if the block raises.

    Entering it shows at once whether `path` can be written. A symbolic link is followed; the permissions of an existing file are
    kept. What is not a regular file (a pipe, /dev/null) is written directly, because it cannot be replaced. Raises OSError.
    """
    target = Path(os.path.realpath(path))
    try:
        with target.open("wb") if target.exists() and not target.is_file() else _replacing(target) as file:
            yield file
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None  # the temporary file's name says nothing to a user


@contextlib.contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:60]}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_permissions(target))
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _permissions(target: Path) -> int:
    """Return the permissions of the old file, or those of any new file (temporary files are private)."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
