"""`tandem audit`: what it asks, what it prints, how it ends."""

import datetime as dt
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.cli import audit
from shared.cli.client import ClientError
from shared.cli.main import main
from tests.unit.runtime.test_audit_check import LINKS, SEALS

NAMES = ("registration", "matching", "scheduling", "evaluation")


class Asked:
    """Services that show an audit, two documents a page."""

    def __init__(self) -> None:
        self.shown: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.away: set[str] = set()
        self.paths: list[str] = []

    def page_of(self, addresses: Any, service: str, path: str, token: str, limit: float = 10) -> Any:
        assert token == "TANDEM_OPS_TOKEN"
        if service in self.away:
            raise ClientError(f"{service} does not answer")
        page, _, query = path.partition("?after=")
        self.paths.append(path)
        name = "seals" if page.endswith("seals") else "links"
        first = int(query or 0)
        found = self.shown.get((service, name), [])
        return {name: found[first : first + 2], "after": str(first + 2) if len(found) > first + 2 else None}


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Asked:
    asked = Asked()
    monkeypatch.setattr(audit, "page_of", asked.page_of)
    monkeypatch.setattr(audit, "asked", lambda addresses, service: (service,) if service else ("library", *NAMES))
    asked.shown = {("library", "links"): LINKS, ("library", "seals"): SEALS}
    return asked


@pytest.fixture
def tandem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """Run `tandem audit`; its exit code."""
    env = tmp_path / "env"
    lines = [f"TANDEM_HTTP_{name.upper()}=http://127.0.0.1:1" for name in NAMES]
    env.write_text("\n".join(lines), encoding="utf-8")

    def run(*arguments: str, day: str = "2027-02-01") -> int:
        dated = ("--date", day) if day and arguments[0] == "verify" else ()
        monkeypatch.setattr(sys, "argv", ["tandem", "audit", *arguments, *dated, "--against", str(env)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return run


def test_each_service_that_holds_has_one_line(
    services: Asked, tandem: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert tandem("verify") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "library: holds: 7 links, 10 entries, 2 seals, oldest 2027-01-12T09:00:00, nothing kept outside"
    assert lines[1:] == [
        f"{name}: holds: 0 links, 0 entries, 0 seals, oldest none, nothing kept outside" for name in NAMES
    ]
    assert "/audit?after=6" in services.paths


def test_the_first_broken_link_is_said_and_the_others_are_checked_all_the_same(
    services: Asked, tandem: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    services.shown["library", "links"] = [*LINKS[:1], *LINKS[2:]]
    services.away = {"matching"}
    assert tandem("verify") == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "library: broken: chain library-1, link 3: the link before it is missing"
    assert "evaluation: holds" in out
    assert err == "tandem: matching does not answer\n"
    assert tandem("verify", "--service", "registration") == 0


def test_a_service_that_cannot_be_asked_is_no_audit_that_holds(services: Asked, tandem: Callable[..., int]) -> None:
    services.away = {"matching"}
    assert tandem("verify") == 2
    assert tandem("verify", "--service", "matching") == 2
    assert tandem("verify", "--service", "library") == 0


def test_seals_that_were_printed_are_compared_with_the_database_s(
    services: Asked, tandem: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert tandem("seals") == 0
    printed = capsys.readouterr().out
    assert [json.loads(line)["date"] for line in printed.splitlines()] == ["2027-01-12", "2027-01-13"]
    file = tmp_path / "seals.jsonl"
    file.write_text(printed + "\n" + printed, encoding="utf-8")
    assert tandem("verify", "--seals", str(file)) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith(", as kept outside up to 2027-01-13")
    services.shown["library", "seals"] = SEALS[:1]
    capsys.readouterr()
    assert tandem("verify", "--seals", str(file), "--service", "library") == 1
    assert "seal of 2027-01-13: it was kept outside" in capsys.readouterr().out


def test_of_a_file_that_holds_no_seals_each_wrong_line_is_named(
    services: Asked, tandem: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "seals.jsonl"
    right = {"service": "library", "date": "2027-01-12", "hash": "a" * 64}
    lines = [right, {**right, "hash": "A"}, {**right, "date": "yesterday"}, {**right, "hash": "b" * 64}]
    file.write_text("\n".join([*map(json.dumps, lines), "no JSON"]), encoding="utf-8")
    assert tandem("verify", "--seals", str(file)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(": ")[1].rsplit(" ", 1)[1] for line in err.splitlines()] == ["2", "3", "4", "5"]
    assert tandem("verify", "--seals", str(tmp_path / "nowhere")) == 2


def test_a_service_that_nobody_knows_is_refused_with_those_there_are(
    tandem: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert tandem("verify", "--service", "nobody") == 2
    assert "there is no service 'nobody'" in capsys.readouterr().err


def test_the_day_and_the_years_are_the_checker_s_and_never_the_database_s(
    services: Asked, tandem: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert tandem("verify", day="2027-01-12") == 1
    assert "library: broken: seal of 2027-01-13: that day has not come" in capsys.readouterr().out
    assert tandem("verify", "--years", "5") == 0
    assert "from the seal of 2027-01-12 on it says 3 years; the setting is 5" in capsys.readouterr().out
    with (tmp_path / "env").open("a", encoding="utf-8") as env:
        env.write("\nTANDEM_AUDIT_YEARS=7\n")
    assert tandem("verify") == 0
    assert "the setting is 7" in capsys.readouterr().out


def test_without_a_day_it_is_the_deployment_s_and_a_rehearsal_s_must_be_named(
    services: Asked,
    tandem: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    zones: list[str] = []

    def today(zone: dt.tzinfo) -> dt.date:
        zones.append(str(zone))
        return dt.date(2027, 1, 13)

    monkeypatch.setattr(audit, "today", today)
    assert tandem("verify", day="") == 0
    env = tmp_path / "env"
    before = env.read_text(encoding="utf-8")
    env.write_text(f"{before}\nTANDEM_ZONE=Europe/Vienna\n", encoding="utf-8")
    assert tandem("verify", day="") == 0
    assert zones == ["Europe/Berlin", "Europe/Vienna"]
    capsys.readouterr()
    for line, says in (
        ("TANDEM_DAYS=command", "name its day with --date"),
        ("TANDEM_ZONE=Munich", "is no time zone"),
        ("TANDEM_AUDIT_YEARS=many", "is no number of years"),
    ):
        env.write_text(f"{before}\n{line}\n", encoding="utf-8")
        assert tandem("verify", day="") == 2
        out, err = capsys.readouterr()
        assert (out, says in err, err.count("\n")) == ("", True, 1)
