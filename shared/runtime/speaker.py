"""Who speaks: an envelope's `source` and `actor` against the user that the broker validated.

The broker holds the connection to its user and the routing key to that user's rights; what stands in the body is the
sender's own word. A body that names another sender is refused, also where somebody forgot to set the rights.
"""

from typing import Literal

from shared.contracts.base import Role

SPEAK_FOR_PEOPLE: frozenset[Role] = frozenset({"person", "delegate", "office", "ops"})
"""Whose messages may name an `actor`; machines act for nobody."""

Contradiction = Literal["wrong_source", "wrong_actor"]


def source_of(user: str, role: Role | None) -> str:
    """The `source` of a user of the broker: `/tandem/matching` for a service of ours, else `/portal`, `/hr`, …"""
    return f"/tandem/{user}" if role == "service" else f"/{user}"


def belongs(source: str, own: str) -> bool:
    """Whether a source is a user's own, or a part of it (`/portal/intranet`)."""
    return source == own or source.startswith(f"{own}/")


def contradiction(source: str, actor: str | None, user: str, role: Role | None) -> Contradiction | None:
    """What in an envelope contradicts the validated user, if anything does."""
    if not belongs(source, source_of(user, role)):
        return "wrong_source"
    if actor is not None and role not in SPEAK_FOR_PEOPLE:
        return "wrong_actor"
    return None
