"""Hours of training with the window open, in a minute: memory and the time of a repaint must stay what they were.

One run after the other is trained in pieces with everything on screen, one pane after the other, with seeks in between and a Reset
after each. Caches of numbers and symbols have a largest size and fill up in the first half; from then on nothing may grow.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RUNS, PIECES, PIECE = 24, 4, 6_000
LEAK_MB = 6.0
SLOWER = 1.5
SIZE = (1280, 860)
PANES = 10


def rows() -> Iterator[dict[str, object]]:
    """Yield one dictionary per measured case: name, value, unit, baseline, baseline_value, ratio, budget, ok."""
    found = _measure()
    yield _row("soak: growth of memory in the last quarter", found["growth"], "MB", "history of one run", found["history"], LEAK_MB)
    late, early = found["late"], found["early"]
    yield _row("soak: repaint of the window at the end", late, "ms", "the same in the third quarter", early, round(SLOWER * early, 2))
    yield _row("soak: growth of widgets and timers in the last quarter", found["objects"], "objects", "all of them", found["all"], 0)


def _row(name: str, value: float, unit: str, baseline: str, baseline_value: float, budget: float) -> dict[str, object]:
    return {
        "name": name, "value": round(value, 2), "unit": unit, "baseline": baseline, "baseline_value": round(baseline_value, 2),
        "ratio": round(baseline_value / value, 2) if value > 0 else None, "budget": budget, "ok": value <= budget,
    }  # fmt: skip


def _measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        env = os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}
        command = [sys.executable, str(Path(__file__)), "soak"]
        answer = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=True, timeout=1200)
    result: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return result


def _memory() -> float:
    """Return the resident memory in MB, after everything that is free has been given back where the system can."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return float(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def soak() -> dict[str, float]:
    """Train, look at every pane, seek, edit and undo; measure after each round."""
    sys.path.insert(0, str(ROOT))
    from PySide6.QtCore import QObject

    from gui import actions
    from gui.app import make_application, make_window, settle
    from gui.settings import Settings

    app = make_application(["deltastep"])
    window = make_window("xor", Settings(str(Path(os.environ["XDG_CONFIG_HOME"]) / "settings.ini")))
    window.resize(*SIZE)
    window.show()
    while not hasattr(window, "panes"):
        app.processEvents()
    settle(window.store.pauses)
    memory, repaints, objects, history = [], [], [], 0.0
    for number in range(RUNS):
        for piece in range(PIECES):
            window.panes.show_tab((number * PIECES + piece) % PANES)
            _train(app, window, actions, PIECE)
            window.store.dispatch(actions.seek, 1 + piece * PIECE // 2, 5)
            app.processEvents()
        repaints.append(median(_repaint(window) for _ in range(5)))
        memory.append(_memory())
        objects.append(len(window.findChildren(QObject)))
        history = window.store.state.run.nbytes / 2**20
        window.store.dispatch(actions.reset)
    third, fourth = slice(RUNS // 2, 3 * RUNS // 4), slice(3 * RUNS // 4, RUNS)
    result = {
        "growth": max(memory[fourth]) - median(memory[third]), "history": history,
        "early": median(repaints[third]), "late": median(repaints[fourth]),
        "objects": max(objects[fourth]) - max(objects[third]), "all": max(objects[third]),
    }  # fmt: skip
    window.store.dispatch(actions.mark_saved, "")
    window.close()
    return result


def _train(app: Any, window: Any, actions: Any, updates: int) -> None:
    window.store.dispatch(actions.start_training, updates)
    while window.store.state.training:
        app.processEvents()
    _settle(app)


def _settle(app: Any) -> None:
    end = time.perf_counter() + 0.25
    while time.perf_counter() < end:
        app.processEvents()


def _repaint(window: Any) -> float:
    began = time.perf_counter()
    window.grab()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    print(json.dumps(soak()))
