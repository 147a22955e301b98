"""`render` as the dialog: pages, parts, SVG text, form; and what a sheet says about what it has no room for or how numbers were made."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from explain_helpers import moment_at, network, record_of
from PySide6.QtGui import QImage

import main
from gui.diagram.context import DiagramOptions
from gui.diagram.inline import sentence
from gui.diagram.primitives import Diagram, Formulas, Label, Picture
from gui.diagram.text import symbol, words
from gui.diagram.tikz import tikz
from gui.export.fitted import Letters, fitted
from gui.export.image import PictureOptions, pixels
from gui.export.on_paper import on_paper
from gui.export.sheet import PAGES, Page, SheetOptions, make_sheet
from gui.export.shortened import DOTS
from gui.formula.glyphs import GlyphMetrics
from gui.formula.page import BoardStep, layout_step, style_for
from gui.theme import LIGHT, THEMES
from gui.theme_qt import load_fonts
from model import arguments
from model.examples import open_problem
from model.explain.steps import explain
from model.expr.tree import Equation, Explanation, Num, NumberFormat, Row
from model.problem import Rounding
from model.run import Run

EVERYTHING = SheetOptions(formulas=True, tables=True)


@pytest.fixture(autouse=True)
def _application(qapp: object) -> None:
    load_fonts()


def render(out: Path, *options: str, name: str = "dyda-sigmoid") -> bytes:
    assert main.main(["render", name, "-o", str(out), "--at", "delta:1", *options]) == 0
    return out.read_bytes()


def texts(sheet: Diagram) -> list[str]:
    return [label.block.plain for label in sheet.labels]


def test_pages_are_those_of_the_dialog() -> None:
    assert {*arguments.PAGES, "screen"} == set(PAGES)


@pytest.mark.parametrize(("page", "size"), [("slide", (1920, 1080)), ("square", (1200, 1200)), ("960x600", (960, 600))])
def test_a_page_gives_its_size(page: str, size: tuple[int, int], tmp_path: Path) -> None:
    render(tmp_path / "a.png", "--page", page, "--formulas", "--tables")
    image = QImage(str(tmp_path / "a.png"))
    assert (image.width(), image.height()) == size


def test_a_column_is_as_wide_as_a_column_and_as_high_as_it_must_be(tmp_path: Path) -> None:
    heights = []
    for options in ((), ("--formulas",), ("--formulas", "--tables")):
        render(tmp_path / "a.png", "--page", "column", *options)
        image = QImage(str(tmp_path / "a.png"))
        assert image.width() == round(605 * 300 / 96)
        heights.append(image.height())
    assert heights == sorted(set(heights))


def test_width_and_dpi_win_over_the_page(tmp_path: Path) -> None:
    render(tmp_path / "a.png", "--page", "slide", "--width", "640")
    render(tmp_path / "b.png", "--page", "slide", "--dpi", "96")
    assert [QImage(str(tmp_path / name)).width() for name in ("a.png", "b.png")] == [640, 1280]


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".tex"])
def test_whole_sheets_are_the_same_bytes_twice(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    options = ("--page", "slide", "--formulas", "--tables", "--svg-text", "text", "--form", "index")
    one, other = (render(tmp_path / f"{name}{suffix}", *options) for name in "ab")
    assert one == other


def test_parts_go_in_and_out(tmp_path: Path) -> None:
    def words(*options: str) -> str:
        root = ET.fromstring(render(tmp_path / "a.svg", "--svg-text", "text", *options))
        return " ".join(root.itertext())

    assert "error times slope" in words()
    assert "error times slope" not in words("--no-caption")
    assert "wide = large" not in words("--no-legend")
    assert "BACKWARD" not in words()
    assert "BACKWARD · LAYER 1" in words("--formulas")
    assert "0.02363827" not in words()
    assert "−0.02363827" in words("--tables")


def test_the_form_of_the_formulas_can_be_chosen(tmp_path: Path) -> None:
    pictures = {form: render(tmp_path / "a.tex", "--formulas", "--form", form) for form in ("matrix", "index")}
    assert b"bmatrix" in pictures["matrix"]
    assert b"bmatrix" not in pictures["index"]


def test_the_granularity_decides_what_the_formulas_say(tmp_path: Path) -> None:
    term = ("--formulas", "--at", "z:1:0:1", "--granularity", "term")
    assert b"Term 2 of 3" in render(tmp_path / "a.tex", *term)


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("--page", "a4", "slide, column, square or WIDTHxHEIGHT"),
        ("--page", "100x100", "from 240 to 4,000"),
        ("--page", "9999x600", "from 240 to 4,000"),
        ("--page", "600", "such as 960x600"),
        ("--form", "sums", "matrix"),
        ("--svg-text", "glyphs", "outlines"),
        ("--granularity", "atom", "neuron"),
    ],
)
def test_bad_values_are_refused_in_one_line(
    option: str, value: str, allowed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main.main(["render", "dyda-sigmoid", "-o", str(tmp_path / "a.png"), option, value])
    said = capsys.readouterr().err
    assert (left.value.code, said.count("\n")) == (2, 1)
    assert option in said
    assert allowed in said
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext")
def test_numbers_can_be_found_and_copied_from_a_pdf(tmp_path: Path) -> None:
    render(tmp_path / "a.pdf", "--page", "slide", "--formulas", "--tables")
    words = subprocess.run(["pdftotext", "-layout", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True).stdout.split()
    assert {"0.47502081", "−0.110335", "0.1610", "−0.02363827"} <= set(words)  # of a table, a badge, an edge, a formula
    assert words.count("−0.02363827") == 2  # bold in the table and in the formula, once each


# What a sheet says


def test_tables_without_room_are_named(tmp_path: Path) -> None:
    moment = moment_at(record_of(network((12, 9, 7), m=3)), "dyda", "dW:2")
    sheet = make_sheet(moment, THEMES["projector"], DiagramOptions(), SheetOptions(tables=True), Page(960, 540, 96))
    (note,) = [note for note in sheet.notes if "tables" in note]
    shown = [text for text in texts(sheet) if text.startswith("no room for the tables")]
    assert len(shown) == 1
    assert note.startswith("no room for the tables W^[2]")
    assert all(label.bounds[3] <= sheet.height for label in sheet.labels)


@pytest.mark.parametrize("theme", ["light", "projector"])
@pytest.mark.parametrize(
    ("name", "height", "grows"), [("jacob", 354, True), ("jacob", 354, False), ("theta-digits", 354, True), ("xor", 319, False)]
)
def test_the_network_keeps_its_share_of_a_small_page(name: str, height: int, grows: bool, theme: str) -> None:
    """The page grows where it may and need not become a strip; otherwise tables go, the sheet says so, and letters are smaller."""
    problem = open_problem(name)
    moment = moment_at(Run(problem).record(1), problem.notation or "dyda", "end")
    sheet = make_sheet(moment, THEMES[theme], DiagramOptions(title="x"), EVERYTHING, Page(417, height, 96, grows))
    (placed,) = [item for item in sheet.items if isinstance(item, Formulas)]
    grown = grows and name == "jacob"
    width, high = pixels(sheet, PictureOptions(dpi=96))
    assert (width, high > height) == (417, grown), "the page is as large as it was asked for"
    assert (sheet.height if placed.x > 50 else placed.y) >= (1.0 if grown else 0.4) * sheet.height * (height / high)
    assert (sheet.height if placed.x > 50 else placed.y) >= 200, "neurons do not lie on each other"
    assert 1 / 1.5 - 0.01 <= sheet.unit <= 1.0
    assert (sheet.unit < 1.0) == ("scalebox" in tikz(sheet).partition("tikzpicture")[0])
    assert any("no room for the tables" in note for note in sheet.notes) == (not grown)


def test_a_picture_sends_nobody_to_a_pointer() -> None:
    problem = open_problem("biswas-figure-1")
    moment = moment_at(Run(problem).record(1), "biswas", "dW:2")
    sheet = make_sheet(moment, THEMES["projector"], DiagramOptions(title="x"), EVERYTHING, Page(1280, 800, 96))
    assert any("not all numbers fit" in text for text in texts(sheet))
    assert not any("pointer" in text for text in (*texts(sheet), *sheet.notes))
    said = ("layer 1: its 12 numbers under the pointer", "neurons filled by activation, numbers under the pointer")
    labels = tuple(Label(0.0, 0.0, words(text, 12), LIGHT.text, LIGHT.canvas, kind="note") for text in said)
    assert texts(on_paper(Diagram(100.0, 100.0, LIGHT.canvas, labels))) == [
        "layer 1: no room for 12 numbers",
        "neurons filled by activation, without numbers",
    ]


def test_tables_with_room_need_no_words() -> None:
    moment = moment_at(record_of(network()), "dyda", "dW:2")
    for page in (Page(1280, 720, 96), Page(605, None, 96)):
        sheet = make_sheet(moment, LIGHT, DiagramOptions(), EVERYTHING, page)
        assert not [text for text in texts(sheet) if "room" in text]


def test_conventions_are_named_without_the_caption_too() -> None:
    record = record_of(replace(network(), rounding=Rounding(2, "half_up")))
    for options in (SheetOptions(), SheetOptions(caption=False), SheetOptions(caption=False, legend=False, formulas=True, tables=True)):
        sheet = make_sheet(moment_at(record, "dyda", "delta:1"), LIGHT, DiagramOptions(title="x"), options, Page(1280, 720, 96))
        assert sum("rounded to 2 decimals" in text for text in texts(sheet)) == 1


def test_long_steps_keep_their_first_and_last_equation() -> None:
    moment = moment_at(record_of(network((9, 9, 9), m=3)), "theta", "dW:1")
    told = explain(moment)
    step, theme = BoardStep(moment.tick, "backward", told), THEMES["projector"]
    style, sizes = style_for(theme), Letters(18.0, 18.0, 24.0)
    found = fitted(step, moment.fmt, theme, 400.0, 420.0, sizes, GlyphMetrics())
    short = found.step.explanation.equations
    assert not found.whole
    assert [short[i].sides[0] for i in (0, -1)] == [told.equations[i].sides[0] for i in (0, -1)]
    assert found.height <= 420.0
    assert DOTS in short
    assert sum(equation == DOTS for equation in short) == 1
    assert len(short) < len(told.equations)
    assert fitted(step, moment.fmt, theme, 4000.0, 9000.0, sizes, GlyphMetrics()).step is step
    sheet = make_sheet(moment, THEMES["projector"], DiagramOptions(), EVERYTHING, Page(1280, 720, 96))
    (placed,) = [item for item in sheet.items if isinstance(item, Formulas)]
    page = layout_step(placed.step, moment.fmt, style, placed.width / 0.6, GlyphMetrics())
    assert page.height * 0.6 <= placed.height


@pytest.mark.parametrize("page", ["slide", "square", "column"])
@pytest.mark.parametrize(("name", "at"), [("dyda-sigmoid", "z:1"), ("theta-digits", "z:1"), ("biswas-figure-1", "delta:2")])
def test_formulas_can_be_read_from_the_last_row(name: str, at: str, page: str) -> None:
    """A projector's are as large as there is room for: their digits as high as the smallest letters beside them, nothing cut."""
    problem, size = open_problem(name), PAGES[page][1]
    assert size is not None
    moment = moment_at(Run(problem).record(1), problem.notation or "dyda", at)
    theme = THEMES["projector"]
    sheet = make_sheet(moment, theme, DiagramOptions(title="x"), EVERYTHING, size)
    (placed,) = [item for item in sheet.items if isinstance(item, Formulas)]
    style = style_for(theme, placed.zoom)
    found = layout_step(placed.step, moment.fmt, style, placed.width, GlyphMetrics())
    assert found.height <= placed.height + 0.5
    assert found.width <= placed.width + 0.5
    assert style.size >= (size.height or 0.62 * size.width) / (44 if page == "square" else 36) - 0.1
    network = [item.bounds for item in sheet.labels if item.bounds[1] < placed.y + placed.height]
    assert all(right < placed.x or bottom < placed.y for _, _, right, bottom in network)


