"""A film is drawn as the window is: colours, numbers and ways to the loss, each with the values of its own update."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter
from take_away_helpers import close, dialog_of

import main
from gui import actions
from gui.diagram.build import build_diagram
from gui.diagram.context import DiagramOptions, PathOverlay
from gui.diagram.motion import over_dots
from gui.diagram.paint import paint_on_the_way
from gui.diagram.primitives import Label, Lines, Picture
from gui.film.frames import FrameMaker, Scenes
from gui.film.overlay import Drawing, drawing_of
from gui.main_window import MainWindow
from gui.picture import picture_options, taken_away
from gui.state import AppState, initial_state, moment_of, theme_of
from model.examples import open_problem
from model.explain.steps import explain
from model.film import FilmPlan, FilmSettings
from model.paths import paths_of
from model.stages import Ref

TARGET = Ref("W", 1, 0, 0)


def plan(updates: int = 2) -> FilmPlan:
    return FilmPlan(open_problem("dyda-sigmoid"), FilmSettings(updates=updates))


def shown(film: FilmPlan) -> tuple[PathOverlay, ...]:
    found = paths_of(film.run.record(1), TARGET, 0).listed
    return tuple(PathOverlay(path.edges, path.value, TARGET) for path in found)


def test_ways_are_drawn_once_they_are_known_with_the_values_of_each_update() -> None:
    film = plan()
    scenes = Scenes(film, drawing=Drawing(DiagramOptions(paths=shown(film)), TARGET))
    drawn = {shot.stop: scenes.drawing.at(scenes.scene(shot.stop).moment, "x").paths for shot in film.shots}
    begun, first = [(stop, paths) for stop, paths in drawn.items() if stop.step == 1], film.shots[0].stop
    assert drawn[first] == ()
    assert begun[-1][1] == shown(film)
    later = [paths for stop, paths in drawn.items() if stop.step == 2][-1]
    assert [path.edges for path in later] == [path.edges for path in shown(film)]
    assert [path.value for path in later] == [path.value for path in paths_of(film.run.record(2), TARGET, 0).listed]
    assert [path.value for path in later] != [path.value for path in shown(film)]


def test_one_way_of_many_stays_the_only_one() -> None:
    film = plan(1)
    one = shown(film)[1:2]
    scenes = Scenes(film, drawing=Drawing(DiagramOptions(paths=one), TARGET))
    assert scenes.drawing.at(scenes.scene(film.shots[-1].stop).moment, "x").paths == one


@pytest.mark.parametrize("name", ["dyda-sigmoid", "biswas-figure-1"])
def test_pictures_are_named_as_in_the_window(name: str, qapp: object) -> None:
    scenes = Scenes(FilmPlan(open_problem(name), FilmSettings(granularity="neuron")))
    state = initial_state(open_problem(name))
    for shot in scenes.plan.shots[::9]:
        scene = scenes.scene(shot.stop)
        options = picture_options(state, explain(scene.moment).caption)
        of_window = build_diagram(scene.moment, scenes.theme, options, scene.diagram.width, scene.diagram.height)
        labels = [[item.block.plain for item in diagram.items if isinstance(item, Label)] for diagram in (scene.diagram, of_window)]
        assert labels[0] == labels[1]


def test_the_ways_are_in_the_picture(qapp: object) -> None:
    film = plan(1)
    bare, with_ways = (
        Scenes(film, drawing=drawing).scene(film.shots[-1].stop).diagram
        for drawing in (None, Drawing(DiagramOptions(paths=shown(film)), TARGET))
    )
    strokes = [[len(lines) for lines in picture.edges] for picture in (bare, with_ways)]
    assert len(strokes[1]) > len(strokes[0])


@pytest.mark.parametrize("chosen", [Ref("b", 2, 0), Ref("W", 1, 0, 1), Ref("z", 1, 1), Ref("loss"), Ref("x", 0, 1)])
def test_a_choice_is_no_part_of_a_picture_that_leaves_the_window(chosen: Ref, qapp: object) -> None:
    free = actions.end_of_update(initial_state(open_problem("jacob")))
    marked = actions.ask(free, chosen)
    assert content(free, taken_away(free, "")) == content(marked, taken_away(marked, ""))
    assert content(free, picture_options(free, "")) != content(marked, picture_options(marked, ""))


def content(state: AppState, options: DiagramOptions) -> tuple[list[object], list[tuple[str, int]]]:
    """Return what a picture consists of; of edges, which may lie in another order, how many there are of a kind."""
    diagram = build_diagram(moment_of(state), theme_of(state), options, 834, 708)
    others = [item for item in diagram.items if not isinstance(item, Lines | Picture)]
    return others, [(item.kind, len(item)) for item in diagram.items if isinstance(item, Lines)]


def test_ways_are_those_of_the_number_asked_for_last_even_after_its_formula_is_closed() -> None:
    asked = actions.show_paths(actions.ask(initial_state(open_problem("jacob")), Ref("W", 2, 1, 0)), shown(plan()))
    assert drawing_of(actions.show_trail(asked, False)).target == Ref("W", 2, 1, 0)


def test_the_dialog_films_what_the_window_draws(window: MainWindow) -> None:
    store = window.store
    store.dispatch(actions.end_of_update)
    store.dispatch(actions.select, TARGET)
    store.dispatch(lambda state: replace(state, options=replace(state.options, colour_by="weight", numbers="none")))
    store.dispatch(actions.show_paths, shown(plan()))
    drawing = drawing_of(store.state)
    assert (drawing.target, drawing.options.colour_by, drawing.options.numbers) == (TARGET, "weight", "none")
    assert not drawing.options.marks
    dialog = dialog_of(window, "film")
    dialog.refresh()
    assert dialog._scenes is not None
    assert dialog._scenes.drawing == drawing
    close(dialog)


def test_what_colours_show_and_the_form_can_be_chosen(tmp_path: Path) -> None:
    base = ("animate", "dyda-sigmoid", "--granularity", "phase", "--width", "320")
    pictures = []
    for options in ((), ("--colour-by", "weight"), ("--form", "index", "--granularity", "layer")):
        assert main.main([*base, *options, "-o", str(tmp_path / "frames")]) == 0
        pictures.append(b"".join(file.read_bytes() for file in sorted((tmp_path / "frames").iterdir())))
    assert len({*pictures}) == 3


def test_dots_pass_below_the_numbers_of_their_edges(qapp: object) -> None:
    """In a film and, painted by another way, in the window."""
    film = FilmPlan(open_problem("dyda-sigmoid"), FilmSettings(width=1120))
    maker = FrameMaker(film)
    number, shot = next((i, shot) for i, shot in enumerate(film.shots) if shot.moving and maker.scenes.scene(shot.stop, motion=True).way)
    way = maker.scenes.scene(shot.stop, motion=True).way
    assert way is not None
    assert way.travel is not None
    insides = [label.bounds for label in over_dots(way.waiting) if isinstance(label, Label)][:6]  # of the first layer, all on their way
    pictures = [frame.pixels.copy() for frame in maker._shot(number, shot)]
    for share in (0.3, 0.5, 0.7):
        image = QImage(1120, 630, QImage.Format.Format_RGB32)
        image.fill(0xFFFFFFFF)
        painter = QPainter(image)
        paint_on_the_way(painter, way, way.waiting, share, 0.0)
        painter.end()
        pictures.append(np.frombuffer(image.constBits(), dtype=np.uint32).reshape(630, 1120).copy())
    for left, top, right, bottom in insides:
        ink = np.s_[round(top) + 1 : round(bottom) - 1, round(left) + 1 : round(right) - 1]
        assert all((picture[ink] == pictures[0][ink]).all() for picture in pictures)
        near = np.s_[round(top) - 8 : round(bottom) + 8, round(left) - 30 : round(right) + 30]
        assert not all((picture[near] == pictures[0][near]).all() for picture in pictures), "a dot has come by"
