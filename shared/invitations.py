"""For those who send mail: addresses into invitations, and out of the answers again.

Needs the standard library alone. Tandem writes `urn:uuid:<participant_id>` where a mail has an address, since names and
addresses have one home (registration). How to use it, with an example that runs: docs/invitations.md.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from shared.contracts import content_lines
from shared.contracts.calendar_text import unfolded
from shared.contracts.content_lines import Line, folded, mail_in, parsed, person_in

Address = Sequence[str]
"""A name, the mail address to write to, and any further ones from which the same person may answer."""

_NOT_IN_A_PARAM = re.compile(r"[\x00-\x1f\x7f]")


def addressed(icalendar: str, addresses: Mapping[str, Address], replies_to: str | None = None) -> str:
    """The invitation with names and mail addresses where it has ids, ready to be sent.

    `addresses` are those of everybody who is invited, by participant_id; who is missing in it stays an id, which mail
    programs pass over. `replies_to` is the mailbox that you read answers from, in place of the office's.
    """
    return folded([_addressed(line, addresses, replies_to) for line in unfolded(icalendar)])


def _addressed(text: str, addresses: Mapping[str, Address], replies_to: str | None) -> str:
    line = parsed(text)
    if line is None:
        return text
    if line.name == "ORGANIZER" and replies_to is not None:
        return line._replace(value=f"mailto:{replies_to}").text
    who = person_in(line.value) if line.name == "ATTENDEE" else None
    if who is None or who not in addresses:
        return text
    name, mail = (_NOT_IN_A_PARAM.sub(" ", part) for part in addresses[who][:2])
    others = tuple(param for param in line.params if param[0] != "CN")
    # RFC 6868 would write a quote as ^', which not all read; RFC 5545 has no way to write one.
    common = ("CN", (name.replace('"', "'"),))
    return Line(line.name, (common, *others), f"mailto:{mail}").text


def opaque(reply: str, addresses: Mapping[str, Address], delegates: Mapping[str, str] | None = None) -> str:
    """An answer to an invitation without names, addresses and words: what may be published to Tandem.

    `addresses` as above. `delegates` are the opaque ids of people's delegates by mail address, the ids under which they
    were named (`scheduling.name-delegate.v1`). Whoever is in neither becomes nobody. What is no iCalendar becomes
    empty: publish nothing then.
    """
    people = {_plain(mail): who for who, (_, *mails) in addresses.items() for mail in mails}
    acting = {_plain(mail): delegate for mail, delegate in (delegates or {}).items()}
    return content_lines.reduced(reply, lambda mail: people.get(_plain(mail)), lambda mail: acting.get(_plain(mail)))


def _plain(mail: str) -> str:
    return unquote(mail_in(mail))
