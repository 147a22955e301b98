"""What `render --show` can show beside the network: the panes of the window, by short names, and what can be chosen in each."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gui.diagram.layout import is_image
from gui.session.actions import taken_up
from gui.state import AppState, initial_state, walk_of
from model.examples import open_document
from model.format.file import ProblemError
from model.notation.profile import notation_of
from model.sample import sample_of
from model.stages import Ref
from model.training.reaching import reached

if TYPE_CHECKING:
    from gui.diagram.primitives import Diagram
    from gui.export.sheet import Page

MOST_TRACES = 6  # weights of a layer whose traces are shown


class Show(NamedTuple):
    """Where the pane is made, what is chosen in it from the start, and the options that it has, with what they may be."""

    module: str
    name: str
    choices: dict[str, Any]
    options: dict[str, tuple[str, ...]]


_ANY: tuple[str, ...] = ()
SHOWS: dict[str, Show] = {
    "loss": Show("gui.plots.loss_plot", "LossPlot", {}, {"axis": ("linear", "log"), "smooth": _ANY}),
    "norms": Show("gui.plots.norms_plot", "NormsPlot", {}, {"of": ("both", "gradients", "weights")}),
    "accuracy": Show("gui.plots.rates_plot", "RatesPlot", {"of": "accuracy"}, {}),
    "rate": Show("gui.plots.rates_plot", "RatesPlot", {"of": "rate"}, {}),
    "traces": Show("gui.plots.trajectory_plot", "TrajectoryPlot", {}, {"layer": _ANY}),
    "map": Show("gui.plots.decision_map", "DecisionMap", {"form": "output"}, {}),
    "neurons": Show("gui.plots.decision_map", "DecisionMap", {"form": "neurons"}, {}),
    "confusion": Show("gui.panes.confusion_view", "ConfusionView", {}, {"of": ("training", "held-out")}),
    "weights": Show("gui.panes.heat_map_view", "HeatMapView", {}, {"layer": _ANY, "colour_by": _ANY, "form": ("matrix", "images")}),
    "spread": Show("gui.panes.histogram_view", "HistogramView", {}, {"of": ("z", "a", "delta")}),
}
NETWORK = "network"
SUFFIXES = (".png", ".svg", ".pdf", ".tex", ".csv")
# Options that belong to some of the pictures only, as they are called on the command line, and what stands for "not given".
_OWN = {"axis": None, "smooth": False, "of": None, "layer": None, "colour_by": None, "form": None, "steps": None}
_OF_NETWORK = {"formulas": False, "tables": False}


def check(args: Namespace) -> None:
    """Raise ProblemError with one sentence if an option does not belong to what is shown, or cannot be what it is."""
    show = SHOWS.get(args.show)
    allowed = {"colour_by": _ANY, "form": ("matrix", "index"), **dict.fromkeys(_OF_NETWORK, _ANY)} if show is None else show.options
    allowed = {**allowed, "steps": _ANY} if show is not None else allowed
    for name, usual in {**_OWN, **_OF_NETWORK}.items():
        value, option = getattr(args, name), f"--{name.replace('_', '-')}"
        if value == usual:
            continue
        if name not in allowed:
            raise ProblemError("", option, f"this does not go with --show {args.show}; allowed with --show {_in_words(name)}")
        if allowed[name] and value not in allowed[name]:
            raise ProblemError("", option, f"{value!r} is not possible with --show {args.show}; allowed: {', '.join(allowed[name])}")


def _in_words(name: str) -> str:
    if name == "steps":
        return "anything but network"
    shows = [show for show, (_, _, _, options) in SHOWS.items() if name in options]
    return ", ".join([NETWORK] * (name in (*_OF_NETWORK, "colour_by", "form")) + shows)


def state_of(args: Namespace) -> AppState:
    """Return the file as the window would open it, at the moment and with the run that the options ask for. Raises ProblemError."""
    problem, session = open_document(args.file)
    state = taken_up(initial_state(problem), session)
    saved = state.run_length if session is not None else 1
    step = args.step or args.steps or saved
    length = args.steps or max(saved, step)
    if step > length:
        raise ProblemError(args.file, "--step", f"update {step:,} is not among the {length:,} of --steps; allowed: 1 to {length:,}")
    (_,) = reached(state.run, (length,), "render")
    notation = notation_of(args.notation, problem)
    decimals = notation.decimals if args.decimals is None else args.decimals
    row = sample_of(args.sample, state.run.batch_size(step), step, args.file)
    options = replace(state.options, notation=notation.name, fmt=replace(state.options.fmt, decimals=decimals), sample=row)
    options = replace(options, granularity=args.granularity)
    there = replace(state, run_length=length, step=step, options=options, selection=None, tick=0)
    tick = _found(args, walk_of(there))
    return replace(there, tick=tick, walked=walk_of(there, length).total if step < length else tick)


def _found(args: Namespace, walk: Any) -> int:
    try:
        return int(walk.find(args.at))
    except ValueError as error:
        raise ProblemError(args.file, "--at", str(error)) from None


def shown(args: Namespace, state: AppState, page: Page) -> Diagram | bytes:
    """Return the picture of a state, or the table for .csv. Raises ProblemError with one sentence."""
    from gui.export.pane_picture import NothingError, PaneParts, pane_picture, pane_table
    from gui.theme import THEMES

    show = SHOWS[args.show]
    choices = {**show.choices, **dict(_choices(args, show, state))}
    if args.show == "traces" and args.layer is not None:
        state = replace(state, box=frozenset(_weights(state, args.layer)))
    make = getattr(import_module(show.module), show.name)
    try:
        if Path(args.output).suffix.lower() == ".csv":
            return pane_table(make, state, choices)
        return pane_picture(make, state, THEMES[args.theme], choices, PaneParts(args.caption, args.legend), page)
    except NothingError as error:
        raise ProblemError(args.file, f"--show {args.show}", str(error)) from None


def _choices(args: Namespace, show: Show, state: AppState) -> Iterator[tuple[str, Any]]:
    depth = state.problem.depth
    if args.layer is not None and args.layer > depth:
        raise ProblemError(args.file, "--layer", f"there is no weight layer {args.layer}; allowed: 1 to {depth}")
    if args.of == "held-out" and not len(state.run.held_out[0]):
        raise ProblemError(args.file, "--of", "no samples are held out in this file; allowed: training")
    if args.form == "images" and not ((args.layer or 1) == 1 and is_image(state.problem.layers)):
        raise ProblemError(args.file, "--form", "only the first layer of a network whose inputs are pixels has images; allowed: matrix")
    if args.show == "weights":
        colour_by = args.colour_by or "weight"
        if colour_by == "none":
            raise ProblemError(args.file, "--colour-by", "'none' shows nothing; allowed: gradient, weight, update, contribution")
        yield from (("layer", args.layer or 1), ("colour_by", colour_by), ("images", args.form != "matrix"))
    else:
        yield from ((name, getattr(args, name)) for name in show.options if getattr(args, name) and name != "layer")


def _weights(state: AppState, layer: int) -> Iterator[Ref]:
    """Return the first weights of a layer."""
    units, inputs = state.problem.layers[layer], state.problem.layers[layer - 1]
    places = ((j, k) for j in range(units) for k in range(inputs))
    yield from (Ref("W", layer, j, k) for (j, k), _ in zip(places, range(MOST_TRACES), strict=False))
