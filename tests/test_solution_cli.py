"""The verb `solve`: its formats, its options, its refusals; files whole or not at all."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import main
from model.examples import open_problem
from model.format.file import save
from model.training import progress

SUFFIXES = (".md", ".html", ".tex", ".pdf")

pytestmark = pytest.mark.usefixtures("qapp")


def run(*arguments: object) -> int:
    return main.main(["solve", *map(str, arguments)])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_each_format_is_written(suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"Lösung 1 für Übung{suffix}"
    assert run("jacob", "-o", out) == 0
    expected = [out.name] if suffix != ".md" else sorted([out.name, "Lösung 1 für Übung-network.svg"])
    assert names(tmp_path) == expected
    assert out.stat().st_size > 5_000


def test_markdown_refers_to_the_figure_beside_it(tmp_path: Path) -> None:
    run("jacob", "-o", tmp_path / "a b.md")
    assert "](a%20b-network.svg)" in (tmp_path / "a b.md").read_text(encoding="utf-8")


def test_notation_decimals_and_updates_are_followed(tmp_path: Path) -> None:
    out = tmp_path / "s.md"
    assert run("jacob", "-o", out, "--notation", "dyda", "--decimals", 4, "--step", 2, "--steps", 2) == 0
    text = out.read_text(encoding="utf-8")
    assert "## Update 2\n" in text
    assert "## Update 3\n" in text
    assert "net^{[1]}" in text
    assert "0.6011" not in text  # the activation of update 1
    assert "with up to 4 decimals" in text


def test_the_exercise_holds_no_result(tmp_path: Path) -> None:
    run("dyda-sigmoid", "-o", tmp_path / "blank.md", "--blank")
    run("dyda-sigmoid", "-o", tmp_path / "full.md")
    blank, full = ((tmp_path / f"{name}.md").read_text(encoding="utf-8") for name in ("blank", "full"))
    assert "0.47502081" in full
    assert "0.47502081" not in blank
    assert "0.35" in blank


def test_variants_are_numbered_and_exercise_and_solution_match(tmp_path: Path) -> None:
    assert run("jacob", "-o", tmp_path / "s.md", "--variants", 3, "--seed", 9) == 0
    assert run("jacob", "-o", tmp_path / "e.md", "--variants", 3, "--seed", 9, "--blank") == 0
    assert [n for n in names(tmp_path) if n.endswith(".md")] == [f"{kind}-{i}.md" for kind in "es" for i in (1, 2, 3)]
    for i in (1, 2, 3):
        given = [
            (tmp_path / f"{kind}-{i}.md").read_text(encoding="utf-8").replace(f"{kind}-{i}-network", "network").split("### Notation")[0]
            for kind in "es"
        ]
        assert given[0] == given[1]
    assert (tmp_path / "s-1.md").read_text(encoding="utf-8") != (tmp_path / "s-2.md").read_text(encoding="utf-8")


def test_an_unknown_suffix_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("jacob", "-o", tmp_path / "s.docx") == 2
    assert capsys.readouterr().err.endswith('the suffix ".docx" names no kind of document; allowed: .md, .html, .tex, .pdf\n')
    assert names(tmp_path) == []


def test_a_missing_file_and_a_missing_folder_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "none.json", "-o", tmp_path / "s.pdf") == 2
    assert run("jacob", "-o", tmp_path / "no" / "s.pdf") == 2
    assert run("jacob", "-o", tmp_path / "no" / "s.md") == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert "no such file" in lines[0]
    assert str(tmp_path / "no" / "s.pdf") in lines[1]
    assert str(tmp_path / "no" / "s.md") in lines[2]


@pytest.mark.parametrize("options", [("--steps", "0"), ("--steps", "51"), ("--variants", "0"), ("--seed", "-1"), ("--notation", "x")])
def test_bad_options_are_refused(options: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        run("jacob", "-o", tmp_path / "s.md", *options)
    assert stopped.value.code == 2
    assert names(tmp_path) == []


@pytest.mark.parametrize("suffix", [".md", ".pdf"])
def test_what_fails_midway_leaves_the_old_files_alone(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gui.solution.task

    old = tmp_path / f"s-2{suffix}"
    old.write_text("old", encoding="utf-8")
    real, calls = gui.solution.task.document_files, []

    def failing(*arguments: object) -> dict[str, bytes]:
        calls.append(arguments)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(gui.solution.task, "document_files", failing)
    assert run("jacob", "-o", tmp_path / f"s{suffix}", "--variants", 3) == 2
    assert names(tmp_path) == [old.name]
    assert old.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("name", ["dyda-sigmoid", "soletskyi"])
def test_the_form_of_the_formulas_can_be_chosen(name: str, tmp_path: Path) -> None:
    written = {}
    for form in ("matrix", "index"):
        assert run(name, "-o", tmp_path / "s.md", "--form", form) == 0
        written[form] = (tmp_path / "s.md").read_text(encoding="utf-8").split("# Solution")[1].split("# Result")[0]
    assert r"\begin{bmatrix}" in written["matrix"]
    assert r"\begin{bmatrix}" not in written["index"].split("## Loss")[0]
    assert r"\sum_" in written["index"]


def test_one_sample_of_the_batch_is_worked_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = {}
    for sample in (None, 1, 4):
        options = () if sample is None else ("--sample", sample)
        assert run("xor", "-o", tmp_path / "s.md", "--notation", "jacob", *options) == 0
        written[sample] = (tmp_path / "s.md").read_text(encoding="utf-8").split("# Solution")[1].split("# Result")[0]
    assert "The other 3 samples go the same way." in written[1]
    assert "The other" not in written[None]
    assert len(written[1]) < len(written[None])

    assert written[1] != written[4]
    assert run("xor", "-o", tmp_path / "t.md", "--sample", 5) == 2
    assert "update 1 has no sample 5; allowed: 1 to 4" in capsys.readouterr().err
    assert not (tmp_path / "t.md").exists()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are Unicode there")
def test_a_name_that_is_not_utf_8_is_linked_byte_for_byte(tmp_path: Path) -> None:
    out = os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.md")
    assert run("jacob", "-o", out) == 0
    assert "(b%FF-network.svg)" in Path(out).read_text(encoding="utf-8")


@pytest.mark.parametrize(("verb", "name"), [("solve", "a.md"), ("animate", "a.html"), ("render", "a.png")])
def test_the_way_to_a_far_update_is_shown(verb: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(progress, "_PAUSE", -1.0)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    assert main.main([verb, "jacob", "--step", "400", "-o", str(tmp_path / name)]) == 0
    shown = terminal.getvalue()
    assert f"{verb} [####" in shown
    assert "of 400" in shown
    assert shown.endswith("\r\x1b[K"), "it is gone at the end"


@pytest.mark.parametrize(("verb", "name"), [("solve", "a.md"), ("animate", "a.gif")])
def test_updates_without_a_learning_rate_are_refused(verb: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "still.json"
    save(replace(open_problem("jacob"), learning_rate=None, expected=()), file)
    assert main.main([verb, str(file), "--steps", "3", "-o", str(tmp_path / name)]) == 2
    assert capsys.readouterr().err.startswith(f"deltastep: {file}: learning_rate: without one there are no 3 updates to ")
    assert names(tmp_path) == ["still.json"]
