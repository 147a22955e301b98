"""The window: start to first painted frame, key to painted frame, and its longest silence while it trains.

Each figure is measured in a process of its own, so that nothing is warm that would be cold for a user.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STARTS, WALKS, KEYS, SECONDS = 5, 3, 80, 3.0  # the median of so many starts, and of so many walks of so many keys
REPEAT = 1 / 30  # seconds between two keys
SIZE = (1600, 1000)
TRAINED = {"dyda-sigmoid": "Dyda's network", "spirals": "spirals, 2-24-24-1", "digits": "digits, 64-32-10"}


def rows() -> Iterator[dict[str, object]]:
    """Yield one dictionary per measured case: name, value, unit, baseline, baseline_value, ratio, budget, ok."""
    starts, empty = [sorted(_measure(what)["ms"] for _ in range(STARTS + 1))[:-1] for what in ("start", "empty")]
    yield _row("start to first painted frame", _median(starts), "ms", "an empty Qt window", _median(empty), 1000)
    keys = sorted((_measure("keys") for _ in range(WALKS)), key=lambda walk: walk["ms"])[WALKS // 2]
    yield _row("key to painted frame, p95, Dyda's network", keys["ms"], "ms", "repainting every widget", keys["baseline"], 16)
    for network, name in TRAINED.items():
        silence = _measure("silence", network)
        yield _row(f"longest silence while training, {name}", silence["ms"], "ms", "silence while at rest", silence["baseline"], 33)


def _row(name: str, value: float, unit: str, baseline: str, baseline_value: float, budget: float) -> dict[str, object]:
    return {
        "name": name, "value": round(value, 2), "unit": unit, "baseline": baseline, "baseline_value": round(baseline_value, 2),
        "ratio": round(baseline_value / value, 2), "budget": budget, "ok": value <= budget,
    }  # fmt: skip


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _measure(what: str, *arguments: str) -> dict[str, float]:
    """Run one of the measurements below in a fresh process, with settings of its own."""
    with tempfile.TemporaryDirectory() as home:
        folders = {"XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}  # no unsaved work is offered
        env = os.environ | {"QT_QPA_PLATFORM": "offscreen", "BENCH_STARTED": str(time.time()), **folders}
        command = [sys.executable, str(Path(__file__)), what, *arguments]
        answer = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    result: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return result


def start() -> dict[str, float]:
    """From the start of the process to the first painted frame of the window."""
    from gui.app import show_window

    app, window = _window()
    ended: list[float] = []
    window.canvas.painted.connect(lambda: ended.append(time.time()))
    show_window(window)
    while not ended:
        app.processEvents()
    app.processEvents()
    return _closed(app, window, {"ms": 1000 * (ended[0] - float(os.environ["BENCH_STARTED"]))})


def empty() -> dict[str, float]:
    """The same for a window with nothing in it."""
    from PySide6.QtWidgets import QApplication, QMainWindow

    app = QApplication([])
    window = QMainWindow()
    window.resize(*SIZE)
    window.show()
    app.processEvents()
    return {"ms": 1000 * (time.time() - float(os.environ["BENCH_STARTED"]))}


def keys() -> dict[str, float]:
    """From Right to the painted frame: 80 keys, which is five updates and more, as fast as a keyboard repeats a key held down."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    app, window = _window()
    _settle(app, window)
    painted = _painted_clock(window.canvas)
    took = []
    for _ in range(KEYS):
        began = time.perf_counter()
        QTest.keyClick(window.canvas, Qt.Key.Key_Right)
        painted.wait(app)
        took.append(1000 * (painted.at - began))
        while time.perf_counter() < began + REPEAT:  # the tables follow, and the next step is prepared
            app.processEvents()
            time.sleep(0.001)
    whole = []
    for _ in range(20):
        began = time.perf_counter()
        window.repaint()
        whole.append(1000 * (time.perf_counter() - began))
    return _closed(app, window, {"ms": sorted(took)[round(0.95 * (KEYS - 1))], "baseline": _median(whole)})


