"""The rules of the architecture, read from the syntax trees of the program. Each rule is shown to catch a planted violation."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
QT = {"PySide6", "shiboken6", "pyqtgraph"}
QT_FREE_FILES = [name for name in SETTINGS["tool"]["mypy"]["files"] if name.endswith(".py")]
# Widgets that others may be made of; every other widget is known to the main window and the application only.
SHARED_WIDGETS = {
    "gui.panel.fields", "gui.panel.form", "gui.panel.number_edit", "gui.panes.pane", "gui.formula.symbol_label", "gui.export.parts",
    "gui.splitter", "gui.panes.grid_view", "gui.compare.tool_rows",
}  # fmt: skip
KNOWS_ALL_WIDGETS = {"gui.main_window", "gui.app"}
COLOUR_MAKERS = {"QColor", "QBrush", "QPen", "fromRgb", "fromRgbF", "fromHsv", "fromString", "mkColor", "mkPen", "mkBrush"}
LONG_FILES: set[str] = set()
LONG_FUNCTIONS: set[str] = set()


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name and its syntax tree."""

    name: str
    tree: ast.Module
    lines: int = 0

    @property
    def package(self) -> str:
        return self.name.split(".")[0]


def parsed(name: str, source: str) -> Module:
    return Module(name, ast.parse(source), source.count("\n"))


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of the program and its tests."""
    folders = [ROOT / name for name in ("model", "gui", "resources", "tests")]
    files = [*ROOT.glob("*.py"), *(file for folder in folders for file in sorted(folder.rglob("*.py")))]
    return tuple(parsed(dotted(file), file.read_text(encoding="utf-8")) for file in files)


def dotted(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(module: Module) -> frozenset[str]:
    """The dotted names that a module imports, anywhere in it; `from a import b` counts as a and a.b."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.name}: imports are absolute"
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def roots(names: Iterable[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


def reached(module: Module, among: Iterable[Module]) -> set[str]:
    """What a module imports, directly or through modules of the program."""
    by_name = {other.name: other for other in among}
    found, waiting = set(), [module]
    while waiting:
        new = imports(waiting.pop()) - found
        found |= new
        waiting += [by_name[name] for name in new if name in by_name]
    return found


# The rules: each takes modules and yields one line per violation.
Rule = Callable[[list[Module]], Iterator[str]]


def model_needs_numpy_only(among: list[Module]) -> Iterator[str]:
    allowed = sys.stdlib_module_names | {"numpy", "model", "resources"}
    for module in among:
        if module.package in ("model", "resources"):
            yield from (f"{module.name} imports {name}" for name in sorted(roots(imports(module)) - allowed))


def qt_free_files_are(among: list[Module]) -> Iterator[str]:
    free = {dotted(ROOT / file) for file in QT_FREE_FILES}
    for module in among:
        if module.name in free or module.name in ("gui", "gui.diagram"):
            yield from (f"{module.name} reaches {name}" for name in sorted(roots(reached(module, among)) & QT))


def pictures_need_no_widgets(among: list[Module]) -> Iterator[str]:
    for module in among:
        if module.name in ("gui.diagram.paint", "gui.export.image") and {"PySide6.QtWidgets", "pyqtgraph"} & reached(module, among):
            yield f"{module.name} reaches widgets"


def main_is_free_of_qt_until_needed(among: list[Module]) -> Iterator[str]:
    for module in among:
        if module.name == "main":
            top = Module("main", ast.Module([node for node in module.tree.body if isinstance(node, ast.Import | ast.ImportFrom)], []))
            yield from (f"main imports {name} at once" for name in sorted(roots(reached(top, among)) & QT))


def widgets_do_not_know_each_other(among: list[Module]) -> Iterator[str]:
    widgets = {module.name for module in among if module.package == "gui" and defines_widget(module)}
    for module in among:
        if module.name in widgets - KNOWS_ALL_WIDGETS:
            yield from (f"{module.name} imports {name}" for name in sorted(imports(module) & widgets - SHARED_WIDGETS - {module.name}))


def defines_widget(module: Module) -> bool:
    """Whether a class of the module is a widget, judged by the name of its Qt base."""
    from PySide6 import QtWidgets

    for node in ast.walk(module.tree):
        for base in node.bases if isinstance(node, ast.ClassDef) else ():
            name = ast.unparse(base).split(".")[-1]
            kind = getattr(QtWidgets, name, None)
            if name in ("PlotWidget", "GraphicsLayoutWidget") or (isinstance(kind, type) and issubclass(kind, QtWidgets.QWidget)):
                return True
    return False


def pyqtgraph_only_in_plots(among: list[Module]) -> Iterator[str]:
    for module in program(among):
        if "pyqtgraph" in roots(imports(module)) and not re.fullmatch(r"gui\.plots\.\w+", module.name):
            yield f"{module.name} imports pyqtgraph"


def panes_know_of_no_files(among: list[Module]) -> Iterator[str]:
    for module in among:
        if re.match(r"gui\.(panes|plots)\.", module.name):
            yield from (f"{module.name} imports {name}" for name in sorted(imports(module)) if name.startswith("gui.export"))


def formulas_are_set_in_one_place(among: list[Module]) -> Iterator[str]:
    for module in program(among):
        if {"ziamath", "ziafont", "latex2mathml"} & roots(imports(module)) and module.name != "gui.formula.typeset":
            yield f"{module.name} imports ziamath"


def colours_live_in_the_theme(among: list[Module]) -> Iterator[str]:
    for module in program(among):
        if module.name == "gui.theme":
            continue
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.search(r"#[0-9a-fA-F]{6}\b|^#[0-9a-fA-F]{3}$", node.value)
            ):
                yield f"{module.name}:{node.lineno} writes the colour {node.value!r}"
            if isinstance(node, ast.Attribute) and node.attr.startswith("setAlpha"):
                yield f"{module.name}:{node.lineno} changes a colour that others share"
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in COLOUR_MAKERS:
                given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "color")]
                if any(isinstance(part, ast.Constant) for argument in given for part in (argument, *getattr(argument, "elts", ()))):
                    yield f"{module.name}:{node.lineno} makes the colour {ast.unparse(node)}"
            if isinstance(node, ast.Attribute) and "GlobalColor." in ast.unparse(node) and node.attr != "transparent":
                yield f"{module.name}:{node.lineno} uses the colour {node.attr}"


