"""Pictures on the canvases that windows really give them, narrow and with large letters: nothing collides, and no number is left out."""

from __future__ import annotations

import re

import pytest
from diagram_cases import CANVASES, NAMES, PLACES, addresses, diagram, eight, moment, with_numbers
from diagram_checks import faults
from lots import in_turn

from gui.diagram.build import DiagramOptions, layout_of
from gui.diagram.context import Context, fit_all, write
from gui.diagram.current import current_of
from gui.diagram.inline import sentence
from gui.diagram.text import shortened
from gui.theme import THEMES
from model.expr.tree import NumberFormat
from model.moment import Moment
from model.stages import Ref


@pytest.mark.parametrize(("name", "place"), in_turn(NAMES, PLACES, 6), ids=str)
def test_nothing_collides_and_no_number_of_a_neuron_is_left_out(name: str, place: tuple[str, tuple[int, int]]) -> None:
    theme, size = place
    for at in eight(name):
        picture, m = diagram(name, at, THEMES[theme], size), moment(name, at)
        assert faults(picture) == [], at
        texts = with_numbers(picture)
        for column in layout_of(m, THEMES[theme], DiagramOptions(title="x"), *size).neurons[1:]:
            for unit in column.units:
                absent = missing(m, texts, column.layer, unit)
                if column.single:  # the latest number stands for all
                    absent = [one for one in absent if not isinstance(one, Ref) or not latest_shown(m, texts, column.layer, unit)]
                assert absent == [], at


def latest_shown(m: Moment, texts: dict[Ref, str], layer: int, unit: int) -> bool:
    known = [Ref(q, layer, unit) for q in ("dadz", "delta", "dLda", "a", "z") if m.known(Ref(q, layer, unit))]
    errors = [ref for ref in known if ref.quantity in ("dadz", "delta", "dLda")]
    return any(ref in texts for ref in errors or known[:1])


def missing(m: Moment, texts: dict[Ref, str], layer: int, unit: int) -> list[object]:
    """What a neuron does not show though it is known, or shows with one decimal only; its error may stand in place of its sum."""
    errors = [Ref(q, layer, unit) for q in ("dadz", "delta", "dLda")]
    first, last = Ref("z", layer, unit), Ref("a", layer, unit)
    shown = [any(ref in texts for ref in group) for group in ((last,), (first, *errors), errors)]
    known = [m.known(last), m.known(first), m.known(errors[1])]
    absent = [ref for ref, k, s in zip((last, first, errors[1]), known, shown, strict=True) if k and not s]
    short = [(ref, texts[ref]) for ref in (first, last, *errors) if ref in texts and not long_enough(texts[ref], m.value(ref))]
    return [*absent, *short]


def long_enough(text: str, value: float) -> bool:
    """Whether a number is exact, has two decimals, or is so small that it is written as a power of ten."""
    return "e" in text or len(text.partition(".")[2]) >= 2 or float(text.replace("−", "-")) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_few_edges_carry_the_numbers_of_the_step_on_any_canvas(theme: str) -> None:
    for size in CANVASES[theme]:
        for name, at in (("dyda-sigmoid", "W_new:1"), ("dyda-sigmoid", "dW:2"), ("biswas-thin", "dW:2"), ("biswas-thin", "W_new:1")):
            kind, layer = at.split(":")
            layers = moment(name).record.problem.layers
            wanted = {Ref(kind, int(layer), j, k) for j in range(layers[int(layer)]) for k in range(layers[int(layer) - 1])}
            assert wanted <= set(with_numbers(diagram(name, at, THEMES[theme], size))), (name, at, size)


