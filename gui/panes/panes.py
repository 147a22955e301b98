"""The panes at the lower right, in the order of their tabs. A pane is imported and made when it is looked at for the first time."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from PySide6.QtWidgets import QWidget

from gui.panes.tabs import Entry
from gui.store import Store


def pane_entries(store: Store, loss_plot: QWidget, make_board: Callable[[], Any]) -> tuple[Entry, ...]:
    """Return the tabs. make_board: makes another blackboard (see `gui.panes.paths_view.Board`), connected to the window."""

    def pane(title: str, tip: str, module: str, name: str, *arguments: Callable[[], Any]) -> Entry:
        def make() -> QWidget:
            made: QWidget = getattr(import_module(module), name)(store, *(argument() for argument in arguments))
            return made

        return Entry(title, tip, make)

    weights = "Weight matrices as heat maps in the colours of the edges; first-layer weights as images"
    paths = "All the ways from a weight to the loss, and who is responsible for it"
    rates = "How many samples are sorted right, and the learning rate, over the updates"
    return (
        Entry("Loss", "The loss over the updates", lambda: loss_plot),
        pane("Norms", "How large gradients and weights are, layer by layer", "gui.plots.norms_plot", "NormsPlot"),
        pane("Decision map", "What the network, or a hidden neuron, answers over its inputs", "gui.plots.decision_map", "DecisionMap"),
        pane("Confusion", "Which classes are taken for which, and the images that are", "gui.panes.confusion_view", "ConfusionView"),
        pane("Weights", weights, "gui.panes.heat_map_view", "HeatMapView"),
        pane("Paths", paths, "gui.panes.paths_view", "PathsView", make_board),
        pane("Spread", "How sums, activations and deltas are spread, layer by layer", "gui.panes.histogram_view", "HistogramView"),
        pane("Traces", "How chosen weights moved over the run", "gui.plots.trajectory_plot", "TrajectoryPlot"),
        pane("Rates", rates, "gui.plots.rates_plot", "RatesPlot"),
        pane("Bookmarks", "Places of the run that were marked, with a note (Ctrl+B)", "gui.panes.bookmarks_view", "BookmarksView"),
        pane("Check", "The numerical derivative beside the computed gradient", "gui.panes.gradient_check_view", "GradientCheckView"),
    )
