#!/usr/bin/env python3
"""Set up and start Deltastep: run, test, lint, bench. Standard library only; writes only to standard error.

The first call makes `.venv` and installs the versions in constraints.txt; later calls find it unchanged and start at once.
Written in the syntax of Python 3.6, so that an old Python can still say that it is too old.
"""

import sys

OLDEST_PYTHON = (3, 11)


def too_old(version, executable):
    """Return the sentence for a Python that is too old, or an empty string."""
    if tuple(version[:2]) >= OLDEST_PYTHON:
        return ""
    found, oldest = (".".join(map(str, numbers[:2])) for numbers in (version, OLDEST_PYTHON))
    return f"Deltastep needs Python {oldest} or newer, but {executable} is Python {found}: start it with `python{oldest} dev.py run`."


if too_old(sys.version_info, sys.executable):
    sys.exit(too_old(sys.version_info, sys.executable))

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from resources import system_libraries

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STATE = VENV / "deltastep.json"
BUSY = VENV / "deltastep.busy"
LOCK = VENV / "deltastep.lock"

CAPTURED = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "close_fds": False}
USAGE = """usage: python3 dev.py run [ARGS]     start Deltastep (the verbs are listed by `run --help`)
       python3 dev.py test [ARGS]    run the tests; --slow adds the slow ones; ARGS go to pytest
       python3 dev.py lint           style, types and the import rules
       python3 dev.py bench [ARGS]   measure against the budgets; --json for machines
       python3 dev.py add EXTRA      install an optional extra: video, interop
"""
TEXT_VERBS = ("verify", "trace", "examples", "notations", "train")
PICTURE_VERBS = ("render", "animate", "solve")

NO_NETWORK = re.compile(
    "NewConnectionError|NameResolutionError|TimeoutError|ProxyError|ConnectionResetError|Max retries exceeded"
    "|Temporary failure in name resolution|Network is unreachable|Connection refused|getaddrinfo failed"
)


class SetupError(Exception):
    """The set-up cannot go on; the message is one sentence for the user."""


class Progress:
    """One line that says what is going on: rewritten in place on a terminal, plain lines elsewhere."""

    def __init__(self, stream):
        self.stream = stream
        self.live = stream.isatty()
        self.text = ""
        self.began = self.shown = time.monotonic()

    def say(self, text):
        """Show `text` as what is being done now."""
        changed, self.text = text != self.text, text
        if self.live:
            self.tick()
        elif changed:
            self._write(f"Deltastep: {text}\n")

    def tick(self):
        """Show that the work goes on: seconds on a terminal, a line every half minute elsewhere."""
        now = time.monotonic()
        if self.live:
            self._write(f"\r\x1b[KDeltastep: {self.text} ({now - self.began:.0f} s)"[: shutil.get_terminal_size().columns + 3])
        elif now - self.shown > 30:
            self._write(f"Deltastep: still at it after {now - self.began:.0f} s\n")

    def clear(self):
        """Leave no half line behind."""
        if self.live:
            self._write("\r\x1b[K")

    def _write(self, text):
        self.shown = time.monotonic()
        print(text, end="", file=self.stream, flush=True)


def project():
    """Return the [project] table of pyproject.toml."""
    import tomllib

    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(extras):
    """Return the requirement lines for the program and the named extras."""
    optional = project()["optional-dependencies"]
    for name in extras:
        if name not in optional:
            raise SetupError(f"There is no extra called {name!r}; there are {', '.join(optional)}.")
    return sorted({*project()["dependencies"], *(line for name in extras for line in optional[name])})


