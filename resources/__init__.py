"""The files that come with the program: examples, notations, data, fonts and icons."""

from pathlib import Path

_ROOT = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """Return the full path of a bundled file or folder, given relative to this folder: `path("icons/play.svg")`."""
    return _ROOT / name
