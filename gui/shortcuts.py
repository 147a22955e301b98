"""One table of everything that can be done with a key. Menus, tooltips and the F1 sheet are made from it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the window. text: for menus, with the mnemonic's "&". tip: one short sentence. keys: the first is shown.

    menu: which menu it is in, "" for none; "/" before a menu within it.
    """

    name: str
    text: str
    tip: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    menu: str = ""
    checkable: bool = False

    @property
    def plain_text(self) -> str:
        """The text without mnemonic and dots."""
        return self.text.replace("&", "").rstrip("…")

    @property
    def tooltip(self) -> str:
        """What a tooltip says: the sentence and the key."""
        return f"{self.tip} ({shown_key(self.keys[0])})" if self.keys else self.tip


COMMANDS: tuple[Command, ...] = (
    Command("new", "&New", "Start from a small network of your own", ("Ctrl+N",), "file-plus", "&File"),
    Command("open", "&Open…", "Open a problem file", ("Ctrl+O",), "folder-open", "&File"),
    Command("save", "&Save", "Save the experiment", ("Ctrl+S",), "save", "&File"),
    Command("save_as", "Save &as…", "Save the experiment under another name", ("Ctrl+Shift+S",), "save", "&File"),
    Command("export", "&Picture…", "This moment as PNG, SVG, PDF or TikZ", ("Ctrl+E",), "image", "&File/&Export"),
    Command("film", "&Film…", "The walk as a video, a player in a web page, or slides", ("Ctrl+Shift+E",), "film", "&File/&Export"),
    Command("solution", "&Worked solution…", "Every step written out, or the exercise", ("Ctrl+Shift+W",), "file", "&File/&Export"),
    Command("numbers", "&Table…", "A table of this update as CSV or NumPy", ("Ctrl+Shift+T",), "table", "&File/&Export/&Numbers"),
    Command("all_tables", "&All tables…", "Every table of this update as CSV, in one archive", (), "", "&File/&Export/&Numbers"),
    Command("record", "Whole &update…", "Every quantity of this update as JSON or NumPy", (), "", "&File/&Export/&Numbers"),
    Command("script_numpy", "&NumPy program…", "A program that computes these gradients", (), "", "&File/&Export/&Numbers"),
    Command("script_pytorch", "&PyTorch program…", "A program that computes these gradients", (), "", "&File/&Export/&Numbers"),
    Command("script_jax", "&JAX program…", "A program that computes these gradients", (), "", "&File/&Export/&Numbers"),
    Command("weights", "&Import weights…", "From NumPy, safetensors or PyTorch files", ("Ctrl+Shift+I",), "download", "&File"),
    Command("quit", "&Quit", "Close the window", ("Ctrl+Q",), "x", "&File"),
    Command("copy_picture", "&Copy picture", "Put the picture of the network on the clipboard", ("Ctrl+Shift+C",), "", "&Edit"),
    Command("undo", "&Undo", "Take the last change back", ("Ctrl+Z",), "undo-2", "&Edit"),
    Command("redo", "&Redo", "Make the change again", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo-2", "&Edit"),
    Command("randomise", "New random &weights", "Draw new initial weights from the next seed", ("Ctrl+R",), "dices", "&Edit"),
    Command("dataset", "&Data set…", "Take a built-in data set, form batches, hold samples out", ("Ctrl+D",), "chart-line", "&Data"),
    Command("samples", "&Samples…", "Type, paste, add, delete and move samples in a table", ("Ctrl+T",), "table", "&Data"),
    Command("import", "&Import…", "Take samples from a table (CSV) or from arrays (.npz)", ("Ctrl+I",), "download", "&Data"),
    Command("step", "&Step", "Reveal the next piece", ("Right", "Space", "PgDown"), "step-forward", "&Step"),
    Command("back", "&Back", "Take the last piece back", ("Left", "PgUp"), "step-back", "&Step"),
    Command("first", "&First", "To the start of this update; again: to update 1", ("Home",), "skip-back", "&Step"),
    Command("end", "&End of update", "Reveal the rest of this update; again: the whole next one", ("End",), "skip-forward", "&Step"),
    Command("next_update", "&Next update", "The same place one update later", ("Ctrl+Right",), "chevrons-right", "&Step"),
    Command("previous_update", "Pre&vious update", "The same place one update earlier", ("Ctrl+Left",), "chevrons-left", "&Step"),
    Command("play", "&Play", "Step by itself, or pause", ("P",), "play", "&Step"),
    Command("faster", "F&aster", "Play faster", ("+",), "", "&Step"),
    Command("slower", "S&lower", "Play more slowly", ("-",), "", "&Step"),
    Command("phase", "By p&hase", "One step shows a whole phase", ("1",), "", "&Step", checkable=True),
    Command("layer", "By la&yer", "One step shows one quantity of one layer", ("2",), "", "&Step", checkable=True),
    Command("neuron", "By ne&uron", "One step shows one component", ("3",), "", "&Step", checkable=True),
    Command("term", "By &term", "One step shows one product of a sum", ("4",), "", "&Step", checkable=True),
    Command("bookmark", "Boo&kmark…", "Mark this moment, with a note; again: change or remove it", ("Ctrl+B",), "bookmark", "&Step"),
    Command("next_bookmark", "Ne&xt bookmark", "Go to the next bookmark of the run", ("Ctrl+Shift+B",), "", "&Step"),
    Command("compare_figure", "&Compare a figure…", "Type what you have worked out yourself: why does it differ?", ("C",), "", "&Step"),
    Command("form", "&Matrix or index form", "Matrices, or sums written out with indices", ("M",), "sigma", "&Notation"),
    Command("comma", "Decimal &comma", "0,5 or 0.5", ("Ctrl+,",), "", "&Notation", checkable=True),
    Command("zeros", "Trailing &zeros", "0.50 or 0.5, with two decimals", ("Ctrl+.",), "", "&Notation", checkable=True),
    Command("notation_new", "&New from this one…", "A notation of your own, made from this one", ("Ctrl+Shift+N",), "plus", "&Notation"),
    Command("notation_edit", "&Edit this one…", "Change the present notation, if it is your own", (), "pencil", "&Notation"),
    Command("notation_delete", "&Delete this one…", "Delete the present notation, if it is your own", (), "trash-2", "&Notation"),
    Command("notation_import", "&Import…", "Take a notation that was exported", (), "download", "&Notation"),
    Command("notation_export", "E&xport…", "Write the present notation to a file", (), "file", "&Notation"),
    Command("run", "&Run", "Train as many updates as the panel says", ("F5", "Ctrl+F5"), "play", "&Train"),
    Command("stop", "&Stop", "Stop training, or close what was opened last", ("Esc",), "square", "&Train"),
    Command("train_options", "&Options…", "Length, learning-rate schedule, when to end", ("Shift+F5",), "sliders-horizontal", "&Train"),
    Command("reset", "Rese&t", "Back to the same initial weights; Undo brings the run back", ("Ctrl+Backspace",), "rotate-ccw", "&Train"),
    Command("branch", "&Branch here", "A new run from these weights; the old one stays in the plot", ("Ctrl+Shift+R",), "route", "&Train"),
    Command("compare", "Two side by s&ide…", "The same start with one difference, step for step", ("Ctrl+Shift+D",), "", "&Train"),
    Command("zoom_in", "&Zoom in", "Enlarge the network", ("Ctrl++", "Ctrl+="), "zoom-in", "&View"),
    Command("zoom_out", "Zoom &out", "Make the network smaller", ("Ctrl+-",), "zoom-out", "&View"),
    Command("fit", "&Fit", "Show the whole network", ("0",), "maximize", "&View"),
    Command("fit_selection", "Fit w&hat is chosen", "Show what is chosen as large as it can be", ("F",), "", "&View"),
    Command("usual_spacing", "Usual spacin&g", "Put columns that were moved back to their places", (), "", "&View"),
    Command("motion", "&Motion", "Let terms travel along their edges", (), "", "&View", checkable=True),
    Command("printed", "F&igures of the note", "What the source prints, below each step", (), "", "&View", checkable=True),
    Command("panel", "Control &panel", "Show or hide the experiment's settings", ("F7",), "", "&View", checkable=True),
    Command("blackboard", "&Blackboard", "Show or hide the blackboard", ("F8",), "", "&View", checkable=True),
    Command("data", "Tables an&d plots", "Show or hide tables and plots", ("F9",), "", "&View", checkable=True),
    Command("enlarged", "&Enlarge tables and plots", "Give them most of the window, or less", ("Shift+F9",), "", "&View", checkable=True),
    Command("origin", "&Where from", "Pin the formula that the chosen number comes from; again: hide it", ("W",), "route", "&View"),
    Command("origin_back", "&Number before", "The formula that was pinned before", ("Alt+Left",), "chevron-left", "&View"),
    Command("origin_forward", "Number &after", "Forward again to the formula pinned after it", ("Alt+Right",), "chevron-right", "&View"),
    Command("next_pane", "Ne&xt pane", "Move the keyboard to the next part of the window", ("F6",), "", "&View"),
    Command("projector", "Pro&jector", "Large type on the full screen; again: back", ("F11",), "presentation", "&View", checkable=True),
    Command("blank", "Blac&k screen", "Cover the window; the next key brings it back", ("B", "."), "", "&View"),
    Command("keys", "&Keys", "All keys on one sheet", ("F1",), "keyboard", "&Help"),
    Command("about", "&About Deltastep", "Version, licences, promise", (), "info", "&Help"),
)
BY_NAME = {command.name: command for command in COMMANDS}

# Keys and gestures that are no commands, for the F1 sheet.
GESTURES: tuple[tuple[str, str], ...] = (
    ("Ctrl+wheel", "Zoom the network at the pointer"),
    ("drag", "Move the network, or a column by its head"),
    ("Shift+drag", "Choose several numbers with a box"),
    ("Shift+arrows", "To the neighbouring neuron"),
    ("Ctrl+Shift+arrows", "From a neuron along its strongest edge, from edge to edge, and on"),
    ("right click", "What can be done with a number"),
    ("click", "Where does this number come from? Its factors are links"),
    ("point", "Name, full value and formula of a number"),
    ("double click, Enter", "Change a weight, a bias, an input or a target"),
    ("Up, Down while changing", "Move the last shown digit; with Shift ten times as far, with Ctrl a tenth"),
    ("Tab, Shift+Tab", "To the next or the previous control"),
    ("Up, Down", "Change the focused control, move in a table"),
    ("Ctrl+Down, Ctrl+Up", "Paths of a weight: the story one step on, back"),
    ("Enter", "Press the focused button; edit the focused table cell"),
)

# The same for the plots.
PLOT_GESTURES: tuple[tuple[str, str], ...] = (
    ("point", "Decision map: what the network answers there"),
    ("click", "Decision map, with “Add points” on: a new sample"),
    ("drag", "…: move a sample"),
    ("right click, Del", "…: take the nearest sample away"),
    ("Esc", "…: off again"),
    ("click", "Decision map, neurons: where the value comes from"),
    ("click", "Curves over the updates: go to an update"),
    ("wheel, drag", "Weights: zoom, move (double click: all of it)"),
)


def shown_key(key: str) -> str:
    """Return a key as it is written on keyboards."""
    names = {"PgDown": "PageDown", "PgUp": "PageUp", "Ctrl++": "Ctrl +", "Ctrl+-": "Ctrl −", "-": "−"}
    return names.get(key, key)
