"""How far a run may be shown: an update that was walked to by hand has a point once the walk has computed its number. No Qt."""

from __future__ import annotations

from gui.state import AppState, last_walk, walk_of
from model.stages import Ref

NOT_YET = "not computed yet"


def is_walked(state: AppState) -> bool:
    """Return whether the cursor is in the newest update and nobody has trained so far: its numbers come as the walk reveals them."""
    return state.step == state.run_length > state.run.trained_to and not state.training


def _is_last_known(state: AppState, *refs: Ref) -> bool:
    """Return whether numbers of the last update may be shown, wherever the cursor is: the cursor's own come and go as it moves."""
    if state.run_length <= state.run.trained_to or state.training:
        return True
    walk, seen = last_walk(state), state.tick if state.step == state.run_length else state.walked
    return all(walk.known(ref, seen) for ref in refs)


def is_known(state: AppState, *refs: Ref) -> bool:
    """Return whether numbers of the cursor's update may be shown outside of the walk."""
    return not is_walked(state) or all(walk_of(state).known(ref, state.tick) for ref in refs)


def losses_known(state: AppState) -> int:
    """Return for how many updates, from the first, the loss may be shown."""
    return state.run_length if _is_last_known(state, Ref("loss")) else state.run_length - 1


def answers_known(state: AppState) -> int:
    """Return for how many updates, from the first, it may be shown what the network answers."""
    return state.run_length if _is_last_known(state, _last_output(state)) else state.run_length - 1


def _last_output(state: AppState) -> Ref:
    return Ref("a", state.problem.depth, state.problem.layers[-1] - 1)


def outputs_known(state: AppState) -> bool:
    """Return whether the cursor's update has shown what the network answers."""
    return is_known(state, _last_output(state))


def update_known(state: AppState, weight: Ref) -> bool:
    """Return whether the last update has shown what becomes of a weight or a bias."""
    return _is_last_known(state, weight._replace(quantity=f"{weight.quantity}_new"))


def gradient_known(state: AppState, layer: int) -> bool:
    """Return whether the cursor's update has shown the whole gradient of the weights of a layer, 1..L."""
    return is_known(state, _last_gradient(state, layer))


def gradients_known(state: AppState, layer: int) -> int:
    """Return for how many updates, from the first, the gradient of the weights of a layer, 1..L, may be shown."""
    return state.run_length if _is_last_known(state, _last_gradient(state, layer)) else state.run_length - 1


def _last_gradient(state: AppState, layer: int) -> Ref:
    layers = state.problem.layers
    return Ref("dW", layer, layers[layer] - 1, layers[layer - 1] - 1)