def _painted_clock(canvas: Any) -> Any:
    """Return a clock whose `wait(app)` ends when a frame has been painted that was begun after the call; then `at` says when.

    An event posted from the canvas's paint is served when the whole window has been painted, and before any timer.
    """
    from PySide6.QtCore import QCoreApplication, QEvent, QObject

    class Clock(QObject):
        waiting, at = False, 0.0

        def wait(self, app: Any) -> None:
            self.waiting, self.at = True, 0.0
            while not self.at:
                app.processEvents()

        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if self.waiting and event.type() == QEvent.Type.Paint:
                self.waiting = False
                QCoreApplication.postEvent(self, QEvent(QEvent.Type.User))
            return False

        def event(self, event: QEvent) -> bool:
            if event.type() == QEvent.Type.User:
                self.at = time.perf_counter()
            return super().event(event)

    clock = Clock(canvas)
    canvas.installEventFilter(clock)
    return clock


def silence(network: str) -> dict[str, float]:
    """The longest time in which a timer of 1 ms is not served, while updates are computed as fast as they can be, from Run to Stop."""
    from gui.actions import start_training, stop_training

    app, window = _window(_file(network))
    _settle(app, window)
    rest = _longest_gap(app, (SECONDS / 3, lambda: None))
    begin, end = (lambda: window.store.dispatch(start_training, 10_000_000)), (lambda: window.store.dispatch(stop_training))
    gap = _longest_gap(app, (0.0, begin), (SECONDS, end), (SECONDS / 20, lambda: None))
    return _closed(app, window, {"ms": gap, "baseline": rest})


def _file(network: str) -> str:
    """Return an example, or a file with the network that suits a built-in data set."""
    from model.data.datasets import DATASETS
    from model.data.recipes import suited
    from model.examples import example_names, open_problem
    from model.format.file import save

    if network in example_names():
        return network
    file = Path(os.environ["XDG_CONFIG_HOME"]) / f"{network}.json"
    save(suited({"name": network, "seed": 1}, DATASETS[network].outputs[0], network, open_problem("dyda-sigmoid")), file)
    return str(file)


def _longest_gap(app: Any, *parts: tuple[float, Callable[[], object]]) -> float:
    """Let the window run for so many seconds each time and then do something; returns the longest silence of all that, in milliseconds."""
    from PySide6.QtCore import QEventLoop, QTimer

    times = [time.perf_counter()]
    timer = QTimer()
    timer.timeout.connect(lambda: times.append(time.perf_counter()))
    timer.start(1)
    for seconds, then in parts:
        loop = QEventLoop(app)  # not the application's own, which closes the window when it ends
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()
        then()
    timer.stop()
    return 1000 * max(b - a for a, b in pairwise(times))


def _window(file: str | None = None) -> tuple[Any, Any]:
    from gui.app import make_application, make_window
    from gui.settings import Settings

    app = make_application(["deltastep"])
    window = make_window(file, Settings())
    window.resize(*SIZE)
    return app, window


def _settle(app: Any, window: Any) -> None:
    """Let the plot and the symbols arrive, as they have when a person presses the first key."""
    from gui.app import show_window

    show_window(window)
    end = time.perf_counter() + 2.0
    while time.perf_counter() < end:
        app.processEvents()
        time.sleep(0.005)
    window.activateWindow()
    window.canvas.setFocus()


def _closed(app: Any, window: Any, result: dict[str, float]) -> dict[str, float]:
    window.worker.stop()
    window.board.close_loader()
    return result


MEASUREMENTS: dict[str, Callable[..., dict[str, float]]] = {"start": start, "empty": empty, "keys": keys, "silence": silence}

if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    print(json.dumps(MEASUREMENTS[sys.argv[1]](*sys.argv[2:])), flush=True)
    os._exit(0)
