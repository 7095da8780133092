"""A guard: no test may reach for an address outside this machine, or look up a name."""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any


class NetworkGuard:
    """Refuses connections to other machines and remembers who was tried; see the fixture `network_guard`."""

    def __init__(self) -> None:
        self.active = False
        self.attempts: list[str] = []

    def install(self) -> None:
        """Start watching; an audit hook sees every socket of this process and stays for its lifetime."""
        sys.addaudithook(self._watch)

    def _watch(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active or event not in {"socket.connect", "socket.sendto", "socket.getaddrinfo"}:
            return
        if event == "socket.getaddrinfo":
            host = arguments[0]
        elif isinstance(arguments[1], tuple):
            host = arguments[1][0]
        else:
            return  # a Unix socket
        if not _is_here(host):
            self.attempts.append(f"{event} {host}")
            raise OSError(f"a test reached for {host}; only loopback addresses are allowed")


def _is_here(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host or "localhost"
    if name in {"localhost", socket.gethostname()}:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


guard = NetworkGuard()
guard.install()
