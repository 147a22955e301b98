"""How fast the network is drawn: a full repaint of many edges against one graphics item per edge, key to frame, and hit-testing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication, QGraphicsLineItem, QGraphicsScene

from gui.diagram.build import DiagramOptions, build_diagram
from gui.diagram.hit_test import hit
from gui.diagram.paint import paint
from gui.diagram.primitives import Diagram, Lines
from gui.theme import LIGHT, Scale
from model.examples import open_problem
from model.expr import NumberFormat
from model.moment import Moment
from model.notation import load_notation
from model.problem import Problem, frozen
from model.run import Run
from model.stages import build_walk

SIZE = (1280, 720)
REPEATS = 25


def rows() -> Iterator[dict[str, object]]:
    """Yield one dictionary per measured case: name, value, unit, baseline, baseline_value, ratio, budget, ok."""
    app = QApplication.instance() or QApplication([])
    spread = _spread()
    baseline = _items_ms(spread)
    yield _row("canvas, 900 edges, widths 0.5–4 px, 1280×720", _median(lambda: _paint(spread)), 16.0, baseline, least=20.0)
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


def _row(name: str, value: float, budget: float, baseline: float | None = None, least: float = 0.0) -> dict[str, object]:
    ratio = None if baseline is None else baseline / value
    fine = value <= budget and (ratio is None or ratio >= least)
    words = f"{budget:g} ms" + (f" and {least:g}× the baseline" if least else "")
    return {
        "name": name, "value": round(value, 3), "unit": "ms", "baseline": None if baseline is None else "one QGraphicsLineItem per edge",
        "baseline_value": None if baseline is None else round(baseline, 1), "ratio": None if ratio is None else round(ratio, 1),
        "budget": words, "ok": fine,
    }  # fmt: skip


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


def _paint(picture: Diagram) -> None:
    painter = QPainter(_image)
    paint(painter, picture, fast=True)
    painter.end()


def _frame(moment: Moment) -> None:
    _paint(build_diagram(moment, LIGHT, DiagramOptions(title="Update 1 · backward · gradient"), *SIZE))


def _items_ms(picture: Diagram) -> float:
    """Return the time of the same strokes as antialiased graphics items with the same pens, in a picture of the same size."""
    scene = QGraphicsScene(0, 0, *SIZE)
    for lines in picture.edges:
        if lines.kind == "edge":
            for (x0, y0, x1, y1), rgb, width in zip(lines.xy.tolist(), lines.rgb.tolist(), lines.width.tolist(), strict=True):
                item = QGraphicsLineItem(x0, y0, x1, y1)
                item.setPen(QPen(QColor(*rgb), width))
                scene.addItem(item)

    def render() -> None:
        _image.fill(Qt.GlobalColor.white)
        painter = QPainter(_image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scene.render(painter, QRectF(0, 0, *SIZE), QRectF(0, 0, *SIZE))
        painter.end()

    return _median(render, 5)


def _walk(name: str) -> dict[str, object]:
    """Measure every step of an update from the moment to the painted picture."""
    start = _moment(open_problem(name), "start")
    ticks = [0, *start.walk.ends]
    moments = [Moment(start.record, start.walk, tick, "layer", start.notation, start.fmt) for tick in ticks]
    times = [ms for moment in moments for ms in _times(lambda m=moment: _frame(m), 5)]  # type: ignore[misc]
    return _row(f"canvas, a step of {name}, 95th percentile", float(np.percentile(times, 95)), 16.0)


def _spread() -> Diagram:
    """Return 30 × 30 edges across the picture with colour and width by value, as the baseline draws them too."""
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
    return Diagram(*SIZE, LIGHT.canvas, (strokes,))


def _all_edges() -> Diagram:
    rng = np.random.default_rng(0)
    n = 23_820
    unit = np.arange(n, dtype=np.int32)
    xy = np.column_stack([np.full(n, 100.0), rng.uniform(0, 720, n), np.full(n, 1200.0), rng.uniform(0, 720, n)])
    lines = Lines(xy, np.zeros((n, 3), np.uint8), np.ones(n), np.zeros(n, bool), np.ones(n, np.int32), unit, unit)
    return Diagram(*SIZE, LIGHT.canvas, (lines,))
