"""Deltastep's command line: reads the arguments and starts the window or a verb. Qt is imported only for what needs it."""

from __future__ import annotations

import signal
import sys

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until `main` can answer it: no traceback while modules are loaded

import argparse
import contextlib
import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn, TextIO

from model import VERSION, commands
from model.arguments import file_name, frame_rate, page_size, seconds, whole_number
from model.examples import example_names
from model.format.file import ProblemError
from model.format.schema import notation_names
from model.report import one_line

FILE_HELP = "a problem file, or the name of a built-in example (see `examples`)"
SHOWS = ("network", "loss", "norms", "accuracy", "rate", "traces", "map", "neurons", "confusion", "weights", "spread")
BAD_INPUT, INTERRUPTED, BROKEN_PIPE = 2, 130, 141


class Parser(argparse.ArgumentParser):
    """A parser that refuses with one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {one_line(' '.join(message.split()))}; see {self.prog} --help\n")

    def _print_message(self, message: str, file: object = None) -> None:
        """Write help and refusals; unlike argparse's own, let what cannot be written be said."""
        for_help = file is sys.stdout
        stream: TextIO = sys.stdout if for_help else sys.stderr
        stream.write(message)
        stream.flush()


def build_parser() -> Parser:
    """Return the parser of all verbs."""
    parser = Parser(
        prog="deltastep",
        description="Walk through backpropagation by hand: every number can be recomputed from other numbers on screen.",
        epilog="Without a verb the window opens, with FILE if one is given: deltastep [FILE]. "
        "deltastep VERB --help explains a verb and its options.",
    )
    parser.add_argument("--version", action="version", version=f"Deltastep {VERSION}")
    verbs = parser.add_subparsers(metavar="VERB", dest="verb", required=True, parser_class=Parser)
    for name, (summary, add_options) in VERBS.items():
        add_options(verbs.add_parser(name, help=summary))
    return parser


def _add_verify(verb: argparse.ArgumentParser) -> None:
    verb.description = "Exit 0: every figure agrees or its disagreement is documented; 1: some do not; 2: a file could not be read."
    verb.add_argument("files", nargs="*", metavar="FILE", help=f"{FILE_HELP}; without FILE, all built-in examples")
    verb.add_argument("--json", action="store_true", help="print one JSON object instead of a table")


def _add_trace(verb: argparse.ArgumentParser) -> None:
    verb.description = "Print every quantity of one update, in order of computation, with names in the file's notation."
    verb.add_argument("file", metavar="FILE", help=FILE_HELP)
    verb.add_argument("--step", type=_step, metavar="N", help="which update, from 1; without it, all updates of the file's `steps`")
    kind = verb.add_mutually_exclusive_group()
    kind.add_argument("--json", action="store_true", help="print JSON, arrays batch-first")
    kind.add_argument("--micro", action="store_true", help="list the micro-steps: number, address as `render --at` takes it, caption")


def _add_view_options(verb: argparse.ArgumentParser) -> None:
    """Add what `render` and everything else that shows one update has in common."""
    verb.add_argument("file", metavar="FILE", help=FILE_HELP)
    verb.add_argument("-o", "--output", type=file_name, required=True, metavar="OUT", help="file to write; its suffix chooses the format")
    verb.add_argument("--notation", choices=notation_names(), help="notation profile; without it, the file's own")
    verb.add_argument("--decimals", type=whole_number(0, 15), metavar="K", help="number of decimals")
    theme = "colours and sizes: light, dark, projector (large, high contrast) or print (white, legible without colour)"
    verb.add_argument("--theme", choices=("light", "dark", "projector", "print"), default="light", help=theme)
    verb.add_argument("--step", type=_step, default=1, metavar="N", help="which update, from 1")
    sample = "which sample of the update's batch is shown where it is one of them, from 1 as on screen (default: the first)"
    verb.add_argument("--sample", type=whole_number(1, 1_000_000_000), metavar="S", help=sample)


def _add_form(verb: argparse.ArgumentParser) -> None:
    form = "formulas with matrices, or with indices and sums written out; without it, as the notation does"
    verb.add_argument("--form", choices=("matrix", "index"), help=form)


