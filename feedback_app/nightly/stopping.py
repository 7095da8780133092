"""How a run is asked to end: at once while the model works, and between two steps otherwise.

An exception that a signal raises in the middle of a transaction leaves rows and sessions half done. So the signal only
sets a mark, and raises where the code has said that it may (`Stop.heeded`): around the model, which holds nothing open.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from feedback_app.nightly.errors import Stopped


class Stop:
    """The wish that this process end."""

    def __init__(self) -> None:
        self._asked = self._may_raise = False

    def ask(self, *_signal: object) -> None:
        """Ask once for the end; for `signal.signal`. Raises `Stopped` inside `heeded`."""
        if not self._asked:
            self._asked = True
            if self._may_raise:
                raise Stopped

    def check(self) -> None:
        """Raise `Stopped` where somebody has asked."""
        if self._asked:
            raise Stopped

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Let the wish end the block at once; the block holds no transaction open."""
        self._may_raise = True
        try:
            self.check()
            yield
        finally:
            self._may_raise = False


STOP = Stop()  # signals are the process's, and so is this
