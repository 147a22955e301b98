"""Symbols in the picture: indices that do not touch, errors named alike within a layer, and whose loss is meant."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import pytest
from diagram_cases import EXAMPLES, addresses, diagram, moment
from diagram_checks import faults
from lots import in_turn

from gui.diagram.build import DiagramOptions, build_diagram, layout_of
from gui.diagram.inline import sentence
from gui.diagram.primitives import Diagram, Label
from gui.diagram.text import symbol
from gui.theme import LIGHT, THEMES
from model.explain.steps import caption_of
from model.stages import Ref

GRANULARITIES = ("layer", "neuron", "term")
DEPTH, HEIGHT = 0.29, 0.77  # how far parentheses reach below the line and digits above it, in the text font's measure


@pytest.mark.parametrize("latex", [r"e_{\ell,1}^{(1)}", "x^{(1)}_{1}", "z_{2}^{(3)}", r"\Theta^{(2)}_{16,10}"])
@pytest.mark.parametrize(("size", "smallest"), [(11, 9), (16, 11), (23, 23), (30, 9)])
def test_an_index_above_another_does_not_touch_it(latex: str, size: float, smallest: float) -> None:
    runs = [run for run in symbol(latex, size, smallest).runs if run.dy]
    inner = max(0.7 * size, smallest)
    (upper,), (lower,) = ([run for run in runs if run.dy < 0], [run for run in runs if run.dy > 0])
    assert upper.dy + DEPTH * inner < lower.dy - HEIGHT * inner
    assert upper.dx == lower.dx


def badges(picture: Diagram, layer: int) -> list[Label]:
    return [label for label in picture.labels if label.kind == "badge" and label.ref is not None and label.ref.layer == layer]


@pytest.mark.parametrize("size", [(378, 398), (634, 594), (681, 629), (1024, 700), (1600, 1000)])
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_symbol_keeps_off_the_rim_and_the_divider_of_its_neuron(name: str, size: tuple[int, int]) -> None:
    columns = layout_of(moment(name), LIGHT, DiagramOptions(title="x"), *size).columns
    inside = [
        label for label in diagram(name, "start", size=size).labels if not label.kind and label.ref and label.ref.quantity in ("z", "a")
    ]
    assert inside
    for label in [label for label in inside if label.ref.layer > 0]:
        column = columns[label.ref.layer]
        near, far = abs(label.x - column.x) - label.block.width / 2, abs(label.x - column.x) + label.block.width / 2
        assert column.rx - far >= 0.29 * label.block.size, label.block.plain
        assert column.stacked or near >= 0.29 * label.block.size, label.block.plain


@pytest.mark.parametrize(("name", "theme", "size"), [("theta-digits", "projector", (840, 885)), ("2-8-1", "light", (378, 398))])
def test_every_neuron_has_a_symbol_within_its_borders_before_its_numbers_are_known(name: str, theme: str, size: tuple[int, int]) -> None:
    picture = diagram(name, "start", THEMES[theme], size)
    symbols = {label.ref: label for label in picture.labels if not label.kind and label.ref is not None}
    for column in layout_of(moment(name), THEMES[theme], DiagramOptions(title="x"), *size).neurons[1:]:
        for unit, y in zip(column.units, column.ys, strict=True):
            shown = [symbols[ref] for q in ("z", "a") if (ref := Ref(q, column.layer, unit)) in symbols]
            assert len(shown) == (1 if column.single else 2)
            _, top, _, bottom = (min(values) for values in zip(*(label.bounds for label in shown), strict=True))
            assert top >= y - column.r
            assert column.single is False or bottom <= y + column.r


def names_in_heads(picture: Diagram) -> list[str]:
    return [label.block.plain for label in picture.labels if label.kind == "name" and label.ref is None]


def test_halves_without_room_for_a_symbol_beside_the_number_have_their_names_in_the_head() -> None:
    size = (378, 398)
    assert names_in_heads(diagram("3-4-1", "start", size=size)) == []  # there the halves say it themselves
    assert names_in_heads(diagram("3-4-1", "z:1", size=size)) == ["𝑛𝑒𝑡"]
    assert names_in_heads(diagram("3-4-1", "a:1", size=size)) == ["𝑛𝑒𝑡", "𝑎"]
    assert names_in_heads(diagram("3-4-1", "a:1", size=(1024, 700))) == []


@pytest.mark.parametrize(
    ("name", "place"), in_turn(EXAMPLES, [("light", (378, 398)), ("light", (681, 629)), ("projector", (840, 885))], 1), ids=str
)
def test_the_errors_of_a_layer_are_all_named_or_none(name: str, place: tuple[str, tuple[int, int]]) -> None:
    theme, size = place
    for at in addresses(name):
        picture = diagram(name, at, THEMES[theme], size)
        for layer in range(1, len(moment(name).record.problem.layers)):
            found = badges(picture, layer)
            assert len({any(run.face == "math" for run in label.block.runs) for label in found}) <= 1, at
            assert len({label.block.size for label in found}) <= 1, at


@pytest.mark.parametrize(("theme", "size"), [("light", (378, 398)), ("projector", (783, 885)), ("projector", (840, 885))])
@pytest.mark.parametrize("name", ["jacob", "dyda-sigmoid", "dyda-softmax", "soletskyi-one-hidden", "theta-digits"])
def test_an_error_has_its_name_where_columns_stand_close(name: str, theme: str, size: tuple[int, int]) -> None:
    """Jacob's ∂L/∂b passed for his δ: fewer decimals and a wider badge, rather than a number alone."""
    for at in addresses(name):
        picture = diagram(name, at, THEMES[theme], size)
        nameless = [label for label in picture.labels if label.kind == "badge" and not any(run.face == "math" for run in label.block.runs)]
        assert nameless == [], at
        assert faults(picture) == [], at


