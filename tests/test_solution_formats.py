"""Worked solutions as Markdown, HTML, LaTeX and PDF: what each file holds; and, slowly, that TeX and a browser take them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtGui import QFontMetricsF

from gui.solution.files import document_files
from gui.solution.pdf import BOTTOM, HEIGHT, MARGIN, TOP, WIDTH, fewest_pages, paginated
from gui.solution.strips import strips
from gui.solution.task import Sheets, make_solutions
from gui.solution.text import Strip, Words, text_font
from gui.theme import DARK, PRINT, css
from model.examples import example_names, open_problem
from model.expr.tex_text import tex_text
from model.expr.tree import NumberFormat
from model.in_parts import completed
from model.notation.profile import notation_names
from model.solution.document import Document, SolutionOptions, solve
from model.solution.parts import Heading, Table

ROOT = Path(__file__).resolve().parents[1]
ODD_TITLE = 'Übung №1: 中文 \\def\\x{ %&$#_^~ <b>δ⁽²⁾</b> "q" ½ ŷ é ß Łódź 😀 x^2_3 `a` [l](u) $$ end}'

pytestmark = pytest.mark.usefixtures("qapp")


def document(name: str = "dyda-sigmoid", **options: object) -> Document:
    return solve(open_problem(name), SolutionOptions(**options))  # type: ignore[arg-type]


def written(doc: Document, suffix: str, theme: str = "light") -> str:
    return completed(document_files(doc, suffix, theme, "figure.svg"))[""].decode("utf-8")


def steps(doc: Document) -> list[str]:
    return [block.text for block in doc.blocks if isinstance(block, Heading) and block.level == 3]


# Markdown.


def test_markdown_has_balanced_formulas_and_names_its_figure() -> None:
    files = completed(document_files(document(), ".md", "light", "figure%20a.svg"))
    text = files[""].decode()
    assert text.count("\n$$\n") % 2 == 0
    assert re.sub(r"\$\$.*?\$\$", "", text, flags=re.DOTALL).count("$") % 2 == 0
    assert "](figure%2520a.svg)" in text
    assert files["picture"].startswith(b"<?xml")
    assert "0.47502081" in text


def test_markdown_words_cannot_become_markup() -> None:
    text = written(solve(replace(open_problem("jacob"), title="*a* | b_c <i> [x](y) $1$ `z` #")), ".md")
    assert text.startswith("# \\*a\\* \\| b\\_c \\<i\\> \\[x\\](y) \\$1\\$ \\`z\\` \\#\n")


# HTML.


class Checker(HTMLParser):
    """Collects what a page asks for from outside, and tags that are not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.labels: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "link", "img"):
            self.open.append(tag)
        self._note(attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(attrs)

    def _note(self, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "xlink:href") and value:
                self.links.append(value)
            elif name == "aria-label" and value:
                self.labels.append(value)
            elif name == "id" and value:
                self.ids.add(value)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    return checker


@pytest.mark.parametrize("blank", [False, True])
@pytest.mark.parametrize("name", ["dyda-softmax", "biswas-figure-1", "soletskyi"])
def test_html_is_one_well_formed_file_that_needs_nothing_else(name: str, blank: bool) -> None:
    page = written(document(name, blank=blank), ".html")
    checker = checked(page)
    assert all(link.startswith("#") and link[1:] in checker.ids for link in checker.links)
    assert "@import" not in page
    assert "url(http" not in page


def test_html_formulas_can_be_read_aloud() -> None:
    labels = checked(written(document(), ".html")).labels
    assert any("0.47502081" in label for label in labels)


def test_html_escapes_words() -> None:
    page = written(solve(replace(open_problem("jacob"), title='<script>alert("x")</script> & co')), ".html")
    checked(page)
    assert "<script" not in page


def test_html_in_a_dark_theme_is_still_printed_on_white() -> None:
    dark, light = written(document(), ".html", "dark"), written(document(), ".html", "light")
    assert css(DARK.canvas) in dark.split("@media print")[0]
    assert css(DARK.canvas) not in dark.split("@media print")[1].split("</style>")[0]
    assert (dark.count("<figure><div"), light.count("<figure><div")) == (1, 0)


# LaTeX.


def test_latex_words_are_named_or_set() -> None:
    assert tex_text("50 % of a_b & δ − é") == r"50 \% of a\_b \& $\delta$ $-$ é"
    assert tex_text("中😀") == "[U+4E2D][U+1F600]"
    assert tex_text("x⁽²⁾") == r"x\textsuperscript{(}\textsuperscript{2}\textsuperscript{)}"
    assert tex_text("W\u0303") == r"$\tilde{W}$"
    assert tex_text("a\nb\x07") == "a b "


def test_latex_holds_the_figure_and_every_step() -> None:
    doc = document()
    text = written(doc, ".tex")
    assert text.count(r"\begin{tikzpicture}") == text.count(r"\end{tikzpicture}") == 1
    assert text.count(r"\documentclass") == 1
    assert len(re.findall(r"^\\step\{", text, re.MULTILINE)) == len(steps(doc))
    assert text.isascii() or not re.search(r"[^\x00-\u017f]", text)


# PDF.


def pdf(doc: Document, theme: str = "light") -> bytes:
    return completed(document_files(doc, ".pdf", theme, ""))[""]


def test_pdf_has_no_picture_made_of_pixels_and_embeds_its_fonts() -> None:
    data = pdf(document())
    assert data.startswith(b"%PDF")
    assert b"/Subtype /Image" not in data
    assert data.count(b"/FontFile2") >= 2


def test_pdf_is_the_same_twice_with_a_fixed_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    first = pdf(document("jacob"))
    assert first == pdf(document("jacob"))
    assert b"20231114221320" in first


def test_pages_are_the_same_in_two_programs(tmp_path: Path) -> None:
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1700000000"}
    for name in ("one.pdf", "two.pdf"):
        subprocess.run([sys.executable, "main.py", "solve", "jacob", "-o", str(tmp_path / name)], cwd=ROOT, env=environment, check=True)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
def test_pdf_words_can_be_found() -> None:
    doc = document("jacob")
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf(doc), capture_output=True, check=True).stdout.decode()
    assert all(step.replace("^", "").split(":")[0] in text for step in steps(doc) if step.isascii() and "^" not in step)


