"""Decisions about programmes: opening and changing them, closing registration, saying again."""

from services.registration.checks import criteria_reasons, programme_reasons, rules_reasons, words
from services.registration.drafts import TAKEN, UNKNOWN, draft_reasons, opened, replaced, waiting
from services.registration.jobs import BucketSaid, Counted
from services.registration.load_programmes import Closing
from services.registration.model import Programme
from services.registration.say import settle
from services.registration.signs import Known, reminded_on
from services.registration.told import tell_all
from shared.contracts import registration as r
from shared.contracts.base import Reason
from shared.contracts.parts import ComingRules, Criteria, CriteriaVersion, Rules
from shared.runtime.criteria_seal import seal_of
from shared.runtime.days import DAY
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Start, reason, refuse

ENDED = reason("programme_id", "ended", words("ended"))
NOT_OPEN_YET = reason("programme_id", "not_open_yet", words("not-open-yet"))
ALREADY_CLOSED = reason("programme_id", "already_closed", words("already-closed"))

ALWAYS = frozenset({"title", "places", "office"})
"""What of a programme may change as long as its term lasts."""


def open_programme(message: r.OpenProgramme, state: Known, context: Context) -> Outcome:
    """Open a programme, its criteria sealed before there is any data (P14); a draft of this id is opened with it."""
    before = state.programme
    fields = dict(message)
    if before is not None and before.status == "draft":
        # What nobody named must not take the place of what was prepared; many senders write the default out.
        by_default = [name for name, kind in (("rules", Rules), ("criteria", Criteria)) if fields[name] == kind()]
        for name in ("programme_id", *by_default):
            del fields[name]
        programme = before.but(**fields)
    else:
        id = fields.pop("programme_id")
        programme = Programme(id=id, programme=id, status="draft", said=before.said if before else 0, **fields)
    found = programme_reasons(programme, context.today) + criteria_reasons(programme.criteria)
    if before is not None and not before.is_draft:
        found.append(TAKEN)
    return refuse(*found) if found else opened(programme, state, context)


def unfit(programme: Programme | None, replaces: int) -> list[Reason]:
    """Why the office cannot change a programme: there is none, it is over, or its newest state was not seen."""
    if programme is None or programme.status == "discarded":
        return [UNKNOWN]
    return [ENDED] if programme.is_over else replaced(programme, replaces)


def change_places(message: r.ChangePlaces, programme: Programme | None, context: Context) -> Outcome:
    """Grant or take back places, if the office saw the programme's newest state."""
    found = unfit(programme, message.replaces)
    if found or programme is None:
        return refuse(*found)
    return _said(programme.next(places=message.places))


def _said(changed: Programme) -> Decision:
    kind = r.ProgrammeDrafted if changed.status == "draft" else r.ProgrammeChanged
    return Decision(state=(changed,), messages=(kind(**changed.published()),))


def change_programme(message: r.ChangeProgramme, state: Known, context: Context) -> Outcome:
    """Change what is named: of a draft everything, of an open programme what nobody has relied on yet."""
    programme = state.programme
    found = unfit(programme, message.replaces)
    if found or programme is None:
        return refuse(*found)
    left = {"programme_id", "replaces", "by_hand"}
    named = {name: value for name, value in dict(message).items() if name not in left and value is not None}
    if message.by_hand:
        named["opens"] = None
    if found := _fixed(programme, frozenset(named)):
        return refuse(*found)
    changed = programme.but(**named)
    if programme.status == "draft":
        if found := draft_reasons(changed, context):
            return refuse(*found)
        drafted = waiting(changed, context)
        written, said = settle(state.sign)
        return Decision(state=(drafted, *written), messages=(r.ProgrammeDrafted(**drafted.published()), *said))
    # A last day of registration that is over is no fault of a change that does not name it.
    if found := programme_reasons(changed, min(context.today, changed.registration_closes)):
        return refuse(*found)
    return _said(programme.next(**named))


def _fixed(programme: Programme, named: frozenset[str]) -> list[Reason]:
    """What stands at this point: the sealed criteria, the notice that people read, the dates that plans are made by."""
    if programme.status == "draft":
        return []
    free = ALWAYS | {"term"} if programme.status == "open" else ALWAYS
    codes = {"criteria": "sealed", "registration_closes": "by_extension", "term": "planned_by"}
    reasons = []
    for name in sorted(named - free):
        code = codes.get(name, "opened_already")
        reasons.append(reason(name, code, words(f"fixed-{code.replace('_', '-')}")))
    return reasons


def change_rules(message: r.ChangeRules, programme: Programme | None, context: Context) -> Outcome:
    """Publish new rules at once; they hold from the next day on, so that all replicas of all services agree.

    A version is never used twice, also not that of rules which were replaced before they held.
    """
    found = unfit(programme, message.replaces) + rules_reasons(message.rules)
    if found or programme is None:
        return refuse(*found)
    if programme.status == "draft":
        return _said(programme.next(rules=message.rules))
    # What was to hold from today on holds, also where this comes before the day has reached the programme.
    held = programme.on(context.today)
    last = held.coming.version if held.coming else held.rules_version
    coming = ComingRules(rules=message.rules, version=last + 1, holds_from=context.today + DAY)
    changed = held.next(coming=coming)
    jobs = () if held is programme else let_in(held)
    return Decision(state=(changed,), messages=(r.ProgrammeChanged(**changed.published()),), jobs=jobs)


