"""How fast the network is drawn: full repaints against one graphics item per edge, key to frame, panning, hit-testing, a large network.

The baseline is a QGraphicsView of 1280×720 with a raster viewport, antialiasing, and one QGraphicsLineItem per edge at the same place,
with the same colour and a pen as wide: with opaque pens, as this program's strokes are, in Qt's usual caps and in round ones, and with
pens whose opacity grows with the value. Which way Qt's rasteriser strokes depends on caps and opacity, and its time by a factor of ten.
The limit is what Qt takes to blend as many pixels without turning anything.
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

import numpy as np
from bench_canvas_window import LARGE, PAN, ZOOM
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsLineItem, QGraphicsScene, QGraphicsView

from gui.diagram.build import DiagramOptions, build_diagram
from gui.diagram.hit_test import hit
from gui.diagram.paint import paint
from gui.diagram.primitives import Diagram, Lines
from gui.theme import LIGHT, Scale
from model.examples import open_problem
from model.expr.tree import NumberFormat
from model.moment import Moment
from model.notation.profile import load_notation
from model.problem import Problem, frozen
from model.run import Run
from model.stages import build_walk

ROOT = Path(__file__).resolve().parents[2]
SIZE = (1280, 720)
REPEATS = 25
FRAME = 1000 / 60
LEAST_OPACITY = 0.25


def rows() -> Iterator[dict[str, object]]:
    """Yield one dictionary per measured case: name, value, unit, baseline, baseline_value, ratio, budget, ok."""
    app = QApplication.instance() or QApplication([])
    spread, values = _spread()
    ours = _median(lambda: _paint(spread))
    yield _row("canvas, 900 edges, widths 0.5–4 px, 1280×720", ours, 16.0)
    fading, cap = LEAST_OPACITY + (1 - LEAST_OPACITY) * np.abs(values), Qt.PenCapStyle
    items = _items_ms(spread, fading, cap.SquareCap)
    yield _against("canvas, 900 edges against translucent items", ours, items, "one translucent QGraphicsLineItem per edge")
    # Opaque square-capped lines are Qt's one fast case: even the limit below is not 20 times as fast.
    for name, caps in (("round-capped", cap.RoundCap), ("square-capped", cap.SquareCap)):
        items = _items_ms(spread, None, caps)
        yield _told(f"canvas, 900 edges against opaque {name} items", ours, items, "one such QGraphicsLineItem per edge")
    yield _told("canvas, 900 edges: how near the limit", ours, _median(lambda: _blend(spread)), "as many pixels, blended level")
    dense = build_diagram(_moment(_network(30, 30), "dW:1"), LIGHT, DiagramOptions(), *SIZE)
    yield _row("canvas, full repaint of 30-30, 1280×720", _median(lambda: _paint(dense)), 16.0)
    digits = _moment(_network(784, 30, 10), "dW:1")
    large = build_diagram(digits, LIGHT, DiagramOptions(), *SIZE)
    yield _row("canvas, full repaint of 784-30-10, 1280×720", _median(lambda: _paint(large)), 50.0)
    yield _row("canvas, step of 784-30-10: build and paint", _median(lambda: _frame(digits)), 50.0)
    yield _walk("dyda-sigmoid")
    yield _walk("biswas-figure-1")
    every_edge = _all_edges()
    yield _row("canvas, hit-test among 23,820 edges", _median(lambda: hit(every_edge, 640, 360), 100), 1.0)
    del app
    yield from _in_the_window()


def _row(name: str, value: float, budget: float, unit: str = "ms") -> dict[str, object]:
    return {
        "name": name, "value": round(value, 3), "unit": unit, "baseline": None, "baseline_value": None, "ratio": None,
        "budget": f"{budget:.4g} {unit}", "ok": value <= budget,
    }  # fmt: skip


def _against(name: str, value: float, baseline: float, what: str, least: float = 20.0) -> dict[str, object]:
    return {
        "name": name, "value": round(value, 3), "unit": "ms", "baseline": what, "baseline_value": round(baseline, 1),
        "ratio": round(baseline / value, 1), "budget": f"{least:g}× the baseline", "ok": baseline / value >= least,
    }  # fmt: skip


def _told(name: str, value: float, baseline: float, what: str) -> dict[str, object]:
    return _against(name, value, baseline, what, 0.0) | {"ratio": round(baseline / value, 2), "budget": None}


def _median(action: Callable[[], object], repeats: int = REPEATS) -> float:
    return float(np.median(_times(action, repeats)))


def _times(action: Callable[[], object], repeats: int) -> list[float]:
    """Return milliseconds of each repeat, after one that fills the caches."""
    action()
    result = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        result.append(1e3 * (time.perf_counter() - start))
    return result


def _network(*layers: int) -> Problem:
    rng = np.random.default_rng(3)
    pairs = list(pairwise(layers))
    return Problem(
        layers=layers,
        activations=("sigmoid",) * len(pairs),
        loss="half_squared_error",
        weights=tuple(frozen(rng.normal(size=(n, k)) * 2 / np.sqrt(k)) for k, n in pairs),
        biases=tuple(frozen(rng.normal(size=n)) for _, n in pairs),
        x=frozen(rng.normal(size=(1, layers[0]))),
        y=frozen(np.eye(layers[-1])[:1]),
        learning_rate=0.1,
    )


def _moment(problem: Problem, at: str) -> Moment:
    notation = load_notation(problem.notation)
    record = Run(problem).record(1)
    walk = build_walk(problem, record.m, notation.presentation)
    return Moment(record, walk, walk.find(at), "layer", notation, NumberFormat(notation.decimals))


_image = QImage(*SIZE, QImage.Format.Format_RGB32)
_strip = QImage(4, 8, QImage.Format.Format_ARGB32_Premultiplied)
_strip.fill(QColor(0, 0, 90, 90))


def _paint(picture: Diagram) -> None:
    painter = QPainter(_image)
    paint(painter, picture, fast=True)
    painter.end()


def _frame(moment: Moment) -> None:
    _paint(build_diagram(moment, LIGHT, DiagramOptions(title="Update 1 · backward · gradient"), *SIZE))


def _blend(picture: Diagram) -> None:
    """Blend as many pixels as the strokes cover, edge by edge, level and at whole pixels."""
    lines, painter = picture.edges[0], QPainter(_image)
    painter.fillRect(_image.rect(), Qt.GlobalColor.white)
    lengths = np.hypot(lines.xy[:, 2] - lines.xy[:, 0], lines.xy[:, 3] - lines.xy[:, 1])
    for length, width in zip(lengths.tolist(), lines.width.tolist(), strict=True):
        painter.drawImage(QRect(100, 100, round(min(length, SIZE[0] - 100)), round(width + 1)), _strip, _strip.rect())
    painter.end()


def _items_ms(picture: Diagram, opacity: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None, cap: Qt.PenCapStyle) -> float:
    """Return the time of a repaint of the same strokes as graphics items in a view."""
    scene = QGraphicsScene(0, 0, *SIZE)
    lines = picture.edges[0]
    alpha = np.full(len(lines), 255) if opacity is None else np.round(255 * opacity).astype(int)
    rows = zip(lines.xy.tolist(), lines.rgb.tolist(), alpha.tolist(), lines.width.tolist(), strict=True)
    for (x0, y0, x1, y1), rgb, visible, width in rows:
        item = QGraphicsLineItem(x0, y0, x1, y1)
        pen = QPen(QColor(*rgb, visible), width)
        pen.setCapStyle(cap)
        item.setPen(pen)
        scene.addItem(item)
    view = QGraphicsView(scene)
    view.setRenderHint(QPainter.RenderHint.Antialiasing)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setFixedSize(*SIZE)
    view.show()
    QApplication.processEvents()
    result = _median(view.viewport().repaint, 5)
    view.hide()
    return result


def _walk(name: str) -> dict[str, object]:
    """Measure every step of an update from the moment to the painted picture."""
    start = _moment(open_problem(name), "start")
    ticks = [0, *start.walk.ends]
    moments = [Moment(start.record, start.walk, tick, "layer", start.notation, start.fmt) for tick in ticks]
    times = [ms for moment in moments for ms in _times(lambda m=moment: _frame(m), 5)]  # type: ignore[misc]
    return _row(f"canvas, a step of {name}, 95th percentile", float(np.percentile(times, 95)), 16.0)


def _spread() -> tuple[Diagram, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """Return 30 × 30 edges across the picture with colour and width by value, and the values."""
    rng = np.random.default_rng(2)
    ys = np.linspace(30, SIZE[1] - 30, 30)
    left, right = (grid.ravel() for grid in np.meshgrid(ys, ys))
    xy = np.column_stack([np.full(900, 160.0), left, np.full(900, 1120.0), right])
    values = rng.uniform(-1, 1, 900)
    scale = Scale(LIGHT, 1.0)
    index = np.arange(900, dtype=np.int32)
    strokes = Lines(
        xy, scale.ink(values), scale.width(values, 0.5, 4.0), np.zeros(900, bool), np.ones(900, np.int32), index // 30, index % 30
    )
    return Diagram(*SIZE, LIGHT.canvas, (strokes,)), values


def _all_edges() -> Diagram:
    rng = np.random.default_rng(0)
    n = 23_820
    unit = np.arange(n, dtype=np.int32)
    xy = np.column_stack([np.full(n, 100.0), rng.uniform(0, 720, n), np.full(n, 1200.0), rng.uniform(0, 720, n)])
    lines = Lines(xy, np.zeros((n, 3), np.uint8), np.ones(n), np.zeros(n, bool), np.ones(n, np.int32), unit, unit)
    return Diagram(*SIZE, LIGHT.canvas, (lines,))


def _in_the_window() -> Iterator[dict[str, object]]:
    """Measure in processes of their own: panning and zooming 30-30, and 784-300-100-10 from opening to rest."""
    dense = _measured("dense")
    yield _row("canvas, a frame while panning 30-30, p95", dense[PAN], FRAME)
    yield _row("canvas, a frame while zooming 30-30, p95", dense[ZOOM], FRAME)
    large = _measured("large")
    for name, (unit, budget) in LARGE.items():
        yield _row(f"canvas, 784-300-100-10: {name}", large[name], budget, unit)


def _measured(what: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        env = os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}
        command = [sys.executable, str(Path(__file__).with_name("bench_canvas_window.py")), what]
        answer = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=True, timeout=240)
    result: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return result
