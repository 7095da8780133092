"""The demo's processes: they start, are watched, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedback_app.demo import serve
from feedback_app.demo.serve import DemoError, Processes, Stopped, port_from, require_free
from tests.support.servers import free_port

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
# Starts a child of its own that ignores SIGTERM, writes its number to a file, and goes on.
PARENT = """
import subprocess, sys, time
child = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"]
number = subprocess.Popen(child).pid
open(sys.argv[1], "w").write(str(number))
time.sleep(60)
"""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with Processes(os.environ, tmp_path) as processes:
        yield processes


def is_alive(number: int) -> bool:
    """Whether a process runs (one that only waits to be collected does not)."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: object, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_processes_and_all_that_they_started(tmp_path: Path, number: signal.Signals) -> None:
    note, before = tmp_path / "grandchild", signal.getsignal(number)
    with pytest.raises(Stopped), Processes(os.environ, tmp_path) as processes:  # noqa: PT012
        processes.start("web", [sys.executable, "-c", PARENT, str(note)])
        processes.start("scheduler", SLEEP)
        wait_until(lambda: note.exists() and note.read_text())
        grandchild = int(note.read_text())
        assert is_alive(grandchild)
        os.kill(os.getpid(), number)
        processes.watch()
    wait_until(lambda: not is_alive(grandchild))
    assert signal.getsignal(number) == before


def test_a_process_that_does_not_end_by_itself_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "PATIENCE", 0.3)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    with Processes(os.environ, tmp_path) as processes:
        processes.start("web", [sys.executable, "-c", deaf])
        wait_until(lambda: "up" in (tmp_path / "web.log").read_text())
        started = time.monotonic()
    assert time.monotonic() - started < 20


def test_a_process_that_dies_is_reported_with_the_end_of_its_log(processes: Processes) -> None:
    processes.start("scheduler", SLEEP)
    processes.start("web", [sys.executable, "-c", "print('no such table'); raise SystemExit(3)"])
    with pytest.raises(DemoError, match=r"(?s)The web process ended by itself, with code 3.*no such table"):
        processes.watch()


def test_a_step_that_fails_stops_the_demo(processes: Processes) -> None:
    processes.run("Migrating", [sys.executable, "-c", ""])
    with pytest.raises(DemoError, match="Scoring ended with code 4"):
        processes.run("Scoring", [sys.executable, "-c", "raise SystemExit(4)"])


def test_a_signal_interrupts_a_step(tmp_path: Path) -> None:
    started = time.monotonic()
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM))
    with pytest.raises(Stopped), Processes(os.environ, tmp_path) as processes:  # noqa: PT012
        timer.start()
        processes.run("Scoring", SLEEP)
    assert time.monotonic() - started < 20


def test_a_closed_terminal_ends_the_demo(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        processes.start("web", SLEEP)
        os.close(reader)
        with pytest.raises(Stopped):
            processes.watch()


def test_waiting_for_the_site_ends_when_its_process_does(processes: Processes) -> None:
    processes.start("web", [sys.executable, "-c", "raise SystemExit(1)"])
    with pytest.raises(DemoError, match="web process ended"):
        processes.wait_for_site(free_port())


def test_a_taken_port_is_said_with_another_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=rf"Port {port} is taken by another program. .*PORT={port + 1}"):
            require_free(port)
    require_free(free_port())


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80.5", "８０００"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DemoError, match="PORT must be a number"):
        port_from({"PORT": text})


def test_the_port_is_8000_by_default() -> None:
    assert (port_from({}), port_from({"PORT": ""}), port_from({"PORT": "8123"})) == (8000, 8000, 8123)
