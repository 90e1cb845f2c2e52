"""What the office types about a round: each is one command, or one line that says why there is none."""

from pathlib import Path
from typing import Any, Self

import pytest
import typer
from typer.testing import CliRunner

from shared.cli import rematch
from shared.cli import round as command
from shared.cli.client import ClientError
from shared.contracts import matching as m
from shared.contracts.base import Command
from shared.runtime.envelope import Envelope
from shared.runtime.ids import derived_id

MENTOR, MENTEE, ROUND = (derived_id("t", name) for name in ("mentor", "mentee", "round"))
REFUSED = {"command_id": "1", "reasons": [{"field": "mentee", "code": "c", "message": {"de": "Nein", "en": "No"}}]}


class Office:
    """The broker as a test has it: what was sent, and what answers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self.sent: list[Command] = []
        self.answer: dict[str, Any] = {"mentor": MENTOR, "mentee": MENTEE, "status": "done"}
        self.rounds: list[dict[str, Any]] = []
        self.proposals: list[dict[str, Any]] = []
        self.names: dict[str, str] = {}
        self.more: dict[str, Any] = {}
        self.after: list[dict[str, Any]] = []
        """What the view says once something was sent, one look after the other."""
        self.env = tmp_path / "env"
        self.env.write_text("TANDEM_AMQP_URL_OFFICE=amqp://u:p@127.0.0.1:1/\n", encoding="utf-8")
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(rematch, "PAUSE", 0)
        monkeypatch.setattr(command, "view_of", lambda addresses, service, programme: self.view())
        monkeypatch.setattr(command, "names_of", lambda addresses, programme: self.names)
        monkeypatch.setattr(command, "Client", lambda urls, keys: self)

    def view(self) -> dict[str, Any]:
        if self.sent and self.after:
            return self.after.pop(0)
        return {"rounds": self.rounds, "proposals": self.proposals} | self.more

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *ended: object) -> None:
        return None

    async def ask(self, asked: Command, user: str) -> Envelope:
        assert user == "office"
        self.sent.append(asked)
        return Envelope(id="1", source="/x", type=f"tandem.{m.PairPinned.name}", data=self.answer)

    def types(self, *words: str) -> str:
        """What a command line prints. Raises what it raises."""
        run = CliRunner().invoke(command.app, [*words, "--against", str(self.env)], standalone_mode=False)
        if run.exception is not None:
            raise run.exception
        return run.stdout


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Office:
    return Office(monkeypatch, tmp_path)


def a_round(status: str, wish_by: str | None = None) -> dict[str, Any]:
    return {"round_id": ROUND, "number": 2, "status": status, "wish_by": wish_by}


def test_a_pair_is_fixed_and_freed_again(office: Office) -> None:
    assert office.types("pin", "p", MENTOR, MENTEE, "--reason", "both asked") == f"{MENTOR} and {MENTEE}: done\n"
    assert office.types("pin", "p", MENTOR, MENTEE) == f"{MENTOR} and {MENTEE}: done\n"
    assert office.types("unpin", "p", MENTOR, MENTEE) == f"{MENTOR} and {MENTEE}: done\n"
    pair = {"programme_id": "p", "mentor": MENTOR, "mentee": MENTEE}
    assert office.sent == [m.PinPair(**pair, reason="both asked"), m.PinPair(**pair), m.UnpinPair(**pair)]


def test_a_rematch_is_left_as_it_is_with_a_reason(office: Office) -> None:
    office.rounds = [a_round("closed") | {"number": 1, "round_id": derived_id("t", "before")}, a_round("proposed")]
    told = office.types("keep", "p", "--reason", "too much unrest")
    assert told.startswith("round 2: done, every open proposal stays\n")
    assert "tandem round start p" in told, "nothing else starts the next round"
    assert office.sent == [m.DeclineRound(round_id=ROUND, reason="too much unrest")]


def test_the_days_for_wishes_end_early(office: Office) -> None:
    office.rounds = [a_round("gathering", "2027-02-14")]
    assert "round 2" in office.types("show", "p")
    assert "wishes and vetoes until 2027-02-14" in office.types("show", "p")
    assert office.types("end-wishing", "p") == "round 2: done\n"
    assert office.sent == [m.EndWishing(round_id=ROUND)]


def test_square_brackets_in_names_and_reasons_are_shown_as_they_are(office: Office) -> None:
    office.names = {MENTOR: "Mentor [/] 1", MENTEE: "Mentee [bold] 2"}
    reason = {"code": "c", "text": {"de": "Scrum [/foo]", "en": "Scrum [/foo]"}}
    pair = {"proposal_id": "x", "mentor": MENTOR, "mentee": MENTEE, "score": 7, "status": "proposed"}
    office.proposals = [pair | {"reasons": [reason]}]
    shown = office.types("show", "p")
    assert "Mentor [/] 1 and Mentee [bold] 2: score 7" in shown
    assert "Scrum [/foo]" in shown


def test_of_each_offer_the_lowest_score_and_the_sum_are_shown(office: Office) -> None:
    counts = {"kept": 3, "ended": 0, "new": 1, "sum_of_scores": 1234}
    offers = [
        {"offer": "fewest_changes", "lowest_score": 51} | counts,
        {"offer": "full_order", "lowest_score": None} | counts,
    ]
    office.rounds = [a_round("proposed") | {"offers": offers}]
    shown = office.types("show", "p")
    assert "offer fewest_changes: 3 kept, 0 ended, 1 new, lowest score 51, sum 1234" in shown
    assert "offer full_order: 3 kept, 0 ended, 1 new, lowest score none, sum 1234" in shown


@pytest.mark.parametrize(
    ("words", "waits"),
    [
        (("approve", "p"), a_round("gathering", "2027-02-14")),
        (("keep", "p", "--reason", "why"), a_round("approved")),
        (("end-wishing", "p"), a_round("gathering")),
        (("end-wishing", "p"), a_round("solving", "2027-02-14")),
    ],
)
def test_where_no_round_waits_for_it_nothing_is_sent(
    office: Office, words: tuple[str, ...], waits: dict[str, Any]
) -> None:
    office.rounds = [waits]
    with pytest.raises(ClientError, match=r"^no round of p waits for .*tandem round show p"):
        office.types(*words)
    assert office.sent == []


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("pin", "p", MENTOR, MENTEE, "--reason", "x" * 501), "reason"),
        (("start", "no such id"), "programme_id"),
        (("keep", "p", "--reason", "x"), "reason"),
    ],
)
def test_what_fits_no_command_is_named_by_its_field(office: Office, words: tuple[str, ...], field: str) -> None:
    office.rounds = [a_round("proposed")]
    with pytest.raises(typer.BadParameter, match=field):
        office.types(*words)
    assert office.sent == []


def test_a_pin_that_is_refused_is_an_error_with_its_reason(office: Office) -> None:
    office.answer = REFUSED
    with pytest.raises(ClientError, match=r"^No$"):
        office.types("pin", "p", MENTOR, MENTEE)


def in_words(points: int, text: str) -> dict[str, Any]:
    return {"part": "x", "points": points, "text": {"de": text, "en": text}}


def a_pair(score: int = 60, **more: Any) -> dict[str, Any]:
    reasons = [{"code": "c", "text": {"de": "Warum", "en": "Both like chats."}}]
    parts = [in_words(score - 20, "strengths"), in_words(20, "experience"), in_words(0, "the same site")]
    return {"mentor": MENTOR, "mentee": MENTEE, "score": score, "parts": parts, "reasons": reasons} | more


OTHER = derived_id("t", "other mentee")
OFFERS = [
    {"offer": "fewest_changes", "kept": 1, "ended": 0, "new": 1, "lowest_score": 51, "sum_of_scores": 100},
    {"offer": "full_order", "kept": 0, "ended": 1, "new": 2, "lowest_score": 60, "sum_of_scores": 140},
]


def a_change(offer: str, change: str, **more: Any) -> dict[str, Any]:
    return a_pair(round_id=ROUND, offer=offer, change=change, proposal_id=None) | more


def a_rematch(office: Office) -> None:
    """One open proposal; the full order would end it and bring two."""
    office.names = {MENTOR: "Anna", MENTEE: "Bert", OTHER: "Cem"}
    office.rounds = [a_round("proposed") | {"offers": OFFERS}]
    office.proposals = [a_pair(proposal_id="open", status="approved", waits_for="both", until="2027-03-01")]
    office.more = {
        "changes": [
            a_change("full_order", "new", mentee=OTHER, score=70),
            a_change("full_order", "ended", proposal_id="open", score=40),
            a_change("fewest_changes", "new", mentee=OTHER, score=51),
            a_change("full_order", "new", mentor=OTHER, score=80),
        ]
    }


def test_of_a_rematch_each_offer_s_changes_stand_under_it_with_the_explanation_of_what_is_new(office: Office) -> None:
    a_rematch(office)
    lines = office.types("show", "p").splitlines()
    at = [n for n, line in enumerate(lines) if line.startswith("  offer ")]
    fewest, full = lines[at[0] : at[1]], lines[at[1] : lines.index(next(x for x in lines if x.startswith("open  ")))]
    assert [line for line in fewest if line.startswith(("    new", "    ended"))] == ["    new: Anna and Cem: score 51"]
    assert fewest[2:] == ["        51 = 40 strengths + 20 experience", "        Both like chats."]
    assert [line for line in full if line.startswith(("    new", "    ended"))] == [
        "    ended: Anna and Bert: score 40",
        "    new: Cem and Bert: score 80",
        "    new: Anna and Cem: score 70",
    ]
    assert "round approve p --full-order" in full[0]


def test_proposals_are_shown_with_parts_marks_and_what_they_wait_for_and_ended_pairs_last(office: Office) -> None:
    office.proposals = [
        a_pair(proposal_id="gone", status="declined"),
        a_pair(proposal_id="tandem", status="accepted"),
        a_pair(proposal_id="asked", status="approved", waits_for="both", until="2027-03-01", pinned=True),
    ]
    lines = office.types("show", "p").splitlines()[1:]
    assert lines[0].startswith("asked  ")
    assert lines[0].endswith("score 60, approved, waits for both until 2027-03-01, fixed by the office")
    assert lines[1:3] == ["    60 = 40 strengths + 20 experience", "    Both like chats."]
    assert [line.split()[0] for line in lines[3:]] == ["tandem", "gone"]


def test_pins_and_who_has_no_tandem_are_shown_with_the_reason(office: Office) -> None:
    office.names = {MENTOR: "Anna", MENTEE: "Bert", OTHER: "Anna"}
    text = {"de": "Alle Plätze sind vergeben.", "en": "All places are taken."}
    row = {"participant_id": OTHER, "role": "mentor", "since": "2027-02-01", "reason": "no_place", "text": text}
    office.rounds = [a_round("gathering")]
    office.more = {"pins": [{"mentor": MENTOR, "mentee": MENTEE, "status": "pinned"}], "reserve": [row]}
    shown = office.types("show", "p")
    assert f"Anna ({MENTOR}) and Bert: fixed for the next round" in shown, "of two with one name the id is shown"
    assert f"Anna ({OTHER}) (mentor), since 2027-02-01: All places are taken." in shown
    office.proposals = [a_pair(proposal_id="open", mentor=OTHER, status="approved")]
    assert "All places are taken" not in office.types("show", "p"), "what a round said before is over"


def test_a_pair_is_fixed_by_the_names_that_are_shown(office: Office) -> None:
    office.names = {MENTOR: "Anna", MENTEE: "Bert", OTHER: "Cem"}
    assert office.types("pin", "p", "Anna", MENTEE) == f"Anna and {MENTEE}: done\n"
    assert office.types("unpin", "p", "Anna", "Bert") == "Anna and Bert: done\n"
    pair = {"programme_id": "p", "mentor": MENTOR, "mentee": MENTEE}
    assert office.sent == [m.PinPair(**pair), m.UnpinPair(**pair)]


def test_a_name_that_fits_several_or_nobody_is_one_line_that_says_what_to_type(office: Office) -> None:
    office.names = {MENTOR: "Anna", MENTEE: "Bert", OTHER: "Bert"}
    with pytest.raises(typer.BadParameter, match="several are called 'Bert'; type the id: ") as several:
        office.types("pin", "p", "Anna", "Bert")
    assert MENTEE in str(several.value)
    assert OTHER in str(several.value)
    with pytest.raises(typer.BadParameter, match="'nobody' is neither an id nor a name in p"):
        office.types("unpin", "p", "nobody", MENTEE)
    assert office.sent == []


def refused(*reasons: tuple[str, str]) -> dict[str, Any]:
    said = [{"field": f, "code": c, "message": {"de": "Nein", "en": f"{c} it is."}} for f, c in reasons]
    return {"command_id": "1", "reasons": said}


@pytest.mark.parametrize(
    ("reasons", "says"),
    [
        (
            [("mentor", "unknown_participant"), ("mentee", "unknown_participant")],
            "Bert is no mentor of p and Anna is no mentee of p; name the mentor first",
        ),
        ([("mentee", "unknown_participant")], "Anna is no mentee of p; name the mentor first"),
        ([("mentor", "not_free"), ("mentee", "withdrawn")], "Bert: not_free it is.; Anna: withdrawn it is."),
        ([("mentee", "below_minimum_score")], "below_minimum_score it is."),
    ],
)
def test_a_refused_pin_says_whom_it_means(office: Office, reasons: list[tuple[str, str]], says: str) -> None:
    office.names = {MENTOR: "Anna", MENTEE: "Bert"}
    office.answer = refused(*reasons)
    with pytest.raises(ClientError) as error:
        office.types("pin", "p", "Bert", "Anna")
    assert str(error.value) == says


def test_another_round_is_started(office: Office) -> None:
    office.answer = {"number": 3, "status": "solving"}
    assert office.types("start", "p").startswith("round 3: solving")
    assert office.sent == [m.StartRound(programme_id="p")]


def test_single_pairs_are_approved_by_the_ids_of_their_proposals(office: Office) -> None:
    one, other = derived_id("t", "one"), derived_id("t", "two")
    office.proposals = [a_pair(proposal_id=one, status="proposed"), a_pair(proposal_id=other, status="proposed")]
    office.answer = {"proposal_id": one, "status": "approved"}
    assert office.types("approve", "p", "--pair", one) == f"proposal {one}: approved\n"
    office.types("approve", "p", "--pair", one, "--pair", other)
    assert office.sent == [m.ApproveProposal(proposal_id=id) for id in (one, one, other)]
    office.sent.clear()
    with pytest.raises(typer.BadParameter, match="p has no proposal 'x'"):
        office.types("approve", "p", "--pair", one, "--pair", "x")
    with pytest.raises(typer.BadParameter, match="not both"):
        office.types("approve", "p", "--pair", one, "--full-order")
    assert office.sent == []


def approved_view(*, under_way: bool, proposals: list[dict[str, Any]]) -> dict[str, Any]:
    return {"rounds": [a_round("approved") | {"under_way": under_way}], "proposals": proposals, "changes": []}


NEW = [
    a_pair(proposal_id="1", mentee=OTHER, status="proposed"),
    a_pair(proposal_id="2", mentor=OTHER, status="approved"),
]


@pytest.mark.parametrize(
    ("proposals", "says"),
    [
        ([a_pair(proposal_id="open", status="withdrawn"), *NEW], "full_order: 1 ended, 2 new\n"),
        (
            [a_pair(proposal_id="open", status="approved"), NEW[0]],
            "of 1 ended and 2 new: 0 ended, 1 new, because people have answered or left meanwhile; the next round",
        ),
    ],
)
def test_after_the_choice_the_office_reads_what_of_the_offer_was_carried_out(
    office: Office, proposals: list[dict[str, Any]], says: str
) -> None:
    a_rematch(office)
    office.answer = {"status": "approved"}
    before = office.proposals
    office.after = [
        approved_view(under_way=True, proposals=before),
        approved_view(under_way=False, proposals=proposals),
    ]
    assert says in office.types("approve", "p", "--full-order")
    assert office.sent == [m.ApproveRound(round_id=ROUND, offer="full_order")]


def test_what_is_not_known_at_once_is_said_with_where_to_look(office: Office) -> None:
    a_rematch(office)
    office.answer = {"status": "approved"}
    office.after = [approved_view(under_way=True, proposals=[])] * rematch.LOOKS
    assert "1 ended and 2 new are being carried out; see `./tandem round show p`" in office.types(
        "approve", "p", "--full-order"
    )
