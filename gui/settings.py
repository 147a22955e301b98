"""What the window remembers between two starts: its layout, its look and the files used last. A corrupt file is replaced."""

from __future__ import annotations

import configparser
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

RECENT_LIMIT = 8
T = TypeVar("T")


class Settings:
    """A thin, forgiving layer over QSettings: a value of the wrong type counts as absent."""

    def __init__(self, path: str | None = None) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation)
        self.path = Path(path or Path(folder) / "settings.ini")
        if not _readable(self.path):
            self.path.unlink(missing_ok=True)
        self._settings = QSettings(str(self.path), QSettings.Format.IniFormat)

    def get(self, key: str, default: T) -> T:
        """Return a remembered value of the type of `default`, or `default`."""
        try:
            value = (
                self._settings.value(key, default, type(default))
                if not isinstance(default, QByteArray)
                else self._settings.value(key, default)
            )
        except (TypeError, ValueError, EOFError, SystemError):
            return default
        return value if isinstance(value, type(default)) else default

    def set(self, key: str, value: object) -> None:
        """Remember a value."""
        self._settings.setValue(key, value)

    def sync(self) -> None:
        """Write everything now."""
        self._settings.sync()

    @property
    def recent(self) -> list[str]:
        """The files used last, newest first, without those that are gone."""
        listed = self._settings.value("recent", [])
        names = [listed] if isinstance(listed, str) else listed if isinstance(listed, list) else []
        return [name for name in names if isinstance(name, str) and Path(name).is_file()][:RECENT_LIMIT]

    def add_recent(self, path: str) -> None:
        """Put a file at the head of the list."""
        name = str(Path(path).resolve())
        self._settings.setValue("recent", [name, *(other for other in self.recent if other != name)][:RECENT_LIMIT])


def _readable(path: Path) -> bool:
    """Return whether the settings file is what QSettings writes; a file that does not exist is fine."""
    if not path.exists():
        return True
    try:
        text = path.read_text(encoding="utf-8")
        parser = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=(";",))
        parser.read_string(text)
    except (OSError, UnicodeDecodeError, configparser.Error):
        return False
    return "\0" not in text and "@Variant(" not in text  # nothing of ours is written that way
