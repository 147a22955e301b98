"""Whether a window can be opened here. Asked before Qt is loaded, because Qt ends the process when it finds no display."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

_NEED_NO_SERVER = ("offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs", "vkkhrdisplay")
_PATIENCE = 2.0  # seconds for a display on another machine to answer


def has_display(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether Qt will find a display: always on Windows and macOS, elsewhere where an X or Wayland server answers."""
    if sys.platform in ("win32", "darwin"):
        return True
    platform = environment.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if platform in _NEED_NO_SERVER:
        return True
    wayland = platform in ("", "wayland", "wayland-egl") and _wayland_answers(environment)
    return wayland or (platform in ("", "xcb") and _x_answers(environment.get("DISPLAY", "")))


def _wayland_answers(environment: Mapping[str, str]) -> bool:
    name = environment.get("WAYLAND_DISPLAY", "")
    return bool(name) and _answers(socket.AF_UNIX, str(Path(environment.get("XDG_RUNTIME_DIR", "/")) / name))


def _x_answers(display: str) -> bool:
    """`display` as in ":0", ":0.0" or "host:10.0"."""
    host, separator, number = display.rpartition(":")
    number = number.partition(".")[0]
    if not separator or not number.isdigit():
        return False
    if host in ("", "unix"):
        socket_path = f"/tmp/.X11-unix/X{number}"
        return _answers(socket.AF_UNIX, socket_path) or _answers(socket.AF_UNIX, f"\0{socket_path}")
    return _answers(socket.AF_INET, (host.strip("[]"), 6000 + int(number)))


def _answers(family: int, address: str | tuple[str, int]) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(_PATIENCE)
            connection.connect(address)
    except (OSError, OverflowError, UnicodeError):
        return False
    return True
