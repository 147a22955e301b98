"""What a user can do to the picture itself: choose by a box, move columns, turn motion on and off. Pure functions, no Qt."""

from __future__ import annotations

from dataclasses import replace

from gui.actions import set_options
from gui.state import AppState
from model.stages import Ref

FURTHEST = 0.9  # of the canvas's width


def choose_box(state: AppState, refs: frozenset[Ref]) -> AppState:
    """Choose several numbers together; none lets go of them."""
    return state if refs == state.box else replace(state, box=refs)


def move_column(state: AppState, column: int, columns: int, by: float) -> AppState:
    """Move one of `columns` columns of the picture from where it stands, by a share of the canvas's width."""
    spacing = state.options.spacing if len(state.options.spacing) == columns else (0.0,) * columns
    moved = max(-FURTHEST, min(spacing[column] + by, FURTHEST))
    return set_options(state, spacing=(*spacing[:column], moved, *spacing[column + 1 :]))


def reset_spacing(state: AppState) -> AppState:
    """Put all columns back to their usual places."""
    return set_options(state, spacing=()) if state.options.spacing else state


def toggle_motion(state: AppState) -> AppState:
    """Let terms travel along their edges, or not."""
    return set_options(state, motion=not state.options.motion)
