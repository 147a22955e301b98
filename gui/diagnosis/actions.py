"""Actions on figures: those of the note on the blackboard, and the number that one's own is compared with. No Qt."""

from __future__ import annotations

from gui.actions import ask, set_options
from gui.state import AppState, moment_of
from model.explain.origin import exists_in, is_single
from model.moment import Moment
from model.stages import Ref


def toggle_printed(state: AppState) -> AppState:
    """Show the figures of the note on the blackboard, or not."""
    return set_options(state, printed=not state.options.printed)


def compare(state: AppState) -> AppState:
    """Pin the number that a figure is to be compared with: the chosen one if this step forms it, else the first that it forms.

    Before the first step that is what was pinned or chosen, or the loss.
    """
    moment, chosen = moment_of(state), state.selection
    first = _first(moment)
    if first is None:
        return ask(state, state.trail.current or chosen or Ref("loss"))
    wanted = chosen is not None and _same_stage(moment, chosen) and is_single(chosen) and exists_in(moment, chosen) and moment.known(chosen)
    return ask(state, chosen if wanted else first)


def _first(moment: Moment) -> Ref | None:
    """Return the first number that the step forms."""
    place = moment.place
    return None if place is None else moment.walk.stages[place.stage].entry(place.component or 0)


def _same_stage(moment: Moment, ref: Ref) -> bool:
    place = moment.place
    return place is not None and moment.walk.host.get((ref.quantity, ref.layer)) == place.stage
