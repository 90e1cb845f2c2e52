"""The ids that matching derives."""

from shared.runtime.ids import derived_id


def round_id(programme_id: str, number: int) -> str:
    """The id of a programme's round."""
    return derived_id("round", programme_id, number)


def proposal_id(round_id: str, mentor: str, mentee: str) -> str:
    """The id of a pair's proposal in a round."""
    return derived_id("proposal", round_id, mentor, mentee)


def tandem_id(proposal_id: str) -> str:
    """The id of the tandem that a proposal may become."""
    return derived_id("tandem", proposal_id)


def pin_id(programme_id: str, mentor: str, mentee: str) -> str:
    """The id of a pair's pin."""
    return derived_id("pin", programme_id, mentor, mentee)


def change_id(*parts: str) -> str:
    """The id of a change that an offer of a round would make."""
    return derived_id("change", *parts)


def attention_id(what: str, of: str) -> str:
    """The id of an exception."""
    return derived_id("attention", what, of)
