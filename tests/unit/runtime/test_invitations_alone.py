"""Whoever sends mail takes three files and needs no library of ours."""

import subprocess
import sys

from shared.local.system import ROOT


def test_addresses_are_filled_in_without_any_library_but_the_standard_one() -> None:
    # Without `site` there are no installed packages at all.
    alone = [sys.executable, "-I", "-S", "-c"]
    at_home = "import sys; sys.path.insert(0, sys.argv[1]); "
    subprocess.run([*alone, at_home + "import shared.invitations", str(ROOT)], check=True)
    others = subprocess.run([*alone, at_home + "import icalendar", str(ROOT)], check=False, capture_output=True)
    assert b"ModuleNotFoundError" in others.stderr
