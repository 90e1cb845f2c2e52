"""What a failure of the database means: which of the port's errors it is."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from bson.errors import BSONError
from pymongo.errors import (
    ClientBulkWriteException,
    ConnectionFailure,
    DocumentTooLarge,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
)

from shared.runtime.ports import Conflict, Refused, StoreError, Unavailable
from shared.runtime.tls import refusal

R = TypeVar("R")

TLS_SIGNS = {
    "CERTIFICATE_VERIFY_FAILED": "its certificate is refused; is TANDEM_TLS_CA its CA?",
    "SSL handshake failed": "no TLS with it",
}
"""What the driver says of a server whose TLS fails, and what it means."""

CONFLICT = 112
CHANGED = {CONFLICT, 11000, 251, 225, 244, 11601}
"""Write conflict, duplicate key, and a transaction that was ended from outside."""
AWAY = {6, 7, 13, 18, 24, 46, 50, 64, 89, 91, 189, 262, 9001, 10058, 10107, 11600, 11602, 13388, 13435, 13436, 14031}
"""Not this change's fault: network, shutdown, elections, rights, time limits, a full disk."""


def words_of(error: BaseException) -> str:
    """What kind of failure this is; what TLS had against a server, the driver keeps in its words alone."""
    said = str(error)
    return refusal(error) or next((why for sign, why in TLS_SIGNS.items() if sign in said), type(error).__name__)


def away(error: BaseException) -> str:
    """Why a database cannot be worked with, in words for a log and for readiness."""
    return f"the database is away ({words_of(error)})"


async def reading(ask: Callable[[], Awaitable[R]]) -> R:
    """What reads, and what needs no guard: whatever goes wrong, the database is away for now."""
    try:
        return await ask()
    except PyMongoError as error:
        raise Unavailable(away(error)) from error


def codes_of(error: BaseException) -> set[int]:
    """Every error code that a failure carries."""
    found: set[int] = set()
    if isinstance(error, ClientBulkWriteException):
        found |= {one["code"] for one in cast("list[dict[str, Any]]", error.write_errors or []) if "code" in one}
        if error.error is not None:
            found |= codes_of(error.error)
    code = getattr(error, "code", None)
    return found | ({code} if isinstance(code, int) else set())


def sorted_out(error: PyMongoError | BSONError | OverflowError) -> StoreError:
    """A failure before the commit, as one of the port's: changed meanwhile, away, or never to be taken."""
    codes = codes_of(error)
    if codes & CHANGED:
        return Conflict("a record has changed, or a message is known already")
    inner = error.error or error if isinstance(error, ClientBulkWriteException) else error
    if isinstance(inner, ConnectionFailure) or codes & AWAY:
        return Unavailable(away(inner))
    if isinstance(error, PyMongoError) and error.has_error_label("TransientTransactionError"):
        return Unavailable("the database asks to try again")
    if codes or isinstance(inner, DocumentTooLarge | BSONError | OverflowError | OperationFailure | InvalidOperation):
        detail = f" {sorted(codes)}" if codes else ""
        return Refused(f"{type(inner).__name__}{detail}")
    return Unavailable(away(inner))
