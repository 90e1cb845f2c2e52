"""Other releases: copies of the project that differ; the next one has a field more, an index and a policy changed."""

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shared.local.system import ROOT, LocalSystem, Replica

FIELD = '    hint: str | None = Field(default=None, description="what the topic is good for")\n'
STATE = "    hint: str | None = None\n"
Change = tuple[str, str, str]
"""A file, what stands in it, and what stands there in the other release."""

CHANGES: tuple[Change, ...] = (
    # the contract: the command and the event each get an optional field
    (
        "shared/contracts/registration/topics.py",
        '    label: Text = Field(description="label for people")\n',
        '    label: Text = Field(description="label for people")\n' + FIELD,
    ),
    # the owner keeps it and says it
    ("services/registration/model/topics.py", "    label: Text\n", "    label: Text\n" + STATE),
    ("services/registration/topics.py", "label=message.label)", "label=message.label, hint=message.hint)"),
    # a reader keeps it
    ("services/matching/model.py", "    label: Text\n", "    label: Text\n" + STATE),
    ("services/matching/candidates.py", "label=message.label,", "label=message.label, hint=message.hint,"),
    # an index, and a policy of the queues
    (
        "shared/runtime/adapters/mongo.py",
        'await db["outbox"].create_index("at")\n',
        (
            'await db["outbox"].create_index("at")\n'
            '        await db["state"].create_index("version", name="next-release")\n'
        ),
    ),
    ("shared/runtime/topology.py", "DELIVERY_LIMIT = 100_000", "DELIVERY_LIMIT = 200_000"),
)


def next_release(folder: Path) -> Path:
    """A copy of the project as the next release would be."""
    return another_release(folder, CHANGES)


def another_release(folder: Path, changes: Sequence[Change]) -> Path:
    """The project with these changes: links to what is the same, so that machine code kept beside it is found too."""
    changed = [Path(name) for name, _, _ in changes]
    for name in ("shared", "services"):
        _mirror(Path(name), folder, changed)
    for name, before, after in changes:
        file = folder / name
        text = file.read_text(encoding="utf-8")
        assert before in text, f"{name} has changed: {before!r} is not there any more"
        file.write_text(text.replace(before, after), encoding="utf-8")
    return folder


def _mirror(place: Path, folder: Path, changed: Collection[Path]) -> None:
    """Make files that change, and the folders above them, anew; link to all else."""
    if place in changed:
        shutil.copyfile(ROOT / place, folder / place)
    elif not any(place in file.parents for file in changed):
        (folder / place).symlink_to(ROOT / place)
    else:
        (folder / place).mkdir(parents=True, exist_ok=True)
        for inner in (ROOT / place).iterdir():
            if inner.name != "__pycache__":
                _mirror(place / inner.name, folder, changed)


@dataclass
class TwoReleases(LocalSystem):
    """A system in which each replica runs a release of its own: that of its root, else this project."""

    roots: dict[str, Path] = field(default_factory=dict)
    epochs: dict[str, int] = field(default_factory=dict)

    def _environment(self, replica: Replica) -> dict[str, str]:
        root = str(self.roots.get(replica.name, ROOT))
        epoch = str(self.epochs.get(replica.service, 1))
        # Safe path: else the folder in which the tests run comes before the replica's own.
        return {**super()._environment(replica), "PYTHONPATH": root, "PYTHONSAFEPATH": "1", "TANDEM_EPOCH": epoch}

    async def add(self, service: str, number: int, root: Path) -> None:
        """Start one more replica, of a release, beside those that run."""
        replica = Replica(service, f"{service}-{number}", self._ports.take(), len(self.replicas) % 16)
        self.roots[replica.name] = root
        self.replicas[replica.name] = replica
        self._spawn(replica)
        await self.ready()

    async def remove(self, service: str, number: int) -> None:
        """Stop a replica in good order; nobody starts it again."""
        replica = self.replicas.pop(f"{service}-{number}")
        process = replica.process
        assert process is not None
        process.terminate()
        while process.poll() is None:
            await self.ready()
        assert process.returncode == 0
        if replica.log is not None:
            replica.log.close()
