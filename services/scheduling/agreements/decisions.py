"""Decisions about what a tandem agrees on (S11): a draft is offered, both change and confirm it, goals are followed up.

Only the two may: a delegate moves meetings and agrees on nothing. Events say figures and states; who edited or
confirmed is told nowhere, so both get the same words.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from services.scheduling.agreements.loaders import AgreementOf, AgreementRead
from services.scheduling.agreements.model import Agreement, FollowUp, FormerAgreement, Goal
from services.scheduling.meetings.delegates import not_yours
from services.scheduling.model import DAY, Pair, Programme
from services.scheduling.published import agreement as said_of
from services.scheduling.say import both, words
from shared.contracts import scheduling as s
from shared.contracts.base import Contract, Reason, Text
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse
from shared.runtime.words import Words

LONGEST = 1000
"""Characters of a rule or goal: fifty versions of them must find room, and one in an answer."""
WEEK = 7 * DAY
template = Words("services.scheduling.agreements", "agreement.toml")


def drafted(programme: Programme) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """The rules and goals that a programme offers: its own, or those that come with the software."""
    own = programme.rules.agreement
    if own is not None:
        return own.rules, own.goals
    keys = sorted(template.keys)
    return (
        tuple(template(key) for key in keys if key.startswith("rule-")),
        tuple(template(key) for key in keys if key.startswith("goal-")),
    )


def offer(message: s.PlanMade, state: AgreementOf, context: Context) -> Outcome:
    """Offer a tandem the draft once its meetings are planned; what it has agreed on by itself is not touched."""
    pair, programme, agreement, _ = state
    if pair is None or programme is None or agreement is not None or pair.status != "running":
        return NOTHING
    rules, goals = drafted(programme.on(context.today))
    draft = Agreement(
        id=pair.id,
        programme=pair.programme,
        people=pair.people,
        rules=rules,
        goals=_goals(pair, 1, goals, (), context),
        date=context.today,
        confirmed=False,
        agreed=False,
        due=_asked_again(pair, context.today),
    )
    mails = both(programme, pair.people, "agreement-draft")
    # The tandem is written unchanged: what ends at this moment is offered nothing.
    return Decision(state=(draft, pair), messages=(said_of(draft), *mails))


def _goals(
    pair: Pair, version: int, texts: Sequence[Text], before: Sequence[Goal], context: Context
) -> tuple[Goal, ...]:
    """The goals of a version, each as it stood before if it has the same words."""
    left = [*before]
    found = []
    for number, text in enumerate(texts):
        same = next((goal for goal in left if goal.text == text), None)
        if same is not None:
            left.remove(same)
        found.append(same or Goal(id=context.keyed("goal", pair.id, version, number), text=text))
    return tuple(found)


def _asked_again(pair: Pair, today: dt.date) -> dt.date:
    """The day on which both are reminded of what waits: after their second meeting, or in a week."""
    days = sorted(slot.date for slot in pair.slots if slot.status != "cancelled")
    return max(days[1] + DAY, today + DAY) if len(days) > 1 else today + WEEK


def _refusals(
    pair: Pair, participant: str, lines: Sequence[tuple[str, Sequence[str]]], context: Context
) -> list[Reason]:
    found = not_yours(pair, participant, context)
    if pair.status != "running":
        found.append(reason("tandem_id", "ended", words("ended")))
    for field, texts in lines:
        if any(len(text) > LONGEST or not text.strip() for text in texts):
            found.append(reason(field, "too_long", words("agreement-line", longest=LONGEST)))
    return found


UNKNOWN = reason("tandem_id", "unknown_tandem", words("unknown-tandem"))


def record_agreement(message: s.RecordAgreement, state: AgreementOf, context: Context) -> Outcome:
    """Record what the two have agreed on, in place of whatever they had, whichever version that was.

    It is the word of one: the other says the same, or confirms it, before it holds (S11).
    """
    if state.pair is None or state.programme is None:
        return refuse(UNKNOWN)
    found = _refusals(state.pair, message.participant_id, _lines(message), context)
    return refuse(*found) if found else _proposed(message, state, context)


def _texts(lines: Sequence[str], known: Iterable[Text]) -> tuple[Text, ...]:
    """What people write themselves stands in both languages alike; a line that is left as it was stays in its two."""
    left = [*known]
    found = []
    for line in lines:
        same = next((text for text in left if line in (text.de, text.en)), None)
        if same is not None:
            left.remove(same)
        found.append(same or Text(de=line, en=line))
    return tuple(found)


def _agreed(agreement: Agreement, pair: Pair, context: Context) -> Decision:
    """Both have agreed on the newest version; again if they had before."""
    if not agreement.confirmed:
        agreement = agreement.but(confirmed=True, confirmed_by=pair.people, agreed=True, date=context.today, due=None)
    return Decision(state=(agreement, pair.but(agreed=True)), messages=(said_of(agreement),))


def _next(
    pair: Pair,
    before: Agreement | None,
    oldest: FormerAgreement | None,
    rules: tuple[Text, ...],
    goals: tuple[Text, ...],
    context: Context,
) -> tuple[Agreement, list[Aggregate], tuple[Aggregate, ...]]:
    """One more version that nobody has confirmed yet, what is kept of the one before, and the oldest, which goes."""
    version = before.version + 1 if before is not None else 1
    agreement = Agreement(
        id=pair.id,
        programme=pair.programme,
        people=pair.people,
        version=version,
        rules=rules,
        goals=_goals(pair, version, goals, before.goals if before is not None else (), context),
        date=context.today,
        confirmed=False,
        agreed=before is not None and before.agreed,
    )
    former: list[Aggregate] = [before.former(pair.people)] if before is not None else []
    return agreement, former, (oldest,) if oldest is not None else ()


def _lines(message: s.RecordAgreement | s.EditAgreement) -> tuple[tuple[str, Sequence[str]], ...]:
    return ("rules", message.rules), ("goals", message.goals)


def edit(message: s.EditAgreement, state: AgreementOf, context: Context) -> Outcome:
    """Make a new version: who wrote it agrees with it, the other side is still to confirm it; both are told alike.

    Two who edit at the same moment write the same document: the second finds another version than it replaces.
    """
    if state.pair is None or state.programme is None:
        return refuse(UNKNOWN)
    found = _refusals(state.pair, message.participant_id, _lines(message), context)
    version = state.agreement.version if state.agreement is not None else 0
    if message.replaces != version:
        found.append(reason("replaces", "replaced", words("agreement-replaced", version=version)))
    return refuse(*found) if found else _proposed(message, state, context)


def _proposed(message: s.RecordAgreement | s.EditAgreement, state: AgreementOf, context: Context) -> Decision:
    """A version with these words and its writer's yes; where the newest has them already, the yes alone."""
    pair, programme, before, oldest = state
    assert pair is not None
    assert programme is not None
    rules = _texts(message.rules, before.rules if before is not None else ())
    goals = _texts(message.goals, [goal.text for goal in before.goals] if before is not None else ())
    if before is not None and before.says(rules, goals):
        return _confirmed(before, pair, message.participant_id, context)
    agreement, written, gone = _next(pair, before, oldest, rules, goals, context)
    waits = agreement.but(
        confirmed_by=(message.participant_id,), due=max(_asked_again(pair, context.today), context.today + WEEK)
    )
    mails = both(programme, pair.people, "agreement-changed")
    return Decision(state=(waits, pair, *written), messages=(said_of(waits), *mails), deletes=gone)


