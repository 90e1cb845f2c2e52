"""Which signs of a tandem scheduling sees: matching owns its end, and shows the office where one may be near (S16)."""

from shared.contracts.scheduling import TandemNeedsAttention
from shared.runtime.aggregate import Aggregate, Seen
from shared.runtime.decision import NOTHING, Context, Decision, Get, Outcome


class TandemSigns(Aggregate, kind="tandem-signs"):
    """The rules by which a tandem needs attention; newest state wins. It names the tandem, never a side."""

    rules: tuple[str, ...]
    seen: Seen = Seen()


def signs_of(message: TandemNeedsAttention, get: Get) -> TandemSigns | None:
    """What is known of the tandem's signs."""
    return get(TandemSigns, message.tandem_id)


def know(message: TandemNeedsAttention, before: TandemSigns | None, context: Context) -> Outcome:
    """Take over a tandem's signs. Nothing is decided by them: who ends a tandem are its two, or the office."""
    if before is not None and not before.seen < context.seen:
        return NOTHING
    rules = tuple(sign.rule for sign in message.signs)
    known = TandemSigns(id=message.tandem_id, programme=message.programme_id, rules=rules, seen=context.seen)
    return Decision(state=(known,))
