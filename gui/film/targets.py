"""Where films are written: a file that can be rewound, or a folder that appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from model.film import FilmError


@contextlib.contextmanager
def seekable(file: BinaryIO) -> Iterator[BinaryIO]:
    """Give the file itself, or a buffer for one that cannot be rewound, such as a pipe."""
    if file.seekable():
        yield file
        return
    buffer = BytesIO()
    yield buffer
    file.write(buffer.getbuffer())


@contextlib.contextmanager
def folder(path: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of `path` when the block ends, and vanishes if the block raises.

    A symbolic link is followed. Raises FilmError if `path` is the current folder, whose place cannot be taken, or holds anything but
    an earlier film, OSError if it cannot be written.
    """
    try:
        _check_folder(path)
        with _replacing(path.resolve()) as made:
            yield made
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None  # the temporary folder's name says nothing to a user


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix=f".{path.name[:60]}.", suffix=".part", dir=path.parent))
    old = made.with_suffix(".old")
    try:
        yield made
        made.chmod(0o777 & ~_umask())
        if path.exists():
            path.rename(old)
        made.rename(path)
    except BaseException:
        if old.exists() and not path.exists():
            old.rename(path)
        shutil.rmtree(made, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _check_folder(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise FilmError(f"{path}: this is a file; allowed: a new folder, or one with an earlier film")
    if path.resolve() == Path.cwd():
        raise FilmError(f"{path}: this is the current folder; allowed: a new folder, or one with an earlier film")
    others = sorted(entry.name for entry in path.iterdir() if not _is_frame(entry)) if path.exists() else []
    if others:
        raise FilmError(
            f'{path}: this folder holds other things, such as "{others[0]}"; allowed: a new folder, or one with an earlier film'
        )


def _is_frame(entry: Path) -> bool:
    return entry.is_file() and entry.suffix == ".png" and entry.stem.removeprefix("frame-").isdigit()
