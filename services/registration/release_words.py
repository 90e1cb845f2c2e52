"""The release that who registers may need, and what is said of it. Pure."""

import datetime as dt
from collections.abc import Callable

from services.registration.checks import words
from services.registration.load_leaving import silence_attention
from services.registration.model import Participant, Programme, Release
from services.registration.model.programmes import GRACE
from services.registration.model.release import address_id
from services.registration.say import settle, waits_for_office
from shared.contracts import registration as r
from shared.contracts.base import Contract
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.days import DAY


def asks_for(
    participant: Participant,
    programme: Programme,
    releaser_mail: str | None,
    today: dt.date,
    keyed: Callable[..., str],
) -> Release:
    """The release that who registers needs, from the day of the registration on."""
    answer_by = today + programme.on(today).rules.registration.release_days * DAY
    return Release(
        id=participant.id,
        programme=programme.id,
        answer_by=answer_by,
        releaser_mail=releaser_mail,
        releaser=address_id(releaser_mail, keyed) if releaser_mail is not None else None,
        title=programme.title,
        office=programme.office,
        rules_version=programme.on(today).rules_version,
        due=answer_by + GRACE,
    )


def _fields(release: Release) -> dict[str, object]:
    office = release.office
    who = f"urn:uuid:{release.id}"
    filled = {"title": release.title, "who": who, "date": release.answer_by, "office": office.name}
    return {
        "participant_id": release.id,
        "programme_id": release.programme,
        "answer_by": release.answer_by,
        "releaser_mail": release.releaser_mail,
        "subject_line": words("release-subject", title=release.title),
        "text": words("release-text", **filled, phone=office.phone),
        "office": office,
        "rules_version": release.rules_version,
    }


def release_asked(release: Release) -> r.ReleaseAsked:
    """That a line manager is asked, with the words for them."""
    return r.ReleaseAsked.model_validate({**_fields(release), "status": "asked"})


def release_settled(release: Release) -> r.ReleaseSettled:
    """That nobody is asked any more."""
    return r.ReleaseSettled.model_validate({**_fields(release), "status": "settled"})


def release_said(release: Release) -> r.ReleaseState:
    """A release as it stands."""
    return release_asked(release) if release.status == "asked" else release_settled(release)


def silence(participant: Participant, programme: Programme, today: dt.date) -> Attention:
    """The exception that a line manager has not answered."""
    return _unanswered(participant, programme, today, what="release-silent")


def unasked(participant: Participant, programme: Programme, today: dt.date) -> Attention:
    """The exception that nobody can be asked, since no address was given; it ends with whatever ends a silence."""
    return _unanswered(participant, programme, today, what="release-unasked")


def _unanswered(participant: Participant, programme: Programme, today: dt.date, *, what: str) -> Attention:
    return waits_for_office(
        programme,
        silence_attention(participant.id),
        today,
        what=what,
        whom=(participant.subject,),
        answered_by=(r.GrantRelease.name, r.RefuseRelease.name),
    )


def no_longer_asked(
    release: Release | None, silent: Attention | None, pauses: Attention | None
) -> tuple[list[Aggregate], list[Contract]]:
    """What is written and said when nobody needs to release somebody's time, nor to ask whether their pause goes on."""
    written, said = settle(pauses)
    if release is not None and release.status == "asked":
        over = release.settled("over")
        written.append(over)
        said.append(release_settled(over))
    settled, told = settle(silent)
    return [*written, *settled], [*said, *told]
