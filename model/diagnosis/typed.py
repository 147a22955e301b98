"""A figure as somebody types it."""

from __future__ import annotations

from model.format.expected import printed_number

LONGEST = 40  # characters of a figure


def read_figure(typed: str) -> tuple[float, float]:
    """Return a typed figure's value and one unit of its last decimal. Raises ValueError with one sentence for the person who typed it."""
    text = typed.strip()
    if not text:
        raise ValueError("There is no figure yet: type a number as 0.13 or 0,13.")
    if len(text) > LONGEST:
        raise ValueError(f"This is too long for a figure: at most {LONGEST} characters.")
    if text.lstrip("+-−").lower() in ("inf", "infinity", "∞", "nan"):
        raise ValueError("A finite number is needed, as 0.13 or 0,13.")
    try:
        return printed_number(text)
    except ValueError:
        raise ValueError(f"“{text}” is not a number: type one as 0.13, 0,13 or −1.5e-3.") from None
