"""The plan of a film: its stops are those of the Right key, its frames fill its time, and what cannot be filmed is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gui.actions import step
from gui.state import initial_state
from model.examples import open_problem
from model.film import FilmError, FilmPlan, FilmSettings, Stop, frames, shots
from model.stages import GRANULARITIES

PROBLEM = open_problem("dyda-sigmoid")


@pytest.mark.parametrize("granularity", GRANULARITIES)
@pytest.mark.parametrize("name", ["dyda-sigmoid", "biswas-figure-1", "soletskyi"])
def test_the_stops_are_those_of_the_right_key(name: str, granularity: str) -> None:
    problem = open_problem(name)
    updates = 1 if problem.learning_rate is None else 2
    plan = FilmPlan(problem, FilmSettings(granularity=granularity, updates=updates))  # type: ignore[arg-type]
    state = initial_state(problem)
    state = replace(state, options=replace(state.options, granularity=granularity))  # type: ignore[arg-type]
    for shot in plan.shots:
        assert (shot.stop.step, shot.stop.tick) == (state.step, state.tick)
        state = step(state)
    assert problem.learning_rate is None or (state.step, shot.stop.tick) == (updates + 1, plan.walk(updates).total)


def test_a_stop_knows_the_one_before_it_in_its_update() -> None:
    plan = FilmPlan(PROBLEM, FilmSettings(first=3, updates=2))
    second = [shot.stop for shot in plan.shots if shot.stop.step == 4]
    assert [stop.earlier for stop in second] == [0, *(stop.tick for stop in second[:-1])]
    assert plan.shots[0].stop == Stop(3, 0, 0)


@pytest.mark.parametrize("seconds", [0.01, 0.33, 1.0, 2.5])
@pytest.mark.parametrize("fps", [1, 7, 25, 60])
def test_every_stop_is_seen_and_the_film_is_as_long_as_asked(seconds: float, fps: int) -> None:
    stops = [Stop(1, tick, max(tick - 1, 0)) for tick in range(40)]
    planned = shots(stops, FilmSettings(seconds=seconds, fps=fps))
    assert all(shot.frames >= 1 and 0 <= shot.moving < shot.frames for shot in planned)
    assert abs(sum(shot.frames for shot in planned) - max(40 * seconds * fps, 40)) <= 0.5


def test_progress_rises_to_the_end_and_the_frames_add_up() -> None:
    for shot in FilmPlan(PROBLEM, FilmSettings()).shots:
        all_frames = list(frames(shot))
        progress = [frame.progress for frame in all_frames]
        assert progress == sorted(set(progress))
        assert progress[0] > 0
        assert progress[-1] == 1.0
        assert sum(frame.frames for frame in all_frames) == shot.frames
        assert len(all_frames) == shot.moving + 1


def test_cuts_have_one_picture_per_step() -> None:
    plan = FilmPlan(PROBLEM, FilmSettings(motion=False))
    assert all(len(list(frames(shot))) == 1 for shot in plan.shots)
    assert any(shot.moving for shot in FilmPlan(PROBLEM, FilmSettings()).shots)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"fps": 0}, "allowed: 1 to 60"),
        ({"fps": 61}, "allowed: 1 to 60"),
        ({"width": 100}, "allowed: 320 to 7,680"),
        ({"seconds": 0.0}, "more than 0"),
        ({"seconds": float("nan")}, "more than 0"),
        ({"seconds": 601.0}, "at most 600"),
        ({"updates": 0}, "number of updates"),
        ({"first": 0}, "first update"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, float], said: str) -> None:
    with pytest.raises(FilmError, match=said):
        FilmSettings(**settings)  # type: ignore[arg-type]


def test_updates_need_a_learning_rate() -> None:
    with pytest.raises(FilmError, match="learning_rate"):
        FilmPlan(replace(PROBLEM, learning_rate=None), FilmSettings(updates=2))
    assert FilmPlan(replace(PROBLEM, learning_rate=None), FilmSettings()).shots


def test_the_height_is_even_and_nearly_16_to_9() -> None:
    for width in (320, 641, 1280, 1920, 3840):
        height = FilmSettings(width=width).height
        assert height % 2 == 0
        assert abs(height - width * 9 / 16) <= 1
