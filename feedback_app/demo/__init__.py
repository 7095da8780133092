"""A demonstration site with an invented company: `make demo`, or `python -m feedback_app.demo`."""