def strip(height: float, above: float = 0.0, keep: bool = False, new_page: bool = False) -> Strip:
    return Strip(height, lambda painter: None, above, keep, new_page)


def test_strips_that_belong_together_share_a_page() -> None:
    pages = paginated([strip(60), strip(20, 5, keep=True), strip(30, 5)], 100)
    assert [[y for y, _ in page] for page in pages] == [[0.0], [0.0, 25.0]]


def test_a_group_longer_than_a_page_is_broken() -> None:
    pages = paginated([strip(60, keep=True), strip(60, keep=True), strip(60)], 100)
    assert [len(page) for page in pages] == [1, 1, 1]


@pytest.mark.parametrize(("rows", "sizes"), [(8, [1, 9]), (60, None)])
def test_a_table_is_on_one_page_where_it_fits(rows: int, sizes: list[int] | None) -> None:
    from gui.solution.table import table_strips

    table = Table((("symbol",), ("meaning",)), tuple(((f"x{i}",), ("input",)) for i in range(rows)))
    content = [strip(6500), *table_strips(table, NumberFormat(), PRINT, 4800)]
    pages = [len(page) for page in paginated(content, 7360)]
    if sizes:
        assert pages == sizes
    else:
        assert pages[0] > 3  # it begins where there is room
        assert sum(pages) == rows + 2


def test_a_page_break_starts_a_page_but_never_leaves_one_empty() -> None:
    assert [len(page) for page in paginated([strip(50, new_page=True), strip(10, new_page=True)], 100)] == [1, 1]
    assert [len(page) for page in paginated([strip(10), strip(10, new_page=True)], 100)] == [2], "nor one nearly empty"


def test_strips_stand_closer_where_that_saves_a_page() -> None:
    tall, short = [strip(40, 10) for _ in range(3)], [strip(40, 10) for _ in range(4)]
    assert [[y for y, _ in page] for page in fewest_pages(tall, 137)] == [[0.0, 48.0, 96.0]], "by a fifth"
    assert [[y for y, _ in page] for page in fewest_pages(short, 137)] == [[0.0, 50.0], [0.0, 50.0]], "as usual where nothing is gained"


def test_an_exercise_of_the_first_note_takes_four_pages_and_leaves_no_rule_alone() -> None:
    content = completed(strips(solve(open_problem("dyda-sigmoid"), SolutionOptions(blank=True)), PRINT, WIDTH - 2 * MARGIN))
    assert len(fewest_pages(content, HEIGHT - TOP - BOTTOM)) == 4
    title = completed(strips(document("biswas-figure-1"), PRINT, WIDTH - 2 * MARGIN))[1]
    assert title.height < 300, "on one line, in somewhat smaller letters"


@pytest.mark.parametrize("name", example_names())
def test_nothing_is_drawn_below_the_page(name: str) -> None:
    height = HEIGHT - TOP - BOTTOM
    pages = fewest_pages(completed(strips(document(name), PRINT, WIDTH - 2 * MARGIN)), height)
    assert all(y + placed.height <= height for page in pages for y, placed in page)
    assert all(page for page in pages)


