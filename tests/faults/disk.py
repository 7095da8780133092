"""A disk that can be full and can lose power: `disk.c` under the process, and the undoing of what was not synced."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("disk.c")
RECORD = struct.Struct("=qqqq256s")  # kind, offset, length, size, path: as in disk.c


class Disk:
    """The disk that holds the files whose paths begin with `prefix`. Give `settings` to the process as environment."""

    def __init__(self, folder: Path, prefix: Path) -> None:
        self._journal = folder / "disk-journal"
        self._full = folder / "disk-is-full"
        self.settings = {
            "LD_PRELOAD": str(_compile(folder)),
            "DISK_PREFIX": str(prefix),
            "DISK_JOURNAL": str(self._journal),
            "DISK_FULL": str(self._full),
        }

    def fill(self) -> None:
        """From now on nothing can grow."""
        self._full.touch()

    def make_room(self) -> None:
        """From now on things can grow again."""
        self._full.unlink()

    def lose_power(self) -> int:
        """Put the files back to what was synced, and return how many changes were lost. No process may be at work."""
        journal = self._journal.read_bytes()
        synced: dict[Path, int] = {}
        changes: list[tuple[int, Path, int, int, bytes]] = []
        place = 0
        while place + RECORD.size <= len(journal):
            kind, offset, length, size, name = RECORD.unpack_from(journal, place)
            if place + RECORD.size + length > len(journal):
                break  # the process died while it wrote this down: the change itself was never made
            path = Path(os.fsdecode(name.rstrip(b"\0")))
            before = journal[place + RECORD.size : place + RECORD.size + length]
            if kind == ord("S"):
                synced[path] = max(offset, synced.get(path, 0))
            else:
                changes.append((place, path, offset, size, before))
            place += RECORD.size + length
        lost = [change for change in changes if change[0] >= synced.get(change[1], 0)]
        for _place, path, offset, size, before in reversed(lost):
            descriptor = os.open(path, os.O_WRONLY)
            os.pwrite(descriptor, before, offset)
            os.ftruncate(descriptor, size)
            os.close(descriptor)
        self._journal.unlink()
        return len(lost)


def _compile(folder: Path) -> Path:
    """Make the library, with whatever C compiler there is."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise RuntimeError("no C compiler for tests/faults/disk.c; install one with: apt-get install gcc libc6-dev")
    library = folder / "disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-o", library, SOURCE, "-ldl"], check=True)
    return library
