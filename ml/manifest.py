"""Checks that a model folder is whole and unchanged, and names its version, without loading the model."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ml.errors import ModelError

MANIFEST = "manifest.json"
_NEEDED = ("config.json", "tokenizer.json")


def sha256(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def model_version(folder: str | Path) -> str:
    """Folder name and twelve hex digits of the weights: "stemme-v1@0123456789ab"; ModelError without weights.

    The digest is taken from the manifest where there is one, which loading checks against the file.
    """
    folder = Path(folder)
    weights = weight_files(folder)
    listed = read_json(folder / MANIFEST).get("files", {}) if (folder / MANIFEST).exists() else {}
    digests = [str(listed.get(path.name) or sha256(path)) for path in weights]
    digest = digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    return f"{folder.resolve().name}@{digest[:12]}"


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of `folder`; ModelError where there are none, whatever else there may be."""
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise ModelError(f"{folder} holds no weights in the safetensors format, the only one that is loaded.")
    return weights


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object; ModelError where the file is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise ModelError(f"{path} cannot be read as JSON ({problem}).") from problem
    if not isinstance(value, dict):
        raise ModelError(f"{path} should hold a JSON object.")
    return value


def check_folder(folder: Path) -> None:
    """Refuse a folder that lacks a file or, by its manifest, holds one that was changed; a sentence says which."""
    for name in _NEEDED:
        if not (folder / name).exists():
            raise ModelError(f"{folder} is not a whole model: {name} is missing.")
    weight_files(folder)
    if not (folder / MANIFEST).exists():
        return
    files = read_json(folder / MANIFEST).get("files")
    if not isinstance(files, dict):
        raise ModelError(f"{folder / MANIFEST} lists no files.")
    for name, digest in files.items():
        if not (folder / name).exists():
            raise ModelError(f"{folder} is not whole: its manifest names {name}, which is missing.")
        if sha256(folder / name) != digest:
            raise ModelError(f"{folder / name} was changed: its sha256 is not the one in {MANIFEST}.")
    for path in (*weight_files(folder), *(folder / name for name in _NEEDED)):
        if path.name not in files:
            raise ModelError(f"{path} is not listed in {MANIFEST}, so nothing vouches for it.")


def write_manifest(folder: Path) -> None:
    """List every file of `folder` with its digest."""
    files = {path.name: sha256(path) for path in sorted(folder.iterdir()) if path.is_file() and path.name != MANIFEST}
    text = json.dumps({"model": folder.resolve().name, "files": files}, indent=2)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
