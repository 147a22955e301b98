"""Writes the frames of a film as GIF, APNG, WebP, MP4, WebM or numbered PNGs, frame by frame, in little memory.

Pillow packs each picture; here are only the containers around them, because Pillow's own keep every frame in memory until the end.
Of each picture only the part that differs from the one before it is kept, with the pixels in it that have not changed left out.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import GifImagePlugin, Image

from gui.film.frames import FrameMaker, Pixels
from gui.film.palette import Palette
from gui.film.patches import Patch, patches

SAMPLES = 16  # pictures from which the palette of a GIF is chosen


def _rgba(pixels: Pixels) -> Image.Image:
    data = np.ascontiguousarray(pixels).view(np.uint8).reshape(*pixels.shape, 4)[:, :, [2, 1, 0, 3]]
    return Image.fromarray(np.ascontiguousarray(data))


def _milliseconds(patch: Patch, fps: float) -> int:
    return max(1, round(1000 * patch.end / fps) - round(1000 * patch.begin / fps))


# GIF


def write_gif(file: BinaryIO, maker: FrameMaker) -> Iterator[int]:
    """Write a GIF with one palette for the whole film, and yield how many frames are done."""
    palette = Palette(_samples(maker))
    header = Image.new("P", (maker.width, maker.height))
    header.putpalette(palette.rgb)
    file.write(b"".join(GifImagePlugin.getheader(header, info={"loop": 0, "optimize": False})[0]))
    for patch in patches(maker.frames()):
        indexed = Image.fromarray(palette.indices(patch.pixels))
        hundredths = max(2, round(100 * patch.end / maker.fps) - round(100 * patch.begin / maker.fps))
        for piece, delay in _delays(hundredths):
            image = indexed if piece == 0 else indexed.crop((0, 0, 1, 1))
            options = {"duration": 10 * delay, "disposal": 1, "transparency": Palette.SAME}
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
