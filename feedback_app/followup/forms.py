"""Forms of the desk. Each carries the version of the case that its page showed."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Regexp

from feedback_app.accounts.csrf import StaffForm
from feedback_app.followup.service_case import LONGEST_NOTE


def _number(text: object) -> int:
    """Return a number of a hidden field; 0, which nothing has, where it is none."""
    written = str(text or "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 17 else 0


class CaseForm(StaffForm):
    """What every form of a case has."""

    lock_version = HiddenField(validators=[InputRequired(), Regexp(r"^\d{1,9}$")])

    @property
    def version(self) -> int:
        """Return the version of the case that the sender saw."""
        return _number(self.lock_version.data)


class AssignForm(CaseForm):
    """Who works on it: "me", a user's id, or nobody ("")."""

    owner = SelectField(_("Owner"), validate_choice=False)


class NoteForm(CaseForm):
    """A note."""

    text = TextAreaField(
        _("Note for colleagues"),
        [InputRequired(_("Write something first.")), Length(max=LONGEST_NOTE, message=_("That note is too long."))],
    )


class ResolveForm(CaseForm):
    """How it ended and what it came from; both are needed."""

    outcome = SelectField(_("How did it end?"), [InputRequired(_("Choose how it ended."))])
    root_cause = SelectField(_("What was the cause?"), [InputRequired(_("Choose what the cause was."))])
    note = TextAreaField(_("Last note (optional)"), [Length(max=LONGEST_NOTE, message=_("That note is too long."))])

    @property
    def outcome_id(self) -> int:
        """Return the chosen outcome, or 0."""
        return _number(self.outcome.data)

    @property
    def root_cause_id(self) -> int:
        """Return the chosen root cause, or 0."""
        return _number(self.root_cause.data)


class JudgeForm(CaseForm):
    """Is the machine right about the text?"""

    answer_id = HiddenField(validators=[InputRequired(), Regexp(r"^\d{1,16}$")])
    verdict = RadioField(choices=[SelectChoice("unhappy"), SelectChoice("not")], validators=[InputRequired()])

    @property
    def judged_id(self) -> int:
        """Return the judged answer, or 0."""
        return _number(self.answer_id.data)


class MergeForm(CaseForm):
    """Which case to put into this one."""

    other = HiddenField(validators=[InputRequired(), Regexp(r"^\d{1,16}$")])

    @property
    def other_id(self) -> int:
        """Return the other case, or 0."""
        return _number(self.other.data)


class EntryForm(StaffForm):
    """An entry of a list."""

    name = StringField(_("Name"), [InputRequired(_("Write a name.")), Length(max=80, message=_("That is too long."))])
