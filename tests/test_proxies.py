"""Whose word on a visitor's address is believed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from flask import request

from feedback_app import create_app
from feedback_app.access import PUBLIC, allow
from feedback_app.config import Config, ConfigError
from tests.support.databases import environment


def address_seen(tmp_path: Path, forwarded: str, **settings: str) -> str:
    """Return the address that a view sees when proxies say `forwarded`."""
    config = Config.from_environ(environment(f"sqlite:///{tmp_path / 'x.sqlite'}", tmp_path, **settings))
    app = create_app(dataclasses.replace(config, testing=True))

    @app.get("/address")
    @allow(PUBLIC)
    def address() -> str:
        return f"{request.remote_addr} {request.url}"

    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    return app.test_client().get("/address", headers=headers).get_data(as_text=True)


def test_nobody_is_believed_by_default(tmp_path: Path) -> None:
    assert address_seen(tmp_path, "192.0.2.7") == "127.0.0.1 http://localhost/address"


def test_only_the_proxies_that_are_there_are_believed_and_only_about_the_address(tmp_path: Path) -> None:
    forged_and_real = "203.0.113.66, 192.0.2.7"
    assert address_seen(tmp_path, forged_and_real, TRUSTED_PROXIES="1") == "192.0.2.7 http://localhost/address"


@pytest.mark.parametrize("text", ["yes", "-1", "4", "1.0"])
def test_a_strange_number_of_proxies_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="TRUSTED_PROXIES"):
        Config.from_environ(environment("sqlite:///x.sqlite", tmp_path, TRUSTED_PROXIES=text))
