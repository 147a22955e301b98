"""A typed number moved by its last shown digit, as the arrow keys do it. No Qt."""

from __future__ import annotations

from decimal import Decimal

from gui.edits import parse_number, plain

MOST_DECIMALS = 12
NUDGE_ROLE = 0x0101  # Qt's UserRole + 1, for setData: the number has been nudged, its editor stays open


def nudged(text: str, by: int, decimals: int | None, *, finer: bool = False) -> str:
    """Return the number in `text` moved by `by` units of its last digit, of those that are shown elsewhere (`decimals`; None: all).

    finer: of the digit after that one. Digits beyond stay; a decimal comma stays a comma. Raises Refusal where the text is no number.
    """
    parse_number(text)
    value = Decimal(plain(text))
    most = MOST_DECIMALS if decimals is None else decimals
    places = min(max(0, -int(value.as_tuple().exponent)), most) + finer
    moved = value + by * Decimal(1).scaleb(-places)
    digits = f"{moved:f}" if abs(moved) < Decimal("1e15") else str(moved)
    digits = digits.removeprefix("-") if not moved else digits
    return digits.replace("-", "−").replace(".", "," if "," in text else ".")
