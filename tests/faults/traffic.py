"""Customers who submit a survey over the wire and do not give up, and the account of what became of their answers."""

from __future__ import annotations

import http.client
import queue
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
STORED = {200, 303}


def send(url: str, method: str, path: str, body: str = "") -> tuple[int, str]:
    """Send one request on a connection of its own; return status and page. The status is 0 where no answer came."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=40)
    try:
        connection.request(method, path, body or None, FORM if body else {})
        response = connection.getresponse()
        return response.status, response.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


class FormFields(HTMLParser):
    """The fields of a survey page as a person would fill them in: a 3 of the scale, and `text` as the reason."""

    def __init__(self, page: str, text: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._text = text
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take one field in."""
        given = dict(attrs)
        name, kind = given.get("name"), given.get("type")
        if name and tag == "textarea":
            self.fields[name] = self._text
        elif name and tag == "input" and (kind == "hidden" or (kind == "radio" and given.get("value") == "3")):
            self.fields[name] = given.get("value") or ""


@dataclass
class Account:
    """What was answered to whom, and how long it took."""

    statuses: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)  # the texts of the acknowledged submissions
    slowest: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, status: str, seconds: float) -> None:
        """Count one request."""
        with self.lock:
            self.statuses[status] += 1
            self.slowest = max(self.slowest, seconds)

    def server_errors(self) -> int:
        """Return how many answers were an error of ours other than "come back later"."""
        return sum(count for status, count in self.statuses.items() if status.startswith("5") and status != "503")

    def balance(self, session: Session) -> dict[str, int]:
        """Return how many acknowledged answers are lost, stored twice or in part, and how many there are."""
        session.rollback()
        texts = Counter(session.scalars(sa.select(Answer.text).where(Answer.text.is_not(None))))
        parts = sa.select(sa.func.count()).where(Answer.response_id == Response.id).scalar_subquery()
        partial = session.scalar(sa.select(sa.func.count()).select_from(Response).where(parts != 2)) or 0
        accepted = set(self.accepted)
        return {
            "accepted": len(accepted),
            "lost": len(accepted - set(texts)),
            "duplicates": sum(count - 1 for count in texts.values()),
            "partial": partial,
            "stored": session.scalar(sa.select(sa.func.count()).select_from(Response)) or 0,
        }


class Traffic:
    """`clients` customers at once, of whom one in five presses the button twice."""

    def __init__(self, url: str, path: str, clients: int = 8, patience: float = 240) -> None:
        self.account = Account()
        self._url = url
        self._path = path
        self._clients = clients
        self._patience = patience
        self._work: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, count: int) -> None:
        """Begin with `count` submissions."""
        for number in range(count):
            self._work.put(number)
        self._threads = [threading.Thread(target=self._client, daemon=True) for _ in range(self._clients)]
        for thread in self._threads:
            thread.start()

    def wait_for(self, accepted: int, seconds: float = 240) -> None:
        """Return when `accepted` submissions have been acknowledged."""
        deadline = time.monotonic() + seconds
        while len(self.account.accepted) < accepted:
            if time.monotonic() > deadline or not any(thread.is_alive() for thread in self._threads):
                raise AssertionError(f"{len(self.account.accepted)} of {accepted} accepted: {self.account.statuses}")
            time.sleep(0.005)

    def finish(self, seconds: float = 240) -> Account:
        """Wait until every customer is done, and return the account."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0, deadline - time.monotonic()))
        assert not any(thread.is_alive() for thread in self._threads), f"not done: {self.account.statuses}"
        return self.account

    def stop(self) -> Account:
        """Send everybody home, and return the account."""
        self._stopped.set()
        return self.finish()

    def _client(self) -> None:
        while not self._stopped.is_set():
            try:
                number = self._work.get_nowait()
            except queue.Empty:
                return
            self._submit(number)

    def _submit(self, number: int) -> None:
        text = f"Answer {number}: nobody called me back, æøå."
        page = self._until(lambda: self._request("GET", ""), {200})
        if page is None:
            return
        body = urllib.parse.urlencode(FormFields(page, text).fields)
        for _ in range(2 if number % 5 == 0 else 1):
            if self._until(lambda: self._request("POST", body), STORED) is not None:
                self.account.accepted.append(text)

    def _until(self, request: Callable[[], tuple[int, str]], wanted: set[int]) -> str | None:
        """Repeat a request as a patient person does, until it is answered with one of `wanted`."""
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline and not self._stopped.is_set():
            status, page = request()
            if status in wanted:
                return page
            time.sleep(0.05)
        return None

    def _request(self, method: str, body: str) -> tuple[int, str]:
        begin = time.monotonic()
        status, page = send(self._url, method, self._path, body)
        self.account.note(f"{status}" if status else "no answer", time.monotonic() - begin)
        return status, page
