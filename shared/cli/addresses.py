"""Where a running Tandem is: from a file of `NAME=value` lines (`.local/env`, compose's `.env`), or the environment.

By TLS with addresses `amqps://…` and `https://…`, and `TANDEM_TLS_CA` beside them.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from shared.cli import stack
from shared.local.system import ROOT
from shared.runtime import discovery, topology
from shared.runtime.tls import TlsError, verified

DEFAULT = ROOT / ".local" / "env"


class AddressError(Exception):
    """It is not known where Tandem runs; one line that says what to do."""


@dataclass(frozen=True)
class Addresses:
    """Addresses, passwords and tokens by the names of `.local/env`."""

    values: dict[str, str]
    origin: str

    def __getitem__(self, name: str) -> str:
        found = self.find(name)
        if found is None:
            raise AddressError(f"{self.origin} says no {name}; add the line {name}=…")
        return found

    def find(self, name: str) -> str | None:
        """A value, or what stands in the file that NAME_FILE names; None if it is not said. Raises AddressError."""
        file = self.values.get(f"{name}_FILE")
        if name in self.values or not file:
            return self.values.get(name)
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise AddressError(f"{name}_FILE names {file}, which cannot be read ({type(error).__name__})") from None

    def amqp(self, user: str) -> str:
        """Where a user of the broker connects."""
        return self[f"TANDEM_AMQP_URL_{user.upper()}"]

    @property
    def services(self) -> dict[str, str]:
        """The services' HTTP addresses, by name."""
        return {name: self[f"TANDEM_HTTP_{name.upper()}"] for name in discovery.service_names()}


def read_addresses(path: Path | None = None) -> Addresses:
    """Read the file given, else `.local/env`, else the environment. Raises AddressError."""
    file = path or DEFAULT
    text: str | None = None
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        pass
    except PermissionError as error:
        raise AddressError(f"{file} cannot be read ({error.strerror}); run this as its owner") from None
    except OSError as error:
        raise AddressError(f"{file} cannot be read ({error.strerror}); name the file itself") from None
    except UnicodeDecodeError:
        raise AddressError(f"{file} holds no lines NAME=value in UTF-8; name the file that `up` writes") from None
    if text is not None:
        lines = [line.strip() for line in text.splitlines()]
        pairs = [line.partition("=") for line in lines if "=" in line and not line.startswith("#")]
        values = {name: value for name, _, value in pairs}
        if stack.MARK in values:
            values = {name: stack.as_compose_reads(value) for name, value in values.items()}
        # Certificates belong to the addresses: every client of this process is to be held to them.
        os.environ.update({name: value for name, value in values.items() if name.startswith("TANDEM_TLS_")})
        return _addresses(values, str(file), file.resolve().parent)
    if path is not None:
        raise AddressError(
            f"{path} does not exist; name the file that `./tandem up` writes (.local/env), or .env of a stack"
        )
    values = {name: value for name, value in os.environ.items() if name.startswith("TANDEM_")}
    starts = ("TANDEM_AMQP_URL", f"TANDEM_AMQP_URL_{topology.people()[0].upper()}", "TANDEM_MANAGEMENT_URL")
    if not any(name in values for name in starts):
        raise AddressError(
            "nothing runs here; start it with `./tandem up` in another terminal (with `up --folder DIR`, give "
            "`--against DIR/env` here)"
        )
    return _addresses(values, "the environment", ROOT)


def _addresses(values: dict[str, str], origin: str, folder: Path) -> Addresses:
    """The values as they are; of a stack, with the addresses and secrets that follow. Raises AddressError."""
    try:
        verified.cache_clear()
        verified()
    except TlsError as error:
        raise AddressError(str(error)) from None
    if stack.MARK in values:
        values = stack.published(values, folder)
    if stack.SECRETS in values:
        try:
            values = stack.completed(values)
        except OSError as error:
            raise AddressError(f"{error.filename} cannot be read ({error.strerror}); run this as its owner") from None
    return Addresses(values, origin)
