"""Child processes of the scheduler: started here, and ended with it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading

from feedback_app.config import PROJECT_FOLDER

logger = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds that a child may take to end itself


class Children:
    """The children at work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._closed = True

    def open(self) -> None:
        """Allow children to be started."""
        with self._lock:
            self._closed = False

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run `flask ARGUMENTS` in a process of its own; return its exit code and the last line that it printed."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        with self._lock:
            if self._closed:
                return 1, ""
            child = subprocess.Popen(
                command, cwd=PROJECT_FOLDER, env=os.environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
            )
            self._running.add(child)
        try:
            output, _nothing = child.communicate()
        finally:
            with self._lock:
                self._running.discard(child)
        lines = output.strip().splitlines()
        return child.returncode, lines[-1] if lines else ""

    def stop(self) -> None:
        """Ask every child to end, and end those that do not; none is started until `open`."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for child in running:
            child.terminate()
        for child in running:
            try:
                child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                logger.warning("child process %d did not end by itself", child.pid)
                child.kill()