def _add_render(verb: argparse.ArgumentParser) -> None:
    verb.description = (
        "Paint the network at one moment of one update, alone or on a sheet with formulas and tables; or with --show a plot, a map or a "
        "matrix as the window shows it. No display is needed. OUT ends in .png, .svg, .pdf, or .tex (TikZ that compiles with pdflatex, "
        "alone or in a slide); the numbers of what is shown are written to .csv."
    )
    _add_view_options(verb)
    verb.set_defaults(step=None)
    _add_shows(verb)
    verb.add_argument("--at", default="end", metavar="AT", help="`start`, `end`, a micro-step number, or as in `delta:2` (default: end)")
    _add_granularity(verb)
    switch = argparse.BooleanOptionalAction
    verb.add_argument("--caption", action=switch, default=True, help="what happens, above the network (usual)")
    verb.add_argument("--legend", action=switch, default=True, help="what colours and widths mean, below the network (usual)")
    verb.add_argument("--formulas", action=switch, default=False, help="words, rule and numbers of the step")
    verb.add_argument("--tables", action=switch, default=False, help="the numbers of the current layer")
    page = "slide (16:9), column (160 mm, of A4), square, or WIDTHxHEIGHT in pixels at 96 dpi, such as 960x600 (default: 1280x800)"
    verb.add_argument("--page", type=page_size, metavar="PAGE", help=page)
    verb.add_argument(
        "--width", type=whole_number(16, 20_000), metavar="PX", help="width in pixels, whatever the page; letters grow with it"
    )
    dots = "dots per inch of the picture; without --width they decide its pixels (default: what suits the page, else 96)"
    verb.add_argument("--dpi", type=whole_number(10, 2_400), metavar="N", help=dots)
    verb.add_argument("--transparent", action="store_true", help="leave the background out")
    texts = "text in .svg: outlines, which look the same everywhere (usual), or text, which can be searched and edited"
    verb.add_argument("--svg-text", choices=("outlines", "text"), default="outlines", help=texts)
    _add_colour_by(verb)
    verb.set_defaults(colour_by=None)


def _add_shows(verb: argparse.ArgumentParser) -> None:
    """Add what chooses a plot, a map or a matrix in place of the network."""
    shown = "the network (usual), or what a pane of the window shows: " + ", ".join(SHOWS[1:])
    verb.add_argument("--show", choices=SHOWS, default=SHOWS[0], metavar="WHAT", help=shown)
    updates = "how many updates plots show (default: those of the run saved in FILE, at least --step)"
    verb.add_argument("--steps", type=whole_number(1, 1_000_000), metavar="N", help=updates)
    verb.add_argument("--layer", type=whole_number(1, 1_000), metavar="L", help="weights, traces: which layer (default: 1; the last)")
    parts = "norms: both, gradients, weights; spread: z, a, delta; confusion: training, held-out"
    verb.add_argument("--of", metavar="PART", help=parts)
    verb.add_argument("--axis", choices=("linear", "log"), help="loss: the axis (default: linear)")
    verb.add_argument("--smooth", action="store_true", help="loss: means over an epoch, or over a hundredth of the run")
    form = "formulas with matrices, or with indices and sums written out (without it, as the notation does); weights: matrix or images"
    verb.add_argument("--form", choices=("matrix", "index", "images"), help=form)


def _add_colour_by(verb: argparse.ArgumentParser) -> None:
    shown = "what colour and width of the edges show: the gradient of the loss, the weight, its update, weight × input, or nothing"
    quantities = ("gradient", "weight", "update", "contribution", "none")
    verb.add_argument("--colour-by", choices=quantities, default="gradient", help=shown)


def _add_granularity(verb: argparse.ArgumentParser) -> None:
    names = ("phase", "layer", "neuron", "term")
    verb.add_argument("--granularity", choices=names, default="layer", help="size of a step (default: layer)")


def _add_train(verb: argparse.ArgumentParser) -> None:
    verb.description = (
        "Train without a window. OUT holds the trained weights and biases as the new start; printed figures are left out, because they "
        "belong to the old start, and so is the optimiser's state. A run that diverges ends with exit code 1 and keeps what came before."
    )
    verb.add_argument("file", metavar="FILE", help=FILE_HELP)
    verb.add_argument("--steps", type=whole_number(1, 1_000_000_000), required=True, metavar="N", help="number of updates")
    verb.add_argument("-o", "--output", type=file_name, metavar="OUT", help="problem file to save with the trained parameters")
    verb.add_argument("--log", type=file_name, metavar="FILE.csv", help="write the loss of each update")
    verb.add_argument("--json", action="store_true", help="print steps, samples, seconds, samples per second, first and last loss")


