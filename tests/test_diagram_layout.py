"""The picture at every size: nothing overlaps, nothing is cut off, nothing is too small or too pale to read."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from diagram_cases import EXAMPLES, SHAPES, addresses, diagram, moment
from diagram_checks import faults, ground_under
from lots import in_turn

from gui.diagram.build import DiagramOptions, layout_of
from gui.diagram.build_edges import FEW
from gui.diagram.primitives import Box, Half, Label
from gui.theme import LIGHT, PROJECTOR, THEMES, Theme, contrast
from model.notation.layers import head_name
from model.stages import Ref

SIZES = ((1024, 700), (1600, 1000), (3840, 2160))


@pytest.mark.parametrize(("name", "size"), in_turn([*EXAMPLES, *SHAPES], SIZES, 1), ids=str)
def test_nothing_overlaps_and_nothing_is_cut_off(name: str, size: tuple[int, int]) -> None:
    few = ["start", "delta:1" if name != "jacob" else "db:1", "dW:1", "end"]
    for theme, moments in ((THEMES["light"], addresses(name) if size == SIZES[0] else few), (PROJECTOR, few)):
        for at in moments:
            picture = diagram(name, at, theme, size)
            assert faults(picture) == [], (theme.name, at)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", ["dyda-sigmoid", "biswas-figure-1", "8-8-8-8", "64-16-10", "784-30-10"])
def test_nothing_is_too_small(name: str, theme: Theme, size: tuple[int, int]) -> None:
    least = max(9.0, theme.smallest_share * size[1])
    for at in ("start", "end"):
        small = {
            label.block.plain: label.block.smallest
            for label in diagram(name, at, theme, size).labels
            if label.block.smallest < least - 0.01
        }
        assert small == {}


CANVASES = (
    ("dyda-sigmoid", (1024, 700)), ("biswas-figure-1", (1024, 700)), ("soletskyi", (1024, 700)), ("8-8-8-8", (1024, 700)),
    ("8-8-8-8", (538, 585)), ("theta-digits", (681, 629)), ("dyda-sigmoid", (420, 420)),
)  # fmt: skip


@pytest.mark.parametrize(("canvas", "theme"), in_turn(CANVASES, THEMES, 2), ids=str)
def test_every_text_stands_out_from_what_is_under_it(canvas: tuple[str, tuple[int, int]], theme: str) -> None:
    name, size = canvas
    for at in addresses(name):
        picture = diagram(name, at, THEMES[theme], size)
        for i, item in enumerate(picture.items):
            if isinstance(item, Label):
                assert contrast(item.colour, item.ground) >= 4.5, (at, item.block.plain)
                assert ground_under(picture, i) == item.ground, (at, item.block.plain)


def test_layout_does_not_move_during_an_update() -> None:
    places = [
        [(item.x, item.y, item.ref) for item in diagram("biswas-figure-1", at).items if isinstance(item, Half)]
        for at in addresses("biswas-figure-1")
    ]
    assert all(place == places[0] for place in places)


def test_every_size_from_one_neuron_to_hundreds_is_laid_out() -> None:
    for name in ("1-1", "1-1-1", "12-12", "13-13", "50-60-41", "784-300-100-10", "2-1000-2"):
        for size in ((320, 240), (1024, 700)):
            picture = diagram(name, "end", size=size)
            xy = np.concatenate([lines.xy for lines in picture.edges if len(lines)])
            assert np.isfinite(xy).all()
            assert xy.min() >= -1
            assert xy[:, 0::2].max() <= size[0] + 1
            assert xy[:, 1::2].max() <= size[1] + 1


@pytest.mark.parametrize("name", ["784-30-10", "theta-digits", "30-30", "2-100-2"])
def test_large_layers_show_the_strongest_and_say_how_many(name: str) -> None:
    for size in ((1024, 700), (1600, 1000)):
        picture = diagram(name, "dW:1", size=size)
        drawn = {int(lines.layer[0]): len(lines) for lines in picture.edges if len(lines) and lines.kind == "edge"}
        layers = moment(name).record.problem.layers
        biased = moment(name).record.problem.has_biases
        for layer, count in drawn.items():
            possible = layers[layer] * (layers[layer - 1] + biased)
            head = head_name(moment(name).notation, layer, moment(name).record.problem)
            said = any(f"{head}: {count:,} of {possible:,} edges" in note for note in picture.notes)
            assert said == (count < possible), (size, layer)
    assert sum(label.block.plain == "⋮" for label in diagram("2-100-2").labels) > 0


@pytest.mark.parametrize("name", ["784-30-10", "theta-digits", "30-30"])
def test_the_ground_between_two_layers_shows_through_their_edges(name: str) -> None:
    for lines in diagram(name, "dW:1", size=(1600, 1000)).edges:
        if lines.kind == "edge" and len(lines) > FEW:
            x, y = lines.xy[:, 0::2], lines.xy[:, 1::2]
            ink = float((np.hypot(x[:, 1] - x[:, 0], y[:, 1] - y[:, 0]) * lines.width).sum())
            assert ink < 2.0 * float(np.ptp(x) * np.ptp(y))


def test_few_neurons_fill_the_height() -> None:
    for size in SIZES:
        picture = diagram("dyda-sigmoid", "delta:2", size=size)
        columns = layout_of(moment("dyda-sigmoid"), LIGHT, DiagramOptions(title="x"), *size).neurons
        top = min((column.bias_y or inf) - column.bias_r for column in columns)
        bottom = max(item.y + item.height / 2 for item in picture.items if isinstance(item, Box) and item.ref is not None)
        assert bottom - top > 0.62 * size[1]
        assert max(column.r for column in columns) > 0.07 * size[1]


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_inputs_and_targets_are_written_in_full(theme: Theme) -> None:
    for name in ("jacob", "dyda-softmax", "biswas-thin", "soletskyi", "xor", "8-8-8-8"):
        record = moment(name).record
        for size in SIZES:
            labels = diagram(name, "end", theme, size).labels
            texts = {label.ref: label.block.plain for label in labels if label.block.runs[0].face != "math"}
            for ref in [Ref("x", 0, k) for k in range(record.x.shape[1])] + [Ref("y", 0, j) for j in range(record.y.shape[1])]:
                assert float(texts[ref].replace("−", "-")) == moment(name).value(ref), (name, size, ref)


@pytest.mark.parametrize(
    ("name", "size"), [("8-8-8-8", (417, 354)), ("784-30-10", (417, 354)), ("30-30", (593, 585)), ("8-8-8-8", (854, 629))]
)
def test_no_line_comes_out_behind_a_neighbour_of_its_neuron(name: str, size: tuple[int, int]) -> None:
    columns = layout_of(moment(name), LIGHT, DiagramOptions(title="x"), *size).neurons
    ends = []
    for lines in diagram(name, "dW:1", LIGHT, size).edges:
        slopes = (lines.xy[:, 3] - lines.xy[:, 1]) / (lines.xy[:, 2] - lines.xy[:, 0])
        for layer, unit, sender, (x0, y0, x1, y1), slope in zip(lines.layer, lines.unit, lines.sender, lines.xy, slopes, strict=True):
            error = lines.kind == "error"
            ends += [(columns[layer], unit, x0, y0, slope, 1)] if error else [(columns[layer], unit, x1, y1, slope, -1)]
            ends += [(columns[layer - 1], sender, x0, y0, slope, 1)] if not error and sender >= 0 and layer > 1 else []
    assert len(ends) > 100
    for column, unit, x, y, slope, side in ends:
        outside = y + slope * (column.x + side * column.rx - x) - column.ys[column.index[int(unit)]]
        assert abs(outside) <= column.pitch - column.r + 0.5, (column.layer, unit)
