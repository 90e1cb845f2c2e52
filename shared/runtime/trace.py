"""W3C trace context: one trace from a command to its last effect, by derived ids.

Source: W3C Recommendation "Trace Context" (2021), section 3.2. A message without one, or with a broken one, begins a
trace of its own that follows from its correlation id.
"""

import hashlib
import re

_FORM = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def valid(traceparent: object) -> str | None:
    """The value as it stands if it is of version 00 and well-formed, else None."""
    return traceparent if isinstance(traceparent, str) and _FORM.fullmatch(traceparent) else None


def trace_id(traceparent: str | None, correlation: str) -> str:
    """The trace that a message belongs to: 32 hexadecimal digits."""
    return traceparent[3:35] if traceparent else hashlib.sha256(correlation.encode()).hexdigest()[:32]


def child(traceparent: str | None, correlation: str, id: str) -> str:
    """The context of a message that this one causes: the same trace, and the new message as the parent."""
    flags = traceparent[-2:] if traceparent else "01"
    return f"00-{trace_id(traceparent, correlation)}-{hashlib.sha256(id.encode()).hexdigest()[:16]}-{flags}"
