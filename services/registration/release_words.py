"""The release that who registers may need, and what is said of it. Pure."""

import datetime as dt

from services.registration.checks import words
from services.registration.load_leaving import silence_attention
from services.registration.model import Participant, Programme, Release
from shared.contracts import registration as r
from shared.runtime.attention import Attention
from shared.runtime.days import DAY


def asks_for(participant: Participant, programme: Programme, releaser_mail: str | None, today: dt.date) -> Release:
    """The release that who registers needs, from the day of the registration on."""
    answer_by = today + programme.on(today).rules.registration.release_days * DAY
    return Release(
        id=participant.id,
        programme=programme.id,
        answer_by=answer_by,
        releaser_mail=releaser_mail,
        title=programme.title,
        office=programme.office,
        due=answer_by + 2 * DAY,
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
    by = today + programme.on(today).rules.deadlines.office_days * DAY
    return Attention(
        id=silence_attention(participant.id),
        programme=programme.id,
        what="release-silent",
        whom=(participant.subject,),
        text=words("release-silent", title=programme.title),
        by=by,
        answered_by=(r.GrantRelease.name, r.RefuseRelease.name),
        office=programme.office,
        due=by + 2 * DAY,
    )


def unasked(participant: Participant, programme: Programme, today: dt.date) -> Attention:
    """The exception that nobody can be asked, since no address was given; it ends with whatever ends a silence."""
    text = words("release-unasked", title=programme.title)
    return silence(participant, programme, today).but(what="release-unasked", text=text)