def confirm(message: s.ConfirmAgreement, state: AgreementOf, context: Context) -> Outcome:
    """Agree on the newest version; it holds once both have."""
    pair, _, agreement, _ = state
    if pair is None:
        return refuse(UNKNOWN)
    found = _refusals(pair, message.participant_id, (), context)
    version = agreement.version if agreement is not None else 0
    if message.version != version:
        found.append(reason("version", "replaced", words("agreement-replaced", version=version)))
    if found or agreement is None:
        return refuse(*found)
    return _confirmed(agreement, pair, message.participant_id, context)


def _confirmed(agreement: Agreement, pair: Pair, participant: str, context: Context) -> Decision:
    by = tuple(who for who in pair.people if who == participant or who in agreement.confirmed_by)
    if agreement.confirmed or by == pair.people:
        return _agreed(agreement, pair, context)
    waits = agreement.but(confirmed_by=by)
    return Decision(state=(waits, pair), messages=(said_of(waits),))


def follow_up(message: s.FollowUpGoals, state: AgreementOf, context: Context) -> Outcome:
    """Take down how it stands with goals; possible as long as the tandem runs, and after it ran to the end."""
    pair, _, agreement, _ = state
    if pair is None:
        return refuse(UNKNOWN)
    found = not_yours(pair, message.participant_id, context)
    if found:
        return refuse(*found)
    if pair.status == "ended":
        found.append(reason("tandem_id", "ended", words("ended")))
    if agreement is None or not agreement.agreed:
        return refuse(*found, reason("tandem_id", "not_agreed", words("not-agreed")))
    ids = {goal.id for goal in agreement.goals}
    for number, goal in enumerate(message.goals):
        if goal.goal_id not in ids:
            found.append(reason(f"goals.{number}.goal_id", "unknown_goal", words("unknown-goal")))
    if message.meeting_id is not None and message.meeting_id not in {slot.meeting for slot in pair.slots}:
        found.append(reason("meeting_id", "unknown_meeting", words("unknown-meeting")))
    if found:
        return refuse(*found)
    states = {goal.goal_id: goal.state for goal in message.goals}
    goals = tuple(
        goal.followed_up(FollowUp(date=context.today, state=states[goal.id], meeting=message.meeting_id))
        if goal.id in states
        else goal
        for goal in agreement.goals
    )
    followed = agreement.but(goals=goals)
    return Decision(state=(followed, pair), messages=(said_of(followed),))


