"""Writes the frames of a film as GIF, APNG, WebP, MP4, WebM or numbered PNGs, frame by frame, in little memory.

Pillow packs each picture; here are only the containers around them, because Pillow's own keep every frame in memory until the end.
Of each picture only the part that differs from the one before it is kept, with the pixels in it that have not changed left out.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image

from gui.film_frames import FilmFrame, FrameMaker, Pixels
from model.film import FilmError

SAME = np.uint32(0)  # a pixel that has not changed: transparent black
SAMPLES = 16  # pictures from which the palette of a GIF is chosen


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """The changed part of a picture, (h, w) as 0xAARRGGBB with SAME where nothing changed, its place, and for how long it is shown."""

    x: int
    y: int
    pixels: Pixels
    begin: int
    end: int


def patches(frames: Iterable[FilmFrame], *, even: bool = False) -> Iterator[Patch]:
    """Yield what changes from picture to picture; pictures without any change prolong the one before. even: only even places."""
    before: Pixels | None = None
    waiting: Patch | None = None
    now = 0
    for frame in frames:
        found = _difference(before, frame, even=even)
        if found is not None or waiting is None:
            if waiting is not None:
                yield waiting
            x, y, pixels = found if found is not None else (0, 0, frame.pixels.copy())
            waiting = Patch(x, y, pixels, now, now + frame.frames)
            before = frame.pixels.copy() if before is None else _updated(before, frame)
        else:
            waiting = Patch(waiting.x, waiting.y, waiting.pixels, waiting.begin, now + frame.frames)
        now += frame.frames
    if waiting is not None:
        yield waiting


def _updated(before: Pixels, frame: FilmFrame) -> Pixels:
    left, top, right, bottom = frame.box
    before[top:bottom, left:right] = frame.pixels[top:bottom, left:right]
    return before


def _difference(before: Pixels | None, frame: FilmFrame, *, even: bool) -> tuple[int, int, Pixels] | None:
    """Return place and pixels of what differs from `before`, None where nothing does."""
    if before is None:
        return 0, 0, frame.pixels.copy()
    left, top, right, bottom = frame.box
    old, new = before[top:bottom, left:right], frame.pixels[top:bottom, left:right]
    changed = old != new
    rows = np.flatnonzero(changed.any(axis=1))
    if not len(rows):
        return None
    y0, y1 = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(changed[y0:y1].any(axis=0))
    x0, x1 = int(columns[0]), int(columns[-1]) + 1
    if even:
        x0, y0 = x0 - (left + x0) % 2, y0 - (top + y0) % 2
        x0, y0 = max(x0, -left), max(y0, -top)
        old, new = before[top + y0 : top + y1, left + x0 : left + x1], frame.pixels[top + y0 : top + y1, left + x0 : left + x1]
        return left + x0, top + y0, np.where(old != new, new, SAME)
    return left + x0, top + y0, np.where(changed[y0:y1, x0:x1], new[y0:y1, x0:x1], SAME)


def _rgba(pixels: Pixels) -> Image.Image:
    data = np.ascontiguousarray(pixels).view(np.uint8).reshape(*pixels.shape, 4)[:, :, [2, 1, 0, 3]]
    return Image.fromarray(np.ascontiguousarray(data))


def _milliseconds(patch: Patch, fps: int) -> int:
    return max(1, round(1000 * patch.end / fps) - round(1000 * patch.begin / fps))


@contextlib.contextmanager
def seekable(file: BinaryIO) -> Iterator[BinaryIO]:
    """Give the file itself, or a buffer for one that cannot be rewound, such as a pipe."""
    if file.seekable():
        yield file
        return
    buffer = BytesIO()
    yield buffer
    file.write(buffer.getbuffer())


# GIF


def write_gif(file: BinaryIO, maker: FrameMaker) -> Iterator[int]:
    """Write a GIF with one palette for the whole film, and yield how many frames are done."""
    palette = _Palette(_samples(maker))
    header = Image.new("P", (maker.width, maker.height))
    header.putpalette(palette.rgb)
    file.write(b"".join(GifImagePlugin.getheader(header, info={"loop": 0, "optimize": False})[0]))
    for patch in patches(maker.frames()):
        indexed = Image.fromarray(palette.indices(patch.pixels))
        hundredths = max(2, round(100 * patch.end / maker.fps) - round(100 * patch.begin / maker.fps))
        for piece, delay in _delays(hundredths):
            image = indexed if piece == 0 else indexed.crop((0, 0, 1, 1))
            options = {"duration": 10 * delay, "disposal": 1, "transparency": _Palette.SAME}
            file.write(b"".join(GifImagePlugin.getdata(image, (patch.x, patch.y), **options)))
        yield patch.end
    file.write(b";")


def _samples(maker: FrameMaker) -> Iterator[Pixels]:
    """Yield some pictures, evenly spread over the film."""
    count = maker.count
    for number in sorted({round(i * (count - 1) / (SAMPLES - 1)) for i in range(SAMPLES)}):
        yield maker.still(number)


def _delays(hundredths: int) -> Iterator[tuple[int, int]]:
    """Split a delay into what fits into the format's 16 bits."""
    for piece in range(-(-hundredths // 65535)):
        yield piece, min(65535, hundredths - piece * 65535)


class _Palette:
    """At most 255 colours and, for every colour, the nearest of them; index 255 stands for unchanged pixels."""

    SAME = 255
    _CELLS = 64  # steps per channel of the table of nearest colours

    def __init__(self, samples: Iterable[Pixels]) -> None:
        colours, counts = _counted(samples)
        chosen = colours[np.argsort(-counts, kind="stable")[:96]]  # the flat areas keep their exact colours
        mosaic = _mosaic(colours, counts)
        rest = np.array(mosaic.quantize(255 - len(chosen), Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).getpalette(), dtype=np.uint8)
        table = np.zeros((256, 3), dtype=np.uint8)
        both = np.vstack([chosen, rest.reshape(-1, 3)])[:255]
        table[: len(both)] = both
        table[len(both) : 255] = both[0]
        self._table = table.astype(np.int32)
        self.rgb = table.tobytes()
        self._known: dict[int, int] = {}

    def indices(self, pixels: Pixels) -> NDArray[np.uint8]:
        """Return (h, w) indices."""
        colours, inverse = np.unique(pixels, return_inverse=True)
        nearest = np.array([self._nearest(c) for c in colours.tolist()], dtype=np.uint8)
        result: NDArray[np.uint8] = nearest[inverse].reshape(pixels.shape)
        return result

    def _nearest(self, pixel: int) -> int:
        if pixel == 0:
            return self.SAME
        found = self._known.get(pixel)
        if found is None:
            rgb = np.array([pixel >> 16 & 255, pixel >> 8 & 255, pixel & 255])
            found = self._known[pixel] = int((((self._table[:255] - rgb) ** 2) @ np.array([3, 5, 2])).argmin())
        return found


def _counted(samples: Iterable[Pixels]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the colours of some pictures, (n, 3), and how often each occurs."""
    total: dict[int, int] = {}
    for pixels in samples:
        for colour, n in zip(*(part.tolist() for part in np.unique(pixels, return_counts=True)), strict=True):
            total[colour] = total.get(colour, 0) + n
    keys = np.array(sorted(total), dtype=np.uint32)
    rgb = np.stack([(keys >> shift & 255).astype(np.uint8) for shift in (16, 8, 0)], axis=1)
    return rgb, np.array([total[key] for key in keys.tolist()], dtype=np.int64)


def _mosaic(colours: NDArray[np.uint8], counts: NDArray[np.int64]) -> Image.Image:
    """Return a picture in which rare colours weigh more than their area, so that thin coloured lines keep their hue."""
    weights = np.minimum(np.ceil(np.sqrt(counts)), 64).astype(np.intp)
    repeated = np.repeat(colours, weights, axis=0)
    return Image.fromarray(np.ascontiguousarray(repeated[None, :, :]))


# APNG


def write_apng(file: BinaryIO, maker: FrameMaker) -> Iterator[int]:
    """Write an animated PNG, lossless. The number of pictures is filled in at the end. Yield as above."""
    file.write(b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", maker.width, maker.height, 8, 6, 0, 0, 0)))
    count_at = file.tell()
    file.write(_chunk(b"acTL", struct.pack(">II", 0, 0)))
    number = shown = 0
    for patch in patches(maker.frames()):
        h, w = patch.pixels.shape
        milliseconds = _milliseconds(patch, maker.fps)
        delay, unit = (milliseconds, 1000) if milliseconds < 65536 else (min(round(milliseconds / 100), 65535), 10)
        control = struct.pack(">IIIIIHHBB", number, w, h, patch.x, patch.y, delay, unit, 0, 1 if shown else 0)
        file.write(_chunk(b"fcTL", control))
        number += 1
        for data in _image_data(patch.pixels):
            file.write(_chunk(b"fdAT", struct.pack(">I", number) + data) if shown else _chunk(b"IDAT", data))
            number += 1 if shown else 0
        shown += 1
        yield patch.end
    file.write(_chunk(b"IEND", b""))
    file.seek(count_at)
    file.write(_chunk(b"acTL", struct.pack(">II", shown, 0)))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(pixels: Pixels) -> bytes:
    stream = BytesIO()
    _rgba(pixels).save(stream, "PNG", compress_level=6)
    return stream.getvalue()


def _image_data(pixels: Pixels) -> Iterator[bytes]:
    """Yield the compressed data of a picture as Pillow writes it."""
    png, at = _png(pixels), 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        if png[at + 4 : at + 8] == b"IDAT":
            yield png[at + 8 : at + 8 + length]
        at += 12 + length


# WebP


def write_webp(file: BinaryIO, maker: FrameMaker) -> Iterator[int]:
    """Write an animated WebP, lossless. The length is filled in at the end. Yield as above."""
    canvas = struct.pack("<I", maker.width - 1)[:3] + struct.pack("<I", maker.height - 1)[:3]
    file.write(b"RIFF\0\0\0\0WEBP" + _riff(b"VP8X", bytes([0b00010010, 0, 0, 0]) + canvas) + _riff(b"ANIM", struct.pack("<IH", 0, 0)))
    for patch in patches(maker.frames(), even=True):
        h, w = patch.pixels.shape
        milliseconds = min(_milliseconds(patch, maker.fps), 2**24 - 1)
        place = b"".join(struct.pack("<I", value)[:3] for value in (patch.x // 2, patch.y // 2, w - 1, h - 1, milliseconds))
        file.write(_riff(b"ANMF", place + b"\0" + _webp(patch.pixels)))
        yield patch.end
    end = file.tell()
    file.seek(4)
    file.write(struct.pack("<I", end - 8))


def _riff(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _webp(pixels: Pixels) -> bytes:
    """Return the picture's own chunk as Pillow writes it."""
    stream = BytesIO()
    _rgba(pixels).save(stream, "WEBP", lossless=True, quality=40, method=2, exact=False)
    data = stream.getvalue()
    at = data.index(b"VP8L", 12)
    (length,) = struct.unpack_from("<I", data, at + 4)
    return data[at : at + 8 + length + length % 2]


# Numbered PNGs


@contextlib.contextmanager
def folder(path: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of `path` when the block ends. Raises FilmError if there is something else in it."""
    _check_folder(path)
    made = Path(tempfile.mkdtemp(prefix=f".{path.name[:60]}.", suffix=".part", dir=path.parent))
    try:
        yield made
        made.chmod(0o777 & ~_umask())
        old = made.with_suffix(".old")
        if path.exists():
            path.rename(old)
        try:
            made.rename(path)
        except OSError:
            if old.exists():
                old.rename(path)
            raise
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _check_folder(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise FilmError(f"{path}: this is a file; allowed: a new folder, or one with an earlier film")
    others = sorted(entry.name for entry in path.iterdir() if not _is_frame(entry)) if path.exists() else []
    if others:
        raise FilmError(
            f'{path}: this folder holds other things, such as "{others[0]}"; allowed: a new folder, or one with an earlier film'
        )


def _is_frame(entry: Path) -> bool:
    return entry.is_file() and entry.suffix == ".png" and entry.stem.removeprefix("frame-").isdigit()


def write_pngs(made: Path, maker: FrameMaker) -> Iterator[int]:
    """Write `frame-0001.png` and so on: with motion one per frame, so that a video editor can read them; otherwise one per step."""
    number = done = 0
    for frame in maker.frames():
        stream = BytesIO()
        _rgba(frame.pixels).convert("RGB").save(stream, "PNG", compress_level=6)
        for _ in range(frame.frames if maker.motion else 1):
            number += 1
            (made / f"frame-{number:04d}.png").write_bytes(stream.getvalue())

        done += frame.frames
        yield done
