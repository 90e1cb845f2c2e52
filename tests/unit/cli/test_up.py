"""Whoever keeps a system in a folder of their own learns how other commands find it."""

import os
from pathlib import Path

import pytest

from shared.cli import addresses
from shared.cli.addresses import AddressError, read_addresses
from shared.cli.up import where


def test_in_the_usual_folder_nothing_is_to_be_named() -> None:
    [line] = where(addresses.DEFAULT.parent)
    assert str(addresses.DEFAULT) in line


def test_in_another_folder_it_is_said_how_other_commands_find_it(tmp_path: Path) -> None:
    folder = tmp_path / "two words"
    assert where(folder)[1] == f"other commands find this with: --against '{folder}/env'"


def test_where_nothing_runs_it_is_said_that_a_folder_of_one_s_own_is_to_be_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(addresses, "DEFAULT", tmp_path / "env")
    for name in [name for name in os.environ if name.startswith("TANDEM_")]:
        monkeypatch.delenv(name)
    with pytest.raises(AddressError, match=r"nothing runs here.*`--against DIR/env`") as error:
        read_addresses()
    assert "\n" not in str(error.value)