def mathematics_is_done_once(among: list[Module]) -> Iterator[str]:
    tables = {"ACTIVATIONS", "LOSSES", "OPTIMIZERS"}
    functions = {"model.losses.gradient", "model.losses.per_output"}
    for module in program(among):
        if module.name in ("model.backprop", "model.activations", "model.losses", "model.optimizers"):
            continue
        yield from (f"{module.name} imports {name}" for name in sorted(imports(module) & functions))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and tables & {part.id for part in ast.walk(node.func) if isinstance(part, ast.Name)}:
                yield f"{module.name}:{node.lineno} calls {ast.unparse(node.func)}"


def files_are_short(among: list[Module]) -> Iterator[str]:
    for module in among:
        if module.lines > 400 and module.name not in LONG_FILES:
            yield f"{module.name} has {module.lines} lines, 400 are allowed"


def functions_are_short(among: list[Module]) -> Iterator[str]:
    for module in among:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length, limit = int(node.end_lineno or 0) - node.lineno + 1, 40 if node.name == "__init__" else 60
                if length > limit and f"{module.name}.{node.name}" not in LONG_FUNCTIONS:
                    yield f"{module.name}.{node.name} has {length} lines, {limit} are allowed"


def modules_say_what_they_are(among: list[Module]) -> Iterator[str]:
    yield from (f"{module.name} has no docstring" for module in among if not ast.get_docstring(module.tree))


def no_test_takes_from_another(among: list[Module]) -> Iterator[str]:
    """What several of them use is in files of its own."""
    for module in among:
        yield from (f"{module.name} imports {name}" for name in sorted(roots(imports(module))) if name.startswith("test_"))


