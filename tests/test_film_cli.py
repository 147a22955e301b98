"""The verb `animate` as a user calls it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageSequence

from main import main

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.usefixtures("qapp")


def animate(*arguments: object) -> int:
    return main(["animate", *map(str, arguments)])


@pytest.mark.parametrize("suffix", [".gif", ".apng", ".webp", ".html", ".pdf", ""])
def test_every_format_is_written_without_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str) -> None:
    out = tmp_path / f"Ein Film für Käthe{suffix}"
    options = ["--granularity", "phase", "--width", 320, "--fps", 5, "--seconds-per-step", 0.4, "--theme", "dark"]
    assert animate("jacob", "-o", out, *options, "--notation", "soletskyi", "--decimals", 3) == 0
    assert list(tmp_path.iterdir()) == [out]
    assert capsys.readouterr() == ("", "")


def test_the_options_reach_the_film(tmp_path: Path) -> None:
    def last(*options: object) -> Any:
        assert animate("dyda-sigmoid", "-o", tmp_path / "film", "--granularity", "phase", "--width", 640, *options) == 0
        return Image.open(sorted((tmp_path / "film").iterdir())[-1]).convert("RGB").tobytes()

    plain = last()
    others = [
        last(*options)
        for options in (
            ("--theme", "projector"), ("--notation", "jacob"), ("--decimals", 2), ("--step", 5), ("--steps", 2), ("--no-formulas",),
        )
    ]  # fmt: skip
    assert len({plain, *others}) == 1 + len(others)
    assert last() == plain


def test_the_film_follows_the_chosen_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    films = []
    for sample in (1, 4):
        options = ["--granularity", "phase", "--width", 320, "--sample", sample]
        assert animate("xor", "-o", tmp_path / str(sample), *options) == 0
        films.append(sorted((tmp_path / str(sample)).iterdir())[0].read_bytes())
    assert films[0] != films[1]
    assert animate("xor", "-o", tmp_path / "5", "--sample", 5) == 2
    assert "update 1 has no sample 5; allowed: 1 to 4" in capsys.readouterr().err
    assert not (tmp_path / "5").exists()


@pytest.mark.parametrize("suffix", [".gif", ".apng", ".webp"])
def test_fractions_of_frames_per_second_keep_the_time(tmp_path: Path, suffix: str) -> None:
    def milliseconds(fps: float) -> float:
        out = tmp_path / f"a{suffix}"
        assert animate("jacob", "-o", out, "--granularity", "phase", "--width", 320, "--seconds-per-step", 1, "--fps", fps) == 0
        with Image.open(out) as film:
            return sum(frame.info["duration"] for frame in loaded(film))

    assert milliseconds(12.5) == pytest.approx(milliseconds(10), abs=40)  # half a frame


def loaded(film: Image.Image) -> Iterator[Image.Image]:
    for frame in ImageSequence.Iterator(film):
        frame.load()
        yield frame


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be replaced there")
@pytest.mark.parametrize("name", [".", "HERE"])
def test_the_current_folder_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert animate("jacob", "-o", name.replace("HERE", str(tmp_path)), "--granularity", "phase") == 2
    assert "current folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    link = tmp_path / "link"
    link.symlink_to("frames")
    assert animate("jacob", "-o", link, "--granularity", "phase", "--width", 320) == 0
    assert link.is_symlink()
    assert list((tmp_path / "frames").glob("*.png"))
    assert len(list(tmp_path.iterdir())) == 2


def test_two_decks_are_the_same_bytes(tmp_path: Path) -> None:
    files = [tmp_path / "1.pdf", tmp_path / "2.pdf"]
    environment = {name: value for name, value in os.environ.items() if name != "QT_HASH_SEED"}
    for file in files:
        command = [sys.executable, "main.py", "animate", "jacob", "-o", str(file), "--granularity", "phase"]
        subprocess.run(command, cwd=ROOT, check=True, timeout=120, env={**environment, "SOURCE_DATE_EPOCH": "1700000000"})
    assert files[0].read_bytes() == files[1].read_bytes()


def test_motion_in_a_folder_is_asked_for(tmp_path: Path) -> None:
    options = ["--granularity", "phase", "--width", 320, "--fps", 5, "--seconds-per-step", 1]
    for name, motion in (("cuts", ["--cuts"]), ("usual", []), ("motion", ["--motion"])):
        assert animate("dyda-sigmoid", "-o", tmp_path / name, *options, *motion) == 0
    counts = {place.name: len(list(place.iterdir())) for place in tmp_path.iterdir()}
    assert counts["cuts"] == counts["usual"] < counts["motion"]
    assert counts["motion"] == 5 * counts["cuts"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dyda-sigmoid", "-o", "OUT/a.avi"], "allowed: .gif, .apng, .webp, .mp4, .webm, .html, .pdf"),
        (["dyda-sigmoid", "-o", "OUT/nowhere/a.gif"], "No such file or directory"),
        (["dyda-sigmoid", "-o", "OUT/nowhere/frames"], "OUT/nowhere/frames: this cannot be written"),
        (["dyda-sigmoid", "-o", "OUT/a.gif", "--fps", "0"], "from 1 to 60"),
        (["dyda-sigmoid", "-o", "OUT/a.gif", "--fps", "nan"], "from 1 to 60"),
        (["dyda-sigmoid", "-o", "OUT/a.gif", "--fps", "50.5"], "allowed: 1 to 50"),
        (["dyda-sigmoid", "-o", "OUT/a.gif", "--width", "10"], "from 320 to 7,680"),
        (["dyda-sigmoid", "-o", "OUT/a.gif", "--seconds-per-step", "-1"], "above 0"),
        (["dyda-sigmoid", "-o", "OUT/a.gif", "--seconds-per-step", "0"], "a number of seconds above 0, at most 3600, is needed, found '0'"),
        (["dyda-sigmoid", "-o", "OUT/a.gif", "--seconds-per-step", "nan"], "--seconds-per-step"),
        (["dyda-sigmoid", "-o", "OUT/a.gif", "--seconds-per-step", "soon"], "--seconds-per-step"),
        (["dyda-sigmoid", "-o", "OUT/a.gif", "--granularity", "atom"], "--granularity"),
        (["dyda-sigmoid", "-o", "OUT/a.gif", "--motion", "--cuts"], "not allowed with"),
        (["biswas-thin", "-o", "OUT/a.mp4", "--width", "333"], "OUT/a.mp4: .mp4 needs an even width"),
        (["no-such-file", "-o", "OUT/a.gif"], "no such file"),
    ],
)
def test_bad_input_gets_one_line_and_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    try:
        code = animate(*(argument.replace("OUT", str(tmp_path)) for argument in arguments))
    except SystemExit as ended:
        code = int(str(ended.code))
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said.replace("OUT", str(tmp_path)) in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupting_leaves_the_old_film_and_nothing_else(tmp_path: Path, number: signal.Signals, code: int) -> None:
    film = tmp_path / "film.gif"
    film.write_bytes(b"the old one")
    command = [sys.executable, "main.py", "animate", "dyda-sigmoid", "-o", str(film), "--steps", "400", "--granularity", "term"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as child:
        deadline = time.monotonic() + 60
        while not any(file.stat().st_size for file in tmp_path.glob(".*.part")) and time.monotonic() < deadline and child.poll() is None:
            time.sleep(0.05)
        child.send_signal(number)
        _, said = child.communicate(timeout=60)
    assert (child.returncode, len(said.splitlines()) <= 1) == (code, True), said
    assert [file.name for file in tmp_path.iterdir()] == ["film.gif"]
    assert film.read_bytes() == b"the old one"
