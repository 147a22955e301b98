"""Bookmarks, branches and the runs that stay in the plot: pure functions from one state to the next. No Qt."""

from __future__ import annotations

from dataclasses import replace

from gui.actions import Refusal, corresponding_tick, open_problem, seek, seek_update, set_options
from gui.session.file import MisfitError, with_work
from gui.session.keeping import MOST_NOTE, MOST_RUNS, Bookmark, equal_numbers, kept
from gui.state import AppState, as_saved, last_walk, walk_of
from model.format.session import Session
from model.optimizers import OptimizerState
from model.problem import Problem, frozen
from model.run import Run
from model.stages import Walk

AT_ONCE = 0.012  # seconds of computing before the window goes on, and again before each of its turns


def add_bookmark(state: AppState, note: str) -> AppState:
    """Mark the present moment; a mark that is already there takes the new note."""
    mark = Bookmark(state.step, state.tick, state.options.notation, _one_line(note))
    others = [other for other in state.bookmarks if other is not bookmark_here(state)]
    return replace(state, bookmarks=tuple(sorted((*others, mark), key=_place)))


def bookmark_here(state: AppState) -> Bookmark | None:
    """Return the mark at the present moment, if there is one."""
    return next((mark for mark in state.bookmarks if mark.step == state.step and tick_of(state, mark) == state.tick), None)


def set_note(state: AppState, mark: Bookmark, note: str) -> AppState:
    """Give a mark another note."""
    changed = replace(mark, note=_one_line(note))
    return replace(state, bookmarks=tuple(changed if other is mark else other for other in state.bookmarks))


def _one_line(note: str) -> str:
    return " ".join(note.split())[:MOST_NOTE]


def remove_bookmark(state: AppState, mark: Bookmark) -> AppState:
    """Take a mark away."""
    return replace(state, bookmarks=tuple(other for other in state.bookmarks if other is not mark))


def go_to_bookmark(state: AppState, mark: Bookmark) -> AppState:
    """Go to the moment that a mark is at. Raises Refusal if the run has not come so far."""
    if mark.step > state.run_length:
        raise Refusal(f"This run has {state.run_length:,} updates; train on to reach update {mark.step:,}.")
    return replace(state, step=mark.step, tick=tick_of(state, mark), playing=False)


def mark_after(state: AppState) -> Bookmark:
    """Return the next mark after the present moment; after the last one, the first. Raises Refusal where there is none."""
    marks = [mark for mark in state.bookmarks if mark.step <= state.run_length]
    if not marks:
        raise Refusal("There is no bookmark yet; Ctrl+B makes one.")
    later = (mark for mark in marks if mark.step > state.step or (mark.step == state.step and tick_of(state, mark) > state.tick))
    return next(later, marks[0])


def tick_of(state: AppState, mark: Bookmark) -> int:
    """Return where a mark stands in the present notation; for an update that is not computed yet, about where."""
    shown = walk_of(state, min(mark.step, state.run_length))
    if mark.notation == state.options.notation:
        return min(mark.tick, shown.total)
    made_in = _walk_in(state, mark)
    if made_in is None:
        return min(mark.tick, shown.total)
    return corresponding_tick(made_in, shown, min(mark.tick, made_in.total))


def _walk_in(state: AppState, mark: Bookmark) -> Walk | None:
    """Return the walk that a mark was made in, or None if its notation is known no longer."""
    shown = set_options(state, notation=mark.notation)
    step = min(mark.step, state.run_length)
    return walk_of(shown, step) if shown.notation.name == mark.notation else None


def _place(mark: Bookmark) -> tuple[int, int]:
    return mark.step, mark.tick


def branch(state: AppState) -> AppState:
    """Start a new run with the weights of the present moment: those before its update, at its end those after it.

    They become the initial weights of an experiment of its own. Optimiser state, order of the samples and schedule go on, so that
    the branch repeats the old run bit by bit as long as nothing is changed.
    """
    done = state.problem.learning_rate is not None and state.tick == walk_of(state).total
    before = state.step + int(done)
    if before == 1:
        raise Refusal("Nothing has been updated here yet; allowed: a later place of the run.")
    problem, old = state.problem, state.run
    params, begun = old.state(before)
    title = f"{problem.title or 'Experiment'}, from update {old.offset + before:,}"
    weights = {"weights": params.W, "biases": params.b if problem.has_biases else None, "init": None}
    problem = replace(problem, **weights, expected=(), learning_rate=old.base_rate(before), title=title)  # type: ignore[arg-type]
    passed = before - 1
    begun = OptimizerState(begun.t, tuple(frozen(slot) for slot in begun.slots))  # apart from the checkpoint that it is a view of
    run = Run(
        problem, split=old.split, schedule=old.schedule, offset=old.offset + passed, begun=begun, scheduled=old.scheduled + passed
    )  # fmt: skip
    run.record(1)
    there = replace(state, problem=problem, run=run, run_length=1, step=1, tick=0, walked=0, playing=False, training=0, notice="")
    return replace(there, anchors=(), bookmarks=())


def keep_left_run(old: AppState, new: AppState) -> AppState:
    """Keep the losses of a trained run that `new` leaves for another one of the same document."""
    if new.run is old.run or new.saved is not old.saved:
        return new
    runs = tuple(one for one in new.kept if not one.is_of(new.run) and not one.is_of(old.run) and not one.repeats(new.run))
    left = (kept(old.run, old.run_length),) if old.run.trained and _other_losses(old, new) else ()
    return replace(new, kept=(*runs, *left)[-MOST_RUNS:])


def at_hand(state: AppState) -> AppState:
    """Return the state, or where its moment would keep the window waiting, the same run at the nearest update that is computed."""
    run = state.run
    if state.step > run.length or not run.draw_near(state.step, AT_ONCE):
        return state
    return seek_update(state, run.nearest(state.step))


def with_walked(old: AppState, new: AppState) -> AppState:
    """Note how much of the last update the walk has revealed, so that it stays known when the cursor goes back.

    A state with another run brings along what was revealed of that: nothing of a new one, and what undo has kept of an old one.
    """
    before = new.walked
    if new.run is old.run:
        before = walked_in(old, new.options.notation) if new.run_length == old.run_length else 0
    walked = max(before, new.tick) if new.step == new.run_length else before
    return new if walked == new.walked else replace(new, walked=walked)


def walked_in(state: AppState, notation: str) -> int:
    """Return how much of the last update has been revealed, in ticks of another notation."""
    if not state.walked or notation == state.options.notation:
        return state.walked
    return corresponding_tick(last_walk(state), last_walk(set_options(state, notation=notation)), state.walked)


def _other_losses(old: AppState, new: AppState) -> bool:
    """Whether the two runs can differ: the same settings give the same losses."""
    one, other = old.run, new.run
    ways = [(run.schedule, run.split, run.offset, run.retunes) for run in (one, other)]
    return ways[0] != ways[1] or not equal_numbers(one.problem, other.problem)


def forget_kept(state: AppState) -> AppState:
    """Take the earlier runs out of the plot."""
    return replace(state, kept=())


def open_document(state: AppState, problem: Problem, path: str | None, session: Session | None) -> AppState:
    """Take an experiment with its run, as they were saved; a session that does not fit is left out, and the notice says so."""
    return taken_up(open_problem(state, problem, path), session)


def taken_up(opened: AppState, session: Session | None) -> AppState:
    """Return a freshly opened experiment as it was left."""
    if session is None:
        return opened
    try:
        there = with_work(opened, session)
    except MisfitError as error:
        return replace(opened, notice=str(error))
    return as_saved(seek(there, there.step, there.tick))
