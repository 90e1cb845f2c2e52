"""A service's configuration, from the environment; each field says its own meaning for the generated table."""

import hashlib
import os
import socket
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.runtime.closed_set import LANES


class SettingsError(Exception):
    """The environment lacks something or holds a wrong value; one line says which and what to set."""


class Settings(BaseSettings):
    """What a service is told by its environment (`TANDEM_…`)."""

    model_config = SettingsConfigDict(env_prefix="TANDEM_", frozen=True, extra="ignore")

    amqp_url: SecretStr = Field(description="the broker, as the service's own user: amqp://matching:…@host:5672/")
    mongo_url: SecretStr = Field(description="the database, as the service's own user")
    database: str = Field(default="", description="name of the service's own database; default tandem-<service>")
    key: SecretStr | None = Field(
        default=None, description="the deployment's key for keyed ids, at least 16 characters"
    )
    key_file: Path | None = Field(default=None, description="a file that holds the key instead")
    office_token: SecretStr | None = Field(default=None, description="token for the views; without one they are closed")
    ops_token: SecretStr | None = Field(default=None, description="token for quarantine lists, known ids and holdings")
    http_host: str = Field(default="127.0.0.1", description="address to listen on")
    http_port: int = Field(default=0, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    http_port_file: Path | None = Field(default=None, description="where to write the port that was taken")
    replica: str = Field(default="", description="this replica's name, the same after a restart; default the host's")
    lane: int | None = Field(default=None, ge=0, lt=LANES, description="this replica's lane; default from its name")
    days: Literal["clock", "command"] = Field(
        default="clock", description="whether days come from the calendar or from scheduling.start-day"
    )
    zone: str = Field(default="Europe/Berlin", description="the deployment's time zone, for days from the calendar")
    epoch: int = Field(default=1, ge=1, description="raised by one after a restore from a backup")
    batch: int = Field(default=100, ge=1, le=1000, description="messages decided in one transaction")
    prefetch: int = Field(default=400, ge=1, le=5000, description="unacknowledged deliveries of each queue")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="least level logged")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValueError("name a time zone such as Europe/Berlin") from None
        return zone

    @classmethod
    def read(cls) -> "Settings":
        """Read the environment. Raises SettingsError with every finding in one line."""
        try:
            return cls()
        except ValidationError as error:
            found = "; ".join(
                f"TANDEM_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors(include_input=False)
            )
            raise SettingsError(f"set the environment right: {found}") from None

    def secret_key(self) -> bytes:
        """The deployment's key. Raises SettingsError if there is none."""
        try:
            text = self.key_file.read_text(encoding="utf-8").strip() if self.key_file else ""
        except (OSError, ValueError) as error:
            raise SettingsError(f"TANDEM_KEY_FILE cannot be read: {error}") from None
        text = text or (self.key.get_secret_value() if self.key else "")
        if len(text) < 16:
            raise SettingsError("set TANDEM_KEY_FILE or TANDEM_KEY to the deployment's key, at least 16 characters")
        return text.encode()

    def name_of(self, service: str) -> str:
        """This replica's name."""
        return self.replica or f"{service}-{socket.gethostname()}"

    def lane_of(self, service: str) -> int:
        """This replica's lane (0–15), from its name where none is set."""
        if self.lane is not None:
            return self.lane
        return hashlib.sha256(self.name_of(service).encode()).digest()[0] % LANES

    def database_of(self, service: str) -> str:
        """The service's own database."""
        return self.database or f"tandem-{service}"


def settings_table() -> str:
    """Every setting as a Markdown table, for the docs."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "required" if field.is_required() else ("" if field.default in (None, "") else str(field.default))
        rows.append(f"| `TANDEM_{name.upper()}` | {default} | {field.description} |")
    return os.linesep.join(rows) + os.linesep
