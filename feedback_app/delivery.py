"""Delivery of the outbox: to the mail server of MAIL_URL, or without one to `.eml` files in `instance/outbox/`."""

from __future__ import annotations

import hashlib
import logging
import os
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from feedback_app import mail
from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.database import transaction

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 500
TIMEOUT = 15.0  # seconds that the mail server may take for one step


@dataclass
class NotSentError(Exception):
    """The mail did surely not go out. `for_good`: it never will."""

    reason: str
    for_good: bool = False


class MaybeSentError(Exception):
    """The connection broke after the mail was handed over and before the server's answer."""


def deliver_due(config: Config) -> int:
    """Send every mail that is due, each in its own steps: claim, send, mark; return how many went out."""
    sent = 0
    for _ in range(MOST_AT_ONCE):
        with transaction() as session:
            claimed = mail.claim_next(session, utc_now())
        if claimed is None:
            break
        sent += _deliver(config, claimed)
    return sent


def compose(config: Config, one: mail.Mail) -> EmailMessage:
    """Return the message as it goes over the wire; its id is the same each time it is composed."""
    digest = hashlib.sha256(one.dedupe_key.encode()).hexdigest()[:32]
    message = EmailMessage(policy=SMTP)
    message["From"] = config.mail_from
    message["To"] = one.to_address
    message["Subject"] = one.subject
    message["Date"] = format_datetime(utc_now())
    message["Message-ID"] = f"<{digest}@{urlsplit(config.public_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(one.text_body, cte="quoted-printable")
    if one.html_body is not None:
        message.add_alternative(one.html_body, subtype="html", cte="quoted-printable")
    return message


def _deliver(config: Config, one: mail.Mail) -> bool:
    try:
        message = _composed(config, one)
        if config.mail_url is None:
            _write_file(config, one, message)
        else:
            _send(config.mail_url, config.mail_from, one.to_address, message.as_bytes())
    except NotSentError as error:
        with transaction() as session:
            again = mail.mark_failed(session, one.id, error.reason, for_good=error.for_good, now=utc_now())
        logger.log(logging.WARNING if again else logging.ERROR, "mail %d was not sent: %s", one.id, error.reason)
        return False
    except MaybeSentError as error:
        with transaction() as session:
            mail.mark_unknown(session, one.id, str(error))
        logger.error("mail %d may or may not have gone out: %s; see `flask outbox`", one.id, error)
        return False
    with transaction() as session:
        mail.mark_sent(session, one.id, utc_now())
    return True


def _composed(config: Config, one: mail.Mail) -> EmailMessage:
    try:
        message = compose(config, one)
        message.as_bytes()
    except (ValueError, UnicodeError, LookupError) as error:
        raise NotSentError("the address or the subject is not one that mail can carry", for_good=True) from error
    return message


def _write_file(config: Config, one: mail.Mail, message: EmailMessage) -> None:
    folder = config.instance_folder / "outbox"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = folder / f".{one.id}.tmp"
        with unfinished.open("wb") as stream:
            stream.write(message.as_bytes())
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.rename(folder / f"{one.id:06d}.eml")
    except OSError as error:
        raise NotSentError(f"the file could not be written ({error.strerror})") from error


def _send(url: str, sender: str, recipient: str, content: bytes) -> None:
    """Hand `content` to the mail server, step by step, so that it is known what a failure means."""
    try:
        server = _connect(url)
    except (smtplib.SMTPException, OSError) as error:
        raise NotSentError(_reason(error)) from error
    try:
        _envelope(server, sender, recipient)
        _hand_over(server, content)
    finally:
        server.close()


def _connect(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, secure = parts.hostname or "", ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=secure)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT)
    try:
        server.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp+starttls":
            server.starttls(context=secure)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _envelope(server: smtplib.SMTP, sender: str, recipient: str) -> None:
    try:
        for step, address in ((server.mail, sender), (server.rcpt, recipient)):
            code, _answer = step(address)
            if code >= 400:
                raise NotSentError(f"the mail server refused an address ({code})", for_good=code >= 500)
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise NotSentError(_reason(error)) from error


def _hand_over(server: smtplib.SMTP, content: bytes) -> None:
    try:
        code, _answer = server.data(content)
    except smtplib.SMTPDataError as error:
        raise NotSentError(_reason(error), for_good=error.smtp_code >= 500) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MaybeSentError(_reason(error)) from error
    if code != 250:
        raise NotSentError(f"the mail server did not take the mail ({code})", for_good=code >= 500)
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        logger.debug("the mail server hung up")


def _reason(error: Exception) -> str:
    """Return what to keep of `error`: never its message, which may hold addresses."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__}{f' ({code})' if code else ''}"
