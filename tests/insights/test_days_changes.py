"""Whatever happens to answers of past days, kept figures are what counting would give."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from feedback_app import retention
from feedback_app.answering.days import forget_days
from feedback_app.clock import utc_now
from tests.nightly.test_run import ANGRY, score
from tests.support.databases import ROOT
from tests.support.factories import make_response
from tests.support.models import StubModel
from tests.support.month import Site


def answer_is_corrected(site: Site) -> None:
    """Change the score and the text."""
    site.press("correct", score="9", why="Thank you.")


def answer_is_corrected_and_read_again(site: Site) -> None:
    """Change the text, and let the nightly run read it."""
    site.press("correct", score="3", why="Thank you.")
    score(site.app, site.session)


def answer_is_withdrawn(site: Site) -> None:
    """Take the answer out of all figures."""
    site.press("withdraw")


def answer_is_deleted(site: Site) -> None:
    """Delete the answer."""
    site.press("delete")


def customer_objects(site: Site) -> None:
    """Forbid machines to read the answer."""
    site.press("object")


def old_answers_are_imported(site: Site) -> None:
    """Import an answer of the same day."""
    file = site.folder / "in.csv"
    file.write_text(f"survey;submitted_at;language;score\nold;{site.mine.submitted_at.isoformat()};nb;10\n")
    assert "1 new" in site.cli.run("import-answers", file).output


def time_to_keep_is_over(site: Site) -> None:
    """Delete what is older than four days."""
    site.mine.survey.retention_days = 4
    site.session.commit()
    with site.app.app_context():
        assert retention.delete_expired()


def answer_comes_to_be_read(site: Site) -> None:
    """Read a text that had no score yet."""
    make_response(site.session, site.mine.survey, {"why": ANGRY}, submitted_at=site.mine.submitted_at)
    forget_days(site.session, [site.mine.submitted_at])
    site.refresh()
    assert score(site.app, site.session).scored == 1


def everything_is_read_again(site: Site) -> None:
    """Read all texts again, with another result."""
    assert score(site.app, site.session, StubModel(threshold=0.0), rescore=True).scored


def another_model_is_used(site: Site) -> None:
    """Read all texts by another version, with another result."""
    assert score(site.app, site.session, StubModel("stub-2", threshold=0.0)).scored


def objection_is_recorded(site: Site) -> None:
    """Let the nightly run find an objection that nobody has dealt with."""
    site.mine.objected_at = site.mine.corrected_at = utc_now()
    assert score(site.app, site.session).skipped["objection"] == 1


CHANGES = [
    answer_is_corrected, answer_is_corrected_and_read_again, answer_is_withdrawn, answer_is_deleted, customer_objects,
    old_answers_are_imported, time_to_keep_is_over, answer_comes_to_be_read, everything_is_read_again,
    another_model_is_used, objection_is_recorded,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_kept_figures_are_exact_after_each_kind_of_change(site: Site, change: Callable[[Site], None]) -> None:
    before = site.figures(site.kept())
    assert before == site.figures({})
    change(site)
    site.session.commit()
    after = site.figures(site.kept())
    assert after == site.figures({})
    assert after != before, "the change must be one that figures show"
    assert site.refresh() > 0
    assert len(site.kept()) >= 27
    assert site.figures(site.kept()) == after


WRITING = re.compile(
    r"sa\.(update|delete)\((Response|Answer|SentimentScore)\)|insert\w*\((session, )?(Response|SentimentScore)\b"
    r"|\.(withdrawn_at|score) = |delete\(by_question"
)
# New answers of this moment; where an invented answer came from, which no figure shows.
HARMLESS = {"feedback_app/answering/submission.py", "feedback_app/demo/load.py"}


def test_every_module_that_changes_stored_answers_or_scores_notes_the_days() -> None:
    sources = {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / "feedback_app").rglob("*.py")}
    writing = {name for name, source in sources.items() if WRITING.search(source)}
    assert {"feedback_app/retention.py", "feedback_app/scoring/service.py"} <= writing
    assert {name for name in writing - HARMLESS if "forget_days(" not in sources[name]} == set()
