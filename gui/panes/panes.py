"""The panes at the lower right, in the order of their tabs. A pane is imported and made when it is looked at for the first time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from gui.panes.tabs import Entry
from gui.store import Store


def pane_entries(store: Store, loss_plot: QWidget, make_board: Callable[[], Any]) -> tuple[Entry, ...]:
    """Return the tabs. make_board: makes another blackboard (see `gui.panes.paths_view.Board`), connected to the window."""

    def norms() -> QWidget:
        from gui.plots.norms_plot import NormsPlot

        return NormsPlot(store)

    def rates() -> QWidget:
        from gui.plots.rates_plot import RatesPlot

        return RatesPlot(store)

    def histograms() -> QWidget:
        from gui.panes.histogram_view import HistogramView

        return HistogramView(store)

    def trajectories() -> QWidget:
        from gui.plots.trajectory_plot import TrajectoryPlot

        return TrajectoryPlot(store)

    def decisions() -> QWidget:
        from gui.plots.decision_map import DecisionMap

        return DecisionMap(store)

    def confusions() -> QWidget:
        from gui.panes.confusion_view import ConfusionView

        return ConfusionView(store)

    def weights() -> QWidget:
        from gui.panes.heat_map_view import HeatMapView

        return HeatMapView(store)

    def paths() -> QWidget:
        from gui.panes.paths_view import PathsView

        return PathsView(store, make_board())

    def check() -> QWidget:
        from gui.panes.gradient_check_view import GradientCheckView

        return GradientCheckView(store)

    def bookmarks() -> QWidget:
        from gui.panes.bookmarks_view import BookmarksView

        return BookmarksView(store)

    return (
        Entry("Loss", "The loss over the updates", lambda: loss_plot),
        Entry("Norms", "How large gradients and weights are, layer by layer", norms),
        Entry("Decision map", "What the network answers over its inputs", decisions),
        Entry("Confusion", "Which classes are taken for which, and the images that are", confusions),
        Entry("Weights", "Weight matrices as heat maps in the colours of the edges; first-layer weights as images", weights),
        Entry("Paths", "All the ways from a weight to the loss, and who is responsible for it", paths),
        Entry("Spread", "How sums, activations and deltas are spread, layer by layer", histograms),
        Entry("Traces", "How chosen weights moved over the run", trajectories),
        Entry("Rates", "How many samples are sorted right, and the learning rate, over the updates", rates),
        Entry("Bookmarks", "Places of the run that were marked, with a note (Ctrl+B)", bookmarks),
        Entry("Check", "The numerical derivative beside the computed gradient", check),
    )
