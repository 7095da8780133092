"""Every table of the service in one import, for migrations and for the mapper."""

from feedback_app import jobs, mail
from feedback_app.accounts import models as accounts
from feedback_app.answering import models as answering
from feedback_app.customers import models as customers
from feedback_app.followup import models as followup
from feedback_app.insights import models as insights
from feedback_app.invitations import models as invitations
from feedback_app.scoring import models as scoring
from feedback_app.surveys import models as surveys

__all__ = [
    "accounts", "answering", "customers", "followup", "insights", "invitations", "jobs", "mail", "scoring", "surveys",
]  # fmt: skip