def test_formulas_take_the_room_that_there_is() -> None:
    moment = moment_at(record_of(network((2, 2))), "dyda", "z:1")
    sizes = {}
    for name, theme in (("light", LIGHT), ("projector", THEMES["projector"])):
        sheet = make_sheet(moment, theme, DiagramOptions(), EVERYTHING, Page(1280, 720, 96))
        (placed,) = [item for item in sheet.items if isinstance(item, Formulas)]
        sizes[name] = style_for(theme, placed.zoom).size
    assert sizes["light"] > style_for(LIGHT).size
    assert sizes["projector"] >= 24


def test_tables_of_what_is_not_known_yet_give_way_first() -> None:
    problem = open_problem("dyda-sigmoid")
    moment = moment_at(Run(problem).record(1), "dyda", "delta:2")
    (note,) = make_sheet(moment, THEMES["projector"], DiagramOptions(), EVERYTHING, PAGES["slide"][1]).notes[-1:]  # type: ignore[arg-type]
    assert note == "no room for the tables ∂L/∂X^[2]"


@pytest.mark.parametrize(("theme", "page"), [("projector", "square"), ("light", "column"), ("light", "slide")])
def test_notes_without_a_legend_stand_below_the_network(theme: str, page: str) -> None:
    moment = moment_at(Run(open_problem("theta-digits")).record(1), "theta", "delta:2")
    sheet = make_sheet(moment, THEMES[theme], DiagramOptions(), SheetOptions(legend=False), PAGES[page][1])  # type: ignore[arg-type]
    notes = [label.bounds for label in sheet.labels if label.kind == "note"]
    assert notes
    assert max(bottom for _, _, _, bottom in notes) <= sheet.height
    assert max(label.bounds[3] for label in sheet.labels if label.kind != "note") <= min(top for _, top, _, _ in notes) + 0.5


