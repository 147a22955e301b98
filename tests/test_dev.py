"""The set-up script: what it says when something is missing, what it remembers, and that standard output stays free."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import dev
from resources import system_libraries

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project's folder, as far as dev.py looks at it, with a space in its name and a small environment."""
    root = tmp_path / "a folder"
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "lib" / "python3.11" / "site-packages" / "numpy").mkdir(parents=True)
    for name in ("pyproject.toml", "constraints.txt"):
        (root / name).write_bytes((ROOT / name).read_bytes())
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(dev, "ROOT", root)
    for name in ("VENV", "PYTHON", "STATE", "BUSY", "LOCK"):
        monkeypatch.setattr(dev, name, root / getattr(dev, name).relative_to(ROOT))
    return root


@pytest.fixture
def progress() -> dev.Progress:
    return dev.Progress(io.StringIO())


def finished_state() -> dict[str, Any]:
    return {"key": dev.fingerprint(), "python": dev.python_version(), "extras": ["test"], "packages": ["numpy"]}


def test_the_script_parses_on_an_old_python() -> None:
    ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_the_version_is_checked_before_anything_new_is_imported() -> None:
    body = ast.parse((ROOT / "dev.py").read_text(encoding="utf-8")).body
    check = next(i for i, node in enumerate(body) if isinstance(node, ast.If))
    assert [ast.unparse(node) for node in body[:check] if isinstance(node, ast.Import | ast.ImportFrom)] == ["import sys"]


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13), (2, 7, 18)])
def test_an_old_python_gets_one_sentence(version: tuple[int, ...]) -> None:
    sentence = dev.too_old(version, "/usr/bin/python3")
    assert "needs Python 3.11 or newer" in sentence
    assert f"/usr/bin/python3 is Python {version[0]}.{version[1]}" in sentence


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 1), (4, 0, 0)])
def test_a_newer_python_is_welcome(version: tuple[int, ...]) -> None:
    assert dev.too_old(version, "python") == ""


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_missing_venv_names_the_package(module: str) -> None:
    with pytest.raises(dev.SetupError, match=f"without `{module}`.*apt-get install python3-venv"):
        dev.check_tools(lambda name: None if name == module else object())


@pytest.mark.parametrize(
    "output",
    [
        "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(...): Temporary failure in name resolution'",
        "pip._vendor.urllib3.exceptions.ReadTimeoutError: Read timed out.\nERROR: No matching distribution found for numpy>=1.26",
    ],
)
def test_no_network_is_named_as_such(output: str) -> None:
    assert "cannot be reached: connect to the network" in dev.install_trouble(output)


def test_other_failures_of_pip_are_quoted() -> None:
    assert dev.install_trouble("Collecting a\nERROR: No matching distribution found for a==9\n").endswith(
        "No matching distribution found for a==9"
    )
    assert "disk is full" in dev.install_trouble("ERROR: Could not install: [Errno 28] No space left on device")


@pytest.mark.parametrize(
    ("line", "stage"),
    [
        (
            "  Downloading pyside6_essentials-6.10.3-cp39-abi3-manylinux_2_34_x86_64.whl (77.1 MB)\n",
            "fetching pyside6_essentials (77.1 MB)",
        ),
        ("  Using cached https://index/simple/numpy-2.4.6-cp311-cp311-linux.whl.metadata (6.6 kB)\n", "fetching numpy (6.6 kB)"),
        ("Installing collected packages: a, b, c\n", "installing 3 packages"),
        ("WARNING: Retrying (Retry(total=4, connect=None)) after connection broken\n", "trying to connect once more"),
        ("Requirement already satisfied: pip\n", ""),
    ],
)
def test_pip_is_translated(line: str, stage: str) -> None:
    assert dev.pip_stage(line) == stage


def test_a_missing_library_is_named_with_its_packages() -> None:
    error = "ImportError: libEGL.so.1: cannot open shared object file: No such file or directory"
    assert system_libraries.named_in(error) == "libEGL.so.1"
    sentence = system_libraries.sentence(["libEGL.so.1", "libxcb-cursor.so.0"])
    assert "libraries libEGL.so.1, libxcb-cursor.so.0" in sentence
    assert "apt-get install libegl1 libxcb-cursor0" in sentence
    assert "dnf install libglvnd-egl xcb-util-cursor" in sentence


def test_an_unknown_library_is_named_with_the_way_to_find_it() -> None:
    assert "dnf provides '*/libodd.so.4'" in system_libraries.sentence(["libodd.so.4"])
    assert system_libraries.named_in("ImportError: cannot import name 'QtGui'") == ""


def test_what_the_loader_finds_is_not_missing() -> None:
    def load(name: str) -> None:
        if name == "libGL.so.1":
            raise OSError(name)

    assert system_libraries.missing(system_libraries.FOR_QT, load) == ["libGL.so.1"]


def test_a_missing_library_stops_before_qt_does(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "heard", lambda command: (1, "ImportError: libGL.so.1: cannot open shared object file: No such file"))
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(dev.SetupError, match="apt-get install libgl1"):
        dev.check_libraries({}, window=False)


