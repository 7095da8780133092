"""A load generator: one thread, some kept-alive connections that are spread evenly over gunicorn's workers."""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import psutil

from tests.support.servers import Gunicorn

CONNECTIONS = 8


@dataclass
class Round:
    """What one kind of request did in some seconds."""

    seconds: float = 0.0
    processor: float = 0.0  # seconds that the workers used; says more than the clock on a busy machine
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency, in milliseconds, that `share` of the answers did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    @property
    def cost(self) -> float:
        """Milliseconds of the workers' processor time for one answer."""
        return self.processor / len(self.latencies) * 1000

    def add(self, other: Round) -> None:
        """Take the figures of another round in."""
        self.seconds += other.seconds
        self.processor += other.processor
        self.latencies += other.latencies
        self.statuses += other.statuses


def workers_of(server: Gunicorn) -> list[psutil.Process]:
    """Return gunicorn's worker processes."""
    assert server.process is not None
    return psutil.Process(server.process.pid).children()


def request_bytes(method: str, path: str, body: bytes = b"") -> bytes:
    """Return a whole request as a browser would send it."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\nAccept-Language: nb\r\n"
    if body:
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def drive(server: Gunicorn, next_request: Callable[[], bytes], seconds: float) -> Round:
    """Send requests for `seconds`, each connection its next one as soon as the last is answered."""
    result, began = Round(), defaultdict[socket.socket, float](float)
    received: dict[socket.socket, bytes] = {}
    connections = _spread(server)
    used = _processor_time(server)
    with selectors.DefaultSelector() as ready:
        start = time.perf_counter()
        for connection in connections:
            ready.register(connection, selectors.EVENT_READ)
            received[connection], began[connection] = b"", time.perf_counter()
            connection.sendall(next_request())
        open_requests = len(connections)
        while open_requests:
            for key, _mask in ready.select(30):
                connection = cast("socket.socket", key.fileobj)
                received[connection] += connection.recv(65536)
                status = _status_when_complete(received[connection])
                if status is None:
                    continue
                now = time.perf_counter()
                result.latencies.append(now - began[connection])
                result.statuses[status] += 1
                received[connection], began[connection] = b"", now
                if now - start < seconds:
                    connection.sendall(next_request())
                else:
                    open_requests -= 1
        result.seconds = time.perf_counter() - start
    result.processor = _processor_time(server) - used
    for connection in connections:
        connection.close()
    return result


def _processor_time(server: Gunicorn) -> float:
    """Return how many seconds of processor time the workers have used."""
    return sum(worker.cpu_times().user + worker.cpu_times().system for worker in workers_of(server))


def _status_when_complete(data: bytes) -> int | None:
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        return None
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(head[9:12]) if len(body) >= int(value) else None
        if name.lower() == b"connection" and value.strip() == b"close":
            raise RuntimeError("the server closed a connection that should have been kept")
    return int(head[9:12]) if body.endswith(b"0\r\n\r\n") else None


def _spread(server: Gunicorn) -> list[socket.socket]:
    """Connect until each worker holds the same number of connections, and drop those above."""
    workers = workers_of(server)
    wanted = CONNECTIONS // len(workers)
    held: dict[int, list[socket.socket]] = {worker.pid: [] for worker in workers}
    for _ in range(500):
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        mine = held[_owner(workers, connection.getsockname()[1])]
        if len(mine) < wanted:
            mine.append(connection)
        else:
            connection.close()
        if all(len(some) == wanted for some in held.values()):
            return [connection for some in held.values() for connection in some]
    raise RuntimeError("one of the workers takes no connections")


def _owner(workers: list[psutil.Process], port: int) -> int:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for worker in workers:
            if any(found.raddr and found.raddr.port == port for found in worker.net_connections("tcp4")):
                return worker.pid
        time.sleep(0.001)
    raise RuntimeError("no worker took the connection")
