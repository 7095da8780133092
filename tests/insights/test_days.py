"""Figures of past days are kept, and are at all times what counting the answers would give."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.days import forget_days
from feedback_app.answering.models import DayChange, Response
from feedback_app.clock import utc_now
from feedback_app.insights.days import count_day, keep_day, stale_days
from feedback_app.scoring.models import SentimentScore
from feedback_app.scoring.queries_version import current_model_version
from tests.answering.test_submit import form
from tests.support.month import Site
from tests.support.staff import sign_in

OSLO = ZoneInfo("Europe/Oslo")


def test_a_second_run_finds_nothing_to_count(site: Site) -> None:
    assert site.refresh() == 0


def scores_shown(site: Site) -> str:
    """Return what the overview says of scores."""
    return site.client.get("/").text.split('id="scores"')[1].split("</section>")[0]


def test_the_overview_does_not_read_the_answers_of_past_days(site: Site) -> None:
    sign_in(site.client, site.session)
    shown = scores_shown(site)
    site.session.execute(sa.update(Response).where(Response.id == site.mine.id).values(score=10))  # noted nowhere
    assert scores_shown(site) == shown
    forget_days(site.session, [site.mine.submitted_at])
    assert scores_shown(site) != shown


def test_what_changes_while_a_day_is_counted_makes_the_count_void(site: Site) -> None:
    day, version = site.mine.submitted_at.astimezone(site.zone).date(), current_model_version(site.session)
    figure = count_day(site.session, day, version, site.zone)
    site.press("withdraw")
    keep_day(site.session, figure)
    assert day not in site.kept()
    assert site.figures(site.kept()) == site.figures({})


def test_what_is_committed_after_the_count_makes_it_void(site: Site) -> None:
    mine, moment, version = site.mine.id, site.mine.submitted_at, current_model_version(site.session)
    day = moment.astimezone(site.zone).date()
    site.session.rollback()
    with Session(site.session.get_bind()) as other:
        other.execute(sa.update(Response).where(Response.id == mine).values(withdrawn_at=utc_now()))
        forget_days(other, [moment])
        figure = count_day(site.session, day, version, site.zone)
        site.session.rollback()
        other.commit()
    keep_day(site.session, figure)
    site.session.commit()
    assert day not in site.kept()


def test_a_change_that_is_rolled_back_leaves_the_figures_valid(site: Site) -> None:
    kept = site.kept().keys()
    forget_days(site.session, [site.mine.submitted_at])
    site.session.rollback()
    assert site.kept().keys() == kept


@pytest.mark.parametrize("elsewhere", ["Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu"])
def test_a_changed_time_zone_mixes_no_days_not_even_when_it_is_changed_back(site: Site, elsewhere: str) -> None:
    home = site.zone.key
    site.live_in(elsewhere)
    assert site.kept() == {}
    site.press("withdraw")
    assert site.refresh() >= 27
    assert site.figures(site.kept()) == site.figures({})
    site.live_in(home)
    assert site.figures(site.kept()) == site.figures({})


def test_changes_are_summed_up_and_old_ones_dropped(site: Site) -> None:
    for _ in range(5):
        forget_days(site.session, [utc_now() - timedelta(days=back) for back in (3, 3, 4, 34, 36)])
    site.session.add(DayChange(day=(utc_now() - timedelta(days=50)).date()))
    site.refresh()
    site.session.rollback()
    days = site.session.scalars(sa.select(DayChange.day)).all()
    assert len(days) == len(set(days))
    assert (utc_now() - timedelta(days=34)).date() in days
    assert min(days) > (utc_now() - timedelta(days=36)).date()
    assert len(site.kept()) >= 27


@pytest.mark.database("postgresql")
def test_two_who_change_the_same_days_do_not_wait_for_each_other(session: Session) -> None:
    one, two = utc_now() - timedelta(days=1), utc_now() - timedelta(days=2)
    with Session(session.get_bind()) as other:
        for who in (session, other):
            who.execute(sa.text("SET LOCAL lock_timeout = '1s'"))
        forget_days(session, [one])
        forget_days(other, [two])
        forget_days(session, [two])
        forget_days(other, [one])
        other.commit()
    session.commit()
    assert session.scalar(sa.select(sa.func.sum(DayChange.changes))) == 4


def test_a_new_answer_of_today_is_noted_nowhere(site: Site) -> None:
    there = site.session.scalar(sa.select(sa.func.count(DayChange.id)))
    assert site.client.post("/s/old", data=form(score="1")).status_code == 303
    assert site.session.scalar(sa.select(sa.func.count(DayChange.id))) == there
    assert site.figures(site.kept()) == site.figures({})


def test_a_day_is_kept_from_an_hour_after_its_end(session: Session) -> None:
    before, after = (datetime(2026, 11, 20, hour, minute, tzinfo=OSLO) for hour, minute in ((0, 59), (1, 0)))
    assert [str(stale_days(session, None, now, OSLO)[-1]) for now in (before, after)] == ["2026-11-18", "2026-11-19"]


def test_scores_without_a_text_of_the_day_are_zero(session: Session) -> None:
    day = (utc_now() - timedelta(days=5)).date()
    figure = count_day(session, day, None, OSLO)
    assert (figure.nps_low, figure.ces_high, figure.scored, figure.unhappy) == (0, 0, 0, 0)
    assert session.scalar(sa.select(sa.func.count()).select_from(SentimentScore)) == 0
