"""How gunicorn runs the service: `gunicorn -c python:feedback_app.gunicorn wsgi:app`. Options given there win."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

# Behind a proxy that speaks TLS; never open to the world by itself.
bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"

# A process for each core: Python runs one thread of each at a time.
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)

# Threads wait for the database, not for each other. While SQLite is locked each waiting request keeps a thread for up
# to the busy timeout, and one that finds no thread waits twice: so there are more than a busy site needs, but fewer
# than a process may have connections to PostgreSQL (15).
worker_class = "gthread"
threads = 12

# A worker that says nothing for this long hangs and is replaced. A thread that waits for the database does not count.
timeout = 30

# How long a stopping worker may finish what it has begun: longer than the busy timeout, so that no answer is cut off.
graceful_timeout = 30

# Enough for a browser that loads one page and its files. Behind a proxy that keeps connections, set it to more than the
# proxy's own idle time.
keepalive = 5

# The heartbeat's file lives in memory: on a disk that stalls, the heartbeat would stall, too, and a healthy worker be
# replaced.
_memory = Path("/dev/shm")  # noqa: S108 (gunicorn makes a file without a name there)
worker_tmp_dir = str(_memory) if _memory.is_dir() else None

# No remote control, and no log of requests: it would hold addresses and the tokens of personal links.
control_socket_disable = True
accesslog = None


def post_worker_init(_worker: Any) -> None:
    """Tell Python that what is loaded by now stays, so that its collector does not walk through it again and again."""
    gc.collect()
    gc.freeze()
