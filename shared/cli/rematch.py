"""What became of the offer of a re-match that the office approved: people may have answered meanwhile."""

import time
from collections.abc import Callable
from typing import Any

LOOKS = 40
PAUSE = 0.5
"""Seconds between two looks."""


def carried_out(
    before: dict[str, Any], round_: dict[str, Any], offer: str, programme: str, look: Callable[[], dict[str, Any]]
) -> str:
    """What of an offer was carried out, in one line: in numbers only, since who has answered is secret.

    `before`: matching's view when the office chose; `look` reads it anew.
    """
    changes = [c for c in before["changes"] if c["round_id"] == round_["round_id"] and c["offer"] == offer]
    ends = {c["proposal_id"] for c in changes if c["change"] == "ended"}
    brings = {(c["mentor"], c["mentee"]) for c in changes if c["change"] == "new"}
    for _ in range(LOOKS):
        view = look()
        if not next(r for r in view["rounds"] if r["round_id"] == round_["round_id"])["under_way"]:
            break
        time.sleep(PAUSE)
    else:
        return f"{len(ends)} ended and {len(brings)} new are being carried out; see `./tandem round show {programme}`"
    known = {p["proposal_id"] for p in before["proposals"]}
    over = ("declined", "expired", "withdrawn")
    ended = sum(p["proposal_id"] in ends and p["status"] in over for p in view["proposals"])
    came = [(p["mentor"], p["mentee"]) for p in view["proposals"] if p["proposal_id"] not in known]
    new = len(brings.intersection(came))
    if (ended, new) == (len(ends), len(brings)):
        return f"{ended} ended, {new} new"
    rest = "; the next round, the day after, makes up for what it can" if new < len(brings) else ""
    return (
        f"of {len(ends)} ended and {len(brings)} new: {ended} ended, {new} new, "
        f"because people have answered or left meanwhile{rest}"
    )
