"""A throw-away CA, and what it issues, as files."""

from dataclasses import dataclass
from pathlib import Path

import trustme

from shared.local.tls import ServerTls


@dataclass(frozen=True)
class Certificates:
    """A CA's own certificate, one for a server on this machine, and one for a client."""

    ca: Path
    server_cert: Path
    server_key: Path
    client_cert: Path
    client_key: Path

    def server(self, *, ask_clients: bool = False) -> ServerTls:
        """What a private server needs."""
        return ServerTls(self.ca, self.server_cert, self.server_key, ask_clients)


def certificates(folder: Path) -> Certificates:
    """Make a CA and everything of it under a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    server = authority.issue_cert("localhost", "127.0.0.1")
    client = authority.issue_cert("matching@tandem.test", common_name="matching")
    names = ("ca.pem", "server.pem", "server.key", "client.pem", "client.key")
    made = Certificates(*(folder / name for name in names))
    authority.cert_pem.write_to_path(made.ca)
    for pair, cert, key in (
        (server, made.server_cert, made.server_key),
        (client, made.client_cert, made.client_key),
    ):
        cert.write_bytes(b"".join(blob.bytes() for blob in pair.cert_chain_pems))
        key.touch(mode=0o600)
        pair.private_key_pem.write_to_path(key)
    return made
