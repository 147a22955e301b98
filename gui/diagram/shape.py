"""What the layout of a network starts from: the shape of the network and the sizes of letters on a canvas."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isqrt

from gui.theme import Theme

NUMBERED_UP_TO = 16  # neurons of a layer that are drawn in full where there is room
CHOSEN = 11  # neurons that stand for a larger layer, at most
GRID_FROM = 49  # square numbers of inputs from here on are images
ROOM = (33, 33)  # width and height of the smallest canvas on which all that matters can be read, in letter heights
BADGE = 1.95  # of a badge with the space around it, in letter heights


@dataclass(frozen=True, slots=True)
class Sizes:
    """Heights of letters in pixels. smallest: what nothing may go below."""

    smallest: float
    text: float
    caption: float
    header: float
    stroke: float
    pad: float

    @property
    def least(self) -> float:
        """The height to which the numbers of neurons may shrink."""
        return max(self.smallest, 0.84 * self.text)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the layout needs to know of a network. chosen: per neuron layer what to draw where not all fit, what matters most first."""

    layers: tuple[int, ...]
    biases: bool
    loss: bool
    chosen: tuple[tuple[int, ...], ...]
    symbol_width: float = 2.0  # of the widest input or target symbol, in letter heights
    symbol_height: float = 1.2  # of the highest one
    given_width: float = 0.0  # of the widest input or target, which are not to be rounded
    conventions: tuple[str, ...] = ()  # named below the caption
    decimals: int = 0  # of numbers, as far as the user wants to see them

    @property
    def is_image(self) -> bool:
        """Whether the inputs are laid out as the pixels of a square picture."""
        return is_image(self.layers)


def is_image(layers: tuple[int, ...]) -> bool:
    """Return whether the inputs are laid out as the pixels of a square picture."""
    return layers[0] >= GRID_FROM and isqrt(layers[0]) ** 2 == layers[0]


def sizes_for(theme: Theme, width: float, height: float, spare: float = 1.0) -> Sizes:
    """Return the letter sizes for a canvas, so that a picture twice as large shows the same at twice the size.

    spare: by how much letters of the network may be larger than usual, because there are few neurons. All are larger still by the user's
    wish, as far as there remains a canvas on which what matters can be read.
    """
    s = _usual_sizes(theme, width, height, spare)
    wish = max(1.0, min(theme.letters, width / (ROOM[0] * s.text), height / (ROOM[1] * s.text)))
    text, smallest = float(round(s.text * wish)), float(ceil(s.smallest * wish - 1e-6))
    return Sizes(smallest, text, s.caption * wish, max(s.header * wish, text), s.stroke * wish, s.pad * wish)


def _usual_sizes(theme: Theme, width: float, height: float, spare: float) -> Sizes:
    smallest = float(ceil(max(theme.smallest, theme.smallest_share * height)))
    usual = max(11.0, min(width / 76, height / 46), smallest)
    larger = min(spare * width / 76, spare * height / 46)
    comfortable = min(13.0, 1.12 * spare * width / 76, spare * height / 46) if spare > 1 else 0.0  # on small canvases
    text = float(round(max(larger, comfortable, usual)))
    projector = theme.smallest_share > 0
    return Sizes(
        smallest=smallest,
        text=text,
        caption=usual * (1.2 if projector else 1.3),
        header=max(usual * 1.08, text),
        stroke=usual / 12 * theme.strokes,
        pad=usual * (0.9 if projector else 1.2),
    )


def legend_height(s: Sizes, width: float) -> float:
    """Return the height of the legend and the notes beside it, which take two lines on narrow canvases."""
    return (4.1 if two_lines(s, width) else 3.6) * s.text


def two_lines(s: Sizes, width: float) -> bool:
    """Return whether the notes beside the legend may take two lines."""
    return width < 62 * s.text


def spare(shape: Shape) -> float:
    """Return by how much letters may be larger than usual."""
    columns, rows = len(shape.layers) + shape.loss, max(shape.layers) + shape.biases
    return min(max(min(5.2 / columns, 4.2 / rows), 1.0), 1.25)
