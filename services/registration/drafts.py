"""Decisions about drafts: a programme before it opens."""

from typing import Any

from services.registration.checks import criteria_reasons, programme_reasons, words
from services.registration.load_programmes import Drafting
from services.registration.model import Programme
from services.registration.model.programmes import BEFORE_THE_CLOSE
from services.registration.say import settle
from services.registration.signs import Known, reminded_on
from shared.contracts import registration as r
from shared.contracts.base import Reason
from shared.contracts.parts import Criteria, CriteriaVersion, Rules
from shared.runtime.criteria_seal import seal_of
from shared.runtime.days import DAY
from shared.runtime.decision import Context, Decision, Outcome, Start, reason, refuse

UNKNOWN = reason("programme_id", "unknown_programme", words("unknown-programme"))
NOT_A_DRAFT = reason("programme_id", "not_a_draft", words("not-a-draft"))
TAKEN = reason("programme_id", "taken", words("taken"))

COPIED = ("title", "places", "office", "privacy_notice", "rules", "criteria")
"""What a draft takes from the programme that it copies where it names nothing itself."""


def draft_programme(message: r.DraftProgramme, state: Drafting, context: Context) -> Outcome:
    """Prepare a programme; a new wave copies what it does not name itself, with the newest rules of that programme.

    The programme that is copied is only read: if the office changes it at the same moment, the draft has what stood
    before or after that, and may be changed itself.
    """
    before, source = state
    if before is not None and before.status != "discarded":
        return refuse(TAKEN)
    if message.copies is not None and source is None:
        return refuse(reason("copies", "unknown_programme", words("unknown-programme")))
    named = {name: getattr(message, name) for name in COPIED}
    fields = {**_copied(source), **{name: value for name, value in named.items() if value is not None}}
    missing = [reason(name, "missing", words("missing", field=name)) for name in COPIED if name not in fields]
    if missing:
        return refuse(*missing)
    draft = Programme(
        id=message.programme_id,
        programme=message.programme_id,
        status="draft",
        term=message.term,
        registration_closes=message.registration_closes,
        opens=message.opens,
        said=before.said if before else 0,
        **fields,
    )
    if found := draft_reasons(draft, context):
        return refuse(*found)
    drafted = waiting(draft, context)
    return Decision(state=(drafted,), messages=(r.ProgrammeDrafted(**drafted.published()),))


def _copied(source: Programme | None) -> dict[str, Any]:
    if source is None:
        return {"rules": Rules(), "criteria": Criteria()}
    fields = {name: getattr(source, name) for name in COPIED}
    rules = source.coming.rules if source.coming else source.rules
    return {**fields, "rules": rules, "criteria": source.newest_criteria}


def draft_reasons(draft: Programme, context: Context) -> list[Reason]:
    """What is wrong with a draft: all that would be wrong with an open programme, and its day of opening."""
    found = programme_reasons(draft, context.today) + criteria_reasons(draft.criteria)
    if draft.opens is not None and draft.opens <= context.today:
        found.append(reason("opens", "past", words("opens-past", date=context.today)))
    if draft.opens is not None and draft.opens > draft.registration_closes:
        found.append(reason("opens", "after_close", words("opens-late", date=draft.registration_closes)))
    return found


def waiting(draft: Programme, context: Context) -> Programme:
    """The draft as the next event says it, with the day on which the office is reminded of it."""
    return draft.next(reminds=max(draft.registration_closes - BEFORE_THE_CLOSE, context.today + DAY))


def open_draft(message: r.OpenDraft, state: Known, context: Context) -> Outcome:
    """Open a draft as it stands, if the office saw its newest state and its dates are still to come."""
    found = _not_this_draft(state.programme, message.replaces)
    if found or state.programme is None:
        return refuse(*found)
    if wrong := programme_reasons(state.programme, context.today) + criteria_reasons(state.programme.criteria):
        return refuse(*wrong)
    return opened(state.programme, state, context)


def opened(draft: Programme, state: Known, context: Context) -> Decision:
    """Open a draft: its criteria are sealed now, before there is any data (P14)."""
    first = CriteriaVersion(holds_from=context.today, criteria=draft.criteria, seal=seal_of(draft.criteria))
    programme = draft.next(
        status="open",
        opens=None,
        criteria_seal=first.seal,
        criteria_history=(first,),
        reminds=reminded_on(draft.registration_closes, context.today),
    )
    written, said = settle(state.sign)
    event = r.ProgrammeOpened(**programme.published())
    return Decision(state=(programme, *written), messages=(event, *said), jobs=(Start("ask-again", programme.id),))


def discard_draft(message: r.DiscardDraft, state: Known, context: Context) -> Outcome:
    """Give a draft up. Nobody has registered: a draft takes nobody."""
    found = _not_this_draft(state.programme, message.replaces)
    if found or state.programme is None:
        return refuse(*found)
    discarded = state.programme.next(status="discarded")
    written, said = settle(state.sign)
    return Decision(state=(discarded, *written), messages=(r.ProgrammeDiscarded(**discarded.published()), *said))


def _not_this_draft(programme: Programme | None, replaces: int) -> list[Reason]:
    if programme is None or programme.status == "discarded":
        return [UNKNOWN]
    if programme.status != "draft":
        return [NOT_A_DRAFT]
    return replaced(programme, replaces)


def replaced(programme: Programme, replaces: int) -> list[Reason]:
    """The office must have seen the programme's newest state."""
    if replaces == programme.said:
        return []
    return [reason("replaces", "replaced", words("replaced", sequence=programme.said))]