def show(message: s.ShowAgreement, state: AgreementRead, context: Context) -> Outcome:
    """Show one of the two the newest version, or an earlier one; the answer is private."""
    pair, agreement, former = state
    if pair is None:
        return refuse(UNKNOWN)
    found = not_yours(pair, message.participant_id, context)
    if found:
        return refuse(*found)
    wanted = message.version
    shown: Agreement | FormerAgreement | None = agreement
    if agreement is not None and wanted is not None and wanted != agreement.version:
        shown = next((version for version in former if version.version == wanted), None)
    if agreement is None or shown is None:
        return refuse(reason("version", "unknown_version", words("unknown-version")))
    agreed = shown.confirmed if isinstance(shown, Agreement) else shown.agreed
    mine = message.participant_id in agreement.confirmed_by if isinstance(shown, Agreement) else agreed
    newest = s.VersionShown(version=agreement.version, date=agreement.date, agreed=agreement.confirmed)
    answer = s.AgreementShown(
        tandem_id=pair.id,
        version=shown.version,
        date=shown.date,
        agreed=agreed,
        confirmed_by_you=agreed or mine,
        rules=shown.rules,
        goals=tuple(_goal_shown(goal) for goal in shown.goals),
        versions=(newest, *(s.VersionShown(version=f.version, date=f.date, agreed=f.agreed) for f in former)),
    )
    return Decision(messages=(answer,))


def _goal_shown(goal: Goal) -> s.GoalShown:
    followed = tuple(s.FollowedUp(date=f.date, state=f.state, meeting_id=f.meeting) for f in goal.followed)
    return s.GoalShown(goal_id=goal.id, text=goal.text, state=goal.state, followed=followed)


def unconfirmed(message: DueReached, state: AgreementOf, context: Context) -> Outcome:
    """Remind both once that a version waits for their yes. Nothing hangs on it: there is no other consequence."""
    pair, programme, agreement, _ = state
    if agreement is None:
        return NOTHING
    if pair is None or programme is None or agreement.confirmed or pair.status != "running":
        return Decision(state=(agreement.but(due=None),))
    if pair.rests_on(message.date):
        return Decision(state=(agreement.but(due=message.date + WEEK), pair))
    if not agreement.agreed and (day := _asked_again(pair, agreement.date)) > message.date:
        # Their second meeting was moved.
        return Decision(state=(agreement.but(due=day), pair))
    mails: list[Contract] = [*both(programme, pair.people, "agreement-reminder")]
    return Decision(state=(agreement.but(due=None), pair), messages=tuple(mails))
