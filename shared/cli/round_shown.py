"""What `tandem round show` prints of a programme's rounds: a person decides with the explanation in view."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape

OPEN = ("proposed", "approved")
COMMAND = {"fewest_changes": "", "full_order": " --full-order"}


def show_rounds(console: Console, view: dict[str, Any], names: Mapping[str, str], programme: str) -> None:
    """Print matching's view: rounds with what each offer changes, pins, proposals, who has nobody.

    Pairs that came to nothing are last, a line each.
    """
    people = _People(names)
    for round_ in view["rounds"]:
        wishes = f", wishes and vetoes until {round_['wish_by']}" if waits_for_wishes(round_) else ""
        _line(console, f"round {round_['number']} ({round_['round_id']}): {round_['status']}{wishes}")
        if round_.get("under_way"):
            _line(console, "  what was approved is still being carried out")
        if round_.get("gap"):
            limit = "the rules' effort ended the search"
            _line(console, f"  the sum of scores might be at most {round_['gap']} points higher: {limit}")
        if round_["status"] == "proposed":
            for offer in round_.get("offers", ()):
                changes = [c for c in view.get("changes", ()) if _belongs(c, round_, offer)]
                _show_offer(console, offer, changes, people, programme)
    if not view["rounds"]:
        _line(console, "no round yet")
    for pin in view.get("pins", ()):
        fate = {"pinned": "fixed for the next round", "lapsed": "fixed, but a round could not keep it"}
        _line(console, f"[bold]{people.pair(pin)}[/bold]: {fate.get(pin['status'], pin['status'])}")
    proposals = view["proposals"]
    for p in (p for p in proposals if p["status"] in OPEN):
        waits = f", waits for {p['waits_for']}" if p.get("waits_for") else ""
        until = f" until {p['until']}" if p.get("until") else ""
        _line(console, f"{p['proposal_id']}  {_scored(p, people)}, {p['status']}{waits}{until}{_mark(p)}")
        _explain(console, p, "    ")
    for p in sorted((p for p in proposals if p["status"] not in OPEN), key=lambda p: p["status"] != "accepted"):
        _line(console, f"{p['proposal_id']}  {people.pair(p)}: {p['status']}{_mark(p)}")
    asked = {p[side] for p in proposals if p["status"] in OPEN for side in ("mentor", "mentee")}
    reserve = [r for r in view.get("reserve", ()) if r["participant_id"] not in asked]
    if reserve:
        _line(console, f"neither tandem nor open proposal: {len(reserve)}")
    for r in reserve:
        why = r["text"]["en"] if "text" in r else r["reason"]
        _line(console, f"  {people[r['participant_id']]} ({r['role']}), since {r['since']}: {escape(why)}")


def waits_for_wishes(round_: dict[str, Any]) -> bool:
    """Whether people may still name wishes and vetoes before a round."""
    return bool(round_["status"] == "gathering" and round_.get("wish_by"))


class _People:
    """How people are shown: by their names; with the id where several share a name, since names can be typed."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._times = Counter(names.values())

    def __getitem__(self, id: str) -> str:
        name = self._names.get(id, id)
        return escape(f"{name} ({id})" if self._times[name] > 1 else name)

    def pair(self, row: dict[str, Any]) -> str:
        """The mentor first, as commands take them."""
        return f"{self[row['mentor']]} and {self[row['mentee']]}"


def _show_offer(
    console: Console, offer: dict[str, Any], changes: list[dict[str, Any]], people: _People, programme: str
) -> None:
    lowest = "none" if offer["lowest_score"] is None else offer["lowest_score"]
    _line(
        console,
        f"  offer {offer['offer']}: {offer['kept']} kept, {offer['ended']} ended, {offer['new']} new, "
        f"lowest score {lowest}, sum {offer['sum_of_scores']}"
        f"   (`./tandem round approve {escape(programme)}{COMMAND.get(offer['offer'], '')}`)",
    )
    for c in sorted(changes, key=lambda c: (c["change"] != "ended", -c["score"])):
        _line(console, f"    {c['change']}: {_scored(c, people)}{_mark(c)}")
        if c["change"] == "new":
            _explain(console, c, "        ")


def _belongs(change: dict[str, Any], round_: dict[str, Any], offer: dict[str, Any]) -> bool:
    return bool(change["round_id"] == round_["round_id"] and change["offer"] == offer["offer"])


def _scored(row: dict[str, Any], people: _People) -> str:
    return f"[bold]{people.pair(row)}[/bold]: score {row['score']}"


def _mark(row: dict[str, Any]) -> str:
    return ", fixed by the office" if row.get("pinned") else ""


def _explain(console: Console, row: dict[str, Any], indent: str) -> None:
    """What the score is made of, and the reasons."""
    parts = [f"{p['points']} {p['text']['en']}" for p in row.get("parts", ()) if p["points"]]
    if parts:
        _line(console, f"{indent}{row['score']} = {escape(' + '.join(parts))}")
    for reason in row.get("reasons", ()):
        _line(console, f"{indent}{escape(reason['text']['en'])}")


def _line(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)  # ids are to be copied whole
