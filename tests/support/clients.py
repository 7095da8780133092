"""The test client and the command runner; both commit the test's own session first."""

from __future__ import annotations

from typing import Any

from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session


class Client(FlaskClient):
    """A Flask test client before whose requests the test's session is committed."""

    session_of_test: Session | None = None

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request."""
        if self.session_of_test is not None:
            self.session_of_test.commit()
        return super().open(*args, **kwargs)


class CliRunner(FlaskCliRunner):
    """Runs the service's commands."""

    def __init__(self, app: Flask, session: Session) -> None:
        super().__init__(app)
        self.session_of_test = session

    def run(self, *arguments: object, code: int = 0, **kwargs: Any) -> Result:
        """Run `flask ARGUMENTS`; an exit code other than `code` fails the test with what was printed."""
        self.session_of_test.commit()
        result = self.invoke(args=[str(argument) for argument in arguments], **kwargs)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result
