"""From the plan of a film to pictures: network with caption and legend on the left, the step's words and formulas on the right.

A step is painted once or twice; while terms travel and new values fade in, only the part of the picture where they do is painted again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from gui.diagram.build import Diagram, build_diagram
from gui.diagram.changes import Bounds
from gui.diagram.motion import Course, Travel, course, over_dots, widened
from gui.diagram.paint import paint, paint_items, paint_on_the_way
from gui.export.fitted import Letters, fitted, zoom_of
from gui.export.on_paper import on_paper
from gui.film.overlay import Drawing
from gui.formula.glyphs import GlyphMetrics
from gui.formula.page import BoardStep, layout_compact, style_for
from gui.formula.paint import dimmed, paint_equation, render_explanation
from gui.theme import THEMES, Theme
from gui.theme_qt import colour
from model.explain.steps import explain
from model.expr.tree import Explanation
from model.film import FilmPlan, Shot, Stop, frames
from model.moment import Moment
from model.stages import Phase

Pixels = NDArray[np.uint32]
Area = tuple[int, int, int, int]  # left, top, right, bottom in pixels
WIDTH, HEIGHT = 1120.0, 630.0  # logical pixels of every picture, whatever its size
CANVAS = 0.615  # share of the width that the network takes beside formulas
PAD = 24.0
ZOOM = 1.12  # of the formulas, against the blackboard's
ZOOM_EARLIER = 0.8
LEAST = 0.7  # share of their full size that the letters of formulas keep at least, as long as something can be left out
EARLIER = 8  # steps before the current one that are shown at most
BAR = 5.0  # height of the strip at the bottom that shows where in the film one is


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything that is shown at a stop. way: how the picture before becomes this one, None for a cut."""

    stop: Stop
    moment: Moment
    explanation: Explanation
    phase: Phase | None
    diagram: Diagram
    way: Course | None = None

    @property
    def board(self) -> BoardStep:
        """The step as the blackboard shows it."""
        return BoardStep(self.stop.tick, self.phase, self.explanation)


@dataclass(frozen=True, slots=True, eq=False)
class FilmFrame:
    """A picture for `frames` frames. pixels: (height, width) as 0xffRRGGBB, valid until the next one is asked for.

    box: left, top, right, bottom of what may differ from the picture before.
    """

    pixels: Pixels
    frames: int
    box: Area


