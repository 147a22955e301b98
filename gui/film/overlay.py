"""How the pictures of a film are drawn: as on screen, with ways to the loss taken from each update and hidden until known. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gui.diagram.context import DiagramOptions, PathOverlay
from gui.picture import taken_away
from gui.state import AppState
from model.moment import Moment
from model.paths import exists, paths_of, target_of
from model.stages import Ref


@dataclass(frozen=True, slots=True)
class Drawing:
    """options: of every picture. target: the weight, bias or input whose paths to the loss they show, None without paths."""

    options: DiagramOptions = field(default_factory=DiagramOptions)
    target: Ref | None = None

    def at(self, moment: Moment, title: str) -> DiagramOptions:
        """Return the options of the picture of a moment."""
        paths = () if self.target is None else _paths_at(moment, self.target, self.options.paths)
        return replace(self.options, title=title, paths=paths)


def drawing_of(state: AppState) -> Drawing:
    """Return how the window draws its picture."""
    asked = (target_of(ref, state.problem) for ref in (state.selection, *reversed(state.trail.refs)))
    own = Ref("W", 1, 0, 0)  # whose paths are shown as long as nothing has been selected
    target = next((found for found in asked if found is not None and exists(found, state.problem)), own)
    return Drawing(taken_away(state, ""), target if state.paths else None)


def _paths_at(moment: Moment, target: Ref, shown: tuple[PathOverlay, ...]) -> tuple[PathOverlay, ...]:
    """Return the same ways with what flows through them in the update of the moment; none before its error signals are known."""
    lowest = min(layer for path in shown for layer, _, _ in path.edges)
    wanted = {path.edges for path in shown}
    layer = max(target.layer, 1)
    one = target.quantity == "W" or (target.quantity == "b" and moment.record.problem.bias_sharing == "per_unit")
    units = (target.unit or 0,) if one else range(moment.record.problem.layers[layer])
    if not all(moment.known(Ref("delta", layer, unit, sample=moment.sample)) for unit in units):
        return ()
    found = paths_of(moment.record, target, moment.sample).listed
    cut = (PathOverlay(tuple(edge for edge in path.edges if edge[0] >= lowest), path.value, target) for path in found)
    return tuple(path for path in cut if path.edges in wanted)
