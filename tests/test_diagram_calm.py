"""What makes a picture calm: things that belong together look alike, stay as they are during an update, and none is half hidden."""

from __future__ import annotations

import random
from typing import get_args

import numpy as np
import pytest
from diagram_cases import CANVASES, NAMES, PLACES, addresses, diagram, eight, moment, with_numbers
from diagram_checks import faults, ground_under

from gui.diagram.build import DiagramOptions, layout_of
from gui.diagram.primitives import Box, Circle, Label, Lines
from gui.state import ColourBy, Numbers
from gui.theme import LIGHT, THEMES, contrast
from model.stages import Ref

COLOURS, NUMBERS = get_args(ColourBy), get_args(Numbers)

WINDOWS = {"light": ((352, 375), (634, 594), (1858, 1522)), "projector": ((501, 585), (783, 885), (1880, 2045))}


def test_whatever_is_coloured_and_numbered_nothing_collides_and_all_can_be_read() -> None:
    """Every example, theme and canvas with a colour, a density, a scale and something chosen, drawn by lot."""
    lot = random.Random(4)
    canvases = {name: (*CANVASES[name], *WINDOWS.get(name, ()), (1600, 1000), (3840, 2160)) for name in THEMES}
    for name in NAMES:
        for theme in THEMES.values():
            at, size = lot.choice(addresses(name)), lot.choice(canvases[theme.name])
            chosen = lot.choice([None, Ref("a", 1, 0), Ref("W", 1, 0, 0), Ref("delta", 1, 0), Ref("x", 0, 0)])
            options = {"colour_by": lot.choice(COLOURS), "numbers": lot.choice(NUMBERS), "scale": lot.choice(["linear", "symlog"])}
            picture = diagram(name, at, theme, size, selected=chosen, hovered=chosen, **options)
            case = (name, theme.name, size, at, options, chosen)
            assert faults(picture) == [], case
            least = max(9.0, theme.smallest_share * size[1])
            for i, item in enumerate(picture.items):
                if isinstance(item, Label):
                    assert item.block.smallest >= least - 0.01, (case, item.block.plain)
                    assert contrast(item.colour, item.ground) >= 4.5, (case, item.block.plain)
                    assert ground_under(picture, i) == item.ground, (case, item.block.plain)


@pytest.mark.parametrize(("theme", "size"), [(t, size) for t, sizes in WINDOWS.items() for size in sizes[:2]])
def test_titles_and_notes_are_never_cut(theme: str, size: tuple[int, int]) -> None:
    for name in NAMES:
        for at in eight(name):
            said = [label for label in diagram(name, at, THEMES[theme], size).labels if label.kind in ("caption", "note", "convention")]
            assert not [label.block.plain for label in said if "…" in label.block.plain], (name, at)
            titles = [label.block.size for label in said if label.kind == "caption"]
            assert all(label.block.size <= min(titles) for label in said if label.kind == "convention"), (name, at)


def test_a_note_counts_all_edges_where_layers_have_no_room() -> None:
    said = [label.block.plain for label in diagram("784-300-100-10", "dW:2", LIGHT, (300, 300)).labels if label.kind == "note"]
    assert said
    assert not any("…" in text for text in said)


@pytest.mark.parametrize(("theme", "size"), PLACES, ids=[f"{theme}-{size[0]}" for theme, size in PLACES])
def test_all_layers_are_described_alike(theme: str, size: tuple[int, int]) -> None:
    for name in ("dyda-sigmoid", "biswas-figure-1", "biswas-thin", "theta-digits", "8-8-8-8"):
        picture = diagram(name, "start", THEMES[theme], size)
        columns = layout_of(moment(name), THEMES[theme], DiagramOptions(title="x"), *size).columns
        heads = [label for label in picture.labels if label.kind == "head"]
        below = [label.block.plain for label in heads if label.y > min(head.y for head in heads) + 1]
        layers = [text for text in below if any(word in text for word in ("sigmoid", "relu", "softmax"))]
        named = sum(label.kind == "name" and label.ref is None for label in picture.labels)  # of numbers, in place of the kind
        assert len(layers) in (0, sum(column.kind == "layer" for column in columns) - named), (name, below)
        assert len({("neuron" in text, "·" in text) for text in layers}) <= 1, (name, below)


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_a_lecture_network_shows_three_decimals_at_every_width(theme: str) -> None:
    for width in range(352, 1300, 97):
        for name in ("dyda-sigmoid", "jacob"):
            m = moment(name, "end")
            texts = with_numbers(diagram(name, "end", THEMES[theme], (width, round(0.93 * width))))
            for ref in [Ref(q, l, j) for q in "za" for l, n in enumerate(m.record.problem.layers) if l for j in range(n)]:
                away = abs(float(texts[ref].replace("−", "-")) - m.value(ref))
                assert away <= 0.5001 * 10.0 ** -min(3, m.fmt.decimals or 15), (width, name, ref, texts[ref])


