"""The WSGI entry point: `gunicorn wsgi:app`, and what `flask --app wsgi` loads."""

import gc

gc.disable()  # the start makes many objects and no garbage: looking for it takes a sixth of the time

from feedback_app import create_app  # noqa: E402

app = create_app()
gc.enable()
