"""Colours, fonts and sizes by role, and the one scale from a value to colour, width and dash. No Qt; nothing else names a colour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

RGB = tuple[int, int, int]
ScaleKind = Literal["linear", "symlog"]

TEXT_FAMILY = "Inter"
MATH_FAMILY = "STIX Two Math"
TEXT_SIZE, FAR_SIZE = 13, 21  # of the interface's type in pixels, and where it is read from the last row
LEAST_TEXT, MOST_TEXT = 11, 26  # what a desktop may ask for
ACCENT_CONTRAST = 4.6  # of an accent with everything it stands on

# Peter Kovesi's uniform diverging maps (CC BY 4.0), at 33 equal steps: blue-white-red with dark ends, and blue-black-red.
_MAPS = {
    "CET-D1A": "1729721a31881d3aa01f43b9284dce3b58dd5164e56570ec777cf38789f99897fc"
    "a9a5fcb8b3fac7c2f8d4d0f6e2ddf2eee3e8f6dad5fac9befcb7a7fda491fb917b"
    "f87e68f16c55e85a45de4836d33527c71e19b8060fa4000b8e0309790606660702",
    "CET-D4": "1981fa217aeb2873db2c6ccc2f65bd315fae31589f325291314b823045752e3e67"
    "2c385a2a324d272d40242734212228221f2129201f3423203f27234b2b25572e27"
    "63312a70352c7c382e893b31963e33a34236b04438bd473acb4a3dd84d3fe65042",
}


def rgb(text: str) -> RGB:
    """Return the colour that six hexadecimal digits name."""
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red, green, blue


def css(colour: RGB) -> str:
    """Return a colour as style sheets and SVG write it."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def mix(first: RGB, second: RGB, share: float) -> RGB:
    """Return `first` with `share` (0..1) of `second` in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of an update. mark: fills and lines; text: readable on canvas and panel; wash: a faint background for text."""

    mark: RGB
    text: RGB
    wash: RGB
    on_mark: RGB


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour by what it is for, and the sizes that a theme decides. Text roles reach 4.5:1 on the grounds they are used on.

    smallest: least height of text in pixels; smallest_share: and least share of the canvas's height. strokes: factor on all lines.
    hollow_negative: negative badges are outlined, so that signs survive a print without colour.
    family: of the words of the interface; letters: factor on the sizes of all type. Both are the user's wish.
    """

    name: str
    dark: bool
    window: RGB
    panel: RGB
    canvas: RGB
    raised: RGB
    text: RGB
    muted: RGB
    rule: RGB
    neuron: RGB
    neuron_line: RGB
    bias: RGB
    bias_text: RGB
    edge: RGB
    band: RGB
    gold: RGB
    gold_wash: RGB
    on_gold: RGB
    accent: RGB
    on_accent: RGB
    accent_wash: RGB
    select: RGB
    positive: RGB
    negative: RGB
    on_sign: RGB
    error: RGB
    forward: Phase
    loss: Phase
    backward: Phase
    update: Phase
    table: str
    smallest: float = 9.0
    smallest_share: float = 0.0
    strokes: float = 1.0
    hollow_negative: bool = False
    family: str = TEXT_FAMILY
    letters: float = 1.0

    @property
    def text_size(self) -> int:
        """The height of the interface's type in pixels."""
        return round(self.letters * (FAR_SIZE if self.smallest_share else TEXT_SIZE))

    def phase(self, name: str) -> Phase:
        """Return the colours of "forward", "loss", "backward" or "update"."""
        return {"forward": self.forward, "loss": self.loss, "backward": self.backward, "update": self.update}[name]

    def category(self, number: int) -> RGB:
        """Return a colour for one of a few kinds of things (layers, classes), which must also differ by shape or by a label."""
        marks = (self.update.mark, self.backward.mark, self.forward.mark, self.loss.mark, self.accent, self.muted)
        return marks[number % len(marks)]

    def sign(self, value: float) -> RGB:
        """Return the colour in which a signed number is written."""
        return self.negative if value < 0 else self.positive if value > 0 else self.muted


def _phase(mark: str, text: str, wash: str, on_mark: str) -> Phase:
    return Phase(rgb(mark), rgb(text), rgb(wash), rgb(on_mark))


