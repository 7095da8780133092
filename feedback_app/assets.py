"""Style sheet and script of the public pages: compressed once, and kept by browsers for ever under a hashed address."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from flask import Blueprint, Flask, Response, abort, request
from flask.blueprints import BlueprintSetupState

from feedback_app.access import PUBLIC, allow

blueprint = Blueprint("assets", __name__)
FOLDER = Path(__file__).with_name("static")
KINDS = {".css": "text/css", ".js": "text/javascript"}
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A file of `static/`, as it is sent."""

    digest: str
    kind: str
    plain: bytes
    packed: bytes


@cache
def load(name: str) -> Asset | None:
    """Return the file `name` of `static/`, or None where there is none."""
    path = FOLDER / name
    if "/" in name or path.suffix not in KINDS or not path.is_file():
        return None
    plain = path.read_bytes()
    digest = hashlib.sha256(plain).hexdigest()[:12]
    return Asset(digest, KINDS[path.suffix], plain, gzip.compress(plain, 9, mtime=0))


def asset_url(name: str) -> str:
    """Return the address of a file; it changes with the file's content."""
    asset = load(name)
    if asset is None:
        raise LookupError(f"there is no {name} in {FOLDER}")
    return f"/a/{asset.digest}/{name}"


@blueprint.record_once
def _offer(state: BlueprintSetupState) -> None:
    cast("Flask", state.app).jinja_env.globals["asset_url"] = asset_url


@blueprint.get("/a/<digest>/<name>")
@allow(PUBLIC)
def send(digest: str, name: str) -> Response:
    """Send a file; under another hash than its own there is nothing."""
    asset = load(name) if name in {path.name for path in FOLDER.iterdir()} else None
    if asset is None or asset.digest != digest:
        abort(404)
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(asset.packed if packed else asset.plain, mimetype=asset.kind)
    response.headers.update({"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"})
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response
