"""Decisions about pairs that break a hard rule by now: reported, never torn apart; a person decides (P10)."""

from services.matching.board import settle
from services.matching.broken_rules import TandemRule
from services.matching.load_broken_rules import WHAT, PairOf, Pairs, RuleOf
from services.matching.model import Programme, Proposal, Rejection
from services.matching.pair import parted
from services.matching.people import Person
from services.matching.say import attention, needs_office, words
from shared.contracts import matching as m
from shared.contracts.base import Contract, Text
from shared.contracts.registration import ParticipantState
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, reason, refuse


def check(message: ParticipantState, state: Pairs, context: Context) -> Outcome:
    """Somebody may have changed: judge everybody whom they are paired with, and report what is new.

    Both of a pair may change at the same moment, in two replicas: each would judge the other as they were, and nobody
    both as they are. So the other is written, unchanged, as whoever changes is: of two such decisions one is committed,
    and the other decided again (no write skew). An open proposal is reported like a tandem: people may have said yes.
    """
    candidate, programme, pairs = state
    if candidate is not None and context.seen < candidate.seen:
        return NOTHING
    if programme is None or programme.over(context.today) or message.status == "withdrawn":
        return NOTHING
    programme = programme.on(context.today)
    person = Person(
        id=message.participant_id,
        role=message.role,
        profile=message.profile,
        position=message.position,
        reporting_line=message.reporting_line,
    )
    written: list[Aggregate] = []
    said: list[Contract] = []
    for pair in pairs:
        other = pair.partner.person
        mentor, mentee = (person, other) if message.role == "mentor" else (other, person)
        more, told = _judged(pair, parted(mentor, mentee, programme.rules), programme, context)
        written += [pair.partner, *more]
        said += told
    return Decision(state=tuple(written), messages=tuple(said))


def _judged(
    pair: PairOf, broken: tuple[str, ...], programme: Programme, context: Context
) -> tuple[list[Aggregate], list[Contract]]:
    """What is new of a pair. A rule that was reported and is still broken is no news."""
    proposal = pair.pair.id if isinstance(pair.pair, Proposal) else None
    before = pair.known.rule or TandemRule.of(pair.id, pair.pair)
    after = before.judged(broken)
    if after == before:
        return [], []
    after = after.but(proposal=proposal)
    # The tandem or proposal is written too, unchanged: its end at this moment conflicts with this.
    written: list[Aggregate] = [after, pair.pair]
    if (after.broken, after.status) == (before.broken, before.status):
        return written, []
    said: list[Contract] = [m.TandemBreaksRule(**after.published())]
    if set(after.broken) - set(before.broken):
        named = [words(f"rule-{code.replace('_', '-')}") for code in after.broken]
        rules = Text(de="; ".join(name.de for name in named), en="; ".join(name.en for name in named))
        answers = (m.KeepTandem.name, *((m.RejectProposal.name,) if proposal else ()), m.EndTandem.name)
        asks = attention(programme, WHAT, pair.id, pair.pair.subject, context.today, answers, rules=rules)
        return [*written, asks], [*said, needs_office(asks)]
    if after.status != "open":
        more, told = settle(pair.known.attention)
        return [*written, *more], [*said, *told]
    return written, said


def keep(message: m.KeepTandem, state: RuleOf, context: Context) -> Outcome:
    """The office keeps a pair as it is; its reason stays here, and these rules are not reported again."""
    rule = state.rule
    if rule is None or rule.status != "open":
        return refuse(reason("tandem_id", "breaks_no_rule", words("breaks-no-rule")))
    decided = Rejection(reason=message.reason, on=context.today)
    kept = rule.but(kept=(*rule.kept, *rule.broken), broken=(), status="kept", decided=decided)
    return _answered(kept, state)


def over(message: m.TandemState | m.ProposalState, state: RuleOf, context: Context) -> Outcome:
    """The pair has ended, whoever ended it: nothing is to be decided any more."""
    if state.rule is None or state.rule.status == "settled":
        return NOTHING
    return _answered(state.rule.settled(), state)


def _answered(rule: TandemRule, state: RuleOf) -> Decision:
    written, said = settle(state.attention)
    return Decision(state=(rule, *written), messages=(m.TandemBreaksRule(**rule.published()), *said))
