"""Networks, moments and canvases for the tests of the picture."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np

from gui.diagram.build import DiagramOptions, build_diagram
from gui.diagram.primitives import Diagram
from gui.theme import LIGHT, Theme
from model.examples import open_problem
from model.explain.steps import explain
from model.expr.tree import NumberFormat
from model.moment import Moment
from model.notation.profile import load_notation
from model.problem import Problem, frozen
from model.record import Record
from model.run import Run
from model.stages import Granularity, Ref, build_walk

EXAMPLES = ("dyda-sigmoid", "dyda-softmax", "jacob", "biswas-figure-1", "biswas-thin", "soletskyi", "xor")
SHAPES = ("1-1-1", "1-1-1-1-1-1", "3-4-4-2", "8-8-8-8", "8-8-8-8-8-8")
NAMES = ("dyda-sigmoid", "biswas-figure-1", "biswas-thin", "soletskyi", "theta-digits", "8-8-8-8", "30-30", "784-30-10")
# what is left for the network beside the other parts of a window of 1024×700, 1600×1000 and 3840×2160, and a whole such picture
CANVASES = {
    "light": ((378, 398), (681, 629), (1858, 1522)),
    "print": ((378, 398), (1024, 700)),
    "dark": ((500, 330), (1600, 1000)),
    "projector": ((538, 585), (840, 885), (1024, 700), (2018, 2045), (3840, 2160)),
}
PLACES = [(theme, size) for theme, sizes in CANVASES.items() for size in sizes]


@cache
def network(name: str) -> Problem:
    """An example by name, or a network by its layers, such as "3-4-4-2"."""
    if not name[0].isdigit():
        return open_problem(name)
    layers = tuple(int(n) for n in name.split("-"))
    rng = np.random.default_rng(1)
    pairs = list(pairwise(layers))
    return Problem(
        layers=layers,
        activations=("sigmoid",) * (len(layers) - 1),
        loss="half_squared_error",
        weights=tuple(frozen(np.round(rng.normal(size=(n, k)) * 2 / np.sqrt(k), 2)) for k, n in pairs),
        biases=tuple(frozen(np.round(rng.normal(size=n) / 2, 2)) for _, n in pairs),
        x=frozen(np.round(rng.random((1, layers[0])), 2)),
        y=frozen(np.eye(layers[-1])[:1]),
        learning_rate=0.5,
    )


@cache
def record(name: str) -> Record:
    return Run(network(name)).record(1)


def moment(name: str, at: str = "end", *, granularity: Granularity = "layer", notation: str = "") -> Moment:
    """A moment of the first update of a network."""
    profile = load_notation(notation or network(name).notation)
    walk = build_walk(network(name), record(name).m, profile.presentation)
    return Moment(record(name), walk, walk.find(at), granularity, profile, NumberFormat(profile.decimals))


def addresses(name: str) -> list[str]:
    """The start and the end of every stage of the first update."""
    m = moment(name)
    return ["start", *(stage.address for stage in m.walk.stages)]


def diagram(name: str, at: str = "end", theme: Theme = LIGHT, size: tuple[int, int] = (1024, 700), **options: object) -> Diagram:
    """The picture of a moment at layer granularity, captioned as in the window."""
    m = moment(name, at)
    return build_diagram(m, theme, DiagramOptions(title=explain(m).caption, **options), *size)  # type: ignore[arg-type]


def eight(name: str) -> list[str]:
    """Eight moments from the start to the end of an update; of larger networks five."""
    every, count = addresses(name), 8 if name in EXAMPLES else 5
    return [every[round(i * (len(every) - 1) / (count - 1))] for i in range(count)]


def with_numbers(picture: Diagram) -> dict[Ref, str]:
    """Which quantities have a number in the picture, and how it is written."""
    return {
        label.ref: run.text
        for label in picture.labels
        if label.ref is not None
        for run in label.block.runs
        if run.face != "math" and any(map(str.isdigit, run.text))
    }
