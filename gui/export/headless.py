"""Qt for the verbs that paint: without a display, and with the same bytes in every run."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from model.format.file import ProblemError

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

LATEST_EPOCH = 253_402_300_799  # the end of the year 9999
EPOCH = "SOURCE_DATE_EPOCH"


def headless(make: Callable[[], QCoreApplication] | None = None) -> QCoreApplication:
    """Return the application that painting needs; keep it while there is something to paint. Raises ProblemError for a bad date.

    make: makes another kind of application, if there is none yet.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_HASH_SEED"] = "0"  # read when Qt is loaded: otherwise the fonts of a PDF come in another order each time
    try:
        source_date()
    except ValueError as error:
        raise ProblemError("", "", str(error)) from None
    from PySide6.QtGui import QGuiApplication

    return QGuiApplication.instance() or (QGuiApplication(["deltastep"]) if make is None else make())


def source_date() -> int | None:
    """Return the seconds that SOURCE_DATE_EPOCH puts in place of the present, None if it is not set. Raises ValueError."""
    text = os.environ.get(EPOCH, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LATEST_EPOCH)) and int(text) <= LATEST_EPOCH):
        raise ValueError(f"{EPOCH}: a whole number of seconds from 0 to {LATEST_EPOCH:,} is needed, found {text[:40]!r}")
    return int(text)