class Scenes:
    """Makes and paints the scenes of a plan, 1120 × 630 logical pixels. drawing: how the network is drawn."""

    def __init__(self, plan: FilmPlan, theme: Theme | None = None, drawing: Drawing | None = None) -> None:
        self.plan = plan
        self.drawing = drawing or Drawing()
        self.theme = theme or THEMES[plan.settings.theme]
        self.canvas = QRectF(0, 0, WIDTH * CANVAS if plan.settings.formulas else WIDTH, HEIGHT - BAR)
        self.board = QRectF(self.canvas.right(), 0, WIDTH - self.canvas.right(), HEIGHT - BAR)
        self._explanations: dict[Stop, Explanation] = {}
        phases = [self._phase(shot.stop) for shot in plan.shots]
        runs = [(phase, [i for i, _ in run]) for phase, run in groupby(enumerate(phases), key=lambda pair: pair[1])]
        self._runs = [(phase, numbers[0], numbers[-1]) for phase, numbers in runs]

    def _phase(self, stop: Stop) -> Phase | None:
        walk = self.plan.walk(stop.step)
        return walk.stages[walk.stage_at(stop.tick)].phase if stop.tick else None

    def phase_runs(self) -> list[tuple[Phase | None, int, int]]:
        """Return the phases in order, each with the numbers of its first and its last stop."""
        return self._runs

    def scene(self, stop: Stop, *, motion: bool = False) -> Scene:
        """Return what is shown at a stop."""
        moment = self._moment(stop)
        explanation = self.explanation(stop)
        diagram = self._diagram(moment, explanation.caption)
        way = None
        if motion:
            earlier = replace(moment, tick=stop.earlier)
            way = course(self._diagram(earlier, explanation.caption), diagram, moment, stop.earlier, self.theme)
        return Scene(stop, moment, explanation, self._phase(stop), diagram, way)

    def _moment(self, stop: Stop) -> Moment:
        plan = self.plan
        record = plan.run.record(stop.step)
        sample = min(plan.settings.sample, record.m - 1)
        return Moment(record, plan.walk(stop.step), stop.tick, plan.settings.granularity, plan.notation, plan.fmt, sample)

    def explanation(self, stop: Stop) -> Explanation:
        """Return what happens at a stop; the last ones are remembered, because they are shown again as earlier steps."""
        if stop not in self._explanations:
            self._explanations[stop] = explain(self._moment(stop), form=self.plan.settings.form)
            if len(self._explanations) > 4 * EARLIER:
                del self._explanations[next(iter(self._explanations))]
        return self._explanations[stop]

    def _diagram(self, moment: Moment, title: str) -> Diagram:
        return on_paper(build_diagram(moment, self.theme, self.drawing.at(moment, title), self.canvas.width(), self.canvas.height()))

    def paint(self, painter: QPainter, scene: Scene, number: int, *, fast: bool = False) -> None:
        """Paint a whole picture: `number` counts the stops from 0."""
        painter.fillRect(QRectF(0, 0, WIDTH, HEIGHT), colour(self.theme.canvas))
        paint(painter, scene.diagram, fast=fast)
        if self.plan.settings.formulas:
            painter.fillRect(self.board, colour(self.theme.panel))
            painter.fillRect(QRectF(self.board.left(), 0, 1, self.board.height()), colour(self.theme.rule))
            self._paint_board(painter, scene, number)
        self._paint_bar(painter, number)

    def _paint_board(self, painter: QPainter, scene: Scene, number: int) -> None:
        """Paint the step and below it, faintly, as many of the steps before it as there is room for."""
        room, fmt, most = self.board.adjusted(PAD, PAD, -PAD, -PAD), self.plan.fmt, style_for(self.theme, ZOOM).size
        sizes = Letters(round(LEAST * most), round(LEAST * most), round(most))
        found = fitted(scene.board, fmt, self.theme, room.width(), room.height(), sizes, GlyphMetrics())
        style = style_for(self.theme, zoom_of(self.theme, found.size))
        y = room.top() + render_explanation(painter, found.step, room, self.theme, fmt, style)
        gap = 1.2 * style.size
        for i in range(number - 1, max(number - 1 - EARLIER, 0), -1):
            page = layout_compact(self._earlier(i), fmt, style_for(self.theme, ZOOM_EARLIER), room.width(), GlyphMetrics())
            top = y + (2.2 if i == number - 1 else 1.0) * gap
            if top + page.height > room.bottom():
                return
            if i == number - 1:
                painter.fillRect(QRectF(room.left(), y + 1.1 * gap, room.width(), 1), colour(self.theme.rule))
            paint_equation(painter, page, room.left(), top, dimmed(self.theme))
            y = top + page.height

    def _earlier(self, number: int) -> BoardStep:
        """Return a step as it is shown later on, its caption without what the current one says already."""
        stop = self.plan.shots[number].stop
        said = self.explanation(stop)
        return BoardStep(stop.tick, self._phase(stop), replace(said, caption=said.caption.split(" · ")[:3][-1]))

    def _paint_bar(self, painter: QPainter, number: int) -> None:
        """Paint the strip of phases; what has been shown is in full colour."""
        share = WIDTH / max(len(self.plan.shots), 1)
        for phase, first, last in self._runs:
            left, right = first * share, (last + 1) * share
            seen = min(max((number + 1) * share, left), right)
            ground = self.theme.raised if phase is None else self.theme.phase(phase).wash
            full = self.theme.muted if phase is None else self.theme.phase(phase).mark
            painter.fillRect(QRectF(left, HEIGHT - BAR, right - left, BAR), colour(ground))
            painter.fillRect(QRectF(left, HEIGHT - BAR, seen - left, BAR), colour(full))


