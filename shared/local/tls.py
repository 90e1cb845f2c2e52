"""What a private server needs to speak TLS."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServerTls:
    """A server's certificate with its key, the CA, and whether clients must show a certificate of that CA too."""

    ca: Path
    cert: Path
    key: Path
    ask_clients: bool = False
