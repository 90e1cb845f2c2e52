"""Keys of programmes in a folder: any number of replicas agree, and no crash, loss or restore makes one anew."""

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.runtime.adapters.key_folder import KeyFolder
from shared.runtime.adapters.memory_keys import MemoryKeys
from shared.runtime.programme_keys import KEY_BYTES, KeyAway, NoKeys, ProgrammeKeys, fingerprint_of

OWN = b"the deployment's own key"


class Killed(Exception):
    """The process ends here."""


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    return KeyFolder(tmp_path / "keys", OWN)


def names(folder: KeyFolder) -> list[str]:
    return sorted(path.name for path in folder.folder.iterdir())


def made(keys: ProgrammeKeys, programme: str = "pilot") -> bytes:
    key = keys.key(programme, None)
    assert key is not None
    return key


@pytest.mark.parametrize("holder", [KeyFolder, MemoryKeys])
def test_a_key_is_made_once_known_by_its_fingerprint_and_gone_when_destroyed(
    holder: Callable[..., ProgrammeKeys], tmp_path: Path
) -> None:
    keys = KeyFolder(tmp_path, OWN) if holder is KeyFolder else MemoryKeys()
    key = made(keys)
    print_ = fingerprint_of(key, "pilot")
    assert len(key) == KEY_BYTES
    assert made(keys) == keys.key("pilot", print_) == key
    assert made(keys, "second") != key
    keys.destroy("pilot", print_)
    keys.destroy("pilot", print_)
    assert keys.key("pilot", print_) is None
    assert keys.key("pilot", None) is None
    with pytest.raises(KeyAway):
        keys.key("pilot", fingerprint_of(b"another", "pilot"))
    with pytest.raises(KeyAway):
        keys.key("second", print_)
    with pytest.raises(KeyAway):
        keys.key("third", print_)
    assert made(keys, "third")


def test_a_file_is_its_owner_s_alone(folder: KeyFolder) -> None:
    key = made(folder)
    assert [oct(path.stat().st_mode & 0o777) for path in folder.folder.iterdir()] == ["0o600"]
    assert oct(folder.folder.stat().st_mode & 0o777) == "0o700"
    folder.destroy("pilot", fingerprint_of(key, "pilot"))
    assert names(folder) == ["pilot.destroyed"]
    assert key.hex() not in (folder.folder / "pilot.destroyed").read_text(encoding="ascii")