def test_one_samples_errors_and_loss_say_so() -> None:
    texts = {label.block.plain for label in badges(diagram("biswas-figure-1", "dLda:2"), 2)}
    assert texts
    assert all(text.startswith("𝜕ℒ(1)/𝜕ℎ") for text in texts)
    alone = {label.block.plain for label in badges(diagram("biswas-thin", "dLda:1"), 1)}
    assert all(text.startswith("𝜕ℒ/𝜕ℎ") for text in alone)


@pytest.mark.parametrize("granularity", ["layer", "term"])
def test_the_loss_of_one_sample_does_not_pass_for_that_of_the_batch(granularity: str) -> None:
    m = moment("biswas-figure-1", "loss_sample")
    picture = build_diagram(replace(m, granularity=granularity), LIGHT, DiagramOptions(), 681, 629)  # type: ignore[arg-type]
    labels = [label for label in picture.labels if label.ref is not None and label.ref.quantity.startswith("loss")]
    assert {label.ref for label in labels} == {Ref("loss_sample", sample=0)}
    assert "ℒ(1)(𝜃)" in {label.block.plain for label in labels}
    mean = build_diagram(moment("biswas-figure-1", "loss"), LIGHT, DiagramOptions(), 681, 629)
    assert Ref("loss") in {label.ref for label in mean.labels}


def test_neurons_without_numbers_say_what_fills_them() -> None:
    said = diagram("30-30", "end", size=(378, 398)).notes
    mute = any("filled by activation" in text for text in said)
    numbers = [label for label in diagram("30-30", "end", size=(378, 398)).labels if label.ref and label.ref.quantity == "a"]
    assert mute == (not numbers)
    assert any("filled by activation" in text for text in diagram("8-8-8-8-8-8", "end", size=(300, 300)).notes)


def test_updates_are_numbered_as_on_the_timeline() -> None:
    m = moment("dyda-sigmoid", "z:1")
    late = replace(m, record=replace(m.record, step=1001))
    assert caption_of(late).startswith("Update 1,001 · ")
    texts = [label.block.plain for label in build_diagram(late, LIGHT, DiagramOptions(), 681, 629).labels if label.kind == "caption"]
    assert texts[0] == "Update 1,001"


@pytest.mark.parametrize(("theme", "size"), [("light", (378, 398)), ("projector", (538, 585)), ("light", (330, 360))])
@pytest.mark.parametrize("name", ["dyda-sigmoid", "jacob", "biswas-figure-1", "soletskyi", "theta-digits"])
def test_a_long_title_keeps_the_component_that_is_formed(name: str, theme: str, size: tuple[int, int]) -> None:
    for at in addresses(name)[1:]:
        m = replace(moment(name, at), granularity="neuron")
        parts = caption_of(m).split(" · ")
        picture = build_diagram(m, THEMES[theme], DiagramOptions(title=" · ".join(parts)), *size)
        said = [label.block for label in picture.labels if label.kind == "caption"]
        first = parts[0] if said[0].plain.startswith("Update") else parts[1]  # the timeline says which update it is
        assert "".join(said[0].plain.split()) == "".join(first.split())
        if len(parts) > 3:
            assert "…" not in said[-1].plain, (at, said[-1].plain)


