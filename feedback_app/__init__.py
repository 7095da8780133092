"""Stemme: ask customers how it went, and find the unhappy ones before they leave."""

from __future__ import annotations

from flask import Flask

from feedback_app.config import Config


def create_app(config: Config | None = None) -> Flask:
    """Return the application, set up from `config` or else from the environment.

    Raises `ConfigError`, naming the variable, where a setting is missing or malformed.
    """
    from feedback_app import blueprints, cli, database, errors, i18n, security
    from feedback_app.accounts import guard

    config = config or Config.from_environ()
    app = Flask(__name__, instance_path=str(config.instance_folder))
    app.config.from_mapping(config.flask_settings())
    app.extensions["stemme"] = config
    database.init_app(app, config)
    i18n.init_app(app)
    security.init_app(app)
    errors.init_app(app)
    guard.init_app(app)
    blueprints.init_app(app)
    cli.init_app(app)
    return app
