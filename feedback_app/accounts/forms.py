"""Forms of accounts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, EmailField, Form, PasswordField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length

from feedback_app.accounts.csrf import StaffForm
from feedback_app.accounts.passwords import LONGEST, SHORTEST
from feedback_app.i18n import LANGUAGE_NAMES


class LoginForm(Form):
    """Address and password."""

    email = EmailField(_("Mail address"), [InputRequired(_("Write your mail address.")), Length(max=254)])
    password = PasswordField(_("Password"), [InputRequired(_("Write your password."))])


class PreferencesForm(StaffForm):
    """How a user wants her pages and mails."""

    language = SelectField(
        _("Language of these pages"), choices=[SelectChoice(*pair) for pair in LANGUAGE_NAMES.items()]
    )
    wants_morning_mail = BooleanField(_("Send me a mail each morning about the night and what is overdue"))


class PasswordForm(StaffForm):
    """A new password; the old one shows that it is really the user."""

    current = PasswordField(_("Present password"), [InputRequired(_("Write your present password."))])
    new = PasswordField(
        _("New password"),
        [Length(SHORTEST, LONGEST, _("At least 12 characters; a few words in a row are easy to remember."))],
    )