def fingerprint():
    """Return a hash of everything that decides what is installed."""
    parts = [*requirements(project()["optional-dependencies"]), (ROOT / "constraints.txt").read_text(encoding="utf-8")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def read_state():
    """Return what the last successful set-up wrote down, or {} if there is none that can be read."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return dict(json.loads(STATE.read_text(encoding="utf-8")))
    return {}


def write_state(state):
    """Write the state whole or not at all."""
    STATE.with_suffix(".part").write_text(json.dumps(state), encoding="utf-8")
    STATE.with_suffix(".part").replace(STATE)


def site_packages():
    """Return the names of what is installed in `.venv`."""
    folders = [VENV / "Lib" / "site-packages", *VENV.glob("lib/python*/site-packages")]
    return sorted(entry.name for folder in folders if folder.is_dir() for entry in folder.iterdir() if entry.name != "__pycache__")


def environment():
    """Return the environment for child processes: nothing from outside may leak into `.venv`."""
    outside = {"PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "__PYVENV_LAUNCHER__"}
    kept = {name: value for name, value in os.environ.items() if name not in outside}
    if kept.pop("PYTHONDONTWRITEBYTECODE", ""):  # compiling everything anew would take a third of every start
        kept.setdefault("PYTHONPYCACHEPREFIX", str(VENV / "bytecode"))
    return kept


def heard(command):
    """Run a short command; return its exit code and all it said."""
    answer = subprocess.run(list(map(str, command)), env=environment(), check=False, **CAPTURED)
    return answer.returncode, answer.stdout.decode(errors="replace").strip()


def python_version():
    """Return the version of the interpreter in `.venv`, or "" if it does not run."""
    try:
        code, said = heard([PYTHON, "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"])
    except OSError:
        return ""
    return said if code == 0 else ""


def is_whole(state):
    """Return whether the environment that `state` describes still stands as it was left."""
    return not BUSY.exists() and python_version() == state.get("python") and set(state.get("packages", ["?"])) <= set(site_packages())


def is_ready(state, extras):
    """Return whether nothing has to be installed."""
    return set(extras) <= set(state.get("extras", [])) and state.get("key") == fingerprint() and is_whole(state)


def prepare(extras, progress):
    """Make `.venv` hold the program's dependencies and those of `extras`; return the state. Safe to interrupt and to call twice at once."""
    state = read_state()
    if is_ready(state, extras):
        return state
    check_tools()
    VENV.mkdir(exist_ok=True)
    with locked(progress):
        state = read_state()
        if is_ready(state, extras):
            return state
        if not is_whole(state):
            damaged = bool(state) or BUSY.exists()
            progress.say("making .venv again, it is incomplete or damaged" if damaged else "first run: making .venv")
            make_venv()
        wanted = sorted({*extras, *state.get("extras", [])} & set(project()["optional-dependencies"]))
        install(wanted, progress)
        state = {"key": fingerprint(), "python": python_version(), "extras": wanted, "packages": site_packages()}
        write_state(state)
        BUSY.unlink()
    progress.clear()
    return state


def check_tools(find=importlib.util.find_spec):
    """Raise SetupError if this Python cannot make virtual environments."""
    for module in ("venv", "ensurepip"):
        if find(module) is None:
            what = f"This Python ({sys.executable}) comes without `{module}`, which the set-up needs"
            raise SetupError(f"{what}: `apt-get install python3-venv` (Debian, Ubuntu) brings it.")


@contextlib.contextmanager
def locked(progress):
    """Hold the set-up lock; wait, and say so, while another dev.py holds it. The system frees it when a process dies."""
    with LOCK.open("a+b") as handle:
        os.set_inheritable(handle.fileno(), True)  # a pip that outlives a killed dev.py still holds it
        while not try_lock(handle.fileno()):
            progress.say("waiting for another dev.py that is setting up")
            time.sleep(0.3)
        yield


def try_lock(handle):
    """Return whether the lock on an open file could be taken."""
    with contextlib.suppress(OSError):
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def make_venv():
    """Make `.venv` from nothing, keeping only the lock that is being held."""
    for entry in VENV.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(str(entry))
        elif entry != LOCK:
            entry.unlink()
    BUSY.touch()
    code, said = heard([getattr(sys, "_base_executable", None) or sys.executable, "-m", "venv", VENV])
    if code != 0:
        raise SetupError(f"Could not make the environment {VENV}: {last_words(said)}")


def install(extras, progress):
    """Install the pinned dependencies with pip, showing its stages and hiding its noise."""
    BUSY.touch()
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--progress-bar", "off", "--retries", "3"]
    progress.say("looking for the packages")
    code, lines = follow([*pip, "-c", str(ROOT / "constraints.txt"), *requirements(extras)], progress)
    if code != 0:
        BUSY.unlink()  # pip gave up by itself and left what was there
        raise SetupError(install_trouble("\n".join(lines)))


def follow(command, progress):
    """Run `command`, turning its lines into progress; return its exit code and its lines."""
    child = subprocess.Popen(command, env=environment(), encoding="utf-8", errors="replace", **CAPTURED)
    done, lines = threading.Event(), []
    threading.Thread(target=lambda: any(progress.tick() for _ in iter(lambda: done.wait(0.5), True)), daemon=True).start()
    try:
        for line in child.stdout:
            lines.append(line.rstrip())
            progress.say(pip_stage(line) or progress.text)
        return child.wait(), lines
    finally:
        done.set()
        child.kill()
        child.wait()


def pip_stage(line):
    """Return what a line of pip's output means to a user, or "" if nothing."""
    found = re.match(r"\s*(?:Downloading|Using cached|Processing) (?:\S*/)?([^\s/-]+)-\S+\.whl\S*( \([\d.]+ \w+\))?", line)
    if found:
        return f"fetching {found.group(1)}{found.group(2) or ''}"
    if line.startswith("Installing collected packages:"):
        return f"installing {line.count(',') + 1} packages"
    return "trying to connect once more" if "Retrying (" in line else ""


def install_trouble(output):
    """Return the sentence that explains why pip failed."""
    if "No space left on device" in output:
        return f"The disk is full: Deltastep's environment in {VENV} needs about 500 MB."
    if NO_NETWORK.search(output):
        why = "The first run downloads about 105 MB of packages, but the package index cannot be reached"
        return f"{why}: connect to the network (or set pip up for your proxy) and repeat the command; later runs need no network."
    return f"The packages could not be installed; pip says: {last_words(output)}"


def last_words(output):
    """Return the last error line of a tool's output, or its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("ERROR", "Error", "error"))]
    return (errors or lines or ["nothing at all"])[-1]


def check_libraries(state, window):
    """Raise SetupError naming the system libraries that Qt misses; what was found once is not looked for again."""
    on_x = window and os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY")
    needed, seen = {"qt", *(["x"] if on_x else [])}, set(state.get("libraries", []))
    if needed <= seen or not sys.platform.startswith("linux"):
        return
    code, said = heard([PYTHON, "-c", "import PySide6.QtWidgets, PySide6.QtSvg, PySide6.QtPrintSupport"])
    named = system_libraries.named_in(said)
    if code != 0 and not named:
        raise SetupError(f"Qt cannot be loaded: {last_words(said)}")
    absent = [named] if named else []
    absent += system_libraries.missing([*(system_libraries.FOR_QT if named else []), *(system_libraries.FOR_A_WINDOW_ON_X if on_x else [])])
    if absent:
        raise SetupError(system_libraries.sentence(list(dict.fromkeys(absent))))
    write_state({**state, "libraries": sorted(seen | needed)})


def call(command, folder=None, **extra):
    """Run a child with our standard streams; return its exit code. Ctrl-C and termination are the child's to answer."""
    child = subprocess.Popen([str(part) for part in command], cwd=folder and str(folder), env={**environment(), **extra})
    for name in {"SIGTERM", "SIGHUP"} & set(dir(signal)):
        signal.signal(getattr(signal, name), lambda received, _frame: child.send_signal(received))
    while True:
        try:
            code = child.wait()
        except KeyboardInterrupt:
            continue  # the terminal has sent it to the child too
        return code if code >= 0 else 128 - code


def run(arguments, progress):
    """Start main.py; text verbs need no Qt, pictures need Qt, a window needs the display's libraries too."""
    state = prepare([], progress)
    verb = arguments[0] if arguments else ""
    display = sys.platform != "linux" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")))
    if verb in PICTURE_VERBS or (display and verb not in TEXT_VERBS):
        check_libraries(state, window=verb not in PICTURE_VERBS)
    return call([PYTHON, ROOT / "main.py", *arguments])


def test(arguments, progress):
    """Run pytest; in two processes when the whole suite is asked for."""
    check_libraries(prepare(["test"], progress), window=False)
    chosen = [argument for argument in arguments if argument != "--slow"]
    everything = ["-m", ""] if "--slow" in arguments else []
    return call([PYTHON, "-m", "pytest", *everything, *(chosen or ["-n", "2"])], ROOT)


def lint(arguments, progress):
    """Check style, formatting, types and the import rules; all of them, even when one fails."""
    if arguments:
        raise SetupError("`lint` takes no arguments.")
    check_libraries(prepare(["dev", "test"], progress), window=False)
    codes = []
    for check in ("ruff check", "ruff format --check", "mypy", "pytest -q tests/test_architecture.py"):
        sys.stderr.write(f"— {check}\n")
        codes.append(call([PYTHON, "-m", *check.split()], ROOT))
    return max(codes)


def bench(arguments, progress):
    """Measure against the budgets."""
    check_libraries(prepare([], progress), window=False)
    return call([PYTHON, ROOT / "tests" / "bench" / "run.py", *arguments], PYTHONPATH=str(ROOT))


def add(arguments, progress):
    """Install optional extras into `.venv`."""
    if not arguments:
        raise SetupError(f"Say which extra to add: {', '.join(project()['optional-dependencies'])}.")
    requirements(arguments)
    prepare(arguments, progress)
    return 0


VERBS = {"run": run, "test": test, "lint": lint, "bench": bench, "add": add}


def main(arguments):
    """Do what the command line asks; return the exit code."""
    verb, rest = (arguments or [""])[0], arguments[1:]
    if verb not in VERBS:
        sys.stderr.write(USAGE)
        return 0 if verb in ("-h", "--help", "help") else 2
    progress = Progress(sys.stderr)
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        return VERBS[verb](rest, progress)
    except KeyboardInterrupt:
        progress.clear()
        sys.stderr.write("Interrupted; the same command takes up where it stopped.\n")
        return 130
    except (SetupError, OSError) as trouble:
        progress.clear()
        sys.stderr.write(f"{trouble}\n" if isinstance(trouble, SetupError) else f"Could not set up {VENV}: {trouble}.\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
