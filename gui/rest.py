"""Whether the desktop wants programs to keep still: asked of whatever tells it, and again when the program comes to the front."""

from __future__ import annotations

import contextlib
import os
import sys
from configparser import Error, RawConfigParser
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QStyle

# file in the folder of settings, its section and key, and the value that asks for rest
_FILES = (
    ("kdeglobals", "KDE", "AnimationDurationFactor", ("0", "0.0", "0.00")),
    ("gtk-4.0/settings.ini", "Settings", "gtk-enable-animations", ("0", "false")),
    ("gtk-3.0/settings.ini", "Settings", "gtk-enable-animations", ("0", "false")),
)
_PORTAL = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings", "Read")
# what is asked over the bus, and the answer that asks for rest
_KEYS = (("org.freedesktop.appearance", "reduced-motion", 1), ("org.gnome.desktop.interface", "enable-animations", False))
_ANSWER_MS = 2000
_told: dict[str, bool] = {}


def system_rests() -> bool:
    """Return whether the desktop asks for no animation, as far as it tells."""
    application = QGuiApplication.instance()
    if not isinstance(application, QApplication):
        return False
    if "system" not in _told:
        _told["system"] = _asked()
    return any(_told.values()) or application.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0


def _asked() -> bool:
    """Ask what can be asked at once: a system call on Windows, settings files elsewhere."""
    if sys.platform == "win32":
        return _windows_rests()
    if sys.platform == "darwin":
        return _mac_rests(Path.home() / "Library/Preferences/com.apple.universalaccess.plist")
    return any(_file_rests(*entry) for entry in _FILES)


def _file_rests(name: str, section: str, key: str, rest: tuple[str, ...]) -> bool:
    path = QStandardPaths.locate(QStandardPaths.StandardLocation.GenericConfigLocation, name)
    parser = RawConfigParser(strict=False, interpolation=None)
    with contextlib.suppress(OSError, UnicodeDecodeError, Error):  # a desktop's file that cannot be read tells nothing
        parser.read(path, encoding="utf-8")
    return bool(path) and parser.get(section, key, fallback="").strip().lower() in rest


def _mac_rests(path: Path) -> bool:
    import plistlib  # brings a parser of XML, which no other desktop needs at the start

    with contextlib.suppress(OSError, plistlib.InvalidFileException):
        return bool(plistlib.loads(path.read_bytes()).get("reduceMotion"))
    return False


def _windows_rests() -> bool:
    import ctypes

    shown = ctypes.c_int(1)
    found = ctypes.windll.user32.SystemParametersInfoW(0x1042, 0, ctypes.byref(shown), 0)  # type: ignore[attr-defined,unused-ignore]
    return bool(found) and not shown.value


class RestWatcher(QObject):
    """Asks the desktop's portal, which answers when it likes, and everything anew when the program is activated."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        application.applicationStateChanged.connect(self._on_state_changed)
        self._ask()

    def _on_state_changed(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            _told.pop("system", None)
            self._ask()

    def _ask(self) -> None:
        if sys.platform in ("win32", "darwin") or not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):  # without it Qt would start a bus
            return
        from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher

        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            return
        for space, key, rest in _KEYS:
            message = QDBusMessage.createMethodCall(*_PORTAL)
            message.setArguments([space, key])
            watcher = QDBusPendingCallWatcher(bus.asyncCall(message, _ANSWER_MS), self)
            watcher.setProperty("asked", (key, rest))
            watcher.finished.connect(self._on_finished)

    def _on_finished(self, watcher: QObject) -> None:
        key, rest = watcher.property("asked")
        answer = watcher.reply().arguments()  # type: ignore[attr-defined]
        value = answer[0] if answer else None
        while hasattr(value, "variant"):  # the portal wraps its answer twice
            value = value.variant()
        _told[key] = value == rest and value is not None and not isinstance(value, str)
        watcher.deleteLater()
