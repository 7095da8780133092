"""Languages: which one a page is in, and dates and numbers as people write them."""

from __future__ import annotations

from datetime import datetime

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask import Flask, current_app, g, request
from flask_babel import Babel

from feedback_app.config import Config

LANGUAGES = ("en", "nb", "nn")
LANGUAGE_NAMES = {"en": "English", "nb": "Norsk bokmål", "nn": "Norsk nynorsk"}
babel = Babel()


def init_app(app: Flask) -> None:
    """Set up translations, and the filters `localtime`, `localdate` and `number` for templates."""
    config: Config = app.extensions["stemme"]
    app.config.update(BABEL_DEFAULT_LOCALE="en", BABEL_DEFAULT_TIMEZONE=config.timezone.key)
    babel.init_app(app, locale_selector=current_language)
    app.jinja_env.filters.update(localtime=local_time, localdate=local_date, number=number)
    app.jinja_env.globals.update(
        LANGUAGE_NAMES=LANGUAGE_NAMES, current_language=current_language, organisation=config.organisation
    )


def current_language() -> str:
    """Return the language of this page: what the view set, else the user's, else the browser's, else English."""
    chosen: str | None = g.get("language")
    return chosen or preferred_language(LANGUAGES) or "en"


def preferred_language(offered: tuple[str, ...] | list[str]) -> str | None:
    """Return which of `offered` the browser likes best, or None; Norwegian without a form ("no") means bokmål."""
    for wanted, _quality in request.accept_languages:
        language = wanted.lower().split("-")[0]
        for candidate in ("nb", "nn") if language == "no" else (language,):
            if candidate in offered:
                return candidate
        if language in {"no", "nb", "nn"} and (norwegian := next((x for x in ("nb", "nn") if x in offered), None)):
            return norwegian
    return None


def babel_locale(language: str | None = None) -> Locale:
    """Return Babel's locale for `language` (default: the page's); English is written as in Britain."""
    language = language or current_language()
    return Locale.parse({"en": "en_GB", "nb": "nb_NO", "nn": "nn_NO"}.get(language, "en_GB"))


def local_time(moment: datetime | None) -> str:
    """Return `moment` (aware) as date, hour and minute in the organisation's zone and the page's language."""
    if moment is None:
        return ""
    config: Config = current_app.extensions["stemme"]
    local, locale = moment.astimezone(config.timezone), babel_locale()
    return f"{format_date(local, 'medium', locale=locale)}, {format_time(local, 'short', locale=locale)}"


def local_date(moment: datetime | None, form: str = "long") -> str:
    """Return the date of `moment` in the organisation's zone and the page's language."""
    if moment is None:
        return ""
    config: Config = current_app.extensions["stemme"]
    return format_date(moment.astimezone(config.timezone), form, locale=babel_locale())


def number(value: float | int) -> str:
    """Return `value` with the page's own separators."""
    return format_decimal(value, locale=babel_locale())
