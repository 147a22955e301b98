"""The HTML player and the slide deck: whole, small, offline, and in a browser they do what the keys say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from gui.diagram.context import DiagramOptions
from gui.diagram.primitives import Diagram, Half
from gui.film.frames import Scenes
from gui.film.make import make_film
from gui.film.overlay import Drawing
from gui.film.svg import SharedSvg, short
from model.examples import open_problem
from model.film import FilmError, FilmPlan, FilmSettings

PROBLEM = open_problem("dyda-sigmoid")
BROWSER = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(scope="module")
def page(qapp: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "Dyda, Übung.html"
    for _ in make_film(PROBLEM, path, FilmSettings(granularity="neuron")):
        pass
    return path


def film_in(page: Path) -> dict[str, Any]:
    text = page.read_text(encoding="utf-8")
    found = re.search(r"^const film = (.*);$", text, re.MULTILINE)
    assert found
    film: dict[str, Any] = json.loads(found[1].replace("<\\/", "</"))
    return film


def test_the_page_is_small_and_needs_nothing_from_elsewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text.encode()) < 2_000_000
    assert not re.search(r"https?:|//[a-z]+\.|url\((?!#)|\bsrc=|@import|@font-face|fetch\(|XMLHttp", text)
    references = set(re.findall(r'href=\\?"([^"\\]+)', text))
    assert references
    assert all(reference.startswith("#") for reference in references)


def test_every_reference_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    wanted = set(re.findall(r'href=\\?"#(s\d+)', text))
    assert wanted <= set(re.findall(r'\bid="(s\d+)"', text))
    assert wanted


def test_every_step_has_its_picture_its_words_and_its_formulas(page: Path) -> None:
    film, plan = film_in(page), FilmPlan(PROBLEM, FilmSettings(granularity="neuron"))
    assert len(film["steps"]) == len(plan.shots)
    pieces = range(len(film["pieces"]))
    for step in film["steps"]:
        assert step["caption"]
        assert step["words"]
        assert step["formulas"]
        indices = [
            *step["canvas"],
            *step.get("waiting", []),
            *step.get("over", []),
            *(i for _, _, formula in step["formulas"] for i in formula),
        ]
        assert all(i in pieces for i in indices)
    assert any(step.get("ways") for step in film["steps"])
    assert all(len(step["over"]) >= 6 for step in film["steps"] if step.get("ways")), "numbers of edges lie above the dots"
    assert all(set(step["over"]) <= set(step["waiting"]) for step in film["steps"] if step.get("ways"))
    assert "0.52497919" in "".join(step["said"] for step in film["steps"])
    assert "in W<sup>[1]</sup> takes" in film["steps"][-1]["words"]
    assert not re.search(r"[\^_]", "".join(step["words"] + step["head"] for step in film["steps"]))
    assert sum(width for width, _, _ in film["steps"][0]["formulas"][:2]) < film["board"], "x and y stand side by side"


def test_the_pieces_are_well_formed(page: Path) -> None:
    for piece in film_in(page)["pieces"]:
        ElementTree.fromstring(piece)


def test_controls_have_names(page: Path) -> None:
    nameless = []

    class Controls(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag in ("button", "input", "section", "nav") and not dict(attrs).get("aria-label"):
                nameless.append((tag, attrs))

    Controls().feed(page.read_text(encoding="utf-8"))
    assert nameless == []
    assert '<html lang="en">' in page.read_text(encoding="utf-8")


def test_a_title_is_no_markup(tmp_path: Path) -> None:
    from dataclasses import replace

    path = tmp_path / "a.html"
    for _ in make_film(replace(PROBLEM, title="</title></script><b>@film@"), path, FilmSettings(granularity="phase")):
        pass
    text = path.read_text(encoding="utf-8")
    assert "<title>&lt;/title&gt;&lt;/script&gt;&lt;b&gt;@film@</title>" in text
    assert text.count("</script>") == 1


def test_too_many_steps_are_refused(tmp_path: Path) -> None:
    for name in ("a.html", "a.pdf"):
        with pytest.raises(FilmError, match=r"steps would be too large; allowed: up to 3,000"):
            list(make_film(open_problem("theta-digits"), tmp_path / name, FilmSettings(granularity="term")))
    assert list(tmp_path.iterdir()) == []


def test_lengths_are_short() -> None:
    assert [short(v) for v in (1.0, 1.25, -0.04, 100.06, -3.0)] == ["1", "1.2", "0", "100.1", "-3"]


def test_what_repeats_is_written_once() -> None:
    scenes, svg = Scenes(FilmPlan(PROBLEM, FilmSettings())), SharedSvg()
    first = svg.diagram(scenes.scene(scenes.plan.shots[3].stop).diagram)
    size = len(svg.defs), len(svg.pieces)
    assert svg.diagram(scenes.scene(scenes.plan.shots[3].stop).diagram) == first
    assert (len(svg.defs), len(svg.pieces)) == size


def test_the_deck_has_one_page_per_step(tmp_path: Path) -> None:
    for _ in make_film(PROBLEM, tmp_path / "a.pdf", FilmSettings()):
        pass
    data = (tmp_path / "a.pdf").read_bytes()
    pages = len(FilmPlan(PROBLEM, FilmSettings()).shots)
    assert len(re.findall(rb"/Type /Page\b", data)) == pages
    assert data.startswith(b"%PDF-")


SCRIPT = """
<script>
const press = key => document.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
const seen = [], look = what => seen.push([what, now, by("count").textContent, by("said").textContent.split("\\n")[0],
  by("formulas").innerHTML.length, by("ink").childElementCount, by("first").disabled, by("last").disabled]);
