"""The program as a person meets it: a real window on a virtual screen, driven by keys, judged by pictures of the screen."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLS = [name for name in ("Xvfb", "openbox", "xdotool", "xwd") if shutil.which(name) is None]

pytestmark = [
    # On CI the tools have to be there: a skipped test proves nothing.
    pytest.mark.skipif(bool(TOOLS) and "CI" not in os.environ, reason=f"apt-get install xvfb openbox xdotool x11-apps brings {TOOLS}"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a virtual screen needs X"),
]


def until(ask: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Ask again and again until the answer is true."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.05)
    return answer


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A virtual screen with a window manager; the environment for programs that use it."""
    assert not TOOLS, f"missing: {', '.join(TOOLS)}"
    reading, writing = os.pipe()
    arguments = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(arguments, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as answer:
        display = answer.readline().strip()
    assert display, "Xvfb did not start"
    hidden = ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    env = {name: value for name, value in os.environ.items() if name not in hidden} | {"DISPLAY": f":{display}", "HOME": str(tmp_path)}
    manager = subprocess.Popen(["openbox"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield env
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait()


class Window:
    """The running program's main window."""

    def __init__(self, env: dict[str, str], said: Path) -> None:
        self.env = env
        with said.open("wb") as log:
            self.program = subprocess.Popen([sys.executable, str(ROOT / "main.py")], env=env, stdout=log, stderr=log, cwd=said.parent)
        self.said = said
        self.id = until(self._find, "the window")
        self._xdotool("windowactivate", "--sync", self.id)
        self._xdotool("mousemove", "1279", "799")

    def _xdotool(self, *arguments: str) -> str:
        answer = subprocess.run(["xdotool", *arguments], env=self.env, capture_output=True, text=True, timeout=30, check=False)
        return answer.stdout

    def _find(self) -> str:
        assert self.program.poll() is None, f"the program ended by itself: {self.said.read_text()}"
        found = self._xdotool("search", "--onlyvisible", "--pid", str(self.program.pid), "--name", "Deltastep").split()
        return found[0] if found else ""

    def press(self, key: str) -> None:
        self._xdotool("key", key)

    def pixels(self) -> bytes:
        """The picture of the window, without the header, which holds the title."""
        dump = subprocess.run(["xwd", "-silent", "-id", self.id], env=self.env, capture_output=True, timeout=30, check=True).stdout
        header = struct.unpack(">25I", dump[:100])
        return dump[header[0] + 12 * header[19] :]

    def settled(self, unlike: bytes = b"") -> bytes:
        """The picture once it differs from `unlike` and three in a row are the same."""
        last: list[bytes] = []

        def at_rest() -> bool:
            last.append(self.pixels())
            return len(last) >= 3 and last[-1] == last[-2] == last[-3] != unlike

        until(at_rest, "a new picture that stays")
        return last[-1]


def different(one: bytes, other: bytes) -> int:
    """Return how many pixels of two pictures differ."""
    pixels, others = (np.frombuffer(picture, dtype=np.uint32) for picture in (one, other))
    return int((pixels != others).sum())


@pytest.fixture
def window(screen: dict[str, str], tmp_path: Path) -> Iterator[Window]:
    opened = Window(screen, tmp_path / "said.txt")
    yield opened
    with suppress(ProcessLookupError):
        opened.program.kill()
    opened.program.wait()


def test_ten_steps_forwards_one_back_and_out(window: Window) -> None:
    pictures = [window.settled()]
    for _ in range(10):
        window.press("Right")
        pictures.append(window.settled(unlike=pictures[-1]))
    assert len(set(pictures)) == 11, "each step shows something new"
    assert len({colour for at in range(0, len(pictures[0]), 4096) for colour in [pictures[0][at : at + 4]]}) > 3, "the window is not blank"
    window.press("Left")
    back = window.settled(unlike=pictures[-1])
    # Painted in other parts, a soft edge of a stroke may differ by a shade; a step changes thousands of pixels.
    assert different(back, pictures[-2]) < 300, "a step back shows what was there before"
    assert different(back, pictures[-1]) > 3000, "and not what the step had shown"
    window.press("ctrl+q")
    assert window.program.wait(timeout=30) == 0
    assert window.said.read_text() == ""
