"""The seal of criteria. Pure."""

import hashlib
import json

from shared.contracts.parts import Criteria


def seal_of(criteria: Criteria) -> str:
    """SHA-256 of the criteria's canonical JSON: that they were fixed before any data can be checked (P14).

    What is null is left out: a field that a later release adds does not change the seal of criteria that lack it.
    """
    fields = criteria.model_dump(mode="json", exclude_none=True)
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