def test_words_of_any_length_go_on_on_the_next_page() -> None:
    problem, endless = open_problem("jacob"), "words that go on " * 700
    expected = tuple(replace(one, erratum=endless) if one.erratum else one for one in problem.expected)
    height = HEIGHT - TOP - BOTTOM
    doc = solve(replace(problem, title=endless, source=endless, expected=expected))
    content = completed(strips(doc, PRINT, WIDTH - 2 * MARGIN))
    assert all(placed.height <= height for placed in content)
    assert sum(placed.height for placed in content) > 10 * height
    assert all(y + placed.height <= height for page in paginated(content, height) for y, placed in page)


# With the tools that read these files.

TEX = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def compiled(folder: Path, text: str) -> list[str]:
    """Compile and return what TeX complains of."""
    (folder / "s.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "s.tex"]
    answer = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    log = (folder / "s.log").read_text(encoding="utf-8", errors="replace")
    complaints = re.findall(r"^(?:!|Overfull|LaTeX Warning|Missing character).*", log, re.MULTILINE)
    return complaints if answer.returncode == 0 else [*complaints, "no PDF"]


@pytest.mark.slow
@TEX
@pytest.mark.timeout(900)
@pytest.mark.parametrize("blank", [False, True])
@pytest.mark.parametrize("notation", notation_names())
@pytest.mark.parametrize("name", example_names())
def test_latex_compiles_without_errors_or_overfull_lines(name: str, notation: str, blank: bool, tmp_path: Path) -> None:
    assert compiled(tmp_path, written(document(name, notation=notation, blank=blank), ".tex")) == []


@pytest.mark.slow
@TEX
def test_latex_compiles_with_any_title_and_finds_what_is_wrong(tmp_path: Path) -> None:
    odd = written(solve(replace(open_problem("dyda-softmax"), title=ODD_TITLE, source=ODD_TITLE)), ".tex")
    assert compiled(tmp_path, odd) == []
    assert compiled(tmp_path, odd.replace(r"\end{document}", r"\noindent\rule{2\linewidth}{1pt}\end{document}"))
    assert compiled(tmp_path, odd.replace(r"\end{document}", r"\nosuchcommand\end{document}"))


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_browser_shows_the_page_without_a_network(theme: str, tmp_path: Path) -> None:
    from PySide6.QtGui import QImage

    page, picture = tmp_path / "s.html", tmp_path / "s.png"
    page.write_text(written(document(), ".html", theme), encoding="utf-8")
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={tmp_path / 'profile'}"]
    subprocess.run(
        [*command, f"--screenshot={picture}", "--window-size=900,1800", page.as_uri()], capture_output=True, check=True, timeout=120
    )
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (900, 1800)
    ground = image.pixelColor(2, 2).name()
    assert ground == (css(DARK.canvas) if theme == "dark" else "#ff" + "ffff")
    for top in range(0, 1800, 300):  # there is something in every part of the page
        inked = sum(image.pixelColor(x, y).name() != ground for x in range(100, 800, 3) for y in range(top, top + 300, 3))
        assert inked > 100


@pytest.mark.parametrize("letters", [1, 2, 59, 60, 61, 500, 50_000])
def test_a_word_longer_than_the_line_is_broken_where_it_has_to_be(letters: int) -> None:
    def width(word: str) -> float:
        return QFontMetricsF(text_font(12, bold=False)).horizontalAdvance(word)

    word = ("Wi" * letters)[:letters]
    rows = [line.runs[0].content for line in Words((word,), NumberFormat(), 12, plain=True).lines(400.0)]
    assert "".join(map(str, rows)) == word
    for row, following in pairwise(rows):
        assert width(str(row)) <= 400 < width(str(row) + str(following)[0])


@pytest.mark.parametrize("suffix", [".pdf", ".html"])
def test_a_document_is_made_a_little_at_a_time_and_can_be_given_up(suffix: str, tmp_path: Path) -> None:
    made = [make_solutions(open_problem("jacob"), tmp_path / f"a{suffix}", SolutionOptions(), Sheets()) for _ in range(2)]
    done = [progress.done for progress in made[0]]
    assert done == sorted(done)
    assert (done[0], done[-1], len(set(done)) > 20) == (0, 100, True)
    before = (tmp_path / f"a{suffix}").read_bytes()
    assert next(progress for progress in made[1] if progress.done >= 50)
    made[1].close()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(f"a{suffix}", before)]
