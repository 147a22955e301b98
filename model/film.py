"""The plan of a film: which moments of the walk are shown, for how many frames, and how far the terms have come. Paints nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from model.expr.tree import NumberFormat
from model.notation.profile import Notation, notation_of
from model.problem import Problem
from model.run import Run
from model.stages import Granularity, Walk, build_walk

ThemeName = Literal["light", "dark", "projector", "print"]
SECONDS: dict[Granularity, float] = {"phase": 4.0, "layer": 3.0, "neuron": 2.0, "term": 1.2}
MOTION_SHARE, MOTION_AT_MOST = 0.55, 1.1  # of a step's time, and seconds
NARROWEST, WIDEST = 320, 7680
FASTEST = 60
SLOWEST_STEP = 600.0
STOPS_AT_MOST = 200_000


class FilmError(ValueError):
    """A film that cannot be made; the message says in one sentence what, where and what is allowed."""


@dataclass(frozen=True, slots=True)
class FilmSettings:
    """What is filmed and how. first: the first update, from 1; updates: how many. seconds: per step, None for the granularity's own.

    motion: terms travel along their edges; otherwise hard cuts. formulas: words and formulas beside the network. width: pixels; the
    picture is 16:9. fps: frames per second, rounded to what the format can say. notation, decimals: None for the file's own. sample:
    the row of the batch whose calculation is shown. fmt: how numbers are written, before `decimals`. form: of the formulas, None for
    the notation's own.
    """

    first: int = 1
    updates: int = 1
    granularity: Granularity = "layer"
    fps: float = 25
    seconds: float | None = None
    motion: bool = True
    formulas: bool = True
    width: int = 1280
    theme: ThemeName = "light"
    notation: str | Notation | None = None
    decimals: int | None = None
    sample: int = 0
    fmt: NumberFormat | None = None
    form: Literal["matrix", "index"] | None = None

    def __post_init__(self) -> None:
        _within("first update", self.first, 1, 1_000_000_000)
        _within("number of updates", self.updates, 1, 1_000_000)
        _within("frames per second", self.fps, 1, FASTEST)
        _within("width", self.width, NARROWEST, WIDEST)
        if not 0 < self.step_seconds <= SLOWEST_STEP:
            raise FilmError(f"a step cannot last {self.step_seconds:g} seconds; allowed: more than 0, at most {SLOWEST_STEP:g}")

    @property
    def step_seconds(self) -> float:
        """How long a step is shown."""
        return SECONDS[self.granularity] if self.seconds is None else self.seconds

    @property
    def height(self) -> int:
        """Height of the picture in pixels, an even number."""
        return 2 * round(self.width * 9 / 32)


def _within(what: str, value: float, low: int, high: int) -> None:
    if not low <= value <= high:
        raise FilmError(f"{what} {value:,} is not possible; allowed: {low:,} to {high:,}")


class Stop(NamedTuple):
    """A moment that is shown: update `step` with `tick` terms revealed; `earlier`: the stop before it within the update."""

    step: int
    tick: int
    earlier: int


class Shot(NamedTuple):
    """A stop and its time: `moving` frames with the terms on their way, then the rest of `frames` with all of them arrived."""

    stop: Stop
    moving: int
    frames: int


class Frame(NamedTuple):
    """One picture: how far the terms have come (1.0: arrived), and for how many frames it is shown."""

    shot: Shot
    progress: float
    frames: int


def stops(walks: Callable[[int], Walk], settings: FilmSettings) -> Iterator[Stop]:
    """Yield the start of the first update and then every boundary; the next update follows the end of the one before it."""
    yield Stop(settings.first, 0, 0)
    for step in range(settings.first, settings.first + settings.updates):
        walk, earlier = walks(step), 0
        while (tick := walk.next(earlier, settings.granularity)) is not None:
            yield Stop(step, tick, earlier)
            earlier = tick


def shots(all_stops: Sequence[Stop], settings: FilmSettings) -> list[Shot]:
    """Give every stop its time: whole frames, the sum never more than half a frame off."""
    seconds, fps = settings.step_seconds, settings.fps
    result, begun = [], 0
    for i, stop in enumerate(all_stops, 1):
        ends = max(begun + 1, round(i * seconds * fps))
        room = ends - begun
        moving = round(min(MOTION_SHARE * seconds, MOTION_AT_MOST) * fps) if settings.motion and stop.tick else 0
        result.append(Shot(stop, min(moving, room - 1), room))
        begun = ends
    return result


def frames(shot: Shot) -> Iterator[Frame]:
    """Yield the pictures of a shot."""
    for i in range(1, shot.moving + 1):
        yield Frame(shot, i / (shot.moving + 1), 1)
    yield Frame(shot, 1.0, shot.frames - shot.moving)


class FilmPlan:
    """A film of one problem: its run (by default a new one), its notation, its shots."""

    def __init__(self, problem: Problem, settings: FilmSettings, run: Run | None = None) -> None:
        self.problem, self.settings = problem, settings
        self.run = Run(problem) if run is None else run
        self.notation: Notation = notation_of(settings.notation, problem)
        decimals = self.notation.decimals if settings.decimals is None else settings.decimals
        self.fmt = settings.fmt or NumberFormat(decimals=decimals)
        self._walks: dict[int, Walk] = {}
        if settings.updates > 1 and problem.learning_rate is None:
            raise FilmError(f'{settings.updates:,} updates cannot be filmed, because "learning_rate" is null; allowed: 1')
        self.shots = shots(self._all_stops(), settings)
        self.total = sum(shot.frames for shot in self.shots)

    def walk(self, step: int) -> Walk:
        """Return the walk of an update; batches of the same size share it, and the update itself need not be computed for it."""
        m = self.run.batch_size(step)
        if m not in self._walks:
            self._walks[m] = build_walk(self.problem, m, self.notation.presentation)
        return self._walks[m]

    def _all_stops(self) -> list[Stop]:
        result: list[Stop] = []
        for number, stop in enumerate(stops(self.walk, self.settings)):
            if number == STOPS_AT_MOST:
                raise FilmError(f"this film has more than {STOPS_AT_MOST:,} steps; allowed: fewer updates, or a coarser granularity")
            result.append(stop)
        return result
