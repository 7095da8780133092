"""The processes of the demo: each in a group of its own, watched, and all ended together."""

from __future__ import annotations

import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import NoReturn

from feedback_app.config import PROJECT_FOLDER

HOST = "127.0.0.1"
PATIENCE = 8.0  # seconds that the processes get to end by themselves
GLANCE = 0.1  # seconds between two looks at a process
LOG_TAIL = 2_000  # characters of a log that are shown
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class DemoError(Exception):
    """The demo cannot go on. `str()` of it says why, and what to do."""


class Stopped(Exception):
    """Somebody asked the demo to end."""


def port_from(environ: Mapping[str, str]) -> int:
    """Return the port that `PORT` names (8000 where it is not set). Raises `DemoError`."""
    text = environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise DemoError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def require_free(port: int) -> None:
    """Raise `DemoError` where another program has the port, or we may not have it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise DemoError(f"Port {port} is for the system only. Take another: make demo PORT=8001") from None
        except OSError:
            other = port + 1 if port < 65535 else 8001
            raise DemoError(f"Port {port} is taken by another program. Take another: make demo PORT={other}") from None


class Processes:
    """Child processes, from their start to their end. Use it in a `with` statement: leaving it ends them all."""

    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        """`folder` gets a log for each process that is started."""
        self._environ, self._folder = dict(environ), folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = False
        self._handlers: dict[signal.Signals, object] = {}

    def __enter__(self) -> Processes:
        for number in ENDING:
            self._handlers[number] = signal.signal(number, self._ask_to_stop)
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _ask_to_stop(self, *_signal: object) -> None:
        """Set a mark; raising here might do so between the start of a child and the line that remembers it."""
        self._stopping = True

    def check(self) -> None:
        """Raise `Stopped` where somebody asked the demo to end."""
        if self._stopping:
            raise Stopped

    def run(self, name: str, command: Sequence[str]) -> None:
        """Run `command` to its end, in sight. Raises `DemoError` where it fails, and `Stopped`."""
        process = self._running[name] = self._popen(command)
        while process.poll() is None:
            self._pause()
        del self._running[name]
        if process.returncode:
            raise DemoError(f"{name} ended with code {process.returncode}.")

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start `command` and go on; what it prints goes to `<folder>/<name>.log`."""
        with self._log(name).open("wb") as log:
            self._running[name] = self._popen(command, log.fileno())

    def wait_for_site(self, port: int, seconds: float = 60.0) -> None:
        """Return once the site answers. Raises `DemoError` where a process ends first or time is up, and `Stopped`."""
        deadline = time.monotonic() + seconds
        while not _answers(port):
            self._look()
            if time.monotonic() > deadline:
                raise DemoError(f"The site did not answer within {seconds:.0f} seconds.\n{self._tails()}")
            self._pause()

    def watch(self) -> NoReturn:
        """Go on until somebody asks the demo to end (`Stopped`) or a process ends by itself (`DemoError`)."""
        while True:
            self._look()
            self._pause()

    def stop(self) -> None:
        """Ask every process to end, and end those that do not, with all that they started."""
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + PATIENCE
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # its whole group: whatever it left behind goes too
            process.wait()
        self._running.clear()

    def _pause(self) -> None:
        time.sleep(GLANCE)
        if self._stopping or _nobody_reads():
            raise Stopped

    def _popen(self, command: Sequence[str], log: int | None = None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            cwd=PROJECT_FOLDER,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C reaches us alone, and we end the others in order
        )

    def _look(self) -> None:
        for name, process in self._running.items():
            if process.poll() is not None:
                raise DemoError(f"The {name} process ended by itself, with code {process.returncode}.\n{self._tails()}")

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _tails(self) -> str:
        """Return the ends of the logs."""
        texts = {path: path.read_text(errors="replace")[-LOG_TAIL:].strip() for path in map(self._log, self._running)}
        return "\n".join(f"--- {path}\n{text or '(empty)'}" for path, text in texts.items())


def _nobody_reads() -> bool:
    """Whether the terminal is gone: make, when that happens, waits for us and passes no signal on."""
    try:
        output = sys.stdout.fileno()
    except (OSError, ValueError):
        return False
    watch = select.poll()
    watch.register(output, 0)
    return any(event & (select.POLLHUP | select.POLLERR) for _output, event in watch.poll(0))


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)  # directly, whatever proxy the environment names
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
