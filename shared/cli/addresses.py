"""Where a running Tandem is: from a file of `NAME=value` lines (`.local/env`, compose's `.env`), or the environment."""

import os
from dataclasses import dataclass
from pathlib import Path

from shared.cli import stack
from shared.local.system import ROOT
from shared.runtime import discovery, topology

DEFAULT = ROOT / ".local" / "env"


class AddressError(Exception):
    """It is not known where Tandem runs; one line that says what to do."""


@dataclass(frozen=True)
class Addresses:
    """Addresses, passwords and tokens by the names of `.local/env`."""

    values: dict[str, str]
    origin: str

    def __getitem__(self, name: str) -> str:
        try:
            return self.values[name]
        except KeyError:
            raise AddressError(f"{self.origin} says no {name}; add the line {name}=…") from None

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
    if file.exists():
        try:
            lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
        except OSError as error:
            raise AddressError(f"{file} cannot be read ({error.strerror}); name the file itself") from None
        except UnicodeDecodeError:
            raise AddressError(f"{file} holds no lines NAME=value in UTF-8; name the file that `up` writes") from None
        pairs = [line.partition("=") for line in lines if "=" in line and not line.startswith("#")]
        return _addresses({name: value for name, _, value in pairs}, str(file), file.resolve().parent)
    if path is not None:
        raise AddressError(
            f"{path} does not exist; name the file that `./tandem up` writes (.local/env), or .env of a stack"
        )
    values = {name: value for name, value in os.environ.items() if name.startswith("TANDEM_")}
    if "TANDEM_AMQP_URL" not in values and f"TANDEM_AMQP_URL_{topology.people()[0].upper()}" not in values:
        raise AddressError("nothing runs here; start it with `./tandem up` in another terminal")
    return _addresses(values, "the environment", ROOT)


def _addresses(values: dict[str, str], origin: str, folder: Path) -> Addresses:
    """The values as they are; of a stack, with the addresses and secrets that follow. Raises AddressError."""
    if stack.MARK in values:
        values = stack.published(values, folder)
    if stack.SECRETS in values:
        try:
            values = stack.completed(values)
        except OSError as error:
            raise AddressError(f"{error.filename} cannot be read ({error.strerror}); run this as its owner") from None
    return Addresses(values, origin)
