"""What can go wrong with a run as a whole; each message is a sentence for the operator."""

from __future__ import annotations

from typing import Any


class NightlyError(Exception):
    """A run cannot be made, or not be finished."""


class ModelUnusableError(NightlyError):
    """The configured model cannot be loaded."""


class ModelBrokenError(NightlyError):
    """The model fails on every text: the run ends instead of giving all texts up."""


class EngineUnusableError(NightlyError):
    """The queue cannot be used with this database."""


class ChildDiedError(NightlyError):
    """The children die and die, or one ended with an error of its own. `sent` is what they had sent."""

    def __init__(self, message: str, sent: list[Any]) -> None:
        super().__init__(message)
        self.sent = sent


class Stopped(BaseException):
    """The process was asked to stop."""
