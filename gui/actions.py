"""What a user can do to the cursor and to the display: pure functions from one state to the next. No Qt.

Step, Play, the Right key and the command line all call the same function. Actions that change the experiment are in `gui.edits`.
"""

from __future__ import annotations

from dataclasses import replace

from gui.diagram.context import PathOverlay
from gui.state import AppState, as_saved, initial_state, theme_of, walk_of, with_profiles
from model.notation.profile import Notation, notation_names
from model.problem import Problem
from model.stages import GRANULARITIES, Granularity, Ref, Walk
from model.training.stopping import StopRule

SLOWEST, FASTEST = 0.25, 32.0


class Refusal(ValueError):
    """Something that cannot be done, as one sentence for the user."""


def as_sentence(reason: str) -> str:
    """Return a reason as a sentence: with a capital letter and a full stop."""
    return f"{reason[:1].upper()}{reason[1:]}."


def step(state: AppState) -> AppState:
    """Reveal the next piece; after the last piece of an update, the first piece of the next update."""
    tick = walk_of(state).next(state.tick, state.options.granularity)
    if tick is not None:
        return replace(state, tick=tick)
    if not can_go_on(state):
        return replace(state, playing=False)
    number = state.step + 1
    tick = walk_of(state, number).next(0, state.options.granularity)
    return replace(state, step=number, tick=tick or 0, run_length=max(state.run_length, number))


def can_go_on(state: AppState) -> bool:
    """Return whether another update follows: there is none without a learning rate, nor beyond what a thread is just computing."""
    return state.problem.learning_rate is not None and not (state.training and state.step >= state.run_length)


def back(state: AppState) -> AppState:
    """Hide the last piece; before the first piece of an update comes the end of the update before."""
    tick = walk_of(state).previous(state.tick, state.options.granularity)
    if state.step > 1 and not tick:
        return replace(state, step=state.step - 1, tick=walk_of(state, state.step - 1).total)
    return replace(state, tick=tick or 0)


def first(state: AppState) -> AppState:
    """Go to the start of the update; from there, to the start of the first update."""
    return replace(state, tick=0) if state.tick else replace(state, step=1, tick=0)


def end_of_update(state: AppState) -> AppState:
    """Reveal the rest of the update; at its end, all of the next one."""
    total = walk_of(state).total
    if state.tick < total:
        return replace(state, tick=total)
    return replace(state, tick=total) if not can_go_on(state) else end_of_update(step(state))


def seek(state: AppState, step: int, tick: int) -> AppState:
    """Go to a moment, as near as it exists: updates 1 to run_length, ticks 0 to the end of the update."""
    step = max(1, min(step, state.run_length))
    return replace(state, step=step, tick=max(0, min(tick, walk_of(state, step).total)))


def seek_update(state: AppState, step: int) -> AppState:
    """Go to another update, to the place in it that corresponds to the present one."""
    step = max(1, min(step, state.run_length))
    return replace(state, step=step, tick=corresponding_tick(walk_of(state), walk_of(state, step), state.tick))


def next_update(state: AppState) -> AppState:
    """Go to the next update, to the place in it that corresponds to the present one; after the last one, compute another."""
    if state.step < state.run_length:
        return seek_update(state, state.step + 1)
    return seek_update(replace(state, run_length=state.step + 1), state.step + 1) if can_go_on(state) else state


def previous_update(state: AppState) -> AppState:
    """Go to the update before, to the place in it that corresponds to the present one."""
    return seek_update(state, state.step - 1)


def seek_address(state: AppState, address: str) -> AppState:
    """Go to a micro-step of the present update, addressed as in `render --at`."""
    try:
        return replace(state, tick=walk_of(state).find(address))
    except ValueError as error:
        raise Refusal(str(error)) from None


def extend(state: AppState, length: int, remaining: int) -> AppState:
    """Take over updates from the training thread; a cursor that rests at the start of the last update goes with them."""
    follows = state.step == state.run_length and state.tick == 0
    return replace(state, run_length=length, step=length if follows else state.step, training=remaining)


