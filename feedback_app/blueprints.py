"""The list of blueprints: every page of the site is reached through one of these."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from feedback_app import access

PUBLIC = (
    "feedback_app.answering.routes",
    "feedback_app.answering.receipt_routes",
    "feedback_app.assets",
    "feedback_app.health",
)
STAFF = (
    "feedback_app.accounts.routes",
    "feedback_app.followup.routes",
    "feedback_app.followup.case_routes",
    "feedback_app.followup.list_routes",
    "feedback_app.scoring.routes",
    "feedback_app.surveys.routes",
    "feedback_app.insights.routes",
)


def init_app(app: Flask) -> None:
    """Register every blueprint, and tell the error pages which ones are for staff."""
    access.allow(access.PUBLIC)(app.view_functions["static"])
    for name in PUBLIC:
        app.register_blueprint(import_module(name).blueprint)
    staff = [import_module(name).blueprint for name in STAFF]
    app.extensions["stemme_staff_blueprints"] = {blueprint.name for blueprint in staff}
    for blueprint in staff:
        app.register_blueprint(blueprint)
