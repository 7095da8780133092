"""Reading a survey file: every problem is told at once, with its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from feedback_app.errors import InvalidError
from feedback_app.i18n import LANGUAGES
from feedback_app.surveys.definition import SurveyDefinition
from feedback_app.surveys.models import SurveyStatus
from feedback_app.surveys.rules import is_slug
from feedback_app.surveys.yaml_nodes import Node, Problems, parse

T = TypeVar("T")
LONGEST_TEXT = 2_000
THRESHOLDS = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
NAMES = {
    "slug", "status", "default_language", "anonymous", "minutes", "opens_at", "closes_at", "thresholds",
    "followup_hours", "retention_days", "title", "intro", "thanks", "links", "questions",
}  # fmt: skip


class SurveyFileError(InvalidError):
    """A survey file is wrong; `problems` are (line, reason), in the order of the file."""

    def __init__(self, name: str, problems: list[tuple[int, str]]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(f"{name}:{line}: {reason}" for line, reason in self.problems))


def load_definition(path: Path, zone: ZoneInfo) -> SurveyDefinition:
    """Return what the survey file says; local times are in `zone`. Raises `SurveyFileError` with all problems."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SurveyFileError(path.name, [(1, "the file is not UTF-8")]) from None
    return read_definition(text, path.name, zone)


def read_definition(text: str, name: str, zone: ZoneInfo) -> SurveyDefinition:
    """Return what `text` says; `name` is the file's in messages. Raises `SurveyFileError` with all problems."""
    from feedback_app.surveys.question_reader import read_questions

    problems = Problems()
    root = parse(text, problems)
    if root is None:
        raise SurveyFileError(name, problems.found)
    read = FieldReader(root, problems, NAMES)
    title = read.wording("title", needed=True)
    read.languages = tuple(title)
    values: dict[str, Any] = {
        "slug": read.one("slug", _slug, needed=True),
        "title": title,
        "status": read.one(
            "status", lambda v: SurveyStatus(v), default=SurveyStatus.DRAFT, hint="draft, open or closed"
        ),
        "default_language": read.one("default_language", _in(read.languages), default=next(iter(title), "en")),
        "anonymous": read.flag("anonymous", default=True),
        "minutes": read.number("minutes", 1, 30, default=1),
        "opens_at": read.one(
            "opens_at", lambda v: _moment(v, zone), default=None, hint="a time such as 2026-01-31T08:00"
        ),
        "closes_at": read.one(
            "closes_at", lambda v: _moment(v, zone), default=None, hint="a time such as 2026-01-31T08:00"
        ),
        "followup_hours": read.number("followup_hours", 1, 24 * 60, default=48),
        "retention_days": read.number("retention_days", 1, 3650, default=730),
        "intro": read.wording("intro"),
        "thanks": read.wording("thanks"),
        "links": _links(root, problems, read.languages),
        **_thresholds(root, problems),
    }
    if values["opens_at"] and values["closes_at"] and values["opens_at"] >= values["closes_at"]:
        problems.add(read.line("closes_at"), "closes_at is not after opens_at")
    values["questions"] = read_questions(root.get("questions"), problems, read.languages, root.line)
    if problems.found:
        raise SurveyFileError(name, problems.found)
    return SurveyDefinition(**values)