def _add_solve(verb: argparse.ArgumentParser) -> None:
    verb.description = (
        "Write the worked solution: the given network, every step with its rule, numbers and result, the updated weights. "
        "OUT ends in .md (its figure goes into a file beside it), .html (one self-contained page), .tex (for pdflatex) or .pdf."
    )
    _add_view_options(verb)
    _add_form(verb)
    verb.add_argument("--steps", type=whole_number(1, 50), default=1, metavar="N", help="how many updates are worked out (default: 1)")
    verb.add_argument("--blank", action="store_true", help="the exercise: the same with room to write in place of every result")
    verb.add_argument("--variants", type=whole_number(1, 200), metavar="N", help="write OUT-1 to OUT-N with other, nice numbers")
    verb.add_argument("--seed", type=whole_number(0, 2**63 - 1), default=1, metavar="S", help="draws the variants (default: 1)")


def _add_animate(verb: argparse.ArgumentParser) -> None:
    verb.description = (
        "Film the walk. OUT ends in .gif, .apng, .webp, .mp4 or .webm (the last two need the extra `video`), in .html (a player in one "
        "page that works offline) or .pdf (a slide deck); a name without a suffix is a folder of numbered PNGs. No display is needed."
    )
    _add_view_options(verb)
    _add_form(verb)
    verb.add_argument("--steps", type=whole_number(1, 1_000_000), default=1, metavar="N", help="how many updates are filmed (default: 1)")
    _add_granularity(verb)
    rate = "frames per second, such as 12.5; a GIF shows each frame for whole hundredths of a second, as near as it can (default: 25)"
    verb.add_argument("--fps", type=frame_rate, default=25.0, metavar="F", help=rate)
    verb.add_argument("--width", type=whole_number(320, 7680), default=1280, metavar="PX", help="width in pixels; 16:9 (default: 1280)")
    verb.add_argument("--seconds-per-step", type=seconds, metavar="S", help="how long a step is shown (default: by granularity, 1.2 to 4)")
    motion = verb.add_mutually_exclusive_group()
    motion.add_argument("--motion", action="store_true", default=None, help="terms travel, values fade in (usual, except in a folder)")
    motion.add_argument("--cuts", dest="motion", action="store_false", help="hard cuts; in a folder one picture per step")
    verb.add_argument("--formulas", action=argparse.BooleanOptionalAction, default=True, help="words and formulas beside the network")
    _add_colour_by(verb)


def _add_nothing(verb: argparse.ArgumentParser) -> None:
    """`examples` and `notations` have no options."""


_step = whole_number(1, 1_000_000_000)
VERBS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "verify": ("compare every printed figure of a file with the computed one", _add_verify),
    "trace": ("print every quantity of one update, in order of computation", _add_trace),
    "examples": ("list the built-in examples: name, title", _add_nothing),
    "notations": ("list the notation profiles: name, title", _add_nothing),
    "render": ("paint one still picture: .png, .svg, .pdf, or .tex (TikZ)", _add_render),
    "solve": ("write the worked solution, or an exercise sheet: .md, .html, .tex, .pdf", _add_solve),
    "animate": ("film the walk: .gif, .apng, .webp, .mp4, .webm, .html, .pdf, numbered pictures", _add_animate),
    "train": ("train a network; save it, its losses, or report its speed", _add_train),
}


def run_verb(args: argparse.Namespace) -> int:
    """Run one verb and return its exit code."""
    if args.verb == "verify":
        return commands.run_verify(args, sys.stdout, sys.stderr)
    if args.verb == "trace":
        return commands.run_trace(args, sys.stdout)
    if args.verb == "examples":
        return commands.run_examples(sys.stdout)
    if args.verb == "notations":
        return commands.run_notations(sys.stdout)
    if args.verb == "train":
        from model.training.command import run_train

        return run_train(args, sys.stdout, sys.stderr)
    if args.verb == "solve":
        from gui.solution.cli import run_solve

        return run_solve(args)
    if args.verb == "animate":
        from gui.film.cli import run_animate

        return run_animate(args)
    from gui.export.cli import run_render

    return run_render(args)


