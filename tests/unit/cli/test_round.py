"""What the office types about a round: each is one command, or one line that says why there is none."""

from pathlib import Path
from typing import Any, Self

import pytest
import typer
from typer.testing import CliRunner

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
        self.env = tmp_path / "env"
        self.env.write_text("TANDEM_AMQP_URL_OFFICE=amqp://u:p@127.0.0.1:1/\n", encoding="utf-8")
        view = lambda addresses, service, programme: {"rounds": self.rounds, "proposals": self.proposals}  # noqa: E731
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(command, "view_of", view)
        monkeypatch.setattr(command, "names_of", lambda addresses, programme: self.names)
        monkeypatch.setattr(command, "Client", lambda urls, keys: self)

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
    assert office.types("keep", "p", "--reason", "too much unrest") == "round 2: done, every open proposal stays\n"
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
    pair = {"proposal_id": "x", "mentor": MENTOR, "mentee": MENTEE, "score": 7, "status": "open"}
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
        (("pin", "p", "nobody", MENTEE), "mentor"),
        (("pin", "p", MENTOR, MENTEE, "--reason", "x" * 501), "reason"),
        (("unpin", "p", MENTOR, "nobody"), "mentee"),
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
