"""A page that is made once and filled in for each visitor: everything but a few random values, already compressed."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping

_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_GZIP_END = b"\x03\x00"  # an empty last block


class Mould:
    """A page with holes.

    Compressing a page anew costs more than everything else that is done for it. So its pieces are compressed once,
    each ending on a byte boundary and referring to nothing before it (`Z_FULL_FLUSH`); the values go between them
    uncompressed, as stored blocks, which any gzip reader takes.
    """

    def __init__(self, page: str, holes: Mapping[str, str]) -> None:
        """Cut `page` wherever one of the values of `holes` (name -> value) stands in it."""
        names = {value: name for name, value in holes.items()}
        pieces = re.split("(" + "|".join(map(re.escape, names)) + ")", page)
        self._plain = [piece.encode() for piece in pieces[::2]]
        self._packed = [_deflated(piece) for piece in self._plain]
        self._names = [names[value] for value in pieces[1::2]]

    def plain(self, values: Mapping[str, str]) -> bytes:
        """Return the page with `values` (by the holes' names) in it."""
        parts = [self._plain[0]]
        for name, piece in zip(self._names, self._plain[1:], strict=True):
            parts += values[name].encode(), piece
        return b"".join(parts)

    def gzip(self, values: Mapping[str, str]) -> bytes:
        """Return the same, compressed."""
        plain = self.plain(values)
        parts = [_GZIP_HEAD, self._packed[0]]
        for name, packed in zip(self._names, self._packed[1:], strict=True):
            parts += _stored(values[name].encode()), packed
        parts += _GZIP_END, struct.pack("<LL", zlib.crc32(plain), len(plain) & 0xFFFFFFFF)
        return b"".join(parts)


def _deflated(piece: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)


def _stored(value: bytes) -> bytes:
    return b"\x00" + struct.pack("<HH", len(value), len(value) ^ 0xFFFF) + value
