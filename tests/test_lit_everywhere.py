"""In the whole window: a number pointed at in one view is lit in all others, also where they call it by another name."""

from PySide6.QtCore import Qt

from gui import actions
from gui.links import covers
from gui.main_window import MainWindow
from gui.panes.tables_view import GridView
from gui.state import theme_of
from model.stages import Ref


def lit_cells(window: MainWindow) -> list[Ref]:
    """The numbers whose cells are lit in the tables that are up."""
    wash = theme_of(window.store.state).accent_wash
    found = []
    for view in window.tables.findChildren(GridView):
        model = view.model()
        for row in range(model.rowCount()):
            for column in range(model.columnCount()):
                brush = model.index(row, column).data(Qt.ItemDataRole.BackgroundRole)
                if view.isVisible() and brush is not None and brush.color().getRgb()[:3] == wash:
                    found.append(model.ref_at(model.index(row, column)))
    return found


PLACES = [
    ("z:2", Ref("W", 2, 0, 1)),
    ("z:2", Ref("b", 2, 1)),
    ("z:2", Ref("z", 2, 1, None, 0)),
    ("a:2", Ref("a", 2, 0)),
    ("dLda:2", Ref("dLda", 2, 1)),
    ("delta:2", Ref("delta", 2, 0)),
    ("dW:2", Ref("dW", 2, 1, 1)),
    ("W_new:2", Ref("W_new", 2, 0, 0)),
    ("dLdX:2", Ref("dLdX", 2, 2)),
]


def test_one_number_in_picture_table_and_formula(window: MainWindow) -> None:
    store = window.store
    for address, ref in PLACES:
        store.dispatch(actions.seek_address, address)
        before = window.canvas.make_diagram().items
        store.dispatch(actions.hover, ref)
        assert window.canvas.make_diagram(ref).items != before, ref
        hits = [hit.ref for hit in window.board._numbers()]
        assert any(covers(ref, shown) for shown in hits), ref
        assert window.board._lit == frozenset({ref})
        if ref.quantity != "dLdX":  # it belongs to the tables of layer 1, which are not up
            assert [covers(ref, cell) for cell in lit_cells(window)] == [True], ref
        store.dispatch(actions.hover, None)
        assert lit_cells(window) == [], ref
        assert window.board._lit == frozenset()
