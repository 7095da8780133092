"""Servers for tests: the app in a thread, gunicorn as a child process, and a mail server that keeps what it gets."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as modern
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.databases import ROOT, environment


def free_port() -> int:
    """Return a loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class LiveServer:
    """The app of the test on a real port; `url` is also its PUBLIC_URL."""

    url: str
    app: Flask


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server_socket() -> Iterator[socket.socket]:
    """The listening socket of `live_server`."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener


@pytest.fixture
def live_server(server_socket: socket.socket, app: Flask, session: Session) -> Iterator[LiveServer]:
    """The app on a loopback port, in a thread. Commit `session` before a request that should see what it wrote."""
    port = server_socket.getsockname()[1]
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet, fd=server_socket.fileno())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield LiveServer(f"http://127.0.0.1:{port}", app)
    server.shutdown()
    thread.join(10)
    server.server_close()


class Gunicorn:
    """The service under gunicorn, as it runs for real: a process group of its own that a test may kill.

    `app` is what gunicorn loads, where a test needs another than the real one; `settings` are environment variables.
    """

    def __init__(
        self, database_url: str, folder: Path, workers: int, port: int, app: str = "wsgi:app", **settings: str
    ) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / f"gunicorn-{port}.log"
        self._command = [sys.executable, "-m", "gunicorn", "-c", "python:feedback_app.gunicorn", app]
        self._command += ["--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
        self._environment = environment(database_url, folder / "instance", PUBLIC_URL=self.url, **settings)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, path: str = "/", seconds: float = 60) -> None:
        """Start it and wait until `path` is answered, whatever the status."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + seconds
        while not self._answers(path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"gunicorn did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill master and workers at once with SIGKILL, as a crash of the machine would."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it the ordinary way."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        try:
            if number is signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
            self.process.wait(15)
        except ProcessLookupError:
            pass
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(5)
        self.process = None

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(self.url + path, timeout=2):
                return True
        except urllib.error.HTTPError as error:
            error.close()
            return True
        except OSError:
            return False


@pytest.fixture
def gunicorn(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Gunicorn]]:
    """Make a gunicorn on the test's database: `server = gunicorn(workers=2, TIMEZONE="UTC"); server.start()`."""
    made: list[Gunicorn] = []

    def make(workers: int = 2, port: int | None = None, **settings: str) -> Gunicorn:
        made.append(Gunicorn(database_url, tmp_path, workers, port or free_port(), **settings))
        return made[-1]

    yield make
    for server in made:
        server.stop()


class SmtpServer:
    """A mail server on loopback. `messages` holds what it took, `recipients` to whom; set `refuse` to an SMTP reply."""

    def __init__(self, port: int) -> None:
        self.url = f"smtp://127.0.0.1:{port}"
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refuse: str | None = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (the library's name)
        """Take one message, or refuse it."""
        if self.refuse:
            return self.refuse
        message = BytesParser(policy=modern).parsebytes(envelope.content)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 kept"


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """A mail server that keeps what it gets; give its `url` as MAIL_URL."""
    from aiosmtpd.controller import Controller

    port = free_port()
    handler = SmtpServer(port)
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler
    controller.stop()
