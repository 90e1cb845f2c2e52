"""Keys of programmes in memory, with the same promises as the folder: for unit tests and the simulation."""

import hashlib
from dataclasses import dataclass, field

from shared.runtime.programme_keys import KeyAway, fingerprint_of


@dataclass
class MemoryKeys:
    """What a folder holds; several replicas may share it. Keys follow from `seed`, so that a run can be repeated."""

    seed: str = "keys"
    keys: dict[str, bytes] = field(default_factory=dict)
    destroyed: dict[str, str] = field(default_factory=dict)
    """The fingerprint of each key that was destroyed, by programme."""

    def key(self, programme: str, fingerprint: str | None) -> bytes | None:
        """The programme's key. Raises KeyAway."""
        if programme in self.destroyed:
            if fingerprint not in (None, self.destroyed[programme]):
                raise KeyAway(f"the key of {programme} that was destroyed is another one's")
            return None
        if programme not in self.keys:
            if fingerprint is not None:
                raise KeyAway(f"the key of {programme} is lost")
            made = hashlib.sha256(f"{self.seed}|{programme}".encode()).digest()
            self.keys[programme] = made
        key = self.keys[programme]
        if fingerprint not in (None, fingerprint_of(key, programme)):
            raise KeyAway(f"the key of {programme} is another one")
        return key

    def check(self) -> None:
        """Memory can always be written."""

    def destroy(self, programme: str, fingerprint: str) -> None:
        """Mark and destroy it."""
        self.destroyed.setdefault(programme, fingerprint)
        self.keys.pop(programme, None)
