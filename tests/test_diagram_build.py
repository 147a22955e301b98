"""What the picture says: nothing before it is computed, everything that is current, in the words and symbols of the notation."""

from __future__ import annotations

import gc
from dataclasses import replace

import numpy as np
import pytest
from diagram_cases import EXAMPLES, addresses, diagram, moment, network

from gui.diagram.build import DiagramOptions, build_diagram
from gui.diagram.context import PathOverlay, write
from gui.diagram.current import current_of
from gui.diagram.inline import sentence
from gui.diagram.primitives import Box, Circle, Diagram, Half, Label
from gui.diagram.values import largest_of, layer_values
from gui.theme import DARK, LIGHT, PROJECTOR, Theme
from model.explain.calculation import calculation
from model.explain.steps import explain
from model.expr.tree import NumberFormat
from model.moment import Moment
from model.record import Record
from model.run import Run
from model.scales import format_of_ref
from model.stages import GIVEN, Ref

ALWAYS = GIVEN | {"one", "a"}


def build(m: Moment, **options: object) -> Diagram:
    return build_diagram(m, LIGHT, DiagramOptions(**options), 1024, 700)  # type: ignore[arg-type]


def shown(picture: Diagram) -> dict[Ref, str]:
    return {label.ref: label.block.plain for label in picture.labels if label.ref is not None}


def numbers(picture: Diagram) -> dict[Ref, str]:
    return {label.ref: run.text for label in picture.labels if label.ref is not None for run in label.block.runs if run.face != "math"}


def is_number(text: str) -> bool:
    return text.lstrip("−")[:1].isdigit() and "[" not in text and "(" not in text


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_is_shown_before_it_is_computed(name: str) -> None:
    for at in addresses(name):
        m = moment(name, at)
        for label in build(m).labels:
            if label.ref is not None and any(is_number(run.text) for run in label.block.runs if run.face != "math"):
                assert m.known(label.ref), (at, label.ref, label.block.plain)


def test_a_picture_keeps_no_record_in_memory() -> None:
    def alive() -> set[int]:
        gc.collect()
        return {id(found) for found in gc.get_objects() if isinstance(found, Record)}

    m = moment("dyda-sigmoid", "loss")
    others, run = alive(), Run(network("dyda-sigmoid"))
    for step in (1, 2, 3):
        build(replace(m, record=run.record(step)))
    del run
    assert alive() <= others


@pytest.mark.parametrize("name", EXAMPLES)
def test_numbers_are_those_of_the_record(name: str) -> None:
    for at in addresses(name):
        m = moment(name, at)
        for label in build(m).labels:
            if label.ref is None or label.kind == "legend":
                continue
            number = next((run.text for run in label.block.runs if run.face != "math"), None)
            if number is not None:
                formats = (m.fmt, format_of_ref(m, label.ref))
                assert any(number == write(m.value(label.ref), fmt, k) for fmt in formats for k in range(9)), (at, label.ref, number)


def test_symbols_stand_where_numbers_will_be() -> None:
    texts = shown(build(moment("dyda-sigmoid", "start")))
    assert texts[Ref("z", 1, 0)] == "𝑛𝑒𝑡[1]1"
    assert texts[Ref("a", 2, 1)] == "𝑎[2]2"
    assert texts[Ref("loss")] == "𝐿"
    assert {ref.quantity for ref in texts} <= {"x", "y", "W", "b", "one", "z", "a", "loss"}


def test_another_notation_shows_its_own_symbols() -> None:
    texts = shown(build(moment("dyda-sigmoid", "start", notation="jacob")))
    assert texts[Ref("z", 1, 0)].startswith("𝑧")
    assert "𝑛𝑒𝑡" not in "".join(texts.values())


@pytest.mark.parametrize(
    ("at", "neurons", "edges"),
    [("start", 0, 0), ("z:1", 2, 6), ("a:1", 2, 0), ("loss", 0, 0), ("delta:2", 2, 0), ("dW:2", 0, 6), ("W_new:2", 0, 6), ("dLda:1", 2, 4)],
)
def test_what_is_current(at: str, neurons: int, edges: int) -> None:
    current = current_of(moment("dyda-sigmoid", at))
    assert len(current.neurons) == neurons
    assert sum(int(mask.sum()) for mask in current.edges.values()) == edges