@pytest.mark.parametrize(
    ("theme", "size", "least"), [("light", (378, 398), 13), ("projector", (538, 585), 18), ("projector", (840, 885), 28)]
)
def test_no_step_makes_the_title_small(theme: str, size: tuple[int, int], least: float) -> None:
    """A long title leaves out what is said elsewhere before its letters shrink."""
    for name in ("dyda-sigmoid", "biswas-figure-1", "theta-digits"):
        for at in addresses(name)[1:]:
            m = max((replace(moment(name, at), granularity=g) for g in GRANULARITIES), key=lambda m: len(caption_of(m)))
            picture = build_diagram(m, THEMES[theme], DiagramOptions(title=caption_of(m)), *size)
            titles = [label.block for label in picture.labels if label.kind == "caption"]
            assert min(block.size for block in titles) >= least, (name, at, [block.plain for block in titles])


@pytest.mark.parametrize("name", ["theta-digits", "784-30-10", "30-30"])
def test_what_is_left_out_is_counted_on_narrow_canvases(name: str) -> None:
    for at in addresses(name):
        notes = [label.block.plain for label in diagram(name, at, size=(378, 398)).labels if label.kind == "note"]
        assert not any("…" in text for text in notes), (at, notes)


def test_indices_of_indices_stand_in_their_places_where_there_is_room():
    """The head of a table of Biswas's: not ∇ with "h2(s)" below it but with h, whose own indices are smaller and above each other."""
    latex = "\\nabla_{h_{2}^{(s)}}L"
    flat, nested = symbol(latex, 20.0), symbol(latex, 20.0, nested=True)
    assert [run.text for run in flat.runs] == ["∇", "ℎ2(𝑠)", "𝐿"]
    nabla, h, two, sample, loss = nested.runs
    assert [run.text for run in nested.runs] == ["∇", "ℎ", "2", "(𝑠)", "𝐿"]
    assert two.size == sample.size < h.size < nabla.size == loss.size
    assert sample.dy < h.dy < two.dy
    assert two.dx == sample.dx >= h.dx
    assert nested.width < flat.width
    assert nested.descent >= 0.22 * two.size / 1.14 + two.dy - 1
    assert symbol("W^{[2]}_{12}", 20.0, nested=True) == symbol("W^{[2]}_{12}", 20.0)


def test_indices_of_indices_stand_in_their_places_in_words_too() -> None:
    parts = [run.text for run in sentence("in ∇_(a_1^(1))", 20.0, "regular", 0.0, nested=True).runs]
    assert parts == ["in ", "∇", "𝑎", "1", "(1)"]
    assert [run.text for run in sentence("in ∇_(a_1^(1))", 20.0, "regular", 0.0).runs] == ["in ", "∇", "𝑎1(1)"]


def test_letters_with_a_double_stroke_are_letters() -> None:
    assert symbol(r"\mathbb{1}_{\ell=2}^{(1)}", 20).plain.startswith("𝟙")
    for at in ("start", "end"):
        assert not [label.block.plain for label in diagram("biswas-figure-1", at).labels if "math" in label.block.plain]


def test_an_index_of_an_index_in_a_title_keeps_its_place() -> None:
    caption = [label for label in diagram("biswas-thin", "delta:3").labels if label.kind == "caption"][-1]
    latex = caption.block.latex
    assert latex.startswith("$\\nabla _{a_{3}}$")  # also for TeX, which refuses two indices beside each other
    level = {run.text: run.dy for run in caption.block.runs}
    assert level["3"] > level["𝑎"] > level["∇"]


@pytest.mark.parametrize(("name", "cut"), [("dyda-sigmoid", 1), ("jacob", 0)])
def test_a_larger_canvas_shows_no_fewer_decimals_and_what_is_cut_is_said(name: str, cut: int) -> None:
    decimals = []
    for size in ((378, 398), (681, 629), (1024, 700)):
        labels = diagram(name, size=size).labels
        shown = [label.block.plain for label in labels if not label.kind and label.ref and label.ref.quantity in ("z", "a")]
        decimals.append(max(len(text.partition(".")[2]) for text in shown))
        assert sum("shortened to fit" in label.block.plain for label in labels) == cut, size
    assert decimals == sorted(decimals)


def test_symbols_are_remembered_without_the_weights_of_experiments_that_are_gone() -> None:
    """Every change of a number makes a new experiment; their symbols are the same, and nothing else of it is kept."""
    at = moment("theta-digits")
    edited = [replace(at.record.problem, x=at.record.x + i, y=at.record.y + i % 2) for i in range(12)]
    kept = [weakref.ref(problem.x) for problem in edited]
    one_hot, other = ({at.notation.symbol(Ref("y", 0, 1), problem, 10) for problem in edited[i::2]} for i in (0, 1))
    assert len(one_hot) == len(other) == 1
    edited.clear()
    gc.collect()
    assert sum(ref() is not None for ref in kept) <= 4
