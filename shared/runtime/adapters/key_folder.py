"""Keys of programmes as files in a folder of their own, which no backup takes.

`<programme>.key` holds the key, `<programme>.destroyed` says that it was destroyed. Each begins with a line that only
this deployment's key leads to, so that the folder of another deployment is known as such. `<programme>.lost` is left by
operators alone, empty: a key that is not there is lost for good, and counts as destroyed. The folder's file system must
know hard links: a whole file comes into being under its name at once, for one of any number of replicas.
"""

import errno
import hmac
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from shared.runtime.ids import keyed_id
from shared.runtime.programme_keys import KEY_BYTES, KeyAway, fingerprint_of

OTHER = "is another deployment's; mount the folder of this one"
NO_LINKS = (errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP)
"""How file systems say that they know no hard links."""


@dataclass(frozen=True)
class KeyFolder:
    """The keys in a folder. `owner` is the deployment's key; each file is mode 0600, and synced before it counts."""

    folder: Path
    owner: bytes

    def key(self, programme: str, fingerprint: str | None) -> bytes | None:
        """The programme's key; None: it was destroyed. Made where there is none and nobody knows a fingerprint of one.

        Raises KeyAway.
        """
        with _said(self.folder):
            if self._destroyed(programme, fingerprint):
                return None
            key = self._read(programme)
            if key is None and fingerprint is None:
                key = self._make(programme)
            if key is not None and fingerprint in (None, fingerprint_of(key, programme)):
                # Whoever makes it looks for the mark once more: one that was left since must hold.
                return None if self._destroyed(programme, fingerprint) else key
            if self._destroyed(programme, fingerprint):
                return None  # between the first look and the reading it was destroyed
            if key is None and fingerprint is not None and (self.folder / f"{programme}.lost").exists():
                self._write_once(self._mark(programme), fingerprint)
                return None
        lost = "is not in the folder" if key is None else "is not the one that its answers lie under"
        raise KeyAway(
            f"the key of {programme} {lost} {self.folder}: put the folder back as it was; answers wait meanwhile"
        )

    def check(self) -> None:
        """Raises KeyAway where no key could be made or destroyed; a folder that is not there is made with its first."""
        with _said(self.folder):
            there = next(place for place in (self.folder, *self.folder.absolute().parents) if place.exists())
            if not os.access(there, os.R_OK | os.W_OK | os.X_OK):
                raise KeyAway(
                    f"the folder of programmes' keys {self.folder} cannot be written by user {os.getuid()}: let"
                    " it, on a volume that no backup takes; no key is made or destroyed meanwhile"
                )
            if there == self.folder and not any(path.suffix in (".key", ".destroyed") for path in there.iterdir()):
                # None has come into being here yet, so it is not known that one can.
                trial = self.folder / ".trial"
                self._write_once(trial, "")
                self._wipe(trial, over=False)

    def destroy(self, programme: str, fingerprint: str) -> None:
        """Leave the mark, then destroy the key and what a crash left of one. Raises KeyAway."""
        with _said(self.folder):
            if not self._destroyed(programme, fingerprint):
                self._write_once(self._mark(programme), fingerprint)
            for path in (self._path(programme), *self._drafts(programme)):
                self._wipe(path)

    def _path(self, programme: str) -> Path:
        return self.folder / f"{programme}.key"

    def _mark(self, programme: str) -> Path:
        return self.folder / f"{programme}.destroyed"

    def _drafts(self, programme: str) -> list[Path]:
        """What a crash left of a key that was being made: it may be the very file."""
        name = re.compile(rf"\.{re.escape(programme)}\.key\.[0-9a-f]{{16}}")
        return [path for path in self.folder.iterdir() if name.fullmatch(path.name)]

    def _tag(self, path: Path) -> str:
        return keyed_id(self.owner, "programme-keys", path.name)

    def _content(self, path: Path) -> str | None:
        """What a file holds after its first line; None if there is none. Raises KeyAway, OSError."""
        try:
            lines = path.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return None
        except ValueError:
            lines = []
        if len(lines) != 2:
            raise KeyAway(f"{path} is no file of ours: put the folder back as it was; answers wait meanwhile")
        if not hmac.compare_digest(lines[0], self._tag(path)):
            raise KeyAway(f"{path} {OTHER}; answers wait meanwhile")
        return lines[1]

    def _destroyed(self, programme: str, fingerprint: str | None) -> bool:
        which = self._content(self._mark(programme))
        if which is not None and fingerprint not in (None, which):
            raise KeyAway(f"{self._mark(programme)} is of another key than the answers lie under; answers wait")
        return which is not None

    def _read(self, programme: str) -> bytes | None:
        text = self._content(self._path(programme))
        if text is None:
            return None
        try:
            key = bytes.fromhex(text)
        except ValueError:
            key = b""
        # One that was being wiped is no key; the mark was there before.
        return key if len(key) == KEY_BYTES else b""

    def _make(self, programme: str) -> bytes | None:
        """A new key, or the one that another replica has made at this moment."""
        self._write_once(self._path(programme), secrets.token_hex(KEY_BYTES))
        if self._content(self._mark(programme)) is not None:
            # Whoever wakes late has made one after the mark was left.
            self._wipe(self._path(programme))
            return None
        return self._read(programme)

    def _write_once(self, path: Path, text: str) -> None:
        """Bring a whole file into being, unless there is one. Raises KeyAway, OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.folder / f".{path.name}.{secrets.token_hex(8)}"
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(file, f"{self._tag(path)}\n{text}\n".encode("ascii"))
            os.fsync(file)
        finally:
            os.close(file)
        try:
            with suppress(FileExistsError):
                os.link(draft, path)
        except OSError as error:
            if error.errno in NO_LINKS:
                raise KeyAway(
                    f"the file system of {self.folder} knows no hard links; put it on one that does"
                ) from None
            raise
        finally:
            self._wipe(draft, over=False)
        self._sync()

    def _wipe(self, path: Path, *, over: bool = True) -> None:
        """Take a file away; `over`: write over its key first, since a disk may keep what no name leads to."""
        try:
            if over:
                file = os.open(path, os.O_WRONLY)
                try:
                    os.pwrite(file, b"0" * 2 * KEY_BYTES, len(self._tag(path)) + 1)
                    os.fsync(file)
                finally:
                    os.close(file)
            path.unlink()
        except FileNotFoundError:
            return
        self._sync()

    def _sync(self) -> None:
        """Have the folder's entries on disk too."""
        file = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


@contextmanager
def _said(folder: Path) -> Iterator[None]:
    """A folder that cannot be read or written is away. Raises KeyAway."""
    try:
        yield
    except OSError as error:
        raise KeyAway(f"the folder of programmes' keys {folder} cannot be used ({error.strerror})") from None
