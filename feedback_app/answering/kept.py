"""Surveys kept in memory: each is read whole once, and looked at again at most once a second.

A page of a survey is the same for thousands of customers, so a process keeps the survey's content and the pages made
of it. A change (`flask create-survey`, closing it) is therefore seen everywhere within a second: before that second is
over nothing is read at all, after it one row, and everything only where that row has changed. `opens_at` and
`closes_at` are compared with the clock at every request.
"""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app

from feedback_app.answering.content import SurveyContent
from feedback_app.answering.moulds import Mould
from feedback_app.answering.queries import find_settings, load_content
from feedback_app.database import Reader
from feedback_app.surveys.rules import is_slug

FRESH_SECONDS = 1.0
MOST_SURVEYS = 200
MOST_PAGES = 200  # of one survey: languages x preselected scores x kinds of link


@dataclass(slots=True)
class KeptSurvey:
    """A survey's content, the pages made of it, and when it was last compared with the database."""

    settings: tuple[Any, ...]
    content: SurveyContent
    checked: float
    pages: dict[Hashable, Mould] = field(default_factory=dict)

    def keep_page(self, key: Hashable, page: Mould) -> None:
        """Remember a page."""
        if len(self.pages) >= MOST_PAGES:
            self.pages.clear()
        self.pages[key] = page


class KeptSurveys:
    """The surveys that this process keeps. Threads may race: each then reads the same, and the last one stays."""

    def __init__(self) -> None:
        """Start with none."""
        self._by_slug: dict[str, KeptSurvey] = {}
        self._slugs: dict[int, str] = {}

    def find(self, session: Reader, slug: str) -> KeptSurvey | None:
        """Return the survey with `slug`, or None."""
        if not is_slug(slug):  # PostgreSQL takes no NUL, even to compare with
            return None
        kept = self._by_slug.get(slug)
        if kept is not None and time.monotonic() - kept.checked < FRESH_SECONDS:
            return kept
        return self._renewed(session, kept, find_settings(session, slug=slug), slug)

    def find_by_id(self, session: Reader, survey_id: int) -> KeptSurvey | None:
        """Return the survey with this id, or None."""
        slug = self._slugs.get(survey_id)
        if slug is not None and (kept := self.find(session, slug)) is not None and kept.content.id == survey_id:
            return kept
        settings = find_settings(session, survey_id=survey_id)
        return self._renewed(session, None, settings, settings[1] if settings else "")

    def forget(self) -> None:
        """Read everything anew at the next request."""
        self._by_slug.clear()
        self._slugs.clear()

    def _renewed(
        self, session: Reader, kept: KeptSurvey | None, settings: tuple[Any, ...] | None, slug: str
    ) -> KeptSurvey | None:
        now = time.monotonic()
        if settings is None:
            self._by_slug.pop(slug, None)
            return None
        if kept is not None and kept.settings == settings:
            kept.checked = now
            return kept
        if len(self._by_slug) >= MOST_SURVEYS:
            self.forget()
        fresh = KeptSurvey(settings, load_content(session, settings), now)
        self._by_slug[slug] = fresh
        self._slugs[fresh.content.id] = slug
        return fresh


def init_app(app: Flask) -> None:
    """Give the application its memory."""
    app.extensions["stemme_surveys"] = KeptSurveys()


def kept_surveys() -> KeptSurveys:
    """Return the memory of the application at hand."""
    kept: KeptSurveys = current_app.extensions["stemme_surveys"]
    return kept
