"""How far plots may show a run: an update that was walked to by hand has a point once the walk has computed its number. No Qt."""

from __future__ import annotations

from gui.state import AppState, walk_of
from model.stages import Ref

NOT_YET = "not computed yet"


def is_walked(state: AppState) -> bool:
    """Return whether the cursor is in the newest update and nobody has trained so far: its numbers come as the walk reveals them."""
    return state.step == state.run_length > state.run.trained_to and not state.training


def is_known(state: AppState, *refs: Ref) -> bool:
    """Return whether numbers of the cursor's update may be shown outside of the walk."""
    return not is_walked(state) or all(walk_of(state).known(ref, state.tick) for ref in refs)


def losses_known(state: AppState) -> int:
    """Return for how many updates, from the first, the loss may be shown."""
    return state.run_length if is_known(state, Ref("loss")) else state.run_length - 1


def outputs_known(state: AppState) -> bool:
    """Return whether the cursor's update has shown what the network answers."""
    problem = state.problem
    return is_known(state, Ref("a", problem.depth, problem.layers[-1] - 1))


def update_known(state: AppState, weight: Ref) -> bool:
    """Return whether the cursor's update has shown what becomes of a weight or a bias."""
    return is_known(state, weight._replace(quantity=f"{weight.quantity}_new"))


def gradient_known(state: AppState, layer: int) -> bool:
    """Return whether the cursor's update has shown the whole gradient of the weights of a layer, 1..L."""
    layers = state.problem.layers
    return is_known(state, Ref("dW", layer, layers[layer] - 1, layers[layer - 1] - 1))
