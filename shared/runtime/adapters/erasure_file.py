"""The list of erasures as a file: one line a person, a keyed hash and the day, written and synced before it counts."""

import asyncio
import datetime as dt
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

LINE = re.compile(r"(?P<hash>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) (?P<on>[0-9]{4}-[0-9]{2}-[0-9]{2})")


@dataclass(frozen=True)
class ErasureFile:
    """A list of erasures in a file that lies apart from the database and from its backups.

    Lines are only ever added, each in one write, so several replicas and services may share a file. A last line that a
    crash cut short ends at the next one's beginning; the job that was writing it writes it once more.
    """

    path: Path

    async def add(self, hashes: Collection[str], on: dt.date) -> None:
        """Write down those that are not in it yet; they are on disk when this returns. Raises OSError, ValueError."""
        await asyncio.to_thread(self._add, hashes, on)

    async def read(self) -> frozenset[str]:
        """All hashes in it; none where there is no file yet. Raises OSError, or ValueError for a line of others."""
        return await asyncio.to_thread(self._read)

    def _add(self, hashes: Collection[str], on: dt.date) -> None:
        new = sorted(set(hashes) - self._read())
        if not new:
            return
        fresh = not self.path.exists()
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            for hash in new:
                # A line of its own also after one that was cut short.
                os.write(file, f"\n{hash} {on.isoformat()}\n".encode())
            os.fsync(file)
        finally:
            os.close(file)
        if fresh:
            _sync_folder(self.path.parent)

    def _read(self) -> frozenset[str]:
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return frozenset()
        found = set()
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            read = LINE.fullmatch(line)
            if read is None and not _cut_short(line):
                raise ValueError(f"line {number} of {self.path} is no line of a list of erasures")
            if read is not None:
                found.add(read["hash"])
        return frozenset(found)


def _cut_short(line: str) -> bool:
    """Whether a line is the beginning of one of ours."""
    whole = "00000000-0000-0000-0000-000000000000 0000-00-00"
    return len(line) < len(whole) and all(
        letter == shape or (shape == "0" and letter in "0123456789abcdef")
        for letter, shape in zip(line, whole, strict=False)
    )


def _sync_folder(folder: Path) -> None:
    """Have the folder's new entry on disk too."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