def start_training(state: AppState, updates: int) -> AppState:
    """Ask the training thread for `updates` more updates after the last one of the run."""
    if state.problem.learning_rate is None:
        raise Refusal("Without a learning rate there is nothing to train; allowed: set a learning rate first.")
    if updates < 1:
        raise Refusal(f"A run of {updates} updates is not possible; allowed: 1 or more.")
    return replace(state, step=state.run_length, tick=0, playing=False, training=updates, notice="")


def set_stop(state: AppState, stop: StopRule) -> AppState:
    """Say when training ends by itself."""
    return state if stop == state.stop else replace(state, stop=stop)


def stop_training(state: AppState, notice: str = "") -> AppState:
    """Leave the run where it is; `notice` says why if it ended by itself."""
    return replace(state, training=0, notice=notice)


def reset(state: AppState) -> AppState:
    """Return to the same initial weights, before the first step; undone, it brings back the run that it leaves."""
    if state.run.length == 1 and not state.run.retunes:
        return replace(state, step=1, tick=0, playing=False, training=0, notice="")
    run = state.run.again()
    run.record(1)
    return replace(state, run=run, run_length=1, step=1, tick=0, walked=0, playing=False, training=0, notice="")


def set_playing(state: AppState, playing: bool) -> AppState:
    """Start or stop the player."""
    return replace(state, playing=playing)


def toggle_playing(state: AppState) -> AppState:
    """Start the player, or stop it."""
    return replace(state, playing=not state.playing)


def faster(state: AppState) -> AppState:
    """Play twice as fast."""
    return set_speed(state, state.options.speed * 2)


def slower(state: AppState) -> AppState:
    """Play half as fast."""
    return set_speed(state, state.options.speed / 2)


def toggle_projector(state: AppState) -> AppState:
    """Large type on the full screen, or back."""
    return set_options(state, projector=not state.options.projector)


def switch_theme(state: AppState) -> AppState:
    """From light to dark, or from dark to light."""
    return set_options(state, theme="light" if theme_of(state).dark else "dark")


def set_speed(state: AppState, speed: float) -> AppState:
    """Set the steps per second of the player."""
    return set_options(state, speed=max(SLOWEST, min(speed, FASTEST)))


def set_options(state: AppState, **changes: object) -> AppState:
    """Change how things are shown; see `Options` for the names."""
    return replace(state, options=replace(state.options, **changes))  # type: ignore[arg-type]


def set_dark_system(state: AppState, dark: bool) -> AppState:
    """Note whether the desktop is dark."""
    return state if dark == state.dark_system else replace(state, dark_system=dark)


def set_granularity(state: AppState, granularity: Granularity) -> AppState:
    """Change the size of a step; the place stays."""
    if granularity not in GRANULARITIES:
        raise Refusal(f'There is no granularity "{granularity}"; allowed: {", ".join(GRANULARITIES)}.')
    return set_options(state, granularity=granularity)


def set_notation(state: AppState, name: str) -> AppState:
    """Write everything in another notation; the cursor stays at the same quantity, as far as both notations show it."""
    names = (*notation_names(), *(profile.name for profile in state.own_notations))
    if name not in names:
        raise Refusal(f'There is no notation "{name}"; allowed: {", ".join(names)}.')
    if name == state.options.notation:
        return state
    here = (state.step, state.options.notation, state.tick)
    anchors = state.anchors if here in state.anchors else (here,)
    shown = set_options(state, notation=name)
    known = [tick for step, notation, tick in anchors if (step, notation) == (state.step, name)]
    tick = known[0] if known else corresponding_tick(walk_of(state), walk_of(shown), state.tick)
    return replace(shown, tick=tick, anchors=(*anchors, (state.step, name, tick)))


def set_profiles(state: AppState, profiles: tuple[Notation, ...]) -> AppState:
    """Take the user's own notations; one that is in use and gone gives way to the one it was made from. The cursor stays."""
    present, names = state.notation, {profile.name for profile in profiles}
    names |= {state.embedded.name} if state.embedded else set()
    base = present.based_on if present.based_on and present.name not in names else ""
    moved = set_notation(state, base) if base else state
    shown = with_profiles(moved, profiles)
    tick = corresponding_tick(walk_of(moved), walk_of(shown), moved.tick)
    return replace(shown, tick=tick, anchors=())