look("start");
for (const key of ["ArrowRight", " ", "PageDown", "ArrowLeft", "End", "ArrowRight", "Home", "PageUp"]) { press(key); look(key); }
by("step").click(); look("click");
by("slider").value = 7; by("slider").oninput({target: by("slider")}); look("slider");
press("End");
press("ArrowLeft");
press("ArrowRight");
const fading = document.getAnimations().length;
press("Home");
press("ArrowRight");
const pre = document.createElement("pre");
const end = () => {
  pre.id = "seen";
  pre.textContent = JSON.stringify({seen, fading, dots: by("dots").childElementCount});
  document.body.append(pre);
};
setTimeout(end, 400);
</script>
"""


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
def test_keys_buttons_and_slider_work_in_a_browser(page: Path, tmp_path: Path) -> None:
    copy = tmp_path / "with a script.html"
    copy.write_text(page.read_text(encoding="utf-8").replace("</body>", f"{SCRIPT}</body>"), encoding="utf-8")
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    answer = subprocess.run(
        [*command, "--virtual-time-budget=4000", "--dump-dom", copy.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    found = re.search(r'<pre id="seen">(.*?)</pre>', answer.stdout, re.DOTALL)
    assert found, answer.stdout[-500:]
    told = json.loads(found[1])
    last = len(film_in(page)["steps"]) - 1
    steps = {what: now for what, now, *_ in told["seen"]}
    assert [now for _, now, *_ in told["seen"]] == [0, 1, 2, 3, 2, last, last, 0, 0, 1, 7]
    assert steps["End"] == last
    for _, now, count, caption, formulas, drawn, at_first, at_last in told["seen"]:
        assert count == f"{now + 1} of {last + 1}"
        assert caption.startswith("Update 1")
        assert formulas > 100
        assert drawn > 30
        assert (at_first, at_last) == (now == 0, now == last)
    assert told["dots"] > 0
    assert told["fading"] > 0


def test_a_wide_equation_is_not_cut_off(tmp_path: Path) -> None:
    for _ in make_film(open_problem("theta-digits"), tmp_path / "a.html", FilmSettings()):
        pass
    assert (tmp_path / "a.html").stat().st_size < 1_600_000  # bold digits share the outlines of the others
    film = film_in(tmp_path / "a.html")
    for step in film["steps"]:
        for width, _, formula in step["formulas"]:
            places = [float(x) for i in formula for x in re.findall(r'(?:translate\(|<rect x=")([\d.]+)', film["pieces"][i])]
            assert max(places) < width


def test_edges_grow_at_the_update_from_the_width_they_had(tmp_path: Path) -> None:
    for _ in make_film(PROBLEM, tmp_path / "a.html", FilmSettings(), drawing=Drawing(DiagramOptions("weight"))):
        pass
    film = film_in(tmp_path / "a.html")
    growing = [step for step in film["steps"] if step.get("grow")]
    assert {step["phase"] for step in growing} == {"update"}
    for place, was in growing[0]["grow"]:
        now = re.search(r'^<path d="M[^A-Z]+L[^A-Z]+" stroke="[^"]+" stroke-width="([^"]+)"', film["pieces"][growing[0]["canvas"][place]])
        assert now
        assert now[1] != was


def test_capsules_are_filled_to_their_ends(qapp: object) -> None:
    svg, half = SharedSvg(), Half(100.0, 50.0, 20.0, 45.0, "left", (1, 2, 3))
    svg.diagram(Diagram(200.0, 100.0, (255, 255, 255), (half,)))
    assert svg.pieces == ['<path d="M100 30h-25a20 20 0 0 0 0 40H100Z" fill="#010203"/>']
