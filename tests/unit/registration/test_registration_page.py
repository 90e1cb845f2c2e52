"""docs/registration.md names what people and the office may ask of registration, and by whom, and nothing else."""

import re

from shared.contracts import registration as r
from shared.contracts.base import Command, Contract
from shared.local.system import ROOT

PAGE = re.sub(r"[ \n]+", " ", (ROOT / "docs" / "registration.md").read_text(encoding="utf-8"))
CONTRACTS: dict[str, type[Contract]] = {
    contract.name.removeprefix("registration.").removesuffix(".v1"): contract
    for contract in vars(r).values()
    if isinstance(contract, type) and issubclass(contract, Contract) and contract.name
}
NAME = r"`([a-z-]+)`"
SENT = r"((?:`[a-z-]+`(?:, | ))+)\((the .+?)(?:, (?:a|by a) [^)]*)?\)"
SENT_BY = {
    "the person": {"person"},
    "the person alone": {"person"},
    "the office": {"office"},
    "the person or the office": {"person", "office"},
    "the superior or the office": {"person", "office"},
    "the person, or the office for them": {"person", "office"},
}
FIRST_AID = ("quarantined", "unrouted")


def commands() -> dict[str, type[Command]]:
    """What people and the office may ask, but for the first aid that every service has."""
    return {
        name: contract
        for name, contract in CONTRACTS.items()
        if issubclass(contract, Command) and contract.senders & {"person", "office"} and not name.endswith(FIRST_AID)
    }


def test_the_page_names_every_command_of_people_and_of_the_office_and_no_message_that_there_is_not() -> None:
    named = set(re.findall(NAME, PAGE))
    assert set(commands()) - named == set()
    assert {name for name in named if "-" in name} - set(CONTRACTS) == set()


def test_the_page_says_who_may_send_each_command() -> None:
    said: dict[str, set[str]] = {}
    for names, who in re.findall(SENT, PAGE):
        said |= dict.fromkeys(re.findall(NAME, names), SENT_BY[who])
    led = PAGE.split("| To do | Command, by the office |")[1].split("## ")[0]
    said |= {name: {"office"} for name in re.findall(NAME, led)}
    assert said == {name: set(contract.senders) - {"service"} for name, contract in commands().items()}