def change_criteria(message: r.ChangeCriteria, programme: Programme | None, context: Context) -> Outcome:
    """Change the criteria from the next day on, with a reason; what was sealed and every change stay published (P14).

    A report takes those of its day: no day of registration's own has to come for them to hold.
    """
    found = unfit(programme, message.replaces)
    if found or programme is None:
        return refuse(*found)
    if programme.is_draft:
        return refuse(NOT_OPEN_YET)
    # An earlier release did not keep the day of the opening: it was this one or one before.
    opened_by = min(context.today, programme.registration_closes)
    first = CriteriaVersion(holds_from=opened_by, criteria=programme.criteria, seal=programme.criteria_seal)
    history = programme.criteria_history or (first,)
    found = criteria_reasons(message.criteria)
    if message.criteria == history[-1].criteria:
        found.append(reason("criteria", "same_criteria", words("same-criteria")))
    if len(history) >= r.MOST_CRITERIA:
        found.append(reason("criteria", "too_many_changes", words("too-many-changes", most=r.MOST_CRITERIA - 1)))
    if found:
        return refuse(*found)
    changed = CriteriaVersion(
        holds_from=context.today + DAY,
        criteria=message.criteria,
        seal=seal_of(message.criteria),
        reason=message.reason,
    )
    return _said(programme.next(criteria_history=(*history, changed)))


def let_in(programme: Programme) -> tuple[Start, ...]:
    """Other rules hold, or somebody left: there may be room for who waits in line.

    Also while registration is closing: the programme is only read by who leaves, and the count may have read them. And
    where nobody was held back: who read the programme a moment before that was known decides the same.
    """
    room = programme.limited or programme.held_back is not None
    return (Start("admit", programme.id),) if room and programme.status in ("closing", "closed", "running") else ()


def extend_registration(message: r.ExtendRegistration, state: Known, context: Context) -> Outcome:
    """Keep registration open longer.

    A close at the same moment writes the programme as this does: one of the two is decided again and sees the other.
    Once closed it stays so: matching's first round is made of the set that was closed, and would begin a second time.
    """
    programme = state.programme
    found = unfit(programme, message.replaces)
    if found or programme is None:
        return refuse(*found)
    if programme.status != "open":
        return refuse(NOT_OPEN_YET if programme.is_draft else ALREADY_CLOSED)
    if message.closes <= programme.registration_closes:
        return refuse(reason("closes", "not_later", words("not-later", date=programme.registration_closes)))
    if message.closes >= programme.term.starts:
        return refuse(reason("closes", "after_start", words("after-start", date=programme.term.starts)))
    extended = programme.next(registration_closes=message.closes, reminds=reminded_on(message.closes, context.today))
    written, said = settle(state.sign)
    return Decision(state=(extended, *written), messages=(r.ProgrammeChanged(**extended.published()), *said))


def close_registration(message: r.CloseRegistration, state: Closing, context: Context) -> Outcome:
    """Close registration before its date."""
    programme = state.programme
    if programme is None or programme.status == "discarded":
        return refuse(UNKNOWN)
    if programme.status != "open":
        return refuse(NOT_OPEN_YET if programme.is_draft else ALREADY_CLOSED)
    return close(programme.but(closed_on=context.today), state)


def close(programme: Programme, state: Closing) -> Decision:
    """Shut every lane's guard, so that nobody joins meanwhile; who is in the set is counted when it stands still."""
    closing = programme.next(status="closing", reminds=None)
    guards = tuple(guard.but(closed=True) for guard in state.guards)
    written, said = settle(state.sign)
    return Decision(
        state=(closing, *guards, *written),
        messages=(r.ProgrammeChanged(**closing.published()), *said),
        jobs=(Start("count", programme.id),),
    )


def say_closed(message: Counted, programme: Programme | None, context: Context) -> Outcome:
    """Say whom the registration closed, and whom of them it held back; who left meanwhile may have made room."""
    if programme is None or programme.status != "closing":
        return NOTHING
    closed = programme.next(status="closed", closed_set=message.members, held_back=message.held_back)
    event = r.RegistrationClosed(**closed.published())
    return Decision(
        state=(closed,), messages=(event,), jobs=(tell_all(closed, "closed-to-registration"), *let_in(closed))
    )


def say_again(message: r.SayAgain, programme: Programme | None, context: Context) -> Outcome:
    """Begin to say the members of a bucket again."""
    if programme is None:
        return refuse(UNKNOWN)
    return Decision(jobs=(Start("say-bucket", f"{message.programme_id}|{message.bucket}"),))


def bucket_said(message: BucketSaid, state: None, context: Context) -> Outcome:
    """Answer that a bucket was said again."""
    return Decision(messages=(r.SaidAgain(programme_id=message.programme_id, bucket=message.bucket),))