def test_notes_stand_below_the_tables() -> None:
    record = record_of(replace(network(), rounding=Rounding(3, "half_even")))
    sheet = make_sheet(
        moment_at(record, "jacob", "end"), LIGHT, DiagramOptions(), SheetOptions(caption=False, tables=True), Page(900, 700, 96)
    )
    bounds = np.array([item.bounds for item in sheet.items if isinstance(item, Label) and item.kind != "note"])
    (note,) = [label for label in sheet.labels if label.kind == "note" and "rounded" in label.block.plain]
    assert bounds[:, 3].max() <= note.bounds[1]


def test_tikz_says_what_the_picture_says(tmp_path: Path) -> None:
    source = render(tmp_path / "a.tex", "--formulas", "--at", "dW:2", name="biswas-thin").decode()
    assert re.search(r"\\ds(Positive|Negative)Band\{-?[\d.]+\}", source)  # what is being formed stands on a band, as on screen
    assert "\\phantom" not in "".join(re.findall(r"Band\{([^}]*)\}", source))
    told = explain(moment_at(record_of(open_problem("biswas-figure-1")), "biswas", "delta:2"))
    notes = [equation.note for equation in told.equations if equation.note]
    source = render(tmp_path / "a.tex", "--formulas", "--at", "delta:2", name="biswas-figure-1").decode()
    assert notes
    assert all(note.split(";")[0] in source for note in notes)


