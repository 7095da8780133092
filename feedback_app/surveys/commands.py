"""Commands about surveys."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.database import db, transaction


@click.command("create-survey")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def create_survey(file: Path) -> None:
    """Make a survey from FILE (docs/surveys.md), or bring the one with its slug up to date.

    Prints id, slug and link. A file with mistakes changes nothing; all of them are told, with their lines.
    """
    from feedback_app.surveys import service
    from feedback_app.surveys.reader import SurveyFileError, load_definition

    config: Config = current_app.extensions["stemme"]
    try:
        definition = load_definition(file, config.timezone)
    except SurveyFileError as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from error
    with transaction() as session:
        survey = service.create_survey(session, definition, utc_now())
        shown = (survey.id, survey.slug, survey.version, survey.status.value)
    click.echo(f"{shown[0]}  {shown[1]}  {config.public_url}/s/{shown[1]}  (version {shown[2]}, {shown[3]})")


@click.command("list-surveys")
@with_appcontext
def list_surveys() -> None:
    """Show every survey: id, slug, status, responses, link and title."""
    from feedback_app.answering.queries_counts import SurveyCounts, survey_counts
    from feedback_app.surveys import queries
    from feedback_app.surveys.rules import availability

    config: Config = current_app.extensions["stemme"]
    session, now = db.session(), utc_now()
    counts = survey_counts(session)
    surveys = queries.list_surveys(session)
    if not surveys:
        click.echo("There is no survey yet. Make one: flask --app wsgi create-survey FILE.yaml")
    for worded in surveys:
        survey = worded.survey
        state = availability(survey, now).value
        responses = counts.get(survey.id, SurveyCounts()).responses
        link = f"{config.public_url}/s/{survey.slug}"
        click.echo(f"{survey.id:>4}  {survey.slug:<24} {state:<8} {responses:>7} responses  {link}  {worded.title}")


commands: list[click.Command] = [create_survey, list_surveys]