LIGHT = Theme(
    name="light", dark=False,
    window=rgb("f4f6f9"), panel=rgb("ffffff"), canvas=rgb("ffffff"), raised=rgb("eef1f5"),
    text=rgb("141b26"), muted=rgb("566172"), rule=rgb("dde2e9"),
    neuron=rgb("ffffff"), neuron_line=rgb("2a3648"), bias=rgb("d5d9e0"), bias_text=rgb("2a3648"),
    edge=rgb("a9b2bf"), band=rgb("eceff3"), gold=rgb("f2b705"), gold_wash=rgb("fff3cc"), on_gold=rgb("1d1600"),
    accent=rgb("1d4f9c"), on_accent=rgb("ffffff"), accent_wash=rgb("e5edf8"), select=rgb("1d6fe0"),
    positive=rgb("b01c2e"), negative=rgb("1d5fad"), on_sign=rgb("ffffff"), error=rgb("b3261e"),
    forward=_phase("009e73", "00704f", "e3f4ee", "00130d"), loss=_phase("cc79a7", "9c3f72", "faeaf3", "1d0612"),
    backward=_phase("e69f00", "8a5a00", "fdf1d8", "1d1400"), update=_phase("56b4e9", "1668a0", "e4f2fb", "04131d"),
    table="CET-D1A",
)  # fmt: skip

DARK = Theme(
    name="dark", dark=True,
    window=rgb("0d1117"), panel=rgb("151b23"), canvas=rgb("11161d"), raised=rgb("1f2732"),
    text=rgb("e9edf3"), muted=rgb("a2adbb"), rule=rgb("2c3542"),
    neuron=rgb("1a222c"), neuron_line=rgb("c6cfdb"), bias=rgb("4b5666"), bias_text=rgb("f5f7fa"),
    edge=rgb("657183"), band=rgb("1b222c"), gold=rgb("ffc93d"), gold_wash=rgb("3c3213"), on_gold=rgb("1d1600"),
    accent=rgb("7fb2ff"), on_accent=rgb("071224"), accent_wash=rgb("1b2a42"), select=rgb("5aa2ff"),
    positive=rgb("ff8072"), negative=rgb("74abff"), on_sign=rgb("0a0d12"), error=rgb("ff8a80"),
    forward=_phase("1fbf92", "39d3a7", "11302a", "00130d"), loss=_phase("dd8fba", "eba3c9", "38202e", "1d0612"),
    backward=_phase("f0ad1f", "ffbf47", "382a0d", "1d1400"), update=_phase("56b4e9", "79c6f2", "14293a", "04131d"),
    table="CET-D4",
)  # fmt: skip

PROJECTOR = Theme(
    name="projector", dark=True,
    window=rgb("05070a"), panel=rgb("0c1016"), canvas=rgb("07090d"), raised=rgb("1c2430"),
    text=rgb("ffffff"), muted=rgb("c9d2de"), rule=rgb("394454"),
    neuron=rgb("131a23"), neuron_line=rgb("f2f5f9"), bias=rgb("566274"), bias_text=rgb("ffffff"),
    edge=rgb("7b879a"), band=rgb("171d26"), gold=rgb("ffd02e"), gold_wash=rgb("4a3b0c"), on_gold=rgb("1d1600"),
    accent=rgb("8fbcff"), on_accent=rgb("071224"), accent_wash=rgb("1b2c48"), select=rgb("63a8ff"),
    positive=rgb("ff8878"), negative=rgb("7fb4ff"), on_sign=rgb("05070a"), error=rgb("ff958c"),
    forward=_phase("22c999", "4be0b4", "0f332a", "00130d"), loss=_phase("e79cc5", "f3b3d5", "3d2233", "1d0612"),
    backward=_phase("f7b32b", "ffc654", "3e2e0c", "1d1400"), update=_phase("62bff2", "8ad0f8", "132e42", "04131d"),
    table="CET-D4", smallest_share=1 / 40, strokes=1.5,
)  # fmt: skip

PRINT = Theme(
    name="print", dark=False,
    window=rgb("ffffff"), panel=rgb("ffffff"), canvas=rgb("ffffff"), raised=rgb("efefef"),
    text=rgb("000000"), muted=rgb("3c3c3c"), rule=rgb("bdbdbd"),
    neuron=rgb("ffffff"), neuron_line=rgb("000000"), bias=rgb("dedede"), bias_text=rgb("000000"),
    edge=rgb("8c8c8c"), band=rgb("ededed"), gold=rgb("e0a800"), gold_wash=rgb("ffeeb5"), on_gold=rgb("000000"),
    accent=rgb("1a3f7d"), on_accent=rgb("ffffff"), accent_wash=rgb("e6e6e6"), select=rgb("1a3f7d"),
    positive=rgb("8f1020"), negative=rgb("1b5aa8"), on_sign=rgb("ffffff"), error=rgb("8f1020"),
    forward=_phase("009e73", "005c42", "eef7f3", "000000"), loss=_phase("cc79a7", "86305e", "faeff5", "000000"),
    backward=_phase("e69f00", "744c00", "fdf5e3", "000000"), update=_phase("56b4e9", "0f547f", "edf6fc", "000000"),
    table="CET-D1A", hollow_negative=True,
)  # fmt: skip