@pytest.mark.parametrize(
    ("theme", "size"), [("light", (352, 337)), ("print", (417, 354)), ("projector", (501, 585)), ("projector", (783, 885))]
)
def test_no_error_is_without_its_name_on_any_canvas(theme: str, size: tuple[int, int]) -> None:
    """In its badge, or in the head of its column, with the look that tells it from another kind below the same head."""
    errors = 0
    for name in ("biswas-figure-1", "biswas-thin", "soletskyi", "xor", "3-4-4-2", "8-8-8-8", "12-12-12"):
        for at in [at for at in addresses(name) if at.startswith(("dLda", "dadz", "delta", "dW"))]:
            picture, m = diagram(name, at, THEMES[theme], size), moment(name, at)
            named = {label.x: label.block.plain for label in picture.labels if label.kind == "name" and label.ref is None}
            columns = layout_of(m, THEMES[theme], DiagramOptions(title="x"), *size).neurons
            for label in picture.labels:
                if label.ref is None or label.ref.quantity not in ("dLda", "delta", "dadz") or label.kind == "edge":
                    continue
                head = [text for x, text in named.items() if abs(x - columns[label.ref.layer].x) < 3 * label.block.size]
                assert head or any(run.face == "math" for run in label.block.runs), (name, at, label.block.plain)
                errors += 1
            pills = [item for item in picture.items if isinstance(item, Box) and item.x in named and item.y < columns[0].ys[0]]
            for line in [label for label in picture.labels if label.kind == "head"]:
                low = line.y + 0.58 * line.block.size  # where letters such as the "y" of "layer" end
                assert not any(low > pill.y - pill.height / 2 and abs(pill.x - line.x) < pill.width / 2 for pill in pills), (name, at)
            assert faults(picture) == [], (name, at)
    assert errors > 100


def test_numbers_of_edges_keep_clear_of_high_badges_and_of_images() -> None:
    over = Ref("W", 1, 0, 0)
    assert faults(diagram("biswas-figure-1", "W_new:2", THEMES["projector"], (2534, 2045))) == []
    assert faults(diagram("theta-digits", "W_new:1", THEMES["projector"], (675, 585), numbers="hover", hovered=over, selected=over)) == []


def test_an_upper_index_stays_within_its_badge() -> None:
    for size in ((352, 375), (854, 629)):
        picture = diagram("biswas-figure-1", "delta:2", LIGHT, size)
        boxes = [item for item in picture.items if isinstance(item, Box) and item.fill is not None]
        raised = [label for label in picture.labels if label.kind == "badge" or (label.kind == "name" and label.ref is None)]
        assert raised
        for label in raised:
            own = next(box for box in boxes if box.x == label.x and abs(box.y - label.y) < 5 and box.height < 3 * label.block.size)
            baseline = label.y + 0.36 * label.block.size
            assert baseline - label.block.ascent >= own.y - own.height / 2, label.block.plain


@pytest.mark.parametrize(("theme", "size"), [("light", (352, 337)), ("dark", (417, 354)), ("light", (854, 629)), ("projector", (501, 585))])
def test_up_to_twelve_neurons_of_a_layer_are_all_drawn_with_a_number(theme: str, size: tuple[int, int]) -> None:
    for name in ("12-12-12", "5-12-9-3", "2-12-2"):
        for at in ("z:1", "a:1", "end"):
            picture, m = diagram(name, at, THEMES[theme], size), moment(name, at)
            assert faults(picture) == [], (name, at)
            shown = with_numbers(picture)
            for column in layout_of(m, THEMES[theme], DiagramOptions(title="x"), *size).neurons:
                assert len(column.units) == m.record.problem.layers[column.layer]
                found = {ref.unit for ref in shown if ref.layer == column.layer and ref.quantity in ("x", "z", "a", "delta")}
                assert found == set(column.units) or (at != "end" and column.layer > 1), (name, at, column.layer)


@pytest.mark.parametrize("size", [(595, 585), (1055, 885), (2534, 2045)])
def test_neurons_of_a_small_network_are_halves_side_by_side_in_the_projector_too(size: tuple[int, int]) -> None:
    columns = layout_of(moment("dyda-sigmoid"), THEMES["projector"], DiagramOptions(title="x"), *size).neurons
    assert not any(column.stacked for column in columns)
    assert not layout_of(moment("soletskyi"), THEMES["projector"], DiagramOptions(title="x"), 1500, 885).neurons[1].stacked
    assert layout_of(moment("soletskyi"), THEMES["projector"], DiagramOptions(title="x"), 1024, 700).neurons[1].stacked, "edges need room"


@pytest.mark.parametrize(("theme", "size"), PLACES, ids=[f"{theme}-{size[0]}" for theme, size in PLACES])
def test_numbers_of_neurons_have_one_height_that_no_step_changes(theme: str, size: tuple[int, int]) -> None:
    for name in ("dyda-sigmoid", "biswas-figure-1", "8-8-8-8"):
        heights = {
            label.block.size
            for at in eight(name)
            for label in diagram(name, at, THEMES[theme], size).labels
            if not label.kind and label.ref is not None and label.ref.quantity in ("z", "a") and label.block.runs[0].face == "semibold"
        }
        assert len(heights) == 1, (name, heights)