@pytest.mark.parametrize(("name", "at"), [("jacob", "W_new:2"), ("dyda-sigmoid", "W_new:2"), ("theta-digits", "W_new:2")])
def test_tikz_breaks_lines_where_pictures_do(name: str, at: str) -> None:
    """Never between a number and the matrix that it multiplies, and not at all where the picture has room for the line."""
    problem = open_problem(name)
    moment = moment_at(Run(problem).record(1), problem.notation or "dyda", at)
    source = tikz(make_sheet(moment, LIGHT, DiagramOptions(), EVERYTHING, Page(1280, 800, 96)))
    lines = re.findall(r"displaystyle (.*?)\$\}\\ifdim", source, re.DOTALL)
    assert lines
    assert not [line for line in lines if re.search(r"\d\s*\\\\\s*&\\quad \{\}\s*\\cdot", line)]
    if name == "theta-digits":
        assert sum("= 0 " in line and "aligned" not in line for line in lines) == 3


def test_tikz_writes_an_equation_of_one_side() -> None:
    wide = Equation((("symbol", Row(tuple(Num(float(i)) for i in range(90)))),))
    step = BoardStep(0, "forward", Explanation("", "", (wide,)))
    formulas = Formulas(0.0, 0.0, 200.0, 100.0, step, NumberFormat(2), LIGHT)
    assert "resizebox" in tikz(Diagram(200.0, 100.0, LIGHT.canvas, (formulas,)))


def test_tikz_says_how_large_shortened_matrices_are() -> None:
    moment = moment_at(Run(open_problem("theta-digits")).record(1), "theta", "z:1")
    source = tikz(make_sheet(moment, LIGHT, DiagramOptions(), EVERYTHING, Page(1280, 800, 96)))
    assert r"\end{pmatrix} {}_{\scriptscriptstyle 16\times 65}" in source


def test_missing_tables_are_named_by_their_symbols() -> None:
    moment = moment_at(Run(open_problem("theta-digits")).record(1), "theta", "W_new:2")
    sheet = make_sheet(moment, THEMES["projector"], DiagramOptions(), EVERYTHING, Page(1280, 720, 96))
    (line,) = [label.block for label in sheet.labels if label.block.plain.startswith("no room for the tables")]
    assert "_" not in line.plain
    assert r"\Theta^{(2)}" in line.latex


def test_tikz_writes_labels_as_pictures_do() -> None:
    note = words("no room for the tables \u0398\u207d\u00b2\u207e \u00b7 w\u1d47", 14)
    assert "\u207d" in note.plain
    blocks = [note, symbol("\\frac{\\partial L}{\\partial b^{(2)}}", 14), sentence("new W\u0303^[1]", 14, "regular", 9)]
    sheet = Diagram(100, 100, LIGHT.canvas, tuple(Label(50, 50, block, LIGHT.text, LIGHT.canvas) for block in blocks))
    code = tikz(sheet)
    assert "\\partial L/\\partial b^{(2)}" in code
    assert "\\tilde{W}" in code
    assert r"\textsuperscript{(}" in code
    assert r"w\textsuperscript{b}" in code.replace("$", "")
    assert [c for c in code if ord(c) > 0x24F] == []


def test_tikz_holds_very_many_cells_as_one_image() -> None:
    cells = np.zeros((40, 50, 3), dtype=np.uint8)
    cells[0, 0] = (1, 2, 255)
    code = tikz(Diagram(100, 100, LIGHT.canvas, (Picture(0, 0, 100, 80, cells),)))
    assert "/Width 50 /Height 40" in code
    assert "{0102ff0000" in code
    assert max(map(len, code.splitlines())) < 400
