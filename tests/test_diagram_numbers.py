"""The numbers on the edges: those of the step stand there on any canvas, in one precision, clear of rings; what changes looks changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from diagram_cases import EXAMPLES, addresses, diagram, moment, network, record
from diagram_checks import Bounds, covers, meet, node_bounds
from lots import in_turn

from gui.diagram.build import DiagramOptions, build_diagram
from gui.diagram.build_edge_numbers import CROWDED
from gui.diagram.context import write
from gui.diagram.labels import Gap, Wish
from gui.diagram.primitives import Box, Circle, Diagram
from gui.theme import LIGHT, THEMES
from model.expr.tree import NumberFormat
from model.moment import Moment
from model.notation.layers import head_name
from model.notation.profile import load_notation
from model.problem import frozen
from model.run import Run
from model.stages import Ref

PLACES = [("light", (378, 398)), ("light", (681, 629)), ("light", (1024, 700)), ("projector", (783, 885)), ("projector", (840, 885)),
          ("projector", (1024, 700))]  # fmt: skip


def on_edges(picture: Diagram, at: str) -> list[tuple[str, Ref]]:
    """The numbers that are formed in a step such as "W_new:2"."""
    quantity, _, layer = at.partition(":")
    labels = [(label.block.plain, label.ref) for label in picture.labels if label.kind == "edge" and label.ref is not None]
    return [(text, ref) for text, ref in labels if ref.quantity == quantity and ref.layer == int(layer)]


@pytest.mark.parametrize(("name", "place"), in_turn(EXAMPLES, PLACES, 3), ids=str)
def test_all_numbers_of_the_step_find_room(name: str, place: tuple[str, tuple[int, int]]) -> None:
    theme, size = place
    for at in addresses(name):
        assert not any("fit" in note for note in diagram(name, at, THEMES[theme], size).notes), at


@pytest.mark.parametrize(("theme", "size"), [("light", (417, 354)), ("projector", (1011, 885))])
@pytest.mark.parametrize("name", ["dyda-sigmoid", "jacob", "biswas-thin", "xor"])
def test_a_number_is_written_alike_all_through_an_update(name: str, theme: str, size: tuple[int, int]) -> None:
    seen: dict[Ref, set[tuple[str, float]]] = {}
    for at in addresses(name):
        for label in diagram(name, at, THEMES[theme], size).labels:
            if label.kind == "edge" and label.ref is not None:
                seen.setdefault(label.ref, set()).add((label.block.plain, label.block.size))
    assert len(seen) > 12
    assert {ref: forms for ref, forms in seen.items() if len(forms) > 1} == {}


@pytest.mark.parametrize(("at", "said"), [("dW:1", "· 1e−3 is 0.001"), ("a:2", "")])
def test_the_legend_tells_what_a_short_power_of_ten_means(at: str, said: str) -> None:
    picture = diagram("3-4-4-2", at, LIGHT, (417, 354))
    assert any(label.block.plain.endswith("1e−3") for label in picture.labels) == bool(said)
    legend = next(label.block.plain for label in picture.labels if label.kind == "legend")
    assert said in legend
    assert ("e−" in legend) == bool(said)


def test_a_power_of_ten_that_would_be_long_is_put_into_words() -> None:
    m = moment("dyda-sigmoid", "z:1")
    huge = replace(network("dyda-sigmoid"), weights=tuple(w * 1e200 for w in m.record.problem.weights), activations=("identity",) * 2)
    picture = build_diagram(replace(m, record=Run(huge).record(1)), LIGHT, DiagramOptions(), 854, 629)
    assert any("· e199 is times 10 to the 199" in label.block.plain for label in picture.labels)


def whole(text: str) -> str:
    """A number without the mark of a small change, with the zero before the point that it may lack in the tightest places."""
    bare = text.rstrip("↑↓")
    return bare.replace(".", "0.", 1) if bare.lstrip("−").startswith(".") else bare


@pytest.mark.parametrize(("theme", "size"), PLACES)
@pytest.mark.parametrize("name", ["biswas-figure-1", "dyda-softmax", "soletskyi"])
def test_the_numbers_of_a_layer_have_one_precision(name: str, theme: str, size: tuple[int, int]) -> None:
    for at in addresses(name):
        kind, _, _ = at.partition(":")
        if kind not in ("dW", "W_new", "dW_sample"):
            continue
        m = moment(name, at)
        texts = [(whole(text), m.value(ref)) for text, ref in on_edges(diagram(name, at, THEMES[theme], size), at)]
        assert any(all(text == write(value, m.fmt, k) for text, value in texts) for k in range(9)), (at, texts)


@pytest.mark.parametrize(("theme", "size"), PLACES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_new_weight_looks_new(name: str, theme: str, size: tuple[int, int]) -> None:
    for at in (at for at in addresses(name) if at.startswith(("W_new", "b_new"))):
        m = moment(name, at)
        for text, ref in on_edges(diagram(name, at, THEMES[theme], size), at):
            old, new = m.value(ref._replace(quantity=ref.quantity[0])), m.value(ref)
            if write(new, m.fmt, 15) != write(old, m.fmt, 15):  # else it is unchanged in tables and formulas too
                assert text not in [write(old, m.fmt, k) for k in range(9)], (at, ref)


@pytest.mark.parametrize("at", ["dW:2", "W_new:2"])
def test_many_numbers_of_a_step_keep_apart_and_their_zeros(at: str) -> None:
    """A heap of 26 of which ".53" and "−.44" touch tells nothing: fewer, each for itself, and how many is said."""
    picture = diagram("2-12-2", at, LIGHT, (378, 398))
    shown = [label for label in picture.labels if label.kind == "edge" and label.ref and label.ref.layer == 2]
    assert shown
    assert not [label.block.plain for label in shown if label.block.plain.lstrip("−").startswith(".")]
    boxes = [(*label.bounds, 0.3 * label.block.size) for label in shown]
    for i, (left, top, right, bottom, gap) in enumerate(boxes):
        beside = [b for b in boxes[:i] if b[1] < bottom - 0.3 * (bottom - top) and top < b[3] - 0.3 * (bottom - top)]
        assert all(left - b[2] >= gap or b[0] - right >= gap for b in beside), shown[i].block.plain
    assert len(shown) == 26 or any("26" in note for note in picture.notes)


def barely_changed(by: float) -> Moment:
    m = moment("dyda-sigmoid", "W_new:2")
    assert m.record.new_params is not None
    new = replace(m.record.new_params, theta=m.record.params.theta + by)
    return replace(m, record=replace(m.record, new_params=new))


def test_a_change_too_small_for_the_digits_is_written_itself() -> None:
    picture = build_diagram(barely_changed(2e-7), LIGHT, DiagramOptions(), 681, 629)
    assert {text for text, _ in on_edges(picture, "W_new:2")} == {"Δ +2e−7"}
    unchanged = build_diagram(barely_changed(0.0), LIGHT, DiagramOptions(), 681, 629)
    assert not any("Δ" in label.block.plain for label in unchanged.labels if label.kind == "edge")


def rings(picture: Diagram, gold: tuple[int, int, int]) -> list[Circle | Box]:
    return [item for item in picture.items if isinstance(item, Circle | Box) and item.fill == gold]


def touches(ring: Circle | Box, box: Bounds) -> bool:
    return covers((ring.x, ring.y, ring.r, ring.r), box) if isinstance(ring, Circle) else meet(node_bounds(ring), box)


@pytest.mark.parametrize(
    ("name", "place"), in_turn(["dyda-sigmoid", "biswas-figure-1", "biswas-thin", "xor"], [*PLACES, ("projector", (538, 585))], 4), ids=str
)
def test_no_number_runs_under_a_ring(name: str, place: tuple[str, tuple[int, int]]) -> None:
    theme, size = place
    for at in addresses(name):
        picture = diagram(name, at, THEMES[theme], size)
        marks = rings(picture, THEMES[theme].gold)
        under = [label.block.plain for label in picture.labels if label.kind == "edge" for ring in marks if touches(ring, label.bounds)]
        assert under == [], at


def test_a_number_makes_way_for_one_that_has_fewer_places() -> None:
    strokes = np.array([[0.0, 0.0, 200.0, 0.0], [100.0, -60.0, 100.0, 60.0]])
    nothing = np.zeros((0, 3))
    walls = np.array([[60.0, -80.0, 140.0, -20.0], [60.0, 20.0, 140.0, 80.0]])  # leave the second stroke the crossing alone
    wishes = [Wish(0, 30.0, 12.0, must=True), Wish(1, 30.0, 12.0, must=True)]
    first, second = Gap(strokes, nothing, walls, prefer=0.5).place(wishes, tolerated=0)
    assert first is not None
    assert second is not None
    assert abs(first[0] - second[0]) >= 30 or abs(first[1] - second[1]) >= 12


@pytest.mark.parametrize("name", ["biswas-figure-1", "jacob", "soletskyi"])
@pytest.mark.parametrize("size", [(300, 260), (460, 400), (1024, 700)])
def test_numbers_that_find_no_room_are_counted(name: str, size: tuple[int, int]) -> None:
    """Also those that are not of the step; where edges are crowded nobody expects these."""
    for at in ("start", "z:1", "delta:2", "W_new:2"):
        problem = moment(name, at).record.problem
        picture = diagram(name, at, LIGHT, size)
        shown = [
            label.ref.layer
            for label in picture.labels
            if label.kind == "edge" and label.ref and label.ref.quantity[:2] in ("W", "b", "dW", "db", "W_", "b_")
        ]
        for l, W in enumerate(problem.weights, 1):
            edges = W.size + (W.shape[0] if problem.has_biases else 0)
            told = any(
                note.startswith(head_name(load_notation(problem.notation), l, problem)) and "numbers" in note for note in picture.notes
            )
            assert edges > CROWDED or told is (shown.count(l) < edges), (at, l, shown.count(l), edges, picture.notes)


def test_the_canvas_writes_numbers_as_the_board_does() -> None:
    """Two decimals show 0.0011 as it is on the board and in tables, not as 1e−3 beside 0.01."""
    m = replace(moment("jacob", "dW:1"), fmt=NumberFormat(2))
    picture = build_diagram(m, LIGHT, DiagramOptions(), 640, 480)
    assert sorted(text for text, ref in on_edges(picture, "dW:1")) == ["0.0011", "0.0013", "0.0055", "0.0067"]


def with_small_output(places: int) -> Moment:
    """An output of about 0.0024, and a loss of 0.00013."""
    problem = network("1-1-1")
    problem = replace(
        problem, biases=(problem.biases[0], frozen(np.array([-6.03 - problem.weights[1][0, 0] * record("1-1-1").a[-2][0, 0]])))
    )
    output = Run(problem).record(1).a[-1]
    problem = replace(problem, y=frozen(output + 0.016075))
    return replace(moment("1-1-1"), record=Run(problem).record(1), fmt=NumberFormat(places))


@pytest.mark.parametrize(("places", "output", "loss"), [(2, "0.0024", "0.00013"), (8, "0.002", "0.000129")])
def test_small_numbers_of_nodes_are_written_as_on_the_board_where_there_is_room(places: int, output: str, loss: str) -> None:
    picture = build_diagram(with_small_output(places), LIGHT, DiagramOptions(), 681, 629)
    found = {label.ref: label.block.plain for label in picture.labels if label.ref in (Ref("loss"), Ref("a", 2, 0)) and not label.kind
             and any(map(str.isdigit, label.block.plain))}  # fmt: skip
    assert found[Ref("a", 2, 0)].startswith(output)
    assert found[Ref("loss")].startswith(loss)


@pytest.mark.parametrize(
    ("at", "options", "said"),
    [("delta:2", {}, "numbers:𝑤"), ("dW:2", {}, "numbers:𝑤, layer 3𝜕𝐿/𝜕𝑤"), ("dW:1", {}, "numbers:𝜕𝐿/𝜕𝑤, layer 3𝑤"),
     ("W_new:2", {}, "numbers:new𝑤"),
     ("dW:2", {"colour_by": "weight"}, "numbers:𝑤, layer 3𝜕𝐿/𝜕𝑤"), ("z:1", {"colour_by": "weight"}, None)],
)  # fmt: skip
def test_the_legend_says_what_the_numbers_are_where_colours_are_something_else(
    at: str, options: dict[str, object], said: str | None
) -> None:
    picture = diagram("jacob", at, LIGHT, (900, 600), **options)
    legend = "".join(label.block.plain for label in picture.labels if label.kind == "legend")
    assert (said + "·" in legend) if said else "numbers" not in legend, legend


@pytest.mark.parametrize(
    ("name", "theme", "size"),
    [
        ("dyda-sigmoid", "light", (780, 620)),
        ("dyda-sigmoid", "light", (560, 440)),
        ("jacob", "projector", (783, 560)),
        ("dyda-softmax", "light", (640, 480)),
    ],
)
def test_errors_stand_on_or_beside_their_lines_as_soon_as_they_are_known(name: str, theme: str, size: tuple[int, int]) -> None:
    m = moment(name)
    known = next(at for at in addresses(name) if at in ("dLda:2", "delta:2"))
    for at in addresses(name)[addresses(name).index(known) :]:
        picture = diagram(name, at, THEMES[theme], size)
        refs = [label.ref for label in picture.labels if label.kind == "edge" and label.ref and label.ref.quantity == "dLda"]
        assert {ref.unit for ref in refs} == ({0, 1} if known.startswith("dLda") else set()), at
    assert m.record.problem.depth == 2


def test_what_comes_back_to_the_inputs_of_a_layer_has_badges_also_below_the_constant_1() -> None:
    for theme, size in (("light", (780, 620)), ("projector", (1000, 800)), ("light", (352, 375))):
        picture = diagram("dyda-sigmoid", "dLdX:2", THEMES[theme], size)
        badges = {label.ref: label for label in picture.labels if label.kind == "badge" and label.ref and label.ref.quantity == "dLdX"}
        assert {ref.unit for ref in badges} == {0, 1, 2}
        assert badges[Ref("dLdX", 2, 0)].y < min(label.y for ref, label in badges.items() if ref.unit)
