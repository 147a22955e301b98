"""How the state of the window wants its picture drawn: one place for the canvas, the clipboard and exports. No Qt."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from gui.diagram.context import DiagramOptions
from gui.diagram.values import largest_of
from gui.state import AppState, ColourBy
from model.run import Run
from model.stages import Ref

LOOKED_AT = 2_000_000  # numbers that are looked at to find the largest of a run
LOOKED_INTO = 64  # updates of a run, spread evenly, that are looked into for that


def picture_options(state: AppState, title: str, hovered: Ref | None = None, *, steady: bool = True) -> DiagramOptions:
    """Return the options of the picture of a state. steady: see `DiagramOptions`."""
    o = state.options
    return DiagramOptions(
        colour_by=o.colour_by,
        numbers=o.numbers,
        scale=o.edge_scale,
        range=o.edge_range,
        limit=limit_of(state),
        selected=state.selection,
        hovered=hovered,
        highlighted=state.box,
        title=title,
        paths=state.paths,
        spacing=o.spacing,
        units=state.drawn,
        steady=steady,
    )


def taken_away(state: AppState, title: str) -> DiagramOptions:
    """Return the options of a picture that leaves the window: as on screen, but nothing is marked as chosen or pointed at."""
    return replace(picture_options(state, title), marks=False)


def limit_of(state: AppState) -> float | None:
    """Return the end of the colour scale: None for the largest value of the step."""
    o = state.options
    if o.edge_range == "fixed":
        return o.edge_limit
    if o.edge_range == "step" or o.colour_by == "none":
        return None
    known = 1 << (state.run_length.bit_length() - 1)  # while a run grows, its range is looked up again each time it has doubled
    return largest_of_run(state.run, known, o.colour_by, o.sample)


@lru_cache(maxsize=3)  # the window's run and two side by side: what is remembered is kept in memory with its whole history
def largest_of_run(run: Run, length: int, colour_by: ColourBy, sample: int) -> float:
    """Return the largest size of a quantity over the updates 1..length, of long runs and large networks over some of them."""
    size = sum(n * k for n, k in zip(run.problem.layers, run.problem.layers[1:], strict=False))
    count = min(length, LOOKED_INTO, max(2, LOOKED_AT // max(size, 1)))
    steps = sorted({1 + round(i * (length - 1) / max(count - 1, 1)) for i in range(count)})
    return max(largest_of(run.record(step), colour_by, sample) for step in steps)
