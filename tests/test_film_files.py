"""Films as files: every format decodes to the frames that were painted, at their times; nothing is left half-written."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gui.diagram.context import DiagramOptions
from gui.film.frames import FilmFrame, FrameMaker
from gui.film.make import make_film
from gui.film.overlay import Drawing
from gui.film.patches import patches
from gui.film.targets import folder, seekable
from gui.film.video import write_mp4, write_webm
from gui.film.writers import write_gif
from model.examples import open_problem
from model.film import FilmError, FilmPlan, FilmSettings
from model.in_parts import Progress

PROBLEM = open_problem("dyda-sigmoid")
SMALL = FilmSettings(width=320, seconds=0.3, fps=10)
ANIMATED = [".gif", ".apng", ".webp"]
ALL = [*ANIMATED, ".mp4", ".webm", ".html", ".pdf", ""]

pytestmark = pytest.mark.usefixtures("qapp")


def film(path: Path, settings: FilmSettings = SMALL) -> list[Progress]:
    return list(make_film(PROBLEM, path, settings))


@pytest.fixture(scope="module")
def painted(qapp: Any) -> list[np.ndarray]:
    """Every frame of the small film, (h, w, 3)."""
    return [rgb(frame) for frame in FrameMaker(FilmPlan(PROBLEM, SMALL)).frames() for _ in range(frame.frames)]


def rgb(frame: FilmFrame) -> np.ndarray:
    return np.stack([frame.pixels >> shift & 255 for shift in (16, 8, 0)], axis=2).astype(np.uint8)


def decoded(path: Path, unit: float) -> list[np.ndarray]:
    """Every frame of an animation, repeated by its duration in units of `unit` milliseconds."""
    result = []
    with Image.open(path) as image:
        for number in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(number)
            image.load()
            times = image.info["duration"] / unit
            assert abs(times - round(times)) < 1e-6
            result += [np.array(image.convert("RGB"))] * round(times)
    return result


@pytest.mark.parametrize("suffix", [".apng", ".webp"])
def test_lossless_films_are_what_was_painted(tmp_path: Path, painted: list[np.ndarray], suffix: str) -> None:
    film(tmp_path / f"a{suffix}")
    frames = decoded(tmp_path / f"a{suffix}", 100)
    assert len(frames) == len(painted)
    assert all(np.array_equal(a, b) for a, b in zip(frames, painted, strict=True))


def test_a_gif_is_close_to_what_was_painted(tmp_path: Path, painted: list[np.ndarray]) -> None:
    film(tmp_path / "a.gif")
    frames = decoded(tmp_path / "a.gif", 100)
    assert len(frames) == len(painted)
    errors = [np.abs(a.astype(int) - b).mean() for a, b in zip(frames, painted, strict=True)]
    assert max(errors) < 1.0
    data = (tmp_path / "a.gif").read_bytes()
    assert (data[:6], b"NETSCAPE2.0" in data) == (b"GIF89a", True)


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_videos_have_every_frame_and_the_right_colours(tmp_path: Path, painted: list[np.ndarray], suffix: str) -> None:
    av = pytest.importorskip("av")
    film(tmp_path / f"a{suffix}")
    with av.open(str(tmp_path / f"a{suffix}")) as container:
        stream = container.streams.video[0]
        assert (stream.average_rate, stream.width, stream.height) == (10, 320, 180)
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
    assert len(frames) == len(painted)
    assert max(np.abs(a.astype(int) - b).mean() for a, b in zip(frames, painted, strict=True)) < 4


def test_a_folder_has_numbered_pictures(tmp_path: Path, painted: list[np.ndarray]) -> None:
    film(tmp_path / "frames")
    files = sorted((tmp_path / "frames").iterdir())
    assert [file.name for file in files[:2]] == ["frame-0001.png", "frame-0002.png"]
    assert len(files) == len(painted)
    assert np.array_equal(np.array(Image.open(files[7])), painted[7])


def test_a_folder_of_cuts_has_one_picture_per_step(tmp_path: Path) -> None:
    settings = FilmSettings(width=480, motion=False)
    film(tmp_path / "frames", settings)
    assert len(list((tmp_path / "frames").iterdir())) == len(FilmPlan(PROBLEM, settings).shots)


def test_pictures_that_do_not_change_are_merged() -> None:
    first, other = np.full((4, 6), 0xFF000001, np.uint32), np.full((4, 6), 0xFF000001, np.uint32)
    other[2, 3:5] = 0xFF000002
    shown = [FilmFrame(p, n, (0, 0, 6, 4)) for p, n in ((first, 2), (first, 3), (other, 1), (other, 4), (first, 1))]
    found = list(patches(shown))
    assert [(p.begin, p.end) for p in found] == [(0, 5), (5, 10), (10, 11)]
    assert (found[1].x, found[1].y, found[1].pixels.tolist()) == (3, 2, [[0xFF000002, 0xFF000002]])
    even = list(patches(shown, even=True))[1]
    assert (even.x, even.y, even.pixels.tolist()) == (2, 2, [[0, 0xFF000002, 0xFF000002]])


def test_very_long_steps_fit_into_the_formats(tmp_path: Path) -> None:
    settings = FilmSettings(width=320, granularity="phase", seconds=600.0, fps=1)
    for suffix in (".gif", ".apng", ".webp"):
        film(tmp_path / f"a{suffix}", settings)
        with Image.open(tmp_path / f"a{suffix}") as image:
            total = 0.0
            for number in range(image.n_frames):  # type: ignore[attr-defined]
                image.seek(number)
                image.load()
                total += image.info["duration"]
        assert total == FilmPlan(PROBLEM, settings).total * 1000


@pytest.mark.parametrize("suffix", [*ANIMATED, ".html", ".pdf", ""])
def test_the_same_film_has_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    for name in ("a", "b"):
        film(tmp_path / f"{name}{suffix}", FilmSettings(width=320, granularity="phase", seconds=0.3, fps=10))
    a, b = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    pairs = zip(sorted(a.iterdir()), sorted(b.iterdir()), strict=True) if suffix == "" else [(a, b)]
    assert all(one.read_bytes() == other.read_bytes() for one, other in pairs)


@pytest.mark.parametrize("suffix", ALL)
def test_progress_counts_to_the_end(tmp_path: Path, suffix: str) -> None:
    if suffix in (".mp4", ".webm"):
        pytest.importorskip("av")
    told = film(tmp_path / f"a{suffix}", FilmSettings(width=320, granularity="phase", seconds=0.3, fps=10))
    done = [progress.done for progress in told]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, told[0].total)
    assert len(done) > 3


@pytest.mark.parametrize("suffix", ALL)
def test_cancelling_leaves_the_old_file_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    if suffix in (".mp4", ".webm"):
        pytest.importorskip("av")
    path = tmp_path / f"Über uns, ein Film{suffix}"
    film(path, FilmSettings(width=320, granularity="phase", motion=False))
    before = contents(tmp_path)
    making = make_film(PROBLEM, path, SMALL)
    total = next(making).total
    while next(making).done < total / 2:
        pass
    making.close()
    assert contents(tmp_path) == before


@pytest.mark.parametrize("suffix", ALL)
def test_a_full_disk_leaves_nothing(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if suffix in (".mp4", ".webm"):
        pytest.importorskip("av")
    monkeypatch.setattr("model.atomic.os.fsync", full)
    monkeypatch.setattr(Path, "write_bytes", full)
    path = tmp_path / f"a{suffix}"
    with pytest.raises(OSError, match="No space left") as raised:
        film(path)
    assert raised.value.filename == str(path)
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("kind", [write_mp4, write_webm])
def test_a_disk_that_fills_up_in_the_middle_of_a_video_is_named(kind: Any) -> None:
    pytest.importorskip("av")

    class Small(io.BytesIO):
        def write(self, data: Any) -> int:
            if self.tell() > 4000:
                full()
            return super().write(data)

    with pytest.raises(OSError, match="No space left"):
        exhaust(kind(Small(), FrameMaker(FilmPlan(PROBLEM, FilmSettings(width=640, seconds=1.0)))))


def full(*_: object) -> None:
    raise OSError(28, "No space left on device", ".a.part")


def contents(place: Path) -> dict[str, bytes]:
    return {str(file.relative_to(place)): file.read_bytes() for file in place.rglob("*") if file.is_file()}


def test_an_existing_film_in_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    place = tmp_path / "frames"
    film(place)
    film(place, FilmSettings(width=320, granularity="phase", motion=False))
    names = sorted(file.name for file in place.iterdir())
    assert names == [f"frame-{i:04d}.png" for i in range(1, len(names) + 1)]
    assert list(tmp_path.iterdir()) == [place]


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(FilmError, match=r"thesis\.txt"):
        film(tmp_path)
    assert contents(tmp_path) == {"thesis.txt": b"precious"}
    (tmp_path / "file").write_text("")
    with pytest.raises(FilmError, match="this is a file"):
        film(tmp_path / "file")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised, folder(tmp_path / "nowhere" / "frames"):
        pass
    assert raised.value.filename == str(tmp_path / "nowhere" / "frames")


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("a.avi", SMALL, r"\.avi.*allowed: \.gif, \.apng"),
        ("a.mp4", FilmSettings(width=481), "even width.*480 or 482"),
        ("a.gif", FilmSettings(fps=60), "allowed: 1 to 50"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, name: str, settings: FilmSettings, said: str) -> None:
    with pytest.raises(FilmError, match=said):
        film(tmp_path / name, settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_without_the_extra_the_command_that_brings_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(FilmError, match=r"`python3 dev\.py add video`"):
        film(tmp_path / f"a{suffix}")
    assert list(tmp_path.iterdir()) == []


class Pipe(io.BytesIO):
    """Takes bytes in order only."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: object) -> int:
        raise OSError(29, "Illegal seek")


