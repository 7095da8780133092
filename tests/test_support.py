"""The guards of the test base bite: a test that reaches outside, or a page that fails, does not pass unseen."""

from __future__ import annotations

import smtplib
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from feedback_app.answering.models import Response
from feedback_app.database import engine_for
from feedback_app.followup.models import Outcome
from tests.support import factories
from tests.support.browser import Watch, axe, scrolls_sideways
from tests.support.clients import Client, CliRunner
from tests.support.databases import Databases
from tests.support.factories import make_response, make_survey
from tests.support.network import NetworkGuard
from tests.support.postgres import Postgres
from tests.support.servers import Gunicorn, SmtpServer


@pytest.mark.parametrize("host", ["192.0.2.1", "example.com", "[2001:db8::1]"])
def test_other_machines_are_out_of_reach(network_guard: NetworkGuard, host: str) -> None:
    with pytest.raises(OSError, match="only loopback"):
        urllib.request.urlopen(f"http://{host}/")
    assert len(network_guard.attempts) == 1
    network_guard.attempts.clear()


def test_the_mail_server_keeps_what_it_gets(smtp_server: SmtpServer) -> None:
    with smtplib.SMTP("127.0.0.1", urlsplit(smtp_server.url).port or 0) as connection:
        connection.sendmail("a@example.com", ["b@example.com"], "Subject: Hei\r\n\r\nTakk.")
    assert smtp_server.messages[0]["Subject"] == "Hei"
    assert smtp_server.recipients == [["b@example.com"]]


@pytest.mark.database("sqlite")
def test_the_watch_sees_what_goes_wrong_on_a_page(page: Page, watch: Watch) -> None:
    page.goto("/healthz")
    page.evaluate("fetch('http://example.com/x').catch(() => 1)")
    page.evaluate("console.error('oh no')")
    page.evaluate("setTimeout(() => { throw new Error('late') })")
    page.wait_for_timeout(100)
    kinds = [problem.split(":")[0] for problem in watch.problems if "ERR_" not in problem]
    assert {"foreign request", "console", "script error"} <= set(kinds)
    watch.problems.clear()


@pytest.mark.database("sqlite")
def test_axe_finds_what_is_wrong(page: Page) -> None:
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><input><p style='width:999px'>x</main>")
    assert [problem.split(":")[0] for problem in axe(page)] == ["label"]
    assert scrolls_sideways(page)


def test_client_and_commands_see_what_the_test_wrote(client: Client, cli: CliRunner, session: Session) -> None:
    factories.make_survey(session)
    assert client.get("/healthz").status_code == 200
    assert "Commands" in cli.run("--help").output


@pytest.mark.database("sqlite")
def test_gunicorn_comes_back_after_a_kill(gunicorn: Callable[..., Gunicorn]) -> None:
    server = gunicorn(workers=1)
    for end in (server.kill, server.stop):
        server.start("/healthz")
        assert urllib.request.urlopen(f"{server.url}/healthz").status == 200
        end()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{server.url}/healthz")


def test_a_durable_postgres_survives_a_crash(durable_postgres: Postgres) -> None:
    durable_postgres.execute("CREATE TABLE kept AS SELECT 1", "stemme")
    durable_postgres.stop("immediate")
    durable_postgres.start()
    with durable_postgres.connect("stemme") as connection:
        assert connection.execute("SELECT * FROM kept").fetchall() == [(1,)]
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


@pytest.mark.parametrize("harm", ["", "DROP INDEX ix_response_submitted_at", "DELETE FROM outcome WHERE id = 1"])
def test_a_database_that_is_used_again_is_as_new(all_databases: Databases, tmp_path: Path, harm: str) -> None:
    ids = []
    for _ in range(2):
        with all_databases.fresh("postgresql", tmp_path) as url:
            engine = engine_for(url)
            with Session(engine) as session:
                assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == 0
                ids.append(make_response(session, make_survey(session)).id)
                assert len(session.scalars(sa.select(Outcome)).all()) == 7
                session.execute(sa.text(harm or "ANALYZE response"))
                session.commit()
            engine.dispose()
    assert ids == [1, 1]
