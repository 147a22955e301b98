"""The canvas in the whole window, measured in a process of its own by `bench_canvas`: panning, zooming, a large network, rest."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAN, ZOOM = "pan", "zoom"
# what is measured of 784-300-100-10: unit and budget
LARGE = {
    "open to first picture": ("s", 3.0),
    "key to painted frame, p95": ("ms", 250.0),
    "a frame while panning, p95": ("ms", 50.0),
    "processor at rest": ("% of one core", 1.0),
    "memory, resident": ("MB", 600.0),
}
FRAMES, REST = 40, 3.0


def rows() -> Iterator[dict[str, object]]:
    """Yield nothing: `bench_canvas` reports what is measured here."""
    yield from ()


def dense() -> dict[str, float]:
    """Milliseconds of a frame while 30-30 is panned and zoomed."""
    app, window = _window((30, 30), "dW:1")
    _settle(app, 2.0)
    canvas = window.canvas
    canvas.zoom(1.5)
    app.processEvents()
    return {PAN: _p95(app, lambda i: _pan(canvas, i)), ZOOM: _p95(app, lambda i: canvas.zoom(1.02 if i % 2 else 1 / 1.02))}


def large() -> dict[str, float]:
    """Everything of 784-300-100-10 by the names of LARGE."""
    from gui import actions

    began = time.perf_counter()
    app, window = _window((784, 300, 100, 10), "")
    opened = time.perf_counter() - began
    _settle(app, 2.0)
    steps = _p95(app, lambda _: window.store.dispatch(actions.step), 16)
    window.canvas.zoom(1.5)
    app.processEvents()
    panning = _p95(app, lambda i: _pan(window.canvas, i))
    _settle(app, 1.0)
    resting = _at_rest(app)
    return dict(zip(LARGE, (opened, steps, panning, resting, _resident()), strict=True))


def _pan(canvas: Any, i: int) -> None:
    from PySide6.QtCore import QPointF

    canvas.pan(QPointF(9, 4) if i % 20 < 10 else QPointF(-9, -4))


def _p95(app: Any, action: Any, frames: int = FRAMES) -> float:
    times = []
    for i in range(frames):
        began = time.perf_counter()
        action(i)
        app.processEvents()
        times.append(1e3 * (time.perf_counter() - began))
    return sorted(times)[round(0.95 * (frames - 1))]


def _at_rest(app: Any) -> float:
    """Return the processor time of a window that nobody touches, in hundredths of the time."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop(app)  # not the application's own, which closes the window when it ends
    QTimer.singleShot(round(1000 * REST), loop.quit)
    began = time.process_time()
    loop.exec()
    return 100 * (time.process_time() - began) / REST


def _resident() -> float:
    """Return the resident memory in MB: as it is now on Linux, the most there was elsewhere."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1e6 if sys.platform == "darwin" else 1e3)


def _window(layers: tuple[int, ...], at: str) -> tuple[Any, Any]:
    from gui import actions
    from gui.app import make_application, make_window, settle
    from gui.settings import Settings

    problem = {
        "format": "deltastep-problem/1", "layers": layers, "activations": ["sigmoid"] * (len(layers) - 1), "loss": "half_squared_error",
        "init": {"scheme": "xavier_uniform", "seed": 1}, "x": [[(i % 7) / 7 for i in range(layers[0])]],
        "y": [[1.0] + [0.0] * (layers[-1] - 1)], "learning_rate": 0.1,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.json"
        file.write_text(json.dumps(problem), encoding="utf-8")
        app = make_application(["deltastep"])
        window = make_window(str(file), Settings())
    if at:
        window.store.dispatch(actions.seek_address, at)
    window.resize(1600, 1000)
    painted: list[bool] = []
    window.canvas.painted.connect(lambda: painted.append(True))
    window.show()
    while not painted:
        app.processEvents()
    settle(window.store.pauses)
    return app, window


def _settle(app: Any, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        app.processEvents()
        time.sleep(0.005)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    print(json.dumps({"dense": dense, "large": large}[sys.argv[1]]()), flush=True)
    os._exit(0)
