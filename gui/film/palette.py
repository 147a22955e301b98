"""One palette of 255 colours for a whole film, and the nearest of them for every pixel."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gui.film.frames import Pixels


class Palette:
    """At most 255 colours and, for every colour, the nearest of them; index 255 stands for unchanged pixels."""

    SAME = 255

    def __init__(self, samples: Iterable[Pixels]) -> None:
        colours, counts = _counted(samples)
        chosen = colours[np.argsort(-counts, kind="stable")[:96]]  # the flat areas keep their exact colours
        mosaic = _mosaic(colours, counts)
        rest = np.array(mosaic.quantize(255 - len(chosen), Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).getpalette(), dtype=np.uint8)
        table = np.zeros((256, 3), dtype=np.uint8)
        both = np.vstack([chosen, rest.reshape(-1, 3)])[:255]
        table[: len(both)] = both
        table[len(both) : 255] = both[0]
        self._table = table[:255].astype(np.int32)
        self.rgb = table.tobytes()
        self._nearest = np.full(1 << 24, self.SAME, dtype=np.uint8)  # filled in for the colours that occur

    def indices(self, pixels: Pixels) -> NDArray[np.uint8]:
        """Return (h, w) indices."""
        seen = pixels != 0
        colours = pixels[seen] & 0xFFFFFF
        found = self._nearest[colours]
        unknown = np.unique(colours[found == self.SAME])
        if len(unknown):
            self._learn(unknown)
            found = self._nearest[colours]
        result = np.full(pixels.shape, self.SAME, dtype=np.uint8)
        result[seen] = found
        return result

    def _learn(self, colours: Pixels) -> None:
        for part in np.array_split(colours, -(-len(colours) // 1024)):
            rgb = np.stack([part >> shift & 255 for shift in (16, 8, 0)], axis=1).astype(np.int32)
            distance = ((rgb[:, None, :] - self._table[None, :, :]) ** 2) @ np.array([3, 5, 2], dtype=np.int32)
            self._nearest[part] = distance.argmin(axis=1)


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
