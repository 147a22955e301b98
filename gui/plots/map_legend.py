"""What the signs and colours of a decision map stand for, in words. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from gui.data.class_names import class_names
from gui.state import AppState, theme_of
from gui.theme import RGB, Scale, Theme, css
from model.decision import kind_of, middle
from model.expr.tree import significant
from model.problem import Problem

SIGNS = "●■▼◆⬟⬢"
NO_BREAK, BETWEEN = "&nbsp;", " &nbsp; "


def mark_colour(problem: Problem, k: int, theme: Theme) -> RGB:
    """Return the colour of a class or of an output: one of a few, or for the two classes of a single output the ends of the scale."""
    if kind_of(problem) != "value":
        return theme.category(k)
    red, green, blue = (int(c) for c in Scale(theme, 1.0).colour(0.8 if k else -0.8))
    return red, green, blue


def kinds_told(state: AppState, *, named: bool = True) -> list[str]:
    """Return which sign and colour stands for what, as HTML that breaks nowhere inside. named: whether signs need their names here."""
    problem, theme = state.problem, theme_of(state)
    if kind_of(problem) == "value":
        at = significant(middle(problem, state.run.samples[1])[0], 3, comma=state.options.fmt.comma)
        names = [f"{side} {at}" for side in ("below", "above")]
    else:
        names = [f"class {name}" if name.isdigit() else name for name in class_names(state)]
        names = names if 1 < len(names) <= len(SIGNS) else []
    colours = [css(mark_colour(problem, k, theme)) for k in range(len(names))]
    signs = zip(colours, SIGNS, (name.replace(" ", NO_BREAK) for name in names), strict=False)
    told = [f"<span style='color:{tint}'>{sign}</span>{NO_BREAK}{name}" for tint, sign, name in signs]
    return [*(told if named else ()), *([f"○{NO_BREAK}held{NO_BREAK}out"] if len(state.run.held_out[0]) else [])]


def in_rows(kinds: Sequence[str], rows: int) -> str:
    """Return the kinds below each other; side by side, where there is no room for so many rows."""
    across = max(1, -(-len(kinds) // max(1, rows)))
    return "<br>".join(BETWEEN.join(kinds[k : k + across]) for k in range(0, len(kinds), across))
