"""What changes from one picture of a film to the next: the smallest rectangle, with the unchanged pixels in it left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from gui.film.frames import FilmFrame, Pixels

SAME = np.uint32(0)  # a pixel that has not changed: transparent black


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