def open_window(arguments: Sequence[str]) -> int:
    """`deltastep [FILE]`: the window, or the walk-through as text where there is no display."""
    parser = Parser(prog="deltastep", add_help=False)
    parser.add_argument("file", nargs="?", metavar="FILE")
    args, rest = parser.parse_known_args(arguments)
    file, verbs = args.file, f"a verb: {', '.join(VERBS)}"
    if rest:
        parser.error(f"not expected: {' '.join(rest)}; allowed: one FILE, or {verbs}")
    if file and file.isalpha() and not os.path.exists(file) and file not in example_names():
        raise ProblemError(file, "", f"no such file; allowed: a problem file, the name of a built-in example, or {verbs}")
    problem = commands.open_or_default(file)
    from gui.display import has_display

    if has_display():
        from gui.app import run_window

        return run_window(file)
    from model.walkthrough import print_walkthrough

    sys.stderr.write("There is no display for a window, so this is the walk-through as text.\n")
    print_walkthrough(problem, sys.stdout)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return the exit code: 0 success, 1 a printed figure is wrong, 2 bad input."""
    _prepare_stdout()
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        code = _dispatch(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go_of(sys.stdout)
        return BROKEN_PIPE
    except KeyboardInterrupt:
        _say("stopped")
        return INTERRUPTED
    except ProblemError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(_os_error_sentence(error))
    except MemoryError:
        return _refuse("there is not enough memory for this; allowed: fewer units, samples or steps")
    except ImportError as error:
        if isinstance(error.__cause__ or error.__context__, KeyboardInterrupt):
            _say("stopped")
            return INTERRUPTED
        return _refuse(f"internal error: {error}")
    except Exception as error:  # a fault of ours; a traceback would tell the user nothing, but the place belongs in a report
        place = traceback.extract_tb(error.__traceback__)[-1]
        return _refuse(f"internal error in {os.path.basename(place.filename)}:{place.lineno}: {type(error).__name__}: {error}")
    return code


def _dispatch(arguments: list[str]) -> int:
    if arguments and (arguments[0] in VERBS or arguments[0] in ("-h", "--help", "--version")):
        with _ending_in_order():
            parser = build_parser()
            args, rest = parser.parse_known_args(arguments)
            if rest:
                Parser(prog=f"{parser.prog} {args.verb}").error(f"not expected: {' '.join(rest)}")
            return run_verb(args)
    return open_window(arguments)


@contextlib.contextmanager
def _ending_in_order() -> Iterator[None]:
    """Leave in an orderly way when asked to end, so that half-written files go away; signals that are ignored stay ignored."""
    ends = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in ends}
    usual = [number for number, handler in before.items() if handler in (signal.SIG_DFL, signal.default_int_handler)]
    for number in usual:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in usual:
            signal.signal(number, before[number])


def _end(number: int, _frame: object) -> NoReturn:
    if "PySide6.QtCore" in sys.modules:
        sys.modules["PySide6.QtCore"].qInstallMessageHandler(lambda *_: None)  # no word of pictures that are left half painted
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)


def _os_error_sentence(error: OSError) -> str:
    """Return what could not be written, and why, in one sentence; what fails without a name is standard output."""
    _release_broken_stdout()
    place = "standard output" if error.filename is None else str(error.filename2 or error.filename)
    allowed = "a file in an existing folder that has room and may be written to"
    return f"{place}: this cannot be written ({error.strerror or error}); allowed: {allowed}"


def _refuse(sentence: str) -> int:
    _say(f"deltastep: {one_line(' '.join(sentence.split()))}")
    return BAD_INPUT


def _say(sentence: str) -> None:
    """Write a line to standard error; where that cannot be written either, the exit code has to speak for itself."""
    try:
        sys.stderr.write(f"{sentence}\n")
        sys.stderr.flush()
    except OSError:
        _let_go_of(sys.stderr)


def _prepare_stdout() -> None:
    """Accept any character in titles, also on a terminal that is not UTF-8, and standard streams that are closed."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    with contextlib.suppress(AttributeError):  # it may have been replaced by something simpler
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _release_broken_stdout() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        _let_go_of(sys.stdout)


def _let_go_of(stream: TextIO) -> None:
    """Point a standard stream to nowhere, so that nothing fails a second time when Python closes it."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