def third_parties_are_declared(among: list[Module]) -> Iterator[str]:
    project = SETTINGS["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    names = {"pillow": "PIL", "pyside6-essentials": "PySide6"}
    known = {names.get(name, name.replace("-", "_")) for line in lines for name in [canonicalize_name(Requirement(line).name)]}
    own = {"model", "gui", "resources", "main", "dev", "shiboken6"}
    own |= {module.name.split(".")[-1] for module in modules() if module.package == "tests"}
    for module in among:
        if module.name != "dev":
            unknown = roots(imports(module)) - sys.stdlib_module_names - known - own
            yield from (f"{module.name} imports {name}, which pyproject.toml does not name" for name in sorted(unknown))


def program(among: list[Module]) -> list[Module]:
    return [module for module in among if module.package != "tests"]


PLANTED: dict[Rule, tuple[str, str]] = {
    model_needs_numpy_only: ("model.planted", "def f():\n    from PySide6.QtCore import QObject\n"),
    qt_free_files_are: ("gui.state", "from PySide6 import QtCore\n"),
    pictures_need_no_widgets: ("gui.export.image", "from PySide6 import QtWidgets\n"),
    main_is_free_of_qt_until_needed: ("main", "import PySide6.QtCore\n"),
    widgets_do_not_know_each_other: ("gui.planted", "from gui.planted_too import A\nclass B(QWidget): pass\n"),
    pyqtgraph_only_in_plots: ("gui.table", "import pyqtgraph as pg\n"),
    panes_know_of_no_files: ("gui.plots.export", "from gui.export.recording import recorded\n"),
    formulas_are_set_in_one_place: ("gui.canvas", "import ziamath\n"),
    colours_live_in_the_theme: ("gui.diagram.paint", "pen = QColor(255, 0, 0)\n"),
    mathematics_is_done_once: ("gui.canvas", "from model.activations import ACTIVATIONS\nACTIVATIONS[n].value(z, a)\n"),
    files_are_short: ("gui.canvas", "x = 1\n" * 401),
    functions_are_short: ("gui.canvas", "class A:\n  def __init__(self):\n" + "    x = 1\n" * 40),
    modules_say_what_they_are: ("gui.canvas", "x = 1\n"),
    no_test_takes_from_another: ("tests.test_planted", "from test_other import made\n"),
    third_parties_are_declared: ("gui.canvas", "import scipy\n"),
}


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_the_program_keeps_the_rule(rule: Rule) -> None:
    assert list(rule(list(modules()))) == []


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_the_rule_catches_a_planted_violation(rule: Rule) -> None:
    planted = [parsed(*PLANTED[rule]), parsed("gui.planted_too", "class A(QWidget): pass\n")]
    assert list(rule(planted))


COLOURS = """
tint = '#ff0000'
tint = 'color: #E69F00; border: 0'
tint = Qt.GlobalColor.red
QColor('red')
QtGui.QColor.fromRgb(255, 0, 0)
pg.mkPen((9, 9, 9), width=2)
""".strip().splitlines()


@pytest.mark.parametrize("source", COLOURS)
def test_every_way_to_write_a_colour_is_seen(source: str) -> None:
    assert len(list(colours_live_in_the_theme([parsed("gui.canvas", source)]))) == 1


def test_a_colour_of_the_theme_may_be_converted() -> None:
    assert list(colours_live_in_the_theme([parsed("gui.canvas", "QColor(*theme.ink)\npg.mkPen(theme.ink, width=2)\n")])) == []


def test_reaching_qt_through_another_module_counts() -> None:
    planted = [parsed("gui.state", "from gui import middle\n"), parsed("gui.middle", "import PySide6.QtCore\n")]
    assert list(qt_free_files_are(planted)) == ["gui.state reaches PySide6"]


def test_there_is_something_to_check() -> None:
    assert {"model.backprop", "gui", "main", "dev"} <= {module.name for module in modules()}
    assert all((ROOT / file).exists() for file in QT_FREE_FILES)


def test_all_that_is_free_of_qt_is_held_to_strict_types() -> None:
    listed = {dotted(ROOT / file) for file in QT_FREE_FILES}
    wanted = {module.name: imports(module) for module in modules()}
    bound = {name for name, names in wanted.items() if roots(names) & QT}
    while more := {name for name, names in wanted.items() if name not in bound and names & bound}:
        bound |= more
    assert {m.name for m in modules() if m.package == "gui" and m.lines > 3} - bound - listed == set()


def test_importing_the_qt_free_part_brings_no_qt() -> None:
    free = {"main", "gui", "gui.diagram", *(dotted(ROOT / file) for file in QT_FREE_FILES)}
    names = [module.name for module in modules() if module.package == "model" or module.name in free]
    code = f"import sys, {', '.join(names)}; print(sorted(name for name in {QT | {'ziamath', 'PIL'}!r} if name in sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (answer.stdout, answer.stderr) == ("[]\n", "")


def test_the_model_runs_where_there_is_no_qt() -> None:
    names = ", ".join(module.name for module in modules() if module.package == "model")
    code = f"import sys; sys.modules.update(dict.fromkeys({sorted(QT)!r})); import {names}"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_tests_are_no_package() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_no_lock_file_is_kept() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\n")
    assert [name for name in listed if re.search(r"(^|/)(\w+\.lock|pylock.*\.toml|Pipfile\.lock|package-lock\.json)$", name)] == []


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [re.fullmatch(r"([a-z0-9-]+)==([0-9][\w.]*)( ; .+)?", line) for line in lines]
    assert all(found), "constraints.txt holds `name==version` lines only, without addresses"
    return {match[1]: match[2] for match in found if match}


def test_every_dependency_is_pinned_within_its_bounds() -> None:
    project = SETTINGS["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    pinned = pins()
    for requirement in map(Requirement, lines):
        assert pinned[canonicalize_name(requirement.name)] in requirement.specifier