def test_one_term_lights_one_edge_and_shows_the_sum_so_far() -> None:
    m = moment("dyda-sigmoid", "z:1:0:1", granularity="term")
    current = current_of(m)
    assert np.argwhere(current.edges[1]).tolist() == [[0, 1]]
    assert current.sources == {(0, 0)}
    calc = calculation(m.record, Ref("z", 1, 0))
    assert calc is not None
    expected = sum(np.prod([m.value(f) for f in calc.term(i).factors]) for i in range(2))
    assert current.running == (Ref("z", 1, 0), pytest.approx(expected))
    assert numbers(build(m))[Ref("z", 1, 0)] == write(expected, m.fmt, 3)


@pytest.mark.parametrize("name", ["dyda-sigmoid", "jacob", "biswas-thin", "xor"])
@pytest.mark.parametrize("kind", ["dW", "W_new"])
def test_current_edges_always_carry_their_numbers(name: str, kind: str) -> None:
    picture = diagram(name, f"{kind}:1")
    layers = moment(name).record.problem.layers
    refs = {label.ref for label in picture.labels if label.kind == "edge"}
    wanted = {Ref(kind, 1, j, k) for j in range(layers[1]) for k in range(layers[0])}
    assert wanted <= refs


def test_new_weights_replace_old_ones_except_where_the_old_ones_are_in_use() -> None:
    assert Ref("W_new", 2, 0, 0) in shown(build(moment("dyda-sigmoid", "W_new:2")))
    assert Ref("W", 2, 0, 0) in shown(build(moment("dyda-sigmoid", "dLda:1")))
    assert Ref("W_new", 2, 0, 0) in shown(build(moment("dyda-sigmoid", "delta:1")))


def test_edges_are_coloured_by_what_is_asked_once_it_is_known() -> None:
    def colours(at: str, by: str, layer: int) -> set[tuple[int, ...]]:
        return {tuple(map(int, c)) for lines in build(moment("dyda-sigmoid", at), colour_by=by).edges
                if lines.kind == "edge" and len(lines) and lines.layer[0] == layer for c in lines.rgb}  # fmt: skip

    assert colours("start", "gradient", 2) == {LIGHT.edge}
    assert LIGHT.edge not in colours("dW:2", "gradient", 2)
    assert colours("dW:2", "gradient", 1) == {LIGHT.edge}
    assert len(colours("start", "weight", 1)) > 1
    assert colours("dW:2", "update", 2) == {LIGHT.edge}
    assert len(colours("W_new:2", "update", 2)) > 1
    assert len(colours("z:1", "contribution", 1)) > 1
    assert colours("end", "none", 1) == {LIGHT.edge}


def test_sign_is_dash_and_size_is_width() -> None:
    for lines in build(moment("dyda-sigmoid", "start"), colour_by="weight").edges:
        if lines.kind == "edge" and len(lines):
            values = [moment("dyda-sigmoid").value(lines.ref(i)) for i in range(len(lines))]
            assert lines.dashed.tolist() == [v < 0 for v in values]
            assert np.argsort(np.abs(values), kind="stable").tolist() == np.argsort(lines.width, kind="stable").tolist()


def test_legend_says_quantity_scale_and_range() -> None:
    def texts(**options: object) -> list[str]:
        return [label.block.plain for label in build(moment("dyda-sigmoid", "end"), **options).labels if label.kind == "legend"]

    assert texts()[0] == "𝜕𝐿/𝜕𝑊· linear · range of this step · shortened to fit· numbers:new𝑊· wide = large, dashed = negative"
    assert "logarithmic" in texts(scale="symlog")[0]
    assert texts(limit=2.0)[1:] == ["−2", "0", "2"]
    assert texts(legend=False) == []


@pytest.mark.parametrize(("numbers", "count"), [("none", 0), ("current", 6), ("selected", 0)])
def test_numbers_can_be_thinned_out(numbers: str, count: int) -> None:
    labels = [label for label in build(moment("dyda-sigmoid", "dW:2"), numbers=numbers).labels if label.kind == "edge"]
    assert len([label for label in labels if label.ref is not None and label.ref.quantity in ("W", "b", "dW", "db")]) == count


def test_selection_and_highlights_are_drawn() -> None:
    plain, m = build(moment("dyda-sigmoid")), moment("dyda-sigmoid")
    for options in ({"selected": Ref("z", 1, 0)}, {"hovered": Ref("W", 1, 0, 1)}, {"highlighted": frozenset({Ref("b", 2), Ref("loss")})}):
        assert len(build(m, **options).items) > len(plain.items), options


