"""`make demo` as a whole: a first start, a second one, and an end that leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from feedback_app.demo.__main__ import environment
from tests.ml.conftest import tiny_model
from tests.support.databases import ROOT
from tests.support.servers import free_port


class Demo:
    """A running demo and what it printed."""

    def __init__(self, folder: Path, model: Path, **settings: str) -> None:
        self.port = free_port()
        own = {"DEMO_FOLDER": str(folder), "SENTIMENT_MODEL": str(model), "PORT": str(self.port)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "feedback_app.demo"],
            cwd=ROOT,
            env=dict(os.environ) | own | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.text = ""

    def read_until(self, last: str) -> None:
        """Read what it prints up to the line that holds `last`."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.text += line
            if last in line:
                return
        pytest.fail(f"the demo ended early:\n{self.text}")

    def found(self, pattern: str) -> str:
        """Return the first group of `pattern` in what it printed."""
        match = re.search(pattern, self.text)
        assert match, self.text
        return match[1]


@contextmanager
def demo(folder: Path, model: Path, **settings: str) -> Iterator[Demo]:
    """Run a demo until its links are printed; at the end send SIGTERM and wait until all its processes are gone."""
    running = Demo(folder, model, **settings)
    try:
        running.read_until("Ctrl-C ends the demo")
        yield running
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(15) == 0
    finally:
        running.process.kill()
        running.process.wait()
        if running.process.stdout:
            running.process.stdout.close()


def processes_of(folder: Path) -> list[str]:
    """Return the command lines of the processes whose instance folder is `folder`."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if f"INSTANCE_FOLDER={folder}\0".encode() in (path / "environ").read_bytes():
                found.append((path / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def sign_in(url: str, address: str, password: str) -> str:
    """Return the path on which a login ends."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    form = urllib.parse.urlencode({"email": address, "password": password, "next": "/runs"}).encode()
    with browser.open(url, form, timeout=10) as response:
        return urllib.parse.urlsplit(response.url).path


@pytest.mark.slow
def test_the_demo_starts_twice_and_ends_cleanly(tmp_path: Path) -> None:
    model = tmp_path / "tiny-model"
    tiny_model(model)
    folder = tmp_path / "demo"
    with demo(folder, model) as first:
        assert "Loading a month of answers" in first.text
        assert "Reading the comments" in first.text
        assert re.search(r"\d+ of \d+ unhappy comments found .*, \d+ missed", first.text)
        for name in ("Survey", "Personal link"):
            with urllib.request.urlopen(first.found(rf"{name} +(http\S+)"), timeout=10) as page:
                assert "Nordlys Bredbånd &amp; Strøm (demo)" in page.read().decode()
        old = first.found(r"password +(\S.*)")
        assert sign_in(first.found(r"Staff +(http\S+)"), first.found(r"address +(\S+)"), old) == "/runs"
        assert any("gunicorn" in line for line in processes_of(folder))
        assert any("scheduler" in line for line in processes_of(folder))
    assert processes_of(folder) == []
    started = time.monotonic()
    with demo(folder, model) as second:
        print(f"second start: {time.monotonic() - started:.1f} s")
        assert "Loading" not in second.text
        assert "Reading" not in second.text
        assert second.found(r"password +(\S.*)") != old
        assert second.found(r"/i/(\S+)") != first.found(r"/i/(\S+)")
    assert processes_of(folder) == []


def test_a_taken_port_is_said_before_anything_else(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "feedback_app.demo"],
            cwd=ROOT,
            env=dict(os.environ) | {"PORT": str(port), "DEMO_FOLDER": str(tmp_path / "demo")},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Port {port} is taken by another program.")
    assert not (tmp_path / "demo").exists()


def test_the_demo_touches_no_other_database_and_mails_nobody(tmp_path: Path) -> None:
    real = {
        "DATABASE_URL": "postgresql+psycopg://ask.example/stemme",
        "MAIL_URL": "smtp://mail.example",
        "SECRET_KEY": "x" * 40,
        "INSTANCE_FOLDER": "/srv/stemme",
        "PUBLIC_URL": "https://ask.example",
        "TIMEZONE": "Europe/Paris",
    }
    env = environment(real, tmp_path / "demo", 8123)
    assert not {"DATABASE_URL", "MAIL_URL", "SECRET_KEY"} & env.keys()
    assert env["INSTANCE_FOLDER"] == str(tmp_path / "demo")
    assert env["PUBLIC_URL"] == "http://127.0.0.1:8123"
    assert env["TIMEZONE"] == "Europe/Paris"
