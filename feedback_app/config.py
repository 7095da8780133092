"""Configuration: one frozen, typed object from the environment; a wrong value stops the start, by its name."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
MAX_BODY_BYTES = 256 * 1024
MAX_FORM_PARTS = 200
SHORTEST_SECRET = 32
KNOWN_SECRETS = frozenset(
    {"secret", "changeme", "change-me", "dev", "development", "insecure", "secretkey", "password"}
)


class ConfigError(Exception):
    """A setting is missing or malformed. The message opens with the variable's name."""

    def __init__(self, variable: str, reason: str) -> None:
        super().__init__(f"{variable}: {reason}")
        self.variable = variable


@dataclass(frozen=True)
class Config:
    """Every setting of the service. Build it with `Config.from_environ`; tests may call it directly."""

    database_url: str
    secret_key: str = field(repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    public_url: str = "http://127.0.0.1:8000"
    sentiment_model: str = str(PROJECT_FOLDER / "models" / "stemme-v1")
    mail_url: str | None = field(default=None, repr=False)
    mail_from: str = "stemme@localhost"
    timezone: ZoneInfo = ZoneInfo("Europe/Oslo")
    organisation: str = "Stemme"
    nightly_hour: int = 2
    trusted_proxies: int = 0
    instance_folder: Path = PROJECT_FOLDER / "instance"
    testing: bool = False

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Config:
        """Return the configuration that `environ` (default: the process's) describes.

        Makes the instance folder, and the secret key in it on the first start. Raises `ConfigError`.
        """
        env = os.environ if environ is None else environ
        instance = Path(env.get("INSTANCE_FOLDER") or PROJECT_FOLDER / "instance").absolute()
        _make_folder(instance)
        return cls(
            database_url=_database_url(env.get("DATABASE_URL") or f"sqlite:///{instance / 'stemme.sqlite'}"),
            secret_key=_secret_key(env.get("SECRET_KEY"), instance / "secret_key"),
            secret_key_fallbacks=tuple(key for key in env.get("SECRET_KEY_FALLBACKS", "").split(",") if key),
            public_url=_public_url(env.get("PUBLIC_URL") or cls.public_url),
            sentiment_model=env.get("SENTIMENT_MODEL") or cls.sentiment_model,
            mail_url=_mail_url(env.get("MAIL_URL") or None),
            mail_from=env.get("MAIL_FROM") or cls.mail_from,
            timezone=_timezone(env.get("TIMEZONE") or cls.timezone.key),
            organisation=_organisation(env.get("ORGANISATION") or cls.organisation),
            nightly_hour=_hour(env.get("NIGHTLY_HOUR") or str(cls.nightly_hour)),
            trusted_proxies=_proxies(env.get("TRUSTED_PROXIES") or "0"),
            instance_folder=instance,
        )

    def flask_settings(self) -> dict[str, Any]:
        """Return what Flask and its extensions read from `app.config`."""
        return {
            "SECRET_KEY": self.secret_key,
            "SECRET_KEY_FALLBACKS": list(self.secret_key_fallbacks),
            "TESTING": self.testing,
            "MAX_CONTENT_LENGTH": MAX_BODY_BYTES,
            "MAX_FORM_MEMORY_SIZE": MAX_BODY_BYTES,
            "MAX_FORM_PARTS": MAX_FORM_PARTS,
            "TEMPLATES_AUTO_RELOAD": False,
        }


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError("INSTANCE_FOLDER", f"the folder {folder} cannot be made ({error.strerror})") from error


def _database_url(url: str) -> str:
    if url.startswith("sqlite:///") or url.startswith("postgresql+psycopg://"):
        return url
    scheme = url.split(":", 1)[0]
    raise ConfigError("DATABASE_URL", f"must start with sqlite:/// or postgresql+psycopg://, not with {scheme!r}")


def _secret_key(given: str | None, file: Path) -> str:
    if given is not None:
        return _checked_secret(given)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _checked_secret(_stored_secret(file))
    except OSError as error:
        raise ConfigError("SECRET_KEY", f"is not set and {file} cannot be written ({error.strerror})") from error
    with os.fdopen(descriptor, "w") as stream:
        stream.write(key := secrets.token_hex(32))
    return key


def _stored_secret(file: Path) -> str:
    """Return the key in `file`; another process that makes it this very moment gets a second to finish."""
    import time

    for _ in range(50):
        if key := file.read_text().strip():
            return key
        time.sleep(0.02)
    return ""


def _checked_secret(key: str) -> str:
    if key.lower() in KNOWN_SECRETS or len(set(key)) < 8:
        raise ConfigError("SECRET_KEY", "is one that everybody knows; leave it unset to have one made")
    if len(key) < SHORTEST_SECRET:
        raise ConfigError("SECRET_KEY", f"has {len(key)} characters, at least {SHORTEST_SECRET} are needed")
    return key


def _public_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ConfigError("PUBLIC_URL", f"must be like https://ask.example.com, not {url!r}")
    return url.rstrip("/")


def _mail_url(url: str | None) -> str | None:
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps", "smtp+starttls"} or not parts.hostname:
        raise ConfigError("MAIL_URL", "must be like smtp://user:password@mail.example.com:587 (smtps, smtp+starttls)")
    return url


def _timezone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigError("TIMEZONE", f"{name!r} is not a time zone such as Europe/Oslo") from error


def _organisation(name: str) -> str:
    if len(name) > 100 or not name.isprintable():
        raise ConfigError("ORGANISATION", "must be a name of at most 100 printable characters")
    return name


def _hour(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 23:
        raise ConfigError("NIGHTLY_HOUR", f"must be a whole hour from 0 to 23, not {text!r}")
    return int(text)


def _proxies(text: str) -> int:
    if text not in {"0", "1", "2", "3"}:
        raise ConfigError("TRUSTED_PROXIES", f"must be the number of proxies in front, from 0 to 3, not {text!r}")
    return int(text)