@pytest.mark.parametrize("notation", ["dyda", "biswas", "jacob", "theta", "soletskyi"])
def test_titles_hold_no_leftovers_of_latex(notation: str) -> None:
    for name in ("dyda-sigmoid", "biswas-figure-1"):
        for address in addresses(name)[1:]:
            m = replace(moment(name, address, notation=notation), granularity="term")
            title = [label.block for label in build(m, title=explain(m).caption).labels if label.kind == "caption"]
            assert not set("^_\\{}") & set("".join(block.plain for block in title)), address
            assert all(run.text[-1:] != "_" for block in title for run in block.runs)


def test_symbols_in_a_title_have_real_indices() -> None:
    runs = {run.text: run.dy for run in sentence("∂L/∂b^(2)_16: error", 20.0, "regular", 9.0).runs}
    assert runs["(2)"] < 0 < runs["16"]
    assert runs[": error"] == 0
    assert sentence("∇_(a_3) L", 20.0, "regular", 9.0).latex == "$\\nabla _{a3}$ L"


def test_no_bias_nodes_without_biases() -> None:
    assert not [item for item in build(moment("soletskyi")).items if isinstance(item, Circle) and item.ref and item.ref.quantity == "one"]
    assert [item for item in build(moment("xor")).items if isinstance(item, Circle) and item.ref and item.ref.quantity == "one"]


def test_every_neuron_has_two_halves_and_every_input_and_target_a_place() -> None:
    picture = build(moment("biswas-figure-1"))
    layers = moment("biswas-figure-1").record.problem.layers
    assert len([item for item in picture.items if isinstance(item, Half)]) == 2 * sum(layers[1:])
    places = {item.ref for item in picture.items if isinstance(item, (Circle, Box)) and item.ref is not None}
    assert {Ref("x", 0, k) for k in range(layers[0])} | {Ref("y", 0, j) for j in range(layers[-1])} | {Ref("loss")} <= places


def test_same_input_gives_the_same_picture() -> None:
    one, two = build(moment("biswas-figure-1", "dW:2")), build(moment("biswas-figure-1", "dW:2"))
    assert [repr(item) for item in one.items if isinstance(item, Label)] == [repr(item) for item in two.items if isinstance(item, Label)]


def test_undefined_and_infinite_numbers_are_drawn() -> None:
    m = moment("dyda-sigmoid", "a:2")
    broken = tuple(np.full_like(z, np.nan) for z in m.record.z)
    endless = tuple(np.full_like(a, np.inf) for a in m.record.a)
    texts = numbers(build(replace(m, record=replace(m.record, z=broken, a=endless))))
    assert texts[Ref("z", 1, 0)] == "undef."
    assert texts[Ref("a", 1, 0)] == "∞"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(0.5, 3, "0.5"), (-0.12345, 3, "−0.123"), (1e-9, 3, "1e−9"), (0.0, 2, "0"), (-3e7, 2, "−3e7"), (float("nan"), 2, "undef.")],
)
def test_short_numbers(value: float, decimals: int, text: str) -> None:
    assert write(value, NumberFormat(8), decimals) == text


def test_decimal_comma_and_theme_reach_the_picture() -> None:
    m = replace(moment("dyda-sigmoid"), fmt=NumberFormat(8, comma=True))
    assert any("0,1" in text for text in shown(build(m)).values())
    dark = build_diagram(moment("dyda-sigmoid"), DARK, DiagramOptions(), 1024, 700)
    assert dark.background == DARK.canvas
    assert {label.colour for label in dark.labels}.isdisjoint({LIGHT.text, LIGHT.muted})


def legend_of(picture: Diagram) -> list[str]:
    return [label.block.plain for label in picture.labels if label.kind == "legend"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"colour_by": "weight"}, ("𝑊", "linear", "range of this step")),
        ({"colour_by": "gradient", "scale": "symlog"}, ("𝜕𝐿/𝜕𝑊", "logarithmic", "range of this step")),
        ({"colour_by": "update", "range": "run", "limit": 0.5}, ("Δ", "linear", "range of the run")),
        ({"colour_by": "contribution", "range": "fixed", "limit": 2.0}, ("contribution: weight × input", "linear", "range fixed")),
    ],
)
def test_the_legend_names_quantity_scale_and_range(options: dict[str, object], said: tuple[str, ...]) -> None:
    head, *ends = legend_of(build(moment("dyda-sigmoid", "end"), **options))
    assert all(text in head for text in said), head
    assert len(ends) == 3