class FieldReader:
    """Reads the named values of one mapping, and notes what is wrong with them."""

    def __init__(self, node: Node, problems: Problems, names: set[str], languages: tuple[str, ...] = ()) -> None:
        self.node, self.problems, self.languages = node, problems, languages
        for name, value in node.items():
            if name not in names:
                problems.add(value.line, f"{name} is not known here; known are {', '.join(sorted(names))}")

    def line(self, name: str) -> int:
        """Return the line of `name`, or that of the mapping."""
        child = self.node.get(name)
        return child.line if child else self.node.line

    def one(
        self, name: str, check: Callable[[Any], T], *, default: T | None = None, needed: bool = False, hint: str = ""
    ) -> T | None:
        """Return the checked value of `name`; `check` raises ValueError where it is wrong."""
        child = self.node.get(name)
        if child is None or child.value is None:
            if needed:
                self.problems.add(self.node.line, f"{name} is missing")
            return default
        try:
            return check(child.value)
        except (ValueError, TypeError) as error:
            self.problems.add(child.line, f"{name}: {str(child.value)[:60]!r} is not {hint or error}")
            return default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a yes or no."""
        return bool(self.one(name, _bool, default=default, hint="true or false"))

    def number(self, name: str, low: int, high: int, *, default: int) -> int:
        """Return a whole number between `low` and `high`."""
        hint = f"a whole number from {low} to {high}"
        return self.one(name, _between(low, high), default=default, hint=hint) or default

    def wording(self, name: str, *, needed: bool = False) -> Mapping[str, str]:
        """Return language -> text; once the survey's languages are known, each one must be there."""
        child = self.node.get(name)
        if child is None:
            if needed:
                self.problems.add(self.node.line, f"{name} is missing")
            return {}
        return read_wording(child, name, self.problems, self.languages)


def read_wording(node: Node, name: str, problems: Problems, languages: tuple[str, ...]) -> Mapping[str, str]:
    """Return language -> text of `node`, noting languages that are missing, not known or not the survey's."""
    if not node.is_mapping or not node.value:
        problems.add(node.line, f"{name} needs a text for each language, such as {name}: {{en: ..., nb: ...}}")
        return {}
    wording: dict[str, str] = {}
    for language, child in node.items():
        if language not in (languages or LANGUAGES):
            known = ", ".join(languages or LANGUAGES)
            problems.add(child.line, f"{name}: {language} is not a language of the survey ({known})")
        elif not isinstance(child.value, str) or not child.value.strip():
            problems.add(child.line, f"{name}: the text in {language} is missing")
        elif len(child.value) > LONGEST_TEXT:
            problems.add(child.line, f"{name}: the text in {language} is longer than {LONGEST_TEXT} characters")
        else:
            wording[language] = child.value.strip()
    for language in languages:
        if language not in node.value:
            problems.add(node.line, f"{name}: the text in {language} is missing")
    return wording


def _links(root: Node, problems: Problems, languages: tuple[str, ...]) -> tuple[Mapping[str, Any], ...]:
    node = root.get("links")
    if node is None:
        return ()
    if not isinstance(node.value, list):
        problems.add(node.line, "links is a list of label and url")
        return ()
    links = []
    for child in node.value:
        if not child.is_mapping:
            problems.add(child.line, "a link needs label and url")
            continue
        read = FieldReader(child, problems, {"label", "url"}, languages)
        url = read.one("url", _url, needed=True, hint="an address that starts with https://")
        links.append({"label": read.wording("label", needed=True), "url": url})
    return tuple(links)


def _thresholds(root: Node, problems: Problems) -> dict[str, int]:
    node = root.get("thresholds")
    if node is None:
        return {}
    if not node.is_mapping:
        problems.add(node.line, "thresholds is a mapping of nps, csat and ces to the highest score that raises a flag")
        return {}
    read = FieldReader(node, problems, set(THRESHOLDS))
    defaults = {"nps": 6, "csat": 2, "ces": 3}
    found = {}
    for kind, (low, high) in THRESHOLDS.items():
        value = read.one(kind, _between(low, high), default=defaults[kind], hint=f"a whole number from {low} to {high}")
        found[f"{kind}_flag_at"] = defaults[kind] if value is None else value
    return found


def _slug(value: Any) -> str:
    if not isinstance(value, str) or not is_slug(value):
        raise ValueError("made of small letters, digits and single hyphens, at most 60 of them")
    return value


def _in(allowed: tuple[str, ...]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"one of {', '.join(allowed)}")
        return str(value)

    return check


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _between(low: int, high: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError
        return value

    return check


def _moment(value: Any, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _url(value: Any) -> str:
    parts = urlsplit(str(value))
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError
    return str(value)
