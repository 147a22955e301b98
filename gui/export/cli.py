"""The verb `render`: one still picture from the command line, without a display."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from gui.export.headless import headless
from gui.export.shows import NETWORK, check, shown, state_of
from gui.export.shows import SUFFIXES as SHOWN_SUFFIXES
from model.atomic import write_whole
from model.examples import open_run
from model.explain.steps import explain
from model.expr.tree import NumberFormat
from model.format.file import ProblemError
from model.moment import Moment
from model.notation.profile import notation_of
from model.run import Run
from model.sample import sample_of
from model.stages import build_walk
from model.training.reaching import reached

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

    from gui.diagram.primitives import Diagram
    from gui.export.sheet import Page

WIDTH, HEIGHT, DPI = 1280.0, 800.0, 96
SUFFIXES = (".png", ".svg", ".pdf", ".tex")


def run_render(args: Namespace) -> int:
    """Write the picture and return 0. Raises ProblemError with one sentence for bad input, OSError for a file that cannot be written."""
    suffix, network = Path(args.output).suffix.lower(), args.show == NETWORK
    allowed = SUFFIXES if network else SHOWN_SUFFIXES
    if suffix not in allowed:
        raise ProblemError(args.output, "", f'the suffix "{suffix}" names no kind of picture; allowed: {", ".join(allowed)}')
    check(args)
    if not network:
        return _show(args)
    run = open_run(args.file)
    moment = moment_at(run, args)
    application = headless()
    from gui.diagram.context import DiagramOptions
    from gui.export.sheet import SheetOptions, make_sheet
    from gui.theme import THEMES

    told, page = explain(moment, form=args.form), page_of(args.page)
    drawn = DiagramOptions(colour_by=args.colour_by or "gradient", title=told.caption)
    parts = SheetOptions(args.caption, args.legend, args.formulas, args.tables)
    _save(make_sheet(moment, THEMES[args.theme], drawn, parts, page, told), args, page, run.problem.title)
    del application
    return 0


def _show(args: Namespace) -> int:
    """Write what a pane of the window shows."""
    application = headless(_with_widgets)
    state, page = state_of(args), page_of(args.page)
    found = shown(args, state, page)
    if isinstance(found, bytes):
        write_whole(args.output, found)
    else:
        _save(found, args, page, state.problem.title)
    del application
    return 0


def _with_widgets() -> QCoreApplication:
    from PySide6.QtWidgets import QApplication

    application = QApplication(["deltastep"])
    application.setStyle("Fusion")
    return application


def _save(diagram: Diagram, args: Namespace, page: Page, title: str) -> None:
    from gui.export.image import PictureOptions, save

    png = Path(args.output).suffix.lower() == ".png"
    dpi = args.dpi or (page.dpi if args.width is None and png else None)
    try:
        save(diagram, args.output, PictureOptions(args.width, dpi, args.transparent, title, args.svg_text == "text"))
    except ValueError as error:
        raise ProblemError(args.output, "", str(error)) from None


def page_of(name: str | None) -> Page:
    """Return the page that `--page` names: one of the presets, or a size such as 960x600."""
    from gui.export.sheet import PAGES, Page

    if name is None:
        return Page(WIDTH, HEIGHT, DPI)
    preset = PAGES.get(name, ("", None))[1]
    return preset or Page(*map(float, name.split("x")), DPI)  # type: ignore[misc]


def moment_at(run: Run, args: Namespace) -> Moment:
    """Return the moment of a run that `--step`, `--at`, `--notation` and `--decimals` name. Raises ProblemError with one sentence."""
    notation = notation_of(args.notation, run.problem)
    (record,) = reached(run, (args.step or 1,), "render", alone=True)
    walk = build_walk(run.problem, record.m, notation.presentation)
    try:
        tick = walk.find(args.at)
    except ValueError as error:
        raise ProblemError(args.file, "--at", str(error)) from None
    decimals = notation.decimals if args.decimals is None else args.decimals
    row = sample_of(args.sample, record.m, record.step, args.file)
    return Moment(record, walk, tick, args.granularity, notation, NumberFormat(decimals), row)
