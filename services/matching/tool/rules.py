"""The programme's rules document, of which the match needs its own part."""

from pathlib import Path

from shared.contracts.parts import MatchingRules, Rules
from shared.runtime import rules_file
from shared.runtime.given_file import name_of
from shared.runtime.wrong_use import WrongUseError


def read_rules(path: Path) -> MatchingRules:
    """The matching part of a programme's rules; what the document leaves out is as by default.

    Raises WrongUseError with a line for each fault.
    """
    return matching_part(rules_file.read_rules(path), name_of(path))


def matching_part(rules: Rules, name: str) -> MatchingRules:
    """The matching part of rules from a file of this name. Raises WrongUseError for weights that weigh nothing."""
    matching = rules.matching
    if matching.weight_mentee + matching.weight_mentor + matching.weight_site == 0:
        raise WrongUseError(f"{name}, matching: At least one weight must be above zero.")
    return matching