@pytest.mark.parametrize(
    ("value", "decimals", "fmt", "text"),
    [
        (0.99955, 3, NumberFormat(8), "1.000"),
        (0.5, 3, NumberFormat(8), "0.5"),
        (-2.0, 3, NumberFormat(4), "−2"),
        (0.30000001, 3, NumberFormat(4), "0.3"),  # as in tables, which round to 4 and drop zeros
        (0.29996, 3, NumberFormat(8), "0.300"),
        (0.99955, 3, NumberFormat(3), "1"),
        (0.99955, 3, NumberFormat(3, trailing_zeros=True), "1.000"),
        (0.5, 3, NumberFormat(3, trailing_zeros=True), "0.500"),
        (0.99955, 3, NumberFormat(None, comma=True), "1,000"),
    ],
)
def test_what_is_rounded_for_room_keeps_its_zeros(value: float, decimals: int, fmt: NumberFormat, text: str) -> None:
    assert write(value, fmt, decimals) == text


def test_what_is_left_out_is_said_in_full() -> None:
    for theme, size in PLACES:
        for name in ("theta-digits", "784-30-10", "30-30", "8-8-8-8", "2-12-2"):
            said = [label.block.plain for label in diagram(name, "dW:1", THEMES[theme], size).labels if label.kind == "note"]
            assert not any("…" in text for text in said), (theme, size, name, said)
            assert not any(re.search(r"for sums|no numbers( ·|$)", text) for text in said), (theme, size, name, said)


def test_a_title_that_is_too_long_keeps_its_symbols() -> None:
    long = "Update 1 · backward · gradient of layer 2's weights for one sample · ∂E_1(Θ)/∂Θ_16,10^(2) and much more to be said"
    block = sentence(long.split(" · ")[-1], 20.0, "regular", 9.0)
    for width in range(60, int(block.width), 17):
        short = shortened(block, width)
        assert short.width <= width
        assert short.plain.endswith("…")
        assert not set("_^") & set(short.plain)


@pytest.mark.parametrize(
    ("values", "width", "decimals"),
    [([0.9012, -2e-12], 40.0, 2), ([0.9012, 0.5], 40.0, 2), ([2e-12], 60.0, 8)],
)
def test_powers_of_ten_take_no_decimals_from_the_numbers_beside_them(values: list[float], width: float, decimals: int) -> None:
    found = fit_all(values, width, 16.0, NumberFormat(8), 14.0)
    assert found is not None
    assert found[1] == decimals


@pytest.mark.parametrize(("width", "text"), [(100.0, "−1.5e−6"), (42.0, "−1e−6")])
def test_a_power_of_ten_has_two_digits_where_there_is_room(width: float, text: str) -> None:
    m = moment("jacob")
    picture = layout_of(m, THEMES["light"], DiagramOptions(), 681, 629)
    ctx = Context(m, THEMES["light"], DiagramOptions(), picture, current_of(m))
    assert ctx.set_number(-1.47e-6, 2, width, 12.0).plain == text


@pytest.mark.parametrize(("name", "theme", "size"), [("biswas-figure-1", "light", (378, 398)), ("biswas-figure-1", "projector", (501, 585)),
                                                     ("3-4-4-2", "light", (378, 398)), ("biswas-thin", "light", (352, 337))])  # fmt: skip
def test_activations_are_named_in_neurons_heads_or_notes(name: str, theme: str, size: tuple[int, int]) -> None:
    columns, said = layout_of(moment(name), THEMES[theme], DiagramOptions(title="x"), *size).neurons[1:], set()
    for at in addresses(name):
        labels = diagram(name, at, THEMES[theme], size).labels
        notes = " ".join(label.block.plain for label in labels if label.kind == "note")
        said.add("activations" in notes)
        for column in columns:
            texts = [label.block for label in labels if label.ref == Ref("a", column.layer, column.units[0])]
            number = len(texts) == 1 and texts[0].runs[0].face != "math"
            heads = [label.block.plain for label in labels if label.kind == "name" and abs(label.x - column.x) < column.rx + 20]
            assert not number or "activations" in notes or any(not set("∂𝜕δ𝛿") & set(text) for text in heads), (at, column.layer)
    assert said == {False, True}, "only where there is no room in the heads"