def test_of_replicas_that_make_it_at_once_all_have_the_same(folder: KeyFolder) -> None:
    for number in range(5):
        at_once, found = threading.Barrier(6), set[bytes | None]()

        def make(
            programme: str = f"p{number}", at_once: threading.Barrier = at_once, found: set[bytes | None] = found
        ) -> None:
            own = KeyFolder(folder.folder, OWN)
            at_once.wait()
            found.add(own.key(programme, None))

        threads = [threading.Thread(target=make) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 1
        assert None not in found
    assert names(folder) == [f"p{number}.key" for number in range(5)]


def test_one_that_another_makes_just_before_it_is_taken_over(
    folder: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[bytes] = []
    link = os.link

    def later(draft: Path, path: Path) -> None:
        monkeypatch.setattr(os, "link", link)
        first.append(made(KeyFolder(folder.folder, OWN)))
        link(draft, path)

    monkeypatch.setattr(os, "link", later)
    assert made(folder) == first[0]


@pytest.mark.parametrize("at", ["link", "unlink"])
def test_killed_while_it_makes_one_whoever_comes_next_has_a_whole_one(
    folder: KeyFolder, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Before `link` nobody had it; between `link` and `unlink` its draft is the very file, and goes with it."""
    with monkeypatch.context() as patch:
        patch.setattr(Path if at == "unlink" else os, at, _killed)
        with pytest.raises(Killed):
            folder.key("pilot", None)
    key = made(folder)
    assert len(key) == KEY_BYTES
    folder.destroy("pilot", fingerprint_of(key, "pilot"))
    assert names(folder) == ["pilot.destroyed"]


def _killed(*given: object, **named: object) -> None:
    raise Killed


@pytest.mark.parametrize("at", ["link", "pwrite", "unlink"])
def test_killed_while_it_destroys_one_the_next_day_ends_it(
    folder: KeyFolder, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    key = made(folder)
    print_ = fingerprint_of(key, "pilot")
    with monkeypatch.context() as patch:
        if at == "unlink":
            whole = Path.unlink
            patch.setattr(Path, "unlink", lambda path: _killed() if path.suffix == ".key" else whole(path))
        else:
            patch.setattr(os, at, _killed)
        with pytest.raises(Killed):
            folder.destroy("pilot", print_)
    # Without the mark it was never begun; with it the key is no key any more, whatever is left of its file.
    assert folder.key("pilot", print_) == (key if at == "link" else None)
    folder.destroy("pilot", print_)
    assert names(folder) == ["pilot.destroyed"]
    assert folder.key("pilot", None) is None


def test_who_wakes_late_and_makes_one_after_the_mark_takes_it_away_again(folder: KeyFolder) -> None:
    key = made(folder)

    class Sleeper(KeyFolder):
        """Looked before the key was destroyed, and goes on after it."""

        def _read(self, programme: str) -> bytes | None:
            if (self.folder / "pilot.destroyed").exists():
                return super()._read(programme)
            folder.destroy("pilot", fingerprint_of(key, "pilot"))
            return None

    assert Sleeper(folder.folder, OWN).key("pilot", None) is None
    assert names(folder) == ["pilot.destroyed"]


def test_a_key_that_is_read_while_it_is_destroyed_is_none(folder: KeyFolder) -> None:
    key = made(folder)
    print_ = fingerprint_of(key, "pilot")

    class Slow(KeyFolder):
        """Reads a file that is being wiped."""

        def _read(self, programme: str) -> bytes | None:
            folder.destroy("pilot", print_)
            return bytes(KEY_BYTES)

    assert Slow(folder.folder, OWN).key("pilot", print_) is None


def test_a_folder_that_was_lost_is_told_and_no_new_key_is_made(folder: KeyFolder) -> None:
    print_ = fingerprint_of(made(folder), "pilot")
    for path in folder.folder.iterdir():
        path.unlink()
    with pytest.raises(KeyAway, match="put the folder back"):
        folder.key("pilot", print_)
    folder.folder.rmdir()
    with pytest.raises(KeyAway, match="put the folder back"):
        folder.key("pilot", print_)
    assert not folder.folder.exists()


def test_a_key_that_operators_say_is_lost_for_good_counts_as_destroyed(folder: KeyFolder) -> None:
    key = made(folder)
    print_ = fingerprint_of(key, "pilot")
    (folder.folder / "pilot.lost").touch()
    assert folder.key("pilot", print_) == key, "one that is there is not lost"
    (folder.folder / "pilot.key").unlink()
    assert folder.key("pilot", print_) is None
    (folder.folder / "pilot.lost").unlink()
    assert folder.key("pilot", print_) is None
    assert names(folder) == ["pilot.destroyed"]


def test_the_folder_of_another_deployment_is_told_and_left_as_it_is(folder: KeyFolder) -> None:
    other = KeyFolder(folder.folder, b"another deployment's key")
    key = made(other)
    other.destroy("second", fingerprint_of(made(other, "second"), "second"))
    for programme in ("pilot", "second"):
        for known in (None, "a fingerprint"):
            with pytest.raises(KeyAway, match="another deployment"):
                folder.key(programme, known)
        with pytest.raises(KeyAway, match="another deployment"):
            folder.destroy(programme, "a fingerprint") if programme == "second" else folder.key(programme, None)
    assert made(other) == key


@pytest.mark.parametrize("content", ["", "nonsense", "a\nb\nc\n", "\xff"])
def test_a_file_that_is_none_of_ours_is_told(folder: KeyFolder, content: str) -> None:
    made(folder, "other")
    (folder.folder / "pilot.key").write_bytes(content.encode("latin-1"))
    with pytest.raises(KeyAway, match="no file of ours"):
        folder.key("pilot", None)


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file", encoding="ascii")
    with pytest.raises(KeyAway, match="cannot be used"):
        KeyFolder(tmp_path / "keys", OWN).key("pilot", None)


def test_destroying_one_programme_s_leaves_another_s_whose_name_begins_so(folder: KeyFolder) -> None:
    """`.pilot.key.…` is what a crash leaves of the key of `pilot`, not of `pilot.key`."""
    kept = made(folder, "pilot.key")
    os.link(folder.folder / "pilot.key.key", folder.folder / ".pilot.key.key.0123456789abcdef")
    folder.destroy("pilot", fingerprint_of(made(folder), "pilot"))
    assert made(folder, "pilot.key") == kept


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_in_which_no_key_can_be_made_is_told_before_one_has_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, there: bool
) -> None:
    # The suite may run as root, who may write everywhere but where the file system is mounted read-only.
    monkeypatch.setattr(os, "access", lambda place, mode: not (mode & os.W_OK and place == tmp_path))
    folder = KeyFolder(tmp_path if there else tmp_path / "keys", OWN)
    with pytest.raises(KeyAway, match="cannot be written by user"):
        folder.check()
    monkeypatch.undo()
    folder.check()
    assert list(tmp_path.iterdir()) == [], "it is made with its first key"


def test_a_file_system_without_hard_links_is_told_before_a_key_has_to_be_made(
    folder: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*names: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    folder.folder.mkdir()
    folder.check()
    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(KeyAway, match="knows no hard links"):
        folder.check()
    assert names(folder) == []


def test_a_file_in_the_folder_s_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file", encoding="ascii")
    with pytest.raises(KeyAway):
        KeyFolder(tmp_path / "keys", OWN).check()


def test_who_holds_no_keys_says_what_to_set() -> None:
    with pytest.raises(KeyAway, match="TANDEM_PROGRAMME_KEYS"):
        NoKeys().check()
    with pytest.raises(KeyAway, match="TANDEM_PROGRAMME_KEYS"):
        NoKeys().key("pilot", None)
    with pytest.raises(KeyAway, match="TANDEM_PROGRAMME_KEYS"):
        NoKeys().destroy("pilot", "")