def corresponding_tick(old: Walk, new: Walk, tick: int) -> int:
    """Return the tick of `new` that shows the same quantity; the orders of presentation and the sizes may differ."""
    if tick in (0, old.total):
        return 0 if tick == 0 else new.total
    i = old.stage_at(tick)
    stage = old.stages[i]
    j = new.host.get((stage.quantity, stage.layer))
    if j is None:
        return round(tick / old.total * new.total)
    host, inside = new.stages[j], tick - old.starts[i]
    same_parts = (host.quantity, host.shape, host.terms, host.transposed) == (stage.quantity, stage.shape, stage.terms, stage.transposed)
    if same_parts:
        return new.starts[j] + inside
    whole_parts = max(1, round(inside / stage.ticks * host.components))
    return new.starts[j] + whole_parts * host.terms


def toggle_form(state: AppState) -> AppState:
    """From matrices to sums written out with indices, or back; what is the notation's own form again is no choice for others."""
    own = state.notation.form
    form = "index" if (state.options.form or own) == "matrix" else "matrix"
    return set_options(state, form=None if form == own else form)


def set_decimals(state: AppState, decimals: int | None) -> AppState:
    """Set how many decimals are shown everywhere; None shows as many as there are."""
    return set_options(state, fmt=replace(state.options.fmt, decimals=decimals))


def toggle_comma(state: AppState) -> AppState:
    """Write a decimal comma, or a point."""
    return set_options(state, fmt=replace(state.options.fmt, comma=not state.options.fmt.comma))


def toggle_zeros(state: AppState) -> AppState:
    """Keep zeros at the end of decimals, or leave them out."""
    return set_options(state, fmt=replace(state.options.fmt, trailing_zeros=not state.options.fmt.trailing_zeros))


def set_sample(state: AppState, sample: int) -> AppState:
    """Choose the row of the batch whose calculation is shown."""
    m = state.run.record(state.step).m
    return set_options(state, sample=max(0, min(sample, m - 1)))


def select(state: AppState, ref: Ref | None) -> AppState:
    """Choose a quantity."""
    return state if ref == state.selection else replace(state, selection=ref)


def ask(state: AppState, ref: Ref | None) -> AppState:
    """Choose a quantity and pin its formula: "where does this come from?"; None lets go of the choice and leaves the pinned formula."""
    return select(state, None) if ref is None else replace(state, selection=ref, trail=state.trail.visit(ref))


def walk_trail(state: AppState, by: int) -> AppState:
    """Pin the formula that was pinned before (-1) or after (+1) the present one."""
    return go_on_trail(state, state.trail.at + by)


def go_on_trail(state: AppState, at: int) -> AppState:
    """Pin a formula of the trail again."""
    trail = state.trail.go(at)
    return state if trail == state.trail else replace(state, trail=trail, selection=trail.current)


def show_trail(state: AppState, shown: bool) -> AppState:
    """Show or hide the pinned formula; without one, that of the chosen quantity, or of the loss. Its number is chosen no longer."""
    pinned = state.trail.current
    if shown and pinned is None:
        return ask(state, state.selection or Ref("loss"))
    if shown == state.trail.shown:
        return state
    chosen = (state.selection or pinned) if shown else None if state.selection == pinned else state.selection
    return replace(state, trail=replace(state.trail, shown=shown), selection=chosen)


def toggle_trail(state: AppState) -> AppState:
    """Show the pinned formula, or hide it."""
    return show_trail(state, not state.trail.shown)


def hover(state: AppState, ref: Ref | None) -> AppState:
    """Point at a quantity, so that every view lights it up."""
    return state if ref == state.hover else replace(state, hover=ref)


def show_paths(state: AppState, paths: tuple[PathOverlay, ...]) -> AppState:
    """Draw ways from a weight to the loss on the picture; () takes them away."""
    return state if paths == state.paths else replace(state, paths=paths)


def open_problem(state: AppState, problem: Problem, path: str | None = None) -> AppState:
    """Take another experiment; the way things are shown stays, except notation and digits, which are the experiment's."""
    return with_profiles(replace(initial_state(problem, path, state.options), dark_system=state.dark_system), state.profiles)


def mark_saved(state: AppState, path: str) -> AppState:
    """Note that the state's experiment, its notation and its work are now in the file `path`."""
    return as_saved(replace(state, path=path, saved=state.problem, saved_notation=state.options.notation))