THEMES: dict[str, Theme] = {theme.name: theme for theme in (LIGHT, DARK, PROJECTOR, PRINT)}


@lru_cache(maxsize=16)
def with_accent(theme: Theme, accent: RGB) -> Theme:
    """Return a theme with the user's accent, made darker or lighter until it can be read wherever text has it."""
    ground, far = theme.panel, (255, 255, 255) if theme.dark else (0, 0, 0)
    for share in np.linspace(0.0, 1.0, 41).tolist():
        ink = mix(accent, far, share)
        wash = mix(ground, ink, 0.12)
        if min(contrast(ink, other) for other in (theme.window, ground, theme.canvas, theme.raised, wash)) >= ACCENT_CONTRAST:
            break
    on_accent = max(((255, 255, 255), (0, 0, 0)), key=lambda text: contrast(text, ink))
    return replace(theme, accent=ink, accent_wash=wash, on_accent=on_accent)


@lru_cache(maxsize=16)
def with_type(theme: Theme, family: str, size: int) -> Theme:
    """Return a theme with the desktop's type: the family ("" for the theme's own) of its words, and its height in pixels as their size.

    What has to be read from far away does not become smaller than it is.
    """
    usual = theme.text_size
    wished = max(min(size, MOST_TEXT), usual if theme.smallest_share else LEAST_TEXT)
    return replace(theme, family=family or theme.family, letters=wished / usual)


@lru_cache(maxsize=8)
def colour_table(name: str) -> NDArray[np.uint8]:
    """Return a diverging map as (511, 3) bytes; row 255 is the value 0."""
    steps = np.frombuffer(bytes.fromhex(_MAPS[name]), dtype=np.uint8).reshape(-1, 3)
    at = np.linspace(0, len(steps) - 1, 511)
    table = np.stack([np.interp(at, np.arange(len(steps)), steps[:, i]) for i in range(3)], axis=1)
    result = np.round(table).astype(np.uint8)
    result.flags.writeable = False
    return result


@dataclass(frozen=True, slots=True)
class Scale:
    """From a signed value to its place on a diverging map, its colour, width and dash: for edges, tables, heat maps and legends.

    limit: the absolute value at either end; what lies beyond is drawn as the end. kind: "symlog" is logarithmic on both sides of 0
    and linear below a thousandth of `limit`.
    """

    theme: Theme
    limit: float
    kind: ScaleKind = "linear"

    def position(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return -1..1 for each value; undefined values are placed at 0."""
        v = np.nan_to_num(np.asarray(values, dtype=np.float64), nan=0.0)
        if not self.limit > 0:
            return np.zeros_like(v)
        share: NDArray[np.float64] = np.clip(v, -self.limit, self.limit) / self.limit
        if self.kind == "linear":
            return share
        logarithmic: NDArray[np.float64] = np.sign(share) * np.log1p(np.abs(share) * 1e3) / np.log1p(1e3)
        return logarithmic

    def colour(self, values: ArrayLike) -> NDArray[np.uint8]:
        """Return (..., 3): the map's colours for filled areas, white (or black) at 0."""
        return colour_table(self.theme.table)[np.round(255 + 255 * self.position(values)).astype(np.intp)]

    def ink(self, values: ArrayLike) -> NDArray[np.uint8]:
        """Return (..., 3): the same colours for lines, kept away from the ground colour of the middle; exactly 0 is neutral."""
        t = self.position(values)
        strong = np.sign(t) * (0.38 + 0.62 * np.abs(t))
        lines = colour_table(self.theme.table)[np.round(255 + 255 * strong).astype(np.intp)]
        return np.where((t == 0)[..., None], np.array(self.theme.edge, dtype=np.uint8), lines)

    def width(self, values: ArrayLike, thin: float, thick: float) -> NDArray[np.float64]:
        """Return line widths from `thin` at 0 to `thick` at the ends."""
        widths: NDArray[np.float64] = thin + (thick - thin) * np.abs(self.position(values))
        return widths

    def dashed(self, values: ArrayLike) -> NDArray[np.bool_]:
        """Return whether a line is dashed: negative values are."""
        return np.asarray(np.asarray(values) < 0, dtype=np.bool_)


def luminance(colour: RGB) -> float:
    """Return the relative luminance (WCAG 2) of an sRGB colour, 0..1."""
    parts = [c / 255 for c in colour]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: RGB, second: RGB) -> float:
    """Return the contrast ratio (WCAG 2) of two colours, 1..21."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
