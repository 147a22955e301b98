"""How fast films are made at 1920 × 1080, with motion: frames per second, against painting and comparing every frame whole."""

from __future__ import annotations

import importlib.util
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from gui.film.frames import FrameMaker
from gui.film.make import make_film
from model.examples import open_problem
from model.film import FilmPlan, FilmSettings

BUDGET = 25.0
NETWORKS = ("dyda-sigmoid", "biswas-figure-1", "theta-digits")
FRAMES = 300  # of the film, after which it is given up
WHOLE = 6  # frames painted whole for the baseline


def rows() -> Iterator[dict[str, object]]:
    """Yield one dictionary per measured case: name, value, unit, baseline, baseline_value, ratio, budget, ok."""
    app = QGuiApplication.instance() or QGuiApplication([])
    suffixes = (".mp4", ".gif") if importlib.util.find_spec("av") else (".gif",)
    for name in NETWORKS:
        whole = _whole(name)
        for suffix in suffixes:
            speed = _film(name, suffix)
            yield {
                "name": f"film 1080p {suffix}: {name}", "value": round(speed, 1), "unit": "frames/s", "baseline": "painting frames whole",
                "baseline_value": round(whole, 1), "ratio": round(speed / whole, 1), "budget": f"≥ {BUDGET:g}", "ok": speed >= BUDGET,
            }  # fmt: skip
    del app


def _settings() -> FilmSettings:
    return FilmSettings(width=1920)


def _film(name: str, suffix: str) -> float:
    """Return frames per second of film, from the problem to the first frames in the file."""
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        with closing(make_film(open_problem(name), Path(place) / f"film{suffix}", _settings())) as film:
            done = next(progress.done for progress in film if progress.done >= FRAMES)
        return done / (time.perf_counter() - start)


def _whole(name: str) -> float:
    """Return frames per second when every frame is painted as if nothing were known of the one before."""
    maker = FrameMaker(FilmPlan(open_problem(name), _settings()))
    start = time.perf_counter()
    for number in islice(range(maker.count), WHOLE):
        maker.still(number)
    return min(WHOLE, maker.count) / (time.perf_counter() - start)