class FrameMaker:
    """Paints the frames of a plan one after the other into two images of its own. count: of stops."""

    def __init__(self, plan: FilmPlan, drawing: Drawing | None = None) -> None:
        self.scenes = Scenes(plan, drawing=drawing)
        self.width, self.height, self.fps = plan.settings.width, plan.settings.height, plan.settings.fps
        self.motion, self.count = plan.settings.motion, len(plan.shots)
        self._scale, self._everything = self.width / WIDTH, (0, 0, self.width, self.height)
        self._still, self._moving = (QImage(self.width, self.height, QImage.Format.Format_RGB32) for _ in range(2))

    def still(self, number: int) -> Pixels:
        """Return the picture of stop `number` with everything arrived."""
        scene = self.scenes.scene(self.scenes.plan.shots[number].stop)
        self._paint_whole(self._still, scene, number)
        return _pixels(self._still)

    def frames(self) -> Iterator[FilmFrame]:
        """Yield the frames in order."""
        for number, shot in enumerate(self.scenes.plan.shots):
            yield from self._shot(number, shot)

    def _shot(self, number: int, shot: Shot) -> Iterator[FilmFrame]:
        scene = self.scenes.scene(shot.stop, motion=shot.moving > 0)
        self._paint_whole(self._still, scene, number)
        shown = 0
        for frame in self._on_the_way(scene, shot):
            yield frame
            shown += frame.frames
        yield FilmFrame(_pixels(self._still), shot.frames - shown, self._everything)

    def _on_the_way(self, scene: Scene, shot: Shot) -> Iterator[FilmFrame]:
        """Yield the frames until everything has arrived."""
        way = scene.way
        if way is None:
            return
        waiting = self._waiting(way)
        crossed, changing = self._box([way.travel.bounds()] if way.travel else way.areas), self._box(way.areas)
        numbers = self._numbers(way)
        self._copy(waiting, self._everything)
        for number, frame in enumerate(frames(shot)):
            travelled, faded = way.at(frame.progress)
            if faded >= 1.0:
                return
            if way.travel is not None and travelled < 1.0:
                self._copy(waiting, box := crossed)
                self._paint_dots(way.travel, travelled, numbers, box)
            else:
                self._paint_fading(way, scene.diagram, faded, box := changing)
            yield FilmFrame(_pixels(self._moving), frame.frames, box if number else self._everything)

    def _waiting(self, way: Course) -> QImage:
        """Return the picture before anything has moved."""
        image = self._still.copy()
        with _Painting(image, self._scale) as painter:
            paint(painter, widened(way.waiting, way.widths, 0.0), fast=True)
        return image

    def _numbers(self, way: Course) -> QImage:
        """Return the numbers that dots pass below, on nothing."""
        image = QImage(self.width, self.height, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        with _Painting(image, self._scale) as painter:
            paint_items(painter, over_dots(way.waiting))
        return image

    def _paint_dots(self, travel: Travel, progress: float, numbers: QImage, box: Area) -> None:
        with _Painting(self._moving, self._scale) as painter:
            paint(painter, Diagram(WIDTH, HEIGHT, travel.ground, tuple(travel.dots(progress))), background=False)
        left, top, right, bottom = box
        with _Painting(self._moving, 1.0) as painter:
            painter.drawImage(QPointF(left, top), numbers, QRectF(left, top, right - left, bottom - top))

    def _paint_fading(self, way: Course, after: Diagram, faded: float, box: Area) -> None:
        """Paint what changes; the network ends where the formulas begin, which stay as they are."""
        left, top, right, bottom = (side / self._scale for side in box)
        with _Painting(self._moving, self._scale) as painter:
            painter.setClipRect(QRectF(left, top, right - left, bottom - top))
            paint_on_the_way(painter, way, after, 1.0, faded, area=(left, top, right, bottom))

    def _copy(self, ground: QImage, box: Area) -> None:
        left, top, right, bottom = box
        with _Painting(self._moving, 1.0) as painter:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            painter.drawImage(QPointF(left, top), ground, QRectF(left, top, right - left, bottom - top))

    def _paint_whole(self, image: QImage, scene: Scene, number: int) -> None:
        with _Painting(image, self._scale) as painter:
            self.scenes.paint(painter, scene, number, fast=True)

    def _box(self, areas: list[Bounds]) -> Area:
        """Return the pixels that hold all areas."""
        lefts, tops, rights, bottoms = (self._scale * np.array(areas)).T
        left, top, right, bottom = floor(lefts.min()), floor(tops.min()), ceil(rights.max()), ceil(bottoms.max())
        return max(left, 0), max(top, 0), min(right, self.width), min(bottom, self.height)


class _Painting:
    """A painter on an image that is ended in any case."""

    def __init__(self, image: QImage, scale: float) -> None:
        self._painter = QPainter(image)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.scale(scale, scale)

    def __enter__(self) -> QPainter:
        return self._painter

    def __exit__(self, *_: object) -> None:
        self._painter.end()


def _pixels(image: QImage) -> Pixels:
    row = image.bytesPerLine() // 4
    return np.frombuffer(image.constBits(), dtype=np.uint32).reshape(image.height(), row)[:, : image.width()]