def test_a_finished_environment_is_left_alone(folder: Path, progress: dev.Progress) -> None:
    dev.write_state(finished_state())
    assert dev.prepare(["test"], progress)["extras"] == ["test"]
    assert progress.stream.getvalue() == ""


@pytest.mark.parametrize("damage", ["state", "python", "package", "busy", "pins", "version"])
def test_a_damaged_or_changed_environment_is_noticed(folder: Path, damage: str) -> None:
    dev.write_state(finished_state())
    assert dev.is_ready(dev.read_state(), [])
    if damage == "state":
        dev.STATE.write_text('{"key": "ab', encoding="utf-8")
    elif damage == "python":
        dev.PYTHON.unlink()
    elif damage == "package":
        (folder / ".venv" / "lib" / "python3.11" / "site-packages" / "numpy").rmdir()
    elif damage == "busy":
        dev.BUSY.touch()
    elif damage == "pins":
        (folder / "constraints.txt").write_text("numpy==1.26.4\n", encoding="utf-8")
    else:
        dev.write_state({**finished_state(), "python": "3.10"})
    assert not dev.is_ready(dev.read_state(), [])


def test_another_extra_is_installed_on_top(folder: Path) -> None:
    dev.write_state(finished_state())
    assert dev.is_whole(dev.read_state())
    assert not dev.is_ready(dev.read_state(), ["video"])


def test_an_interrupted_set_up_starts_again(folder: Path, progress: dev.Progress, monkeypatch: pytest.MonkeyPatch) -> None:
    dev.write_state(finished_state())
    made = []

    def interrupted(command: list[str], progress: dev.Progress) -> tuple[int, list[str]]:
        raise KeyboardInterrupt

    monkeypatch.setattr(dev, "follow", interrupted)
    with pytest.raises(KeyboardInterrupt):
        dev.prepare(["video"], progress)
    monkeypatch.setattr(dev, "make_venv", lambda: made.append(True))
    monkeypatch.setattr(dev, "follow", lambda command, progress: (0, []))
    assert dev.prepare([], progress)["extras"] == ["test"]
    assert made == [True]
    assert "incomplete or damaged" in progress.stream.getvalue()


def test_a_failed_addition_leaves_the_environment_usable(folder: Path, progress: dev.Progress, monkeypatch: pytest.MonkeyPatch) -> None:
    dev.write_state(finished_state())
    monkeypatch.setattr(dev, "follow", lambda command, progress: (1, ["ERROR: NewConnectionError"]))
    with pytest.raises(dev.SetupError):
        dev.prepare(["video"], progress)
    assert dev.is_ready(dev.read_state(), ["test"])


def test_the_second_of_two_waits_and_says_so(folder: Path, progress: dev.Progress) -> None:
    order = []

    def second() -> None:
        with dev.locked(progress):
            order.append("second")

    with dev.locked(dev.Progress(io.StringIO())):
        waiting = threading.Thread(target=second)
        waiting.start()
        while "waiting for another dev.py" not in progress.stream.getvalue():
            time.sleep(0.01)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_making_the_environment_keeps_the_lock_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "heard", lambda command: (0, ""))
    dev.LOCK.touch()
    dev.make_venv()
    assert {entry.name for entry in dev.VENV.iterdir()} == {dev.LOCK.name, dev.BUSY.name}


def test_only_the_named_extras_are_installed(folder: Path) -> None:
    plain, video = dev.requirements([]), dev.requirements(["video"])
    assert not any(line.startswith("pytest") for line in plain)
    assert [line.split(">")[0] for line in video if line not in plain] == ["av"]
    with pytest.raises(dev.SetupError, match="no extra called 'vidoe'; there are video, "):
        dev.requirements(["vidoe"])


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["walk"], 2), (["--help"], 0), (["lint", "x"], 1), (["add", "vidoe"], 1)])
def test_standard_output_stays_free(arguments: list[str], code: int) -> None:
    answer = subprocess.run([sys.executable, str(ROOT / "dev.py"), *arguments], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (code, "")
    assert "Traceback" not in answer.stderr
    assert answer.stderr


def test_the_exit_code_of_the_child_is_passed_on() -> None:
    code = "import dev, sys; sys.exit(dev.call([sys.executable, '-c', 'import sys; print(sys.stdin.read()); sys.exit(7)']))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, input="7!", capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout.strip()) == (7, "7!")


def test_a_terminal_gets_one_changing_line() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    progress = dev.Progress(terminal)
    progress.say("fetching numpy")
    progress.tick()
    progress.clear()
    assert "\n" not in terminal.getvalue()
    assert terminal.getvalue().count("\r\x1b[KDeltastep: fetching numpy (0 s)") == 2
    assert terminal.getvalue().endswith("\r\x1b[K")


@pytest.mark.parametrize(("asked", "prefix"), [("", None), ("1", str(dev.VENV / "bytecode"))])
def test_bytecode_is_kept_even_where_none_is_wanted_beside_the_sources(
    asked: str, prefix: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", asked)
    assert "PYTHONDONTWRITEBYTECODE" not in dev.environment()
    assert dev.environment().get("PYTHONPYCACHEPREFIX") == prefix
