"""TLS for every connection, by setting: who vouches for the other side, and our own certificate where it asks for one.

`TANDEM_TLS_CA`, `TANDEM_TLS_CERT`, `TANDEM_TLS_KEY` name files (PEM). Whoever is told to use TLS never falls back.
"""

import contextlib
import functools
import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class TlsError(Exception):
    """A certificate or key cannot be used; one line that says which."""


@dataclass(frozen=True, slots=True)
class Tls:
    """The CA's file (else the machine's CAs), and by choice a client certificate with its key (else in its file)."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    @classmethod
    def of_environment(cls) -> "Tls | None":
        """What the environment says; None if nothing."""
        ca, cert, key = (os.environ.get(f"TANDEM_TLS_{part}", "") for part in ("CA", "CERT", "KEY"))
        if not any((ca, cert, key)):
            return None
        return cls(*(Path(file) if file else None for file in (ca, cert, key)))

    def context(self) -> ssl.SSLContext:
        """For a client: the other side's certificate and name are checked. Raises TlsError."""
        if self.key is not None and self.cert is None:
            raise TlsError("TANDEM_TLS_KEY goes with TANDEM_TLS_CERT; set both")
        try:
            context = ssl.create_default_context(cafile=self.ca)
        except (OSError, ValueError) as error:
            raise TlsError(f"TANDEM_TLS_CA names no CA's certificate (PEM): {self.ca} ({_why(error)})") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        _load(context, "TANDEM_TLS", self.cert, self.key)
        return context

    @contextlib.contextmanager
    def for_mongo(self) -> Iterator[dict[str, Any]]:
        """The same as options of a MongoDB client, which is to be made inside. Raises TlsError.

        The drivers want certificate and key in one file: where they are two, one is made in memory.
        """
        self.context()
        options: dict[str, Any] = {"tls": True}
        if self.ca is not None:
            options["tlsCAFile"] = str(self.ca)
        if self.cert is None:
            yield options
            return
        if self.key is None:
            yield {**options, "tlsCertificateKeyFile": str(self.cert)}
            return
        with os.fdopen(os.memfd_create("certificate and key"), "wb") as both:
            both.write(self.cert.read_bytes() + b"\n" + self.key.read_bytes())
            both.flush()
            yield {**options, "tlsCertificateKeyFile": f"/proc/self/fd/{both.fileno()}"}


@functools.cache
def verified() -> ssl.SSLContext | bool:
    """What an HTTP client of ours verifies by: the environment's CA if it names one. Raises TlsError.

    Read once a process.
    """
    tls = Tls.of_environment()
    return tls.context() if tls else True


def server_context(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """For a server: HTTPS with this certificate; None without one. Raises TlsError."""
    if cert is None:
        if key is not None:
            raise TlsError("TANDEM_HTTP_KEY goes with TANDEM_HTTP_CERT; set both")
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(context, "TANDEM_HTTP", cert, key)
    return context


def refusal(error: BaseException | None) -> str | None:
    """What TLS has against the other side, if that is why an attempt failed."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate is refused: {error.verify_message}; is TANDEM_TLS_CA its CA?"
        if isinstance(error, ssl.SSLError):
            return f"no TLS with it: {error.reason or 'it answered something else'}"
        error = error.__cause__ or error.__context__
    return None


def _load(context: ssl.SSLContext, name: str, cert: Path | None, key: Path | None) -> None:
    if cert is None:
        return
    try:
        # Without a question for a passphrase on the terminal.
        context.load_cert_chain(cert, key, password=lambda: "")
    except (OSError, ValueError) as error:
        what = f"{cert} and {key}" if key else str(cert)
        raise TlsError(f"{name}_CERT and {name}_KEY are no certificate with its key: {what} ({_why(error)})") from None


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return error.reason or "it cannot be read"
    return getattr(error, "strerror", None) or "it cannot be read"
