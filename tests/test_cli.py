"""The command line: verbs, exit codes, one line for every refusal, outputs whole or not at all."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from gui.about import ABOUT
from gui.display import has_display
from main import main
from model.format.file import load

ROOT = Path(__file__).resolve().parent.parent
DYDA = ROOT / "resources" / "examples" / "dyda-sigmoid.json"


def one_line(captured: str) -> str:
    lines = captured.splitlines()
    assert len(lines) == 1, captured
    assert "Traceback" not in lines[0]
    assert "internal error" not in lines[0]
    return lines[0]


def changed(path: Path, **changes: object) -> Path:
    path.write_text(json.dumps({**json.loads(DYDA.read_text(encoding="utf-8")), **changes}))
    return path


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "main.py"), *arguments]
    return subprocess.run(command, text=True, capture_output=True, timeout=120, check=False, **options)  # type: ignore[call-overload,no-any-return]


def test_verify_without_files_takes_all_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--json"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert [file["file"] for file in files][:3] == ["dyda-sigmoid", "dyda-softmax", "jacob"]
    assert sum(len(file["figures"]) for file in files) >= 118


def test_verify_exits_1_when_a_figure_disagrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = changed(tmp_path / "wrong.json", expected=[{"quantity": "loss", "printed": "9"}])
    assert main(["verify", str(path)]) == 1
    said = capsys.readouterr().out
    assert "1 disagree" in said
    assert "9 differs, and no usual slip gives it" in said


def test_verify_says_why_a_figure_without_an_erratum_disagrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = [{"quantity": "dLda", "layer": 2, "printed": ["-0.892918", "0.741045"]}]
    path = str(changed(tmp_path / "wrong.json", expected=figures))
    assert main(["verify", path]) == 1
    said = capsys.readouterr().out
    assert said.count("comes out when the factor ½ of the loss is left out; here L = ½ Σ(a^[2] − y)²") == 2
    assert main(["verify", "--json", path]) == 1
    assert "cause" not in capsys.readouterr().out


def test_verify_exits_1_for_a_stale_erratum(tmp_path: Path) -> None:
    entry = {"quantity": "a", "layer": 1, "unit": 0, "printed": "0.475", "erratum": "None."}
    assert main(["verify", str(changed(tmp_path / "stale.json", expected=[entry]))]) == 1


def test_verify_reports_the_other_files_when_one_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = changed(tmp_path / "wrong.json", expected=[{"quantity": "loss", "printed": "9"}])
    assert main(["verify", "no-such-file", str(wrong), "jacob", "--json"]) == 2
    captured = capsys.readouterr()
    assert "no-such-file" in one_line(captured.err)
    assert [file["file"] for file in json.loads(captured.out)["files"]] == [str(wrong), "jacob"]


def test_an_unreadable_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = changed(tmp_path / "secret.json")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert main(["verify", str(path)]) == 2
    assert "Permission denied" in one_line(capsys.readouterr().err)


def test_examples_and_notations_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["examples"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert {"dyda-sigmoid", "dyda-softmax", "jacob", "biswas-figure-1", "biswas-thin", "theta-digits", "soletskyi", "xor"} <= set(names)
    assert main(["notations"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} == {"dyda", "biswas", "jacob", "theta", "soletskyi"}
    assert all(len(line.split()) > 1 for line in lines)


def test_trace_takes_an_example_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "dyda-sigmoid", "--json"]) == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["steps"][0]["quantities"]["z"]["2"][0][0] == pytest.approx(0.21498751)


def test_files_named_like_examples_need_their_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changed(tmp_path / "jacob", title="Mine")
    monkeypatch.chdir(tmp_path)
    assert main(["trace", "./jacob", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Mine"
    assert main(["trace", "jacob", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["title"].startswith("Jacob")


@pytest.mark.parametrize(
    "arguments",
    [
        ["trace"], ["trace", "jacob", "--step", "0"], ["trace", "jacob", "--step", "x"], ["trace", "jacob", "--step", "-1"],
        ["trace", "jacob", "--json", "--micro"], ["verify", "--yaml"], ["train", "xor"], ["train", "xor", "--steps", "0"],
        ["train", "xor", "--steps", "1e3"], ["examples", "jacob"], ["--no-such-option"], ["a.json", "b.json"], ["verfy", "jacob"],
    ],
)  # fmt: skip
def test_bad_arguments_get_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "--help" in one_line(capsys.readouterr().err)


def test_a_mistyped_verb_is_refused_as_a_missing_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verfy"]) == 2
    assert "verfy" in one_line(capsys.readouterr().err)


@pytest.mark.parametrize("arguments", [["--help"], ["verify", "--help"], ["trace", "-h"], ["train", "--help"], ["--version"]])
def test_help_is_offered(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    assert capsys.readouterr().out.strip()


def test_the_version_is_the_same_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    said = capsys.readouterr().out.strip()
    assert f"<b>{said}</b>" in ABOUT
    assert said == f"Deltastep {tomllib.loads((ROOT / 'pyproject.toml').read_text(encoding='utf-8'))['project']['version']}"


def test_train_saves_the_network_its_losses_and_its_speed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, log = tmp_path / "out.json", tmp_path / "loss.csv"
    assert main(["train", "xor", "--steps", "300", "-o", str(out), "--log", str(log), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert list(result) == ["steps", "samples", "seconds", "samples_per_second", "first_loss", "last_loss"]
    assert (result["steps"], result["samples"]) == (300, 1_200)
    with log.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [rows[0]["step"], rows[-1]["step"]] == ["1", "300"]
    assert (float(rows[0]["loss"]), float(rows[-1]["loss"])) == (result["first_loss"], result["last_loss"])
    assert result["last_loss"] < 0.05 < result["first_loss"]
    assert load(out).init is None
    assert main(["train", str(out), "--steps", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["first_loss"] < result["last_loss"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["loss.csv", "out.json"]


def test_a_trained_network_is_that_of_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "jacob", "--steps", "1", "-o", str(tmp_path / "out.json")]) == 0
    assert "1 update:" in capsys.readouterr().out
    trained = load(tmp_path / "out.json")
    assert trained.weights is not None
    assert trained.weights[1].round(2).tolist() == [[0.45, 0.55], [0.71, 0.81]]
    assert trained.expected == ()


def test_train_counts_the_smaller_last_batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = changed(tmp_path / "b.json", x=[[1, 0]] * 5, y=[[1, 0]] * 5, batch_size=2, expected=[])
    assert main(["train", str(path), "--steps", "4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["samples"] == 7


def test_train_needs_a_learning_rate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = changed(tmp_path / "b.json", learning_rate=None, expected=[])
    assert main(["train", str(path), "--steps", "4"]) == 2
    assert "learning_rate" in one_line(capsys.readouterr().err)


def test_a_run_that_diverges_says_where_and_keeps_what_came_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = changed(tmp_path / "b.json", activations=["identity", "identity"], learning_rate=1e6, expected=[])
    assert main(["train", str(path), "--steps", "500", "-o", str(tmp_path / "out.json"), "--json"]) == 1
    captured = capsys.readouterr()
    assert "diverged at update" in one_line(captured.err)
    assert 0 < json.loads(captured.out)["steps"] < 500
    assert load(tmp_path / "out.json").weights is not None


def test_an_output_that_cannot_be_written_is_refused_before_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "no folder" / "out.json"
    assert main(["train", "xor", "--steps", "1000000000", "-o", str(out)]) == 2
    assert str(out) in one_line(capsys.readouterr().err)


def test_a_failing_output_leaves_the_old_files(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    out, log = tmp_path / "out.json", tmp_path / "loss.csv"
    out.write_text("old")
    log.write_text("old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["train", "xor", "--steps", "5", "-o", str(out), "--log", str(log)]) == 2
    assert "No space left" in one_line(capsys.readouterr().err)
    assert (out.read_text(), log.read_text()) == ("old", "old")
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(("log", "reason"), [("missing/loss.csv", "No such file"), ("/dev/full", "No space left"), (".", "Is a directory")])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_error_names_the_file_that_it_is_about(log: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = str(tmp_path / log)
    assert main(["train", "jacob", "--steps", "3", "-o", str(tmp_path / "ok.json"), "--log", name]) == 2
    line = one_line(capsys.readouterr().err)
    assert line.startswith(f"deltastep: {name}: ")
    assert reason in line
    assert list(tmp_path.iterdir()) == []


def test_a_write_protected_file_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    out.write_text("old")
    out.chmod(0o444)
    assert main(["train", "jacob", "--steps", "3", "-o", str(out)]) == 2
    assert "write-protected" in one_line(capsys.readouterr().err)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize("verb", ["train xor --steps 1 -o", "train xor --steps 1 --log", "animate xor -o", "render xor -o", "solve xor -o"])
def test_an_empty_name_is_no_file(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*verb.split(), ""])
    assert ended.value.code == 2
    assert "an empty name" in one_line(capsys.readouterr().err)


@pytest.mark.parametrize("arguments", [["examples"], ["--help"], ["--version"], ["train", "--help"]])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output_gets_one_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, str(ROOT / "main.py"), *arguments]
        result = subprocess.run(command, text=True, stdout=full, stderr=subprocess.PIPE, timeout=120, check=False)
    assert result.returncode == 2
    assert "standard output" in one_line(result.stderr)


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_a_reader_that_goes_away_ends_the_program_quietly() -> None:
    command = f"{sys.executable} {ROOT / 'main.py'} trace theta-digits --json | head -c 10"
    result = subprocess.run(["sh", "-c", command], text=True, capture_output=True, timeout=120, check=False)
    assert result.stdout == '{"title": '
    assert result.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
@pytest.mark.parametrize("verb", ["train xor --steps 1000000000 -o OUT.json --log OUT.csv", "solve theta-digits --steps 50 -o OUT.html"])
def test_ending_it_leaves_no_file(verb: str, name: str, code: int, tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "main.py"), *verb.replace("OUT", str(tmp_path / "out")).split()]
    process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not list(tmp_path.iterdir()):
        assert process.poll() is None
        time.sleep(0.01)  # leave the processor to it
    process.send_signal(getattr(signal, name))
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_an_interrupt_while_modules_are_loaded_leaves_no_traceback() -> None:
    for module in ("argparse", "numpy", "model.commands"):
        wait = f"import sys, runpy, os; sys.argv = ['main.py', 'trace', 'jacob']; sys.path.insert(0, {str(ROOT)!r})"
        hook = f"sys.addaudithook(lambda event, args: event == 'import' and args[0] == {module!r} and os.kill(os.getpid(), 2))"
        code = f"{wait}; {hook}; runpy.run_path({str(ROOT / 'main.py')!r}, run_name='__main__')"
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120, check=False)
        assert result.returncode == -signal.SIGINT, module
        assert result.stderr == b""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verfy"], "a verb: verify, trace"), (["trace", "jacob", "xor"], "deltastep trace: not expected: xor"),
        (["verify", "--jso"], "--jso"), (["verify", "--a\nb\x1b[31m"], "--a b"), (["jacob", "xor"], "one FILE, or a verb"),
        (["train", "jacob", "--steps", "2", "-o", "nodir/"], "there is no such folder"),
    ],
)  # fmt: skip
def test_refusals_are_one_line_and_name_what_is_allowed(arguments: list[str], said: str, tmp_path: Path) -> None:
    result = run(*arguments, cwd=tmp_path)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert said in result.stderr
    assert "\x1b" not in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="needs /dev/stdout")
def test_what_goes_to_standard_output_by_name_keeps_what_is_there(tmp_path: Path) -> None:
    program = f"{sys.executable} {ROOT / 'main.py'} train jacob --steps 2"
    subprocess.run(["sh", "-c", f"(echo before; {program} --log /dev/stdout; echo after) > {tmp_path}/out"], check=True, timeout=120)
    lines = (tmp_path / "out").read_text().splitlines()
    assert (lines[:2], lines[-1]) == (["before", "step,loss"], "after")
    assert len(lines) == 6


def test_no_verb_of_the_model_imports_qt() -> None:
    code = "import sys, main; main.main(['verify', 'jacob']); main.main(['train', 'xor', '--steps', '2'])"
    check = f"{code}; sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, timeout=120, check=False).returncode == 0


@pytest.mark.parametrize("verb", ["trace", "verify"])
def test_json_is_json_on_a_terminal_that_knows_only_ascii(verb: str, tmp_path: Path) -> None:
    path = changed(tmp_path / "ü.json", title="Übung", expected=[])
    result = run(verb, str(path), "--json", env={**os.environ, "PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"})
    found = json.loads(result.stdout)
    assert (found if verb == "trace" else found["files"][0])["title"] == "Übung"


def test_titles_reach_a_terminal_that_knows_only_ascii(tmp_path: Path) -> None:
    result = run("examples", env={**os.environ, "PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"})
    assert result.returncode == 0
    assert "\\u0398 note" in result.stdout


def test_control_characters_of_a_title_do_not_reach_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = {"quantity": "loss", "printed": "9", "erratum": "a\x1b[2Jb"}
    path = changed(tmp_path / "esc.json", expected=[entry])
    assert main(["verify", str(path)]) == 0
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
def test_a_display_is_one_that_answers(tmp_path: Path) -> None:
    assert not has_display({})
    assert not has_display({"DISPLAY": ":7653"})
    assert not has_display({"DISPLAY": "nonsense"})
    assert not has_display({"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)})
    assert not has_display({"QT_QPA_PLATFORM": "xcb"})
    assert has_display({"QT_QPA_PLATFORM": "offscreen"})
    assert has_display({"QT_QPA_PLATFORM": "vnc:size=800x600"})


@pytest.mark.skipif(os.name == "nt", reason="the shell of this test is a POSIX one")
@pytest.mark.parametrize(
    ("closed", "verb", "code"), [("2>&-", "verify nosuch", 2), (">&-", "verify dyda-sigmoid", 0), (">&- 2>&-", "trace x", 2)]
)
def test_closed_standard_streams_leave_the_exit_code(closed: str, verb: str, code: int) -> None:
    command = f'exec "{sys.executable}" "{Path(__file__).parents[1] / "main.py"}" {verb} {closed}'
    assert subprocess.run(["sh", "-c", command], check=False, timeout=60).returncode == code


@pytest.mark.parametrize("victim", ["network.json", "out.json"])
def test_losses_never_replace_a_network(victim: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network, out = tmp_path / "network.json", tmp_path / "out.json"
    assert main(["train", "xor", "--steps", "1", "-o", str(network)]) == 0
    before = network.read_bytes()
    assert main(["train", str(network), "--steps", "2", "-o", str(out), "--log", str(tmp_path / "." / victim)]) == 2
    assert "--log" in capsys.readouterr().err
    assert network.read_bytes() == before
    assert not out.exists()