def test_what_cannot_be_rewound_gets_the_same_bytes() -> None:
    maker = FrameMaker(FilmPlan(PROBLEM, FilmSettings(width=320, granularity="phase", motion=False)))
    plain, pipe = io.BytesIO(), Pipe()
    exhaust(write_gif(plain, maker))
    with seekable(pipe) as file:
        exhaust(write_gif(file, maker))
    assert pipe.getvalue() == plain.getvalue()


def exhaust(items: Iterator[int]) -> None:
    for _ in items:
        pass


def test_motion_moves_and_only_inside_its_box() -> None:
    before: np.ndarray | None = None
    moving = 0
    for frame in FrameMaker(FilmPlan(PROBLEM, SMALL)).frames():
        left, top, right, bottom = frame.box
        if before is not None:
            outside = before != frame.pixels
            outside[top:bottom, left:right] = False
            assert not outside.any()
            moving += (right - left, bottom - top) != frame.pixels.shape[::-1] and bool((before != frame.pixels).any())
        before = frame.pixels.copy()
    assert moving > 5


def test_edges_grow_thicker_or_thinner_at_the_update_as_on_screen() -> None:
    maker = FrameMaker(FilmPlan(PROBLEM, replace(SMALL, fps=25, seconds=1.0)), Drawing(DiagramOptions("weight")))
    number = len(maker.scenes.plan.shots) - 1
    shot = maker.scenes.plan.shots[number]
    way = maker.scenes.scene(shot.stop, motion=True).way
    assert way is not None
    assert way.travel is None
    assert way.widths
    pictures = [frame.pixels.copy() for frame in maker._shot(number, shot)]
    assert len({picture.tobytes() for picture in pictures}) == len(pictures) > 3, "every one of them is further"
    assert (pictures[-1] == maker.still(number)).all()
