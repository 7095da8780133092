"""A reply draft in the customer's own language, to be opened in the lead's own mail program."""

from __future__ import annotations

import re
from urllib.parse import quote

from flask_babel import force_locale
from flask_babel import gettext as _

from feedback_app.i18n import LANGUAGES

LONGEST_QUOTE = 600  # a mail program takes an address of some 2,000 characters
_ADDRESS = re.compile(r"[^@\s<>\"',;]{1,64}@[^@\s<>\"',;]{1,190}")


def mail_address(*candidates: str | None) -> str | None:
    """Return the first of `candidates` that is a mail address."""
    return next((one.strip() for one in candidates if one and _ADDRESS.fullmatch(one.strip())), None)


def reply_link(address: str, *, language: str, customer: str, text: str | None, sender: str, organisation: str) -> str:
    """Return the `mailto:` link of a draft to `address`."""
    with force_locale(language if language in LANGUAGES else "en"):
        subject = _("Your feedback to %(organisation)s", organisation=organisation)
        greeting = _("Hello %(name)s,", name=customer) if customer else _("Hello,")
        thanks = _("Thank you for telling us how it went.")
        lines = [greeting, "", thanks, "", "", "", _("Kind regards,"), sender, organisation]
    if text:
        short = text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE].rstrip() + "…"
        lines += ["", *(f"> {line}" for line in short.splitlines())]
    body = "\r\n".join(lines)
    return f"mailto:{quote(address, safe='@')}?subject={quote(subject, safe='')}&body={quote(body, safe='')}"
