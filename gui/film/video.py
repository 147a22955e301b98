"""MP4 and WebM through PyAV, which the extra `video` brings."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from gui.film.frames import FrameMaker, Pixels
from model.film import FilmError, FilmSettings

if TYPE_CHECKING:
    from types import ModuleType

_H264 = {"preset": "veryfast", "crf": "17", "tune": "animation"}
_VP9 = {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "7", "row-mt": "1"}
_BT709 = 1  # the colours of high-definition video, so that no player has to guess


def write_mp4(file: BinaryIO, maker: FrameMaker) -> Iterator[int]:
    """Write H.264 video at a constant frame rate; yield how many frames are done. Raises FilmError where PyAV is missing."""
    return _write(file, maker, "mp4", ("libx264", _H264))


def write_webm(file: BinaryIO, maker: FrameMaker) -> Iterator[int]:
    """Write VP9 video at a constant frame rate; yield how many frames are done. Raises FilmError where PyAV is missing."""
    return _write(file, maker, "webm", ("libvpx-vp9", _VP9))


def check_video(suffix: str, settings: FilmSettings) -> None:
    """Raise FilmError if a video of this kind and size cannot be made."""
    if settings.width % 2:
        raise FilmError(f"{suffix} needs an even width, found {settings.width}; allowed: {settings.width - 1} or {settings.width + 1}")
    _pyav(suffix)


def _pyav(suffix: str) -> ModuleType:
    try:
        import av
        import av.video.reformatter
    except ImportError:
        raise FilmError(f"{suffix} needs PyAV, which is not installed; `python3 dev.py add video` installs it") from None
    return av


class _Target:
    """A file that remembers why it could not be written, because the video library tells its own story about that."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: OSError | None = None
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = error
            raise


def _write(file: BinaryIO, maker: FrameMaker, kind: str, codec: tuple[str, dict[str, str]]) -> Iterator[int]:
    av, target = _pyav(f".{kind}"), _Target(file)
    try:
        with av.open(target, "w", format=kind) as container:
            yield from _encode(av, container, maker, codec)
    except Exception:
        if target.error is not None:
            raise target.error from None
        raise


def _encode(av: Any, container: Any, maker: FrameMaker, codec: tuple[str, dict[str, str]]) -> Iterator[int]:
    stream = container.add_stream(codec[0], rate=Fraction(maker.fps).limit_denominator(1001), options=codec[1])
    stream.width, stream.height, stream.pix_fmt = maker.width, maker.height, "yuv420p"
    stream.codec_context.thread_count = 0
    for name in ("colorspace", "color_primaries", "color_trc", "color_range"):
        setattr(stream.codec_context, name, _BT709)
    time = 0
    for frame in maker.frames():
        picture = _yuv(av, frame.pixels)
        for _ in range(frame.frames):
            picture.pts = time
            container.mux(stream.encode(picture))
            time += 1
        yield time
    container.mux(stream.encode(None))


def _yuv(av: Any, pixels: Pixels) -> Any:
    data = np.ascontiguousarray(pixels).view(np.uint8).reshape(*pixels.shape, 4)
    rgb = av.VideoFrame.from_ndarray(data, format="bgra")
    colours = av.video.reformatter
    return rgb.reformat(
        format="yuv420p",
        dst_colorspace=colours.Colorspace.ITU709,
        src_color_range=colours.ColorRange.JPEG,
        dst_color_range=colours.ColorRange.MPEG,
    )
