"""Everything the window shows, as one frozen value. No Qt: the same state serves tests, the window and the command line.

The only thing in it that grows is the `Run`, which is append-only; `run_length` says how much of it this state knows.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Literal

from gui.diagram.context import PathOverlay
from gui.session.keeping import Bookmark, KeptRun, Work, trained_part
from gui.theme import DARK, LIGHT, PRINT, PROJECTOR, RGB, ScaleKind, Theme, with_accent, with_type
from gui.trail import Trail
from model.examples import example_names
from model.expr.tree import NumberFormat
from model.moment import Moment
from model.notation.own import own_name
from model.notation.profile import Notation, load_notation, notation_names, notation_of
from model.problem import Array, Problem
from model.record import Record
from model.run import Run
from model.stages import Granularity, Ref, Walk, build_walk
from model.training.stopping import StopRule

ColourBy = Literal["gradient", "weight", "update", "contribution", "none"]
Numbers = Literal["all", "current", "selected", "hover", "none"]
EdgeRange = Literal["step", "run", "fixed"]
ThemeChoice = Literal["system", "light", "dark", "print"]
THEMES: tuple[ThemeChoice, ...] = ("system", "light", "dark", "print")


@dataclass(frozen=True, slots=True)
class Options:
    """How things are shown; none of it changes a number. form: None is the notation's own. speed: steps per second.

    edge_range: whose largest value ends the colour scale of the edges: the step's, the run's, or `edge_limit` itself.
    spacing: how far the columns of the picture have been moved, in widths of the canvas. accent: the desktop's, None for the theme's.
    printed: whether the blackboard says what the experiment's source prints.
    desktop_type: family and height in pixels of the desktop's font, None for the program's own.
    """

    granularity: Granularity = "layer"
    notation: str = "dyda"
    fmt: NumberFormat = field(default_factory=NumberFormat)
    form: Literal["matrix", "index"] | None = None
    colour_by: ColourBy = "gradient"
    numbers: Numbers = "all"
    edge_scale: ScaleKind = "linear"
    edge_range: EdgeRange = "step"
    edge_limit: float = 1.0
    spacing: tuple[float, ...] = ()
    sample: int = 0
    motion: bool = True
    printed: bool = True
    theme: ThemeChoice = "system"
    accent: RGB | None = None
    desktop_type: tuple[str, int] | None = None
    projector: bool = False
    speed: float = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class AppState:
    """The experiment, its run, the cursor (update `step` from 1, `tick` terms revealed) and how it is shown.

    run_length: updates that have been walked or trained, at least 1; 1 <= step <= run_length.
    saved, saved_notation, saved_work: experiment and work as they are in the file at `path` (or as opened). playing: the player is on.
    training: updates still wanted from the training thread, 0 when it rests. dark_system: whether the desktop is dark.
    paths: ways to the loss to draw on the picture. box: what a box was drawn around. trail: the numbers whose origin was asked for.
    stop: when training ends by itself.
    anchors: (step, notation, tick) of one place in the notations it was shown in, so that switching back returns exactly there.
    profiles: the user's own notations, beside the built-in ones. embedded: the one that came with the file, in no folder of the user's.
    walked: how much of the last update has been revealed so far, in ticks, wherever the cursor is now.
    notice: a sentence to the user, such as why training ended.
    bookmarks: in the order of the run. kept: earlier runs of this document that stay in the plot of the loss.
    spare_biases: per weight layer, those that were switched off last, for when they are switched on again.
    look: the colours of a picture, whatever the options say; None in a window.
    drawn: per layer the units that stand for a large one, shared with a run beside this one; () for those that matter in this run.
    """

    problem: Problem
    run: Run
    saved: Problem
    saved_notation: str
    run_length: int = 1
    step: int = 1
    tick: int = 0
    walked: int = 0
    options: Options = field(default_factory=Options)
    selection: Ref | None = None
    hover: Ref | None = None
    box: frozenset[Ref] = frozenset()
    trail: Trail = field(default_factory=Trail)
    paths: tuple[PathOverlay, ...] = ()
    path: str | None = None
    playing: bool = False
    training: int = 0
    stop: StopRule = field(default_factory=StopRule)
    dark_system: bool = False
    anchors: tuple[tuple[int, str, int], ...] = ()
    profiles: tuple[Notation, ...] = ()
    embedded: Notation | None = None
    notice: str = ""
    bookmarks: tuple[Bookmark, ...] = ()
    kept: tuple[KeptRun, ...] = ()
    saved_work: Work | None = None
    spare_biases: tuple[Array, ...] = ()
    look: Theme | None = None
    drawn: tuple[tuple[int, ...], ...] = ()

    @property
    def dirty(self) -> bool:
        """Whether the experiment differs from what was opened or last saved."""
        return self.problem is not self.saved or self.options.notation != self.saved_notation

    @property
    def work(self) -> Work:
        """What was trained, marked and set here beside the experiment."""
        settings = (self.run.schedule, self.run.split, self.stop)
        return Work(trained_part(self.run, self.run_length), settings, self.bookmarks, self.kept)

    @property
    def own_file(self) -> bool:
        """Whether the experiment belongs to a file of the user's, not to an example or to nothing yet."""
        return bool(self.path) and self.path not in _examples()

    @property
    def unsaved(self) -> bool:
        """Whether leaving takes something away that the user would want to be asked about.

        That is a changed experiment, and whatever was trained, set or marked in a file of the user's own. In an example a run
        counts only if a moment of it was marked: whoever just tries things is not asked, and marks in examples are kept anyway.
        """
        if self.dirty or self.saved_work is None:
            return self.dirty
        work = self.work
        return work != self.saved_work if self.own_file else bool(self.bookmarks) and work.trained != self.saved_work.trained

    @property
    def experiment(self) -> Problem:
        """The problem as it is saved: with the notation it is shown in."""
        notation = self.notation
        own, name = (notation, notation.based_on) if notation.based_on else (None, notation.name)
        as_it_is = name == self.problem.notation and own == self.problem.notation_profile
        return self.problem if as_it_is else replace(self.problem, notation=name, notation_profile=own)

    @property
    def own_notations(self) -> tuple[Notation, ...]:
        """The notations that are offered beside the built-in ones."""
        extra = self.embedded is not None and all(profile.name != self.embedded.name for profile in self.profiles)
        return (*self.profiles, self.embedded) if extra and self.embedded is not None else self.profiles

    @property
    def notation(self) -> Notation:
        """The notation profile that everything is written in."""
        own = next((profile for profile in self.own_notations if profile.name == self.options.notation), None)
        if own is not None:
            return own
        known = self.options.notation in notation_names()  # or one that was deleted after it had been used
        return load_notation(self.options.notation if known else self.problem.notation)


