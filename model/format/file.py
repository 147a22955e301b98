"""Reading and writing `deltastep-problem/1` files. A saved file loads to the same experiment, bit for bit."""

from __future__ import annotations

import json
import os

from model.atomic import write_whole
from model.format.checks import JsonObject, RefusedError
from model.format.schema import document_from
from model.format.session import Session
from model.format.writer import dumps, same
from model.problem import Problem

LARGEST_FILE = 256 * 2**20


class ProblemError(ValueError):
    """A problem file that cannot be used. `str()` is one line: file, position in it, what is wrong, what is allowed.

    position: as in `expected[3].unit`, or line and column where the JSON itself is broken; empty if the file cannot be read.
    """

    def __init__(self, file: str, position: str, message: str) -> None:
        self.file, self.position, self.message = file, position, message
        super().__init__(" ".join(": ".join(part for part in (file, position, message) if part).split()))


def load(path: str | os.PathLike[str]) -> Problem:
    """Read the experiment of a problem file. Raises ProblemError as `load_document`."""
    return load_document(path)[0]


def load_document(path: str | os.PathLike[str]) -> tuple[Problem, Session | None]:
    """Read a problem file: the experiment and the session, if one was saved.

    Raises ProblemError for everything that can be wrong with it, also if it cannot be read.
    """
    name = os.fspath(path)
    try:
        with open(name, "rb", opener=_without_waiting) as file:
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise ProblemError(name, "", _reading_failed(error)) from None
    if len(data) > LARGEST_FILE:
        raise ProblemError(name, "", f"the file is too large; allowed: at most {LARGEST_FILE // 2**20} MiB")
    return loads_document(_decoded(data, name), name)


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; a named pipe too, without waiting for somebody to write into it: it then reads as empty."""
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if os.name == "posix":
        os.set_blocking(handle, True)
    return handle


def _reading_failed(error: OSError | ValueError) -> str:
    allowed = "allowed: a problem file (JSON) or the name of a built-in example"
    if isinstance(error, FileNotFoundError):
        return f"no such file; {allowed}"
    if isinstance(error, IsADirectoryError):
        return f"this is a folder; {allowed}"
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"the file cannot be read ({reason}); {allowed}"


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        raise ProblemError(name, f"line {line}, byte {error.start}", "this is not UTF-8; allowed: JSON text in UTF-8") from None


def loads(text: str, name: str = "problem") -> Problem:
    """Return the experiment that a JSON text describes; `name` stands for the file in errors. Raises ProblemError."""
    return loads_document(text, name)[0]


def loads_document(text: str, name: str = "problem") -> tuple[Problem, Session | None]:
    """Return the experiment and the session that a JSON text describes, as `loads`."""
    if not text.strip():
        raise ProblemError(name, "line 1, column 1", 'the file is empty; allowed: one JSON object with "format": "deltastep-problem/1"')
    try:
        return document_from(_parsed(text))
    except RefusedError as refused:
        raise ProblemError(name, refused.position, refused.message) from None
    except RecursionError:
        raise ProblemError(name, "top level", "brackets are nested too deeply; allowed: at most 4 levels of lists in an object") from None


def _parsed(text: str) -> object:
    """Return the JSON value, its objects as JsonObject. NaN and infinities become floats, which no key accepts."""
    try:
        return json.loads(text, object_pairs_hook=JsonObject)
    except json.JSONDecodeError as error:
        message = f"this is not JSON ({error.msg}); allowed: one JSON object"
        raise RefusedError(f"line {error.lineno}, column {error.colno}", message) from None
    except ValueError:  # Python refuses to read whole numbers of more than some thousand digits
        raise RefusedError("top level", "a whole number has more than 4,300 digits; allowed: numbers up to 1.8e308") from None


def save(problem: Problem, path: str | os.PathLike[str], session: Session | None = None) -> None:
    """Write a problem file, whole or not at all; an existing file is kept on any error. Raises OSError."""
    write_whole(path, dumps(problem, session).encode("utf-8", "replace"))


__all__ = ["LARGEST_FILE", "ProblemError", "dumps", "load", "load_document", "loads", "loads_document", "same", "save"]
