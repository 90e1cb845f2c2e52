"""A service's configuration, from the environment; each field says its own meaning for the generated table."""

import hashlib
import os
import re
import socket
import ssl
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.runtime.closed_set import LANES
from shared.runtime.secret_files import SecretError, secret, with_password
from shared.runtime.tls import Tls, TlsError, server_context

WEAK = re.compile(r"[?&](no_verify_ssl=[^0&]|(tls|ssl)=false|tls(Insecure|AllowInvalid\w+)=true)", re.IGNORECASE)
"""Options of an address that would take back what TLS is for."""


class SettingsError(Exception):
    """The environment lacks something or holds a wrong value; one line says which and what to set."""


class Settings(BaseSettings):
    """What a service is told by its environment (`TANDEM_…`); each secret also as a file (`TANDEM_…_FILE`)."""

    model_config = SettingsConfigDict(env_prefix="TANDEM_", env_ignore_empty=True, frozen=True, extra="ignore")

    amqp_url: SecretStr = Field(
        description="the broker, as the service's own user: amqp://matching:…@host:5672/; a cluster's nodes by commas"
    )
    amqp_password: SecretStr | None = Field(default=None, description="its password, for an address without one")
    mongo_url: SecretStr = Field(description="the database, as the service's own user")
    mongo_password: SecretStr | None = Field(default=None, description="its password, for an address without one")
    database: str = Field(default="", description="name of the service's own database; default tandem-<service>")
    driver: Literal["pymongo", "motor"] = Field(
        default="pymongo", description="the database's driver: PyMongo's async client, or motor"
    )
    key: SecretStr | None = Field(
        default=None, description="the deployment's key for keyed ids, at least 16 characters"
    )
    office_token: SecretStr | None = Field(
        default=None, description="token for the views and for bodies in quarantine; without one they are closed"
    )
    ops_token: SecretStr | None = Field(default=None, description="token for quarantine lists, known ids and holdings")
    hr_token: SecretStr | None = Field(
        default=None, description="token for HR's questions, who of a file takes part; without one they are closed"
    )
    http_host: str = Field(default="127.0.0.1", description="address to listen on")
    http_port: int = Field(default=0, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    public_url: str = Field(
        default="off",
        description="where people reach this service's own pages, for the links in its feeds: "
        "https://tandem.example.org/evaluation; off: feeds have no links",
    )
    tls_ca: Path | None = Field(
        default=None, description="file of the CA that vouches for broker and database; with it, nothing is plain"
    )
    tls_cert: Path | None = Field(default=None, description="the service's own certificate (PEM), if they ask for one")
    tls_key: Path | None = Field(default=None, description="its key; default in the certificate's file")
    http_cert: Path | None = Field(default=None, description="certificate (PEM) to serve HTTPS with")
    http_key: Path | None = Field(default=None, description="its key; default in the certificate's file")
    http_port_file: Path | None = Field(default=None, description="where to write the port that was taken")
    replica: str = Field(default="", description="this replica's name, the same after a restart; default the host's")
    lane: int | None = Field(default=None, ge=0, lt=LANES, description="this replica's lane; default from its name")
    days: Literal["clock", "command"] = Field(
        default="clock", description="whether days come from the calendar or from scheduling.start-day"
    )
    zone: str = Field(default="Europe/Berlin", description="the deployment's time zone, for days from the calendar")
    epoch: int = Field(default=1, ge=1, description="raised by one after a restore from a backup")
    erasures: Path | None = Field(
        default=None,
        description="file for the list of erasures (keyed hashes), apart from database and backups; without one a "
        "restored backup brings back who was erased since",
    )
    programme_keys: Path | None = Field(
        default=None,
        description="evaluation alone: folder for the keys of programmes, by which answers lead to people until a "
        "programme is over; apart from database and backups, and in no backup of its own",
    )
    batch: int = Field(default=100, ge=1, le=1000, description="messages decided in one transaction")
    prefetch: int = Field(default=400, ge=1, le=5000, description="unacknowledged deliveries of each queue")
    trace_days: int = Field(
        default=14, ge=0, le=365, description="days that `tandem trace` looks back; 0 keeps no journal"
    )
    audit_years: int = Field(
        default=3, ge=1, le=30, description="full years for which the audit is kept (`tandem audit`)"
    )
    otlp_url: str = Field(
        default="off", description="an OpenTelemetry collector (OTLP/HTTP): http://host:4318; off: no spans are made"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="least level logged")

    @field_validator("otlp_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        if url in ("", "off"):
            return ""
        if not url.startswith(("http://", "https://")):
            raise ValueError("write the collector's address as http://host:4318, or off")
        return url

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Read each secret from its file, and put the passwords into their addresses. Raises SecretError."""
        variables = {name: f"TANDEM_{name.upper()}" for name in secret_names()}
        files = {name: secret(variable) for name, variable in variables.items() if f"{variable}_FILE" in os.environ}
        given = {**given, **files}
        for url, password in (("amqp_url", "amqp_password"), ("mongo_url", "mongo_password")):
            if isinstance(given.get(url), str) and isinstance(given.get(password), str):
                given[url] = with_password(given[url], given[password])
        return given

    @field_validator("public_url")
    @classmethod
    def _a_public_address(cls, url: str) -> str:
        if url in ("", "off"):
            return ""
        if not re.fullmatch(r"https?://[!-~]+", url):
            raise ValueError("write the address as https://tandem.example.org/evaluation, or off")
        return url.rstrip("/")

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
        except SecretError as error:
            raise SettingsError(str(error)) from None
        except ValidationError as error:
            found = "; ".join(
                f"TANDEM_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors(include_input=False)
            )
            raise SettingsError(f"set the environment right: {found}") from None

    def secret_key(self) -> bytes:
        """The deployment's key. Raises SettingsError if there is none."""
        text = self.key.get_secret_value().strip() if self.key else ""
        if len(text) < 16:
            raise SettingsError("set TANDEM_KEY_FILE or TANDEM_KEY to the deployment's key, at least 16 characters")
        return text.encode()

    def tls(self) -> Tls | None:
        """What connections to broker and database are held to; None where they may be plain.

        Raises SettingsError where an address would be plain, or verified by nobody, against what was asked for.
        """
        amqp, mongo = self.amqp_url.get_secret_value(), self.mongo_url.get_secret_value()
        given = any((self.tls_ca, self.tls_cert, self.tls_key))
        if not given and not amqp.startswith("amqps://"):
            return None
        if not amqp.startswith("amqps://") or ",amqp://" in amqp:
            raise SettingsError("TANDEM_TLS_… asks for TLS, but TANDEM_AMQP_URL is plain; write amqps://")
        if WEAK.search(amqp) or WEAK.search(mongo):
            raise SettingsError("an address switches TLS or its checks off; take that option out of the address")
        made = Tls(self.tls_ca, self.tls_cert, self.tls_key)
        try:
            made.context()
        except TlsError as error:
            raise SettingsError(str(error)) from None
        return made

    def https(self) -> ssl.SSLContext | None:
        """What the service's own side serves HTTPS with, if it does. Raises SettingsError."""
        try:
            return server_context(self.http_cert, self.http_key)
        except TlsError as error:
            raise SettingsError(str(error)) from None

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


def secret_names() -> tuple[str, ...]:
    """The settings that are secrets: each may also be given as a file."""
    return tuple(name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation))


def settings_table() -> str:
    """Every setting as a Markdown table, for the docs."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "required" if field.is_required() else ("" if field.default in (None, "") else str(field.default))
        variable = f"`TANDEM_{name.upper()}`" + (" or `…_FILE`" if name in secret_names() else "")
        rows.append(f"| {variable} | {default} | {field.description} |")
    return os.linesep.join(rows) + os.linesep