@cache
def _examples() -> frozenset[str]:
    return frozenset(example_names())


def theme_of(state: AppState) -> Theme:
    """Return the colours and sizes to show the state in."""
    if state.look is not None:
        return state.look
    options = state.options
    theme = _colours_of(state)
    return theme if options.desktop_type is None else with_type(theme, *options.desktop_type)


def _colours_of(state: AppState) -> Theme:
    options = state.options
    if options.projector or options.theme == "print":  # made for one purpose, whatever the desktop looks like
        return PROJECTOR if options.projector else PRINT
    dark = state.dark_system if options.theme == "system" else options.theme == "dark"
    theme = DARK if dark else LIGHT
    return theme if options.accent is None else with_accent(theme, options.accent)


def initial_state(problem: Problem, path: str | None = None, options: Options | None = None) -> AppState:
    """Return the state of a freshly opened experiment, before its first step, in its own notation and usual digits."""
    notation = notation_of(None, problem)
    options = replace(options or Options(), notation=notation.name, sample=0)
    options = replace(options, fmt=replace(options.fmt, decimals=usual_digits(problem, notation)))
    run = Run(problem)
    run.record(1)
    return as_saved(AppState(problem, run, problem, notation.name, options=options, path=path, embedded=problem.notation_profile))


def with_profiles(state: AppState, profiles: tuple[Notation, ...]) -> AppState:
    """Return the state with the user's own notations; where the file's is another one of the same name, it takes a name of its own."""
    there, brought = replace(state, profiles=profiles), state.embedded
    if brought is None or all(profile.name != brought.name or profile == brought for profile in profiles):
        return there
    name = own_name(brought.title, tuple(profile.name for profile in profiles))
    shown = there.options.notation == brought.name
    options = replace(there.options, notation=name) if shown else there.options
    saved = name if there.saved_notation == brought.name else there.saved_notation
    return replace(there, embedded=replace(brought, name=name), options=options, saved_notation=saved)


def as_saved(state: AppState) -> AppState:
    """Return the state with the work that it holds counted as saved."""
    return replace(state, saved_work=state.work)


def usual_digits(problem: Problem, notation: Notation) -> int:
    """Return the decimals to show unless the user asks for others: those that are carried, or the notation's."""
    return notation.decimals if problem.rounding is None else problem.rounding.decimals


def with_usual_digits(old: AppState, new: AppState) -> AppState:
    """Return `new` with the decimals that suit its experiment, where a change of rounding has led to it."""
    if old.problem.rounding == new.problem.rounding:
        return new
    fmt = replace(new.options.fmt, decimals=usual_digits(new.problem, new.notation))
    return replace(new, options=replace(new.options, fmt=fmt))


def record_of(state: AppState) -> Record:
    """Return the record of the update the cursor is in."""
    return state.run.record(state.step)


@lru_cache(maxsize=8)
def _walk(problem: Problem, m: int, notation: Notation) -> Walk:
    return build_walk(problem, m, notation.presentation)


def walk_of(state: AppState, step: int | None = None) -> Walk:
    """Return the walk of the update `step` (default: the one the cursor is in) in the state's notation."""
    step = state.step if step is None else step
    m = state.run.batch_size(step) if step <= state.run.length else state.run.record(step).m  # else it has to be computed first
    return _walk(state.problem, m, state.notation)


def last_walk(state: AppState) -> Walk:
    """Return the walk of the last update."""
    return walk_of(state, state.run_length)


def moment_of(state: AppState) -> Moment:
    """Return what every view shows."""
    record, options = record_of(state), state.options
    sample = min(options.sample, record.m - 1)
    return Moment(record, walk_of(state), state.tick, options.granularity, state.notation, options.fmt, sample)


def same_moment(one: AppState, other: AppState) -> bool:
    """Return whether two states show the same moment, so that nothing derived from it has to be made again."""
    a, b = one.options, other.options
    return (
        one.run is other.run
        and one.profiles == other.profiles
        and (one.step, one.tick) == (other.step, other.tick)
        and (a.granularity, a.notation, a.fmt, a.form, a.sample) == (b.granularity, b.notation, b.fmt, b.form, b.sample)
    )