@pytest.mark.parametrize("width", [430, 690, 1024])
def test_the_legend_and_the_notes_below_the_picture_keep_apart(width: int) -> None:
    picture = diagram("theta-digits", "start", size=(width, 460))
    below = {label.kind: label for label in picture.items if isinstance(label, Label) and label.kind in ("legend", "note")}
    legend, note = below["legend"], below["note"]
    higher = note.y - legend.y >= max(legend.block.size, note.block.size)
    assert higher or legend.x + legend.block.width < note.x - note.block.width


def test_no_colour_needs_no_legend() -> None:
    assert legend_of(build(moment("dyda-sigmoid", "end"), colour_by="none")) == []


def test_a_range_of_the_run_grows_with_the_step_and_a_fixed_one_does_not() -> None:
    largest = largest_of(moment("dyda-sigmoid").record, "weight", 0)
    assert largest == 0.65
    for kind, limit, end in (("run", 0.1, "0.65"), ("run", 2.0, "2"), ("fixed", 0.1, "0.1")):
        assert legend_of(build(moment("dyda-sigmoid", "end"), colour_by="weight", range=kind, limit=limit))[-1] == end


@pytest.mark.parametrize("by", ["gradient", "weight", "update", "contribution"])
def test_the_largest_of_an_update_is_that_of_its_edges(by: str) -> None:
    m = moment("biswas-figure-1", "end")
    drawn = [layer_values(m, layer, by).values for layer in (1, 2, 3)]
    assert largest_of(m.record, by, 0) == max(float(np.nanmax(np.abs(values))) for values in drawn)


def test_numbers_under_the_pointer_are_those_of_its_neuron_or_edge() -> None:
    def shown(**options: object) -> set[Ref | None]:
        picture = build(moment("dyda-sigmoid", "start"), numbers="hover", **options)
        return {label.ref for label in picture.labels if label.kind == "edge"}

    assert shown() == set()
    assert shown(hovered=Ref("W", 2, 1, 0)) == {Ref("W", 2, 1, 0)}
    assert shown(hovered=Ref("z", 2, 1)) == {Ref("b", 2, 1), Ref("W", 2, 1, 0), Ref("W", 2, 1, 1)}
    assert shown(selected=Ref("z", 2, 1)) == set()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_line_of_no_error_is_the_thinnest_and_the_largest_error_the_widest(theme: Theme) -> None:
    picture = diagram("biswas-figure-1", theme=theme, numbers="none")
    lines = next(lines for lines in picture.edges if lines.kind == "error")
    errors = [moment("biswas-figure-1").value(lines.ref(i)) for i in range(len(lines))]
    none, largest = errors.index(0.0), int(np.argmax(np.abs(np.array(errors, dtype=float))))
    assert lines.width[none] == lines.width.min() < lines.width[largest] == lines.width.max()
    assert tuple(lines.rgb[none]) == theme.edge
    assert tuple(lines.rgb[largest]) == theme.sign(float(errors[largest] or 0.0))


@pytest.mark.parametrize(("value", "said"), [(0.4, "what they carry"), (0.0, "all carry 0")])
def test_the_legend_says_whose_paths_are_drawn_even_where_nothing_flows_through_them(value: float, said: str) -> None:
    path = PathOverlay(((1, 0, 0), (2, 1, 0)), value, Ref("W", 1, 0, 0))
    legend = " ".join(label.block.plain for label in diagram("dyda-sigmoid", paths=(path,)).labels if label.kind == "legend")
    assert legend.startswith("paths of𝑊")
    assert said in legend


@pytest.mark.parametrize(("name", "size", "at", "words"), [
    ("theta-digits", (840, 885), "z:2", ["no room for 80 numbers", "neurons show their latest number only"]),
    ("theta-digits", (1024, 700), "end", ["neurons show errors instead of sums"]),
    ("theta-digits", (538, 585), "z:2", ["latest number per neuron"]),
])  # fmt: skip
def test_notes_say_what_is_left_out_in_whole_words(name: str, size: tuple[int, int], at: str, words: list[str]) -> None:
    noted = " · ".join(label.block.plain for label in diagram(name, at, PROJECTOR, size).labels if label.kind == "note")
    assert [text for text in words if text not in noted] == [], noted
