"""The libraries Qt expects from the system: which are missing, and the packages that bring them. Linux only."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterable

# library: (Debian and Ubuntu package, Fedora package)
FOR_QT = {
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
    "libEGL.so.1": ("libegl1", "libglvnd-egl"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
}
FOR_A_WINDOW_ON_X = {
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb"),
}


def missing(names: Iterable[str], load: Callable[[str], object] = ctypes.CDLL) -> list[str]:
    """Return those of `names` that the system's loader cannot find."""
    absent = []
    for name in names:
        try:
            load(name)
        except OSError:
            absent.append(name)
    return absent


def named_in(error: str) -> str:
    """Return the library that a failed import complains about, or "" if it complains about something else."""
    found = re.search(r"(lib[\w.+-]+\.so[.\d]*): cannot open shared object file", error)
    return found.group(1) if found else ""


def sentence(names: list[str]) -> str:
    """Return one sentence for the user: which libraries are missing and the commands that bring them."""
    known = [packages for name, packages in {**FOR_QT, **FOR_A_WINDOW_ON_X}.items() if name in names]
    what = f"Qt needs the system {'library' if len(names) == 1 else 'libraries'} {', '.join(names)}"
    if not known:
        return f"{what}; `apt-file search {names[0]}` or `dnf provides '*/{names[0]}'` names the package."
    apt, dnf = (" ".join(dict.fromkeys(column)) for column in zip(*known, strict=True))
    return f"{what}: `apt-get install {apt}` (Debian, Ubuntu) or `dnf install {dnf}` (Fedora) brings what is missing."