@pytest.mark.parametrize(("theme", "size"), PLACES, ids=[f"{theme}-{size[0]}" for theme, size in PLACES])
def test_rings_reach_no_other_neuron(theme: str, size: tuple[int, int]) -> None:
    colours = THEMES[theme]
    for name, layer in (("30-30", 1), ("8-8-8-8", 2), ("theta-digits", 2), ("biswas-figure-1", 1)):
        picture = diagram(name, f"delta:{layer}", colours, size)
        column = layout_of(moment(name), colours, DiagramOptions(title="x"), *size).neurons[layer]
        rings = [item for item in picture.items if isinstance(item, Box | Circle) and item.fill == colours.gold]
        assert len(rings) == len(column.units)
        for ring in rings:
            reach = ring.height / 2 if isinstance(ring, Box) else ring.r
            others = [y for y in column.ys if abs(y - ring.y) > 1]
            assert all(abs(y - ring.y) - column.r > reach - 1.6 for y in others), (name, reach, column.r, column.pitch)


def test_many_current_edges_stand_out_though_they_have_no_colour_yet() -> None:
    for theme in THEMES.values():
        picture = diagram("theta-digits", "z:1", theme, (1600, 1000))
        first, second = (np.vstack([lines.rgb for lines in edges(picture.edges, l)]) for l in (1, 2))
        assert not (first == np.array(theme.edge)).all(axis=1).any()
        assert (second == np.array(theme.edge)).all()


def edges(groups: tuple[Lines, ...] | list[Lines], layer: int) -> list[Lines]:
    return [lines for lines in groups if lines.kind == "edge" and len(lines) and lines.layer[0] == layer]


@pytest.mark.parametrize(("theme", "size"), PLACES, ids=[f"{theme}-{size[0]}" for theme, size in PLACES])
def test_the_numbers_of_a_crowd_of_edges_are_shown_nearly_all_or_not(theme: str, size: tuple[int, int]) -> None:
    for name in ("30-30", "8-8-8-8"):
        picture = diagram(name, "dW:1", THEMES[theme], size)
        count = sum(int(lines.layer[0]) == 1 and len(lines) for lines in edges(picture.edges, 1))
        shown = sum(ref.quantity in ("dW", "db") for ref in with_numbers(picture))
        assert shown == 0 or shown >= 0.9 * count, (name, shown, count)


def test_errors_of_many_outputs_stand_in_their_badges_only() -> None:
    for name in ("theta-digits", "8-8-8-8", "30-30"):
        for size in ((634, 594), (1600, 1000), (3840, 2160)):
            labels = diagram(name, f"dLda:{moment(name).record.problem.depth}", LIGHT, size).labels
            assert not [label for label in labels if label.kind == "edge" and label.ref and label.ref.quantity == "dLda"]


def test_errors_stand_on_all_lines_to_the_loss_or_on_none() -> None:
    counts = set()
    for theme, size in PLACES:
        for name in ("dyda-sigmoid", "5-12-9-3", "3-4-4-2"):
            labels = diagram(name, "end", THEMES[theme], size).labels
            shown = [label for label in labels if label.kind == "edge" and label.ref and label.ref.quantity == "dLda"]
            assert len(shown) in (0, moment(name).record.problem.layers[-1]), (name, theme, size)
            counts.add(len(shown))
    assert len(counts) > 1


@pytest.mark.parametrize(("theme", "size"), PLACES, ids=[f"{theme}-{size[0]}" for theme, size in PLACES])
def test_symbols_of_a_layer_all_have_their_indices_or_none(theme: str, size: tuple[int, int]) -> None:
    for name in ("theta-digits", "8-8-8-8", "30-30"):
        labels = [label for label in diagram(name, "start", THEMES[theme], size).labels if not label.kind and label.ref]
        for layer in range(1, moment(name).record.problem.depth + 1):
            for quantity in ("z", "a"):
                runs = [len(label.block.runs) > 1 for label in labels if (label.ref.quantity, label.ref.layer) == (quantity, layer)]
                assert len(set(runs)) <= 1, (name, quantity, layer)


def test_long_notes_keep_clear_of_the_legend() -> None:
    for at in ("dLda:1", "dW:1", "dW:2"):
        assert faults(diagram("theta-digits", at, THEMES["projector"], (1600, 1000))) == [], at


@pytest.mark.parametrize("name", ["biswas-thin", "biswas-figure-1", "theta-digits", "dyda-sigmoid"])
def test_indices_of_indices_are_not_too_small_either(name: str) -> None:
    for theme, size in (("light", (352, 375)), ("projector", (1024, 700))):
        least = max(9.0, THEMES[theme].smallest_share * size[1])
        for at in addresses(name):
            small = [label.block.plain for label in diagram(name, at, THEMES[theme], size).labels if label.block.smallest < least - 0.01]
            assert not small, (theme, at)
